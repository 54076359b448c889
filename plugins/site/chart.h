/* chart: draws charts of numbers, as SVG.
 *
 *   data (structs, all borrowed) ─> chart_… ─> struct chart_sink, piece by piece
 *
 * A chart contains no more than the table under it: it has a title and a description, every mark
 * has its text, and marks with an address are links, so screen readers and keyboards can use it.
 * Series differ in pattern as well as in colour. The same input gives the same bytes.
 *
 * Widths are in per cent of the available width and heights in pixels, so texts keep their size on
 * every screen; only the network, whose places are fixed, has a least width. Colours are
 * presentation attributes, which the page's styles override by class ("chart-1" …), and which are
 * right without styles: in a downloaded file. There are no style attributes and elements, as the
 * site's Content-Security-Policy demands.
 *
 * Texts are escaped and may contain anything. Pure functions: no state, any thread. */
#ifndef SITE_CHART_H
#define SITE_CHART_H

#include <ouse/abi.h>
#include <stddef.h>

#define CHART_SERIES 6   /* distinct series; further ones repeat the patterns */
#define CHART_ROWS   200 /* drawn; the rest is counted in a last line */
#define CHART_POINTS 1000
#define CHART_NODES  300
#define CHART_LINKS  1200

/* Where the bytes go. `put` is called many times with pieces that are not kept. */
struct chart_sink {
    void (*put)(void *arg, const char *bytes, size_t n);
    void *arg;
};

/* The members of every chart. `name` is unique in a page ([a-z0-9-]): ids contain it. */
struct chart {
    const char *name;
    struct ouse_str title, description;
    int standalone; /* a separate file: with a name space and a background */
};

/* ---- Bars ---------------------------------------------------------------- */

/* One bar: its parts follow one another. A value that is not finite or below zero is not drawn;
 * `shown` is its text ("£3,000,000"). */
struct chart_bar {
    struct ouse_str label, href, shown; /* no href: no link */
    const double *values;               /* one for each series */
    double low, high;                   /* between which it should end: a frame, where `high` is above zero */
};

struct chart_bars {
    struct chart is;
    const struct ouse_str *series; /* names; with several, a key is drawn */
    uint32_t n_series;
    const struct chart_bar *rows;
    uint32_t n;
    double whole; /* the length of a full bar; 0: the longest one */
};

void chart_bars(const struct chart_bars *bars, struct chart_sink *sink);

/* ---- Timeline ------------------------------------------------------------- */

#define CHART_UNKNOWN INT32_MIN /* a day that is not known */

/* Something that is due on a day, on the row of its subject. */
struct chart_mark {
    struct ouse_str label, href;
    int32_t day; /* since 1970-01-01; CHART_UNKNOWN is not drawn */
    int late, done;
};

/* From the first day to the last; one that is not known ends at the picture's edge. */
struct chart_span {
    struct ouse_str label, href, shown; /* shown: "2024 to 2026-03, under way" */
    int32_t first, last;
    int level; /* of indentation: 0, 1 … */
    const struct chart_mark *marks;
    uint32_t n_marks;
};

struct chart_timeline {
    struct chart is;
    const struct chart_span *rows;
    uint32_t n;
    int32_t today; /* a line; CHART_UNKNOWN: no line */
};

void chart_timeline(const struct chart_timeline *timeline, struct chart_sink *sink);

/* ---- Network ---------------------------------------------------------------- */

struct chart_node {
    struct ouse_str label, href, kind; /* kind: a word for screen readers */
    double x, y;                       /* in the unit square */
    uint32_t group;                    /* for the colour */
};

struct chart_link {
    uint32_t from, to; /* nodes; one that does not exist is skipped */
    struct ouse_str label;
};

struct chart_network {
    struct chart is;
    const struct chart_node *nodes;
    uint32_t n;
    const struct chart_link *links;
    uint32_t n_links;
};

void chart_network(const struct chart_network *network, struct chart_sink *sink);

/* ---- Line ---------------------------------------------------------------------- */

/* A measurement on a day; if it is not finite, or the day is unknown, it is a gap. */
struct chart_point {
    struct ouse_str label, shown; /* "31 March 2026", "36 days" */
    int32_t day;                  /* since 1970-01-01, or CHART_UNKNOWN */
    double value;
};

struct chart_line {
    struct chart is;
    struct ouse_str unit;             /* at the top of the axis; may be empty */
    const struct chart_point *points; /* in the order of their days */
    uint32_t n;
    double base, goal; /* where it began, where it is to go; not finite: not known */
    struct ouse_str base_label, goal_label;
};

void chart_line(const struct chart_line *line, struct chart_sink *sink);

/* ---- Sparkline -------------------------------------------------------------- */

/* A line without axes, as high as a line of text. */
struct chart_spark {
    struct chart is;
    const double *values; /* evenly spaced; a value that is not finite is a gap */
    uint32_t n;
};

void chart_spark(const struct chart_spark *spark, struct chart_sink *sink);

#endif
