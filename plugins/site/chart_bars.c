/* chart_bars: lengths side by side.
 *
 *     Inclusive workforce                    £1,200,000
 *     ██████████▒▒▒▒▒▒░░░░
 */
#include "svg.h"
#include <math.h>

enum { LINE = 20, BAR = 16, GAP = 14, KEY = 26, MARK = 12 };

static double drawn(double value)
{
    return isfinite(value) && value > 0 ? value : 0;
}

static double length(const struct chart_bars *bars, const struct chart_bar *row)
{
    double sum = 0;
    for (uint32_t i = 0; i < bars->n_series; i++)
        sum += drawn(row->values[i]);
    return sum;
}

static double longest(const struct chart_bars *bars, uint32_t n)
{
    double most = drawn(bars->whole);
    for (uint32_t i = 0; i < n && !bars->whole; i++)
        most = fmax(most, fmax(length(bars, &bars->rows[i]), drawn(bars->rows[i].high)));
    return most;
}

/* Draws the meaning of each pattern, in lines of two. */
static void draw_key(const struct chart_bars *bars, struct chart_sink *sink)
{
    for (uint32_t i = 0; i < bars->n_series; i++) {
        const char *left = i % 2 ? "50%" : "0";
        int top = (int)(i / 2) * KEY;
        svg_put(sink, "<rect x=\"%s\" y=\"%d\" width=\"%d\" height=\"%d\"", left, top + 4, MARK, MARK);
        svg_paint(sink, &bars->is, i);
        svg_put(sink, "/><text x=\"%s\" dx=\"%d\" y=\"%d\">", left, MARK + 8, top + 15);
        svg_cut(sink, bars->series[i], 30);
        svg_put(sink, "</text>");
    }
}

/* A frame over the bar, from the low bound to the high one. */
static void draw_bounds(const struct chart_bar *row, double whole, double top, struct chart_sink *sink)
{
    double low = drawn(row->low), high = drawn(row->high);
    if (whole <= 0 || high <= 0 || low > high)
        return;
    svg_put(sink,
            "<rect class=\"chart-bounds\" x=\"%s%%\" y=\"%s\" width=\"%s%%\" height=\"%d\" fill=\"none\" "
            "stroke=\"#212b32\" stroke-width=\"2\" stroke-dasharray=\"5 3\"/>",
            svg_number(low / whole * 100).text, svg_number(top + LINE - 3).text,
            svg_number((high - low) / whole * 100).text, BAR + 6);
}

static void draw_row(const struct chart_bars *bars, const struct chart_bar *row, double whole, double top,
                     struct chart_sink *sink)
{
    double left = 0;
    svg_open(sink, row->href, row->label, row->shown);
    svg_put(sink, "<text x=\"0\" y=\"%s\">", svg_number(top + 14).text);
    svg_cut(sink, row->label, 44);
    svg_put(sink, "</text><text x=\"100%%\" y=\"%s\" text-anchor=\"end\">", svg_number(top + 14).text);
    svg_cut(sink, row->shown, 24);
    svg_put(sink,
            "</text><rect class=\"chart-track\" x=\"0\" y=\"%s\" width=\"100%%\" height=\"%d\" "
            "fill=\"#e8edee\"/>",
            svg_number(top + LINE).text, BAR);
    for (uint32_t i = 0; i < bars->n_series; i++) {
        double part = whole > 0 ? fmin(drawn(row->values[i]) / whole * 100, 100 - left) : 0;
        if (part <= 0)
            continue;
        svg_put(sink, "<rect x=\"%s%%\" y=\"%s\" width=\"%s%%\" height=\"%d\"", svg_number(left).text,
                svg_number(top + LINE).text, svg_number(part).text, BAR);
        svg_paint(sink, &bars->is, i);
        svg_put(sink, "/>");
        left += part;
    }
    draw_bounds(row, whole, top, sink);
    svg_close(sink, row->href);
}

void chart_bars(const struct chart_bars *bars, struct chart_sink *sink)
{
    uint32_t n = bars->n < CHART_ROWS ? bars->n : CHART_ROWS;
    double head = bars->n_series > 1 ? (bars->n_series + 1) / 2 * KEY : 0;
    double whole = longest(bars, n), step = LINE + BAR + GAP;
    svg_begin(sink, &bars->is, "100%", head + n * step + (n < bars->n ? LINE : 0), 0);
    svg_patterns(sink, &bars->is, bars->n_series);
    if (head > 0)
        draw_key(bars, sink);
    for (uint32_t i = 0; i < n; i++)
        draw_row(bars, &bars->rows[i], whole, head + i * step, sink);
    if (n < bars->n)
        svg_put(sink, "<text x=\"0\" y=\"%s\">and %u more</text>", svg_number(head + n * step + 14).text,
                bars->n - n);
    svg_end(sink);
}
