/* facets: how many records a list has in all, and by the values of fields. */
#ifndef REST_FACETS_H
#define REST_FACETS_H

#include "../record/tally.h"
#include "question.h"

#define FACETS       8   /* fields */
#define FACET_VALUES 100 /* of one field: those with most records */

struct facets {
    struct tally tallies[FACETS + 1]; /* one a field, and one of all records */
    uint32_t n;                       /* of fields */
    int wanted;
};

/* Reads `facet` and `count`, parameters of the question. */
ouse_rc facets_read(const struct question *question, uint32_t facet, uint32_t count, struct facets *facets);

ouse_rc facets_count(const struct question *question, struct txn *txn, struct facets *facets);

/* All records. */
uint64_t facets_all(const struct facets *facets);

/* {"state":{"open":5}}: values as texts, those with most records first. */
void facets_write(struct facets *facets, struct buffer *out);

#endif
