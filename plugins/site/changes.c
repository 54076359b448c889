/* changes: what changed in the register, in the order in which it did. */
#include "view.h"

static struct ouse_doc *describe_change(struct view *view, const struct ouse_doc *entry)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = model_collection(view->model, ouse_text(ctx, entry, "collection"));
    struct ouse_doc *change;
    if (!collection)
        return NULL;
    change = view_link(view, collection->name, ouse_text(ctx, entry, "id"));
    ouse_set(ctx, change, "seq", ouse_member(ctx, entry, "seq"));
    ouse_set_text(ctx, change, "at", ouse_text(ctx, entry, "at"));
    ouse_set_text(ctx, change, "at_text", value_date(ctx, ouse_text(ctx, entry, "at")));
    ouse_set_text(ctx, change, "op", ouse_text(ctx, entry, "op"));
    ouse_set_text(ctx, change, "op_text", value_words(ctx, ouse_text(ctx, entry, "op")));
    ouse_set_text(ctx, change, "singular", value_words(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, change, "actor", ouse_text(ctx, entry, "actor"));
    ouse_set_text(
        ctx, change, "history_href",
        view_href(view, NULL, "/%s/%.*s/history", collection->name, OUSE_F(ouse_text(ctx, entry, "id"))));
    return change;
}

struct ouse_doc *changes_list(struct view *view, const struct ouse_doc *answer)
{
    struct ouse_doc *list = ouse_list(view->ctx);
    const struct ouse_doc *data = ouse_member(view->ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(view->ctx, data); i++)
        ouse_add(view->ctx, list, describe_change(view, ouse_at(view->ctx, data, i)));
    return list;
}

int changes_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *answer = view_ask(view, "-/changes?%.*s", OUSE_F(query_text(ctx, &view->query)));
    if (!answer)
        return -1;
    ouse_set(ctx, view->root, "changes", changes_list(view, answer));
    return 0;
}
