/* site: the register as pages for people.
 *
 * start: options -> templates, static files -> a page for every path without another route. */
#include "site.h"
#include "model.h"
#include "stock.h"
#include <math.h>
#include <stdlib.h>

static const struct ouse_option options[] = {
    {.name = "name",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "Partnership register",
     .offset = offsetof(struct site, name),
     .help = "Name of the register."},
    {.name = "short_name",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, short_name),
     .help = "Name in the head of each page; default: name."},
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
     .help = "A sentence at the foot of each page: the publisher."},
    {.name = "licence",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, licence),
     .help = "Licence of the data: \"Open Government Licence v3.0\"."},
    {.name = "licence_address",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, licence_address),
     .help = "Where the licence can be read: \"https://…\"."},
    {.name = "address",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, address),
     .help = "Where the site is, without base_path: \"https://register.example.org\"; for the sitemap."},
    {.name = "prepared",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, prepared),
     .help = "The day on which you prepared the accessibility statement: \"2026-11-30\"."},
    {.name = "reviewed",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, reviewed),
     .help = "The day on which you last reviewed the accessibility statement."},
    {.name = "known_issues",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "",
     .offset = offsetof(struct site, known_issues),
     .help = "Parts that are not accessible, and why: sentences separated by \";\"; for the accessibility "
             "statement."},
    {.name = "colour",
     .type = OUSE_OPTION_TEXT,
     .dflt = "",
     .offset = offsetof(struct site, colour),
     .help = "The leading colour, as \"#005a9c\": a ground for white text."},
    {.name = "accent",
     .type = OUSE_OPTION_TEXT,
     .dflt = "",
     .offset = offsetof(struct site, accent),
     .help = "The colour that sets off quotations, as \"#b4541a\"."},
    {.name = "folder",
     .type = OUSE_OPTION_TEXT,
     .dflt = "",
     .offset = offsetof(struct site, folder),
     .help = "Folder with templates/ and static/ whose files take precedence over those of the plugin."},
};

/* ---- Life ------------------------------------------------------------------------------------------ */

static int is_colour(const char *text)
{
    return text[0] == '#' && strlen(text) == 7 && strspn(text + 1, "0123456789abcdefABCDEF") == 6;
}

