/* funding.h: shared by the files of this plugin: the parent of a target of money, and the computed
 * answers. */
#ifndef FUNDING_H
#define FUNDING_H

#include <ouse/plugin.h>

/* Returns the parent of a target, as "collection/id": the hub of a pillar, the pillar of a project,
 * the `of` of a training scheme; or no text. */
struct ouse_str funding_within(struct ouse_ctx *ctx, struct ouse_str thing);

ouse_rc award_breakdown(struct ouse_ctx *ctx, const struct ouse_request *request); /* breakdown.c */
ouse_rc award_use(struct ouse_ctx *ctx, const struct ouse_request *request);       /* use.c */

#endif
