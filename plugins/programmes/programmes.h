/* programmes.h: shared by the files of this plugin: whether a milestone is late, and the computed
 * answers. */
#ifndef PROGRAMMES_H
#define PROGRAMMES_H

#include <ouse/plugin.h>

/* Returns whether a milestone is done: by its state, or because its day of completion is known. */
int milestone_done(struct ouse_ctx *ctx, const struct ouse_doc *milestone);

/* Whether a milestone is neither done nor dropped and its due date is over; a
 * month or a year is over with its last day. */
int milestone_late(struct ouse_ctx *ctx, const struct ouse_doc *milestone);

ouse_rc strategy_timeline(struct ouse_ctx *ctx, const struct ouse_request *request);   /* answers.c */
ouse_rc milestones_slippage(struct ouse_ctx *ctx, const struct ouse_request *request); /* answers.c */
ouse_rc indicator_trend(struct ouse_ctx *ctx, const struct ouse_request *request);     /* trend.c */

#endif
