/* place: where in a document something is wrong, and how values are quoted. */
#include "types.h"
#include <stdio.h>

#define SHOWN_MAX 60

struct place place_member(const struct place *up, const char *name)
{
    return (struct place){up->problem, up->collection, up->field, up, name, -1};
}

struct place place_entry(const struct place *up, int entry)
{
    return (struct place){up->problem, up->collection, up->field, up, NULL, entry};
}

/* A reference token of RFC 6901: '~' and '/' are escaped. */
static void add_token(struct buffer *out, const char *name)
{
    for (; *name; name++) {
        if (*name == '~' || *name == '/')
            buffer_text(out, *name == '~' ? "~0" : "~1");
        else
            buffer_byte(out, *name);
    }
}

static void add_pointer(struct buffer *out, const struct place *place)
{
    if (!place->up)
        return;
    add_pointer(out, place->up);
    buffer_byte(out, '/');
    if (place->name)
        add_token(out, place->name);
    else
        buffer_uint(out, (uint64_t)place->entry);
}

void place_refuse(const struct place *place, const char *code, const char *format, ...)
{
    struct buffer pointer;
    va_list args;
    buffer_init(&pointer, UINT32_MAX);
    add_pointer(&pointer, place);
    buffer_byte(&pointer, 0);
    va_start(args, format);
    problem_vadd(place->problem, OUSE_E_INVALID, pointer.at, code, format, args);
    va_end(args);
    buffer_finish(&pointer);
}

const char *place_hint(const struct place *place, struct ouse_str text, const char *const *names, size_t n)
{
    const char *near = place->problem->n_errors < PROBLEM_ERRORS ? problem_nearest(text, names, n) : NULL;
    return near ? arena_printf(place->problem->arena, "; did you mean %s", near).p : "";
}

struct ouse_str schema_clip(struct ouse_str text, uint32_t n)
{
    if (text.n <= n)
        return text;
    while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    return (struct ouse_str){text.p, n};
}

const char *place_shown(const struct place *place, const cJSON *value)
{
    if (cJSON_IsObject(value))
        return "an object";
    if (cJSON_IsArray(value))
        return "a list";
    struct ouse_str text = json_text(value), clipped = text.p ? schema_clip(text, SHOWN_MAX) : text;
    struct buffer out;
    buffer_init(&out, SHOWN_MAX * 6 + 8); /* where each byte is written as an escape */
    if (text.p)
        json_string(&out, clipped);
    else
        json_print(&out, value);
    struct ouse_str shown =
        arena_printf(place->problem->arena, "%.*s%s", (int)out.n, out.at, clipped.n < text.n ? "…" : "");
    buffer_finish(&out);
    return shown.p;
}
