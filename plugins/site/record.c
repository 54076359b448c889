/* record: the page of one record: its fields and their sources, its parents (trail.c), its
 * referrers (rows.c), and the answer of its main endpoint (answer.c). */
#include "view.h"

static int is_named(const struct field *field, const char *name)
{
    return name && strcmp(field->name, name) == 0;
}

/* Returns whether the heading contains a field: the label and the texts around it, the state; or
 * whether the amounts do, with their currency. */
static int is_in_heading(const struct collection *collection, const struct field *field)
{
    return (collection->labels.n == 1 && is_named(field, collection->labels.at[0])) ||
           is_named(field, collection->state) || is_named(field, collection->honorific) ||
           is_named(field, collection->subtitle) || is_named(field, "currency");
}

struct ouse_doc *record_fields(struct view *view, const struct ouse_doc *record)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *fields = ouse_list(ctx);
    view->currency = ouse_text(ctx, record, "currency");
    for (uint32_t i = 0; i < view->collection->n_fields; i++) {
        const struct field *field = &view->collection->fields[i];
        struct ouse_doc *value = value_view(view, field, ouse_member(ctx, record, field->name)), *shown;
        if (!value || is_in_heading(view->collection, field))
            continue;
        shown = ouse_object(ctx);
        ouse_set_text(ctx, shown, "name", ouse_s(field->name));
        ouse_set_text(ctx, shown, "title", ouse_s(field->title));
        ouse_set_text(ctx, shown, "doc", ouse_s(field->doc));
        ouse_set(ctx, shown, "value", value);
        ouse_add(ctx, fields, shown);
    }
    return fields;
}

/* Returns the state as a tag, or NULL. */
static struct ouse_doc *describe_state(struct view *view, const struct ouse_doc *record)
{
    const char *name = view->collection->state;
    const struct field *field = name ? model_field(view->collection, ouse_s(name)) : NULL;
    const struct ouse_doc *state = ouse_member(view->ctx, record, name);
    return field && state ? ouse_member(view->ctx, value_view(view, field, state), "tag") : NULL;
}

/* "/amount" is the title of the field amount. */
static struct ouse_str title_of(struct view *view, struct ouse_str pointer)
{
    struct ouse_str name;
    const struct field *field;
    if (pointer.n < 2)
        return ouse_s("The record");
    pointer = ouse_format(view->ctx, "%.*s", OUSE_F(pointer));
    name = (struct ouse_str){pointer.p + 1, (uint32_t)strcspn(pointer.p + 1, "/")};
    field = model_field(view->collection, name);
    return field ? ouse_s(field->title) : ouse_title(view->ctx, name);
}

/* The collection that sources come from is whichever one a register has for that. */
static struct ouse_doc *describe_source(struct view *view, const struct ouse_doc *source)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_show(ctx, source, "quote status"), *fields = ouse_list(ctx);
    const struct ouse_doc *pointers = ouse_member(ctx, source, "fields");
    struct ouse_str status = ouse_text(ctx, source, "status");
    ouse_set(ctx, shown, "publication",
             view_link(view, "publications", ouse_text(ctx, source, "publication")));
    if (ouse_is(status, "claimed"))
        ouse_set_bool(ctx, shown, "claimed", 1);
    else if (status.p)
        ouse_set_text(ctx, shown, "status_text", ouse_title(ctx, status));
    for (uint32_t i = 0; i < ouse_count(ctx, pointers); i++)
        ouse_add_text(ctx, fields, title_of(view, ouse_as_text(ctx, ouse_at(ctx, pointers, i))));
    ouse_set(ctx, shown, "fields", fields);
    ouse_set_bool(ctx, shown, "named", ouse_count(ctx, fields) > 0);
    return shown;
}

static struct ouse_doc *describe_sources(struct view *view, const struct ouse_doc *sources)
{
    struct ouse_doc *list = ouse_list(view->ctx);
    for (uint32_t i = 0; i < ouse_count(view->ctx, sources); i++)
        ouse_add(view->ctx, list, describe_source(view, ouse_at(view->ctx, sources, i)));
    return list;
}

/* Returns whether an unchecked source supports the value of a field. */
static int is_claimed(struct ouse_ctx *ctx, const struct ouse_doc *sources, struct ouse_str field)
{
    for (uint32_t i = 0; i < ouse_count(ctx, sources); i++) {
        const struct ouse_doc *source = ouse_at(ctx, sources, i),
                              *fields = ouse_member(ctx, source, "fields");
        for (uint32_t k = 0; k < ouse_count(ctx, fields); k++) {
            struct ouse_str pointer = ouse_as_text(ctx, ouse_at(ctx, fields, k));
            if (ouse_is(ouse_text(ctx, source, "status"), "claimed") && pointer.n == field.n + 1 &&
                memcmp(pointer.p + 1, field.p, field.n) == 0)
                return 1;
        }
    }
    return 0;
}

