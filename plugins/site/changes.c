/* changes: what changed in the register, the latest first. Of a record that was removed, only its end is
 * shown; a record that is hidden from the caller is not shown at all. */
#include "view.h"

/* What happened, as people say it. */
static struct ouse_str said(struct ouse_ctx *ctx, struct ouse_str op)
{
    static const struct {
        const char *op, *said;
    } words[] = {{"create", "Added"},   {"update", "Changed"}, {"move", "Moved on"},
                 {"remove", "Removed"}, {"merge", "Merged"},   {"recheck", "Checked anew"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ouse_is(op, words[i].op))
            return ouse_s(words[i].said);
    return ouse_title(ctx, op);
}

struct ouse_doc *change_describe(struct view *view, const struct ouse_doc *entry)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = model_collection(view->model, ouse_text(ctx, entry, "collection"));
    struct ouse_doc *change;
    if (!collection || ouse_is(ouse_text(ctx, entry, "op"), "hide"))
        return NULL;
    change = view_link(view, collection->name, ouse_text(ctx, entry, "id"));
    ouse_set(ctx, change, "seq", ouse_member(ctx, entry, "seq"));
    ouse_set_text(ctx, change, "at", ouse_text(ctx, entry, "at"));
    ouse_set_text(ctx, change, "at_text", value_date(ctx, ouse_text(ctx, entry, "at")));
    ouse_set_text(ctx, change, "op", ouse_text(ctx, entry, "op"));
    ouse_set_text(ctx, change, "op_text", said(ctx, ouse_text(ctx, entry, "op")));
    ouse_set_bool(ctx, change, "ended", ouse_is_one(ouse_text(ctx, entry, "op"), "remove merge"));
    ouse_set_text(ctx, change, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, change, "actor", ouse_text(ctx, entry, "actor"));
    ouse_set_text(
        ctx, change, "history_href",
        view_href(view, NULL, "/%s/%.*s/history", collection->name, OUSE_F(ouse_text(ctx, entry, "id"))));
    return change;
}

/* A page of changes, the latest first, with what else the address asks for. */
static struct ouse_doc *ask(struct view *view, struct query *query)
{
    query_set(query, ouse_s("sort"), ouse_s("-seq"));
    return view_ask(view, "-/changes?%.*s", OUSE_F(query_text(view->ctx, query)));
}

/* This page with other changes: those before one, or the latest. */
static struct ouse_str href(struct view *view, struct ouse_str before)
{
    struct query query = view->query;
    query_set(&query, ouse_s("before"), before);
    return view_href_here(view, &query);
}

int changes_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct query query = view->query;
    struct ouse_doc *list = ouse_list(ctx), *answer = ask(view, &query);
    const struct ouse_doc *data = ouse_member(ctx, answer, "data");
    const struct ouse_doc *page = ouse_member(ctx, answer, "page");
    double first = ouse_number(ctx, page, "epoch", 0) + 1, next = ouse_number(ctx, page, "next", first);
    if (!answer)
        return -1;
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        ouse_add(ctx, list, change_describe(view, ouse_at(ctx, data, i)));
    ouse_set(ctx, view->root, "changes", list);
    ouse_set_text(ctx, view->page, "earlier_href",
                  next > first ? href(view, ouse_format(ctx, "%.0f", next)) : ouse_s(NULL));
    ouse_set_text(ctx, view->page, "later_href",
                  query_value(&view->query, "before").p ? href(view, ouse_s(NULL)) : ouse_s(NULL));
    query_set(&query, ouse_s("before"), ouse_s(NULL));
    ouse_set(ctx, view->page, "formats", formats_of(view, FORMAT_CHANGES, NULL, &query, "/-/changes"));
    return 0;
}
