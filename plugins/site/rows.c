/* rows: the referrers of a record on its page, by collection and field: the first of each, and their number.
 * A join (struct ouse_join) is a row that leads to the other record:
 *
 *     table     role, body, dates        appointments on the page of a person
 *     quotes    text, speaker, date      statements on the page of a project
 *     items     text                     aims on the page of a cluster
 *
 * Other records are links. A group that the template names ("partners-hub") is in "rows" under its name;
 * all others are in "referrers".
 */
#include "counted.h"

/* Returns the text of a field of a row; no text if it has no value. */
static struct ouse_str text_of(struct view *view, const struct collection *of, const struct ouse_doc *fields,
                               const char *name)
{
    const struct field *field = name ? model_field(of, ouse_s(name)) : NULL;
    const struct ouse_doc *value = field ? ouse_member(view->ctx, fields, name) : NULL;
    struct ouse_doc *shown = value ? value_view(view, field, value) : NULL;
    return shown ? ouse_text(view->ctx, shown, "text") : ouse_s(NULL);
}

static struct ouse_str role_of(struct view *view, const struct collection *of, const struct ouse_doc *fields)
{
    struct ouse_str role = ouse_s(NULL);
    for (uint32_t i = 0; i < of->join.role.n && !role.p; i++)
        role = text_of(view, of, fields, of->join.role.at[i]);
    return role;
}

/* Adds links to the records that a field of a row refers to. */
static void add_links(struct view *view, struct ouse_doc *links, const struct collection *of,
                      const struct ouse_doc *fields, const char *name)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct field *field = model_field(of, ouse_s(name));
    const struct ouse_doc *value = field ? ouse_member(ctx, fields, name) : NULL;
    if (ouse_kind(ctx, value) == OUSE_JSON_TEXT)
        ouse_add(ctx, links, view_reference(view, field, ouse_as_text(ctx, value)));
    for (uint32_t i = 0; ouse_kind(ctx, value) == OUSE_JSON_LIST && i < ouse_count(ctx, value); i++)
        ouse_add(ctx, links, view_reference(view, field, ouse_as_text(ctx, ouse_at(ctx, value, i))));
}

/* Returns whether the page is that of the other record (`with`). If not, it is that of the record that has
 * the row, or of a third one, such as the publication of a quotation. */
static int is_from_with(const struct collection *of, const struct field *by)
{
    return words_have(&of->join.with, ouse_s(by->name));
}

/* Returns links to the other end of a row: to `of` on the page of `with`, else to `with`. */
static struct ouse_doc *links_of(struct view *view, const struct collection *of, const struct field *by,
                                 const struct ouse_doc *fields)
{
    struct ouse_doc *links = ouse_list(view->ctx);
    if (is_from_with(of, by))
        add_links(view, links, of, fields, of->join.of);
    else
        for (uint32_t i = 0; i < of->join.with.n; i++)
            add_links(view, links, of, fields, of->join.with.at[i]);
    return links;
}

/* ---- Tables ------------------------------------------------------------------------------------ */

/* A column after the first one, which has the links. */
struct column {
    const char *field, *title;
    const char *absent; /* in place of a value */
};

enum { COLUMNS = 4 };

/* Returns the title of a field. */
static const char *title_of(const struct collection *of, const char *name)
{
    const struct field *field = name ? model_field(of, ouse_s(name)) : NULL;
    return field ? field->title : NULL;
}

static struct ouse_str cell_of(struct view *view, const struct collection *of, const struct ouse_doc *fields,
                               uint32_t column)
{
    const struct join *join = &of->join;
    const char *const names[COLUMNS] = {NULL, join->from, join->to, join->amount};
    return column == 0 ? role_of(view, of, fields) : text_of(view, of, fields, names[column]);
}

/* Returns the title of a column if any row has a value in it, else no text. */
static struct ouse_str column_of(struct view *view, const struct collection *of,
                                 const struct ouse_doc *records, uint32_t column)
{
    const struct join *join = &of->join;
    const char *last = join->role.n ? join->role.at[join->role.n - 1] : NULL;
    const char *const titles[COLUMNS] = {title_of(of, last), join->to ? "From" : title_of(of, join->from),
                                         "To", title_of(of, join->amount)};
    for (uint32_t i = 0; i < ouse_count(view->ctx, records); i++)
        if (cell_of(view, of, ouse_member(view->ctx, ouse_at(view->ctx, records, i), "fields"), column).p)
            return ouse_s(titles[column]);
    return ouse_s(NULL);
}

