/* page: from a path to HTML. The table maps pages to templates; a page that fails becomes the page
 * "error".
 *
 * A further page is a row here and a template. A computed endpoint of a plugin has a page without
 * either (answer.c), and a special one if there is a template of its name. */
#include "typed.h"
#include "view.h"
#include <stdlib.h>

enum { SEGMENTS = 4 };

struct page {
    const char *path;               /* {collection}, {id} and {name} stand for one segment each */
    const char *template;           /* NULL: the one of the endpoint, or it is no page but a file */
    int (*fill)(struct view *view); /* NULL: only the common parts */
    const char *title;
    int of_all_time; /* it has no instant at which it could be shown */
};

/* The first matching row is used; an id never begins or ends with "-", so "-" is not an id. */
static const struct page pages[] = {
    {"", "home", home_fill, NULL, 0},
    {"search", "search", search_fill, "Search", 0},
    {"changes", "changes", changes_fill, "What changed", 1},
    {"changes.csv", NULL, changes_file, NULL, 1},
    {"data", "data", data_fill, "Data and API", 0},
    {"data/api", "explorer", explorer_fill, "Explore the API", 0},
    {"data/api/{name}", "explorer-group", explorer_group_fill, NULL, 0},
    {"accessibility", "accessibility", NULL, "Accessibility statement", 0},
    {"privacy", "privacy", NULL, "Privacy notice", 0},
    {"robots.txt", NULL, robots_fill, NULL, 0},
    {"sitemap.xml", NULL, sitemap_fill, NULL, 1},
    {"sitemap/{name}", NULL, sitemap_part_fill, NULL, 1},
    {"{collection}", "list", list_fill, NULL, 0},
    {"{collection}/-/{name}", NULL, answer_fill, NULL, 0},
    {"{collection}/{id}", "record", record_fill, NULL, 0},
    {"{collection}/{id}/history", "history", history_fill, NULL, 1},
    {"{collection}/{id}/apply", "apply", apply_fill, NULL, 1},
    {"{collection}/{id}/applied", "applied", apply_fill, NULL, 1},
    {"{collection}/{id}/{name}", NULL, answer_fill, NULL, 0},
};

/* ---- Finding ---------------------------------------------------------------------------------- */

static uint32_t split(struct ouse_str path, struct ouse_str segments[SEGMENTS])
{
    uint32_t n = 0;
    const char *at = path.p, *end = path.p + path.n;
    while (path.n && at <= end && n < SEGMENTS) {
        const char *slash = memchr(at, '/', (size_t)(end - at)), *stop = slash ? slash : end;
        segments[n++] = (struct ouse_str){at, (uint32_t)(stop - at)};
        at = stop + 1;
    }
    return n;
}

/* Puts a segment where the pattern has it go; whether it fits. */
static int fits_segment(struct view *view, struct ouse_str pattern, struct ouse_str segment)
{
    if (ouse_is(pattern, "{collection}"))
        return (view->collection = model_collection(view->model, segment)) != NULL;
    if (ouse_is(pattern, "{id}"))
        view->id = segment;
    else if (ouse_is(pattern, "{name}"))
        view->name = segment;
    else
        return ouse_same(pattern, segment);
    return segment.n > 0 && !ouse_is(segment, "-");
}

static int fits(struct view *view, const struct page *page)
{
    struct ouse_str of_path[SEGMENTS], of_pattern[SEGMENTS];
    uint32_t n = split(view->request->rest, of_path), wanted = split(ouse_s(page->path), of_pattern), i = 0;
    while (n == wanted && i < n && fits_segment(view, of_pattern[i], of_path[i]))
        i++;
    return n == wanted && i == n;
}

static const struct page *find(struct view *view)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        view->collection = NULL;
        view->id = view->name = ouse_s(NULL);
        if (fits(view, &pages[i]))
            return &pages[i];
    }
    return NULL;
}

/* ---- Answering ---------------------------------------------------------------------------------- */

static ouse_rc reply(struct view *view, int template)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str html = mustache_render(view->site->templates, template, ctx->host, view->root);
    if (!html.p)
        return ouse_fail(ctx, OUSE_E_INTERNAL, "", "page", "This page is too large to be shown");
    ouse_reply_bytes(ctx, view->status, "text/html; charset=utf-8", html);
    ouse_reply_header(ctx, "Content-Security-Policy", ouse_s(VIEW_CSP));
    free((void *)(uintptr_t)html.p);
    return OUSE_OK;
}

static ouse_rc reply_file(struct view *view)
{
    ouse_reply_bytes(view->ctx, view->status, view->file_type, view->file);
    ouse_reply_header(view->ctx, "Content-Security-Policy", ouse_s("default-src 'none'"));
    return OUSE_OK;
}

/* A form is handed on once, an address for ever. */
static ouse_rc redirect(struct view *view, struct ouse_str location)
{
    ouse_reply_status(view->ctx, view->request->body ? 307 : 308, NULL);
    ouse_reply_header(view->ctx, "Location", location);
    return OUSE_OK;
}

static ouse_rc fail(struct view *view)
{
    layout_describe(view, "error");
    failure_fill(view);
    return reply(view, mustache_find(view->site->templates, "error"));
}

/* The template: of the collection ("projects/record"), if it has its own. */
static int find_template(struct view *view, const struct page *page)
{
    const struct mustache *templates = view->site->templates;
    const char *name = page->template ? page->template : "answer";
    int template = -1;
    if (view->collection)
        template = mustache_find(
            templates, page->template
                           ? ouse_format(view->ctx, "%s/%s", view->collection->name, name).p
                           : ouse_format(view->ctx, "%s/%.*s", view->collection->name, OUSE_F(view->name)).p);
    return template >= 0 ? template : mustache_find(templates, name);
}

