/* field: finds the fields and indexes of a collection, and tells what a field is. */
#include "types.h"

const struct field *schema_field(const struct collection *collection, struct ouse_str name)
{
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (ouse_is(name, collection->fields[i].is.name))
            return &collection->fields[i];
    return NULL;
}

const struct field *schema_asked(const struct collection *collection, struct ouse_str name)
{
    for (uint32_t i = 0; i < SCHEMA_TIMES; i++)
        if (ouse_is(name, collection->times[i].is.name))
            return &collection->times[i];
    return schema_field(collection, name);
}

int schema_is_list(const struct field *field)
{
    return type_of(field)->many;
}

int schema_is_time(const struct field *field)
{
    return field->is.type == TYPE_TIME;
}

const struct field *schema_pointed(const struct collection *collection, struct ouse_str pointer)
{
    if (pointer.n && pointer.p[0] == '/')
        pointer = (struct ouse_str){pointer.p + 1, pointer.n - 1};
    const char *slash = pointer.n ? memchr(pointer.p, '/', pointer.n) : NULL;
    if (slash)
        pointer.n = (uint32_t)(slash - pointer.p);
    return schema_field(collection, pointer);
}

const struct index *schema_index(const struct collection *collection, struct ouse_str name)
{
    for (uint32_t i = 0; i < collection->n_indexes; i++)
        if (ouse_is(name, collection->indexes[i].name))
            return &collection->indexes[i];
    return NULL;
}

/* A declaration that gives a least above 0 alone gives no most. */
struct bounds schema_bounds(const struct field *field)
{
    struct bounds bounds = {field->is.min, field->is.max};
    if (!bounds.least && !bounds.most)
        return (struct bounds){type_of(field)->least, type_of(field)->most};
    if (bounds.most < bounds.least)
        bounds.most = type_of(field)->most;
    return bounds;
}
