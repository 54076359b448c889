/* filters: what a list can be narrowed by, as inputs of a form; and what it is narrowed by. */
#ifndef SITE_FILTERS_H
#define SITE_FILTERS_H

#include "view.h"

#define FILTERS_CHOSEN 8 /* fields whose values are chosen from */

/* The fields whose values are chosen from; those of a collection are always the same. */
uint32_t filters_fields(const struct collection *collection, const struct field *fields[FILTERS_CHOSEN]);

/* Their names, as a question for facets has them: "kind,area"; no text where there are none. */
struct ouse_str filters_names(struct ouse_ctx *ctx, const struct collection *collection);

/* What there is to choose from: {"kind": {"icb": 42}}, with numbers or null. NULL is nothing. */
struct facets {
    const struct ouse_doc *counted; /* under the filters of the address */
    const struct ouse_doc *whole;   /* in the whole of the collection */
};

/* Puts the inputs into the list. */
void filters_describe(struct view *view, struct ouse_doc *list, const struct facets *facets);

/* Reads what people typed into the form, "£1,000,000" or a name, and puts it into the query as the API reads
 * it. Returns whether all could be read; the rest are the mistakes. */
int filters_read(struct view *view);

/* [{"text", "href"}]: what could not be read, and the input that it was typed into. */
struct ouse_doc *filters_mistakes(struct view *view);

/* Whether words of the collection can be searched. */
int filters_searchable(const struct view *view);

/* What is in force, a value at a time, with the address without it. */
struct ouse_doc *filters_active(struct view *view);

/* How many records of a large collection have the one value that is chosen, as counted last; below 0 if that
 * is not known. */
double filters_count(struct view *view);

/* Whether the list is less than the collection as it is now. */
int filters_any(const struct view *view);

#endif
