/* drawing: converts an answer into a chart, by its declaration. */
#include "drawing.h"
#include "view.h"
#include <math.h>
#include <stddef.h>

/* ---- Declarations ---------------------------------------------------------------- */

static const struct {
    const char *name;
    size_t at;
} members[] = {
    {"kind", offsetof(struct drawing, kind)},       {"title", offsetof(struct drawing, title)},
    {"doc", offsetof(struct drawing, doc)},         {"rows", offsetof(struct drawing, rows)},
    {"label", offsetof(struct drawing, label)},     {"link", offsetof(struct drawing, link)},
    {"unit", offsetof(struct drawing, unit)},       {"low", offsetof(struct drawing, low)},
    {"high", offsetof(struct drawing, high)},       {"children", offsetof(struct drawing, children)},
    {"from", offsetof(struct drawing, from)},       {"to", offsetof(struct drawing, to)},
    {"marks", offsetof(struct drawing, marks)},     {"on", offsetof(struct drawing, on)},
    {"late", offsetof(struct drawing, late)},       {"done", offsetof(struct drawing, done)},
    {"nodes", offsetof(struct drawing, nodes)},     {"links", offsetof(struct drawing, links)},
    {"unit_of", offsetof(struct drawing, unit_of)}, {"whole", offsetof(struct drawing, whole)},
    {"rest", offsetof(struct drawing, rest)},       {"rest_title", offsetof(struct drawing, rest_title)},
};

static const struct kind *kind_of(const struct drawing *drawing);

int drawing_read(struct ouse_ctx *ctx, const struct ouse_doc *declared, drawing_keep keep, void *arg,
                 struct drawing *drawing)
{
    const struct ouse_doc *series = ouse_member(ctx, declared, "series");
    struct drawing read = {0};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        *(const char **)(void *)((char *)&read + members[i].at) =
            keep(arg, ouse_text(ctx, declared, members[i].name));
    for (uint32_t i = 0; i < ouse_count(ctx, series) && i < DRAWING_SERIES; i++) {
        read.series[i].member = keep(arg, ouse_name(ctx, ouse_at(ctx, series, i)));
        read.series[i].title = keep(arg, ouse_as_text(ctx, ouse_at(ctx, series, i)));
        read.n_series++;
    }
    if (!kind_of(&read))
        return -1;
    *drawing = read;
    return 0;
}

/* ---- Reading answers ---------------------------------------------------------------- */

/* One picture being made. */
struct making {
    struct ouse_ctx *ctx;
    struct ouse_str currency; /* of the answer; no text: pounds */
    const struct drawing *drawing;
    const struct drawing_place *place;
    struct chart chart;
    struct chart_sink *sink;
};

static struct ouse_str text_of(struct making *m, const struct ouse_doc *row, const char *name)
{
    return name ? ouse_text(m->ctx, row, name) : ouse_s(NULL);
}

/* Returns a number, or the value of a quantity or the middle of its range, or NAN. */
static double number_of(struct making *m, const struct ouse_doc *row, const char *name)
{
    const struct ouse_doc *value = name ? ouse_member(m->ctx, row, name) : NULL;
    if (ouse_kind(m->ctx, value) != OUSE_JSON_OBJECT)
        return name ? ouse_number(m->ctx, row, name, NAN) : NAN;
    return ouse_number(m->ctx, value, "value",
                       (ouse_number(m->ctx, value, "min", NAN) + ouse_number(m->ctx, value, "max", NAN)) / 2);
}

static int32_t day_of(struct making *m, const struct ouse_doc *row, const char *name, int last)
{
    int32_t first_day, last_day;
    if (!name || !ouse_span(m->ctx, text_of(m, row, name), &first_day, &last_day))
        return CHART_UNKNOWN;
    return last ? last_day : first_day;
}

static int has(struct making *m, const struct ouse_doc *row, const char *name)
{
    const struct ouse_doc *value = name ? ouse_member(m->ctx, row, name) : NULL;
    uint32_t kind = ouse_kind(m->ctx, value);
    return kind == OUSE_JSON_BOOL ? ouse_number(m->ctx, row, name, 0) != 0 : kind != OUSE_JSON_NULL;
}

