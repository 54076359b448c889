/* chart_spark: a trend, in the height of a line of text. */
#include "svg.h"
#include <math.h>

enum { WIDTH = 120, HEIGHT = 24, MARGIN = 2 };

/* Finds the least and the greatest known value. Returns 0 if no value is known. */
static int bounds(const struct chart_spark *spark, double *least, double *most)
{
    int known = 0;
    for (uint32_t i = 0; i < spark->n; i++) {
        if (!isfinite(spark->values[i]))
            continue;
        *least = known ? fmin(*least, spark->values[i]) : spark->values[i];
        *most = known ? fmax(*most, spark->values[i]) : spark->values[i];
        known = 1;
    }
    return known;
}

void chart_spark(const struct chart_spark *spark, struct chart_sink *sink)
{
    double least = 0, most = 0, across = spark->n > 1 ? (WIDTH - 2.0 * MARGIN) / (spark->n - 1) : 0;
    int known = bounds(spark, &least, &most), drawing = 0;
    double up = most > least ? (HEIGHT - 2.0 * MARGIN) / (most - least) : 0;
    svg_begin(sink, &spark->is, "120", HEIGHT, WIDTH);
    if (known)
        svg_put(sink, "<path class=\"chart-spark\" fill=\"none\" stroke=\"#1d5f8a\" stroke-width=\"2\" "
                      "stroke-linecap=\"round\" d=\"");
    for (uint32_t i = 0; i < spark->n; i++) {
        double value = spark->values[i];
        if (isfinite(value))
            svg_put(sink, "%s%s %s%s", drawing ? "L" : "M", svg_number(MARGIN + i * across).text,
                    svg_number(HEIGHT - MARGIN - (value - least) * up).text, drawing ? "" : "h0");
        drawing = isfinite(value);
    }
    if (known)
        svg_put(sink, "\"/>");
    svg_end(sink);
}
