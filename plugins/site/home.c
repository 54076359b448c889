/* home: what the register holds, and what changed last. */
#include "view.h"

static struct ouse_doc *describe_collection(struct view *view, const struct collection *collection)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_object(ctx);
    struct ouse_doc *page =
        ouse_member(ctx, view_try(view, "%s?limit=1&count=exact", collection->name), "page");
    ouse_set_text(ctx, shown, "name", ouse_s(collection->name));
    ouse_set_text(ctx, shown, "title", ouse_s(collection->title));
    ouse_set_text(ctx, shown, "doc", ouse_s(collection->doc));
    ouse_set_text(ctx, shown, "href", view_href(view, NULL, "/%s", collection->name));
    ouse_set_text(ctx, shown, "count", value_number(ctx, ouse_number(ctx, page, "count", 0), 0));
    return shown;
}

int home_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *home = ouse_object(ctx), *collections = ouse_list(ctx);
    for (uint32_t i = 0; i < view->model->n_collections; i++)
        ouse_add(ctx, collections, describe_collection(view, &view->model->collections[i]));
    ouse_set(ctx, home, "collections", collections);
    ouse_set(ctx, view->root, "home", home);
    view_title(view, ouse_s(view->site->name));
    return 0;
}
