/* networks.h: shared by the files of this plugin: readers of a network, and the answer about all of
 * them (coverage.c). */
#ifndef NETWORKS_H
#define NETWORKS_H

#include <ouse/plugin.h>

/* The whole numbers that a quantity may stand for; infinite where it has no end,
 * as "over 50,000", or no beginning, as "under 30,000". */
struct span {
    double low, high;
};

/* Stores the span of a quantity. Returns 0, and stores nothing, if the value is not a quantity. */
int quantity_span(struct ouse_ctx *ctx, const struct ouse_doc *quantity, struct span *span);

/* Whether nothing that the quantity may stand for lies in the model's bounds. */
int outside_model(struct ouse_ctx *ctx, const struct ouse_doc *model, const struct ouse_doc *quantity);

/* The practices of a network today. */
struct practices {
    uint32_t n;
    uint32_t counted; /* those with a known list size */
    double list_size; /* of these */
};

struct practices network_practices(struct ouse_ctx *ctx, struct ouse_str network);

ouse_rc networks_coverage(struct ouse_ctx *ctx, const struct ouse_request *request); /* coverage.c */

#endif