/* Returns whether the rows have a first column with links to other records. */
static int is_linked(const struct collection *of, const struct field *by)
{
    return is_from_with(of, by) || of->join.with.n > 0;
}

static struct ouse_doc *row_of(struct view *view, const struct collection *of, const struct field *by,
                               const struct ouse_doc *fields, const struct ouse_str titles[COLUMNS])
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *row = ouse_object(ctx), *cells = ouse_list(ctx), *links = links_of(view, of, by, fields);
    view->currency = ouse_text(ctx, fields, "currency");
    ouse_set_bool(ctx, row, "linked", is_linked(of, by));
    ouse_set_bool(ctx, row, "unknown", ouse_count(ctx, links) == 0);
    ouse_set(ctx, row, "links", links);
    for (uint32_t i = 0; i < COLUMNS; i++) {
        struct ouse_doc *cell = ouse_object(ctx);
        if (!titles[i].p)
            continue;
        ouse_set_text(ctx, cell, "title", titles[i]);
        ouse_set_text(ctx, cell, "text", cell_of(view, of, fields, i));
        ouse_set_text(ctx, cell, "absent", ouse_s(i == 2 ? "No end known" : "Not known"));
        ouse_set_bool(ctx, cell, "number", i == 3);
        ouse_add(ctx, cells, cell);
    }
    ouse_set(ctx, row, "cells", cells);
    return row;
}

/* Returns the title of the first column: "Person", "At", "Award". */
static struct ouse_str title_of_links(const struct collection *of, const struct field *by)
{
    const struct join *join = &of->join;
    const char *last = join->role.n ? join->role.at[join->role.n - 1] : NULL;
    if (is_from_with(of, by))
        return ouse_s(title_of(of, join->of));
    if (join->with.n == 1)
        return ouse_s(title_of(of, join->with.at[0]));
    return ouse_s(join->with.n ? "Members" : title_of(of, last));
}

static void describe_table(struct view *view, struct ouse_doc *shown, const struct collection *of,
                           const struct field *by, const struct ouse_doc *records)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *table = ouse_object(ctx), *heads = ouse_list(ctx), *rows = ouse_list(ctx);
    struct ouse_str titles[COLUMNS];
    for (uint32_t i = 0; i < COLUMNS; i++) {
        titles[i] = column_of(view, of, records, i);
        if (titles[i].p) {
            struct ouse_doc *head = ouse_object(ctx);
            ouse_set_text(ctx, head, "title", titles[i]);
            ouse_set_bool(ctx, head, "number", i == 3);
            ouse_add(ctx, heads, head);
        }
    }
    for (uint32_t i = 0; i < ouse_count(ctx, records); i++)
        ouse_add(ctx, rows,
                 row_of(view, of, by, ouse_member(ctx, ouse_at(ctx, records, i), "fields"), titles));
    ouse_set_bool(ctx, table, "linked", is_linked(of, by));
    ouse_set_text(ctx, table, "title", title_of_links(of, by));
    ouse_set(ctx, table, "columns", heads);
    ouse_set(ctx, table, "rows", rows);
    ouse_set(ctx, shown, "table", table);
}

/* ---- Words, links ------------------------------------------------------------------------------- */

static void describe_words(struct view *view, struct ouse_doc *shown, const struct collection *of,
                           const struct field *by, const struct ouse_doc *records)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, records); i++) {
        const struct ouse_doc *fields = ouse_member(ctx, ouse_at(ctx, records, i), "fields");
        struct ouse_doc *one = ouse_object(ctx), *links = links_of(view, of, by, fields);
        ouse_set_text(ctx, one, "text", text_of(view, of, fields, of->join.text));
        ouse_set_text(ctx, one, "date", ouse_text(ctx, fields, of->join.from ? of->join.from : ""));
        ouse_set_text(ctx, one, "date_text", text_of(view, of, fields, of->join.from));
        for (uint32_t k = 0; !is_from_with(of, by) && k < ouse_count(ctx, links); k++)
            view_explain(view, ouse_at(ctx, links, k));
        ouse_set(ctx, one, "links", links);
        ouse_add(ctx, list, one);
    }
    ouse_set(ctx, shown, of->join.with.n ? "quotes" : "items", list);
}

