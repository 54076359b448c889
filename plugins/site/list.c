/* list: the records of a collection, as a table that can be filtered, sorted and paged. The
 * whole state of the page is its address, and the same question leads to the data.
 */
#include "stock.h"

enum { COLUMNS = 5, PAGE = 25, FACETS = 6 };

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
    static const char *const types[] = {"text",  "enum", "bool", "int",  "money", "date",
                                        "pdate", "qty",  "ref",  "refs", NULL};
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

static struct ouse_doc *describe_row(struct view *view, const struct ouse_doc *record,
                                     const struct field *const *columns, uint32_t n)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *row = view_link(view, view->collection->name, ouse_text(ctx, record, "id"));
    struct ouse_doc *cells = ouse_list(ctx);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *cell = ouse_object(ctx);
        ouse_set_text(ctx, cell, "title", ouse_s(columns[i]->title));
        ouse_set_or_null(ctx, cell, "value",
                         value_view(view, columns[i], ouse_member(ctx, record, columns[i]->name)));
        ouse_add(ctx, cells, cell);
    }
    ouse_set(ctx, row, "cells", cells);
    return row;
}

/* ---- Filters ---------------------------------------------------------------------------------------- */

enum filter { NO_FILTER, CHOICE, RANGE, WORDS };

static enum filter filter_of(const struct field *field)
{
    static const struct {
        const char *type;
        enum filter filter;
    } filters[] = {{"enum", CHOICE}, {"list", CHOICE}, {"bool", CHOICE}, {"ref", CHOICE},
                   {"refs", CHOICE}, {"date", RANGE},  {"pdate", RANGE}, {"int", RANGE},
                   {"money", RANGE}, {"qty", RANGE},   {"text", WORDS}};
    if (field->derived || (!field->indexed && !field_refers(field)))
        return NO_FILTER;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(filters[i].type, field->type) == 0)
            return filters[i].filter;
    return NO_FILTER;
}

/* Whether a value is chosen: "state=open", or one of "state[in]=open,closed". */
static int is_chosen(struct view *view, const struct field *field, struct ouse_str value)
{
    struct ouse_str several = query_value(&view->query, ouse_format(view->ctx, "%s[in]", field->name).p);
    const char *at = several.p;
    if (ouse_same(query_value(&view->query, field->name), value))
        return 1;
    while (at && at < several.p + several.n) {
        uint32_t n = (uint32_t)strcspn(at, ",");
        if (ouse_same((struct ouse_str){at, n}, value))
            return 1;
        at += n + 1;
    }
    return 0;
}

static struct ouse_doc *describe_choice(struct view *view, const struct field *field, struct ouse_str value,
                                        const struct ouse_doc *count)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *choice = field_refers(field) ? view_reference(view, field, value) : ouse_object(ctx);
    if (!field_refers(field))
        ouse_set_text(ctx, choice, "label", value_words(ctx, value));
    ouse_set_text(ctx, choice, "value", value);
    ouse_set_bool(ctx, choice, "chosen", is_chosen(view, field, value));
    ouse_set_text(ctx, choice, "count",
                  ouse_kind(ctx, count) == OUSE_JSON_NUMBER
                      ? value_number(ctx, ctx->host->doc_as_number(count, 0), 0)
                      : ouse_s(NULL));
    return choice;
}

/* Those that the list has, the most frequent first; and one that is chosen, in any case. */
static struct ouse_doc *describe_choices(struct view *view, const struct field *field,
                                         const struct ouse_doc *facets)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *counts = ouse_member(ctx, facets, field->name);
    struct ouse_doc *choices = ouse_list(ctx);
    struct ouse_str chosen = query_value(&view->query, field->name);
    for (uint32_t i = 0; i < ouse_count(ctx, counts) && i < STOCK_CHOICES; i++) {
        const struct ouse_doc *count = ouse_at(ctx, counts, i);
        if (ouse_same(ouse_name(ctx, count), chosen))
            chosen = ouse_s(NULL);
        ouse_add(ctx, choices, describe_choice(view, field, ouse_name(ctx, count), count));
    }
    if (chosen.p)
        ouse_add(ctx, choices, describe_choice(view, field, chosen, NULL));
    return choices;
}

static void describe_input(struct view *view, struct ouse_doc *filter, const char *member,
                           const struct field *field, const char *operator)
{
    struct ouse_doc *input = ouse_object(view->ctx);
    struct ouse_str name = ouse_format(view->ctx, "%s[%s]", field->name, operator);
    ouse_set_text(view->ctx, input, "name", name);
    ouse_set_text(view->ctx, input, "value", query_value(&view->query, name.p));
    ouse_set(view->ctx, filter, member, input);
}

