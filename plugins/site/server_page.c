/* server_page: the pages of the server itself, such as /sign-in: a document {"page", "title", "data"} for the
 * template of that name. What they show is decided in the server; here are the layout and links to records.
 */
#include "view.h"
#include <stdlib.h>

static const char *const server_pages[] = {"sign-in",          "sign-in-code",  "sign-out", "account",
                                           "account-password", "account-codes", NULL};

const char *const *server_page_names(void)
{
    return server_pages;
}

/* Puts a link next to a member that is the id of a record: "organisation_link". */
static void link_member(struct view *view, struct ouse_doc *data, const char *name, const char *collection)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str id = ouse_text(ctx, data, name);
    if (id.p && model_collection(view->model, ouse_s(collection)))
        ouse_set(ctx, data, ouse_format(ctx, "%s_link", name).p, view_link(view, collection, id));
}

ouse_rc site_server_page(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *page)
{
    struct view view = {.ctx = ctx,
                        .site = site_of(ctx),
                        .model = models_get(ctx, site_of(ctx)->models, OUSE_PUBLIC),
                        .status = 200};
    const char *name = ouse_format(ctx, "%.*s", OUSE_F(ouse_text(ctx, page, "page"))).p;
    struct ouse_doc *data = ouse_copy(ctx, ouse_member(ctx, page, "data"));
    struct ouse_str html;
    (void)part;
    view.template = mustache_find(view.site->templates, name);
    if (view.template <0)
        return ouse_fail(ctx, OUSE_E_INTERNAL, "", "template", "There is no template %s", name);
    layout_describe(&view, name);
    view_title(&view, ouse_text(ctx, page, "title"));
    ouse_set_text(ctx, view.page, "robots", ouse_s("noindex"));
    link_member(&view, data, "organisation", "organisations");
    link_member(&view, data, "person", "people");
    ouse_set(ctx, view.root, "data", data);
    if (strncmp(name, "account-", 8) == 0 && ouse_text(ctx, data, "token").p)
        view_crumb(&view, ouse_s("Your account"), view_href(&view, NULL, "/account"));
    view_label(&view);
    html = mustache_render(view.site->templates, view.template, ctx->host, view.root);
    if (!html.p)
        return ouse_fail(ctx, OUSE_E_INTERNAL, "", "page", "This page is too large to be shown");
    ouse_write(ctx, html);
    ouse_reply_header(ctx, "Content-Security-Policy", ouse_s(VIEW_CSP));
    free((void *)(uintptr_t)html.p);
    return OUSE_OK;
}
