/* services.h: the answer that is computed from all commitments (review.c). */
#ifndef SERVICES_H
#define SERVICES_H

#include <ouse/plugin.h>

ouse_rc commitments_review(struct ouse_ctx *ctx, const struct ouse_request *request);

/* Sets the derived field `standing`. */
ouse_rc commitment_standing(struct ouse_ctx *ctx, struct ouse_doc *commitment);

#endif
