/* settle: runs the deferred checks and rules at the end of a change set; see deferred.c. */
#include "../base/spool.h"
#include "../observe/log.h"
#include "deferred.h"

static struct ouse_str take(const char **at, uint32_t n)
{
    struct ouse_str text = {*at, n};
    *at += n;
    return text;
}

static ouse_rc missing_reference(struct change_set *set, const struct missing *m, const char *at)
{
    struct ouse_str id = take(&at, m->n_id), where = take(&at, m->n_pointer),
                    target_id = take(&at, m->n_target_id), key = take(&at, m->n_key);
    const char *pointer = arena_copy(set->arena, where).p;
    struct ouse_str whose = ouse_s(""), nothing;
    struct record record;
    ouse_rc rc = key.n ? txn_get(set->txn, DB_REFERENCES, key, &nothing) : OUSE_OK;
    if (rc == OUSE_E_NOT_FOUND)
        return OUSE_OK;
    if (!rc)
        rc = record_get(set->txn, m->target, target_id, &record);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return store_failed(set->problem, rc);
    if (!rc && record.kind == RECORD_LIVE)
        return OUSE_OK;
    /* If a set has several changes, a pointer without a place is ambiguous. */
    if (set->pending->changes > 1 && id.n)
        whose = arena_printf(set->arena, "%s/%.*s: ", m->collection->is.name, OUSE_F(id));
    /* as far as the caller may see it */
    rc = record_as_of(set->txn, m->target, target_id, set->caller.role, 0, set->arena, &record);
    if (!rc && record.kind == RECORD_MERGED)
        return problem_add(set->problem, OUSE_E_INVALID, pointer, "merged",
                           "%.*s%s/%.*s was merged into %.*s; refer to %s/%.*s", OUSE_F(whose),
                           m->target->is.name, OUSE_F(target_id), OUSE_F(record.into), m->target->is.name,
                           OUSE_F(record.into));
    if (!rc)
        return problem_add(set->problem, OUSE_E_INVALID, pointer, "gone", "%.*s%s/%.*s was deleted",
                           OUSE_F(whose), m->target->is.name, OUSE_F(target_id));
    return problem_add(set->problem, OUSE_E_INVALID, pointer, "not_found", "%.*sThere is no %s/%.*s",
                       OUSE_F(whose), m->target->is.name, OUSE_F(target_id));
}

static ouse_rc settle_clashes(struct change_set *set)
{
    return unique_settle(set, &set->pending->clashes);
}

static ouse_rc read_missing(struct change_set *set, uint64_t *at)
{
    const struct spool *spool = &set->pending->missing;
    struct arena scratch = {0}, *whole = set->arena;
    struct missing m;
    char *text;
    ouse_rc rc = OUSE_E_UNAVAILABLE;
    if (spool_read(spool, *at, &m, sizeof m) != sizeof m)
        return store_failed(set->problem, rc);
    uint32_t n = m.n_id + m.n_pointer + m.n_target_id + m.n_key;
    text = arena_alloc(&scratch, n);
    set->arena = &scratch;
    if (spool_read(spool, *at + sizeof m, text, n) == (ssize_t)n)
        rc = missing_reference(set, &m, text);
    set->arena = whole;
    arena_finish(&scratch);
    *at += sizeof m + n;
    return rc;
}

static ouse_rc settle_removals(struct change_set *set)
{
    ouse_rc rc = OUSE_OK, one;
    for (struct removal *removal = set->pending->removals; removal; removal = removal->next) {
        uint32_t n = set->problem->n_errors;
        if ((one = remove_settle(set, removal->collection, removal->id)))
            rc = one;
        problem_place(set->problem, n, removal->place);
    }
    return rc;
}

