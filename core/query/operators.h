/* operators: the table of operators; see operators.c. */
#ifndef QUERY_OPERATORS_H
#define QUERY_OPERATORS_H

#include "scan.h"

/* One term being made. */
struct asking {
    const struct collection *collection;
    uint32_t role;
    struct arena *arena;
    struct problem *problem;
    struct ouse_str name;          /* without the operator */
    struct ouse_str value;         /* the only one, or the first of `values` */
    const struct ouse_str *values; /* of `in`, if it is given several times */
    uint32_t n_values;
    struct query_term *terms; /* where they go that are made, and how many there is room for */
    uint32_t room;
    uint32_t steps; /* that were made before this one: "pillar.hub.host" has two */
};

/* Compiles the named operator into the predicate of term->field; 400 if its type has no such
 * operator. */
ouse_rc operator_make(struct asking *asking, struct ouse_str given, struct query_term *term);

/* Compiles a predicate on the id. It has only the operator `in`: a single record has an address. */
ouse_rc operator_make_id(struct asking *asking, struct ouse_str given, struct query_term *term);

/* Sets the ranges of a predicate that names entries: those, or all others. */
void term_set_named(struct arena *arena, struct query_term *term, const struct ouse_str *entries, uint32_t n);

#endif