static struct ouse_str address_of(struct making *m, const struct ouse_doc *row)
{
    struct ouse_str given = ouse_text(m->ctx, row, "href"), reference = text_of(m, row, m->drawing->link);
    if (given.p || !reference.p)
        return given;
    return ouse_format(m->ctx, "%s/%.*s", m->place->base, OUSE_F(reference));
}

/* Calls fn for each entry of the list that a path leads to, "models.networks", through
 * lists on the way; `within` is the entry that it lies in. */
typedef void (*row_fn)(void *arg, const struct ouse_doc *row, const struct ouse_doc *within);

static void each_row(struct making *m, const struct ouse_doc *in, const char *path, row_fn fn, void *arg)
{
    size_t n = path ? strcspn(path, ".") : 0;
    const struct ouse_doc *list =
        n ? ouse_member(m->ctx, in, ouse_format(m->ctx, "%.*s", (int)n, path).p) : NULL;
    for (uint32_t i = 0; i < ouse_count(m->ctx, list); i++) {
        const struct ouse_doc *row = ouse_at(m->ctx, list, i);
        if (path[n])
            each_row(m, row, path + n + 1, fn, arg);
        else
            fn(arg, row, in);
    }
}

/* ---- Bars -------------------------------------------------------------------------------- */

struct bars {
    struct making *m;
    struct chart_bar *rows;
    uint32_t n;
};

/* A sum of money is 0 only if no amount is known: there are no amounts of 0. */
static struct ouse_str say_number(struct making *m, double number)
{
    const char *unit = m->drawing->unit;
    int money = unit && strcmp(unit, "money") == 0;
    struct ouse_str digits;
    if (!isfinite(number) || (money && number == 0))
        return ouse_s("not known");
    digits = value_number(m->ctx, number, 1);
    if (money)
        return ouse_format(m->ctx, "%.*s%.*s", OUSE_F(value_currency(m->ctx, m->currency)), OUSE_F(digits));
    return unit ? ouse_format(m->ctx, "%.*s %s", OUSE_F(digits), unit) : digits;
}

static double sum_of(struct making *m, const double *values)
{
    double sum = NAN;
    for (uint32_t i = 0; i < m->drawing->n_series; i++)
        if (isfinite(values[i]))
            sum = isfinite(sum) ? sum + values[i] : values[i];
    return sum;
}

static double bound_of(struct making *m, const struct ouse_doc *row, const struct ouse_doc *within,
                       const char *name)
{
    double own = number_of(m, row, name);
    return isfinite(own) ? own : number_of(m, within, name);
}

static void add_bar(void *arg, const struct ouse_doc *row, const struct ouse_doc *within)
{
    struct bars *bars = arg;
    struct making *m = bars->m;
    double *values;
    if (bars->n == CHART_ROWS)
        return;
    values = ouse_alloc(m->ctx, DRAWING_SERIES * sizeof *values);
    for (uint32_t i = 0; i < m->drawing->n_series; i++)
        values[i] = number_of(m, row, m->drawing->series[i].member);
    bars->rows[bars->n++] = (struct chart_bar){.label = text_of(m, row, m->drawing->label),
                                               .href = address_of(m, row),
                                               .shown = say_number(m, sum_of(m, values)),
                                               .values = values,
                                               .low = bound_of(m, row, within, m->drawing->low),
                                               .high = bound_of(m, row, within, m->drawing->high)};
}

static struct bars read_bars(struct making *m, const struct ouse_doc *answer)
{
    struct bars bars = {m, ouse_alloc(m->ctx, CHART_ROWS * sizeof *bars.rows), 0};
    each_row(m, answer, m->drawing->rows, add_bar, &bars);
    return bars;
}

/* Draws the rest outside the rows, as a frame of its length. */
static void add_rest(struct bars *bars, const struct ouse_doc *answer)
{
    struct making *m = bars->m;
    double rest = number_of(m, answer, m->drawing->rest);
    double *none = ouse_alloc(m->ctx, DRAWING_SERIES * sizeof *none);
    if (!(rest > 0) || bars->n == 0 || bars->n == CHART_ROWS)
        return;
    for (uint32_t i = 0; i < m->drawing->n_series; i++)
        none[i] = NAN;
    bars->rows[bars->n++] = (struct chart_bar){.label = ouse_s(m->drawing->rest_title),
                                               .shown = say_number(m, rest),
                                               .values = none,
                                               .low = 0,
                                               .high = rest};
}