static ouse_rc settle_references(struct change_set *set)
{
    const struct pending *pending = set->pending;
    uint64_t end = spool_size(&pending->missing);
    ouse_rc rc = OUSE_OK, one;
    for (uint64_t at = 0; at < end && rc != OUSE_E_UNAVAILABLE;)
        if ((one = read_missing(set, &at)))
            rc = one;
    return rc;
}

/* Continues after an error, so that all are reported. */
ouse_rc change_settle_rules(struct change_set *set)
{
    static ouse_rc (*const rules[])(struct change_set *) = {settle_clashes, settle_removals,
                                                            settle_references};
    ouse_rc rc = set->pending->failed, one;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && rc != OUSE_E_UNAVAILABLE; i++)
        if ((one = rules[i](set)))
            rc = one;
    return rc ? store_failed(set->problem, rc) : OUSE_OK;
}

struct awaiting {
    struct change_set *set;
    const struct collection *collection;
};

static void await_reference(void *arg, const struct field *field, int entry, const struct target *target,
                            struct ouse_str id)
{
    const struct awaiting *awaiting = arg;
    const struct ouse_str none = {"", 0};
    struct record record;
    char pointer[96];
    if (!target->to || record_get(awaiting->set->txn, target->to, id, &record) != OUSE_E_NOT_FOUND)
        return;
    change_pointer(field, entry, pointer);
    pending_reference(awaiting->set, awaiting->collection, none, pointer, target->to, id, none);
}

void change_await_references(struct change_set *set, const struct collection *collection,
                             const cJSON *document)
{
    struct awaiting awaiting = {set, collection};
    schema_references(collection, document, await_reference, &awaiting);
}

/* ---- Settling ------------------------------------------------------------------------ */

struct present {
    struct record record;
    cJSON *document, *meta; /* NULL unless the record is live */
};

/* The record as it is now. */
static ouse_rc load(struct change_set *set, const struct waiting *w, struct present *present)
{
    struct present now = {0};
    ouse_rc rc = record_get(set->txn, w->collection, waiting_id(w), &now.record);
    if (!rc && now.record.kind == RECORD_LIVE) {
        now.document = record_document(set->arena, &now.record, &now.meta);
        rc = now.document ? OUSE_OK : OUSE_E_INTERNAL;
    }
    if (rc && rc != OUSE_E_NOT_FOUND)
        return store_failed(set->problem, rc);
    *present = now;
    return OUSE_OK;
}

/* Reads the document as it was when the set first changed it; NULL if it did not exist. */
static ouse_rc load_before(struct change_set *set, const struct waiting *w, const cJSON **before)
{
    struct record record;
    *before = NULL;
    if (!w->before)
        return OUSE_OK;
    ouse_rc rc =
        record_revision(set->txn, w->collection, waiting_id(w), w->before, OUSE_MANAGER, set->arena, &record);
    if (!rc)
        *before = record_document(set->arena, &record, NULL);
    return *before ? OUSE_OK : store_failed(set->problem, OUSE_E_INTERNAL);
}

static ouse_rc run_hooks(struct change *change, uint32_t phase, const struct waiting *w)
{
    uint32_t n = change->set->problem->n_errors;
    ouse_rc rc = hooks_run(change, phase);
    problem_place(change->set->problem, n, waiting_place(w));
    return rc;
}

/* Runs the SETTLE hooks of a record. A record that is only rechecked settles as if it had been
 * updated without a change. */
static ouse_rc run_settle(struct change_set *set, const struct waiting *w)
{
    struct change change = {.set = set, .op = w->op, .collection = w->collection, .id = waiting_id(w)};
    struct present now;
    ouse_rc rc = load(set, w, &now);
    if (!rc)
        rc = load_before(set, w, &change.before);
    if (rc || (!w->op && !now.document))
        return rc;
    if (!w->op) {
        change.op = OUSE_ON_UPDATE;
        change.before = now.document;
    }
    change.revision = now.record.revision;
    change.after = now.document;
    return run_hooks(&change, OUSE_SETTLE, w);
}

