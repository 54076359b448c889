/* json_slice: see json_slice.h. */
#include "json_slice.h"

#include "json.h"

/* Behind the string that begins at `at`. */
static const char *past_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        at += *at == '\\';
    return at < end ? at + 1 : end;
}

/* Behind the value that begins at `at`: at the comma or the bracket that follows. */
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

struct ouse_str json_slice(struct ouse_str object, const char *name)
{
    const char *at = object.p + 1, *end = object.p + object.n;
    size_t n = strlen(name);
    while (object.p && at < end && *at == '"') {
        const char *key = at + 1, *behind = past_string(at, end), *value = behind + 1;
        if (value >= end)
            break;
        at = past_value(value, end);
        if ((size_t)(behind - key) == n + 1 && memcmp(key, name, n) == 0)
            return (struct ouse_str){value, (uint32_t)(at - value)};
        at++;
    }
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
