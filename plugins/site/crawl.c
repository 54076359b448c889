/* crawl: robots.txt and sitemaps, for search engines.
 *
 *   sitemap.xml ─> sitemap/pages.xml     home and collections
 *               ─> sitemap/1.xml         records changed last by one of the changes 1 to 5,000
 *               ─> sitemap/2.xml         … 5,001 to 10,000, and so on
 *
 * Each record is in the file of its latest change and in no other: a change is skipped if its
 * record has a later revision, or if the caller may not see it. So the index costs a look at the
 * number of the last change, and a file costs a stretch of changes, however large the register is.
 * Sitemaps need absolute addresses, so they exist only if the option `address` is set. */
#include "view.h"
#include <stdlib.h>

enum { STRETCH = 5000, AT_A_TIME = 200, FILES_MAX = 50000 /* of an index: sitemaps.org */ };

#define XML       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define NAMESPACE "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

int robots_fill(struct view *view)
{
    struct ouse_str base = ouse_s(view->model->base);
    const char *address = view->site->address;
    view->file_type = "text/plain; charset=utf-8";
    view->file = ouse_format(
        view->ctx,
        "User-agent: *\nDisallow: %.*s/api/\nDisallow: %.*s/search\nDisallow: /*as_of=\n%s%s%.*s%s",
        OUSE_F(base), OUSE_F(base), *address ? "Sitemap: " : "", address,
        OUSE_F(*address ? base : ouse_s("")), *address ? "/sitemap.xml\n" : "");
    return 0;
}

/* ---- Files -------------------------------------------------------------------------- */

/* The entries of a file, put together at the end. */
struct urls {
    struct view *view;
    const char *as; /* "url" or "sitemap" */
    struct ouse_str *at;
    uint32_t n;
    size_t bytes;
};

static struct urls begin(struct view *view, const char *as, uint32_t room)
{
    return (struct urls){
        .view = view, .as = as, .at = ouse_alloc(view->ctx, (room + 1) * sizeof(struct ouse_str))};
}

static void add(struct urls *urls, struct ouse_str href, struct ouse_str changed)
{
    struct ouse_str day = {changed.p, changed.n < 10 ? changed.n : 10};
    struct ouse_str url = ouse_format(urls->view->ctx, "<%s><loc>%s%.*s</loc>%s%.*s%s</%s>\n", urls->as,
                                      urls->view->site->address, OUSE_F(href), day.n ? "<lastmod>" : "",
                                      OUSE_F(day), day.n ? "</lastmod>" : "", urls->as);
    urls->at[urls->n++] = url;
    urls->bytes += url.n;
}

/* Answers with the entries, in the element that holds them. */
static int finish(const struct urls *urls, const char *element)
{
    struct view *view = urls->view;
    char *text = ouse_alloc(view->ctx, urls->bytes + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < urls->n; i++) {
        memcpy(text + n, urls->at[i].p, urls->at[i].n);
        n += urls->at[i].n;
    }
    view->file_type = "application/xml";
    view->file = ouse_format(view->ctx, XML "<%s " NAMESPACE ">\n%s</%s>\n", element, text, element);
    return 0;
}

/* ---- The index ------------------------------------------------------------------------- */

static int refuse(struct view *view)
{
    return view_fail(view, 404, "This register has no sitemap");
}

/* Returns the number of stretches; 0 also if it is unknown. The first one begins after the position
 * `epoch`. */
static uint32_t count_stretches(struct view *view, double *epoch)
{
    const struct ouse_doc *answer = view_try(view, "-/changes?limit=1");
    const struct ouse_doc *page = ouse_member(view->ctx, answer, "page");
    *epoch = ouse_number(view->ctx, page, "epoch", 0);
    double n = (ouse_number(view->ctx, page, "last", *epoch) - *epoch + STRETCH - 1) / STRETCH;
    return n < FILES_MAX - 1 ? (uint32_t)n : FILES_MAX - 1;
}

int sitemap_fill(struct view *view)
{
    double epoch;
    uint32_t n = count_stretches(view, &epoch);
    struct urls urls = begin(view, "sitemap", n + 1);
    if (!*view->site->address)
        return refuse(view);
    add(&urls, view_href(view, NULL, "/sitemap/pages.xml"), ouse_s(NULL));
    for (uint32_t i = 1; i <= n; i++)
        add(&urls, view_href(view, NULL, "/sitemap/%u.xml", i), ouse_s(NULL));
    return finish(&urls, "sitemapindex");
}

