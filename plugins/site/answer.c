/* answer: the answer of a plugin as a page: the answer itself, for a template that knows it
 * (`answer`), and split into titles and values, for one that does not (parts.c).
 *
 * Each member of the answer gets a second one in words, "amount_text" for "amount", or a link,
 * "funder_link" for "funder"; an object with an id gets its "href". The name of a member determines
 * its meaning: if a field of that name is money, so is the member. */
#include "view.h"

enum {
    FEW = 10,  /* entries of a list that a page shows open */
    CARDS = 12 /* things that a page shows as cards */
};

/* A value in words; no text for a list, an object, a reference. */
struct ouse_str answer_words(struct view *view, const struct ouse_doc *value)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *named = ouse_is(ouse_name(ctx, value), "collection")
                                         ? model_collection(view->model, ouse_as_text(ctx, value))
                                         : NULL;
    uint32_t kind = ouse_kind(ctx, value);
    const struct field *field = ouse_name(ctx, value).p
                                    ? model_field_called(view->model, view->collection, ouse_name(ctx, value))
                                    : NULL;
    int fits = field && !field_refers(field) && value_is_of(ctx, field, value);
    if (named)
        return ouse_s(named->title);
    if (fits)
        return ouse_text(ctx, value_view(view, field, value), "text");
    if (kind == OUSE_JSON_NUMBER)
        return value_number(ctx, ctx->host->doc_as_number(value, 0), 1);
    if (kind == OUSE_JSON_BOOL)
        return ouse_s(ctx->host->doc_as_number(value, 0) != 0 ? "Yes" : "No");
    return ouse_as_text(ctx, value);
}

/* Returns the collection of the records in a member of this name, or NULL: "projects", "hub", or a
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

const struct collection *answer_collection(struct view *view, const struct ouse_doc *object,
                                           struct ouse_str name, const struct collection *around)
{
    struct ouse_str said = ouse_text(view->ctx, object, "collection");
    const struct collection *of =
        said.p ? model_collection(view->model, said) : collection_called(view, name);
    return of ? of : around;
}

/* Sets whether a number, or the length of a list, is not 0, and whether it is 1. */
static void count_member(struct ouse_ctx *ctx, struct ouse_doc *object, struct ouse_str name, double n)
{
    ouse_set_bool(ctx, object, ouse_format(ctx, "%.*s_any", OUSE_F(name)).p, n != 0);
    ouse_set_bool(ctx, object, ouse_format(ctx, "%.*s_one", OUSE_F(name)).p, n == 1);
    ouse_set_bool(ctx, object, ouse_format(ctx, "%.*s_cards", OUSE_F(name)).p, n <= CARDS);
}

/* Whether a text is a reference to a record, "hubs/north". */
static int is_reference(const struct view *view, struct ouse_str text)
{
    const char *slash = text.p && text.n ? memchr(text.p, '/', text.n) : NULL;
    uint32_t before = slash ? (uint32_t)(slash - text.p) : 0;
    if (!slash || !model_collection(view->model, (struct ouse_str){text.p, before}) || before + 1 == text.n)
        return 0;
    for (uint32_t i = before + 1; i < text.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", text.p[i]))
            return 0;
    return 1;
}

/* Puts words, or a link, next to a member. */
static void say_member(struct view *view, struct ouse_doc *object, const struct ouse_doc *member)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str name = ouse_name(ctx, member), words = answer_words(view, member);
    const struct field *field = model_field_called(view->model, view->collection, name);
    uint32_t kind = ouse_kind(ctx, member);
    if (field && field_refers(field) && kind == OUSE_JSON_TEXT)
        ouse_set(ctx, object, ouse_format(ctx, "%.*s_link", OUSE_F(name)).p,
                 view_reference(view, field, ouse_as_text(ctx, member)));
    else if (kind == OUSE_JSON_TEXT && is_reference(view, ouse_as_text(ctx, member)))
        ouse_set(ctx, object, ouse_format(ctx, "%.*s_link", OUSE_F(name)).p,
                 view_reference(view, NULL, ouse_as_text(ctx, member)));
    else if (words.p)
        ouse_set_text(ctx, object, ouse_format(ctx, "%.*s_text", OUSE_F(name)).p, words);
    if (kind == OUSE_JSON_LIST && field && field->choices.n && value_is_of(ctx, field, member))
        ouse_set_text(ctx, object, ouse_format(ctx, "%.*s_words", OUSE_F(name)).p,
                      ouse_text(ctx, value_view(view, field, member), "text"));
    if (kind == OUSE_JSON_NUMBER || kind == OUSE_JSON_LIST)
        count_member(ctx, object, name,
                     kind == OUSE_JSON_LIST ? ouse_count(ctx, member) : ctx->host->doc_as_number(member, 0));
}

/* Sets for each list of an object whether it was cut: whether it has fewer entries than its
 * "count", or than the member of "counts" with the same name. */
