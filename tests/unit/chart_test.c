/* chart: pictures of numbers: what they say, that they are well-formed, whatever they are given. */
#include "../../plugins/site/chart.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sheet {
    char *at;
    size_t n, room;
};

static void put(void *arg, const char *bytes, size_t n)
{
    struct sheet *sheet = arg;
    while (sheet->n + n + 1 > sheet->room)
        sheet->at = realloc(sheet->at, sheet->room = sheet->room * 2 + 4096);
    memcpy(sheet->at + sheet->n, bytes, n);
    sheet->n += n;
    sheet->at[sheet->n] = 0;
}

/* ---- A strict reader of the XML that charts are made of --------------------------- */

static const char *skip_name(const char *at)
{
    return at + strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

/* Attributes up to ">" or "/>": name="value" without markup, each name once. */
static const char *read_attributes(const char *at)
{
    char seen[1024] = " ";
    while (*at == ' ') {
        const char *name = at + 1, *end = skip_name(name);
        char wanted[64];
        assert_true(end > name && end - name < 60 && end[0] == '=' && end[1] == '"');
        snprintf(wanted, sizeof wanted, " %.*s ", (int)(end - name), name);
        assert_null(strstr(seen, wanted));
        strcat(seen, wanted + 1);
        assert_int_not_equal(strcmp(wanted, " style "), 0);
        at = end + 2;
        at += strcspn(at, "\"<>");
        assert_int_equal(*at, '"');
        at++;
    }
    return at;
}

static const char *read_text(const char *at)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    while (*at && *at != '<') {
        int known = *at != '&';
        for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
            known |= strncmp(at, entities[i], strlen(entities[i])) == 0;
        assert_true(known);
        assert_true((unsigned char)*at >= 0x20);
        at++;
    }
    return at;
}

/* That elements are opened and closed in order, and that there is one root. */
static void check_well_formed(const char *at)
{
    const char *open[64];
    size_t depth = 0, roots = 0;
    while (*at) {
        const char *name, *end;
        int closing;
        if (*at != '<') {
            assert_true(depth > 0);
            at = read_text(at);
            continue;
        }
        closing = at[1] == '/';
        name = at + 1 + closing;
        end = skip_name(name);
        assert_true(end > name);
        if (closing) {
            assert_true(depth > 0);
            depth--;
            assert_true(strncmp(open[depth], name, (size_t)(end - name + 1) - 1) == 0);
            assert_int_equal(*end, '>');
            at = end + 1;
            continue;
        }
        roots += depth == 0;
        at = read_attributes(end);
        if (*at == '/') {
            at++;
        } else {
            assert_true(depth < 64);
            open[depth++] = name;
        }
        assert_int_equal(*at, '>');
        at++;
    }
    assert_int_equal(depth, 0);
    assert_int_equal(roots, 1);
}

static size_t occurrences(const char *text, const char *of)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, of)); at += strlen(of))
        n++;
    return n;
}

#define TEXT(words)              \
    {                            \
        words, sizeof(words) - 1 \
    }

/* ---- Bars ------------------------------------------------------------------------- */

static char *draw_bars(const struct chart_bars *bars)
{
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    chart_bars(bars, &sink);
    check_well_formed(sheet.at);
    return sheet.at;
}

