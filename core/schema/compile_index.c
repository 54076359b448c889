/* compile_index: the indexes of a collection, those of single fields first.
 *
 * An entry has room for SCHEMA_KEY_MAX bytes and one multi-valued key: so a
 * record has as many entries in an index as that key has values, not a product.
 */
#include "compile.h"

#define KEYS_MAX 8

static int has_own_index(const struct field *field)
{
    return type_of(field)->key &&
           (field->is.type == OUSE_IDS || field->is.flags & (OUSE_INDEXED | OUSE_UNIQUE | OUSE_SCHEME));
}

static void add_index(const struct compile *at, const char *name, const struct field **keys, uint32_t n,
                      int unique)
{
    struct collection *c = at->collection;
    c->indexes[c->n_indexes++] = (struct index){.name = name, .keys = keys, .n_keys = n, .unique = unique};
}

static void add_own_index(const struct compile *at, const struct field *field)
{
    const struct field **key = arena_alloc(at->arena, sizeof *key);
    *key = field;
    add_index(at, field->is.name, key, 1,
              field->is.type == OUSE_IDS || field->is.flags & (OUSE_UNIQUE | OUSE_SCHEME));
}

static const struct field *find_key(const struct compile *at, const char *name)
{
    const struct field *field = schema_field(at->collection, ouse_s(name));
    if (!field)
        compile_mistake(at, "keys names %s, which is no field of the collection", name);
    else if (!type_of(field)->key)
        compile_mistake(at, "keys names %s; a field of type %s cannot be indexed", name,
                        type_of(field)->name);
    else
        return field;
    return NULL;
}

/* Returns the keys of a compound index; fewer than named if there are mistakes. */
static const struct field **find_keys(const struct compile *at, const struct ouse_index *is, uint32_t *n_keys)
{
    uint32_t n, size = 0, many = 0;
    const char **names = schema_words(at->arena, is->keys, &n);
    const struct field **keys = arena_alloc(at->arena, n * sizeof *keys);
    *n_keys = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct field *key = find_key(at, names[i]);
        if (!key)
            continue;
        size += type_of(key)->key_max;
        many += (uint32_t)type_of(key)->many;
        keys[(*n_keys)++] = key;
    }
    if (n < 1 || n > KEYS_MAX)
        compile_mistake(at, "keys has %u names; it must have 1 to %d, separated by spaces", n, KEYS_MAX);
    if (size > SCHEMA_KEY_MAX)
        compile_mistake(at, "its entries may take %u bytes; %d is the most; use fewer texts", size,
                        SCHEMA_KEY_MAX);
    if (many > 1)
        compile_mistake(at, "it has %u lists among its keys; one is the most", many);
    return keys;
}

static void compile_index(const struct compile *at, const struct ouse_index *is)
{
    if (!schema_name_valid(is->name, '_'))
        compile_mistake(at, "the name must be snake_case of at most %d characters", SCHEMA_NAME_MAX);
    else if (schema_index(at->collection, ouse_s(is->name)))
        compile_mistake(at, "the name is taken, by another index or an indexed field");
    if (is->flags & ~OUSE_UNIQUE)
        compile_mistake(at, "flags is 0x%x; it must be 0 or OUSE_UNIQUE", is->flags);
    uint32_t n;
    const struct field **keys = find_keys(at, is, &n);
    add_index(at, is->name, keys, n, (is->flags & OUSE_UNIQUE) != 0);
}

void compile_indexes(const struct compile *at)
{
    struct collection *c = at->collection;
    uint32_t n = c->is.indexes.n;
    const struct ouse_index *rows = COMPILE_ROWS(at, "indexes", c->is.indexes, &n);
    c->indexes = arena_zero(at->arena, (c->n_fields + SCHEMA_TIMES + n) * sizeof *c->indexes);
    for (uint32_t i = 0; i < c->n_fields; i++)
        if (has_own_index(&c->fields[i]))
            add_own_index(at, &c->fields[i]);
    for (uint32_t i = 0; i < SCHEMA_TIMES; i++)
        add_own_index(at, &c->times[i]);
    for (uint32_t i = 0; i < n; i++) {
        struct compile in = compile_part(at, "index", rows[i].name);
        compile_index(&in, &rows[i]);
    }
}
