/* chart_timeline: periods, and marks on days.
 *
 *     ◇ due  ▲ late  ◆ done  ┊ today
 *            2024      2025      2026
 *     Children and families, short term            2024 to 2025
 *                 ◆   ◇           ┊
 *             ━━━━━━━━━━━         ┊
 *
 * Marks are above the bar, so that they contrast with the page and not with the bar. Long labels
 * and close years are drawn twice: in full for wide charts, and in brief for phones; the styles of
 * the page show one of the two. */
#include "svg.h"

enum { KEY = 26, AXIS = KEY + 24, LINE = 20, MARKS = 20, BAR = 6, GAP = 16, INDENT = 16, TICKS = 12 };
enum { FULL = 96, BRIEF = 44, SPARSE = 3 /* of that many years, a phone shows one */ };

/* Days that the picture spans; it begins and ends with a year. */
struct scale {
    int32_t first, last;
    int first_year, last_year;
};

/* Days from 1970-01-01 to the first of January of a year of the proleptic Gregorian calendar. */
static int32_t new_year(int year)
{
    int32_t y = year - 1;
    return 365 * (year - 1970) + (y / 4 - y / 100 + y / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static int year_of(int32_t day)
{
    int year = 1970 + (int)((double)day / 365.2425);
    while (new_year(year) > day)
        year--;
    while (new_year(year + 1) <= day)
        year++;
    return year;
}

static void include(struct scale *scale, int32_t day)
{
    if (day == CHART_UNKNOWN || day < new_year(1) || day >= new_year(9999))
        return;
    if (scale->first == CHART_UNKNOWN || day < scale->first)
        scale->first = day;
    if (scale->last == CHART_UNKNOWN || day > scale->last)
        scale->last = day;
}

static struct scale measure(const struct chart_timeline *timeline, uint32_t n)
{
    struct scale scale = {.first = CHART_UNKNOWN, .last = CHART_UNKNOWN};
    for (uint32_t i = 0; i < n; i++) {
        include(&scale, timeline->rows[i].first);
        include(&scale, timeline->rows[i].last);
        for (uint32_t k = 0; k < timeline->rows[i].n_marks; k++)
            include(&scale, timeline->rows[i].marks[k].day);
    }
    include(&scale, timeline->today);
    if (scale.first == CHART_UNKNOWN)
        scale.first = scale.last = 0;
    scale.first_year = year_of(scale.first);
    scale.last_year = year_of(scale.last) + 1;
    scale.first = new_year(scale.first_year);
    scale.last = new_year(scale.last_year);
    return scale;
}

/* Per cent of the width. */
static double place(const struct scale *scale, int32_t day)
{
    double at = ((double)day - scale->first) / ((double)scale->last - scale->first) * 100;
    return at < 0 ? 0 : at > 100 ? 100 : at;
}

/* A line and a number for each year, or each second, fifth, tenth … of them. */
static void draw_axis(const struct scale *scale, double bottom, struct chart_sink *sink)
{
    static const int steps[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000};
    size_t i = 0;
    int shown = 0;
    while ((scale->last_year - scale->first_year) / steps[i] > TICKS)
        i++;
    for (int year = scale->first_year; year <= scale->last_year; year++) {
        struct svg_number at = svg_number(place(scale, new_year(year)));
        const char *anchor = year == scale->first_year  ? "start"
                             : year == scale->last_year ? "end"
                                                        : "middle";
        if (year % steps[i] && year != scale->first_year)
            continue;
        svg_put(sink,
                "<line class=\"chart-grid\" x1=\"%s%%\" x2=\"%s%%\" y1=\"%d\" y2=\"%s\" stroke=\"#d8dde0\"/>",
                at.text, at.text, AXIS, svg_number(bottom).text);
        svg_put(sink, "<text%s x=\"%s%%\" y=\"%d\" text-anchor=\"%s\">%d</text>",
                shown++ % SPARSE ? " class=\"chart-wide\"" : "", at.text, AXIS - 10, anchor, year);
    }
}

static const struct look {
    const char *name, *fill, *shape;
} looks[] = {{"due", "#fff", "M0 -7L7 0L0 7L-7 0Z"},
             {"late", "#a3292f", "M0 -8L8 6L-8 6Z"},
             {"done", "#212b32", "M0 -7L7 0L0 7L-7 0Z"}};

/* Draws a shape with a halo in the colour of the page, so that overlapping marks stay distinct. */
static void draw_shape(const struct look *look, struct chart_sink *sink)
{
    svg_put(sink, "<path class=\"chart-halo\" d=\"%s\" fill=\"#fff\" stroke=\"#fff\" stroke-width=\"5\"/>",
            look->shape);
    svg_put(sink, "<path class=\"chart-%s\" d=\"%s\" fill=\"%s\" stroke=\"#212b32\" stroke-width=\"2\"/>",
            look->name, look->shape, look->fill);
}

/* Draws the meaning of the shapes. */
static void draw_key(const struct chart_timeline *timeline, struct chart_sink *sink)
{
    int x = 8;
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++, x += 66) {
        svg_put(sink, "<svg x=\"%d\" y=\"10\" overflow=\"visible\">", x);
        draw_shape(&looks[i], sink);
        svg_put(sink, "</svg><text x=\"%d\" y=\"15\">%s</text>", x + 14, looks[i].name);
    }
    if (timeline->today != CHART_UNKNOWN)
        svg_put(sink,
                "<line class=\"chart-today\" x1=\"%d\" x2=\"%d\" y1=\"2\" y2=\"18\" stroke=\"#a3292f\" "
                "stroke-width=\"2\" stroke-dasharray=\"2 4\"/><text x=\"%d\" y=\"15\">today</text>",
                x, x, x + 10);
}

static void draw_mark(const struct chart_mark *mark, const struct scale *scale, double middle,
                      struct chart_sink *sink)
{
    const struct look *look = &looks[mark->done ? 2 : mark->late ? 1 : 0];
    if (mark->day == CHART_UNKNOWN)
        return;
    svg_open(sink, mark->href, mark->label, ouse_s(look->name));
    svg_put(sink, "<svg x=\"%s%%\" y=\"%s\" overflow=\"visible\">", svg_number(place(scale, mark->day)).text,
            svg_number(middle).text);
    draw_shape(look, sink);
    svg_put(sink, "</svg>");
    svg_close(sink, mark->href);
}

static void draw_bar(const struct chart_timeline *timeline, const struct chart_span *row,
                     const struct scale *scale, double top, struct chart_sink *sink)
{
    double from = row->first == CHART_UNKNOWN ? 0 : place(scale, row->first);
    double to = row->last == CHART_UNKNOWN ? 100 : place(scale, row->last);
    int open = row->first == CHART_UNKNOWN || row->last == CHART_UNKNOWN;
    if ((row->first == CHART_UNKNOWN && row->last == CHART_UNKNOWN) || to < from)
        return;
    svg_put(sink, "<rect x=\"%s%%\" y=\"%s\" width=\"%s%%\" height=\"%d\" rx=\"3\"%s", svg_number(from).text,
            svg_number(top).text, svg_number(to - from < 0.5 ? 0.5 : to - from).text, BAR,
            open ? " stroke-dasharray=\"4 3\"" : "");
    svg_paint(sink, &timeline->is, open ? 1 : 0);
    svg_put(sink, "/>");
}

/* A label in full or in brief; where both are the same, it is drawn once. */
static void draw_label(const struct chart_span *row, double top, int brief, struct chart_sink *sink)
{
    svg_put(sink, "<text%s x=\"%d\" y=\"%s\">",
            row->label.n <= BRIEF ? ""
            : brief               ? " class=\"chart-narrow\" display=\"none\""
                                  : " class=\"chart-wide\"",
            row->level * INDENT, svg_number(top + 14).text);
    svg_cut(sink, row->label, brief ? BRIEF : FULL);
    svg_put(sink, "</text>");
}

static double height_of(const struct chart_span *row)
{
    return LINE + (row->n_marks ? MARKS : 0) + BAR + GAP;
}

static void draw_row(const struct chart_timeline *timeline, const struct chart_span *row,
                     const struct scale *scale, double top, struct chart_sink *sink)
{
    svg_open(sink, row->href, row->label, row->shown);
    draw_label(row, top, 0, sink);
    if (row->label.n > BRIEF)
        draw_label(row, top, 1, sink);
    svg_put(sink, "<text class=\"chart-wide\" x=\"100%%\" y=\"%s\" text-anchor=\"end\">",
            svg_number(top + 14).text);
    svg_cut(sink, row->shown, BRIEF);
    svg_put(sink, "</text>");
    draw_bar(timeline, row, scale, top + height_of(row) - GAP - BAR, sink);
    svg_close(sink, row->href);
    for (uint32_t i = 0; i < row->n_marks; i++)
        draw_mark(&row->marks[i], scale, top + LINE + MARKS / 2.0, sink);
}

void chart_timeline(const struct chart_timeline *timeline, struct chart_sink *sink)
{
    uint32_t n = timeline->n < CHART_ROWS ? timeline->n : CHART_ROWS;
    struct scale scale = measure(timeline, n);
    double top = AXIS, bottom = AXIS;
    for (uint32_t i = 0; i < n; i++)
        bottom += height_of(&timeline->rows[i]);
    svg_begin(sink, &timeline->is, "100%", bottom + (n < timeline->n ? LINE : 0), 0);
    svg_patterns(sink, &timeline->is, 2);
    draw_key(timeline, sink);
    draw_axis(&scale, bottom, sink);
    for (uint32_t i = 0; i < n; top += height_of(&timeline->rows[i++]))
        draw_row(timeline, &timeline->rows[i], &scale, top, sink);
    if (timeline->today != CHART_UNKNOWN) {
        struct svg_number at = svg_number(place(&scale, timeline->today));
        svg_put(sink,
                "<line class=\"chart-today\" x1=\"%s%%\" x2=\"%s%%\" y1=\"%d\" y2=\"%s\" stroke=\"#a3292f\" "
                "stroke-width=\"2\" stroke-dasharray=\"2 4\"><title>Today</title></line>",
                at.text, at.text, AXIS, svg_number(bottom).text);
    }
    if (n < timeline->n)
        svg_put(sink, "<text x=\"0\" y=\"%s\">and %u more</text>", svg_number(bottom + 14).text,
                timeline->n - n);
    svg_end(sink);
}
