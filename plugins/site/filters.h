/* filters: what a list can be narrowed by, as inputs of a form; and what it is narrowed by. */
#ifndef SITE_FILTERS_H
#define SITE_FILTERS_H

#include "view.h"

#define FILTERS_CHOSEN 6 /* fields whose values are chosen from */

/* The fields whose values are chosen from; those of a collection are always the same. */
uint32_t filters_fields(const struct collection *collection, const struct field *fields[FILTERS_CHOSEN]);

/* Their names, as a question for facets has them: "kind,area"; no text where there are none. */
struct ouse_str filters_names(struct ouse_ctx *ctx, const struct collection *collection);

/* Puts the inputs into the list; `facets` has the values that can be chosen, with numbers, of before
 * where that is not said to be `now`, or with null. */
void filters_describe(struct view *view, struct ouse_doc *list, const struct ouse_doc *facets, int now);

/* What is in force, a value at a time, with the address without it. */
struct ouse_doc *filters_active(struct view *view);

/* Whether the list is less than the collection as it is now. */
int filters_any(const struct view *view);

#endif