static void bars_have_their_lengths_texts_and_links(void **state)
{
    double values[][2] = {{50, 25}, {0, 10}, {NAN, -5}};
    struct ouse_str series[] = {TEXT("Committed"), TEXT("Spent")};
    struct chart_bar rows[] = {
        {TEXT("Inclusive workforce"), TEXT("/pillars/a?x=1&y=2"), TEXT("£75"), values[0], 0, 0},
        {TEXT("Safeguarding"), {NULL, 0}, TEXT("£10"), values[1], 15, 60},
        {TEXT("Unknown"), {NULL, 0}, TEXT("not told"), values[2], 0, 0}};
    struct chart_bars bars = {.is = {"money", TEXT("What the award bought"), TEXT("Three pillars"), 0},
                              .series = series,
                              .n_series = 2,
                              .rows = rows,
                              .n = 3};
    char *svg = draw_bars(&bars), *again;
    (void)state;
    assert_non_null(strstr(svg, "aria-labelledby=\"money-title\""));
    assert_non_null(strstr(svg, "<title id=\"money-title\">What the award bought</title>"));
    assert_non_null(
        strstr(svg, "<a href=\"/pillars/a?x=1&amp;y=2\"><title>Inclusive workforce: £75</title>"));
    assert_non_null(strstr(svg, "width=\"66.67%\""));
    assert_non_null(strstr(svg, "x=\"66.67%\" y=\"46\" width=\"33.33%\""));
    assert_non_null(strstr(svg, "width=\"13.33%\""));
    assert_int_equal(occurrences(svg, "fill=\"url(#money-2)\""), 3); /* the key and two parts */
    assert_non_null(strstr(svg, "Committed</text>"));
    assert_int_equal(occurrences(svg, "chart-bounds"), 1);
    assert_non_null(strstr(svg, "<rect class=\"chart-bounds\" x=\"20%\" y=\"93\" width=\"60%\""));
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, "xmlns"));
    again = draw_bars(&bars);
    assert_string_equal(svg, again);
    free(again);
    free(svg);
    bars.whole = 150;
    bars.is.standalone = 1;
    svg = draw_bars(&bars);
    assert_non_null(strstr(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert_non_null(strstr(svg, "width=\"33.33%\""));
    free(svg);
}

static void many_bars_are_counted(void **state)
{
    static struct chart_bar rows[CHART_ROWS + 3];
    double value = 1;
    struct ouse_str one = TEXT("n");
    struct chart_bars bars = {.is = {"many", TEXT("Many"), TEXT(""), 0},
                              .series = &one,
                              .n_series = 1,
                              .rows = rows,
                              .n = CHART_ROWS + 3};
    char *svg;
    (void)state;
    for (size_t i = 0; i < CHART_ROWS + 3; i++)
        rows[i] = (struct chart_bar){TEXT("row"), {NULL, 0}, TEXT("1"), &value, 0, 0};
    svg = draw_bars(&bars);
    assert_int_equal(occurrences(svg, "chart-track"), CHART_ROWS);
    assert_non_null(strstr(svg, "and 3 more</text>"));
    free(svg);
    bars.n = 0;
    free(draw_bars(&bars));
}

static void texts_are_texts(void **state)
{
    static const struct {
        struct ouse_str given;
        const char *drawn;
    } texts[] = {
        {TEXT("<script>alert(\"1\")</script>"), "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;</text>"},
        {TEXT("it's & so"), "it&#39;s &amp; so</text>"},
        {TEXT("שלום 👩‍⚕️ é"), "שלום 👩‍⚕️ é</text>"},
        {TEXT("a\x01\x7f\xff\xc0\xaf\xed\xa0\x80z\n"),
         "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {TEXT("cut \xe2\x82"), "cut \xef\xbf\xbd\xef\xbf\xbd</text>"},
        {TEXT("0123456789012345678901234567890123456789éééé"),
         "0123456789012345678901234567890123456789éééé</text>"},
        {TEXT("0123456789012345678901234567890123456789ééééé"),
         "0123456789012345678901234567890123456789éééé…</text>"},
    };
    double value = 1;
    struct ouse_str one = TEXT("n");
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct chart_bar row = {texts[i].given, texts[i].given, TEXT("1"), &value, 0, 0};
        struct chart_bars bars = {.is = {"texts", texts[i].given, texts[i].given, 1},
                                  .series = &one,
                                  .n_series = 1,
                                  .rows = &row,
                                  .n = 1};
        char *svg = draw_bars(&bars);
        assert_non_null(strstr(svg, texts[i].drawn));
        assert_null(strstr(svg, "<script"));
        free(svg);
    }
}

/* ---- Timeline ------------------------------------------------------------------------ */

static void a_timeline_has_bars_marks_and_years(void **state)
{
    /* 2024-01-01 is day 19723, 2024-07-01 is 19905, 2025-12-31 is 20453 */
    struct chart_mark marks[] = {{TEXT("Plan adopted"), TEXT("/milestones/a"), 19905, 0, 1},
                                 {TEXT("Service moved"), {NULL, 0}, 20453, 1, 0},
                                 {TEXT("Some day"), {NULL, 0}, CHART_UNKNOWN, 0, 0}};
    struct chart_span rows[] = {
        {TEXT("Cancer"), TEXT("/programmes/cancer"), TEXT("2024"), 19723, 19905, 0, marks, 3},
        {TEXT("Short term"), {NULL, 0}, TEXT("from 2025"), 20089, CHART_UNKNOWN, 1, NULL, 0},
        {TEXT("Nobody knows"), {NULL, 0}, TEXT(""), CHART_UNKNOWN, CHART_UNKNOWN, 0, NULL, 0},
        {TEXT("Backwards"), {NULL, 0}, TEXT(""), 20000, 19900, 0, NULL, 0}};
    struct chart_timeline timeline = {
        .is = {"plan", TEXT("Timeline"), TEXT(""), 0}, .rows = rows, .n = 4, .today = 20089};
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    (void)state;
    chart_timeline(&timeline, &sink);
    check_well_formed(sheet.at);
    /* two years of 366 and 365 days; the first bar is 182 days of 731 */
    assert_non_null(strstr(sheet.at, "<rect x=\"0%\" y=\"90\" width=\"24.9%\""));
    assert_non_null(strstr(sheet.at, ">2024</text>"));
    assert_non_null(strstr(sheet.at, "x=\"50.07%\" y=\"40\" text-anchor=\"middle\">2025</text>"));
    assert_non_null(strstr(sheet.at, ">2026</text>"));
    assert_non_null(strstr(sheet.at, "<a href=\"/milestones/a\"><title>Plan adopted: done</title>"));
    assert_non_null(strstr(sheet.at, "<title>Service moved: late</title>"));
    assert_null(strstr(sheet.at, "Some day"));
    assert_int_equal(occurrences(sheet.at, "rx=\"3\""), 2);
    assert_int_equal(occurrences(sheet.at, "stroke-dasharray=\"4 3\""), 1);
    assert_non_null(strstr(sheet.at, "<text x=\"16\""));
    assert_non_null(strstr(sheet.at, "<line class=\"chart-today\" x1=\"50.07%\""));
    /* the key names the shapes and the line; each shape has a halo, and lies above its bar */
    assert_non_null(strstr(sheet.at, ">due</text>"));
    assert_non_null(strstr(sheet.at, ">late</text>"));
    assert_non_null(strstr(sheet.at, ">done</text>"));
    assert_non_null(strstr(sheet.at, ">today</text>"));
    assert_int_equal(occurrences(sheet.at, "chart-halo"), 5);
    assert_non_null(strstr(sheet.at, "y=\"80\" overflow=\"visible\""));
    free(sheet.at);
}

static void a_timeline_stands_any_days(void **state)
{
    static const int32_t days[] = {CHART_UNKNOWN, INT32_MIN + 1, -719162,  -719163, -1, 0, 59,
                                   20089,         2932896,       INT32_MAX};
    size_t n = sizeof days / sizeof *days;
    (void)state;
    for (size_t i = 0; i < n * n; i++) {
        struct chart_span row = {TEXT("Row"), {NULL, 0}, TEXT(""), days[i / n], days[i % n], 0, NULL, 0};
        struct chart_timeline timeline = {
            .is = {"any", TEXT("Any"), TEXT(""), 0}, .rows = &row, .n = 1, .today = days[i % n]};
        struct sheet sheet = {0};
        struct chart_sink sink = {put, &sheet};
        chart_timeline(&timeline, &sink);
        check_well_formed(sheet.at);
        assert_true(occurrences(sheet.at, "chart-grid") <= 15);
        free(sheet.at);
    }
}

/* ---- Network and sparkline --------------------------------------------------------------- */

static void a_network_joins_its_nodes(void **state)
{
    struct chart_node nodes[] = {
        {TEXT("ELFT"), TEXT("/organisations/elft"), TEXT("organisation"), 0, 0.25, 0},
        {TEXT("Hub"), TEXT("/hubs/h"), TEXT("hub"), 1, 0.5, 1},
        {TEXT("Lost"), {NULL, 0}, TEXT("person"), NAN, 7, 9}};
    struct chart_link links[] = {{0, 1, TEXT("host")}, {1, 99, TEXT("nowhere")}};
    struct chart_network network = {
        .is = {"net", TEXT("Network"), TEXT(""), 1}, .nodes = nodes, .n = 3, .links = links, .n_links = 2};
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    (void)state;
    chart_network(&network, &sink);
    check_well_formed(sheet.at);
    assert_non_null(strstr(sheet.at, "viewBox=\"0 0 1120 160\""));
    assert_non_null(strstr(sheet.at, "<title>ELFT – host – Hub</title>"));
    assert_non_null(strstr(sheet.at, "<a href=\"/hubs/h\"><title>Hub: hub</title>"));
    assert_non_null(strstr(sheet.at, "cx=\"24\" cy=\"52\""));
    assert_int_equal(occurrences(sheet.at, "<circle"), 3);
    assert_int_equal(occurrences(sheet.at, "chart-link"), 1);
    free(sheet.at);
}

static void long_labels_take_two_lines(void **state)
{
    const char *labels[] = {"Building resilience in the Caring Professions",
                            "Twenty-four characters..",
                            "Just one more than a line",
                            "Pneumonoultramicroscopicsilicovolcanoconiosis of the very long kind",
                            "Improving access to primary care for older people and everybody else",
                            "",
                            " "};
    const char *drawn[] = {
        ">Building resilience in<tspan x=\"24\" dx=\"13\" dy=\"16\">the Caring Professions</tspan>",
        ">Twenty-four characters..</text>",
        ">Just one more than a<tspan",
        ">Pneumonoultramicroscopic…<tspan",
        ">primary care for older p…</tspan>",
        "\"></text>",
        "\"> </text>"};
    (void)state;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        struct chart_node node = {
            {labels[i], (uint32_t)strlen(labels[i])}, {NULL, 0}, TEXT("kind"), 0, 0.5, 0};
        struct chart_network network = {.is = {"net", TEXT("Network"), TEXT(""), 0}, .nodes = &node, .n = 1};
        struct sheet sheet = {0};
        struct chart_sink sink = {put, &sheet};
        chart_network(&network, &sink);
        check_well_formed(sheet.at);
        if (!strstr(sheet.at, drawn[i]))
            fail_msg("%s is drawn as %s", labels[i], sheet.at);
        free(sheet.at);
    }
}

