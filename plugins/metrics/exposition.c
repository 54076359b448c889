/* exposition: families of measures in the Prometheus text format, version 0.0.4.
 *
 *     # HELP ouse_http_requests_total Requests that were answered, …
 *     # TYPE ouse_http_requests_total counter
 *     ouse_http_requests_total{route="record",method="GET",status="200"} 42
 */
#include "metrics.h"

#include <stdio.h>

void text_add(struct text *text, const char *format, ...)
{
    va_list args, again;
    int n;
    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    if (text->n + (uint32_t)n >= text->room) {
        char *before = text->at;
        text->room = 2 * (text->n + (uint32_t)n) + 4096;
        text->at = ouse_alloc(text->ctx, text->room);
        if (text->n)
            memcpy(text->at, before, text->n);
    }
    vsnprintf(text->at + text->n, text->room - text->n, format, again);
    text->n += (uint32_t)n;
    va_end(again);
    va_end(args);
}

/* Formats a number: whole numbers as such; others with the decimal digits of a double. */
static struct ouse_str number(struct text *text, double value)
{
    int whole = value > -1e15 && value < 1e15 && (double)(int64_t)value == value;
    return ouse_format(text->ctx, whole ? "%.0f" : "%.15g", value);
}

/* Adds a text; escapes characters that would end it, or its line. */
static void add_escaped(struct text *text, struct ouse_str value, int quoted)
{
    for (uint32_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        if (c == '\n')
            text_add(text, "\\n");
        else
            text_add(text, c == '\\' || (c == '"' && quoted) ? "\\%c" : "%c", c);
    }
}

/* Adds {route="record",le="0.1"}; the bound of a bucket, if there is one, follows the labels. */
static void add_labels(struct text *text, const struct ouse_doc *names, const struct ouse_doc *values,
                       struct ouse_str bound)
{
    struct ouse_ctx *ctx = text->ctx;
    uint32_t n = ouse_count(ctx, names);
    if (!n && !bound.p)
        return;
    for (uint32_t i = 0; i < n; i++) {
        text_add(text, "%c%.*s=\"", i ? ',' : '{', OUSE_F(ouse_as_text(ctx, ouse_at(ctx, names, i))));
        add_escaped(text, ouse_as_text(ctx, ouse_at(ctx, values, i)), 1);
        text_add(text, "\"");
    }
    if (bound.p)
        text_add(text, "%cle=\"%.*s\"", n ? ',' : '{', OUSE_F(bound));
    text_add(text, "}");
}

struct family {
    struct ouse_str name; /* as written */
    const struct ouse_doc *labels;
};

/* Adds one line; appends `what` to the name. */
static void add_line(struct text *text, const struct family *family, const char *what,
                     const struct ouse_doc *sample, struct ouse_str bound, double value)
{
    text_add(text, "%.*s%s", OUSE_F(family->name), what);
    add_labels(text, family->labels, ouse_member(text->ctx, sample, "labels"), bound);
    text_add(text, " %.*s\n", OUSE_F(number(text, value)));
}

static void add_histogram(struct text *text, const struct family *family, const struct ouse_doc *sample)
{
    struct ouse_ctx *ctx = text->ctx;
    const struct ouse_doc *buckets = ouse_member(ctx, sample, "buckets");
    const double count = ouse_number(ctx, sample, "count", 0);
    for (uint32_t i = 0; i < ouse_count(ctx, buckets); i++) {
        const struct ouse_doc *bucket = ouse_at(ctx, buckets, i);
        add_line(text, family, "_bucket", sample, number(text, ouse_number(ctx, bucket, "most", 0)),
                 ouse_number(ctx, bucket, "count", 0));
    }
    add_line(text, family, "_bucket", sample, ouse_s("+Inf"), count);
    add_line(text, family, "_sum", sample, ouse_s(NULL), ouse_number(ctx, sample, "sum", 0));
    add_line(text, family, "_count", sample, ouse_s(NULL), count);
}

static void add_family(struct text *text, const char *prefix, const struct ouse_doc *is)
{
    struct ouse_ctx *ctx = text->ctx;
    struct ouse_str kind = ouse_text(ctx, is, "kind"), unit = ouse_text(ctx, is, "unit");
    const struct ouse_doc *samples = ouse_member(ctx, is, "samples");
    struct family family = {ouse_format(ctx, "%s%.*s%s%.*s%s", prefix, OUSE_F(ouse_text(ctx, is, "name")),
                                        unit.p ? "_" : "", OUSE_F(unit),
                                        ouse_is(kind, "counter") ? "_total" : ""),
                            ouse_member(ctx, is, "labels")};
    text_add(text, "# HELP %.*s ", OUSE_F(family.name));
    add_escaped(text, ouse_text(ctx, is, "help"), 0);
    text_add(text, "\n# TYPE %.*s %.*s\n", OUSE_F(family.name), OUSE_F(kind));
    for (uint32_t i = 0; i < ouse_count(ctx, samples); i++) {
        const struct ouse_doc *sample = ouse_at(ctx, samples, i);
        if (ouse_is(kind, "histogram"))
            add_histogram(text, &family, sample);
        else
            add_line(text, &family, "", sample, ouse_s(NULL), ouse_number(ctx, sample, "value", 0));
    }
}

void exposition_add(struct text *text, const char *prefix, const struct ouse_doc *families)
{
    for (uint32_t i = 0; i < ouse_count(text->ctx, families); i++)
        add_family(text, prefix, ouse_at(text->ctx, families, i));
}
