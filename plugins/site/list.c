/* list: the records of a collection, as a table that can be filtered, sorted and paged. The
 * whole state of the page is its address, and the same question leads to the data.
 */
#include "counted.h"
#include "filters.h"
#include "stock.h"
#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 4, PAGE = 25 }; /* columns next to the label */

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

/* The field that orders the labels: the family name of people, else the first field of the label. NULL if
 * the list cannot be sorted by it. */
static const struct field *label_order(const struct collection *collection)
{
    const struct field *field = model_field(collection, ouse_s("family_name"));
    if (!field && collection->labels.n)
        field = model_field(collection, ouse_s(collection->labels.at[0]));
    return field && is_sortable(field) ? field : NULL;
}

/* Returns the order of the list: the one that the address names, else the order of labels; no text if there
 * is neither. */
static struct ouse_str order_of(const struct view *view)
{
    struct ouse_str order = query_value(&view->query, "sort");
    const struct field *label = label_order(view->collection);
    return order.p ? order : ouse_s(label ? label->name : NULL);
}

/* Gives a series the last column if it has none: the records are measured, and readers look for the
 * measure. If the records have a state, readers look for that, and the columns stay as they are. */
static void show_series(const struct collection *collection, const struct field *columns[COLUMNS], uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(columns[i]->type, "enum") == 0)
            return;
    for (uint32_t i = 0; i < collection->n_fields && n == COLUMNS; i++)
        if (strcmp(collection->fields[i].type, "series") == 0) {
            columns[COLUMNS - 1] = &collection->fields[i];
            return;
        }
}

/* The fields in the table next to the label and the field that orders it: those that can be filtered first,
 * then others, each in declared order. */
static uint32_t choose_columns(const struct collection *collection, const struct field *columns[COLUMNS])
{
    const struct field *order = label_order(collection);
    uint32_t n = 0;
    for (int indexed = 1; indexed >= 0; indexed--)
        for (uint32_t i = 0; i < collection->n_fields && n < COLUMNS; i++) {
            const struct field *field = &collection->fields[i];
            int asked_for = field->indexed || field_refers(field) || field->derived;
            if (is_brief(field) && asked_for == indexed && field != order &&
                !words_have(&collection->labels, ouse_s(field->name)))
                columns[n++] = field;
        }
    show_series(collection, columns, n);
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
    struct ouse_str sorted = order_of(view);
    ouse_set_text(ctx, column, "name", ouse_s(field->name));
    ouse_set_text(ctx, column, "title", ouse_s(field->title));
    ouse_set_bool(ctx, column, "ascending", ouse_is(sorted, field->name));
    ouse_set_bool(ctx, column, "descending",
                  sorted.n > 1 && ouse_is((struct ouse_str){sorted.p + 1, sorted.n - 1}, field->name));
    ouse_set_text(ctx, column, "sort_href",
                  is_sortable(field) ? sort_href(view, field->name, sorted) : ouse_s(NULL));
    return column;
}

/* The names of the two directions of an order, by the type of its field. */
static const struct {
    const char *type, *up, *down;
} directions[] = {
    {"text", "A to Z", "Z to A"},
    {"enum", "A to Z", "Z to A"},
    {"date", "earliest first", "latest first"},
    {"pdate", "earliest first", "latest first"},
    {"bool", "no first", "yes first"},
    {"", "smallest first", "largest first"},
};

/* Adds one order of a field to the choices of "Sort by". */
static void add_order(struct view *view, struct ouse_doc *orders, const struct field *field,
                      const char *title, int down)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *order = ouse_object(ctx);
    struct ouse_str value = ouse_format(ctx, "%s%s", down ? "-" : "", field->name);
    size_t i = 0;
    while (*directions[i].type && strcmp(directions[i].type, field->type) != 0)
        i++;
    ouse_set_text(ctx, order, "value", value);
    ouse_set_text(ctx, order, "label",
                  ouse_format(ctx, "%s, %s", title, down ? directions[i].down : directions[i].up));
    ouse_set_bool(ctx, order, "chosen", ouse_same(value, order_of(view)));
    ouse_add(ctx, orders, order);
}

