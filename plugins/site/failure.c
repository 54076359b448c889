/* failure: a problem as a page. Those of pages come from page.c, those of everything else (a
 * malformed path, an answer of the API to a browser) from the host. */
#include "view.h"
#include <stdlib.h>

/* The heading of a problem. */
static const struct {
    uint32_t status;
    const char *title;
} failures[] = {
    {400, "This address cannot be understood"}, {401, "This is for people with an account"},
    {403, "This is not open to you"},           {404, "There is no such page"},
    {405, "This cannot be done here"},          {410, "This was removed"},
    {429, "Too many questions at a time"},      {503, "This cannot be answered now"},
};

/* Explains a record that exists now, but did not at the time of the page. */
static int explain_past(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str as_of = view->as_of, created;
    if (view->status != 404 || !as_of.p || !view->collection || !view->id.p)
        return 0;
    view->as_of = ouse_s(NULL);
    created = ouse_text(
        ctx,
        ouse_member(ctx,
                    view_try(view, "%s/%.*s", view->collection->name, OUSE_F(query_encode(ctx, view->id))),
                    "meta"),
        "created");
    view->as_of = as_of;
    if (!created.p || strncmp(created.p, as_of.p, as_of.n < created.n ? as_of.n : created.n) <= 0)
        return 0; /* it was there, for others */
    struct ouse_doc *past = ouse_object(ctx);
    ouse_set_text(ctx, past, "added", created);
    ouse_set_text(ctx, past, "added_text",
                  value_date(ctx, (struct ouse_str){created.p, created.n < 10 ? created.n : 10}));
    ouse_set(ctx, view->problem, "past", past);
    ouse_set_null(ctx, view->problem, "detail");
    view_title(view, ouse_format(ctx, "Not in the register on %.*s", OUSE_F(value_date(ctx, as_of))));
    return 1;
}

/* Explains the error of the API for people: the missing record, or the filters of the list. The
 * text of the API stays, as a detail. */
static void explain(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    struct ouse_str said = ouse_text(ctx, view->problem, "detail"), title;
    if (!collection || !ouse_member(ctx, view->problem, "title"))
        return; /* the page contains it */
    title = ouse_title(ctx, ouse_s(collection->singular));
    if (title.n > 1 && title.p[1] >= 'a')
        title = ouse_format(ctx, "%c%.*s", title.p[0] | 0x20, (int)title.n - 1, title.p + 1);
    ouse_set_text(ctx, view->problem, "list_title", ouse_s(collection->title));
    ouse_set_text(ctx, view->problem, "list_href", view_href(view, NULL, "/%s", collection->name));
    if (view->status == 404 && view->id.p)
        ouse_set_text(ctx, view->problem, "detail",
                      ouse_format(ctx,
                                  "The register has no %.*s at this address. Check the address, or find the "
                                  "%.*s in the list.",
                                  OUSE_F(title), OUSE_F(title)));
    if (view->status == 400) {
        ouse_set_text(ctx, view->problem, "technical", said);
        ouse_set_text(
            ctx, view->problem, "detail",
            ouse_s("The part of the address after the question mark has a filter, an order or a value "
                   "that this page does not take. Start again from the list and choose there."));
    }
}

void failure_fill(struct view *view)
{
    const char *title = "Something went wrong";
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (failures[i].status == view->status)
            title = failures[i].title;
    if (!explain_past(view)) {
        view_title(view, ouse_s(title));
        explain(view);
    }
    if (ouse_count(view->ctx, ouse_member(view->ctx, view->problem, "errors")))
        ouse_set_null(view->ctx, view->problem, "detail"); /* it counts them */
    ouse_set_number(view->ctx, view->problem, "status", view->status);
    ouse_set(view->ctx, view->root, "problem", view->problem);
}

ouse_rc site_problem(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *problem)
{
    struct view view = {.ctx = ctx,
                        .site = site_of(ctx),
                        .model = models_get(ctx, site_of(ctx)->models, ouse_role(ctx)),
                        .status = (uint32_t)ouse_number(ctx, problem, "status", 500),
                        .problem = ouse_copy(ctx, problem)};
    struct ouse_str html;
    (void)part;
    layout_describe(&view, "error");
    failure_fill(&view);
    html = mustache_render(view.site->templates, mustache_find(view.site->templates, "error"), ctx->host,
                           view.root);
    ouse_write(ctx, html);
    ouse_reply_header(ctx, "Content-Security-Policy", ouse_s(VIEW_CSP));
    free((void *)(uintptr_t)html.p);
    return OUSE_OK;
}
