/* The record layer against a model in memory: declarations by chance, operations by
 * chance, and after each the same status, the same records for every role, the same
 * journal; now and then the same lists and revisions; at the end a sound store.
 *
 *   OUSE_SEED=7 OUSE_OPERATIONS=100000 record_model_test     other chances, and more of them
 */
#include "model/ask.h"

enum { LIFE = 500 /* operations of one register */, STEPS = 5 /* of one change set */ };

static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};
static uint64_t seed;
static struct acts {
    struct act at[STEPS];
    uint32_t n;
    struct scene scene;
    int dry_run;
} ran; /* last */
static uint32_t outcomes[OUSE_E_UNAVAILABLE + 1];

static ouse_rc warn_at_high_tide(struct change *change, void *arg)
{
    uint32_t collection = 0;
    (void)arg;
    while (strcmp(collection_names[collection], change->collection->is.name) != 0)
        collection++;
    const char *field =
        change->after && change->warnings ? warning_of(collection, change->after, OUSE_MANAGER) : NULL;
    if (field) {
        cJSON *warning = cJSON_CreateObject();
        cJSON_AddStringToObject(warning, "code", "tide");
        cJSON_AddStringToObject(warning, "field", text("/%s", field));
        cJSON_AddStringToObject(warning, "detail", "high");
        cJSON_AddItemToArray(change->warnings, warning);
    }
    return OUSE_OK;
}

static void open_declared(void)
{
    const struct ouse_collection *all[COLLECTIONS];
    for (uint32_t i = 0; i < d.n; i++)
        all[i] = &d.is[i];
    assert_ok(open_with(all, d.n, NULL, 0));
    records_hook(f.records, NULL, OUSE_ON_ALL, OUSE_CHECK, warn_at_high_tide, NULL);
}

/* ---- Comparing ------------------------------------------------------------------------ */

/* The change set that was run last, in words. */
static const char *told_of_all(void)
{
    const char *all =
        text("seed %llu, after a change set as %u%s%s:", (unsigned long long)seed, ran.scene.role,
             ran.scene.mode == CHANGE_IMPORT ? ", import" : "", ran.dry_run ? ", dry run" : "");
    for (uint32_t i = 0; i < ran.n; i++)
        all = text("%s\n  %s", all, told_of(&ran.at[i]));
    return all;
}

static void differ(uint32_t item, uint32_t role, const char *what, struct ouse_str is, struct ouse_str should)
{
    fail_msg("%s\n%s/%s as %u: %s: expected\n%.*s\ngot\n%.*s", told_of_all(),
             collection_names[m.items[item].collection], m.items[item].id, role, what, OUSE_F(should),
             OUSE_F(is));
}

static void compare_text(uint32_t item, uint32_t role, const char *what, struct ouse_str is,
                         struct ouse_str should)
{
    if (!ouse_same(is, should))
        differ(item, role, what, is, should);
}

static void compare_number(uint32_t item, uint32_t role, const char *what, uint64_t is, uint64_t should)
{
    if (is != should)
        differ(item, role, what, ouse_s(text("%llu", (unsigned long long)is)),
               ouse_s(text("%llu", (unsigned long long)should)));
}

/* Where a record went is told to those who may see that. */
static enum record_kind kind_for(const struct version *version, uint32_t role)
{
    int told = version->kind != RECORD_MERGED || role >= OUSE_OFFICE || is_seen(version->into, role);
    return told ? version->kind : RECORD_REMOVED;
}

static void compare_record(struct txn *txn, uint32_t item, uint32_t role)
{
    const struct version *version = last(item);
    const struct collection *collection = compiled(m.items[item].collection);
    struct record record;
    ouse_rc rc = record_as_of(txn, collection, ouse_s(m.items[item].id), role, 0, &f.arena, &record);
    compare_number(item, role, "found", rc == OUSE_OK, version && version->visibility <= role);
    if (rc)
        return;
    compare_number(item, role, "kind", record.kind, kind_for(version, role));
    struct sighting seen = sighting_of(version, role);
    compare_number(item, role, "revision", record.revision, seen.revision);
    compare_number(item, role, "sequence", record.sequence, seen.sequence);
    compare_number(item, role, "updated", (uint64_t)record.updated, (uint64_t)seen.updated);
    if (record.kind == RECORD_MERGED)
        compare_text(item, role, "into", record.into, ouse_s(m.items[version->into].id));
    if (record.kind != RECORD_LIVE)
        return;
    compare_text(item, role, "record", record.json, view_of(version, role, 0, 1, &f.arena));
    compare_number(item, role, "redacted", record.redacted,
                   redacted(m.items[item].collection, version->document, role, 0, &f.arena) !=
                       version->document);
}