static void say_cuts(struct ouse_ctx *ctx, struct ouse_doc *object)
{
    const struct ouse_doc *counts = ouse_member(ctx, object, "counts");
    double count = ouse_number(ctx, object, "count", 0);
    uint32_t members = ouse_count(ctx, object);
    for (uint32_t i = 0; i < members; i++) {
        const struct ouse_doc *list = ouse_at(ctx, object, i);
        const char *name = ouse_format(ctx, "%.*s", OUSE_F(ouse_name(ctx, list))).p;
        uint32_t n = ouse_count(ctx, list);
        if (ouse_kind(ctx, list) != OUSE_JSON_LIST)
            continue;
        ouse_set_text(ctx, object, ouse_format(ctx, "%s_text", name).p, value_number(ctx, n, 0));
        ouse_set_bool(ctx, object, ouse_format(ctx, "%s_cut", name).p,
                      ouse_number(ctx, counts, name, count) > n);
        ouse_set_bool(ctx, object, ouse_format(ctx, "%s_few", name).p, n <= FEW);
    }
}

/* Adds all members in words for a value of this name, or in a list of this name. An answer is as
 * deep as a plugin makes it. `around` is the collection that an object around it names without
 * being a record of it. */
static void say(struct view *view, struct ouse_doc *value, struct ouse_str name,
                const struct collection *around)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str id = ouse_text(ctx, value, "id");
    const struct collection *of = id.p ? answer_collection(view, value, name, around) : NULL;
    uint32_t n = ouse_count(ctx, value);
    int is_object = ouse_kind(ctx, value) == OUSE_JSON_OBJECT;
    if (!id.p && ouse_text(ctx, value, "collection").p)
        around = model_collection(view->model, ouse_text(ctx, value, "collection"));
    const struct collection *collection = view->collection;
    struct ouse_str outer = view->currency, currency = ouse_text(ctx, value, "currency");
    if (currency.p)
        view->currency = currency;
    if (of)
        view->collection = of; /* its members are called as fields of that */
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *member = ouse_at(ctx, value, i);
        struct ouse_str own = ouse_name(ctx, member);
        if (own.p)
            say_member(view, value, member);
        say(view, member, own.p ? own : name, around);
    }
    if (is_object)
        say_cuts(ctx, value);
    if (is_object && view->id.p && ouse_count(ctx, ouse_member(ctx, value, "records")) &&
        model_collection(view->model, ouse_text(ctx, value, "collection")))
        related_group(view, value);
    if (currency.p)
        ouse_set_text(ctx, value, "currency_sign", value_currency(ctx, currency));
    view->currency = outer;
    view->collection = collection;
    if (of && of->join.of)
        view_lead_on(view, of, value);
    else if (of)
        ouse_set_text(ctx, value, "href", view_href(view, NULL, "/%s/%.*s", of->name, OUSE_F(id)));
}

/* Sets "also": the other answers about the record, by name, if the template shows it. */
static void describe_also(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *also = ouse_object(ctx);
    if (!view->id.p || !mustache_shows(view->site->templates, view->template, "also"))
        return;
    for (uint32_t i = 0; i < view->model->n_endpoints; i++) {
        const struct endpoint *is = &view->model->endpoints[i];
        struct ouse_doc *answer = NULL;
        int is_shown = view->name.p ? ouse_is(view->name, is->name) : is->is_main;
        if (is->of_record && !is_shown && strcmp(is->collection, view->collection->name) == 0)
            answer =
                view_try(view, "%s/%.*s/%s", is->collection, OUSE_F(query_encode(ctx, view->id)), is->name);
        if (!answer)
            continue;
        say(view, answer, ouse_s(is->collection), NULL);
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

static void set_answer(struct view *view, const struct endpoint *endpoint, struct ouse_doc *answer)
{
    if (mustache_shows(view->site->templates, view->template, "parts"))
        parts_fill(view, endpoint, answer);
    ouse_set(view->ctx, view->root, "answer", answer);
    say(view, answer, ouse_s(view->collection->name), NULL);
    describe_also(view);
}

void answer_fill_main(struct view *view)
{
    const struct endpoint *endpoint = model_main(view->model, view->collection->name, 1);
    struct ouse_doc *answer = NULL;
    if (endpoint)
        answer = view_try(view, "%s/%.*s/%s", view->collection->name,
                          OUSE_F(query_encode(view->ctx, view->id)), endpoint->name);
    if (answer)
        set_answer(view, endpoint, answer);
}

/* Its page is that of the record. */
static int lead_to_record(struct view *view)
{
    view->location = view_href(view, NULL, "/%s/%.*s", view->collection->name, OUSE_F(view->id));
    return -1;
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
    if (endpoint->is_main && view->id.p && !suffix)
        return lead_to_record(view);
    answer = ask(view);
    if (!answer)
        return -1;
    if (suffix) {
        say(view, answer, ouse_s(collection->name), NULL);
        return charts_file(view, endpoint, answer, which, suffix);
    }
    set_answer(view, endpoint, answer);
    charts_fill(view, endpoint, answer);
    form_fill(view, endpoint);
    ouse_set_text(ctx, view->root, "summary", ouse_s(endpoint->summary));
    if (!view->id.p) {
        view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
        title(view, ouse_s(collection->title));
        return 0;
    }
    trail_crumbs(view);
    record = view_link(view, collection->name, view->id);
    ouse_set(ctx, view->root, "record", record);
    view_label(view);
    title(view, ouse_text(ctx, record, "label"));
    view_crumb(view, ouse_text(ctx, record, "label"), ouse_text(ctx, record, "href"));
    return 0;
}
