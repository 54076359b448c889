/* deferred: the lists of what a change set defers to its end: deferred.c fills them, settle.c runs them. */
#ifndef RECORD_DEFERRED_H
#define RECORD_DEFERRED_H

#include "../base/spool.h"
#include "internal.h"

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

static inline struct ouse_str waiting_id(const struct waiting *w)
{
    return (struct ouse_str){w->text, w->n_id};
}

static inline struct ouse_str waiting_place(const struct waiting *w)
{
    return (struct ouse_str){w->text + w->n_id, w->n_place};
}

#endif