/* Adds both orders of a field, if it has any. */
static void add_orders(struct view *view, struct ouse_doc *orders, const struct field *field,
                       const char *title)
{
    if (is_sortable(field))
        for (int down = 0; down < 2; down++)
            add_order(view, orders, field, title, down);
}

/* The column of labels is sorted by the field that orders them, and called as the label is. */
static void describe_columns(struct view *view, struct ouse_doc *list, const struct field *const *columns,
                             uint32_t n)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_list(ctx), *orders = ouse_list(ctx);
    const struct collection *collection = view->collection;
    const struct field *order = label_order(collection);
    const struct field *label =
        collection->labels.n ? model_field(collection, ouse_s(collection->labels.at[0])) : NULL;
    if (order) {
        struct ouse_doc *column = describe_column(view, order);
        ouse_set_text(ctx, column, "title", ouse_s(label->title));
        ouse_set(ctx, list, "label_column", column);
        add_orders(view, orders, order, label->title);
    }
    for (uint32_t i = 0; i < n; i++) {
        ouse_add(ctx, shown, describe_column(view, columns[i]));
        add_orders(view, orders, columns[i], columns[i]->title);
    }
    ouse_set(ctx, list, "columns", shown);
    ouse_set(ctx, list, "orders", orders);
    ouse_set_bool(ctx, list, "ordered", ouse_count(ctx, orders) > 0);
}

/* Describes a value. A series has a chart of its trend, and its last value. */
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
    view->currency = ouse_text(ctx, record, "currency");
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

/* ---- The query, and the next pages
 * ------------------------------------------------------------------- */

/* Returns the address of another page of the list; its first row has this number. */
static struct ouse_str page_href(struct view *view, struct ouse_str cursor, double row)
{
    struct query query = view->query;
    query_set(&query, ouse_s("cursor"), cursor);
    query_set(&query, ouse_s("row"), row > 1 ? ouse_format(view->ctx, "%.0f", row) : ouse_s(NULL));
    return view_href_here(view, &query);
}

/* How many there are: as counted for this page, or last for the collection or for the one value that is
 * chosen. Below 0 if that is not known. */
static double count_all(struct view *view, const struct ouse_doc *page)
{
    double counted = ouse_number(view->ctx, page, "count", -1);
    if (counted >= 0)
        return counted;
    return filters_any(view) ? counted_list(view, view->collection, &view->query)
                             : stock_count(view, view->collection);
}

/* Sets "1 to 25 of 281 projects", or "281 projects" if they are all on this page; "More than 100
 * projects" if the count is unknown. */
static void describe_count(struct view *view, struct ouse_doc *list, const struct ouse_doc *page, double row,
                           int more)
{
    struct ouse_ctx *ctx = view->ctx;
    double count = count_all(view, page), shown = ouse_count(ctx, ouse_member(ctx, list, "rows"));
    int parted = shown > 0 && (more || row > 1);
    ouse_set_text(ctx, list, "count", count >= 0 ? value_number(ctx, count, 0) : ouse_s(NULL));
    ouse_set_text(ctx, list, "counted", value_records(ctx, view->collection, count));
    ouse_set_bool(ctx, list, "uncounted", count < 0 && parted);
    if (parted)
        ouse_set_text(ctx, list, "range",
                      ouse_format(ctx, "%.*s to %.*s", OUSE_F(value_number(ctx, row, 0)),
                                  OUSE_F(value_number(ctx, row + shown - 1, 0))));
}

static void describe_page(struct view *view, struct ouse_doc *list, const struct ouse_doc *page)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str next = ouse_text(ctx, page, "next"), cursor = query_value(&view->query, "cursor");
    struct ouse_str at = query_value(&view->query, "row");
    double row = cursor.p && at.p ? fmax(1, floor(strtod(at.p, NULL))) : 1;
    double shown = ouse_count(ctx, ouse_member(ctx, list, "rows"));
    int cut = ouse_number(ctx, page, "cut", 0) != 0;
    describe_count(view, list, page, row, next.p != NULL);
    ouse_set_text(ctx, list, "next_href", next.p ? page_href(view, next, row + shown) : ouse_s(NULL));
    ouse_set_text(ctx, list, "first_href", cursor.p ? page_href(view, ouse_s(NULL), 1) : ouse_s(NULL));
    ouse_set_bool(ctx, list, "cut", cut);
    ouse_set_bool(ctx, list, "none", !cut && !ouse_number(ctx, list, "any", 0));
    ouse_set_bool(ctx, list, "narrowed", filters_any(view));
    ouse_set_bool(ctx, list, "more", next.p || cursor.p);
}

