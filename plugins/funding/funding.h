/* funding.h: what the files of this plugin share: where a thing lies that money
 * goes to, and the answers that are computed from it. */
#ifndef FUNDING_H
#define FUNDING_H

#include <ouse/plugin.h>

/* What a thing lies in, as "collection/id": the hub of a pillar, the pillar of a
 * project, what a training scheme is of; or no text. */
struct ouse_str funding_within(struct ouse_ctx *ctx, struct ouse_str thing);

ouse_rc award_breakdown(struct ouse_ctx *ctx, const struct ouse_request *request); /* breakdown.c */
ouse_rc award_use(struct ouse_ctx *ctx, const struct ouse_request *request);       /* use.c */

#endif