/* Warnings are of now, so revisions are compared without. */
static struct ouse_str without_warnings(struct ouse_str json_text_of_record)
{
    cJSON *record = json_parse_trusted(&f.arena, json_text_of_record);
    struct buffer out;
    cJSON *meta = json_member(record, "meta");
    assert_non_null(meta);
    cJSON_ReplaceItemInObject(meta, "warnings", cJSON_CreateArray());
    buffer_init(&out, 1u << 20);
    json_print(&out, record);
    struct ouse_str made = arena_copy(&f.arena, buffer_view(&out));
    buffer_finish(&out);
    return made;
}

static void compare_revisions(struct txn *txn, uint32_t item, uint32_t role)
{
    int is_shown = last(item) && last(item)->visibility <= role;
    for (uint32_t i = m.items[item].last; i != NONE; i = m.versions[i].before) {
        const struct version *version = &m.versions[i];
        uint32_t revision = version->revision;
        struct record record;
        ouse_rc rc = record_revision(txn, compiled(m.items[item].collection), ouse_s(m.items[item].id),
                                     revision, role, &f.arena, &record);
        int is_last = is_shown && sighting_of(last(item), role).revision == revision;
        compare_number(item, role, "revision is found", rc == OUSE_OK,
                       is_last || (version->visibility <= role && revision != last(item)->revision &&
                                   sighting_of(version, role).revision == revision));
        if (rc)
            continue;
        version = is_last ? last(item) : version;
        compare_number(item, role, "kind of a revision", record.kind, kind_for(version, role));
        if (record.kind != RECORD_LIVE)
            continue;
        compare_text(item, role, "revision", without_warnings(record.json),
                     view_of(version, role, is_last ? 0 : version->updated, 0, &f.arena));
    }
}

/* What there was then is seen by who could see it and may see the record now. */
static void compare_as_of(struct txn *txn, uint32_t item, uint32_t role, int64_t as_of)
{
    const struct version *then = version_at(item, as_of);
    struct record record;
    ouse_rc rc = record_as_of(txn, compiled(m.items[item].collection), ouse_s(m.items[item].id), role, as_of,
                              &f.arena, &record);
    compare_number(item, role, "found as of then", rc == OUSE_OK, then && !is_hidden(item, role, as_of));
    if (rc)
        return;
    compare_number(item, role, "kind as of then", record.kind, kind_for(then, role));
    if (record.kind != RECORD_LIVE)
        return;
    compare_text(item, role, "as of then", without_warnings(record.json),
                 view_of(then, role, as_of, 0, &f.arena));
}

static void compare_journal(struct txn *txn, uint32_t n)
{
    const struct version *version = &m.versions[n];
    struct journal_entry entry;
    struct ouse_str stored;
    struct key key;
    key_init(&key);
    key_u64(&key, n + 1);
    assert_int_equal(txn_get(txn, DB_JOURNAL, key_str(&key), &stored), OUSE_OK);
    assert_int_equal(journal_read(stored, &entry), 0);
    compare_text(version->item, entry.op, "id in the journal", entry.id, ouse_s(m.items[version->item].id));
    compare_number(version->item, 0, "operation in the journal", entry.op, version->op);
    compare_number(version->item, 0, "what the journal tells the partners",
                   journal_told(&entry, OUSE_PARTNER), version->seen[PARTNERS].told);
    compare_number(version->item, 0, "what the journal tells the public", journal_told(&entry, OUSE_PUBLIC),
                   version->seen[PUBLIC].told);
    compare_number(version->item, 0, "collection in the journal", entry.collection,
                   compiled(m.items[version->item].collection)->number);
    compare_number(version->item, 0, "revision in the journal", entry.revision, version->revision);
    compare_number(version->item, 0, "time in the journal", (uint64_t)entry.at, (uint64_t)ran.scene.now);
    compare_text(version->item, 0, "actor in the journal", entry.actor, ouse_s("tester"));
}

/* What a change set did, and one record that it should not have touched. */
static void compare_changes(uint32_t mark)
{
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    for (uint32_t n = mark; n < m.n_versions; n++) {
        compare_journal(txn, n);
        for (size_t r = 0; r < sizeof roles / sizeof *roles; r++)
            compare_record(txn, m.versions[n].item, roles[r]);
    }
    if (m.n_items)
        compare_record(txn, chance(m.n_items), roles[chance(4)]);
    if (m.n_versions)
        compare_as_of(txn, chance(m.n_items), roles[chance(4)], any_instant());
    txn_end(txn);
}

static void compare_all(void)
{
    struct verify_report report;
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    for (uint32_t item = 0; item < m.n_items; item++)
        for (size_t r = 0; r < sizeof roles / sizeof *roles; r++) {
            compare_record(txn, item, roles[r]);
            compare_revisions(txn, item, roles[r]);
        }
    txn_end(txn);
    assert_string_equal(faults(&report), "");
    assert_int_equal(report.journal, m.n_versions);
}