/* The length of a full bar: of the whole, unless rows go beyond it. */
static double whole_of(const struct bars *bars, const struct ouse_doc *answer)
{
    struct making *m = bars->m;
    double whole = number_of(m, answer, m->drawing->whole);
    for (uint32_t i = 0; i < bars->n; i++)
        if (sum_of(m, bars->rows[i].values) > whole)
            return 0;
    return isfinite(whole) ? whole : 0;
}

/* Bars that have any length. */
static uint32_t count_long(const struct bars *bars)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < bars->n; i++)
        seen += sum_of(bars->m, bars->rows[i].values) > 0;
    return seen;
}

static uint32_t draw_bars(struct making *m, const struct ouse_doc *answer)
{
    struct bars bars = read_bars(m, answer);
    struct ouse_str series[DRAWING_SERIES];
    uint32_t seen = count_long(&bars);
    for (uint32_t i = 0; i < m->drawing->n_series; i++)
        series[i] = ouse_s(m->drawing->series[i].title);
    add_rest(&bars, answer);
    chart_bars(&(struct chart_bars){.is = m->chart,
                                    .series = series,
                                    .n_series = m->drawing->n_series,
                                    .rows = bars.rows,
                                    .n = bars.n,
                                    .whole = whole_of(&bars, answer)},
               m->sink);
    return seen;
}

/* ---- Timelines ---------------------------------------------------------------------------- */

struct spans {
    struct making *m;
    struct chart_span *rows;
    uint32_t n;
    int level;
};

struct marks {
    struct making *m;
    struct chart_mark *at;
    uint32_t n;
};

static void add_mark(void *arg, const struct ouse_doc *entry, const struct ouse_doc *within)
{
    struct marks *marks = arg;
    struct making *m = marks->m;
    (void)within;
    if (marks->n < CHART_ROWS)
        marks->at[marks->n++] = (struct chart_mark){.label = text_of(m, entry, m->drawing->label),
                                                    .href = address_of(m, entry),
                                                    .day = day_of(m, entry, m->drawing->on, 1),
                                                    .late = has(m, entry, m->drawing->late),
                                                    .done = has(m, entry, m->drawing->done)};
}

/* "2024 to March 2026" */
static struct ouse_str say_span(struct making *m, const struct ouse_doc *row)
{
    struct ouse_str from = value_date(m->ctx, text_of(m, row, m->drawing->from));
    struct ouse_str to = value_date(m->ctx, text_of(m, row, m->drawing->to));
    if (!from.p && !to.p)
        return ouse_s("");
    return from.p ? ouse_format(m->ctx, to.p ? "%.*s to %.*s" : "from %.*s", OUSE_F(from), OUSE_F(to))
                  : ouse_format(m->ctx, "until %.*s", OUSE_F(to));
}

static void add_span(void *arg, const struct ouse_doc *row, const struct ouse_doc *within)
{
    struct spans *spans = arg;
    struct making *m = spans->m;
    struct marks marks = {m, ouse_alloc(m->ctx, CHART_ROWS * sizeof *marks.at), 0};
    (void)within;
    if (spans->n == CHART_ROWS)
        return;
    each_row(m, row, m->drawing->marks, add_mark, &marks);
    spans->rows[spans->n++] = (struct chart_span){.label = text_of(m, row, m->drawing->label),
                                                  .href = address_of(m, row),
                                                  .shown = say_span(m, row),
                                                  .first = day_of(m, row, m->drawing->from, 0),
                                                  .last = day_of(m, row, m->drawing->to, 1),
                                                  .level = spans->level,
                                                  .marks = marks.at,
                                                  .n_marks = marks.n};
    if (spans->level == 0) {
        spans->level = 1;
        each_row(m, row, m->drawing->children, add_span, spans);
        spans->level = 0;
    }
}

