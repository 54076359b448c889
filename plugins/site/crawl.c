/* crawl: what is said to those who read sites by machine: robots.txt, sitemap.xml.
 *
 * A sitemap has the pages of collections, and of their records those that were changed last:
 * who follows it with the links of lists comes to all. It wants whole addresses, so there is
 * one only where the option `address` says what the site's is.
 */
#include "view.h"

enum { RECORDS = 200 };

int robots_fill(struct view *view)
{
    struct ouse_str base = ouse_s(view->model->base);
    const char *address = view->site->address;
    view->file_type = "text/plain; charset=utf-8";
    view->file =
        ouse_format(view->ctx, "User-agent: *\nDisallow: %.*s/api/\nDisallow: %.*s/search\n%s%s%.*s%s",
                    OUSE_F(base), OUSE_F(base), *address ? "Sitemap: " : "", address,
                    OUSE_F(*address ? base : ouse_s("")), *address ? "/sitemap.xml\n" : "");
    return 0;
}

/* The entries of a sitemap, put together at the end. */
struct urls {
    struct ouse_str *at;
    uint32_t n;
    size_t bytes;
};

static void add(struct view *view, struct urls *urls, struct ouse_str href, struct ouse_str changed)
{
    struct ouse_str day = {changed.p, changed.n < 10 ? changed.n : 10};
    struct ouse_str url =
        ouse_format(view->ctx, "<url><loc>%s%.*s</loc>%s%.*s%s</url>\n", view->site->address, OUSE_F(href),
                    day.n ? "<lastmod>" : "", OUSE_F(day), day.n ? "</lastmod>" : "");
    urls->at[urls->n++] = url;
    urls->bytes += url.n;
}

static void add_collection(struct view *view, struct urls *urls, const struct collection *of)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *data =
        ouse_member(ctx, view_try(view, "%s?sort=-updated&limit=%d", of->name, RECORDS), "data");
    add(view, urls, view_href(view, NULL, "/%s", of->name), ouse_s(NULL));
    for (uint32_t i = 0; i < ouse_count(ctx, data) && i < RECORDS; i++) {
        const struct ouse_doc *record = ouse_at(ctx, data, i);
        add(view, urls, view_href(view, NULL, "/%s/%.*s", of->name, OUSE_F(ouse_text(ctx, record, "id"))),
            ouse_text(ctx, ouse_member(ctx, record, "meta"), "updated"));
    }
}

static struct ouse_str join(struct ouse_ctx *ctx, const struct urls *urls)
{
    char *text = ouse_alloc(ctx, urls->bytes + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < urls->n; i++) {
        memcpy(text + n, urls->at[i].p, urls->at[i].n);
        n += urls->at[i].n;
    }
    return (struct ouse_str){text, n};
}

int sitemap_fill(struct view *view)
{
    const struct model *model = view->model;
    struct urls urls = {
        .at = ouse_alloc(view->ctx, (1 + model->n_collections * (1 + RECORDS)) * sizeof *urls.at)};
    if (!*view->site->address)
        return view_fail(view, 404, "This register has no sitemap");
    add(view, &urls, view_href(view, NULL, "/"), ouse_s(NULL));
    for (uint32_t i = 0; i < model->n_collections; i++)
        add_collection(view, &urls, &model->collections[i]);
    view->file_type = "application/xml";
    view->file =
        ouse_format(view->ctx,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n%.*s</urlset>\n",
                    OUSE_F(join(view->ctx, &urls)));
    return 0;
}
