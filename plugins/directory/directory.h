/* directory.h: the answers that are computed from the directory (answers.c). */
#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <ouse/plugin.h>

ouse_rc person_roles(struct ouse_ctx *ctx, const struct ouse_request *request);
ouse_rc organisation_involvement(struct ouse_ctx *ctx, const struct ouse_request *request);
ouse_rc area_overview(struct ouse_ctx *ctx, const struct ouse_request *request);

#endif
