/* bulk_apply: applies rows to the register, all or nothing.
 *
 * All rows are one change set, so they may refer to each other in any order, and one bad row
 * changes nothing. Every error is reported, with its place in the file, before anything is stored.
 * Fields that a row does not name stay as they are.
 *
 * A row finds its record by `match` (match.h). The same key twice in one file is an error. If the
 * references of a row are codes or labels of records in later rows, the row waits for a further
 * round. */
#ifndef BULK_BULK_APPLY_H
#define BULK_BULK_APPLY_H

#include "match.h"
#include "row_reader.h"
#include "seen_keys.h"

enum load_outcome { LOAD_CREATED, LOAD_UPDATED, LOAD_UNCHANGED, LOAD_OUTCOMES };

struct load;

/* create: no record may exist; update: all must exist; upsert: either. */
struct load_mode {
    const char *name;
    ouse_rc (*take)(struct change_set *set, struct load *load, const struct row *row,
                    struct changed *changed);
    uint32_t does; /* the OUSE_NO_… flags of its effect on records */
};

/* Returns a mode by name: NULL if the name is unknown, upsert if it is empty. */
const struct load_mode *load_mode(struct ouse_str name);

struct load {
    struct intake *intake;
    const struct load_mode *mode;
    struct ouse_str match;                   /* no text: by id */
    const struct reference_form *references; /* NULL: ids and codes */
    uint32_t most;                           /* errors to be reported */
    uint64_t (
        *counts)[LOAD_OUTCOMES]; /* the results of the rows, by their collection's place in the schema */

    /* While rows are taken. */
    const struct collection *matched; /* the collection of the match: */
    struct match by;
    struct keys keys;   /* of the source that is being read */
    uint32_t keyed;     /* the source that they are of, + 1 */
    uint8_t *waiting;   /* a bit for each row that waits for the target of a reference */
    size_t room;        /* bytes of them */
    uint64_t n_waiting; /* rows that wait */
    uint32_t round;     /* 0: all rows are taken */
    int last_round;     /* a missing target is an error now */
};

/* A change_fn; `arg` is the load. */
ouse_rc load_rows(struct change_set *set, void *arg);

/* Returns the results of the rows of one collection. */
void load_counts(const struct load *load, const struct collection *collection,
                 uint64_t counts[LOAD_OUTCOMES]);

/* Sets file, line, row and column of the errors of a load that failed; after the change set has ended. */
void load_locate(const struct load *load, struct problem *problem);

/* Returns the names of the ignored columns of the first source, as a JSON list, or no text. */
struct ouse_str load_ignored(const struct load *load, struct arena *arena);

#endif
