/* load: rows into the register, all or none.
 *
 * All rows are one change set, so they may refer to each other in any order,
 * and one bad row changes nothing. What is wrong with any of them is told, with
 * its place, before anything is kept. What a row does not speak of stays as it is.
 */
#ifndef EXCHANGE_LOAD_H
#define EXCHANGE_LOAD_H

#include "../record/record.h"
#include "intake.h"

enum load_outcome { LOAD_CREATED, LOAD_UPDATED, LOAD_UNCHANGED, LOAD_OUTCOMES };

/* create: none may be there; update: all must be; upsert: either. */
struct load_mode {
    const char *name;
    ouse_rc (*take)(struct change_set *set, const struct row *row, struct changed *changed);
    uint32_t does; /* OUSE_NO_… of what it does to records */
};

/* NULL for a name that is none; without a name: upsert. */
const struct load_mode *load_mode(struct ouse_str name);

struct load {
    struct intake *intake;
    const struct load_mode *mode;
    uint32_t most; /* faults to be told */
    uint64_t (
        *counts)[LOAD_OUTCOMES]; /* what became of the rows, by their collection's place in the schema */
};

/* A change_fn; `arg` is the load. */
ouse_rc load_rows(struct change_set *set, void *arg);

/* What became of the rows of one collection. */
void load_counts(const struct load *load, const struct collection *collection,
                 uint64_t counts[LOAD_OUTCOMES]);

#endif