static struct ouse_doc *describe_filter(struct view *view, const struct field *field,
                                        const struct ouse_doc *facets)
{
    struct ouse_ctx *ctx = view->ctx;
    enum filter kind = filter_of(field);
    struct ouse_doc *filter = ouse_object(ctx);
    ouse_set_text(ctx, filter, "name", ouse_s(field->name));
    ouse_set_text(ctx, filter, "title", ouse_s(field->title));
    ouse_set_bool(ctx, filter, "date", strcmp(field->type, "date") == 0 || strcmp(field->type, "pdate") == 0);
    if (kind == CHOICE)
        ouse_set(ctx, filter, "choices", describe_choices(view, field, facets));
    if (kind == RANGE) {
        describe_input(view, filter, "from", field, "gte");
        describe_input(view, filter, "to", field, "lte");
    }
    if (kind == WORDS)
        describe_input(view, filter, "begins", field, "prefix");
    return filter;
}

static void describe_filters(struct view *view, struct ouse_doc *list, const struct ouse_doc *facets)
{
    struct ouse_doc *filters = ouse_list(view->ctx);
    for (uint32_t i = 0; i < view->collection->n_fields; i++) {
        const struct field *field = &view->collection->fields[i];
        enum filter kind = filter_of(field);
        if (kind == NO_FILTER ||
            (kind == CHOICE && !ouse_count(view->ctx, ouse_member(view->ctx, facets, field->name))))
            continue;
        ouse_add(view->ctx, filters, describe_filter(view, field, facets));
    }
    ouse_set(view->ctx, list, "filters", filters);
}

/* The fields whose values are chosen from. */
static uint32_t choose_facets(const struct collection *collection, const struct field *fields[FACETS])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < collection->n_fields && n < FACETS; i++)
        if (filter_of(&collection->fields[i]) == CHOICE)
            fields[n++] = &collection->fields[i];
    return n;
}

/* ---- What is asked, and how it goes on ----------------------------------------------------------------- */

static int is_of_page(struct ouse_str name)
{
    static const char *const names[] = {"cursor", "limit", "sort", "q"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ouse_is(name, names[i]))
            return 1;
    return 0;
}

/* "starts[gte]" is of the field starts, "pillar.hub" of pillar. */
static struct ouse_str describe_operator(struct view *view, struct ouse_str name)
{
    static const struct {
        const char *operator, * said;
    } words[] = {{"[gte]", "from"},           {"[lte]", "to"},
                 {"[gt]", "after"},           {"[lt]", "before"},
                 {"[prefix]", "begins with"}, {"[ne]", "is not"},
                 {"[contains]", "contains"},  {"[exists]", "is known"}};
    uint32_t n = 0;
    const struct field *field;
    struct ouse_str title, operator;
    const char *said = "";
    while (n < name.n && name.p[n] != '[' && name.p[n] != '.')
        n++;
    field = model_field(view->collection, (struct ouse_str){name.p, n});
    title = field ? ouse_s(field->title) : (struct ouse_str){name.p, n};
    operator=(struct ouse_str){name.p + n, name.n - n};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ouse_is(operator, words[i].operator))
            said = words[i].said;
    return ouse_format(view->ctx, "%.*s%s%s", OUSE_F(title), *said ? " " : "", said);
}

/* The filters that are in force, and the address without each. */
static struct ouse_doc *describe_active(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *active = ouse_list(ctx);
    for (uint32_t i = 0; i < view->query.n; i++) {
        const struct pair *pair = &view->query.at[i];
        const struct field *field = model_field(view->collection, pair->name);
        struct query without = view->query;
        struct ouse_doc *one;
        if (is_of_page(pair->name))
            continue;
        one = field && field_refers(field) ? view_reference(view, field, pair->value) : ouse_object(ctx);
        if (!field || !field_refers(field))
            ouse_set_text(ctx, one, "label",
                          field && field->choices.n ? value_words(ctx, pair->value) : pair->value);
        query_set(&without, pair->name, ouse_s(NULL));
        query_set(&without, ouse_s("cursor"), ouse_s(NULL));
        ouse_set_text(ctx, one, "title", describe_operator(view, pair->name));
        ouse_set_text(ctx, one, "remove_href", view_href_here(view, &without));
        ouse_add(ctx, active, one);
    }
    return active;
}

static struct ouse_str page_href(struct view *view, struct ouse_str cursor)
{
    struct query query = view->query;
    query_set(&query, ouse_s("cursor"), cursor);
    return view_href_here(view, &query);
}

