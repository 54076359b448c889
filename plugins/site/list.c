/* list: the records of a collection, as a table that can be filtered, sorted and paged. The
 * whole state of the page is its address, and the same question leads to the data.
 */
#include "filters.h"
#include "stock.h"

enum { COLUMNS = 5, PAGE = 25 };

/* ---- Columns ------------------------------------------------------------------------------------ */

static int is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* Whether a field can stand in a cell. */
static int is_brief(const struct field *field)
{
    static const char *const types[] = {"text",  "enum", "bool", "int",  "money",  "date",
                                        "pdate", "qty",  "ref",  "refs", "series", NULL};
    return is_one_of(field->type, types);
}

static int is_sortable(const struct field *field)
{
    static const char *const types[] = {"text", "enum",  "bool", "int", "money",
                                        "date", "pdate", "qty",  "url", NULL};
    return field->indexed && is_one_of(field->type, types);
}

/* The fields in the table beside the label, which is made of label fields: those that can be asked
 * for first, then others, each in declared order. */
static uint32_t choose_columns(const struct collection *collection, const struct field *columns[COLUMNS])
{
    uint32_t n = 0;
    for (int indexed = 1; indexed >= 0; indexed--)
        for (uint32_t i = 0; i < collection->n_fields && n < COLUMNS; i++) {
            const struct field *field = &collection->fields[i];
            int asked_for = field->indexed || field_refers(field) || field->derived;
            if (is_brief(field) && asked_for == indexed &&
                !words_have(&collection->labels, ouse_s(field->name)))
                columns[n++] = field;
        }
    return n;
}

/* The address that sorts by a field, or the other way round. */
static struct ouse_str sort_href(struct view *view, const char *name, struct ouse_str sorted)
{
    struct query query = view->query;
    query_set(&query, ouse_s("cursor"), ouse_s(NULL));
    query_set(&query, ouse_s("sort"),
              ouse_is(sorted, name) ? ouse_format(view->ctx, "-%s", name) : ouse_s(name));
    return view_href_here(view, &query);
}

static struct ouse_doc *describe_column(struct view *view, const struct field *field)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *column = ouse_object(ctx);
    struct ouse_str sorted = query_value(&view->query, "sort");
    ouse_set_text(ctx, column, "name", ouse_s(field->name));
    ouse_set_text(ctx, column, "title", ouse_s(field->title));
    ouse_set_bool(ctx, column, "ascending", ouse_is(sorted, field->name));
    ouse_set_bool(ctx, column, "descending",
                  sorted.n > 1 && ouse_is((struct ouse_str){sorted.p + 1, sorted.n - 1}, field->name));
    ouse_set_text(ctx, column, "sort_href",
                  is_sortable(field) ? sort_href(view, field->name, sorted) : ouse_s(NULL));
    return column;
}

/* The column of labels is sorted by the first label field. */
static void describe_columns(struct view *view, struct ouse_doc *list, const struct field *const *columns,
                             uint32_t n)
{
    struct ouse_doc *shown = ouse_list(view->ctx);
    const struct collection *collection = view->collection;
    const struct field *label =
        collection->labels.n ? model_field(collection, ouse_s(collection->labels.at[0])) : NULL;
    if (label)
        ouse_set(view->ctx, list, "label_column", describe_column(view, label));
    for (uint32_t i = 0; i < n; i++)
        ouse_add(view->ctx, shown, describe_column(view, columns[i]));
    ouse_set(view->ctx, list, "columns", shown);
}

/* A series is shown as it went, and by its last value. */
static struct ouse_doc *describe_value(struct view *view, const struct field *field,
                                       const struct ouse_doc *record)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *value = ouse_member(ctx, record, field->name);
    struct ouse_doc *shown = value_view(view, field, value);
    if (!shown || strcmp(field->type, "series") != 0)
        return shown;
    ouse_set_null(ctx, shown, "series");
    ouse_set_text(ctx, shown, "spark", charts_of_series(view, field, ouse_text(ctx, record, "id"), value));
    return shown;
}

static struct ouse_doc *describe_row(struct view *view, const struct ouse_doc *record,
                                     const struct field *const *columns, uint32_t n)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *row = view_link(view, view->collection->name, ouse_text(ctx, record, "id"));
    struct ouse_doc *cells = ouse_list(ctx);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *cell = ouse_object(ctx);
        ouse_set_text(ctx, cell, "title", ouse_s(columns[i]->title));
        ouse_set_or_null(ctx, cell, "value", describe_value(view, columns[i], record));
        ouse_set_text(ctx, cell, "absent",
                      ouse_s(strcmp(columns[i]->type, "money") == 0 ? "Not disclosed" : "Not known"));
        ouse_add(ctx, cells, cell);
    }
    ouse_set(ctx, row, "cells", cells);
    return row;
}

