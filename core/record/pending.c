/* pending: what waits for the end of a change set.
 *
 *   references   to records that were not there when they were written: a set
 *                may bring records in any order
 *   settle       records whose SETTLE hooks run once, with what the whole set
 *                did to them
 *   recheck      records whose rules depend on something that changed
 *
 * Records are kept in the order in which they were first touched, and found
 * through a hash table, so that an import of a million rows stays linear.
 */
#include "../observe/log.h"
#include "internal.h"

struct waiting {
    const struct collection *collection;
    struct ouse_str id;
    struct ouse_str place; /* of the change that touched it first */
    uint32_t what, op;     /* WAIT_…; all OUSE_ON_ bits of the set */
    const cJSON *before;   /* as it was when the set first touched it */
    struct waiting *next;
};

struct missing {
    const struct collection *collection, *target;
    struct ouse_str id, pointer, target_id, key;
    struct missing *next;
};

struct pending {
    struct waiting *first, **end;
    struct waiting **slots; /* open addressing; room is a power of two */
    uint32_t n, room;
    struct missing *missing, **missing_end;
    uint32_t changes;
};

struct pending *pending_create(struct arena *arena)
{
    struct pending *pending = arena_zero(arena, sizeof *pending);
    pending->end = &pending->first;
    pending->missing_end = &pending->missing;
    return pending;
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
    while (slots[i] && !(slots[i]->collection == collection && ouse_same(slots[i]->id, id)))
        i = (i + 1) & (room - 1);
    return &slots[i];
}

static void grow(struct pending *pending, struct arena *arena)
{
    uint32_t room = pending->room ? pending->room * 2 : 16;
    struct waiting **slots = arena_zero(arena, room * sizeof *slots);
    for (struct waiting *w = pending->first; w; w = w->next)
        *find(slots, room, w->collection, w->id) = w;
    pending->slots = slots;
    pending->room = room;
}

void pending_touch(struct change_set *set, const struct collection *collection, struct ouse_str id,
                   uint32_t what, uint32_t op, const cJSON *before)
{
    struct pending *pending = set->pending;
    struct waiting **slot, *w;
    if (pending->n * 2 >= pending->room)
        grow(pending, set->arena);
    slot = find(pending->slots, pending->room, collection, id);
    w = *slot;
    if (!w) {
        w = *slot = arena_zero(set->arena, sizeof *w);
        w->collection = collection;
        w->id = arena_copy(set->arena, id);
        w->place = set->place;
        *pending->end = w;
        pending->end = &w->next;
        pending->n++;
    }
    if (!w->op)
        w->before = before;
    w->what |= what;
    w->op |= op;
}

void pending_reference(struct change_set *set, const struct collection *collection, struct ouse_str id,
                       const char *pointer, const struct collection *target, struct ouse_str target_id,
                       struct ouse_str key)
{
    struct missing *m = arena_zero(set->arena, sizeof *m);
    m->collection = collection;
    m->target = target;
    m->id = arena_copy(set->arena, id);
    m->pointer = arena_printf(set->arena, "%.*s%s", OUSE_F(set->place), pointer);
    m->target_id = arena_copy(set->arena, target_id);
    m->key = arena_copy(set->arena, key);
    *set->pending->missing_end = m;
    set->pending->missing_end = &m->next;
}

void pending_count(struct change_set *set)
{
    set->pending->changes++;
}

static ouse_rc missing_reference(struct change_set *set, const struct missing *m)
{
    struct record record;
    struct ouse_str nothing;
    /* Where a set has several changes, a pointer alone does not say where. */
    struct ouse_str whose = ouse_s("");
    if (set->pending->changes > 1)
        whose = arena_printf(set->arena, "%s/%.*s: ", m->collection->is.name, OUSE_F(m->id));
    ouse_rc rc = txn_get(set->txn, DB_REFERENCES, m->key, &nothing);
    if (rc == OUSE_E_NOT_FOUND)
        return OUSE_OK;
    if (!rc)
        rc = record_get(set->txn, m->target, m->target_id, OUSE_MANAGER, &record);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return store_failed(set->problem, rc);
    if (!rc && record.kind == RECORD_LIVE)
        return OUSE_OK;
    rc = record_get(set->txn, m->target, m->target_id, set->caller.role,
                    &record); /* as the caller may hear it */
    if (!rc && record.kind == RECORD_MERGED)
        return problem_add(set->problem, OUSE_E_INVALID, m->pointer.p, "merged",
                           "%.*s%s/%.*s was merged into %.*s; refer to that", OUSE_F(whose),
                           m->target->is.name, OUSE_F(m->target_id), OUSE_F(record.into));
    if (!rc)
        return problem_add(set->problem, OUSE_E_INVALID, m->pointer.p, "gone", "%.*s%s/%.*s was deleted",
                           OUSE_F(whose), m->target->is.name, OUSE_F(m->target_id));
    return problem_add(set->problem, OUSE_E_INVALID, m->pointer.p, "not_found", "%.*sThere is no %s/%.*s",
                       OUSE_F(whose), m->target->is.name, OUSE_F(m->target_id));
}

