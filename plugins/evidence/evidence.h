/* evidence.h: the answer that is computed from a publication (citations.c). */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include <ouse/plugin.h>

ouse_rc publication_citations(struct ouse_ctx *ctx, const struct ouse_request *request);

#endif
