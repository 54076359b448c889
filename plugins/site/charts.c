/* charts: the pictures of a page, and the files of them: /awards/ID/breakdown.svg and .csv. */
#include "drawing.h"
#include "view.h"
#include <stdlib.h>

enum { PICTURE_MAX = 1 << 20 };

/* What is drawn, in memory that grows. */
struct sheet {
    char *at;
    size_t n, room;
};

static void put(void *arg, const char *bytes, size_t n)
{
    struct sheet *sheet = arg;
    if (n > PICTURE_MAX - sheet->n) /* it stays well-formed no more, so nothing of it is shown */
        n = 0, sheet->n = PICTURE_MAX;
    if (sheet->n + n > sheet->room) {
        size_t room = (sheet->n + n) * 2;
        char *grown = realloc(sheet->at, room);
        if (!grown)
            abort();
        sheet->at = grown;
        sheet->room = room;
    }
    memcpy(sheet->at + sheet->n, bytes, n);
    sheet->n += n;
}

/* Takes a sheet over into the page's memory; no text of what is too large. */
static struct ouse_str take(struct ouse_ctx *ctx, struct sheet *sheet)
{
    struct ouse_str text = {NULL, 0};
    if (sheet->n < PICTURE_MAX)
        text = ouse_format(ctx, "%.*s", (int)sheet->n, sheet->n ? sheet->at : "");
    free(sheet->at);
    return text;
}

/* No text where there is nothing to see. */
static struct ouse_str draw(struct view *view, const struct drawing *drawing, const struct ouse_doc *answer,
                            const char *name, int standalone)
{
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    struct drawing_place place = {name, view->model->base, standalone};
    uint32_t seen = drawing_draw(view->ctx, drawing, answer, &place, &sink);
    struct ouse_str picture = take(view->ctx, &sheet);
    return seen || standalone ? picture : ouse_s(NULL);
}

static struct ouse_str tell(struct view *view, const struct drawing *drawing, const struct ouse_doc *answer)
{
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    drawing_table(view->ctx, drawing, answer, &sink);
    return take(view->ctx, &sheet);
}

/* The address of this page as a file of its i-th picture. */
static struct ouse_str file_href(struct view *view, uint32_t i, const char *suffix)
{
    struct ouse_ctx *ctx = view->ctx;
    struct query query = view->query;
    if (i > 0)
        query_set(&query, ouse_s("chart"), ouse_format(ctx, "%u", i + 1));
    return view_href(view, &query, "%.*s.%s", OUSE_F(view->request->path), suffix);
}

void charts_fill(struct view *view, const struct endpoint *endpoint, const struct ouse_doc *answer)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    for (uint32_t i = 0; i < endpoint->n_drawings; i++) {
        const struct drawing *drawing = &endpoint->drawings[i];
        struct ouse_str svg = draw(view, drawing, answer, ouse_format(ctx, "chart-%u", i + 1).p, 0);
        struct ouse_doc *chart = svg.p ? ouse_object(ctx) : NULL;
        ouse_set_text(ctx, chart, "title", ouse_s(drawing->title));
        ouse_set_text(ctx, chart, "doc", ouse_s(drawing->doc));
        ouse_set_text(ctx, chart, "kind", ouse_s(drawing->kind));
        ouse_set_text(ctx, chart, "svg", svg);
        ouse_set_text(ctx, chart, "svg_href", file_href(view, i, "svg"));
        ouse_set_text(ctx, chart, "csv_href", file_href(view, i, "csv"));
        ouse_add(ctx, list, chart);
    }
    ouse_set(ctx, view->root, "charts", list);
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
    if (i >= endpoint->n_drawings)
        return view_fail(view, 404, "This page has %u pictures%s", endpoint->n_drawings,
                         endpoint->n_drawings ? "; chart=1 is the first" : "");
    view->file = svg ? draw(view, &endpoint->drawings[i], answer, "chart", 1)
                     : tell(view, &endpoint->drawings[i], answer);
    view->file_type = svg ? "image/svg+xml" : "text/csv; charset=utf-8; header=present";
    return view->file.p ? 0 : view_fail(view, 500, "This picture is too large to be drawn");
}
