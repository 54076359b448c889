/* site: the register as pages for people.
 *
 * start: options -> templates, static files -> a page for every path that nobody else has.
 */
#include "site.h"
#include "model.h"
#include <stdlib.h>

static const struct ouse_option options[] = {
    {.name = "name",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "Partnership register",
     .offset = offsetof(struct site, name),
     .help = "What the register is called."},
    {.name = "logo",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, logo),
     .help = "The words in the head of each page; the name when empty."},
    {.name = "summary",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "Who works with whom, on what, with whose money and to what end.",
     .offset = offsetof(struct site, summary),
     .help = "One sentence for the home page."},
    {.name = "contact",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, contact),
     .help = "E-mail address for questions and corrections."},
    {.name = "footer",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, footer),
     .help = "A sentence at the foot of each page: who publishes this."},
    {.name = "address",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, address),
     .help = "Where the site is, without base_path: \"https://register.example.org\"; for the sitemap."},
    {.name = "colour",
     .type = OUSE_OPTION_TEXT,
     .dflt = "",
     .offset = offsetof(struct site, colour),
     .help = "The leading colour, as \"#005a9c\"."},
    {.name = "folder",
     .type = OUSE_OPTION_TEXT,
     .dflt = "",
     .offset = offsetof(struct site, folder),
     .help = "Folder with templates/ and static/ whose files go before the ones that came with the plugin."},
};

/* ---- Life ------------------------------------------------------------------------------------------ */

static int is_colour(const char *text)
{
    size_t digits = text[0] == '#' ? strspn(text + 1, "0123456789abcdefABCDEF") : 0;
    return (digits == 3 || digits == 6) && text[digits + 1] == 0;
}

static ouse_rc read_assets(struct ouse_ctx *ctx, struct site *site, const char *home)
{
    ouse_rc rc = assets_read(ctx, &site->assets, ouse_format(ctx, "%s/site/static", home).p, site->colour);
    if (!rc && *site->folder)
        rc = assets_read(ctx, &site->assets, ouse_format(ctx, "%s/static", site->folder).p, site->colour);
    return rc;
}

static void stop(struct ouse_ctx *ctx)
{
    struct site *site = ctx->self;
    mustache_destroy(site->templates);
    assets_destroy(site->assets);
    models_destroy(site->models);
}

static ouse_rc start(struct ouse_ctx *ctx)
{
    struct site *site = ctx->self;
    char *home;
    ouse_rc rc;
    if (*site->colour && !is_colour(site->colour))
        return ouse_fail(ctx, OUSE_E_INVALID, "", "colour",
                         "site.colour is \"%s\"; it is written as \"#005a9c\"", site->colour);
    home = files_home();
    site->models = models_create();
    rc = templates_read(ctx, &site->templates, home, site->folder);
    if (!rc)
        rc = pages_check(ctx, site->templates);
    if (!rc)
        rc = read_assets(ctx, site, home);
    free(home);
    if (rc)
        stop(ctx);
    return rc;
}

/* ---- What it is -------------------------------------------------------------------------------------- */

static const struct ouse_parameter any[] = {{.name = "*", .type = OUSE_TEXT}};
static const struct ouse_parameter several[] = {
    {.name = "of",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED,
     .doc = "References as collection/id, separated by commas; at most 500."}};
static const struct ouse_parameter one[] = {
    {.name = "of", .type = OUSE_TEXT, .flags = OUSE_REQUIRED, .doc = "A reference as collection/id."}};

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "/{*}",
     .access = OUSE_NONE,
     .fn = site_page,
     .summary = "The pages of the site",
     .parameters = OUSE_ROWS(any)},
    {.method = "GET",
     .path = "/static/{*}",
     .access = OUSE_NONE,
     .fn = site_static,
     .summary = "Styles, scripts and icons of the site"},
    {.method = "GET",
     .path = "-/labels",
     .access = OUSE_READ,
     .fn = site_labels,
     .summary = "What people call records",
     .parameters = OUSE_ROWS(several),
     .reply_schema = OUSE_JSON({
         "type": "object",
         "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}}},
         "required": ["data"]
     })},
           {.method = "GET",
            .path = "-/referrers",
            .access = OUSE_READ,
            .fn = site_referrers,
            .summary = "What refers to a record: a few of each field",
            .parameters = OUSE_ROWS(one),
            .reply_schema = OUSE_JSON({
         "type": "object",
         "properties": {
             "data": {
                 "type": "array",
                 "items": {
                     "type": "object",
                     "properties": {
                         "collection": {"type": "string"}, "field": {"type": "string"}, "more": {"type": "boolean"},
                         "records": {
                             "type": "array",
                             "items": {
                                 "type": "object",
                                 "properties": {"id": {"type": "string"}, "label": {"type": "string"}},
                                 "required": ["id", "label"]
                             }
                         }
                     },
                     "required": ["collection", "field", "more", "records"]
                 }
             }
         },
         "required": ["data"]
     })},
};

static const struct ouse_format formats[] = {
    {.media_type = "text/html",
     .applies_to = OUSE_OF_PROBLEM,
     .fn = site_problem,
     .doc = "Problems as pages, for browsers."},
};

OUSE_PLUGIN(.name = "site", .version = "1.0.0", .title = "Site", .doc = "The register as pages for people.",
            .threads = OUSE_PARALLEL, .self_size = sizeof(struct site), .options = OUSE_ROWS(options),
            .routes = OUSE_ROWS(routes), .formats = OUSE_ROWS(formats), .start = start, .stop = stop)