static void a_sparkline_has_gaps(void **state)
{
    double values[] = {0, 5, NAN, INFINITY, 10, 2.5};
    struct chart_spark spark = {
        .is = {"spark", TEXT("Changes a week"), TEXT(""), 0}, .values = values, .n = 6};
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    (void)state;
    chart_spark(&spark, &sink);
    check_well_formed(sheet.at);
    assert_non_null(strstr(sheet.at, "d=\"M2 22h0L25.2 12M94.8 2h0L118 17\""));
    free(sheet.at);
    sheet = (struct sheet){0};
    spark.n = 0;
    chart_spark(&spark, &sink);
    check_well_formed(sheet.at);
    assert_null(strstr(sheet.at, "<path"));
    free(sheet.at);
}

/* ---- Lines ------------------------------------------------------------------------------- */

static char *draw_line(const struct chart_line *line)
{
    struct sheet sheet = {0};
    struct chart_sink sink = {put, &sheet};
    chart_line(line, &sink);
    check_well_formed(sheet.at);
    return sheet.at;
}

static void a_line_has_an_axis_and_levels(void **state)
{
    struct chart_point points[] = {{TEXT("January 2026"), TEXT("40 days"), 100, 40},
                                   {TEXT("February 2026"), TEXT("not known"), 150, NAN},
                                   {TEXT("March 2026"), TEXT("38 days"), 200, 38},
                                   {TEXT("May 2026"), TEXT("36 days"), 300, 36}};
    struct chart_line line = {.is = {"line", TEXT("Days to a diagnosis"), TEXT(""), 0},
                              .unit = TEXT("days"),
                              .points = points,
                              .n = 4,
                              .base = 40,
                              .goal = 28,
                              .base_label = TEXT("Baseline 40 days"),
                              .goal_label = TEXT("Target 28 days")};
    char *svg = draw_line(&line);
    (void)state;
    for (const char *const *text =
             (const char *const[]){">25</text>", ">30</text>", ">35</text>", ">40 days</text>",
                                   ">Baseline 40 days</text>", ">Target 28 days</text>",
                                   ">January 2026</text>", ">May 2026</text>", NULL};
         *text; text++)
        if (!strstr(svg, *text))
            fail_msg("expected %s in %s", *text, svg);
    assert_non_null(strstr(svg, "class=\"chart-goal\" x1=\"0\" x2=\"100%\" y1=\"168\""));
    assert_non_null(
        strstr(svg, "<title>May 2026: 36 days</title><circle class=\"chart-point\" cx=\"96%\" cy=\"72\""));
    assert_int_equal(occurrences(svg, "<circle"), 3);
    assert_int_equal(occurrences(svg, "class=\"chart-spark\""), 1); /* none over the gap */
    free(svg);
}

