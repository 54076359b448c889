/* search: the results of the API for all collections, if a plugin provides search. */
#include "view.h"

static void add_part(struct view *view, struct ouse_doc *parts, struct ouse_str text, const char *as)
{
    struct ouse_doc *part = ouse_object(view->ctx);
    if (text.n == 0)
        return;
    ouse_set_text(view->ctx, part, as, text);
    ouse_add(view->ctx, parts, part);
}

/* How many bytes so many UTF-16 code units take, from `at` on. */
static uint32_t bytes_of(struct ouse_str text, uint32_t at, uint32_t units)
{
    uint32_t from = at;
    while (at < text.n && units > 0) {
        uint32_t n = 1;
        while (at + n < text.n && (text.p[at + n] & 0xc0) == 0x80)
            n++;
        at += n;
        units -= n == 4 && units > 1 ? 2 : 1;
    }
    return at - from;
}

static uint32_t unit_at(struct ouse_ctx *ctx, const struct ouse_doc *range, uint32_t end)
{
    return (uint32_t)ctx->host->doc_as_number(ouse_at(ctx, range, end), 0);
}

/* Returns [{"text": "Screening for "}, {"mark": "frailty"}]: a text, divided at the matches. Ranges
 * are of UTF-16 code units, in order. */
static struct ouse_doc *describe_snippet(struct view *view, const struct ouse_doc *snippet)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *parts = ouse_list(ctx);
    const struct ouse_doc *ranges = ouse_member(ctx, snippet, "ranges");
    struct ouse_str text = ouse_text(ctx, snippet, "text");
    uint32_t at = 0, units = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, ranges); i++) {
        const uint32_t ends[] = {unit_at(ctx, ouse_at(ctx, ranges, i), 0),
                                 unit_at(ctx, ouse_at(ctx, ranges, i), 1)};
        for (int marked = 0; marked < 2; marked++) {
            uint32_t n = bytes_of(text, at, ends[marked] - units);
            add_part(view, parts, (struct ouse_str){text.p + at, n}, marked ? "mark" : "text");
            units = ends[marked];
            at += n;
        }
    }
    add_part(view, parts, (struct ouse_str){text.p + at, text.n - at}, "text");
    return parts;
}

static struct ouse_doc *describe_hit(struct view *view, const struct ouse_doc *hit)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = model_collection(view->model, ouse_text(ctx, hit, "collection"));
    const struct ouse_doc *snippet = ouse_member(ctx, hit, "snippet");
    struct ouse_doc *shown;
    if (!collection)
        return NULL;
    shown = ouse_show(ctx, hit, "id label");
    ouse_set_text(ctx, shown, "href",
                  view_href(view, NULL, "/%s/%.*s", collection->name, OUSE_F(ouse_text(ctx, hit, "id"))));
    ouse_set_text(ctx, shown, "collection", ouse_s(collection->name));
    ouse_set_text(ctx, shown, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set(ctx, shown, "snippet",
             ouse_same(ouse_text(ctx, snippet, "text"), ouse_text(ctx, hit, "label"))
                 ? ouse_list(ctx)
                 : describe_snippet(view, snippet));
    return shown;
}

/* ---- How many, of which type, on which page ------------------------------------------------------- */

enum { HITS = 50 /* the maximum of the API for one request */, PAGE = 20 };

/* This page with one parameter changed. */
static struct ouse_str href_with(struct view *view, const char *name, struct ouse_str value)
{
    struct query query = view->query;
    query_set(&query, ouse_s("page"), ouse_s(NULL));
    query_set(&query, ouse_s(name), value);
    return view_href_here(view, &query);
}

/* Requests all hits, of one type if the address names it. */
static struct ouse_doc *ask(struct view *view, int of_type)
{
    struct query query = view->query;
    query_set(&query, ouse_s("page"), ouse_s(NULL));
    query_set(&query, ouse_s("type"), ouse_s(NULL));
    query_set(&query, ouse_s("limit"), ouse_format(view->ctx, "%d", HITS));
    query_set(&query, ouse_s("collection"), of_type ? query_value(&view->query, "type") : ouse_s(NULL));
    return view_ask(view, "-/search?%.*s", OUSE_F(query_text(view->ctx, &query)));
}

static double count_of(struct ouse_ctx *ctx, const struct ouse_doc *hits, const char *collection)
{
    double n = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, hits); i++)
        n += ouse_is(ouse_text(ctx, ouse_at(ctx, hits, i), "collection"), collection);
    return n;
}

static void add_type(struct view *view, struct ouse_doc *types, const char *title, const char *name, double n)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *type = ouse_object(ctx);
    struct ouse_str chosen = query_value(&view->query, "type");
    ouse_set_text(ctx, type, "title", ouse_s(title));
    ouse_set_text(ctx, type, "count", value_number(ctx, n, 0));
    ouse_set_text(ctx, type, "href", href_with(view, "type", ouse_s(name)));
    ouse_set_bool(ctx, type, "chosen", name ? ouse_is(chosen, name) : !chosen.p);
    ouse_add(ctx, types, type);
}

