/* json: a document as text that people read: two spaces a level, lists of plain values on one
 * line. */
#ifndef SITE_JSON_H
#define SITE_JSON_H

#include <ouse/host.h>

/* As old as the callback. */
struct ouse_str json_text(struct ouse_ctx *ctx, const struct ouse_doc *value);

#endif