/* The contrast of a colour with white, 1 to 21; relative luminance as in WCAG 2.2. */
static double contrast(const char *colour)
{
    static const double share[] = {0.2126, 0.7152, 0.0722};
    double luminance = 0;
    for (int i = 0; i < 3; i++) {
        char digits[] = {colour[1 + 2 * i], colour[2 + 2 * i], 0};
        double part = (double)strtoul(digits, NULL, 16) / 255;
        luminance += share[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return 1.05 / (luminance + 0.05);
}

static ouse_rc check_colour(struct ouse_ctx *ctx, const char *option, const char *colour)
{
    if (*colour && !is_colour(colour))
        return ouse_fail(ctx, OUSE_E_INVALID, "", "colour", "site.%s is \"%s\"; it is written as \"#005a9c\"",
                         option, colour);
    if (*colour && contrast(colour) < 4.5)
        return ouse_fail(
            ctx, OUSE_E_INVALID, "", "contrast",
            "site.%s is \"%s\", which has a contrast with white of %.1f; text needs 4.5: use a darker one",
            option, colour, contrast(colour));
    return OUSE_OK;
}

/* A day of the accessibility statement: YYYY-MM-DD, or empty. */
static ouse_rc check_day(struct ouse_ctx *ctx, const char *option, const char *day)
{
    static const char form[] = "dddd-dd-dd";
    size_t i = 0;
    while (day[i] && i < sizeof form - 1 && (form[i] == 'd' ? day[i] >= '0' && day[i] <= '9' : day[i] == '-'))
        i++;
    if (!*day || (i == sizeof form - 1 && !day[i]))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_INVALID, "", "date", "site.%s is \"%s\"; write the day as \"2026-11-30\"",
                     option, day);
}

static ouse_rc check_options(struct ouse_ctx *ctx)
{
    const struct site *site = ctx->self;
    ouse_rc rc = check_colour(ctx, "colour", site->colour);
    if (!rc)
        rc = check_colour(ctx, "accent", site->accent);
    if (!rc)
        rc = check_day(ctx, "prepared", site->prepared);
    return rc ? rc : check_day(ctx, "reviewed", site->reviewed);
}

/* Warns of missing options. The law requires an address for reports of problems; the site works
 * without one. */
static void warn_of_options(struct ouse_ctx *ctx)
{
    const struct site *site = ctx->self;
    if (!*site->contact)
        ouse_log(ctx, OUSE_LOG_WARN,
                 "site.contact is empty: the accessibility statement has no address for reports of problems; "
                 "set it to an e-mail address");
}

static ouse_rc read_assets(struct ouse_ctx *ctx, struct site *site, const char *home)
{
    ouse_rc rc = assets_read(ctx, &site->assets, ouse_format(ctx, "%s/site/static", home).p, site);
    if (!rc && *site->folder)
        rc = assets_read(ctx, &site->assets, ouse_format(ctx, "%s/static", site->folder).p, site);
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
    char *home = files_home();
    site->models = models_create();
    ouse_rc rc = templates_read(ctx, &site->templates, home, site->folder);
    if (!rc)
        rc = pages_check(ctx, site->templates);
    if (!rc)
        rc = read_assets(ctx, site, home);
    free(home);
    if (rc) {
        stop(ctx);
        return rc;
    }
    models_get(ctx, site->models, OUSE_PUBLIC); /* so that no public request waits for it */
    warn_of_options(ctx);
    return OUSE_OK;
}

/* ---- Description
 * ------------------------------------------------------------------------------------- */

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
     .path = "/cohorts/{id}/apply",
     .access = OUSE_NONE,
     .fn = site_apply,
     .summary = "The form of a cohort",
     .parameters = OUSE_ROWS(any)},
    {.method = "POST",
     .path = "/cohorts/{id}/apply",
     .access = OUSE_NONE,
     .fn = site_apply,
     .summary = "The form of a cohort: shown again if something is missing, else handed on to /apply"},
    {.method = "GET",
     .path = "/static/{*}",
     .access = OUSE_NONE,
     .fn = site_static,
     .summary = "Styles, scripts and icons of the site"},
    {.method = "GET",
     .path = "-/revisions",
     .access = OUSE_READ,
     .fn = site_revisions,
     .summary = "Which revisions records are of",
     .parameters = OUSE_ROWS(several),
     .reply_schema = OUSE_JSON({
         "type": "object",
         "properties": {"data": {"type": "object", "additionalProperties": {"type": "integer"}}},
         "required": ["data"]
     })},
           {.method = "GET",
            .path = "-/labels",
            .access = OUSE_READ,
            .fn = site_labels,
            .summary = "Labels of records",
            .parameters = OUSE_ROWS(several),
            .reply_schema = OUSE_JSON({
         "type": "object",
         "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}}},
         "required": ["data"]
     })},
                  {.method = "GET",
                   .path = "-/contexts",
                   .access = OUSE_READ,
                   .fn = site_contexts,
                   .summary = "Texts that distinguish records of the same name",
                   .parameters = OUSE_ROWS(several),
                   .reply_schema =
                       OUSE_JSON({
         "type": "object",
         "properties": {"data": {"type": "object", "additionalProperties": {"type": "string"}}},
         "required": ["data"]
     })},
                                   {.method = "GET",
                                    .path = "-/ends",
                                    .access = OUSE_READ,
                                    .fn = site_ends,
                                    .summary = "The records that the rows of joins lead to",
                                    .parameters = OUSE_ROWS(several),
                                    .reply_schema = OUSE_JSON({
         "type": "object",
         "properties": {"data": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}},
         "required": ["data"]
     })},
                                          {.method = "GET",
                                           .path = "-/referrers",
                                           .access = OUSE_READ,
                                           .fn = site_referrers,
                                           .summary = "Referrers of a record: a few of each field",
                                           .parameters = OUSE_ROWS(one),
                                           .reply_schema =
                                               OUSE_JSON({
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
                                 "properties": {"id": {"type": "string"}, "label": {"type": "string"}, "fields": {"type": "object"}},
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
    {.media_type = "text/html",
     .applies_to = OUSE_OF_PAGE,
     .fn = site_server_page,
     .doc = "Pages of the server itself: to sign in, and for one's account."},
};

static const struct ouse_task tasks[] = {
    {.name = "figures", .every_ms = 1000, .access = OUSE_NONE, .fn = stock_task},
};

OUSE_PLUGIN(.name = "site", .version = "1.0.0", .title = "Site", .doc = "The register as pages for people.",
            .threads = OUSE_PARALLEL, .self_size = sizeof(struct site), .options = OUSE_ROWS(options),
            .routes = OUSE_ROWS(routes), .formats = OUSE_ROWS(formats), .tasks = OUSE_ROWS(tasks),
            .start = start, .stop = stop, .validate = check_options)