/* The same question in other formats, all of it and not only this page. */
static void add_formats(struct view *view)
{
    const char *name = view->collection->name;
    struct query query = view->query;
    query_set(&query, ouse_s("cursor"), ouse_s(NULL));
    query_set(&query, ouse_s("limit"), ouse_s(NULL));
    query_set(&query, ouse_s("row"), ouse_s(NULL));
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
    query_set(&query, ouse_s("sort"), order_of(view));
    query_set(&query, ouse_s("row"), ouse_s(NULL));
    if (filters_any(view)) {
        query_set(&query, ouse_s("facet"), filters_names(view->ctx, view->collection));
        query_set(&query, ouse_s("count"), ouse_s(stock_is_small(view, view->collection) ? "exact" : "few"));
    }
    return view_ask(view, "%s?%.*s", view->collection->name, OUSE_F(query_text(view->ctx, &query)));
}

/* Describes the choices: as counted for this page, and in the whole of the collection as it is now. */
static void describe_filters(struct view *view, struct ouse_doc *list, const struct ouse_doc *counted)
{
    const struct collection *collection = view->collection;
    struct facets facets = {.counted = counted};
    if (!view->as_of.p)
        facets.whole = stock_is_small(view, collection) ? stock_facets(view, collection)
                                                        : stock_choices(view, collection, !filters_any(view));
    if (!facets.counted)
        facets.counted = facets.whole;
    filters_describe(view, list, &facets);
}

/* Fills the rows of the table, and the rest of the answer of the API. */
static int fill_rows(struct view *view, struct ouse_doc *list, const struct field *const *columns, uint32_t n)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *rows = ouse_list(ctx), *answer = ask(view);
    const struct ouse_doc *data = ouse_member(ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        ouse_add(ctx, rows, describe_row(view, ouse_at(ctx, data, i), columns, n));
    ouse_set(ctx, list, "rows", rows);
    ouse_set_bool(ctx, list, "any", ouse_count(ctx, rows) > 0);
    if (!answer)
        return -1;
    describe_filters(view, list, ouse_member(ctx, answer, "facets"));
    describe_page(view, list, ouse_member(ctx, answer, "page"));
    return 0;
}

/* Shows an invalid form again, with the input; there is no list until it is corrected. */
static void fill_form(struct view *view, struct ouse_doc *list)
{
    view->status = 400;
    ouse_set(view->ctx, list, "mistakes", filters_mistakes(view));
    ouse_set_bool(view->ctx, list, "mistaken", 1);
    describe_filters(view, list, NULL);
    view_title(view, ouse_format(view->ctx, "Error: %s", view->collection->title));
}

int list_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    const struct field *columns[COLUMNS];
    uint32_t n = choose_columns(collection, columns);
    struct ouse_doc *list = ouse_object(ctx);
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    view_title(view, ouse_s(collection->title));
    ouse_set_text(ctx, list, "name", ouse_s(collection->name));
    ouse_set_text(ctx, list, "title", ouse_s(collection->title));
    ouse_set_text(ctx, list, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, list, "doc", ouse_s(collection->doc));
    ouse_set_text(ctx, list, "href", view_href(view, NULL, "/%s", collection->name));
    ouse_set_text(ctx, list, "q", query_value(&view->query, "q"));
    ouse_set_bool(ctx, list, "searchable", filters_searchable(view));
    if (!filters_read(view))
        fill_form(view, list);
    else if (fill_rows(view, list, columns, n))
        return -1;
    ouse_set_text(ctx, list, "sort", order_of(view));
    describe_columns(view, list, columns, n);
    ouse_set(ctx, list, "active", filters_active(view));
    ouse_set(ctx, view->root, "list", list);
    add_formats(view);
    return 0;
}