static void a_line_of_anything_is_well_formed(void **state)
{
    const double values[] = {0, -0.0, -5, 1e-9, 1e15, -1e15, NAN, INFINITY};
    size_t n = sizeof values / sizeof *values;
    (void)state;
    for (size_t i = 0; i < n * n * n; i++) {
        struct chart_point point = {TEXT("<\"day\">"), TEXT("&"), i % 2 ? CHART_UNKNOWN : (int32_t)i,
                                    values[i % n]};
        struct chart_line line = {.is = {"line", TEXT("Any"), TEXT(""), 1},
                                  .points = &point,
                                  .n = i % 3 > 0,
                                  .base = values[i / n % n],
                                  .goal = values[i / n / n],
                                  .base_label = TEXT("Baseline"),
                                  .goal_label = TEXT("Target")};
        char *svg = draw_line(&line);
        assert_null(strstr(svg, "nan"));
        assert_null(strstr(svg, "inf"));
        free(svg);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_have_their_lengths_texts_and_links),
        cmocka_unit_test(many_bars_are_counted),
        cmocka_unit_test(texts_are_texts),
        cmocka_unit_test(a_timeline_has_bars_marks_and_years),
        cmocka_unit_test(a_timeline_stands_any_days),
        cmocka_unit_test(a_network_joins_its_nodes),
        cmocka_unit_test(long_labels_take_two_lines),
        cmocka_unit_test(a_sparkline_has_gaps),
        cmocka_unit_test(a_line_has_an_axis_and_levels),
        cmocka_unit_test(a_line_of_anything_is_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
