/* parts: an answer split into titles, texts, links and tables, for a template that does not know
 * it.
 *
 *     {"id", "label", …}            a link, and its other members
 *     [{…}, {…}]                    a table: a column for each member
 *     "hubs/blmk", "people": "ada"  a link
 *
 * Ids appear in addresses only. Unknown values are shown in words. */
#include "view.h"

enum { COLUMNS_MAX = 12 };

static const char hidden[] = "id collection label name title href"; /* members that a link shows */

/* "hubs/blmk" as a link; NULL if the text is not a reference. */
static struct ouse_doc *link_of_text(struct view *view, struct ouse_str text)
{
    const char *slash = text.p ? memchr(text.p, '/', text.n) : NULL;
    const struct collection *of =
        slash ? model_collection(view->model, (struct ouse_str){text.p, (uint32_t)(slash - text.p)}) : NULL;
    struct ouse_str id = {slash + 1, slash ? (uint32_t)(text.p + text.n - slash - 1) : 0};
    return of && id.n ? view_link(view, of->name, id) : NULL;
}

/* A text that refers to a record, by its form or by its name, as a link; or NULL. */
static struct ouse_doc *link_of_member(struct view *view, const struct ouse_doc *value)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str name = ouse_name(ctx, value), text = ouse_as_text(ctx, value);
    const struct field *field = name.p ? model_field_called(view->model, view->collection, name) : NULL;
    struct ouse_doc *link = link_of_text(view, text);
    if (link || !text.p || !name.p)
        return link;
    if (field && field_refers(field) && field->targets.n == 1 && strcmp(field->targets.at[0], "*") != 0)
        return view_reference(view, field, text);
    for (uint32_t i = 0; i < view->model->n_collections; i++)
        if (ouse_is(name, view->model->collections[i].singular))
            return view_link(view, view->model->collections[i].name, text);
    return NULL;
}

/* A record as a link: by its own label, or by the one that it is looked up by. */
static struct ouse_doc *link_of_object(struct view *view, const struct ouse_doc *object, struct ouse_str name,
                                       const struct collection *around)
{
    static const char *const labels[] = {"label", "name", "title"};
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str id = ouse_text(ctx, object, "id");
    const struct collection *of = id.p ? answer_collection(view, object, name, around) : NULL;
    struct ouse_doc *link;
    if (!of)
        return NULL;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        if (!ouse_text(ctx, object, labels[i]).p)
            continue;
        link = ouse_object(ctx);
        ouse_set_text(ctx, link, "label", ouse_text(ctx, object, labels[i]));
        ouse_set_text(ctx, link, "href", view_href(view, NULL, "/%s/%.*s", of->name, OUSE_F(id)));
        return link;
    }
    return view_link(view, of->name, id);
}

static struct ouse_doc *describe(struct view *view, const struct ouse_doc *value, struct ouse_str name,
                                 const struct collection *around);

static void describe_object(struct view *view, struct ouse_doc *part, const struct ouse_doc *object,
                            struct ouse_str name, const struct collection *around)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *link = link_of_object(view, object, name, around), *parts = ouse_list(ctx);
    if (!link && ouse_text(ctx, object, "collection").p)
        around = model_collection(view->model, ouse_text(ctx, object, "collection"));
    for (uint32_t i = 0; i < ouse_count(ctx, object); i++) {
        const struct ouse_doc *member = ouse_at(ctx, object, i);
        if (ouse_is_one(ouse_name(ctx, member), link ? hidden : "id"))
            continue;
        ouse_add(ctx, parts, describe(view, member, ouse_name(ctx, member), around));
    }
    ouse_set_or_null(ctx, part, "link", link);
    ouse_set(ctx, part, "parts", parts);
    ouse_set_bool(ctx, part, "has_parts", ouse_count(ctx, parts) > 0);
}

/* The names of the members of the rows, each once, in the order they come. */
static uint32_t name_columns(struct view *view, const struct ouse_doc *rows, int linked,
                             struct ouse_str columns[COLUMNS_MAX])
{
    struct ouse_ctx *ctx = view->ctx;
    uint32_t n = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, rows); i++)
        for (uint32_t k = 0; k < ouse_count(ctx, ouse_at(ctx, rows, i)); k++) {
            struct ouse_str name = ouse_name(ctx, ouse_at(ctx, ouse_at(ctx, rows, i), k));
            uint32_t known = 0;
            while (known < n && !ouse_same(columns[known], name))
                known++;
            if (known == n && n < COLUMNS_MAX && !ouse_is_one(name, linked ? hidden : "id"))
                columns[n++] = name;
        }
    return n;
}

