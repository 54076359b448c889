/* search: full-text search; reference page: README.md.
 *
 * The server keeps the index and finds records; this plugin defines words (words.c), and shows the
 * matching parts of a record (marks.c). */
#include "search.h"

/* ---- Search ------------------------------------------------------------------------ */

/* Returns the snippet of a record: the text with most of the query. The label is shown in any case,
 * so it is used only if no other text matches. */
static struct ouse_doc *snippet(struct ouse_ctx *ctx, const struct question *question,
                                const struct ouse_doc *hit)
{
    const struct ouse_doc *texts = ouse_member(ctx, hit, "texts"), *best = NULL;
    struct ouse_str label = ouse_text(ctx, hit, "label");
    struct marks marks, shown = {.n = 0};
    struct ouse_doc *made;
    uint32_t most = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, texts); i++) {
        const struct ouse_doc *one = ouse_at(ctx, texts, i);
        struct ouse_str text = ouse_text(ctx, one, "text");
        marks_find(question, text, &marks);
        uint32_t weight = marks.found * 2 - (marks.found && ouse_same(text, label));
        if (weight <= most)
            continue;
        most = weight;
        best = one;
        shown = marks;
    }
    if (!best)
        return NULL;
    made = marks_show(ctx, ouse_text(ctx, best, "text"), &shown);
    ouse_set_text(ctx, made, "field", ouse_text(ctx, best, "field"));
    return made;
}

/* {"collection", "id", "label"}, and where the label has words of the question. */
static struct ouse_doc *show_label(struct ouse_ctx *ctx, const struct question *question,
                                   const struct ouse_doc *hit)
{
    struct ouse_doc *shown = ouse_pick(ctx, hit, "collection id label");
    struct ouse_str label = ouse_text(ctx, hit, "label");
    struct marks marks;
    marks_find(question, label, &marks);
    ouse_set(ctx, shown, "label_ranges", marks_ranges(ctx, label, &marks));
    return shown;
}

static struct ouse_doc *show_found(struct ouse_ctx *ctx, const struct question *question,
                                   const struct ouse_doc *hit)
{
    struct ouse_doc *shown = show_label(ctx, question, hit);
    ouse_set(ctx, shown, "score", ouse_member(ctx, hit, "score"));
    ouse_set_or_null(ctx, shown, "snippet", snippet(ctx, question, hit));
    return shown;
}

/* The parameter `limit`, which is a whole number already. */
static int read_limit(struct ouse_ctx *ctx, uint32_t usual, uint32_t most, uint32_t *limit)
{
    struct ouse_str text = ouse_parameter(ctx, "limit");
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.n && n <= most; i++)
        n = text.p[i] >= '0' && text.p[i] <= '9' ? n * 10 + (uint32_t)(text.p[i] - '0') : most + 1;
    *limit = text.p ? n : usual;
    return *limit >= 1 && *limit <= most;
}

/* The form of the hits, and their number. */
struct view {
    struct ouse_doc *(*show)(struct ouse_ctx *, const struct question *, const struct ouse_doc *hit);
    uint32_t flags, usual, most;
};

static ouse_rc answer(struct ouse_ctx *ctx, const struct view *view)
{
    struct ouse_str text = ouse_parameter(ctx, "q");
    struct ouse_doc *document = ouse_object(ctx), *data = ouse_list(ctx), *page = ouse_object(ctx), *hits;
    struct question question;
    uint32_t limit;
    if (!read_limit(ctx, view->usual, view->most, &limit))
        return ouse_fail(ctx, OUSE_E_REQUEST, "", "value", "limit is a number from 1 to %u", view->most);
    hits = ouse_search(ctx, ouse_parameter(ctx, "collection"), text, view->flags, limit + 1);
    question_read(ctx, text, &question);
    for (uint32_t i = 0; i < ouse_count(ctx, hits) && i < limit; i++)
        ouse_add(ctx, data, view->show(ctx, &question, ouse_at(ctx, hits, i)));
    ouse_set(ctx, document, "data", data);
    ouse_set(ctx, document, "page", page);
    ouse_set_number(ctx, page, "limit", limit);
    ouse_set_null(ctx, page, "next");
    ouse_set_bool(ctx, page, "more", ouse_count(ctx, hits) > limit);
    if (ouse_search_cut(ctx))
        ouse_set_bool(ctx, page, "cut", 1);
    ouse_reply(ctx, document);
    return OUSE_OK;
}

static ouse_rc search(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    static const struct view view = {show_found, 0, 20, 50};
    (void)request;
    return answer(ctx, &view);
}

static ouse_rc suggest(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    static const struct view view = {show_label, OUSE_SEARCH_LABELS, 10, 10};
    (void)request;
    return answer(ctx, &view);
}

/* ---- The plugin ---------------------------------------------------------------------- */

static const struct ouse_parameter parameters[] = {
    {.name = "q",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED,
     .doc = "Words; the last one is a beginning, unless something follows it."},
    {.name = "collection", .type = OUSE_TEXT, .doc = "The one collection to look in."},
    {.name = "limit", .type = OUSE_INT, .doc = "How many there are at most."},
};

/* clang-format off */
#define RANGES                                                                                   \
    "\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":0}," \
    "\"minItems\":2,\"maxItems\":2}"
#define ANSWER(members)                                                                                   \
    "{\"type\":\"object\",\"required\":[\"data\",\"page\"],\"properties\":{\"data\":{\"type\":\"array\","        \
    "\"items\":{\"type\":\"object\",\"required\":[\"collection\",\"id\",\"label\",\"label_ranges\"],"                 \
    "\"properties\":{\"collection\":{\"type\":\"string\"},\"id\":{\"type\":\"string\"},"                          \
    "\"label\":{\"type\":\"string\"},\"label_ranges\":{" RANGES "}" members "}}},"                              \
    "\"page\":{\"type\":\"object\",\"required\":[\"limit\",\"next\",\"more\"],\"properties\":{"                   \
    "\"limit\":{\"type\":\"integer\"},\"next\":{\"type\":\"null\"},\"more\":{\"type\":\"boolean\"},\"cut\":{\"type\":\"boolean\"}}}}}"
/* clang-format on */

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "-/search",
     .access = OUSE_READ,
     .fn = search,
     .summary = "Search the records of all collections, best first",
     .parameters = OUSE_ROWS(parameters),
     .reply_schema = ANSWER(
         ",\"score\":{\"type\":\"number\"},\"snippet\":{\"type\":[\"object\",\"null\"],\"properties\":{"
         "\"text\":{\"type\":\"string\"},\"ranges\":{" RANGES "},\"field\":{\"type\":\"string\"}}}")},
    {.method = "GET",
     .path = "-/suggest",
     .access = OUSE_READ,
     .fn = suggest,
     .summary = "Records by the beginnings of words in their labels",
     .parameters = OUSE_ROWS(parameters),
     .reply_schema = ANSWER("")},
};

static void stop(struct ouse_ctx *ctx)
{
    (void)ctx;
    words_end();
}

OUSE_PLUGIN(.name = "search", .version = "1.0.0", .title = "Search",
            .doc = "Finds records by their words: q and contains in lists, and over all collections.",
            .threads = OUSE_PARALLEL, .routes = OUSE_ROWS(routes), .analysis = ANALYSIS,
            .analyse = search_words, .stop = stop)
