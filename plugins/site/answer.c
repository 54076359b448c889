/* answer: what a plugin computes, as a page: the answer itself, for a template that knows it
 * (`answer`), and taken apart into titles and values, for one that does not (`parts`).
 *
 * Beside each member of the answer goes one that says it in words, "amount_text" beside "amount",
 * or a link, "funder_link" beside "funder"; and an object with an id gets its "href". What a member is,
 * is told by its name: what is called as a field that is money is money.
 */
#include "view.h"

/* A value in words; no text for a list, an object, a reference. */
static struct ouse_str words_of(struct view *view, const struct ouse_doc *value)
{
    struct ouse_ctx *ctx = view->ctx;
    uint32_t kind = ouse_kind(ctx, value);
    const struct field *field = ouse_name(ctx, value).p
                                    ? model_field_called(view->model, view->collection, ouse_name(ctx, value))
                                    : NULL;
    int fits = field && !field_refers(field) && value_is_of(ctx, field, value);
    if (fits)
        return ouse_text(ctx, value_view(view, field, value), "text");
    if (kind == OUSE_JSON_NUMBER)
        return value_number(ctx, ctx->host->doc_as_number(value, 0), 1);
    if (kind == OUSE_JSON_BOOL)
        return ouse_s(ctx->host->doc_as_number(value, 0) != 0 ? "Yes" : "No");
    return ouse_as_text(ctx, value);
}

/* The collection whose records a member of this name holds, or NULL: "projects", "hub", or a
 * reference to one. */
static const struct collection *collection_called(struct view *view, struct ouse_str name)
{
    const struct field *field = model_field_called(view->model, view->collection, name);
    for (uint32_t i = 0; i < view->model->n_collections; i++)
        if (ouse_is(name, view->model->collections[i].name) ||
            ouse_is(name, view->model->collections[i].singular))
            return &view->model->collections[i];
    return field && field->targets.n == 1 ? model_collection(view->model, ouse_s(field->targets.at[0]))
                                          : NULL;
}

/* The collection that an object with an id says it is of, or that its name means; or NULL. */
static const struct collection *collection_of(struct view *view, const struct ouse_doc *object,
                                              struct ouse_str name)
{
    struct ouse_str said = ouse_text(view->ctx, object, "collection");
    return said.p ? model_collection(view->model, said) : collection_called(view, name);
}

/* Says whether a number, or the length of a list, is not 0, and whether it is 1. */
static void count_member(struct ouse_ctx *ctx, struct ouse_doc *object, struct ouse_str name, double n)
{
    ouse_set_bool(ctx, object, ouse_format(ctx, "%.*s_any", OUSE_F(name)).p, n != 0);
    ouse_set_bool(ctx, object, ouse_format(ctx, "%.*s_one", OUSE_F(name)).p, n == 1);
}

/* Puts words, or a link, next to a member. */
static void say_member(struct view *view, struct ouse_doc *object, const struct ouse_doc *member)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str name = ouse_name(ctx, member), words = words_of(view, member);
    const struct field *field = model_field_called(view->model, view->collection, name);
    uint32_t kind = ouse_kind(ctx, member);
    if (field && field_refers(field) && kind == OUSE_JSON_TEXT)
        ouse_set(ctx, object, ouse_format(ctx, "%.*s_link", OUSE_F(name)).p,
                 view_reference(view, field, ouse_as_text(ctx, member)));
    else if (words.p)
        ouse_set_text(ctx, object, ouse_format(ctx, "%.*s_text", OUSE_F(name)).p, words);
    if (kind == OUSE_JSON_NUMBER || kind == OUSE_JSON_LIST)
        count_member(ctx, object, name,
                     kind == OUSE_JSON_LIST ? ouse_count(ctx, member) : ctx->host->doc_as_number(member, 0));
}

/* Says all of a value that has this name, or lies in a list that has. An answer is as deep as a plugin
 * makes it. */
static void say(struct view *view, struct ouse_doc *value, struct ouse_str name)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str id = ouse_text(ctx, value, "id");
    const struct collection *of = id.p ? collection_of(view, value, name) : NULL;
    uint32_t n = ouse_count(ctx, value);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *member = ouse_at(ctx, value, i);
        struct ouse_str own = ouse_name(ctx, member);
        if (own.p)
            say_member(view, value, member);
        say(view, member, own.p ? own : name);
    }
    if (of)
        ouse_set_text(ctx, value, "href", view_href(view, NULL, "/%s/%.*s", of->name, OUSE_F(id)));
}

