/* clusters.h: the answer that is computed from a cluster (overview.c). */
#ifndef CLUSTERS_H
#define CLUSTERS_H

#include <ouse/plugin.h>

ouse_rc cluster_overview(struct ouse_ctx *ctx, const struct ouse_request *request);

#endif
