/* training.h: shared by the files of this plugin: the availability of a cohort, and the computed
 * answer. */
#ifndef TRAINING_H
#define TRAINING_H

#include <ouse/plugin.h>

/* "planned", "open", "full", "closed", "running", "completed" or "cancelled": a
 * cohort of a scheme as it stands on a day, given as days since 1970-01-01. */
const char *cohort_availability(struct ouse_ctx *ctx, const struct ouse_doc *cohort,
                                const struct ouse_doc *scheme, int32_t on);

ouse_rc cohorts_open(struct ouse_ctx *ctx, const struct ouse_request *request); /* open.c */

#endif