static ouse_rc settle_references(struct change_set *set)
{
    ouse_rc rc = OUSE_OK;
    for (struct missing *m = set->pending->missing; m; m = m->next)
        if (missing_reference(set, m))
            rc = set->problem->rc;
    return rc;
}

struct present {
    struct record record;
    cJSON *document, *meta; /* NULL unless the record is live */
};

/* The record as it is now. */
static ouse_rc load(struct change_set *set, const struct waiting *w, struct present *present)
{
    struct present now = {0};
    ouse_rc rc = record_get(set->txn, w->collection, w->id, OUSE_MANAGER, &now.record);
    if (!rc && now.record.kind == RECORD_LIVE) {
        now.document = record_document(set->arena, &now.record, &now.meta);
        rc = now.document ? OUSE_OK : OUSE_E_INTERNAL;
    }
    if (rc && rc != OUSE_E_NOT_FOUND)
        return store_failed(set->problem, rc);
    *present = now;
    return OUSE_OK;
}

static ouse_rc run_hooks(struct change *change, uint32_t phase, const struct waiting *w)
{
    uint32_t n = change->set->problem->n_errors;
    ouse_rc rc = hooks_run(change, phase);
    problem_place(change->set->problem, n, w->place);
    return rc;
}

/* A record that is only rechecked settles as one that was updated, to what it was. */
static ouse_rc run_settle(struct change_set *set, const struct waiting *w)
{
    struct present now;
    ouse_rc rc = load(set, w, &now);
    struct change change = {
        .set = set, .op = w->op, .collection = w->collection, .id = w->id, .before = w->before};
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

/* Runs the CHECK hooks once more, for their warnings; puts the record with the
 * new ones when they differ. */
static ouse_rc run_recheck(struct change_set *set, const struct waiting *w)
{
    cJSON *warnings = json_keep(set->arena, cJSON_CreateArray());
    const cJSON *before;
    struct change change = {
        .set = set, .op = OUSE_ON_UPDATE, .collection = w->collection, .id = w->id, .warnings = warnings};
    struct version version = {.collection = w->collection,
                              .id = w->id,
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
    rc = run_hooks(&change, OUSE_CHECK, w);
    if (!rc)
        rc = change_check_untouched(set, since, w->collection, w->id, &now.record);
    before = record_warnings(now.meta);
    if (rc || (before ? json_equal(before, warnings) : !warnings->child))
        return rc;
    version.visibility = version.told = now.record.visibility;
    version.first = now.record.first;
    version.times = record_times(&now.record);
    return version_put(set, &version);
}

/* Each step reads the record anew: the one before may have changed it. */
static ouse_rc settle_record(struct change_set *set, struct waiting *w)
{
    uint32_t what = w->what;
    int recheck = what & WAIT_RECHECK || (what & WAIT_WARNED && set->pending->changes > 1);
    ouse_rc rc = OUSE_OK;
    w->what = 0;
    if (what & (WAIT_SETTLE | WAIT_RECHECK))
        rc = run_settle(set, w);
    return !rc && recheck ? run_recheck(set, w) : rc;
}

/* Hooks that run here may touch further records, which then wait at the end of
 * the list; the cap ends hooks that touch each other for ever. */
ouse_rc pending_settle(struct change_set *set)
{
    ouse_rc rc = settle_references(set);
    uint64_t done = 0;
    for (int again = 1; again && !rc;) {
        again = 0;
        for (struct waiting *w = set->pending->first; w && !rc; w = w->next) {
            if (!w->what)
                continue;
            again = 1;
            if (++done > (uint64_t)set->pending->n * PENDING_DEPTH + 1000) {
                log_error(AREA, "hooks settle %s/%.*s again and again", w->collection->is.name,
                          OUSE_F(w->id));
                return store_failed(set->problem, OUSE_E_INTERNAL);
            }
            rc = settle_record(set, w);
        }
    }
    return rc ? rc : settle_references(set);
}
