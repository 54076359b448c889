/* changes: what changed in the register, the latest first, with the fields that changed. Of a record that was
 * removed, only its end is shown; a record that is hidden from the caller is not shown at all. A recheck
 * changes nothing that readers see, so it is not shown. */
#include "view.h"

enum {
    BRIEF = 80 /* bytes of a value in a line */,
    PASSED = 20 /* pages of the API without anything to show */
};

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

struct ouse_doc *change_describe(struct view *view, const struct ouse_doc *entry)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = model_collection(view->model, ouse_text(ctx, entry, "collection"));
    struct ouse_doc *change;
    if (!collection || ouse_is(ouse_text(ctx, entry, "op"), "hide"))
        return NULL;
    change = view_link(view, collection->name, ouse_text(ctx, entry, "id"));
    ouse_set(ctx, change, "seq", ouse_member(ctx, entry, "seq"));
    ouse_set_text(ctx, change, "at", ouse_text(ctx, entry, "at"));
    ouse_set_text(ctx, change, "at_text", value_date(ctx, ouse_text(ctx, entry, "at")));
    ouse_set_text(ctx, change, "op", ouse_text(ctx, entry, "op"));
    ouse_set_text(ctx, change, "op_text", said(ctx, ouse_text(ctx, entry, "op")));
    ouse_set_bool(ctx, change, "ended", ouse_is_one(ouse_text(ctx, entry, "op"), "remove merge"));
    ouse_set_text(ctx, change, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set_text(ctx, change, "actor", ouse_text(ctx, entry, "actor"));
    ouse_set_text(
        ctx, change, "history_href",
        view_href(view, NULL, "/%s/%.*s/history", collection->name, OUSE_F(ouse_text(ctx, entry, "id"))));
    return change;
}

/* A page of changes, the latest first, with what else the address asks for. */
static struct ouse_doc *ask(struct view *view, struct query *query)
{
    query_set(query, ouse_s("sort"), ouse_s("-seq"));
    return view_ask(view, "-/changes?%.*s", OUSE_F(query_text(view->ctx, query)));
}

/* This page with other changes: those before one, or the latest. */
static struct ouse_str href(struct view *view, struct ouse_str before)
{
    struct query query = view->query;
    query_set(&query, ouse_s("before"), before);
    return view_href_here(view, &query);
}

/* ---- What a revision changed ------------------------------------------------------------------------ */

/* A value in words that fit in a line; no text if it has no such words: a list, a reference, nothing. */
static struct ouse_str brief_of(struct view *view, const struct field *field, const struct ouse_doc *record)
{
    static const char types[] = "text long enum bool int money date pdate qty url email";
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str text = {NULL, 0};
    view->currency = ouse_text(ctx, record, "currency");
    if (ouse_is_one(ouse_s(field->type), types))
        text = ouse_text(ctx, value_view(view, field, ouse_member(ctx, record, field->name)), "text");
    return text.n <= BRIEF ? text : ouse_s(NULL);
}

static struct ouse_doc *describe_field(struct view *view, const struct field *field,
                                       const struct ouse_doc *before, const struct ouse_doc *after)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *change = ouse_object(ctx);
    struct ouse_str from = brief_of(view, field, before), to = brief_of(view, field, after);
    ouse_set_text(ctx, change, "title", ouse_s(field->title));
    ouse_set_text(ctx, change, "from", to.p ? from : ouse_s(NULL));
    ouse_set_text(ctx, change, "to", to);
    return change;
}

static struct ouse_doc *revision_of(struct view *view, const struct ouse_doc *entry, double revision)
{
    return view_try(view, "%.*s/%.*s/revisions/%.0f", OUSE_F(ouse_text(view->ctx, entry, "collection")),
                    OUSE_F(ouse_text(view->ctx, entry, "id")), revision);
}

/* [{"title", "from", "to"}]: the fields that a change of a record changed, as the caller sees both revisions.
 */
static struct ouse_doc *describe_fields(struct view *view, const struct ouse_doc *entry)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *of = model_collection(view->model, ouse_text(ctx, entry, "collection"));
    double revision = ouse_number(ctx, entry, "revision", 0);
    struct ouse_doc *fields = ouse_list(ctx), *before, *after;
    if (!of || revision < 2 || !ouse_is_one(ouse_text(ctx, entry, "op"), "update move") ||
        !(before = revision_of(view, entry, revision - 1)) || !(after = revision_of(view, entry, revision)))
        return fields;
    for (uint32_t i = 0; i < of->n_fields; i++)
        if (!of->fields[i].derived && ouse_differs(ctx, before, after, of->fields[i].name))
            ouse_add(ctx, fields, describe_field(view, &of->fields[i], before, after));
    return fields;
}

/* ---- The page ----------------------------------------------------------------------------------------- */

static void add_changes(struct view *view, struct ouse_doc *list, const struct ouse_doc *data)
{
    struct ouse_ctx *ctx = view->ctx;
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++) {
        const struct ouse_doc *entry = ouse_at(ctx, data, i);
        struct ouse_doc *change =
            ouse_is(ouse_text(ctx, entry, "op"), "recheck") ? NULL : change_describe(view, entry);
        ouse_set(ctx, change, "fields", change ? describe_fields(view, entry) : NULL);
        ouse_add(ctx, list, change);
    }
}

/* Pages of rechecks are passed over, some at a time, until there is something to show. */
int changes_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct query query = view->query;
    struct ouse_doc *list = ouse_list(ctx);
    double first = 1, next = 1;
    for (int pages = 0; pages < PASSED && ouse_count(ctx, list) == 0 && (!pages || next > first); pages++) {
        struct ouse_doc *answer = ask(view, &query);
        const struct ouse_doc *page = ouse_member(ctx, answer, "page");
        if (!answer)
            return -1;
        first = ouse_number(ctx, page, "epoch", 0) + 1;
        next = ouse_number(ctx, page, "next", first);
        add_changes(view, list, ouse_member(ctx, answer, "data"));
        query_set(&query, ouse_s("before"), ouse_format(ctx, "%.0f", next));
    }
    ouse_set(ctx, view->root, "changes", list);
    ouse_set_text(ctx, view->page, "earlier_href",
                  next > first ? href(view, ouse_format(ctx, "%.0f", next)) : ouse_s(NULL));
    ouse_set_text(ctx, view->page, "later_href",
                  query_value(&view->query, "before").p ? href(view, ouse_s(NULL)) : ouse_s(NULL));
    query_set(&query, ouse_s("before"), ouse_s(NULL));
    ouse_set(ctx, view->page, "formats", formats_of(view, FORMAT_CHANGES, NULL, &query, "/-/changes"));
    return 0;
}
