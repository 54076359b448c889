/* mustache: templates, compiled once and rendered over documents.
 *
 *     name.mustache ─ mustache_add ─> program ─┐
 *     head.mustache ─ mustache_add ─> program ─┴─ mustache_link ─> ready
 *
 * Supports all required parts of the Mustache specification: variables, sections, inverted
 * sections, comments, partials, set delimiters. No lambdas: a template shows data and computes
 * nothing.
 *
 * Names are stricter than in the specification: a name is a member of the innermost object and
 * never of one around it, so a missing member shows as nothing. A path ("site.base") may also begin
 * at a member of the document.
 *
 * Templates are trusted, data is not: {{name}} is escaped for HTML text and quoted attributes;
 * {{{name}}} is not, and is for markup that C code made. null, false, an empty list and an empty
 * text are nothing; 0 is something.
 *
 * A set of templates is written by one thread, and then read by any number. */
#ifndef SITE_MUSTACHE_H
#define SITE_MUSTACHE_H

#include <ouse/host.h>

#define MUSTACHE_TEMPLATE_MAX (256u << 10) /* bytes of one template */
#define MUSTACHE_OUTPUT_MAX   (4u << 20)   /* bytes of output */
#define MUSTACHE_DEPTH        64           /* sections that lie in each other, over all partials */
#define MUSTACHE_CALLS        16           /* partials that lie in each other */
#define MUSTACHE_NAME_MAX     100          /* bytes of a name or delimiter */
#define MUSTACHE_ERROR        256

struct mustache;

struct mustache *mustache_create(void);
void mustache_destroy(struct mustache *set); /* legal on NULL */

/* Adds a copy of a template; replaces one of that name. Returns 0, or -1 with the mistake and its
 * line. */
int mustache_add(struct mustache *set, const char *name, struct ouse_str source, char error[MUSTACHE_ERROR]);

/* Finds the partials of all templates. A missing one renders as nothing; returns -1 with its name,
 * so that the caller can reject it. */
int mustache_link(struct mustache *set, char error[MUSTACHE_ERROR]);

/* The number of a template, or -1. */
int mustache_find(const struct mustache *set, const char *name);

/* Whether a template shows a member of this name, or a partial of it does. */
int mustache_shows(const struct mustache *set, int number, const char *name);

/* Renders a template over a document. The text is malloc'd and the caller's; no
 * text when it would be larger than a cap. */
struct ouse_str mustache_render(const struct mustache *set, int number, const struct ouse_host *host,
                                const struct ouse_doc *view);

#endif