static ouse_rc run_check(struct change *change, struct version *version, const struct waiting *w)
{
    uint32_t n = change->set->problem->n_errors;
    ouse_rc rc = warnings_check(change, version);
    problem_place(change->set->problem, n, waiting_place(w));
    return rc;
}

static int is_warned_anew(struct change_set *set, const struct waiting *w, const struct version *version,
                          const cJSON *was)
{
    struct stored stored;
    struct key key;
    key_record(&key, w->collection->number, waiting_id(w));
    return head_get(set->txn, DB_RECORDS, key_str(&key), &stored) ||
           warnings_differ(set, version, &stored, was);
}

/* Runs the CHECK hooks once more, for their warnings; puts the record with the
 * new ones when they differ. */
static ouse_rc run_recheck(struct change_set *set, const struct waiting *w)
{
    cJSON *warnings = json_keep(set->arena, cJSON_CreateArray());
    struct change change = {.set = set,
                            .op = OUSE_ON_UPDATE,
                            .collection = w->collection,
                            .id = waiting_id(w),
                            .warnings = warnings};
    struct version version = {.collection = w->collection,
                              .id = waiting_id(w),
                              .kind = RECORD_LIVE,
                              .op = JOURNAL_RECHECK,
                              .warnings = warnings,
                              .same_revision = 1};
    uint64_t since = set->sequence;
    struct present now;
    ouse_rc rc = load(set, w, &now);
    if (rc || !now.document)
        return rc;
    change.revision = version.revision = now.record.revision;
    change.before = version.after = now.document;
    change.after = now.document;
    version.visibility = version.visibility_before = now.record.visibility;
    rc = run_check(&change, &version, w);
    if (!rc)
        rc = change_check_untouched(set, since, w->collection, waiting_id(w), &now.record);
    if (rc || !is_warned_anew(set, w, &version, record_warnings(now.meta)))
        return rc;
    version.first = now.record.first;
    version.times = (struct schema_times){.created = now.record.created, .updated = now.record.updated};
    return version_put(set, &version);
}

/* Settles a record. Each step reads it again, because the step before may have changed it. Writes
 * of the hooks have the place of the change that touched the record. */
static ouse_rc settle_record(struct change_set *set, struct waiting *w)
{
    uint32_t what = w->what;
    struct arena scratch = {0}, *whole = set->arena; /* of one record, however many there are */
    int recheck = what & (WAIT_RECHECK | WAIT_VIEWED) || (what & WAIT_WARNED && set->pending->changes > 1);
    ouse_rc rc = OUSE_OK;
    w->what = 0;
    set->arena = &scratch;
    set->place = waiting_place(w);
    rc = change_charge(set, RECORD_UNITS);
    if (!rc && what & (WAIT_SETTLE | WAIT_RECHECK))
        rc = run_settle(set, w);
    if (!rc && recheck)
        rc = run_recheck(set, w);
    set->arena = whole;
    set->place = ouse_s("");
    arena_finish(&scratch);
    return rc ? rc : txn_step(set->txn);
}

/* Hooks that run here may touch further records, which then wait at the end of
 * the list; the cap ends hooks that touch each other for ever. */
ouse_rc pending_settle(struct change_set *set)
{
    ouse_rc rc = change_settle_rules(set);
    uint64_t done = 0;
    for (int again = 1; again && !rc;) {
        again = 0;
        for (struct waiting *w = set->pending->first; w && !rc; w = w->next) {
            if (!w->what)
                continue;
            again = 1;
            if (++done > (uint64_t)set->pending->n * PENDING_DEPTH + 1000) {
                log_error(AREA, "hooks settle %s/%.*s again and again", w->collection->is.name,
                          OUSE_F(waiting_id(w)));
                return store_failed(set->problem, OUSE_E_INTERNAL);
            }
            rc = settle_record(set, w);
        }
    }
    return rc ? rc : change_settle_rules(set);
}