static void mark_claims(struct ouse_ctx *ctx, struct ouse_doc *fields, const struct ouse_doc *sources)
{
    for (uint32_t i = 0; i < ouse_count(ctx, fields); i++) {
        struct ouse_doc *field = ouse_at(ctx, fields, i);
        ouse_set_bool(ctx, field, "claimed", is_claimed(ctx, sources, ouse_text(ctx, field, "name")));
    }
}

static struct ouse_doc *describe_warnings(struct view *view, const struct ouse_doc *warnings)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, warnings); i++) {
        const struct ouse_doc *warning = ouse_at(ctx, warnings, i);
        struct ouse_doc *shown = ouse_show(ctx, warning, "code detail");
        ouse_set_text(ctx, shown, "field", title_of(view, ouse_text(ctx, warning, "field")));
        ouse_add(ctx, list, shown);
    }
    return list;
}

/* Pages that are computed from the record. */
static struct ouse_doc *describe_answers(struct view *view)
{
    struct ouse_doc *list = ouse_list(view->ctx);
    for (uint32_t i = 0; i < view->model->n_endpoints; i++) {
        const struct endpoint *is = &view->model->endpoints[i];
        if (is->of_record && !is->is_main && strcmp(is->collection, view->collection->name) == 0)
            view_add_link(view, list, ouse_title(view->ctx, ouse_s(is->name)),
                          view_href(view, NULL, "/%s/%.*s/%s", is->collection, OUSE_F(view->id), is->name));
    }
    return list;
}

static struct ouse_doc *describe_meta(struct view *view, const struct ouse_doc *meta)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_show(ctx, meta, "revision visibility created updated");
    ouse_set_text(ctx, shown, "created_text", value_date(ctx, ouse_text(ctx, meta, "created")));
    ouse_set_text(ctx, shown, "updated_text", value_date(ctx, ouse_text(ctx, meta, "updated")));
    ouse_set_bool(ctx, shown, "restricted", !ouse_is(ouse_text(ctx, meta, "visibility"), "public"));
    return shown;
}

/* "Dr Ada Lovelace", "Ageing well: a study": the label with the texts around it. */
static struct ouse_str heading_of(struct view *view, const struct ouse_doc *record, struct ouse_str label)
{
    const struct collection *collection = view->collection;
    struct ouse_str before =
        collection->honorific ? ouse_text(view->ctx, record, collection->honorific) : ouse_s(NULL);
    struct ouse_str after =
        collection->subtitle ? ouse_text(view->ctx, record, collection->subtitle) : ouse_s(NULL);
    return ouse_format(view->ctx, "%.*s%s%.*s%s%.*s", OUSE_F(before), before.n ? " " : "", OUSE_F(label),
                       after.n ? ": " : "", OUSE_F(after));
}

int record_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    struct ouse_doc *record =
        view_ask(view, "%s/%.*s", collection->name, OUSE_F(query_encode(ctx, view->id)));
    struct ouse_doc *shown, *fields;
    const struct ouse_doc *sources;
    if (!record)
        return -1;
    shown = view_link(view, collection->name, view->id);
    ouse_set(ctx, view->root, "record", shown);
    ouse_set_text(ctx, shown, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, shown, "history_href",
                  view_href(view, NULL, "/%s/%.*s/history", collection->name, OUSE_F(view->id)));
    fields = record_fields(view, record);
    sources = ouse_member(ctx, record, "sources");
    mark_claims(ctx, fields, sources);
    ouse_set(ctx, shown, "fields", fields);
    ouse_set_or_null(ctx, shown, "state", describe_state(view, record));
    ouse_set(ctx, shown, "sources", describe_sources(view, sources));
    ouse_set_bool(ctx, shown, "sourced", ouse_count(ctx, sources) > 0);
    ouse_set(ctx, shown, "meta", describe_meta(view, ouse_member(ctx, record, "meta")));
    ouse_set(ctx, shown, "warnings",
             describe_warnings(view, ouse_member(ctx, ouse_member(ctx, record, "meta"), "warnings")));
    trail_fill(view, record);
    rows_fill(view, shown);
    ouse_set(ctx, shown, "answers", describe_answers(view));
    answer_fill_main(view);
    apply_offer(view, record);
    charts_fill_small(view);
    ouse_set_bool(ctx, shown, "answered", ouse_count(ctx, ouse_member(ctx, shown, "answers")) > 0);
    ouse_set(ctx, view->page, "related", related_lists(view));
    ouse_set(ctx, view->page, "formats",
             formats_of(view, FORMAT_RECORD, collection->name, NULL,
                        ouse_format(ctx, "/%s/%.*s", collection->name, OUSE_F(view->id)).p));
    view_label(view);
    ouse_set_text(ctx, shown, "heading", heading_of(view, record, ouse_text(ctx, shown, "label")));
    view_title(view, ouse_text(ctx, shown, "heading"));
    return 0;
}
