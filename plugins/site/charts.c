/* charts: the pictures of a page, and the files of them: /awards/ID/breakdown.svg and .csv. */
#include "drawing.h"
#include "sheet.h"
#include "view.h"
#include <stdlib.h>

enum {
    SERIES_SEEN = 60, /* values in a cell: the latest */
    NODES_SEEN = 40   /* of a network on a page; a larger one is a file, and a table on the page */
};

/* Returns the drawing; no text if there is nothing to see. */
static struct ouse_str draw(struct view *view, const struct drawing *drawing, const struct ouse_doc *answer,
                            const char *name, int standalone, uint32_t *nodes)
{
    struct sheet sheet = {0};
    struct chart_sink sink = {sheet_put, &sheet};
    struct drawing_place place = {name, view->model->base, standalone};
    uint32_t seen = drawing_draw(view->ctx, drawing, answer, &place, &sink);
    struct ouse_str picture = sheet_take(view->ctx, &sheet);
    *nodes = seen;
    return seen || standalone ? picture : ouse_s(NULL);
}

static struct ouse_str tell(struct view *view, const struct drawing *drawing, const struct ouse_doc *answer)
{
    struct sheet sheet = {0};
    struct chart_sink sink = {sheet_put, &sheet};
    drawing_table(view->ctx, drawing, answer, &sink);
    return sheet_take(view->ctx, &sheet);
}

/* An endpoint's answer, and the list for its charts. */
struct pictures {
    struct view *view;
    struct ouse_doc *list;
    struct ouse_str path; /* of the page that is all of them */
    const struct query *query;
};

/* The address of the i-th picture of an endpoint as a file. */
static struct ouse_str file_href(const struct pictures *pictures, uint32_t i, const char *suffix)
{
    struct ouse_ctx *ctx = pictures->view->ctx;
    struct query query = *pictures->query;
    if (i > 0)
        query_set(&query, ouse_s("chart"), ouse_format(ctx, "%u", i + 1));
    return view_href(pictures->view, &query, "%.*s.%s", OUSE_F(pictures->path), suffix);
}

static void add_pictures(const struct pictures *pictures, const struct endpoint *endpoint,
                         const struct ouse_doc *answer)
{
    struct view *view = pictures->view;
    struct ouse_ctx *ctx = view->ctx;
    for (uint32_t i = 0; i < endpoint->n_drawings; i++) {
        const struct drawing *drawing = &endpoint->drawings[i];
        const char *name = ouse_format(ctx, "chart-%u", ouse_count(ctx, pictures->list) + 1).p;
        uint32_t seen;
        struct ouse_str svg = draw(view, drawing, answer, name, 0, &seen);
        int wide = strcmp(drawing->kind, "network") == 0;
        struct ouse_doc *chart = svg.p && !(wide && seen > NODES_SEEN) ? ouse_object(ctx) : NULL;
        ouse_set_text(ctx, chart, "title", ouse_s(drawing->title));
        ouse_set_text(ctx, chart, "doc", ouse_s(drawing->doc));
        ouse_set_text(ctx, chart, "kind", ouse_s(drawing->kind));
        ouse_set_bool(ctx, chart, "wide", wide);
        ouse_set_text(ctx, chart, "svg", svg);
        ouse_set_text(ctx, chart, "svg_href", file_href(pictures, i, "svg"));
        ouse_set_text(ctx, chart, "csv_href", file_href(pictures, i, "csv"));
        ouse_add(ctx, pictures->list, chart);
    }
}

void charts_fill(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer)
{
    struct pictures pictures = {view, ouse_list(view->ctx), view->request->path, &view->query};
    add_pictures(&pictures, endpoint, answer);
    ouse_set(view->ctx, view->page, "charts", pictures.list);
}

static int is_small(const struct endpoint *endpoint)
{
    uint32_t small = 0;
    while (small < endpoint->n_drawings && drawing_is_small(&endpoint->drawings[small]))
        small++;
    return small > 0 && small == endpoint->n_drawings;
}

void charts_fill_small(struct view *view)
{
    static const struct query none;
    struct pictures pictures = {.view = view, .list = ouse_list(view->ctx), .query = &none};
    for (uint32_t i = 0; i < view->model->n_endpoints; i++) {
        const struct endpoint *is = &view->model->endpoints[i];
        const struct ouse_doc *answer;
        if (!is->of_record || strcmp(is->collection, view->collection->name) != 0 || !is_small(is))
            continue;
        pictures.path = ouse_format(view->ctx, "/%s/%.*s/%s", is->collection, OUSE_F(view->id), is->name);
        answer = view_try(view, "%.*s", (int)pictures.path.n - 1, pictures.path.p + 1);
        if (answer)
            add_pictures(&pictures, is, answer);
    }
    ouse_set(view->ctx, view->page, "charts", pictures.list);
}

struct ouse_str charts_of_series(struct view *view, const struct field *field, struct ouse_str id,
                                 const struct ouse_doc *series)
{
    static const struct drawing drawing = {
        .kind = "sparkline", .rows = "series", .label = "on", .series = {{"value", NULL}}, .n_series = 1};
    struct ouse_ctx *ctx = view->ctx;
    struct drawing titled = drawing;
    struct ouse_doc *answer = ouse_object(ctx), *list = ouse_list(ctx);
    uint32_t n = ouse_count(ctx, series), seen;
    titled.title = field->title;
    for (uint32_t i = n > SERIES_SEEN ? n - SERIES_SEEN : 0; i < n; i++)
        ouse_add(ctx, list, ouse_at(ctx, series, i));
    ouse_set(ctx, answer, "series", list);
    return draw(view, &titled, answer, ouse_format(ctx, "spark-%s-%.*s", field->name, OUSE_F(id)).p, 0,
                &seen);
}

const char *charts_suffix(struct ouse_str *name)
{
    static const char *const suffixes[] = {".svg", ".csv"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        uint32_t n = (uint32_t)strlen(suffixes[i]);
        if (name->n > n && memcmp(name->p + name->n - n, suffixes[i], n) == 0) {
            name->n -= n;
            return suffixes[i] + 1;
        }
    }
    return NULL;
}

int charts_file(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer,
                struct ouse_str which, const char *suffix)
{
    int svg = strcmp(suffix, "svg") == 0;
    uint32_t i = which.p ? (uint32_t)strtoul(which.p, NULL, 10) - 1 : 0;
    uint32_t seen;
    if (i >= endpoint->n_drawings)
        return view_fail(view, 404, "This page has %u pictures%s", endpoint->n_drawings,
                         endpoint->n_drawings ? "; chart=1 is the first" : "");
    view->file = svg ? draw(view, &endpoint->drawings[i], answer, "chart", 1, &seen)
                     : tell(view, &endpoint->drawings[i], answer);
    view->file_type = svg ? "image/svg+xml" : "text/csv; charset=utf-8; header=present";
    return view->file.p ? 0 : view_fail(view, 500, "This picture is too large to be drawn");
}
