/* deferred: checks and rules that run at the end of a change set.
 *
 *   references   to records that did not exist at the time of the write: a set
 *                may create records in any order
 *   clashes      values that another record had at the time of the write (unique.c)
 *   removals     of records with referrers: the set may change those later
 *   settle       records whose SETTLE hooks run once, with the effect of the
 *                whole set
 *   recheck      records whose rules depend on something that changed
 *
 * A set may be an import of a million rows. So references wait in a spool. Deferred records are
 * looked up often; only their ids are in memory, in the order in which they were first touched,
 * with a hash table. The store has the state before the set. */
#include "../base/heap.h"
#include "../base/spool.h"
#include "../observe/log.h"
#include "internal.h"
#include <stdlib.h>

struct waiting {
    struct waiting *next;
    const struct collection *collection;
    uint32_t before;   /* the revision when the set first changed it; 0: it did not exist */
    uint16_t what, op; /* WAIT_…; all OUSE_ON_ bits of the set */
    uint32_t n_place;  /* of the change that touched it first */
    uint8_t n_id;
    char text[]; /* id, place */
};

/* Followed in the spool by id, pointer, target id and key. */
struct missing {
    const struct collection *collection, *target;
    uint32_t n_id, n_pointer, n_target_id, n_key;
};

struct removal {
    struct removal *next;
    const struct collection *collection;
    struct ouse_str id, place;
};

struct pending {
    struct arena *arena;
    struct waiting *first, **end;
    struct waiting **slots; /* open addressing; room is a power of two */
    uint32_t n, room;
    struct spool missing, clashes;
    struct removal *removals, **end_of_removals;
    ouse_rc failed; /* the spool could not be written */
    uint32_t changes;
};

struct pending *pending_create(const struct change_set *set)
{
    struct pending *pending = arena_zero(set->arena, sizeof *pending);
    pending->arena = set->arena;
    pending->end = &pending->first;
    pending->end_of_removals = &pending->removals;
    spool_init(&pending->clashes, engine_directory(set->records->engine));
    spool_init(&pending->missing, engine_directory(set->records->engine));
    return pending;
}

void pending_finish(struct pending *pending)
{
    spool_finish(&pending->missing);
    spool_finish(&pending->clashes);
    free(pending->slots);
}

static struct ouse_str id_of(const struct waiting *w)
{
    return (struct ouse_str){w->text, w->n_id};
}

static struct ouse_str place_of(const struct waiting *w)
{
    return (struct ouse_str){w->text + w->n_id, w->n_place};
}

