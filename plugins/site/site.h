/* site: the register as pages, made of the answers of the API.
 *
 *   path ─> page (page.c) ─> requests to the API ─> view, a document ─> template ─> HTML
 *
 * ouse_ask is the only access to records here, so a page shows what the same caller can read from
 * the API. C code determines the content of a page, as a document of plain texts and addresses (the
 * view); templates determine its look.
 *
 * Everything in struct site is made at the start and then only read, except for the models of roles
 * other than the public, which are made at the first request of the role. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "mustache.h"
#include <ouse/plugin.h>

struct assets;
struct models;

/* The options of the plugin, and after them the data of the start. */
struct site {
    const char *name, *short_name, *summary, *contact, *footer, *licence; /* texts */
    const char *address, *licence_address, *colour, *accent, *folder;
    const char *prepared, *reviewed, *known_issues; /* of the accessibility statement */
    struct mustache *templates;
    struct assets *assets;
    struct models *models;
};

static inline const struct site *site_of(struct ouse_ctx *ctx)
{
    return (const struct site *)ctx->self;
}

/* GET /{*}: every page. */
ouse_rc site_page(struct ouse_ctx *ctx, const struct ouse_request *request);

/* GET and POST /cohorts/{id}/apply: the form of a cohort. A form without mistakes is forwarded to /apply. */
ouse_rc site_apply(struct ouse_ctx *ctx, const struct ouse_request *request);

/* Whether all templates are there that pages need. */
ouse_rc pages_check(struct ouse_ctx *ctx, const struct mustache *templates);

/* A problem document as a page. */
ouse_rc site_problem(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *problem);

/* A page of the server itself; and the names of all of them, ended by NULL. */
ouse_rc site_server_page(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *page);
const char *const *server_page_names(void);

/* GET -/labels?of=people/a,projects/b: returns the labels of records. */
ouse_rc site_labels(struct ouse_ctx *ctx, const struct ouse_request *request);

/* GET -/contexts?of=sites/a,people/b: returns texts that distinguish records of the same name. */
ouse_rc site_contexts(struct ouse_ctx *ctx, const struct ouse_request *request);

/* GET -/ends?of=appointments/a: the records that the rows of joins lead to. */
ouse_rc site_ends(struct ouse_ctx *ctx, const struct ouse_request *request);

/* GET -/revisions?of=people/a,projects/b: which revisions records are of. */
ouse_rc site_revisions(struct ouse_ctx *ctx, const struct ouse_request *request);

/* GET -/referrers?of=people/a: returns the referrers of a record. */
ouse_rc site_referrers(struct ouse_ctx *ctx, const struct ouse_request *request);

/* GET /static/{*}: styles, scripts, icons. */
ouse_rc site_static(struct ouse_ctx *ctx, const struct ouse_request *request);

/* ---- files.c: templates and static files, in the folders they come from ---------------- */

/* Receives a file of a folder: its path below that, and its content. Both are valid during the
 * call. Returns 0, or -1 to stop. */
typedef int (*file_fn)(void *arg, const char *name, struct ouse_str bytes);

/* Calls `fn` for each file below a folder with the suffix, at most four folders deep; a missing
 * folder counts as empty. Returns 0, or -1 if `fn` stopped or a file cannot be read (then `*unread`
 * is its path, malloc'd). */
int files_each(const char *folder, const char *suffix, file_fn fn, void *arg, char **unread);

/* The folder of the plugins, with the plugin's own parts in site/; malloc'd. */
char *files_home(void);

/* ---- assets.c ---------------------------------------------------------------------------- */

/* Reads the static files of a folder, over those that are there. The colours of the site go into the styles.
 */
ouse_rc assets_read(struct ouse_ctx *ctx, struct assets **assets, const char *folder,
                    const struct site *site);
void assets_destroy(struct assets *assets); /* legal on NULL */

/* {"site_css": "/register/static/site-0123456789abcdef.css", …} */
struct ouse_doc *assets_addresses(struct ouse_ctx *ctx, const struct assets *assets, const char *base);

/* ---- templates.c --------------------------------------------------------------------------- */

/* Reads all templates: those that plugins bring, the site's, the deployer's; later ones
 * replace earlier ones. */
ouse_rc templates_read(struct ouse_ctx *ctx, struct mustache **templates, const char *home, const char *own);

#endif