/* ---- What is asked, and how it goes on ----------------------------------------------------------------- */

static struct ouse_str page_href(struct view *view, struct ouse_str cursor)
{
    struct query query = view->query;
    query_set(&query, ouse_s("cursor"), cursor);
    return view_href_here(view, &query);
}

static void describe_page(struct view *view, struct ouse_doc *list, const struct ouse_doc *page)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str next = ouse_text(ctx, page, "next");
    int cut = ouse_number(ctx, page, "cut", 0) != 0;
    double count =
        ouse_number(ctx, page, "count", filters_any(view) ? -1 : stock_count(view, view->collection));
    ouse_set_text(ctx, list, "count", count >= 0 ? value_number(ctx, count, 0) : ouse_s(NULL));
    ouse_set_bool(ctx, list, "one", count == 1);
    ouse_set_text(ctx, list, "next_href", next.p ? page_href(view, next) : ouse_s(NULL));
    ouse_set_text(ctx, list, "first_href",
                  query_value(&view->query, "cursor").p ? page_href(view, ouse_s(NULL)) : ouse_s(NULL));
    ouse_set_bool(ctx, list, "cut", cut);
    ouse_set_bool(ctx, list, "none", !cut && !ouse_number(ctx, list, "any", 0));
    ouse_set_bool(ctx, list, "more", next.p || query_value(&view->query, "cursor").p);
}

/* The same question in other formats, all of it and not only this page. */
static void add_formats(struct view *view)
{
    const char *name = view->collection->name;
    struct query query = view->query;
    query_set(&query, ouse_s("cursor"), ouse_s(NULL));
    query_set(&query, ouse_s("limit"), ouse_s(NULL));
    ouse_set(view->ctx, view->page, "formats",
             formats_of(view, FORMAT_LIST, name, &query, ouse_format(view->ctx, "/%s", name).p));
}

/* One page of the list and, under filters, how many there are: of a large collection only where these
 * leave a few. */
static struct ouse_doc *ask(struct view *view)
{
    struct query query = view->query;
    if (!query_value(&query, "limit").p)
        query_set(&query, ouse_s("limit"), ouse_format(view->ctx, "%d", PAGE));
    if (filters_any(view)) {
        query_set(&query, ouse_s("facet"), filters_names(view->ctx, view->collection));
        query_set(&query, ouse_s("count"), ouse_s(stock_is_small(view, view->collection) ? "exact" : "few"));
    }
    return view_ask(view, "%s?%.*s", view->collection->name, OUSE_F(query_text(view->ctx, &query)));
}

/* What can be chosen: as it was counted for this page, or for the whole of the collection. */
static void describe_filters(struct view *view, struct ouse_doc *list, const struct ouse_doc *counted)
{
    const struct collection *collection = view->collection;
    int whole = !filters_any(view);
    if (whole && stock_is_small(view, collection))
        counted = stock_facets(view, collection);
    filters_describe(view, list, counted ? counted : stock_choices(view, collection, whole), counted != NULL);
}

static int is_searchable(const struct view *view)
{
    for (uint32_t i = 0; i < view->collection->n_fields; i++)
        if (view->collection->fields[i].searchable)
            return model_has_plugin(view->model, "search");
    return 0;
}

int list_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    const struct field *columns[COLUMNS];
    uint32_t n = choose_columns(collection, columns);
    struct ouse_doc *list = ouse_object(ctx), *rows = ouse_list(ctx), *answer = ask(view);
    const struct ouse_doc *data = ouse_member(ctx, answer, "data");
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    view_title(view, ouse_s(collection->title));
    if (!answer)
        return -1;
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        ouse_add(ctx, rows, describe_row(view, ouse_at(ctx, data, i), columns, n));
    ouse_set_text(ctx, list, "name", ouse_s(collection->name));
    ouse_set_text(ctx, list, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, list, "doc", ouse_s(collection->doc));
    ouse_set_text(ctx, list, "href", view_href(view, NULL, "/%s", collection->name));
    ouse_set_text(ctx, list, "sort", query_value(&view->query, "sort"));
    ouse_set_text(ctx, list, "q", query_value(&view->query, "q"));
    ouse_set_bool(ctx, list, "searchable", is_searchable(view));
    describe_columns(view, list, columns, n);
    ouse_set(ctx, list, "rows", rows);
    ouse_set_bool(ctx, list, "any", ouse_count(ctx, rows) > 0);
    describe_filters(view, list, ouse_member(ctx, answer, "facets"));
    ouse_set(ctx, list, "active", filters_active(view));
    describe_page(view, list, ouse_member(ctx, answer, "page"));
    ouse_set(ctx, view->root, "list", list);
    add_formats(view);
    return 0;
}