/* All, and each type that was found. */
static struct ouse_doc *describe_types(struct view *view, const struct ouse_doc *hits)
{
    struct ouse_doc *types = ouse_list(view->ctx);
    add_type(view, types, "All", NULL, ouse_count(view->ctx, hits));
    for (uint32_t i = 0; i < view->model->n_collections; i++) {
        const struct collection *is = &view->model->collections[i];
        double n = count_of(view->ctx, hits, is->name);
        if (n > 0)
            add_type(view, types, is->title, is->name, n);
    }
    return types;
}

/* "3 results", "1 result", "more than 50 results". */
static struct ouse_str say_results(struct ouse_ctx *ctx, uint32_t n, int more)
{
    return ouse_format(ctx, "%s%u result%s", more ? "more than " : "", n, n == 1 ? "" : "s");
}

/* Adds the text that distinguishes each hit from others of the same name. */
static void explain_hits(struct view *view, struct ouse_doc *hits)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str of = ouse_s("");
    const struct ouse_doc *contexts;
    for (uint32_t i = 0; i < ouse_count(ctx, hits); i++) {
        const struct ouse_doc *hit = ouse_at(ctx, hits, i);
        of = ouse_format(ctx, "%.*s%s%.*s/%.*s", OUSE_F(of), i ? "," : "",
                         OUSE_F(ouse_text(ctx, hit, "collection")), OUSE_F(ouse_text(ctx, hit, "id")));
    }
    contexts = of.n ? ouse_member(ctx, view_try(view, "-/contexts?of=%.*s", OUSE_F(of)), "data") : NULL;
    for (uint32_t i = 0; i < ouse_count(ctx, hits); i++) {
        struct ouse_doc *hit = ouse_at(ctx, hits, i);
        struct ouse_str reference = ouse_format(ctx, "%.*s/%.*s", OUSE_F(ouse_text(ctx, hit, "collection")),
                                                OUSE_F(ouse_text(ctx, hit, "id")));
        ouse_set_text(ctx, hit, "context", ouse_text(ctx, contexts, reference.p));
    }
}

static int is_called(struct ouse_ctx *ctx, const struct ouse_doc *hit, struct ouse_str words)
{
    struct ouse_str label = ouse_text(ctx, hit, "label");
    return label.n && label.n == words.n && strncasecmp(label.p, words.p, words.n) == 0;
}

/* Marks the first hit as the best match if only its label equals the query. */
static void mark_best(struct view *view, const struct ouse_doc *data, struct ouse_doc *hits)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str q = query_value(&view->query, "q");
    uint32_t called = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        called += (uint32_t)is_called(ctx, ouse_at(ctx, data, i), q);
    if (called == 1 && is_called(ctx, ouse_at(ctx, hits, 0), q))
        ouse_set_bool(ctx, ouse_at(ctx, hits, 0), "best", 1);
}

/* The hits of this page, with the way to the next and back to the first. */
static void fill_hits(struct view *view, struct ouse_doc *search, const struct ouse_doc *data)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *hits = ouse_list(ctx);
    struct ouse_str at = query_value(&view->query, "page");
    uint32_t n = ouse_count(ctx, data),
             page = at.n == 1 && at.p[0] >= '1' && at.p[0] <= '9' ? at.p[0] - '0' : 1;
    for (uint32_t i = (page - 1) * PAGE; i < n && i < page * PAGE; i++)
        ouse_add(ctx, hits, describe_hit(view, ouse_at(ctx, data, i)));
    explain_hits(view, hits);
    mark_best(view, data, hits);
    ouse_set(ctx, search, "hits", hits);
    ouse_set_text(ctx, search, "next_href",
                  n > page * PAGE ? href_with(view, "page", ouse_format(ctx, "%u", page + 1)) : ouse_s(NULL));
    ouse_set_text(ctx, search, "first_href", page > 1 ? href_with(view, "page", ouse_s(NULL)) : ouse_s(NULL));
    ouse_set_text(ctx, search, "range",
                  n > PAGE && ouse_count(ctx, hits) ? ouse_format(ctx, "%u to %u of ", (page - 1) * PAGE + 1,
                                                                  (page - 1) * PAGE + ouse_count(ctx, hits))
                                                    : ouse_s(NULL));
}

int search_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *search = ouse_object(ctx), *all, *found;
    struct ouse_str q = query_value(&view->query, "q"), results;
    const struct ouse_doc *data, *page;
    if (!model_has_plugin(view->model, "search"))
        return view_fail(view, 404, "This register is not searched as a whole");
    ouse_set_text(ctx, search, "q", q);
    ouse_set(ctx, view->root, "search", search);
    if (!q.p)
        return 0;
    all = found = ask(view, 0);
    if (all && query_value(&view->query, "type").p)
        found = ask(view, 1);
    if (!all || !found)
        return -1;
    data = ouse_member(ctx, found, "data");
    page = ouse_member(ctx, found, "page");
    results = say_results(ctx, ouse_count(ctx, data), ouse_number(ctx, page, "more", 0) != 0);
    ouse_set_text(ctx, search, "results", results);
    ouse_set_bool(ctx, search, "more", ouse_number(ctx, page, "more", 0) != 0);
    ouse_set_bool(ctx, search, "cut", ouse_number(ctx, page, "cut", 0) != 0);
    ouse_set(ctx, search, "types", describe_types(view, ouse_member(ctx, all, "data")));
    fill_hits(view, search, data);
    view_title(view, ouse_format(ctx, "%.*s: %.*s – Search", OUSE_F(q), OUSE_F(results)));
    return 0;
}