static void describe_links(struct view *view, struct ouse_doc *shown, const struct collection *of,
                           const struct ouse_doc *records)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *links = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, records); i++) {
        const struct ouse_doc *record = ouse_at(ctx, records, i);
        struct ouse_doc *link = ouse_show(ctx, record, "id label");
        ouse_set_text(ctx, link, "href",
                      view_href(view, NULL, "/%s/%.*s", of->name, OUSE_F(ouse_text(ctx, record, "id"))));
        ouse_add(ctx, links, link);
    }
    ouse_set(ctx, shown, "links", links);
}

/* ---- Groups --------------------------------------------------------------------------------------- */

/* Sets the addresses of the list with all records of a group and of its spreadsheet; if there are more, their
 * number. */
static void describe_all(struct view *view, struct ouse_doc *shown, const struct collection *of,
                         const struct field *by, int more)
{
    struct ouse_ctx *ctx = view->ctx;
    struct query query = {.n = 0};
    struct ouse_str id = view->id;
    double count;
    if (by->qualified)
        id = ouse_format(ctx, "%s/%.*s", view->collection->name, OUSE_F(id));
    query_set(&query, ouse_s(by->name), id);
    ouse_set_text(ctx, shown, "sheet_href", formats_sheet(view, &query, ouse_format(ctx, "/%s", of->name).p));
    if (!more)
        return;
    ouse_set_text(ctx, shown, "all_href", view_href(view, &query, "/%s", of->name));
    count = counted_list(view, of, &query);
    ouse_set_text(ctx, shown, "count",
                  count >= 0 ? value_number(ctx, count, 0)
                             : ouse_format(ctx, "more than %.*s", OUSE_F(ouse_text(ctx, shown, "count"))));
}

static struct ouse_doc *describe_group(struct view *view, const struct ouse_doc *group)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str name = ouse_text(ctx, group, "field");
    const struct collection *of = model_collection(view->model, ouse_text(ctx, group, "collection"));
    const struct field *by = of ? model_field(of, name) : NULL;
    const struct ouse_doc *records = ouse_member(ctx, group, "records");
    struct ouse_doc *shown = ouse_object(ctx);
    if (!by)
        return NULL;
    ouse_set_text(ctx, shown, "title", ouse_s(by->inverse ? by->inverse : of->title));
    ouse_set_text(ctx, shown, "collection", ouse_s(of->name));
    ouse_set_text(ctx, shown, "name", ouse_format(ctx, "%s-%s", of->name, by->name));
    ouse_set_text(ctx, shown, "count", value_number(ctx, ouse_count(ctx, records), 0));
    if (!of->join.of)
        describe_links(view, shown, of, records);
    else if (of->join.text)
        describe_words(view, shown, of, by, records);
    else
        describe_table(view, shown, of, by, records);
    if (ouse_count(ctx, records) > 1)
        describe_all(view, shown, of, by, ouse_number(ctx, group, "more", 0) != 0);
    return shown;
}

void rows_fill(struct view *view, struct ouse_doc *shown)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx), *named = ouse_object(ctx);
    struct ouse_str currency = view->currency;
    const struct ouse_doc *groups = ouse_member(
        ctx, view_try(view, "-/referrers?of=%s/%.*s", view->collection->name, OUSE_F(view->id)), "data");
    for (uint32_t i = 0; i < ouse_count(ctx, groups); i++) {
        struct ouse_doc *group = describe_group(view, ouse_at(ctx, groups, i));
        const char *name = ouse_text(ctx, group, "name").p;
        if (name && mustache_shows(view->site->templates, view->template, name))
            ouse_set(ctx, named, name, group);
        else
            ouse_add(ctx, list, group);
    }
    ouse_set(ctx, shown, "rows", named);
    view->currency = currency;
    ouse_set(ctx, shown, "referrers", list);
}
