/* chart_timeline: what lasts from when to when, and what is due on which day.
 *
 *            2024      2025      2026
 *     Children and families, short term            2024 to 2025
 *             ████◆███◇██         ┊
 */
#include "svg.h"

enum { AXIS = 24, LINE = 20, BAR = 14, GAP = 14, INDENT = 16, TICKS = 12 };

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
        svg_put(sink, "<text x=\"%s%%\" y=\"14\" text-anchor=\"%s\">%d</text>", at.text, anchor, year);
    }
}

static void draw_mark(const struct chart_mark *mark, const struct scale *scale, double middle,
                      struct chart_sink *sink)
{
    static const struct {
        const char *name, *fill, *shape;
    } looks[] = {{"due", "#fff", "M0 -7L7 0L0 7L-7 0Z"},
                 {"late", "#a3292f", "M0 -8L8 6L-8 6Z"},
                 {"done", "#212b32", "M0 -7L7 0L0 7L-7 0Z"}};
    size_t look = mark->done ? 2 : mark->late ? 1 : 0;
    if (mark->day == CHART_UNKNOWN)
        return;
    svg_open(sink, mark->href, mark->label, ouse_s(looks[look].name));
    svg_put(sink, "<svg x=\"%s%%\" y=\"%s\" overflow=\"visible\">", svg_number(place(scale, mark->day)).text,
            svg_number(middle).text);
    svg_put(sink,
            "<path class=\"chart-%s\" d=\"%s\" fill=\"%s\" stroke=\"#212b32\" stroke-width=\"2\"/></svg>",
            looks[look].name, looks[look].shape, looks[look].fill);
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

static void draw_row(const struct chart_timeline *timeline, const struct chart_span *row,
                     const struct scale *scale, double top, struct chart_sink *sink)
{
    svg_open(sink, row->href, row->label, row->shown);
    svg_put(sink, "<text x=\"%d\" y=\"%s\">", row->level * INDENT, svg_number(top + 14).text);
    svg_cut(sink, row->label, 44);
    svg_put(sink, "</text><text x=\"100%%\" y=\"%s\" text-anchor=\"end\">", svg_number(top + 14).text);
    svg_cut(sink, row->shown, 28);
    svg_put(sink, "</text>");
    draw_bar(timeline, row, scale, top + LINE, sink);
    svg_close(sink, row->href);
    for (uint32_t i = 0; i < row->n_marks; i++)
        draw_mark(&row->marks[i], scale, top + LINE + BAR / 2.0, sink);
}

void chart_timeline(const struct chart_timeline *timeline, struct chart_sink *sink)
{
    uint32_t n = timeline->n < CHART_ROWS ? timeline->n : CHART_ROWS;
    struct scale scale = measure(timeline, n);
    double step = LINE + BAR + GAP, bottom = AXIS + n * step;
    svg_begin(sink, &timeline->is, "100%", bottom + (n < timeline->n ? LINE : 0), 0);
    svg_patterns(sink, &timeline->is, 2);
    draw_axis(&scale, bottom, sink);
    for (uint32_t i = 0; i < n; i++)
        draw_row(timeline, &timeline->rows[i], &scale, AXIS + i * step, sink);
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