/* Where the site is: as the deployer says, or as the browser asked for it. */
static struct ouse_str origin_of(struct view *view)
{
    return *view->site->address ? ouse_s(view->site->address) : ouse_header(view->ctx, "Host");
}

/* A message to the contact about this page; no text if there is no contact. */
static struct ouse_str report_href(struct view *view, struct ouse_str address)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str subject = ouse_format(ctx, "Something is wrong in %s", view->site->name);
    if (!*view->site->contact)
        return ouse_s(NULL);
    return ouse_format(ctx, "mailto:%s?subject=%.*s&body=%.*s", view->site->contact,
                       OUSE_F(query_encode(ctx, subject)), OUSE_F(query_encode(ctx, address)));
}

/* What is printed on paper: the full address of the page, and the day on which it was read. Of a record also
 * how to report a mistake. */
static void describe_origin(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str origin = origin_of(view), here = view_href_here(view, &view->query);
    struct ouse_str address = ouse_format(ctx, "%.*s%.*s", OUSE_F(origin), OUSE_F(here));
    ouse_set_text(ctx, view->page, "origin", origin);
    ouse_set_text(ctx, view->page, "address", address);
    ouse_set_text(ctx, view->page, "read_text", value_date(ctx, time_day_ago(ctx, 0)));
    if (view->id.p)
        ouse_set_text(ctx, view->page, "report_href", report_href(view, address));
}

/* Sets the canonical address. Search engines should store each page once, in its present form: a
 * page of another day, of a filter or of a position in a list names its address without these, and
 * requests not to be stored. */
static void describe_address(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    ouse_set_text(
        ctx, view->page, "canonical",
        ouse_format(ctx, "%s%s%.*s", view->site->address, view->model->base, OUSE_F(view->request->path)));
    if (view->as_of.p || view->query.n)
        ouse_set_text(ctx, view->page, "robots", ouse_s("noindex"));
}

/* Returns whether the register can be read at the time of the page. If not, the page has failed,
 * and shows today. */
static int is_readable(struct view *view)
{
    int readable = !view->as_of.p || !view->model->n_collections ||
                   view_ask(view, "%s?limit=1", view->model->collections[0].name);
    if (!readable)
        view->as_of = ouse_s(NULL);
    return readable;
}

static ouse_rc show(struct view *view, const struct page *page)
{
    view->template = find_template(view, page);
    view->record_of = view->id.p ? view->collection : NULL;
    if (page->of_all_time)
        view->as_of = ouse_s(NULL);
    if (!is_readable(view))
        return fail(view);
    layout_describe(view, page->template ? page->template : "answer");
    describe_address(view);
    describe_origin(view);
    view_title(view, ouse_s(page->title));
    if (page->fill && page->fill(view))
        return view->location.p ? redirect(view, view->location) : fail(view);
    if (view->file.p)
        return reply_file(view);
    view_label(view);
    return reply(view, view->template);
}

static int begins_with(struct ouse_str text, const char *beginning)
{
    return text.n >= strlen(beginning) && memcmp(text.p, beginning, strlen(beginning)) == 0;
}

/* A day as people write it, "31 January 2026", is one as the API takes it; all else stays as it is. */
static struct ouse_str read_as_of(struct ouse_ctx *ctx, struct ouse_str text)
{
    static const struct field day = {.type = "date"};
    struct ouse_str typed =
        text.p && !memchr(text.p, 'T', text.n) ? typed_value(ctx, &day, text, 1) : ouse_s(NULL);
    return typed.p ? typed : text;
}

ouse_rc site_page(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct view view = {.ctx = ctx, .site = site_of(ctx), .request = request, .status = 200};
    const struct page *page;
    if (begins_with(request->rest, "api/"))
        return ouse_fail(ctx, OUSE_E_NOT_FOUND, "", "not_found", "Nothing is at this path");
    view.model = models_get(ctx, view.site->models, ouse_role(ctx));
    if (!view.model)
        return ouse_fail(ctx, OUSE_E_INTERNAL, "", "role", "There are no pages for this role");
    query_read(ctx, request->query, &view.query);
    query_join_dates(ctx, &view.query);
    view.as_of = read_as_of(ctx, query_value(&view.query, "as_of"));
    query_set(&view.query, ouse_s("as_of"), ouse_s(NULL));
    if (request->rest.n && request->rest.p[request->rest.n - 1] == '/')
        return redirect(&view,
                        view_href(&view, &view.query, "%.*s", (int)request->path.n - 1, request->path.p));
    page = find(&view);
    if (page)
        return show(&view, page);
    view_fail(&view, 404, "There is nothing at %.*s", OUSE_F(request->path));
    return fail(&view);
}

ouse_rc site_apply(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_request page = *request;
    page.rest = (struct ouse_str){request->path.p + 1, request->path.n - 1};
    return site_page(ctx, &page);
}

ouse_rc pages_check(struct ouse_ctx *ctx, const struct mustache *templates)
{
    static const char *const others[] = {"answer", "error", "explorer-operations"};
    const char *missing = NULL;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i].template && mustache_find(templates, pages[i].template) < 0)
            missing = pages[i].template;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (mustache_find(templates, others[i]) < 0)
            missing = others[i];
    for (const char *const *name = server_page_names(); *name; name++)
        if (mustache_find(templates, *name) < 0)
            missing = *name;
    if (!missing)
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_INVALID, "", "template",
                     "There is no template %s; they belong into the folder site/templates beside the plugins",
                     missing);
}
