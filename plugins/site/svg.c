/* svg: escaping, frames, links, colours and patterns of charts. */
#include "svg.h"
#include "markup.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pieces ------------------------------------------------------------------ */

struct svg_number svg_number(double value)
{
    struct svg_number number;
    long long hundredths = isfinite(value) && fabs(value) < 1e12 ? llround(value * 100) : 0;
    long long whole = llabs(hundredths) / 100, rest = llabs(hundredths) % 100;
    const char *sign = hundredths < 0 ? "-" : "";
    if (rest % 10 == 0 && rest)
        snprintf(number.text, sizeof number.text, "%s%lld.%lld", sign, whole, rest / 10);
    else if (rest)
        snprintf(number.text, sizeof number.text, "%s%lld.%02lld", sign, whole, rest);
    else
        snprintf(number.text, sizeof number.text, "%s%lld", sign, whole);
    return number;
}

static void put(struct chart_sink *sink, const char *bytes, size_t n)
{
    if (n)
        sink->put(sink->arg, bytes, n);
}

void svg_put(struct chart_sink *sink, const char *format, ...)
{
    char text[512];
    va_list args;
    int n;
    va_start(args, format);
    n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0)
        put(sink, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* ---- Texts -------------------------------------------------------------------- */

/* Returns the length in bytes of the character at `at`, or 0 if it is invalid in XML (RFC 3629; XML
 * 1.0, production 2). */
static uint32_t character(const unsigned char *at, const unsigned char *end)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0x20}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (uint32_t n = 1; n <= 4; n++) {
        uint32_t code = at[0] & (unsigned char)~forms[n - 1].mask;
        if ((at[0] & forms[n - 1].mask) != forms[n - 1].lead)
            continue;
        if ((size_t)(end - at) < n)
            return 0;
        for (uint32_t i = 1; i < n; i++) {
            if ((at[i] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (at[i] & 0x3f);
        }
        return code >= forms[n - 1].least && code != 0x7f && (code < 0xd800 || code > 0xdfff) &&
                       code != 0xfffe && code != 0xffff && code <= 0x10ffff
                   ? n
                   : 0;
    }
    return 0;
}

void svg_cut(struct chart_sink *sink, struct ouse_str text, uint32_t most)
{
    const char *at = text.p, *end = at ? at + text.n : at;
    for (uint32_t count = 0; at < end; count++) {
        uint32_t n = character((const unsigned char *)at, (const unsigned char *)end);
        const char *escaped = markup_reference(*at);
        if (count == most) {
            put(sink, "…", strlen("…"));
            return;
        }
        if (*at == '\t' || *at == '\n' || *at == '\r')
            put(sink, " ", 1);
        else if (!n)
            put(sink, "\xef\xbf\xbd", 3);
        else if (escaped)
            put(sink, escaped, strlen(escaped));
        else
            put(sink, at, n);
        at += n ? n : 1;
    }
}

void svg_text(struct chart_sink *sink, struct ouse_str text)
{
    svg_cut(sink, text, UINT32_MAX);
}

struct ouse_str svg_line(struct ouse_str *text, uint32_t most)
{
    struct ouse_str line = *text;
    const char *at = text->p, *end = at + text->n, *space = NULL;
    uint32_t count = 0;
    for (; at < end && (count <= most || !space); count++) {
        uint32_t n = character((const unsigned char *)at, (const unsigned char *)end);
        if (*at == ' ')
            space = at;
        at += n ? n : 1;
    }
    if (count > most && space)
        line.n = (uint32_t)(space - text->p);
    text->p += line.n;
    text->n -= line.n;
    if (text->n) {
        text->p++; /* the space */
        text->n--;
    }
    return line;
}

/* ---- The frame ------------------------------------------------------------------ */

void svg_begin(struct chart_sink *sink, const struct chart *chart, const char *width, double height,
               uint32_t across)
{
    svg_put(sink, "<svg%s class=\"chart\" role=\"group\" aria-labelledby=\"%s-title\"",
            chart->standalone ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", chart->name);
    svg_put(sink, " width=\"%s\" height=\"%s\"", width, svg_number(height).text);
    if (across)
        svg_put(sink, " viewBox=\"0 0 %u %s\"", across, svg_number(height).text);
    svg_put(sink, " font-family=\"system-ui, sans-serif\" font-size=\"14\" fill=\"#212b32\">");
    svg_put(sink, "<title id=\"%s-title\">", chart->name);
    svg_text(sink, chart->title);
    svg_put(sink, "</title>");
    if (chart->description.n) {
        svg_put(sink, "<desc>");
        svg_text(sink, chart->description);
        svg_put(sink, "</desc>");
    }
    if (chart->standalone)
        svg_put(sink, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>");
}

void svg_end(struct chart_sink *sink)
{
    svg_put(sink, "</svg>");
}

void svg_open(struct chart_sink *sink, struct ouse_str href, struct ouse_str label, struct ouse_str more)
{
    if (href.n) {
        svg_put(sink, "<a href=\"");
        svg_text(sink, href);
        svg_put(sink, "\"><title>");
    } else {
        svg_put(sink, "<g><title>");
    }
    svg_text(sink, label);
    if (more.n) {
        svg_put(sink, ": ");
        svg_text(sink, more);
    }
    svg_put(sink, "</title>");
}

void svg_close(struct chart_sink *sink, struct ouse_str href)
{
    svg_put(sink, href.n ? "</a>" : "</g>");
}

/* ---- Colours and patterns ---------------------------------------------------------- */

/* Each is readable on white (at least 3:1, WCAG 2.2, 1.4.11), and has a separate pattern. */
static const struct {
    const char *colour, *pattern;
} paints[CHART_SERIES] = {
    {"#1d5f8a", ""},       {"#8a4a00", "M0 8L8 0M-2 2L2 -2M6 10L10 6"}, {"#3a6b35", "M0 4H8"},
    {"#7b3f8c", "M4 0V8"}, {"#a3292f", "M0 0L8 8M-2 6L2 10M6 -2L10 2"}, {"#4c6272", "M0 4H8M4 0V8"},
};

void svg_paint(struct chart_sink *sink, const struct chart *chart, uint32_t series)
{
    uint32_t i = series % CHART_SERIES;
    svg_put(sink, " class=\"chart-%u\" stroke=\"%s\"", i + 1, paints[i].colour);
    if (i)
        svg_put(sink, " fill=\"url(#%s-%u)\"", chart->name, i + 1);
    else
        svg_put(sink, " fill=\"%s\"", paints[i].colour);
}

void svg_patterns(struct chart_sink *sink, const struct chart *chart, uint32_t n)
{
    if (n < 2)
        return;
    svg_put(sink, "<defs>");
    for (uint32_t i = 1; i < n && i < CHART_SERIES; i++) {
        svg_put(sink, "<pattern id=\"%s-%u\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">",
                chart->name, i + 1);
        svg_put(sink,
                "<rect width=\"8\" height=\"8\" class=\"chart-ground\" fill=\"#fff\"/>"
                "<path d=\"%s\" class=\"chart-line-%u\" stroke=\"%s\" stroke-width=\"2\" "
                "fill=\"none\"/></pattern>",
                paints[i].pattern, i + 1, paints[i].colour);
    }
    svg_put(sink, "</defs>");
}