static struct spans read_spans(struct making *m, const struct ouse_doc *answer)
{
    struct spans spans = {m, ouse_alloc(m->ctx, CHART_ROWS * sizeof *spans.rows), 0, 0};
    each_row(m, answer, m->drawing->rows, add_span, &spans);
    return spans;
}

/* Rows of which any day is known. */
static uint32_t count_known(const struct spans *spans)
{
    uint32_t known = 0;
    for (uint32_t i = 0; i < spans->n; i++)
        known += spans->rows[i].first != CHART_UNKNOWN || spans->rows[i].last != CHART_UNKNOWN ||
                 spans->rows[i].n_marks > 0;
    return known;
}

static uint32_t draw_timeline(struct making *m, const struct ouse_doc *answer)
{
    struct spans spans = read_spans(m, answer);
    chart_timeline(
        &(struct chart_timeline){
            .is = m->chart, .rows = spans.rows, .n = spans.n, .today = ouse_today(m->ctx)},
        m->sink);
    return count_known(&spans);
}

/* ---- Networks -------------------------------------------------------------------------------- */

struct network {
    struct making *m;
    struct chart_node *nodes;
    struct ouse_str *references; /* "collection/id", by which links name nodes */
    struct ouse_str kinds[CHART_SERIES];
    struct chart_link *links;
    uint32_t n, n_links, n_kinds;
};

/* Kinds are numbered as they come. */
static uint32_t group_of(struct network *network, struct ouse_str kind)
{
    uint32_t i = 0;
    while (i < network->n_kinds && !ouse_same(network->kinds[i], kind))
        i++;
    if (i == network->n_kinds && i < CHART_SERIES)
        network->kinds[network->n_kinds++] = kind;
    return i;
}

static void add_node(void *arg, const struct ouse_doc *node, const struct ouse_doc *within)
{
    struct network *network = arg;
    struct making *m = network->m;
    struct ouse_str kind = ouse_text(m->ctx, node, "kind"), href = ouse_text(m->ctx, node, "href");
    struct ouse_str reference =
        ouse_format(m->ctx, "%.*s/%.*s", OUSE_F(ouse_text(m->ctx, node, "collection")),
                    OUSE_F(ouse_text(m->ctx, node, "id")));
    (void)within;
    if (network->n == CHART_NODES)
        return;
    network->references[network->n] = reference;
    network->nodes[network->n++] = (struct chart_node){
        .label = ouse_text(m->ctx, node, "label"),
        .href = href.p ? href : ouse_format(m->ctx, "%s/%.*s", m->place->base, OUSE_F(reference)),
        .kind = ouse_title(m->ctx, kind),
        .x = ouse_number(m->ctx, node, "x", 0),
        .y = ouse_number(m->ctx, node, "y", 0),
        .group = group_of(network, kind)};
}

static uint32_t find_node(const struct network *network, struct ouse_str reference)
{
    uint32_t i = 0;
    while (i < network->n && !ouse_same(network->references[i], reference))
        i++;
    return i;
}

static void add_link(void *arg, const struct ouse_doc *link, const struct ouse_doc *within)
{
    struct network *network = arg;
    struct ouse_ctx *ctx = network->m->ctx;
    (void)within;
    if (network->n_links < CHART_LINKS)
        network->links[network->n_links++] =
            (struct chart_link){.from = find_node(network, ouse_text(ctx, link, "from")),
                                .to = find_node(network, ouse_text(ctx, link, "to")),
                                .label = ouse_title(ctx, ouse_text(ctx, link, "kind"))};
}

static struct network read_network(struct making *m, const struct ouse_doc *answer)
{
    struct network network = {.m = m,
                              .nodes = ouse_alloc(m->ctx, CHART_NODES * sizeof *network.nodes),
                              .references = ouse_alloc(m->ctx, CHART_NODES * sizeof *network.references),
                              .links = ouse_alloc(m->ctx, CHART_LINKS * sizeof *network.links)};
    each_row(m, answer, m->drawing->nodes, add_node, &network);
    each_row(m, answer, m->drawing->links, add_link, &network);
    return network;
}

