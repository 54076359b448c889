/* chart_network: links between nodes, at fixed places.
 *
 * Nodes are in columns with their labels next to them, so the chart is as high as its fullest
 * column, and scrolls sideways if it is too wide. */
#include "svg.h"
#include <math.h>

enum { WIDTH = 1120, LABEL = 190, STEP = 40, LEAST = 160, MARGIN = 24, SIGHT = 24, LINE = 16 };

struct drawing {
    const struct chart_network *network;
    uint32_t n;
    double height;
};

static double within(double value)
{
    return value > 0 ? fmin(value, 1) : 0;
}

static double x_of(const struct drawing *drawing, uint32_t i)
{
    return MARGIN + within(drawing->network->nodes[i].x) * (WIDTH - LABEL - 2 * MARGIN);
}

static double y_of(const struct drawing *drawing, uint32_t i)
{
    return MARGIN + within(drawing->network->nodes[i].y) * (drawing->height - 2 * MARGIN);
}

/* The most nodes of one column. */
static uint32_t fullest(const struct chart_network *network, uint32_t n)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = 0;
        for (uint32_t k = 0; k < n; k++)
            count += fabs(network->nodes[k].x - network->nodes[i].x) < 0.001;
        most = count > most ? count : most;
    }
    return most;
}

static void draw_link(const struct drawing *drawing, const struct chart_link *link, struct chart_sink *sink)
{
    double x1, y1, x2, y2;
    if (link->from >= drawing->n || link->to >= drawing->n)
        return;
    x1 = x_of(drawing, link->from), y1 = y_of(drawing, link->from);
    x2 = x_of(drawing, link->to), y2 = y_of(drawing, link->to);
    svg_put(sink,
            "<path class=\"chart-link\" d=\"M%s %sC%s %s %s %s %s %s\" fill=\"none\" stroke=\"#768692\">",
            svg_number(x1).text, svg_number(y1).text, svg_number((x1 + x2) / 2).text, svg_number(y1).text,
            svg_number((x1 + x2) / 2).text, svg_number(y2).text, svg_number(x2).text, svg_number(y2).text);
    svg_put(sink, "<title>");
    svg_text(sink, drawing->network->nodes[link->from].label);
    svg_put(sink, " – ");
    svg_text(sink, link->label);
    svg_put(sink, " – ");
    svg_text(sink, drawing->network->nodes[link->to].label);
    svg_put(sink, "</title></path>");
}

/* Draws a label in one line or two, the second cut, next to the middle of the node. */
static void draw_label(const struct chart_node *node, double x, double y, struct chart_sink *sink)
{
    struct ouse_str rest = node->label, line = svg_line(&rest, SIGHT);
    if (rest.n)
        y -= LINE / 2.0;
    svg_put(sink,
            "<text class=\"chart-label\" x=\"%s\" y=\"%s\" dx=\"13\" dy=\"5\" stroke=\"#fff\" "
            "stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\">",
            svg_number(x).text, svg_number(y).text);
    svg_cut(sink, line, SIGHT);
    if (rest.n) {
        svg_put(sink, "<tspan x=\"%s\" dx=\"13\" dy=\"%d\">", svg_number(x).text, LINE);
        svg_cut(sink, rest, SIGHT);
        svg_put(sink, "</tspan>");
    }
    svg_put(sink, "</text>");
}

static void draw_node(const struct drawing *drawing, uint32_t i, struct chart_sink *sink)
{
    const struct chart_node *node = &drawing->network->nodes[i];
    struct svg_number x = svg_number(x_of(drawing, i)), y = svg_number(y_of(drawing, i));
    svg_open(sink, node->href, node->label, node->kind);
    svg_put(sink, "<circle cx=\"%s\" cy=\"%s\" r=\"8\" stroke-width=\"2\"", x.text, y.text);
    svg_paint(sink, &drawing->network->is, node->group);
    svg_put(sink, "/>");
    draw_label(node, x_of(drawing, i), y_of(drawing, i), sink);
    svg_close(sink, node->href);
}

void chart_network(const struct chart_network *network, struct chart_sink *sink)
{
    struct drawing drawing = {.network = network, .n = network->n < CHART_NODES ? network->n : CHART_NODES};
    uint32_t links = network->n_links < CHART_LINKS ? network->n_links : CHART_LINKS;
    drawing.height = fmax(LEAST, 2.0 * MARGIN + fullest(network, drawing.n) * (double)STEP);
    svg_begin(sink, &network->is, "1120", drawing.height, WIDTH);
    svg_patterns(sink, &network->is, CHART_SERIES);
    for (uint32_t i = 0; i < links; i++)
        draw_link(&drawing, &network->links[i], sink);
    for (uint32_t i = 0; i < drawing.n; i++)
        draw_node(&drawing, i, sink);
    svg_end(sink);
}
