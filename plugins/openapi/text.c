/* text: writes JSON. Each call adds whole members, so the last byte shows whether a comma is
 * needed. */
#include "openapi.h"
#include <stdio.h>

#define ROOM 1024 /* at first; doubled when it is used up */

static void reserve(struct text *text, size_t n)
{
    size_t room = text->room ? text->room : ROOM;
    char *at;

    if (text->n + n < text->room)
        return;
    while (room <= text->n + n)
        room *= 2;
    at = ouse_alloc(text->ctx, room);
    if (text->n)
        memcpy(at, text->at, text->n);
    text->at = at;
    text->room = room;
}

static void append(struct text *text, const char *bytes, size_t n)
{
    reserve(text, n);
    memcpy(text->at + text->n, bytes, n);
    text->n += n;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    reserve(text, (size_t)n + 1);
    va_start(args, format);
    vsnprintf(text->at + text->n, (size_t)n + 1, format, args);
    va_end(args);
    text->n += (size_t)n;
}

void text_next(struct text *text)
{
    if (text->n && text->at[text->n - 1] != '{' && text->at[text->n - 1] != '[')
        append(text, ",", 1);
}

void text_fill(struct text *text, const char *template, struct ouse_str name)
{
    while (*template) {
        size_t n = strcspn(template, "@");
        append(text, template, n);
        template += n;
        if (*template) {
            append(text, name.p, name.n);
            template ++;
        }
    }
}

void text_string(struct text *text, struct ouse_str value)
{
    append(text, "\"", 1);
    for (uint32_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c < 0x20)
            text_add(text, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            text_add(text, "\\%c", c);
        else
            append(text, &value.p[i], 1);
    }
    append(text, "\"", 1);
}

void text_member(struct text *text, const char *name, struct ouse_str value)
{
    if (!value.p)
        return;
    text_next(text);
    text_add(text, "\"%s\":", name);
    text_string(text, value);
}

/* Adds a number, with as many digits as amounts and bounds need. */
void text_number(struct text *text, double number)
{
    text_add(text, number == (double)(int64_t)number ? "%.0f" : "%.15g", number);
}

static void add_members(struct text *text, const struct ouse_doc *value, int named)
{
    for (uint32_t i = 0; i < ouse_count(text->ctx, value); i++) {
        const struct ouse_doc *member = ouse_at(text->ctx, value, i);
        text_next(text);
        if (named) {
            text_string(text, ouse_name(text->ctx, member));
            append(text, ":", 1);
        }
        text_value(text, member);
    }
}

void text_value(struct text *text, const struct ouse_doc *value)
{
    double number = text->ctx->host->doc_as_number(value, 0);

    switch (ouse_kind(text->ctx, value)) {
    case OUSE_JSON_BOOL:
        text_add(text, number != 0 ? "true" : "false");
        break;
    case OUSE_JSON_NUMBER:
        text_number(text, number);
        break;
    case OUSE_JSON_TEXT:
        text_string(text, ouse_as_text(text->ctx, value));
        break;
    case OUSE_JSON_LIST:
        append(text, "[", 1);
        add_members(text, value, 0);
        append(text, "]", 1);
        break;
    case OUSE_JSON_OBJECT:
        append(text, "{", 1);
        add_members(text, value, 1);
        append(text, "}", 1);
        break;
    default:
        append(text, "null", 4);
    }
}