/* A list of objects. The first column leads to the records, if they are any. */
static struct ouse_doc *describe_table(struct view *view, const struct ouse_doc *list, struct ouse_str name,
                                       const struct collection *around)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str columns[COLUMNS_MAX];
    int linked = link_of_object(view, ouse_at(ctx, list, 0), name, around) != NULL;
    uint32_t n = name_columns(view, list, linked, columns);
    struct ouse_doc *table = ouse_object(ctx), *heads = ouse_list(ctx), *rows = ouse_list(ctx);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *head = ouse_object(ctx);
        ouse_set_text(ctx, head, "title", ouse_title(ctx, columns[i]));
        ouse_add(ctx, heads, head);
    }
    for (uint32_t i = 0; i < ouse_count(ctx, list); i++) {
        const struct ouse_doc *entry = ouse_at(ctx, list, i);
        struct ouse_doc *row = ouse_object(ctx), *cells = ouse_list(ctx);
        for (uint32_t k = 0; k < n; k++) {
            const char *column = ouse_format(ctx, "%.*s", OUSE_F(columns[k])).p;
            struct ouse_doc *cell = describe(view, ouse_member(ctx, entry, column), columns[k], around);
            ouse_set_text(ctx, cell, "title", ouse_title(ctx, columns[k]));
            ouse_add(ctx, cells, cell);
        }
        ouse_set_or_null(ctx, row, "link", linked ? link_of_object(view, entry, name, around) : NULL);
        ouse_set(ctx, row, "cells", cells);
        ouse_add(ctx, rows, row);
    }
    ouse_set_bool(ctx, table, "linked", linked);
    ouse_set_text(ctx, table, "title", ouse_title(ctx, name));
    ouse_set(ctx, table, "columns", heads);
    ouse_set(ctx, table, "rows", rows);
    return table;
}

static void describe_list(struct view *view, struct ouse_doc *part, const struct ouse_doc *list,
                          struct ouse_str name, const struct collection *around)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *items = ouse_list(ctx);
    if (ouse_kind(ctx, ouse_at(ctx, list, 0)) == OUSE_JSON_OBJECT) {
        ouse_set(ctx, part, "table", describe_table(view, list, name, around));
        return;
    }
    for (uint32_t i = 0; i < ouse_count(ctx, list); i++)
        ouse_add(ctx, items, describe(view, ouse_at(ctx, list, i), name, around));
    ouse_set(ctx, part, "items", items);
    if (ouse_count(ctx, list) == 0)
        ouse_set_text(ctx, part, "text", ouse_s("None known"));
}

/* {"title", …} with "text", "link", "items", "table" or "parts". */
static struct ouse_doc *describe(struct view *view, const struct ouse_doc *value, struct ouse_str name,
                                 const struct collection *around)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *part = ouse_object(ctx), *link = NULL;
    struct ouse_str words;
    ouse_set_text(ctx, part, "title", name.p ? ouse_title(ctx, name) : name);
    switch (ouse_kind(ctx, value)) {
    case OUSE_JSON_OBJECT:
        describe_object(view, part, value, name, around);
        break;
    case OUSE_JSON_LIST:
        describe_list(view, part, value, name, around);
        break;
    default:
        link = link_of_member(view, value);
        words = answer_words(view, value);
        ouse_set_or_null(ctx, part, "link", link);
        ouse_set_text(ctx, part, "text", link ? ouse_s(NULL) : words.n ? words : ouse_s("Not known"));
    }
    return part;
}

/* Returns whether a member repeats a parameter that the request does not have. */
static int is_unasked(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *member)
{
    for (uint32_t i = 0; i < endpoint->n_parameters; i++)
        if (ouse_is(ouse_name(view->ctx, member), endpoint->parameters[i].name))
            return ouse_kind(view->ctx, member) == OUSE_JSON_NULL;
    return 0;
}

void parts_fill(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *parts = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, answer); i++) {
        const struct ouse_doc *member = ouse_at(ctx, answer, i);
        if (!is_unasked(view, endpoint, member))
            ouse_add(ctx, parts, describe(view, member, ouse_name(ctx, member), NULL));
    }
    ouse_set(ctx, view->root, "parts", parts);
    ouse_set_bool(ctx, view->root, "has_parts", ouse_count(ctx, parts) > 0);
}
