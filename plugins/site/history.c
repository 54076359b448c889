/* history: the revisions of a record, the latest first, with the fields that each one changed. */
#include "view.h"

enum { PAGE = 20 };

/* Of the first revision there is nothing before. */
static struct ouse_doc *describe_changes(struct view *view, const struct ouse_doc *before,
                                         const struct ouse_doc *after)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *changes = ouse_list(ctx);
    struct difference versions = {.from_currency = ouse_text(ctx, before, "currency"),
                                  .to_currency = ouse_text(ctx, after, "currency")};
    for (uint32_t i = 0; i < view->collection->n_fields; i++) {
        const struct field *field = &view->collection->fields[i];
        if (field->derived || !ouse_differs(ctx, before, after, field->name))
            continue;
        versions.from = ouse_member(ctx, before, field->name);
        versions.to = ouse_member(ctx, after, field->name);
        struct ouse_doc *change = difference_of(view, field, &versions);
        ouse_set_bool(ctx, change, "first", before == NULL);
        ouse_add(ctx, changes, change);
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

/* The words of a label field: of a reference, the label of the record that it leads to. */
static struct ouse_str label_part(struct view *view, const struct field *field, const struct ouse_doc *record)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *value = value_view(view, field, ouse_member(ctx, record, field->name));
    struct ouse_doc *link = ouse_member(ctx, value, "link");
    if (!link)
        return ouse_text(ctx, value, "text");
    view_label(view);
    return ouse_text(ctx, link, "label");
}

/* The label of a revision, which may be of a record that is no more: the first of its label fields if that is
 * a text, else all of them. */
static struct ouse_str label_of(struct view *view, const struct collection *of, const struct ouse_doc *record)
{
    struct ouse_str all = ouse_s(NULL);
    for (uint32_t i = 0; i < of->labels.n; i++) {
        const struct field *field = model_field(of, ouse_s(of->labels.at[i]));
        struct ouse_str part = field ? label_part(view, field, record) : ouse_s(NULL);
        if (!part.p)
            continue;
        if (!all.p && strcmp(field->type, "text") == 0)
            return part;
        all = all.p ? ouse_format(view->ctx, "%.*s, %.*s", OUSE_F(all), OUSE_F(part)) : part;
    }
    return all.p ? all : ouse_text(view->ctx, record, "id");
}

/* Returns the label of the newest of some revisions that has a label: the last one of a removed
 * record has no label. */
static struct ouse_str last_label(struct view *view, const struct collection *of,
                                  const struct ouse_doc *revisions)
{
    struct ouse_ctx *ctx = view->ctx;
    for (uint32_t i = 0; i < ouse_count(ctx, revisions); i++) {
        const struct ouse_doc *revision = ouse_at(ctx, revisions, i),
                              *meta = ouse_member(ctx, revision, "meta");
        if (!ouse_number(ctx, meta, "removed", 0) && !ouse_text(ctx, meta, "merged_into").p)
            return label_of(view, of, revision);
    }
    return ouse_s(NULL);
}

struct ouse_str history_label(struct view *view, const struct collection *of, struct ouse_str id)
{
    struct ouse_doc *answer =
        view_try(view, "%s/%.*s/revisions?limit=2", of->name, OUSE_F(query_encode(view->ctx, id)));
    return last_label(view, of, ouse_member(view->ctx, answer, "data"));
}

/* The revision before the last one of a page; NULL if that is the first. */
static const struct ouse_doc *revision_after(struct view *view, const struct ouse_doc *answer)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str next = ouse_text(ctx, ouse_member(ctx, answer, "page"), "next");
    if (!next.p)
        return NULL;
    return ouse_at(ctx,
                   ouse_member(ctx,
                               view_try(view, "%s/%.*s/revisions?limit=1&cursor=%.*s", view->collection->name,
                                        OUSE_F(query_encode(ctx, view->id)), OUSE_F(next)),
                               "data"),
                   0);
}

/* Describes the record of the page: a link; for a removed record, its last label. */
static struct ouse_doc *describe_record(struct view *view, const struct ouse_doc *revisions)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *record = view_link(view, view->collection->name, view->id);
    view_label(view);
    if (!ouse_text(ctx, record, "href").p)
        ouse_set_text(ctx, record, "label", last_label(view, view->collection, revisions));
    return record;
}

int history_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    struct query query = view->query;
    struct ouse_doc *history = ouse_object(ctx), *revisions = ouse_list(ctx), *record, *answer;
    const struct ouse_doc *data, *before;
    query_set(&query, ouse_s("limit"), ouse_format(ctx, "%d", PAGE));
    answer = view_ask(view, "%s/%.*s/revisions?%.*s", collection->name, OUSE_F(query_encode(ctx, view->id)),
                      OUSE_F(query_text(ctx, &query)));
    if (!answer)
        return -1;
    data = ouse_member(ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++) {
        before = i + 1 < ouse_count(ctx, data) ? ouse_at(ctx, data, i + 1) : revision_after(view, answer);
        ouse_add(ctx, revisions, describe_revision(view, before, ouse_at(ctx, data, i)));
    }
    record = describe_record(view, data);
    ouse_set(ctx, view->root, "record", record);
    ouse_set(ctx, history, "revisions", revisions);
    ouse_set_text(ctx, history, "next_href", next_href(view, answer));
    ouse_set(ctx, view->root, "history", history);
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    view_crumb(view, ouse_text(ctx, record, "label"), ouse_text(ctx, record, "href"));
    view_title(view, ouse_format(ctx, "History of %.*s", OUSE_F(ouse_text(ctx, record, "label"))));
    return 0;
}
