/* related: the lists that belong to a record, with how many records they have and as spreadsheets: those that
 * refer to it over a path ("projects of this hub"), and those that an answer shows a part of.
 */
#include "counted.h"

/* {"title", "name", "href", "sheet_href"} at the end of a list, for the records of a collection that have a
 * filter.
 */
static void add(struct view *view, struct ouse_doc *list, const struct collection *of,
                const struct query *query, struct ouse_str title)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *one = ouse_object(ctx);
    ouse_set_text(ctx, one, "title", title);
    ouse_set_text(ctx, one, "name", ouse_s(of->title));
    ouse_set_text(ctx, one, "href", view_href(view, query, "/%s", of->name));
    ouse_set_text(ctx, one, "sheet_href", formats_sheet(view, query, ouse_format(ctx, "/%s", of->name).p));
    ouse_add(ctx, list, one);
}

/* The filter of a field for the record of the page. */
static struct query filter_of(struct view *view, const struct field *field)
{
    struct query query = {.n = 0};
    query_set(&query, ouse_s(field->name),
              field->qualified ? ouse_format(view->ctx, "%s/%.*s", view->collection->name, OUSE_F(view->id))
                               : view->id);
    return query;
}

struct ouse_doc *related_lists(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    for (uint32_t i = 0; i < view->model->n_collections; i++) {
        const struct collection *of = &view->model->collections[i];
        for (uint32_t k = 0; of->subject && k < of->n_paths; k++) {
            const struct field *path = &of->paths[k];
            struct query query = filter_of(view, path);
            double count = field_refers_to(path, view->collection->name) ? counted_list(view, of, &query) : 0;
            if (count > 0)
                add(view, list, of, &query,
                    ouse_format(ctx, "%s by %s (%.*s)", of->title, path->title,
                                OUSE_F(value_number(ctx, count, 0))));
        }
    }
    return list;
}

void related_group(struct view *view, struct ouse_doc *group)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *of = model_collection(view->model, ouse_text(ctx, group, "collection"));
    struct ouse_str filter = ouse_text(ctx, group, "filter"),
                    total = value_number(ctx, ouse_number(ctx, group, "count", 0), 0);
    struct ouse_doc *list = ouse_list(ctx);
    struct query query = {.n = 0};
    uint32_t n = 0;
    if (filter.p)
        query_read(ctx, filter, &query);
    if (filter.p && ouse_number(ctx, group, "count", 0) > 1)
        add(view, list, of, &query, ouse_format(ctx, "All %.*s", OUSE_F(total)));
    for (uint32_t i = 0; i < of->n_fields; i++)
        n += (uint32_t)(!filter.p && field_refers_to(&of->fields[i], view->collection->name));
    for (uint32_t i = 0; n && i < of->n_fields; i++) {
        const struct field *field = &of->fields[i];
        if (!field_refers_to(field, view->collection->name))
            continue;
        query = filter_of(view, field);
        double count = counted_list(view, of, &query);
        if (count > 1)
            add(view, list, of, &query,
                ouse_format(ctx, n == 1 ? "All %.*s" : "All %.*s by %s", OUSE_F(value_number(ctx, count, 0)),
                            field->title));
    }
    ouse_set(ctx, group, "all", list);
}