static uint32_t draw_network(struct making *m, const struct ouse_doc *answer)
{
    struct network network = read_network(m, answer);
    chart_network(&(struct chart_network){.is = m->chart,
                                          .nodes = network.nodes,
                                          .n = network.n,
                                          .links = network.links,
                                          .n_links = network.n_links},
                  m->sink);
    return network.n;
}

/* ---- Sparklines ------------------------------------------------------------------------------ */

struct points {
    struct making *m;
    double *values;
    uint32_t n, known;
    struct ouse_str first, last; /* labels of the known ones */
};

static void add_point(void *arg, const struct ouse_doc *row, const struct ouse_doc *within)
{
    struct points *points = arg;
    struct making *m = points->m;
    double value = number_of(m, row, m->drawing->series[0].member);
    (void)within;
    if (points->n == CHART_POINTS)
        return;
    points->values[points->n++] = value;
    if (!isfinite(value))
        return;
    points->last = ouse_format(m->ctx, "%.*s (%.*s)", OUSE_F(value_number(m->ctx, value, 0)),
                               OUSE_F(text_of(m, row, m->drawing->label)));
    if (!points->known++)
        points->first = points->last;
}

/* Describes a line without axes: its first and last value. */
static struct ouse_str describe_points(const struct points *points)
{
    return points->known > 1 ? ouse_format(points->m->ctx, "%u values, from %.*s to %.*s", points->known,
                                           OUSE_F(points->first), OUSE_F(points->last))
                             : points->last;
}

static uint32_t draw_sparkline(struct making *m, const struct ouse_doc *answer)
{
    struct points points = {.m = m, .values = ouse_alloc(m->ctx, CHART_POINTS * sizeof *points.values)};
    each_row(m, answer, m->drawing->rows, add_point, &points);
    if (!m->chart.description.p)
        m->chart.description = describe_points(&points);
    chart_spark(&(struct chart_spark){.is = m->chart, .values = points.values, .n = points.n}, m->sink);
    return points.known;
}

/* ---- Lines ------------------------------------------------------------------------------------- */

struct line {
    struct making *m;
    struct ouse_str unit;
    struct chart_point *points;
    uint32_t n, known;
};

/* The text at a path of an answer, "indicator.unit". */
static struct ouse_str text_at(struct making *m, const struct ouse_doc *answer, const char *path)
{
    const char *dot = path ? strchr(path, '.') : NULL;
    if (!path || !dot)
        return text_of(m, answer, path);
    return text_at(m, ouse_member(m->ctx, answer, ouse_format(m->ctx, "%.*s", (int)(dot - path), path).p),
                   dot + 1);
}

static struct ouse_str with_unit(const struct line *line, struct ouse_str text)
{
    return line->unit.n ? ouse_format(line->m->ctx, "%.*s %.*s", OUSE_F(text), OUSE_F(line->unit)) : text;
}

static void add_measured(void *arg, const struct ouse_doc *row, const struct ouse_doc *within)
{
    struct line *line = arg;
    struct making *m = line->m;
    double value = number_of(m, row, m->drawing->series[0].member);
    (void)within;
    if (line->n == CHART_POINTS)
        return;
    line->points[line->n++] =
        (struct chart_point){.label = value_date(m->ctx, text_of(m, row, m->drawing->label)),
                             .shown = with_unit(line, value_number(m->ctx, value, 0)),
                             .day = day_of(m, row, m->drawing->label, 0),
                             .value = value};
    line->known += isfinite(value) != 0;
}

/* A level that is a quantity; NAN if it is counted in another unit than the line. */
static double level_of(const struct line *line, const struct ouse_doc *answer, const char *name,
                       const char *title, struct ouse_str *label)
{
    struct making *m = line->m;
    const struct ouse_doc *quantity = name ? ouse_member(m->ctx, answer, name) : NULL;
    struct ouse_str unit = ouse_text(m->ctx, quantity, "unit");
    struct ouse_str text;
    if (ouse_kind(m->ctx, quantity) != OUSE_JSON_OBJECT ||
        (unit.p && line->unit.p && !ouse_same(unit, line->unit)))
        return NAN;
    text = value_quantity(m->ctx, quantity);
    *label = ouse_format(m->ctx, "%s %.*s", title, OUSE_F(unit.p ? text : with_unit(line, text)));
    return number_of(m, answer, name);
}