/* {"title", "text"}, or "items" or "parts" in place of the text. */
static struct ouse_doc *describe_value(struct view *view, const struct ouse_doc *value)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str words = words_of(view, value);
    uint32_t kind = words.p ? OUSE_JSON_TEXT : ouse_kind(ctx, value);
    int nested = kind == OUSE_JSON_LIST || kind == OUSE_JSON_OBJECT;
    struct ouse_doc *part = ouse_object(ctx), *list = nested ? ouse_list(ctx) : NULL;
    struct ouse_str name = ouse_name(ctx, value);
    ouse_set_text(ctx, part, "title", name.p ? ouse_title(ctx, name) : name);
    ouse_set_text(ctx, part, "text", words);
    for (uint32_t i = 0; nested && i < ouse_count(ctx, value); i++)
        if (ouse_kind(ctx, ouse_at(ctx, value, i)) != OUSE_JSON_NULL)
            ouse_add(ctx, list, describe_value(view, ouse_at(ctx, value, i)));
    ouse_set_or_null(ctx, part, "items", kind == OUSE_JSON_LIST ? list : NULL);
    ouse_set_or_null(ctx, part, "parts", kind == OUSE_JSON_OBJECT ? list : NULL);
    ouse_set_bool(ctx, part, "has_parts", kind == OUSE_JSON_OBJECT);
    return part;
}

static void describe_parts(struct view *view, const struct ouse_doc *answer)
{
    ouse_set(view->ctx, view->root, "parts", ouse_member(view->ctx, describe_value(view, answer), "parts"));
    ouse_set_bool(view->ctx, view->root, "has_parts", 1);
}

/* Sets "also": what else is computed of the record, by name, if the template shows it. */
static void describe_also(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *also = ouse_object(ctx);
    if (!view->id.p || !mustache_shows(view->site->templates, view->template, "also"))
        return;
    for (uint32_t i = 0; i < view->model->n_endpoints; i++) {
        const struct endpoint *is = &view->model->endpoints[i];
        struct ouse_doc *answer = NULL;
        if (is->of_record && strcmp(is->collection, view->collection->name) == 0 &&
            !ouse_is(view->name, is->name))
            answer =
                view_try(view, "%s/%.*s/%s", is->collection, OUSE_F(query_encode(ctx, view->id)), is->name);
        if (!answer)
            continue;
        say(view, answer, ouse_s(is->collection));
        ouse_set(ctx, also, is->name, answer);
    }
    ouse_set(ctx, view->root, "also", also);
}

static struct ouse_doc *ask(struct view *view)
{
    struct ouse_str of = view->id.p ? query_encode(view->ctx, view->id) : ouse_s("-");
    return view_ask(view, "%s/%.*s/%.*s?%.*s", view->collection->name, OUSE_F(of), OUSE_F(view->name),
                    OUSE_F(query_text(view->ctx, &view->query)));
}

static void title(struct view *view, struct ouse_str of)
{
    view_title(view,
               ouse_format(view->ctx, "%.*s: %.*s", OUSE_F(of), OUSE_F(ouse_title(view->ctx, view->name))));
}

int answer_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    const char *suffix = charts_suffix(&view->name);
    struct ouse_str which = query_value(&view->query, "chart");
    const struct endpoint *endpoint =
        model_endpoint(view->model, ouse_s(collection->name), view->name, view->id.p != NULL);
    struct ouse_doc *answer, *record;
    query_set(&view->query, ouse_s("chart"), ouse_s(NULL));
    if (!endpoint)
        return view_fail(view, 404, "There is nothing at %.*s", OUSE_F(view->request->path));
    answer = ask(view);
    if (!answer)
        return -1;
    if (suffix) {
        say(view, answer, ouse_s(collection->name));
        return charts_file(view, endpoint, answer, which, suffix);
    }
    if (mustache_shows(view->site->templates, view->template, "parts"))
        describe_parts(view, answer);
    ouse_set(ctx, view->root, "answer", answer);
    say(view, answer, ouse_s(collection->name));
    describe_also(view);
    charts_fill(view, endpoint, answer);
    form_fill(view, endpoint);
    ouse_set_text(ctx, view->root, "summary", ouse_s(endpoint->summary));
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    if (!view->id.p) {
        title(view, ouse_s(collection->title));
        return 0;
    }
    record = view_link(view, collection->name, view->id);
    ouse_set(ctx, view->root, "record", record);
    view_label(view);
    title(view, ouse_text(ctx, record, "label"));
    view_crumb(view, ouse_text(ctx, record, "label"), ouse_text(ctx, record, "href"));
    return 0;
}
