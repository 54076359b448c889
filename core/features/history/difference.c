/* difference: the fields in which two versions of a record differ, as the caller sees both. */
#include "../../api/resource.h"
#include "history.h"

struct difference {
    struct arena *arena;
    const cJSON *from, *to; /* NULL: there is no version */
    struct buffer *out;
    uint32_t n;
};

static void write_value(struct buffer *out, const char *name, const cJSON *value)
{
    buffer_printf(out, ",\"%s\":", name);
    if (value)
        json_print(out, value);
    else
        buffer_text(out, "null");
}

static void compare(struct difference *difference, const char *path, const cJSON *from, const cJSON *to)
{
    if (from == to || (from && to && json_equal(from, to)))
        return;
    buffer_printf(difference->out, "%s{\"path\":\"%s\"", difference->n++ ? "," : "", path);
    write_value(difference->out, "from", from);
    write_value(difference->out, "to", to);
    buffer_byte(difference->out, '}');
}

static void compare_member(struct difference *difference, const char *name)
{
    compare(difference, arena_printf(difference->arena, "/%s", name).p, json_member(difference->from, name),
            json_member(difference->to, name));
}

static const cJSON *visibility_of(const cJSON *record)
{
    return json_member(json_member(record, "meta"), "visibility");
}

uint32_t history_differences(struct arena *arena, const struct collection *collection, const cJSON *from,
                             const cJSON *to, struct buffer *out)
{
    struct difference difference = {arena, from, to, out, 0};
    for (uint32_t i = 0; i < collection->n_fields; i++)
        compare_member(&difference, collection->fields[i].is.name);
    compare_member(&difference, "sources");
    compare(&difference, "/meta/visibility", visibility_of(from), visibility_of(to));
    return difference.n;
}
