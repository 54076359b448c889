/* key_history: the index and reference keys that records have had and lost.
 *
 *     a version   ann: state=open            indexes   state=open  ann
 *     the next    ann: state=shut            indexes   state=shut  ann
 *                                            past      state=open  ann   lost at 17:03
 *
 * The records that had a key at an instant are among those that have it and those that lost it
 * after the instant. Their versions at that time decide. So a past key is a hint that costs at most
 * time; but it must exist. */
#include "internal.h"
#include <stdlib.h>

enum { KINDS = 2 };

/* A key that was lost, once for each time that it was. */
struct loss {
    struct ouse_str key;
    int64_t at;
};

struct losses {
    struct loss *at;
    uint32_t n, room;
};

/* One version's keys of both kinds. */
struct keys_of {
    struct arena arena;
    struct schema_times times;
    struct footprint keys[KINDS];
};

static void add_loss(struct losses *losses, struct arena *arena, struct ouse_str key, int64_t at)
{
    losses->at = arena_more(arena, losses->at, losses->n, &losses->room, sizeof *losses->at);
    losses->at[losses->n++] = (struct loss){arena_copy(arena, key), at};
}

static ouse_rc load_keys(struct txn *txn, const struct record *record, uint32_t revision, struct keys_of *of)
{
    struct record version;
    cJSON *document = NULL;
    arena_finish(&of->arena);
    ouse_rc rc =
        record_revision(txn, record->collection, record->id, revision, OUSE_MANAGER, &of->arena, &version);
    if (!rc && version.kind == RECORD_LIVE && !(document = record_document(&of->arena, &version, NULL)))
        rc = OUSE_E_INTERNAL;
    if (rc)
        return rc;
    of->times = record_times(&version);
    footprint_indexes(&of->keys[0], &of->arena, record->collection, record->id, document, NULL, &of->times);
    footprint_references(&of->keys[1], &of->arena, record->collection, record->id, document);
    return OUSE_OK;
}

static void compare_versions(const struct keys_of *before, const struct keys_of *after, struct arena *arena,
                             struct losses losses[KINDS])
{
    for (int kind = 0; kind < KINDS; kind++)
        for (uint32_t i = 0; i < before->keys[kind].n; i++)
            if (!footprint_has(&after->keys[kind], before->keys[kind].at[i]))
                add_loss(&losses[kind], arena, before->keys[kind].at[i], after->times.updated);
}

static int compare_losses(const void *a, const void *b)
{
    const struct loss *x = a, *y = b;
    int order = key_order(x->key, y->key);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Each key once, as lost last. */
static void make_footprint(struct losses *losses, struct arena *arena, struct footprint *keys)
{
    *keys = (struct footprint){.arena = arena};
    if (!losses->n)
        return;
    qsort(losses->at, losses->n, sizeof *losses->at, compare_losses);
    keys->at = arena_alloc(arena, losses->n * sizeof *keys->at);
    keys->lost = arena_alloc(arena, losses->n * sizeof *keys->lost);
    keys->room = losses->n;
    for (uint32_t i = 0; i < losses->n; i++) {
        if (i + 1 < losses->n && ouse_same(losses->at[i].key, losses->at[i + 1].key))
            continue;
        keys->at[keys->n] = losses->at[i].key;
        keys->lost[keys->n++] = losses->at[i].at;
    }
}

ouse_rc past_footprints(struct txn *txn, struct arena *arena, const struct record *record,
                        struct footprint keys[2])
{
    struct losses losses[KINDS] = {{0}, {0}};
    struct keys_of versions[2] = {{.arena = {0}}, {.arena = {0}}};
    ouse_rc rc = OUSE_OK;
    for (uint32_t revision = record->first; revision <= record->revision && !rc; revision++) {
        struct keys_of *before = &versions[(revision + 1) % 2], *after = &versions[revision % 2];
        rc = load_keys(txn, record, revision, after);
        if (!rc && revision > record->first)
            compare_versions(before, after, arena, losses);
    }
    for (int i = 0; i < 2; i++)
        arena_finish(&versions[i].arena);
    for (int kind = 0; kind < KINDS && !rc; kind++)
        make_footprint(&losses[kind], arena, &keys[kind]);
    return rc;
}
