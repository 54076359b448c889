/* counted: how many records filtered lists have: see counted.c. */
#ifndef SITE_COUNTED_H
#define SITE_COUNTED_H

#include "view.h"

/* Returns how many records a list has, by its query without cursor and limit: counted now, or when the list
 * was shown last if no record changed since. Below 0 if it costs too much to count. */
double counted_list(struct view *view, const struct collection *of, const struct query *query);

#endif
