/* hubs.h: shared by the files of this plugin: readers of a hub, and the computed answers.
 *
 * The lists hold whole records as the caller sees them, in the order in which people expect to read
 * them. They belong to the request. */
#ifndef HUBS_H
#define HUBS_H

#include <ouse/plugin.h>

struct ouse_doc *hub_partners(struct ouse_ctx *ctx, struct ouse_str hub); /* the host first, then by role */
struct ouse_doc *hub_pillars(struct ouse_ctx *ctx, struct ouse_str hub);  /* by number */
struct ouse_doc *pillar_projects(struct ouse_ctx *ctx, struct ouse_str pillar); /* by start, then title */

/* Returns the appointment of the present director of a hub, or NULL. */
struct ouse_doc *hub_director(struct ouse_ctx *ctx, struct ouse_str hub);

/* Id of the organisation that hosts a hub: by its own field, or a partner in that role; or no text. */
struct ouse_str hub_host(struct ouse_ctx *ctx, const struct ouse_doc *hub, struct ouse_str id);

/* An organisation in short, or NULL. */
struct ouse_doc *hub_organisation(struct ouse_ctx *ctx, struct ouse_str id);

/* The training schemes of a hub, in short. */
struct ouse_doc *hub_training(struct ouse_ctx *ctx, struct ouse_str hub);

ouse_rc hub_portfolio(struct ouse_ctx *ctx, const struct ouse_request *request);   /* portfolio.c */
ouse_rc hub_network(struct ouse_ctx *ctx, const struct ouse_request *request);     /* network.c */
ouse_rc project_context(struct ouse_ctx *ctx, const struct ouse_request *request); /* context.c */

#endif
