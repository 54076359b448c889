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
#include "deferred.h"
#include "../base/heap.h"
#include "../base/spool.h"
#include "../observe/log.h"
#include <stdlib.h>

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
    while (slots[i] && !(slots[i]->collection == collection && ouse_same(waiting_id(slots[i]), id)))
        i = (i + 1) & (room - 1);
    return &slots[i];
}

static void grow(struct pending *pending)
{
    uint32_t room = pending->room ? pending->room * 2 : 16;
    struct waiting **slots = heap_zero(room * sizeof *slots);
    for (struct waiting *w = pending->first; w; w = w->next)
        *find(slots, room, w->collection, waiting_id(w)) = w;
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
