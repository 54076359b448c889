/* chart_line: how something that was measured went over time, with an axis, where it began and where it is to
 * go.
 *
 *     40 ─────────────────────────────── Baseline 40 days
 *        ●────────●
 *     30 ──────────────────────────────────────────────
 *     ════════════════════════════════── Target 28 days
 *     January 2026                             May 2026
 */
#include "svg.h"
#include <math.h>

enum { TOP = 24, PLOT = 180, BOTTOM = 28, TICKS = 4, RADIUS = 4, LINE = 18 };
static const double left = 12, right = 96; /* per cent: where the first and the last day are */

/* The range of the axis. */
struct scale {
    double least, most, step;
    int32_t first, last; /* days */
};

/* 1, 2 or 5 times a power of ten: as long as a part of the axis, or longer. */
static double nice_step(double span)
{
    double rough = span / TICKS, power = pow(10, floor(log10(rough)));
    for (int i = 0; i < 2; i++)
        if (power * (i ? 2 : 1) >= rough * 0.999)
            return power * (i ? 2 : 1);
    return power * 5 >= rough * 0.999 ? power * 5 : power * 10;
}

static void widen(double value, double *least, double *most)
{
    if (!isfinite(value))
        return;
    *least = fmin(*least, value);
    *most = fmax(*most, value);
}

/* The axis begins at 0 unless all values are far from it. */
static int read_scale(const struct chart_line *line, struct scale *scale)
{
    double least = INFINITY, most = -INFINITY;
    scale->first = INT32_MAX;
    scale->last = INT32_MIN;
    for (uint32_t i = 0; i < line->n; i++) {
        const struct chart_point *point = &line->points[i];
        if (!isfinite(point->value) || point->day == CHART_UNKNOWN)
            continue;
        widen(point->value, &least, &most);
        scale->first = point->day < scale->first ? point->day : scale->first;
        scale->last = point->day > scale->last ? point->day : scale->last;
    }
    if (!isfinite(least))
        return 0;
    widen(line->base, &least, &most);
    widen(line->goal, &least, &most);
    if (least > 0 && least <= most / 2)
        least = 0;
    scale->step = nice_step(most > least ? most - least : fabs(most) + 1);
    scale->least = floor(least / scale->step) * scale->step;
    scale->most = ceil(most / scale->step) * scale->step;
    if (scale->most <= scale->least)
        scale->most = scale->least + scale->step;
    return 1;
}

static double height(const struct scale *scale, double value)
{
    return TOP + PLOT * (scale->most - value) / (scale->most - scale->least);
}

static double across(const struct scale *scale, int32_t day)
{
    if (scale->last == scale->first)
        return (left + right) / 2;
    return left + (right - left) * ((double)day - scale->first) / ((double)scale->last - scale->first);
}

static void draw_axis(const struct chart_line *line, const struct scale *scale, struct chart_sink *sink)
{
    for (int i = 0; scale->least + i * scale->step <= scale->most + scale->step / 2; i++) {
        double value = scale->least + i * scale->step, y = height(scale, value);
        struct svg_number at = svg_number(y);
        svg_put(sink,
                "<line class=\"chart-grid\" x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\" stroke=\"#d8dde0\"/>"
                "<text x=\"0\" y=\"%s\">%s",
                at.text, at.text, svg_number(y - 4).text, svg_number(value).text);
        if (scale->least + (i + 1) * scale->step > scale->most + scale->step / 2 && line->unit.p) {
            svg_put(sink, " ");
            svg_cut(sink, line->unit, 24);
        }
        svg_put(sink, "</text>");
    }
}

/* A level with its name over its right end, or under it. */
static void draw_level(const char *kind, const char *dashes, struct ouse_str label, double y, int under,
                       struct chart_sink *sink)
{
    struct svg_number at = svg_number(y);
    svg_put(sink,
            "<line class=\"chart-%s\" x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\" stroke=\"#212b32\" "
            "stroke-width=\"2\"%s/><text x=\"100%%\" y=\"%s\" text-anchor=\"end\">",
            kind, at.text, at.text, dashes, svg_number(under ? y + LINE - 3 : y - 5).text);
    svg_cut(sink, label, 40);
    svg_put(sink, "</text>");
}

static void draw_levels(const struct chart_line *line, const struct scale *scale, struct chart_sink *sink)
{
    double base = height(scale, line->base), goal = height(scale, line->goal);
    int near = isfinite(base) && isfinite(goal) && fabs(base - goal) < LINE;
    if (isfinite(line->base))
        draw_level("base", " stroke-dasharray=\"6 4\"", line->base_label, base, near && base > goal, sink);
    if (isfinite(line->goal))
        draw_level("goal", "", line->goal_label, goal, near && base <= goal, sink);
}

static int is_known(const struct chart_point *point)
{
    return isfinite(point->value) && point->day != CHART_UNKNOWN;
}

static void draw_points(const struct chart_line *line, const struct scale *scale, struct chart_sink *sink)
{
    for (uint32_t i = 1; i < line->n; i++) {
        const struct chart_point *from = &line->points[i - 1], *to = &line->points[i];
        if (is_known(from) && is_known(to))
            svg_put(
                sink,
                "<line class=\"chart-spark\" x1=\"%s%%\" y1=\"%s\" x2=\"%s%%\" y2=\"%s\" stroke=\"#1d5f8a\" "
                "stroke-width=\"2\"/>",
                svg_number(across(scale, from->day)).text, svg_number(height(scale, from->value)).text,
                svg_number(across(scale, to->day)).text, svg_number(height(scale, to->value)).text);
    }
    for (uint32_t i = 0; i < line->n; i++) {
        const struct chart_point *point = &line->points[i];
        if (!is_known(point))
            continue;
        svg_open(sink, (struct ouse_str){NULL, 0}, point->label, point->shown);
        svg_put(sink, "<circle class=\"chart-point\" cx=\"%s%%\" cy=\"%s\" r=\"%d\" fill=\"#1d5f8a\"/>",
                svg_number(across(scale, point->day)).text, svg_number(height(scale, point->value)).text,
                RADIUS);
        svg_close(sink, (struct ouse_str){NULL, 0});
    }
}

/* The first day on the left, the last one on the right. */
static void draw_days(const struct chart_line *line, const struct scale *scale, struct chart_sink *sink)
{
    const struct chart_point *first = NULL, *last = NULL;
    for (uint32_t i = 0; i < line->n; i++)
        if (is_known(&line->points[i])) {
            first = first ? first : &line->points[i];
            last = &line->points[i];
        }
    svg_put(sink, "<text x=\"%s\" y=\"%d\"%s>", scale->first == scale->last ? "50%" : "0",
            TOP + PLOT + BOTTOM - 6, scale->first == scale->last ? " text-anchor=\"middle\"" : "");
    svg_cut(sink, first->label, 24);
    svg_put(sink, "</text>");
    if (scale->first == scale->last)
        return;
    svg_put(sink, "<text x=\"100%%\" y=\"%d\" text-anchor=\"end\">", TOP + PLOT + BOTTOM - 6);
    svg_cut(sink, last->label, 24);
    svg_put(sink, "</text>");
}

void chart_line(const struct chart_line *line, struct chart_sink *sink)
{
    struct scale scale;
    int known = read_scale(line, &scale);
    svg_begin(sink, &line->is, "100%", known ? TOP + PLOT + BOTTOM : LINE, 0);
    if (known) {
        draw_axis(line, &scale, sink);
        draw_levels(line, &scale, sink);
        draw_points(line, &scale, sink);
        draw_days(line, &scale, sink);
    }
    svg_end(sink);
}