/* ---- Stretches ------------------------------------------------------------------------- */

/* {"people/ada": 3}: the revisions that records are of. */
static const struct ouse_doc *ask_revisions(struct view *view, const struct ouse_str *references, uint32_t n)
{
    size_t bytes = 1;
    char *of;
    for (uint32_t i = 0; i < n; i++)
        bytes += references[i].n + 1;
    of = ouse_alloc(view->ctx, bytes);
    for (uint32_t i = 0, at = 0; i < n; i++) {
        memcpy(of + at, references[i].p, references[i].n);
        at += references[i].n;
        of[at++] = i + 1 < n ? ',' : 0;
    }
    return n ? ouse_member(view->ctx, view_try(view, "-/revisions?of=%s", of), "data") : NULL;
}

/* Returns whether a change is the last one of its record; a recheck makes no revision. */
static int is_latest(struct ouse_ctx *ctx, const struct ouse_doc *change, const struct ouse_doc *revisions,
                     struct ouse_str reference)
{
    return !ouse_is(ouse_text(ctx, change, "op"), "recheck") &&
           ouse_number(ctx, revisions, reference.p, -1) == ouse_number(ctx, change, "revision", 0);
}

static void add_changed(struct urls *urls, const struct ouse_doc *changes, double until)
{
    struct view *view = urls->view;
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str references[AT_A_TIME];
    const struct ouse_doc *revisions;
    uint32_t n = 0;
    while (n < AT_A_TIME && n < ouse_count(ctx, changes) &&
           ouse_number(ctx, ouse_at(ctx, changes, n), "seq", 0) <= until) {
        const struct ouse_doc *change = ouse_at(ctx, changes, n);
        references[n++] = ouse_format(ctx, "%.*s/%.*s", OUSE_F(ouse_text(ctx, change, "collection")),
                                      OUSE_F(ouse_text(ctx, change, "id")));
    }
    revisions = ask_revisions(view, references, n);
    for (uint32_t i = 0; i < n; i++)
        if (is_latest(ctx, ouse_at(ctx, changes, i), revisions, references[i]))
            add(urls, view_href(view, NULL, "/%.*s", OUSE_F(references[i])),
                ouse_text(ctx, ouse_at(ctx, changes, i), "at"));
}

static int fill_stretch(struct view *view, double epoch, uint32_t i)
{
    struct ouse_ctx *ctx = view->ctx;
    struct urls urls = begin(view, "url", STRETCH);
    double since = epoch + (double)(i - 1) * STRETCH, until = epoch + (double)i * STRETCH;
    for (double next = since; next < until; since = next) {
        const struct ouse_doc *answer = view_ask(view, "-/changes?since=%.0f&limit=%d", since, AT_A_TIME);
        if (!answer)
            return -1;
        add_changed(&urls, ouse_member(ctx, answer, "data"), until);
        next = ouse_number(ctx, ouse_member(ctx, answer, "page"), "next", until);
        if (next <= since)
            break; /* there are no more */
    }
    return finish(&urls, "urlset");
}

static int fill_pages(struct view *view)
{
    struct urls urls = begin(view, "url", 1 + view->model->n_collections);
    add(&urls, view_href(view, NULL, "/"), ouse_s(NULL));
    for (uint32_t i = 0; i < view->model->n_collections; i++)
        add(&urls, view_href(view, NULL, "/%s", view->model->collections[i].name), ouse_s(NULL));
    return finish(&urls, "urlset");
}

int sitemap_part_fill(struct view *view)
{
    struct ouse_str name = view->name;
    double epoch;
    char *end;
    unsigned long i = strtoul(name.p, &end, 10);
    if (!*view->site->address)
        return refuse(view);
    if (ouse_is(name, "pages.xml"))
        return fill_pages(view);
    if (i < 1 || i > count_stretches(view, &epoch) || !ouse_same(name, ouse_format(view->ctx, "%lu.xml", i)))
        return view_fail(view, 404, "There is nothing at %.*s", OUSE_F(view->request->path));
    return fill_stretch(view, epoch, (uint32_t)i);
}
