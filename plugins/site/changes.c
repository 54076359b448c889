/* changes: what changed in the register, the latest first. */
#include "view.h"
#include <stdlib.h>

enum { PAGE = 50 };

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
    ouse_set_text(ctx, change, "op_text", said(ctx, ouse_text(ctx, entry, "op")));
    ouse_set_text(ctx, change, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, change, "actor", ouse_text(ctx, entry, "actor"));
    ouse_set_text(
        ctx, change, "history_href",
        view_href(view, NULL, "/%s/%.*s/history", collection->name, OUSE_F(ouse_text(ctx, entry, "id"))));
    return change;
}

static struct ouse_doc *ask(struct view *view, const char *since, uint64_t value)
{
    struct query query = view->query;
    query_set(&query, ouse_s("before"), ouse_s(NULL));
    query_set(&query, ouse_s(since), ouse_format(view->ctx, "%llu", (unsigned long long)value));
    return view_ask(view, "-/changes?%.*s", OUSE_F(query_text(view->ctx, &query)));
}

static struct ouse_str href(struct view *view, uint64_t before)
{
    struct query query = view->query;
    query_set(&query, ouse_s("before"), ouse_format(view->ctx, "%llu", (unsigned long long)before));
    return view_href_here(view, &query);
}

/* A page is what lies in a stretch of sequences, seen or not, so that it is found without looking at others.
 */
int changes_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str given = query_value(&view->query, "before");
    struct ouse_doc *list = ouse_list(ctx), *answer = ask(view, "limit", 1);
    uint64_t last, before, since;
    const struct ouse_doc *data;
    if (!answer)
        return -1;
    last = (uint64_t)ouse_number(ctx, ouse_member(ctx, answer, "page"), "last", 0);
    before = given.p ? strtoull(given.p, NULL, 10) : last + 1;
    if (before == 0 || before > last + 1)
        return view_fail(view, 400, "There is no change %.*s to look before; the last is %llu", OUSE_F(given),
                         (unsigned long long)last);
    since = before > PAGE ? before - PAGE - 1 : 0;
    answer = ask(view, "since", since);
    if (!answer)
        return -1;
    data = ouse_member(ctx, answer, "data");
    for (uint32_t i = ouse_count(ctx, data); i-- > 0;)
        if (ouse_number(ctx, ouse_at(ctx, data, i), "seq", 0) < (double)before)
            ouse_add(ctx, list, describe_change(view, ouse_at(ctx, data, i)));
    ouse_set(ctx, view->root, "changes", list);
    ouse_set_text(ctx, view->page, "earlier_href", since ? href(view, since + 1) : ouse_s(NULL));
    ouse_set_text(ctx, view->page, "later_href",
                  before <= last ? href(view, before + PAGE < last + 1 ? before + PAGE : last + 1)
                                 : ouse_s(NULL));
    return 0;
}
