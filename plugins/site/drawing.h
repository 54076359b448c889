/* drawing: charts of an answer, as declared by its endpoint.
 *
 * The reply_schema of a route may have the member "x-charts", a list of
 *
 *     {"kind": "bars", "title": "What the money is for", "rows": "rows", "label": "label", "link": "target",
 *      "series": {"planned": "Planned", "spent": "Spent"}, "unit": "money", "whole": "amount",
 *      "rest": "unallocated", "rest_title": "Not allocated"}
 *     {"kind": "timeline", "title": …, "rows": "programmes", "label": "title", "children": "workplans",
 *      "from": "starts", "to": "ends", "marks": "milestones", "on": "due", "late": "late", "done":
 * "completed"}
 *     {"kind": "network", "title": …, "nodes": "nodes", "links": "links"}
 *     {"kind": "line", "title": …, "rows": "observations", "label": "on", "series": {"value": "Value"},
 *      "from": "baseline", "to": "target", "unit_of": "indicator.unit"}
 *     {"kind": "sparkline", "title": …, "rows": "observations", "label": "on", "series": {"value": "Value"}}
 *
 * They name members of the answer and of its rows: README.md. So a plugin has charts, and files of
 * them as SVG and CSV, without drawing code. */
#ifndef SITE_DRAWING_H
#define SITE_DRAWING_H

#include "chart.h"
#include <ouse/host.h>

#define DRAWING_SERIES CHART_SERIES

/* Texts that were not declared are NULL. */
struct drawing {
    const char *kind, *title, *doc;
    const char *rows, *label, *link; /* all but networks: path of a list; members of its rows */
    const char *unit;                /* bars: "money", or a word after the number */
    const char *unit_of;             /* lines: path of the member of the answer that has the unit */
    const char *whole, *rest; /* bars: members of the answer: the total, and the rest outside the rows */
    const char *rest_title;
    const char *low, *high;               /* bars: bounds, members of a row or of its parent */
    const char *children;                 /* timelines: rows below a row */
    const char *from, *to;                /* timelines: members of rows; lines: of the answer, levels */
    const char *marks, *on, *late, *done; /* timelines: a list in a row; members of its entries */
    const char *nodes, *links;            /* networks: lists */
    struct {
        const char *member, *title;
    } series[DRAWING_SERIES]; /* bars; of lines and sparklines the first */
    uint32_t n_series;
};

/* A copy of a text that lives as long as the drawings do; NULL of no text. */
typedef const char *(*drawing_keep)(void *arg, struct ouse_str text);

/* Reads one declaration. Returns 0, or -1 if it cannot be drawn. */
int drawing_read(struct ouse_ctx *ctx, const struct ouse_doc *declared, drawing_keep keep, void *arg,
                 struct drawing *drawing);

/* Returns whether a chart is small enough for the page of its record. */
int drawing_is_small(const struct drawing *drawing);

/* Draws an answer. Returns the number of visible rows or nodes; if it is 0, omit the chart. The
 * addresses of rows are their members "href", or else `base` with the "collection/id" in the member
 * `link`. */
struct drawing_place {
    const char *name; /* unique in the page */
    const char *base; /* path prefix */
    int standalone;
};
uint32_t drawing_draw(struct ouse_ctx *ctx, const struct drawing *drawing, const struct ouse_doc *answer,
                      const struct drawing_place *place, struct chart_sink *sink);

/* The same numbers as CSV (RFC 4180), with a header row. */
void drawing_table(struct ouse_ctx *ctx, const struct drawing *drawing, const struct ouse_doc *answer,
                   struct chart_sink *sink);

#endif