/* From where to where it goes. */
static struct ouse_str describe_line(const struct line *line)
{
    const struct chart_point *first = NULL, *last = NULL;
    for (uint32_t i = 0; i < line->n; i++)
        if (isfinite(line->points[i].value)) {
            first = first ? first : &line->points[i];
            last = &line->points[i];
        }
    if (first == last)
        return first ? first->shown : ouse_s(NULL);
    return ouse_format(line->m->ctx, "%u values, from %.*s (%.*s) to %.*s (%.*s)", line->known,
                       OUSE_F(first->shown), OUSE_F(first->label), OUSE_F(last->shown), OUSE_F(last->label));
}

static uint32_t draw_line(struct making *m, const struct ouse_doc *answer)
{
    struct line line = {.m = m,
                        .unit = text_at(m, answer, m->drawing->unit_of),
                        .points = ouse_alloc(m->ctx, CHART_POINTS * sizeof *line.points)};
    struct chart_line chart = {.is = m->chart, .unit = line.unit};
    each_row(m, answer, m->drawing->rows, add_measured, &line);
    if (!chart.is.description.p)
        chart.is.description = describe_line(&line);
    chart.points = line.points;
    chart.n = line.n;
    chart.base = level_of(&line, answer, m->drawing->from, "Baseline", &chart.base_label);
    chart.goal = level_of(&line, answer, m->drawing->to, "Target", &chart.goal_label);
    chart_line(&chart, m->sink);
    return line.known;
}

/* ---- Tables ------------------------------------------------------------------------------------ */

static void put(struct chart_sink *sink, const char *text)
{
    sink->put(sink->arg, text, strlen(text));
}

/* Writes one cell, in quotes; an apostrophe prevents spreadsheets from running formulas, as in the
 * lists of the API. */
static void put_cell(struct making *m, int first, struct ouse_str text)
{
    put(m->sink, first ? "\"" : ",\"");
    if (text.n && strchr("=+-@\t\r", text.p[0]))
        put(m->sink, "'");
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            put(m->sink, "\"");
        m->sink->put(m->sink->arg, text.p + i, 1);
    }
    put(m->sink, "\"");
}

static void put_number(struct making *m, double number)
{
    put(m->sink, ",");
    if (isfinite(number))
        put(m->sink, ouse_format(m->ctx, "%.15g", number).p);
}

static void tell_bars(struct making *m, const struct ouse_doc *answer)
{
    struct bars bars = read_bars(m, answer);
    put_cell(m, 1, ouse_s("label"));
    for (uint32_t i = 0; i < m->drawing->n_series; i++)
        put_cell(m, 0, ouse_s(m->drawing->series[i].member));
    put(m->sink, "\r\n");
    for (uint32_t k = 0; k < bars.n; k++) {
        put_cell(m, 1, bars.rows[k].label);
        for (uint32_t i = 0; i < m->drawing->n_series; i++)
            put_number(m, bars.rows[k].values[i]);
        put(m->sink, "\r\n");
    }
}

static void tell_span(void *arg, const struct ouse_doc *row, const struct ouse_doc *within);

/* Writes a mark: a separate row, with the day in both columns. */
static void tell_mark(void *arg, const struct ouse_doc *entry, const struct ouse_doc *within)
{
    struct spans *spans = arg;
    struct making *m = spans->m;
    (void)within;
    put_cell(m, 1, text_of(m, entry, m->drawing->label));
    put_cell(m, 0, ouse_s("due"));
    put_cell(m, 0, text_of(m, entry, m->drawing->on));
    put_cell(m, 0, text_of(m, entry, m->drawing->on));
    put(m->sink, "\r\n");
}

