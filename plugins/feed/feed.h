/* feed.h: what the files of this plugin share: options, and texts as XML. */
#ifndef FEED_H
#define FEED_H

#include <ouse/plugin.h>

struct feed {
    const char *name, *address, *rights;
};

static inline const struct feed *feed_of(struct ouse_ctx *ctx)
{
    return (const struct feed *)ctx->self;
}

/* ---- xml.c ----------------------------------------------------------------- */

/* A text as content or as the value of an attribute in double quotes. What XML 1.0 has no
 * form for is replaced by U+FFFD. */
struct ouse_str xml_escape(struct ouse_ctx *ctx, struct ouse_str text);

/* Writes <name>text</name>; nothing for no text. */
void xml_element(struct ouse_ctx *ctx, const char *name, struct ouse_str text);

/* ---- summary.c --------------------------------------------------------------- */

/* What a record says, in one plain text: "State: Confirmed · Leads: David Hewson". The
 * collection is as ouse_about tells it. */
struct ouse_str summary_of(struct ouse_ctx *ctx, const struct ouse_doc *collection,
                           const struct ouse_doc *record);

#endif
