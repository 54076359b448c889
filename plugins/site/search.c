/* search: what the API finds in all collections, where there is a plugin that searches. */
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

/* [{"text": "Screening for "}, {"mark": "frailty"}]: a text, divided where it says what was sought.
 * Ranges are of UTF-16 code units, in order. */
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
    struct ouse_doc *shown;
    if (!collection)
        return NULL;
    shown = ouse_show(ctx, hit, "id label");
    ouse_set_text(ctx, shown, "href",
                  view_href(view, NULL, "/%s/%.*s", collection->name, OUSE_F(ouse_text(ctx, hit, "id"))));
    ouse_set_text(ctx, shown, "singular", ouse_title(ctx, ouse_s(collection->singular)));
    ouse_set(ctx, shown, "snippet", describe_snippet(view, ouse_member(ctx, hit, "snippet")));
    return shown;
}

int search_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *search = ouse_object(ctx), *hits = ouse_list(ctx), *answer = NULL;
    struct ouse_str q = query_value(&view->query, "q");
    const struct ouse_doc *data;
    if (!model_has_plugin(view->model, "search"))
        return view_fail(view, 404, "This register is not searched as a whole");
    if (q.p && !(answer = view_ask(view, "-/search?%.*s", OUSE_F(query_text(ctx, &view->query)))))
        return -1;
    data = ouse_member(ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++)
        ouse_add(ctx, hits, describe_hit(view, ouse_at(ctx, data, i)));
    ouse_set_text(ctx, search, "q", q);
    ouse_set(ctx, search, "hits", hits);
    ouse_set_bool(ctx, search, "cut", ouse_number(ctx, ouse_member(ctx, answer, "page"), "cut", 0) != 0);
    ouse_set(ctx, view->root, "search", search);
    return 0;
}