/* Whether the list is less than the collection as it is now. */
static int is_filtered(const struct view *view)
{
    for (uint32_t i = 0; i < view->query.n; i++)
        if (!is_of_page(view->query.at[i].name) || ouse_is(view->query.at[i].name, "q"))
            return 1;
    return view->as_of.p != NULL;
}

static void describe_page(struct view *view, struct ouse_doc *list, const struct ouse_doc *page)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str next = ouse_text(ctx, page, "next");
    double count =
        ouse_number(ctx, page, "count", is_filtered(view) ? -1 : stock_count(view, view->collection));
    ouse_set_text(ctx, list, "count", count >= 0 ? value_number(ctx, count, 0) : ouse_s(NULL));
    ouse_set_bool(ctx, list, "one", count == 1);
    ouse_set_text(ctx, list, "next_href", next.p ? page_href(view, next) : ouse_s(NULL));
    ouse_set_text(ctx, list, "first_href",
                  query_value(&view->query, "cursor").p ? page_href(view, ouse_s(NULL)) : ouse_s(NULL));
    ouse_set_bool(ctx, list, "more", next.p || query_value(&view->query, "cursor").p);
}

/* The same question in other formats, all of it and not only this page. */
static void add_formats(struct view *view)
{
    static const char *const own[] = {"csv", "json", "ndjson"};
    static const char *const paging[] = {"cursor", "limit"};
    struct ouse_doc *formats = ouse_list(view->ctx);
    struct query query = view->query;
    const char *name = view->collection->name;
    for (size_t i = 0; i < sizeof paging / sizeof *paging; i++)
        query_set(&query, ouse_s(paging[i]), ouse_s(NULL));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        view_add_link(view, formats, ouse_s(own[i]), view_api(view, &query, "/%s.%s", name, own[i]));
    for (uint32_t i = 0; i < view->model->n_formats; i++) {
        const struct format *is = &view->model->formats[i];
        if (is->of_list && is->suffix && (!is->collection || strcmp(is->collection, name) == 0))
            view_add_link(view, formats, ouse_s(is->suffix),
                          view_api(view, &query, "/%s.%s", name, is->suffix));
    }
    ouse_set(view->ctx, view->page, "formats", formats);
}

/* One page of the list, and with that of a small collection what there is in all. */
static struct ouse_doc *ask(struct view *view, const struct field *const *facets, uint32_t n)
{
    struct query query = view->query;
    struct ouse_str names = ouse_s(NULL);
    if (!query_value(&query, "limit").p)
        query_set(&query, ouse_s("limit"), ouse_format(view->ctx, "%d", PAGE));
    if (stock_is_small(view, view->collection)) {
        for (uint32_t i = 0; i < n; i++)
            names = ouse_format(view->ctx, "%.*s%s%s", OUSE_F(names), i ? "," : "", facets[i]->name);
        query_set(&query, ouse_s("facet"), names);
        query_set(&query, ouse_s("count"), ouse_s("exact"));
    }
    return view_ask(view, "%s?%.*s", view->collection->name, OUSE_F(query_text(view->ctx, &query)));
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
    const struct field *columns[COLUMNS], *facets[FACETS];
    uint32_t n = choose_columns(collection, columns), n_facets = choose_facets(collection, facets);
    struct ouse_doc *list = ouse_object(ctx), *rows = ouse_list(ctx), *answer = ask(view, facets, n_facets);
    const struct ouse_doc *counts = ouse_member(ctx, answer, "facets");
    const struct ouse_doc *data = ouse_member(ctx, answer, "data");
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    view_title(view, ouse_s(collection->title));
    if (!answer)
        return -1;
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        ouse_add(ctx, rows, describe_row(view, ouse_at(ctx, data, i), columns, n));
    ouse_set_text(ctx, list, "name", ouse_s(collection->name));
    ouse_set_text(ctx, list, "singular", value_words(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, list, "doc", ouse_s(collection->doc));
    ouse_set_text(ctx, list, "href", view_href(view, NULL, "/%s", collection->name));
    ouse_set_text(ctx, list, "sort", query_value(&view->query, "sort"));
    ouse_set_text(ctx, list, "q", query_value(&view->query, "q"));
    ouse_set_bool(ctx, list, "searchable", is_searchable(view));
    describe_columns(view, list, columns, n);
    ouse_set(ctx, list, "rows", rows);
    ouse_set_bool(ctx, list, "any", ouse_count(ctx, rows) > 0);
    describe_filters(view, list, counts ? counts : stock_choices(view, collection, facets, n_facets));
    ouse_set(ctx, list, "active", describe_active(view));
    describe_page(view, list, ouse_member(ctx, answer, "page"));
    ouse_set(ctx, view->root, "list", list);
    add_formats(view);
    return 0;
}
