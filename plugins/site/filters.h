/* filters: the filters of a list, as inputs of a form, and the active ones. */
#ifndef SITE_FILTERS_H
#define SITE_FILTERS_H

#include "view.h"

#define FILTERS_CHOSEN 8 /* fields with a list of choices */

/* Returns the fields with a list of choices; those of a collection are always the same. */
uint32_t filters_fields(const struct collection *collection, const struct field *fields[FILTERS_CHOSEN]);

/* Returns their names, for the parameter `facet`: "kind,area", or no text. */
struct ouse_str filters_names(struct ouse_ctx *ctx, const struct collection *collection);

/* The counts of the choices: {"kind": {"icb": 42}}, with numbers or null. May be NULL. */
struct facets {
    const struct ouse_doc *counted; /* under the filters of the address */
    const struct ouse_doc *whole;   /* in the whole of the collection */
};

/* Puts the inputs into the list. */
void filters_describe(struct view *view, struct ouse_doc *list, const struct facets *facets);

/* Reads the input of people, "£1,000,000" or a name, and puts it into the query in the form of the
 * API. Returns whether all inputs are valid; filters_mistakes has the others. */
int filters_read(struct view *view);

/* Returns [{"text", "href"}]: the mistakes, and their inputs. */
struct ouse_doc *filters_mistakes(struct view *view);

/* Whether words of the collection can be searched. */
int filters_searchable(const struct view *view);

/* Returns the active filters, one value at a time, with the address without it. */
struct ouse_doc *filters_active(struct view *view);

/* Whether the list is less than the collection as it is now. */
int filters_any(const struct view *view);

#endif
