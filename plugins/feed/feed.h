/* feed.h: shared by the files of this plugin: options, and texts as XML. */
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

/* Escapes a text as content or as the value of an attribute in double quotes. Replaces characters
 * that XML 1.0 cannot represent by U+FFFD. */
struct ouse_str xml_escape(struct ouse_ctx *ctx, struct ouse_str text);

/* Writes <name>text</name>; nothing for no text. */
void xml_element(struct ouse_ctx *ctx, const char *name, struct ouse_str text);

/* ---- summary.c --------------------------------------------------------------- */

/* Returns a summary of a record in one plain text: "State: Confirmed · Leads: David Hewson". The
 * collection is as in ouse_about. */
struct ouse_str summary_of(struct ouse_ctx *ctx, const struct ouse_doc *collection,
                           const struct ouse_doc *record);

#endif
