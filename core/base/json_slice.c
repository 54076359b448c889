/* json_slice: see json_slice.h. */
#include "json_slice.h"

#include "json.h"

/* Returns the end of the string that begins at `at`. A quotation mark without a backslash before it
 * always ends the string. */
static const char *past_string(const char *at, const char *end)
{
    const char *mark = memchr(at + 1, '"', (size_t)(end - at - 1));
    if (!mark)
        return end;
    if (mark[-1] != '\\')
        return mark + 1;
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

/* Returns the end of the value that begins at `at`: the comma or the bracket after it. */
static const char *past_value(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
            return at;
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at = *at == '"' ? past_string(at, end) : at + 1;
    }
    return end;
}

int json_cut_member(struct ouse_str *object, struct ouse_str *name, struct ouse_str *value)
{
    if (object->n < 2 || object->p[1] != '"')
        return 0;
    const char *at = object->p + 1, *end = object->p + object->n;
    const char *colon = past_string(at, end), *from = colon + 1;
    if (from >= end)
        return 0;
    const char *behind = past_value(from, end);
    *name = (struct ouse_str){at + 1, (uint32_t)(colon - at - 2)};
    *value = (struct ouse_str){from, (uint32_t)(behind - from)};
    *object = (struct ouse_str){behind, (uint32_t)(end - behind)};
    return 1;
}

struct ouse_str json_slice(struct ouse_str object, const char *name)
{
    struct ouse_str wanted = ouse_s(name), found, value;
    while (json_cut_member(&object, &found, &value))
        if (ouse_same(found, wanted))
            return value;
    return (struct ouse_str){NULL, 0};
}

struct ouse_str json_slice_text(struct arena *arena, struct ouse_str slice)
{
    if (slice.n < 2 || *slice.p != '"')
        return (struct ouse_str){NULL, 0};
    if (memchr(slice.p, '\\', slice.n))
        return json_text(json_parse_trusted(arena, slice));
    return arena_copy(arena, (struct ouse_str){slice.p + 1, slice.n - 2});
}

int json_cut(struct ouse_str *list, struct ouse_str *entry)
{
    const char *at = list->p + 1, *end = list->p + list->n;
    if (list->n < 2 || *list->p == ']' || *at == ']')
        return 0;
    const char *behind = past_value(at, end);
    *entry = (struct ouse_str){at, (uint32_t)(behind - at)};
    *list = (struct ouse_str){behind, (uint32_t)(end - behind)};
    return 1;
}