/* FNV-1a over collection number and id. */
static uint32_t hash(const struct collection *collection, struct ouse_str id)
{
    uint32_t h = 2166136261u ^ collection->number;
    for (uint32_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * 16777619u;
    return h;
}

static struct waiting **find(struct waiting **slots, uint32_t room, const struct collection *collection,
                             struct ouse_str id)
{
    uint32_t i = hash(collection, id) & (room - 1);
    while (slots[i] && !(slots[i]->collection == collection && ouse_same(id_of(slots[i]), id)))
        i = (i + 1) & (room - 1);
    return &slots[i];
}

static void grow(struct pending *pending)
{
    uint32_t room = pending->room ? pending->room * 2 : 16;
    struct waiting **slots = heap_zero(room * sizeof *slots);
    for (struct waiting *w = pending->first; w; w = w->next)
        *find(slots, room, w->collection, id_of(w)) = w;
    free(pending->slots);
    pending->slots = slots;
    pending->room = room;
}

static struct waiting *add(struct pending *pending, const struct collection *collection, struct ouse_str id,
                           struct ouse_str place)
{
    struct waiting *w = arena_zero(pending->arena, sizeof *w + id.n + place.n);
    w->collection = collection;
    w->n_id = (uint8_t)id.n;
    w->n_place = place.n;
    memcpy(w->text, id.p, id.n);
    memcpy(w->text + id.n, place.p, place.n);
    *pending->end = w;
    pending->end = &w->next;
    pending->n++;
    return w;
}

void pending_touch(struct change_set *set, const struct collection *collection, struct ouse_str id,
                   uint32_t what, uint32_t op, uint32_t before)
{
    struct pending *pending = set->pending;
    struct waiting **slot;
    if (pending->n * 4 >= pending->room * 3)
        grow(pending);
    slot = find(pending->slots, pending->room, collection, id);
    if (!*slot)
        *slot = add(pending, collection, id, set->place.p ? set->place : ouse_s(""));
    if (!(*slot)->op)
        (*slot)->before = before;
    (*slot)->what |= (uint16_t)what;
    (*slot)->op |= (uint16_t)op;
}

void pending_count(struct change_set *set)
{
    set->pending->changes++;
}

static void add_parts(struct pending *pending, struct spool *spool, const struct ouse_str *parts, size_t n)
{
    for (size_t i = 0; i < n && !pending->failed; i++)
        if (spool_add(spool, parts[i].p, parts[i].n) != 0)
            pending->failed = OUSE_E_UNAVAILABLE;
}

void pending_clash(struct change_set *set, const struct ouse_str *parts, size_t n)
{
    add_parts(set->pending, &set->pending->clashes, parts, n);
}

void pending_removal(struct change_set *set, const struct collection *collection, struct ouse_str id)
{
    struct pending *pending = set->pending;
    struct removal *removal = arena_zero(pending->arena, sizeof *removal);
    removal->collection = collection;
    removal->id = arena_copy(pending->arena, id);
    removal->place = arena_copy(pending->arena, set->place.p ? set->place : ouse_s(""));
    *pending->end_of_removals = removal;
    pending->end_of_removals = &removal->next;
}

/* ---- References ---------------------------------------------------------------------- */

void pending_reference(struct change_set *set, const struct collection *collection, struct ouse_str id,
                       const char *pointer, const struct collection *target, struct ouse_str target_id,
                       struct ouse_str key)
{
    struct pending *pending = set->pending;
    struct ouse_str where = arena_printf(set->arena, "%.*s%s", OUSE_F(set->place), pointer);
    id.n = set->place.n ? 0 : id.n; /* the place identifies the record */
    const struct missing m = {collection, target, id.n, where.n, target_id.n, key.n};
    const struct ouse_str parts[] = {{(const char *)&m, sizeof m}, id, where, target_id, key};
    add_parts(pending, &pending->missing, parts, sizeof parts / sizeof *parts);
}

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

/* Goes on after an error, so that all are reported. */
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
    ouse_rc rc = record_get(set->txn, w->collection, id_of(w), &now.record);
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
        record_revision(set->txn, w->collection, id_of(w), w->before, OUSE_MANAGER, set->arena, &record);
    if (!rc)
        *before = record_document(set->arena, &record, NULL);
    return *before ? OUSE_OK : store_failed(set->problem, OUSE_E_INTERNAL);
}

static ouse_rc run_hooks(struct change *change, uint32_t phase, const struct waiting *w)
{
    uint32_t n = change->set->problem->n_errors;
    ouse_rc rc = hooks_run(change, phase);
    problem_place(change->set->problem, n, place_of(w));
    return rc;
}

/* Runs the SETTLE hooks of a record. A record that is only rechecked settles as if it had been
 * updated without a change. */
static ouse_rc run_settle(struct change_set *set, const struct waiting *w)
{
    struct change change = {.set = set, .op = w->op, .collection = w->collection, .id = id_of(w)};
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
    problem_place(change->set->problem, n, place_of(w));
    return rc;
}

static int is_warned_anew(struct change_set *set, const struct waiting *w, const struct version *version,
                          const cJSON *was)
{
    struct stored stored;
    struct key key;
    key_record(&key, w->collection->number, id_of(w));
    return head_get(set->txn, DB_RECORDS, key_str(&key), &stored) ||
           warnings_differ(set, version, &stored, was);
}

/* Runs the CHECK hooks once more, for their warnings; puts the record with the
 * new ones when they differ. */
static ouse_rc run_recheck(struct change_set *set, const struct waiting *w)
{
    cJSON *warnings = json_keep(set->arena, cJSON_CreateArray());
    struct change change = {
        .set = set, .op = OUSE_ON_UPDATE, .collection = w->collection, .id = id_of(w), .warnings = warnings};
    struct version version = {.collection = w->collection,
                              .id = id_of(w),
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
        rc = change_check_untouched(set, since, w->collection, id_of(w), &now.record);
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
    set->place = place_of(w);
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
                          OUSE_F(id_of(w)));
                return store_failed(set->problem, OUSE_E_INTERNAL);
            }
            rc = settle_record(set, w);
        }
    }
    return rc ? rc : change_settle_rules(set);
}