/* ---- Doing ------------------------------------------------------------------------------ */

static ouse_rc perform_all(struct change_set *set, void *arg)
{
    struct acts *acts = arg;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < acts->n && !rc; i++)
        rc = perform(set, &acts->at[i]);
    return rc;
}

static ouse_rc imagine_all(struct acts *acts)
{
    uint32_t mark = m.n_versions;
    ouse_rc rc = OUSE_OK;
    m.waiting.n = 0;
    memset(m.waiting.restricted, 0, sizeof m.waiting.restricted);
    for (uint32_t i = 0; i < acts->n && !rc; i++)
        rc = imagine(&acts->scene, &acts->at[i]);
    if (!rc)
        rc = settle(mark);
    if (!rc)
        recheck_waiting(mark);
    if (rc || acts->dry_run)
        undo(mark);
    return rc;
}

/* Who does not see all creates and moves, and no more; as much of that is refused. */
static uint32_t any_role(const struct acts *acts)
{
    int anybody = !chance(3);
    for (uint32_t i = 0; i < acts->n; i++)
        anybody &= acts->at[i].op == ACT_CREATE || acts->at[i].op == ACT_MOVE;
    return anybody ? roles[chance(4)] : chance(8) ? OUSE_MANAGER : OUSE_OFFICE;
}

static void choose_acts(struct acts *acts)
{
    int rechecks = !chance(25);
    *acts = (struct acts){.n = chance(4) ? 1 : 1 + chance(STEPS), .dry_run = !chance(8)};
    m.tide ^= rechecks;
    for (uint32_t i = 0; i < acts->n; i++) {
        acts->at[i] = any_act(acts->n == 1);
        if (!rechecks)
            continue;
        acts->at[i].op = ACT_RECHECK;
        acts->at[i].id = any_id(acts->at[i].collection);
    }
    acts->scene = (struct scene){.role = any_role(acts), .mode = chance(6) ? CHANGE_CLIENT : CHANGE_IMPORT};
}

static void operate_once(void)
{
    uint32_t mark = m.n_versions;
    choose_acts(&ran);
    struct change_set set = {.records = f.records,
                             .caller = {ran.scene.role, {"tester", 6}},
                             .mode = ran.scene.mode,
                             .dry_run = ran.dry_run,
                             .arena = &f.arena,
                             .problem = &f.problem};
    int rehearses = last_change() % 4 == 0;
    ouse_rc rehearsed = rehearses ? records_rehearse(&set, perform_all, NULL, &ran) : OUSE_OK;
    ouse_rc rc = records_write(&set, perform_all, NULL, &ran, 0), should;
    ran.scene.now = set.now;
    should = imagine_all(&ran);
    if (rc != should || last_change() != m.n_versions)
        fail_msg("%s\nexpected %d and %u changes in all, got %d and %llu: %s", told_of_all(), (int)should,
                 m.n_versions, (int)rc, (unsigned long long)last_change(), told());
    if (rehearses && rehearsed != rc)
        fail_msg("%s\nexpected %d of the rehearsal, got %d", told_of_all(), (int)rc, (int)rehearsed);
    outcomes[rc]++;
    compare_changes(mark);
}

/* A register from its declaration to its end; it is closed and opened again on the way. */
static void live(uint64_t with, uint64_t n)
{
    seed = with;
    sow(seed);
    declare();
    m.n_items = m.n_versions = 0;
    m.tide = 0;
    make_folder();
    open_declared();
    for (uint64_t i = 0; i < n; i++) {
        operate_once();
        if (i % 4 == 0)
            compare_list(roles[chance(4)]);
        arena_finish(&f.arena);
    }
    close_register();
    open_declared();
    compare_all();
    teardown(NULL);
    arena_finish(&m.arena);
    arena_finish(&d.arena);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *said = getenv(name);
    return said ? strtoull(said, NULL, 10) : otherwise;
}

static void registers_do_as_the_model(void **state)
{
    uint64_t first = number_of("OUSE_SEED", 20240229), n = number_of("OUSE_OPERATIONS", 20000);
    (void)state;
    read_samples();
    for (uint64_t done = 0; done < n; done += LIFE)
        live(first + done / LIFE, n - done < LIFE ? n - done : LIFE);
    forget_samples();
    for (uint32_t rc = 0; rc < sizeof outcomes / sizeof *outcomes; rc++)
        if (outcomes[rc])
            print_message("status %u: %u\n", rc, outcomes[rc]);
    if (outcomes[OUSE_OK] < n / 5)
        fail_msg("expected a fifth of %llu change sets to be done, %u were", (unsigned long long)n,
                 outcomes[OUSE_OK]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(registers_do_as_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
