/* stock: see stock.c. */
#ifndef SITE_STOCK_H
#define SITE_STOCK_H

#include "view.h"

#define STOCK_CHOICES 50 /* of a field; there may be more */

/* Returns the last change of the register that the page shows; below 0 if it is unknown. */
double stock_last(struct view *view);

/* How many records there are, as the caller sees it; below 0 where that is not known yet. */
double stock_count(struct view *view, const struct collection *of);

#define STOCK_SUMS 8 /* currencies */

struct stock_sum {
    char currency[8];
    double amount;
};

/* Returns the sums of the amounts of a collection of `count` records, by currency: for a small one
 * at the time of the page, for a large one as of some time ago, or nothing on a page of the past.
 * Returns the number of currencies; 0: no amount is known, or they have not been added up yet. */
uint32_t stock_sums(struct view *view, const struct collection *of, double count,
                    struct stock_sum sums[STOCK_SUMS]);

/* Whether it costs little to count the collection under a filter. */
int stock_is_small(struct view *view, const struct collection *of);

/* {"kind": {"icb": 42}}: of a small collection as a whole, how many records have the values that can be
 * chosen; NULL where that cannot be counted. */
const struct ouse_doc *stock_facets(struct view *view, const struct collection *of);

/* The same of a large collection, the most frequent values only: how many there were some time ago or,
 * unless it is `counted`, null. */
struct ouse_doc *stock_choices(struct view *view, const struct collection *of, int counted);

/* Returns {"icb": null}: the most frequent values of one field of a collection, without their numbers. */
struct ouse_doc *stock_values(struct view *view, const struct collection *of, const char *field);

/* The task that makes figures. */
ouse_rc stock_task(struct ouse_ctx *ctx);

#endif
