/* json: see json.h. */
#include "json.h"
#include <stdio.h>
#include <stdlib.h>

struct writing {
    struct ouse_ctx *ctx;
    FILE *to;
};

static void write_string(const struct writing *w, struct ouse_str text)
{
    fputc('"', w->to);
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '"' || c == '\\')
            fprintf(w->to, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", w->to);
        else if (c < 0x20)
            fprintf(w->to, "\\u%04x", c);
        else
            fputc(c, w->to);
    }
    fputc('"', w->to);
}

static int is_plain(const struct writing *w, const struct ouse_doc *value)
{
    uint32_t kind = ouse_kind(w->ctx, value);
    return kind != OUSE_JSON_LIST && kind != OUSE_JSON_OBJECT;
}

/* Returns whether all entries of a list fit on one line. */
static int is_flat(const struct writing *w, const struct ouse_doc *list)
{
    uint32_t i = 0, n = ouse_kind(w->ctx, list) == OUSE_JSON_LIST ? ouse_count(w->ctx, list) : 0;
    while (i < n && is_plain(w, ouse_at(w->ctx, list, i)))
        i++;
    return n > 0 && i == n;
}

static void write_value(const struct writing *w, const struct ouse_doc *value, int deep);

static void write_plain(const struct writing *w, const struct ouse_doc *value)
{
    double number = w->ctx->host->doc_as_number(value, 0);
    switch (ouse_kind(w->ctx, value)) {
    case OUSE_JSON_TEXT:
        write_string(w, ouse_as_text(w->ctx, value));
        break;
    case OUSE_JSON_NUMBER:
        fprintf(w->to, "%.15g", number);
        break;
    case OUSE_JSON_BOOL:
        fputs(number != 0 ? "true" : "false", w->to);
        break;
    default:
        fputs("null", w->to);
    }
}

static void write_entries(const struct writing *w, const struct ouse_doc *value, int deep)
{
    int flat = is_flat(w, value);
    uint32_t n = ouse_count(w->ctx, value);
    for (uint32_t i = 0; i < n; i++) {
        const struct ouse_doc *entry = ouse_at(w->ctx, value, i);
        struct ouse_str name = ouse_name(w->ctx, entry);
        if (i)
            fputs(flat ? ", " : ",", w->to);
        if (!flat)
            fprintf(w->to, "\n%*s", (deep + 1) * 2, "");
        if (name.p) {
            write_string(w, name);
            fputs(": ", w->to);
        }
        write_value(w, entry, deep + 1);
    }
    if (n && !flat)
        fprintf(w->to, "\n%*s", deep * 2, "");
}

static void write_value(const struct writing *w, const struct ouse_doc *value, int deep)
{
    int list = ouse_kind(w->ctx, value) == OUSE_JSON_LIST;
    if (is_plain(w, value)) {
        write_plain(w, value);
        return;
    }
    fputc(list ? '[' : '{', w->to);
    write_entries(w, value, deep);
    fputc(list ? ']' : '}', w->to);
}

struct ouse_str json_text(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    char *bytes = NULL;
    size_t n = 0;
    struct writing w = {ctx, open_memstream(&bytes, &n)};
    struct ouse_str text;
    if (!w.to)
        abort();
    write_value(&w, value, 0);
    if (fclose(w.to))
        abort();
    text = ouse_format(ctx, "%s", bytes);
    free(bytes);
    return text;
}
