/* search: the records of all collections that have some words, best first.
 *
 *     each collection ──> those whose label has all words ──> those that have them at all
 *                         ascending by id, SEARCH_MOST of both and of all collections
 *                                                         ──> by score
 *
 * The work is bounded, so a common word costs the same in a large register as in a small one; and
 * every collection has its share. */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include "../../record/record.h"

#define SEARCH_MOST  1000  /* records that are ranked */
#define SEARCH_STEPS 20000 /* keys that are looked at for them, twice */

struct search {
    struct records *records;
    const struct collection *in; /* NULL: all that the role may see */
    uint32_t role;
    int64_t as_of;             /* 0: the present */
    struct deadline *deadline; /* NULL: no deadline */
    struct ouse_str text;
    int labels; /* only records with all words in the label */
};

struct hit {
    struct record record;
    double score; /* 0 to 1 */
};

/* Finds at most `most` records. Sets `cut` if some that may match were not examined or not ranked.
 * Returns OUSE_E_REQUEST if there is no word to search; OUSE_E_UNAVAILABLE if the deadline is over. */
ouse_rc search_run(struct txn *txn, const struct search *search, struct arena *arena, uint32_t most,
                   struct hit **hits, uint32_t *n, int *cut, struct problem *problem);

#endif
