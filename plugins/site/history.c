/* history: what became of a record, the latest first, with the fields that each revision
 * changed.
 */
#include "view.h"

enum { PAGE = 20 };

/* {"value"} of one side of a change; nothing where there is none. */
static struct ouse_doc *describe_side(struct view *view, const struct field *field,
                                      const struct ouse_doc *record)
{
    view->currency = ouse_text(view->ctx, record, "currency");
    struct ouse_doc *value = value_view(view, field, ouse_member(view->ctx, record, field->name));
    struct ouse_doc *side = value ? ouse_object(view->ctx) : NULL;
    ouse_set(view->ctx, side, "value", value);
    return side;
}

static struct ouse_doc *describe_change(struct view *view, const struct field *field,
                                        const struct ouse_doc *before, const struct ouse_doc *after)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *change = ouse_object(ctx);
    ouse_set_text(ctx, change, "name", ouse_s(field->name));
    ouse_set_text(ctx, change, "title", ouse_s(field->title));
    ouse_set_or_null(ctx, change, "before", describe_side(view, field, before));
    ouse_set_or_null(ctx, change, "after", describe_side(view, field, after));
    return change;
}

/* Of the first revision there is nothing before. */
static struct ouse_doc *describe_changes(struct view *view, const struct ouse_doc *before,
                                         const struct ouse_doc *after)
{
    struct ouse_doc *changes = ouse_list(view->ctx);
    for (uint32_t i = 0; i < view->collection->n_fields; i++) {
        const struct field *field = &view->collection->fields[i];
        if (!field->derived && ouse_differs(view->ctx, before, after, field->name))
            ouse_add(view->ctx, changes, describe_change(view, field, before, after));
    }
    return changes;
}

/* The record as it was at an instant, and from there the whole register. */
static struct ouse_str as_of(struct view *view, struct ouse_str at)
{
    struct query query = {.n = 0};
    query_set(&query, ouse_s("as_of"), at);
    return ouse_format(view->ctx, "%s/%s/%.*s?%.*s", view->model->base, view->collection->name,
                       OUSE_F(view->id), OUSE_F(query_text(view->ctx, &query)));
}

static struct ouse_doc *describe_revision(struct view *view, const struct ouse_doc *before,
                                          const struct ouse_doc *after)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *meta = ouse_member(ctx, after, "meta");
    struct ouse_str into = ouse_text(ctx, meta, "merged_into"), at = ouse_text(ctx, meta, "updated");
    struct ouse_doc *revision = ouse_show(ctx, meta, "revision updated removed");
    ouse_set_text(ctx, revision, "updated_text", value_date(ctx, at));
    ouse_set_text(ctx, revision, "as_of_href", as_of(view, at));
    ouse_set_bool(ctx, revision, "first", ouse_number(ctx, meta, "revision", 0) == 1);
    if (into.p)
        ouse_set(ctx, revision, "merged_into", view_link(view, view->collection->name, into));
    else if (ouse_number(ctx, meta, "removed", 0) == 0)
        ouse_set(ctx, revision, "changes", describe_changes(view, before, after));
    ouse_set_bool(ctx, revision, "sources_changed", before && ouse_differs(ctx, before, after, "sources"));
    return revision;
}

static struct ouse_str next_href(struct view *view, const struct ouse_doc *answer)
{
    struct ouse_str next = ouse_text(view->ctx, ouse_member(view->ctx, answer, "page"), "next");
    struct query query = view->query;
    if (!next.p)
        return next;
    query_set(&query, ouse_s("cursor"), next);
    return view_href_here(view, &query);
}

/* One more than a page shows is asked for, so that its last has something to be compared with. */
int history_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    struct query query = view->query;
    struct ouse_doc *history = ouse_object(ctx), *revisions = ouse_list(ctx), *record, *answer;
    const struct ouse_doc *data;
    query_set(&query, ouse_s("limit"), ouse_format(ctx, "%d", PAGE));
    answer = view_ask(view, "%s/%.*s/revisions?%.*s", collection->name, OUSE_F(query_encode(ctx, view->id)),
                      OUSE_F(query_text(ctx, &query)));
    if (!answer)
        return -1;
    data = ouse_member(ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        ouse_add(ctx, revisions, describe_revision(view, ouse_at(ctx, data, i + 1), ouse_at(ctx, data, i)));
    record = view_link(view, collection->name, view->id);
    ouse_set(ctx, view->root, "record", record);
    ouse_set(ctx, history, "revisions", revisions);
    ouse_set_text(ctx, history, "next_href", next_href(view, answer));
    ouse_set(ctx, view->root, "history", history);
    view_label(view);
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    view_crumb(view, ouse_text(ctx, record, "label"), ouse_text(ctx, record, "href"));
    view_title(view, ouse_format(ctx, "History of %.*s", OUSE_F(ouse_text(ctx, record, "label"))));
    return 0;
}