static void tell_span(void *arg, const struct ouse_doc *row, const struct ouse_doc *within)
{
    struct spans *spans = arg;
    struct making *m = spans->m;
    (void)within;
    put_cell(m, 1, text_of(m, row, m->drawing->label));
    put_cell(m, 0, ouse_s("span"));
    put_cell(m, 0, text_of(m, row, m->drawing->from));
    put_cell(m, 0, text_of(m, row, m->drawing->to));
    put(m->sink, "\r\n");
    each_row(m, row, m->drawing->marks, tell_mark, spans);
    if (spans->level == 0) {
        spans->level = 1;
        each_row(m, row, m->drawing->children, tell_span, spans);
        spans->level = 0;
    }
}

static void tell_timeline(struct making *m, const struct ouse_doc *answer)
{
    struct spans spans = {.m = m};
    put(m->sink, "\"label\",\"kind\",\"from\",\"to\"\r\n");
    each_row(m, answer, m->drawing->rows, tell_span, &spans);
}

static void tell_link(void *arg, const struct ouse_doc *link, const struct ouse_doc *within)
{
    struct making *m = arg;
    (void)within;
    put_cell(m, 1, ouse_text(m->ctx, link, "from"));
    put_cell(m, 0, ouse_text(m->ctx, link, "kind"));
    put_cell(m, 0, ouse_text(m->ctx, link, "to"));
    put(m->sink, "\r\n");
}

static void tell_network(struct making *m, const struct ouse_doc *answer)
{
    put(m->sink, "\"from\",\"kind\",\"to\"\r\n");
    each_row(m, answer, m->drawing->links, tell_link, m);
}

static void tell_point(void *arg, const struct ouse_doc *row, const struct ouse_doc *within)
{
    struct making *m = arg;
    (void)within;
    put_cell(m, 1, text_of(m, row, m->drawing->label));
    put_number(m, number_of(m, row, m->drawing->series[0].member));
    put(m->sink, "\r\n");
}

static void tell_sparkline(struct making *m, const struct ouse_doc *answer)
{
    put_cell(m, 1, ouse_s(m->drawing->label));
    put_cell(m, 0, ouse_s(m->drawing->series[0].member));
    put(m->sink, "\r\n");
    each_row(m, answer, m->drawing->rows, tell_point, m);
}

/* ---- Kinds ---------------------------------------------------------------------------------------- */

static const struct kind {
    const char *name;
    uint32_t (*draw)(struct making *m, const struct ouse_doc *answer);
    void (*tell)(struct making *m, const struct ouse_doc *answer);
} kinds[] = {
    {"bars", draw_bars, tell_bars},
    {"timeline", draw_timeline, tell_timeline},
    {"network", draw_network, tell_network},
    {"line", draw_line, tell_sparkline},
    {"sparkline", draw_sparkline, tell_sparkline},
};

static const struct kind *kind_of(const struct drawing *drawing)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (drawing->kind && strcmp(drawing->kind, kinds[i].name) == 0)
            return &kinds[i];
    return NULL;
}

int drawing_is_small(const struct drawing *drawing)
{
    return strcmp(drawing->kind, "sparkline") == 0 || strcmp(drawing->kind, "line") == 0;
}

static struct making begin(struct ouse_ctx *ctx, const struct drawing *drawing,
                           const struct drawing_place *place, struct chart_sink *sink)
{
    return (struct making){.ctx = ctx,
                           .drawing = drawing,
                           .place = place,
                           .chart = {.name = place->name,
                                     .title = ouse_s(drawing->title),
                                     .description = ouse_s(drawing->doc),
                                     .standalone = place->standalone},
                           .sink = sink};
}

uint32_t drawing_draw(struct ouse_ctx *ctx, const struct drawing *drawing, const struct ouse_doc *answer,
                      const struct drawing_place *place, struct chart_sink *sink)
{
    struct making m = begin(ctx, drawing, place, sink);
    m.currency = ouse_text(ctx, answer, "currency");
    return kind_of(drawing)->draw(&m, answer);
}

void drawing_table(struct ouse_ctx *ctx, const struct drawing *drawing, const struct ouse_doc *answer,
                   struct chart_sink *sink)
{
    struct drawing_place nowhere = {"table", "", 1};
    struct making m = begin(ctx, drawing, &nowhere, sink);
    m.currency = ouse_text(ctx, answer, "currency");
    kind_of(drawing)->tell(&m, answer);
}
