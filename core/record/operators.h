/* operators: the table of what can be asked of a field; see operators.c. */
#ifndef RECORD_OPERATORS_H
#define RECORD_OPERATORS_H

#include "rows.h"

/* One term being made. */
struct asking {
    const struct collection *collection;
    uint32_t role;
    struct arena *arena;
    struct problem *problem;
    struct ouse_str name, value; /* without the operator */
    struct query_term *terms;    /* where they go that are made, and how many there is room for */
    uint32_t room;
};

/* Makes the term of term->field by the operator that is named; 400 where its type has none such. */
ouse_rc operator_make(struct asking *asking, struct ouse_str given, struct query_term *term);

#endif
