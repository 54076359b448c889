/* index: the entries that a document has in an index, and values of queries. */
#include "types.h"

struct walk {
    const struct index *index;
    const cJSON *document;
    const struct schema_times *times;
    struct buffer entry;
    void (*fn)(void *arg, struct ouse_str entry);
    void *arg;
};

/* Each value of the key at `at`, with all that may follow it. */
static void walk_keys(struct walk *walk, uint32_t at)
{
    if (at == walk->index->n_keys) {
        walk->fn(walk->arg, buffer_view(&walk->entry));
        return;
    }
    const struct field *field = walk->index->keys[at];
    const struct type *type = type_of(field);
    key_fn *key = walk->index->n_keys > 1 && type->joined ? type->joined : type->key;
    cJSON time = schema_is_time(field) ? schema_time(field, walk->times) : (cJSON){0};
    const cJSON *value = schema_is_time(field) ? &time : json_member(walk->document, field->is.name);
    size_t n = walk->entry.n;
    for (const cJSON *c = value_first(field, value); c; c = value_next(field, c)) {
        if (key(field, c, &walk->entry) == 0)
            walk_keys(walk, at + 1);
        walk->entry.n = n;
    }
}

cJSON schema_time(const struct field *field, const struct schema_times *times)
{
    int is_created = strcmp(field->is.name, "created") == 0;
    return (cJSON){.type = cJSON_Number,
                   .valuedouble = (double)(is_created ? times->created : times->updated)};
}

void schema_index_entries(const struct index *index, const cJSON *document, const struct schema_times *times,
                          void (*fn)(void *arg, struct ouse_str entry), void *arg)
{
    char bytes[SCHEMA_KEY_MAX]; /* compiling has made sure that all keys fit */
    struct walk walk = {.index = index,
                        .document = document,
                        .times = times,
                        .fn = fn,
                        .arg = arg,
                        .entry = {.at = bytes, .room = sizeof bytes, .cap = sizeof bytes}};
    walk_keys(&walk, 0);
}

void schema_field_entries(const struct field *field, const cJSON *value,
                          void (*fn)(void *arg, struct ouse_str entry), void *arg)
{
    char bytes[SCHEMA_KEY_MAX];
    struct buffer entry = {.at = bytes, .room = sizeof bytes, .cap = sizeof bytes};
    for (const cJSON *c = value_first(field, value); c; c = value_next(field, c), entry.n = 0)
        if (type_of(field)->key(field, c, &entry) == 0)
            fn(arg, buffer_view(&entry));
}

void schema_text_entries(const struct field *field, const cJSON *value,
                         void (*fn)(void *arg, struct ouse_str entry, struct ouse_str text), void *arg)
{
    char bytes[SCHEMA_KEY_MAX];
    struct buffer entry = {.at = bytes, .room = sizeof bytes, .cap = sizeof bytes};
    for (const cJSON *c = value_first(field, value); c; c = value_next(field, c), entry.n = 0)
        if (type_of(field)->key(field, c, &entry) == 0)
            fn(arg, buffer_view(&entry), json_text(c));
}

struct seeking {
    struct ouse_str entry, text;
};

static void seek_text(void *arg, struct ouse_str entry, struct ouse_str text)
{
    struct seeking *seeking = arg;
    if (ouse_same(entry, seeking->entry))
        seeking->text = text;
}

struct ouse_str schema_order_of(struct arena *arena, const struct field *field, const cJSON *value,
                                struct ouse_str entry)
{
    struct seeking seeking = {.entry = entry};
    schema_text_entries(field, value, seek_text, &seeking);
    return schema_text_order(arena, seeking.text);
}

/* Returns the field without the rules that narrow its values: a filter may go beyond the bounds. */
static struct field loosened(const struct field *field)
{
    struct field loose = *field;
    loose.is.min = loose.is.max = 0;
    loose.pattern = NULL;
    return loose;
}

/* Returns the JSON value of a text for the field; NULL, and a failure, if the text is no such
 * value. */
static cJSON *read_text(const struct field *field, struct ouse_str text, struct problem *problem)
{
    const struct type *type = type_of(field);
    const char *name = field->is.name;
    cJSON *value = NULL;
    if (!type->read) {
        problem_fail(problem, OUSE_E_REQUEST, "%s is %s text and cannot be filtered", name, type->name);
        return NULL;
    }
    if (text.p && !memchr(text.p, 0, text.n) && utf8_valid(text))
        value = type->read(arena_copy(problem->arena, text).p);
    if (!value) {
        problem_fail(problem, OUSE_E_REQUEST, "%s: \"%.*s\" is no value of type %s", name,
                     (int)schema_clip(text, 60).n, text.p, type->name);
        return NULL;
    }
    return json_keep(problem->arena, value);
}

ouse_rc schema_encode_text(const struct field *field, struct ouse_str text, struct buffer *out,
                           struct problem *problem)
{
    struct field loose = loosened(field);
    struct problem flaws;
    struct place whole = {.problem = &flaws, .field = &loose, .entry = -1};
    cJSON *value = read_text(field, text, problem);
    if (!value)
        return problem->rc;
    problem_init(&flaws, problem->arena);
    type_of(field)->check(&whole, value);
    if (flaws.n_errors)
        return problem_fail(problem, OUSE_E_REQUEST, "%s %s", field->is.name, flaws.errors[0].detail.p);
    size_t n = out->n;
    if (type_of(field)->key(field, value, out) == 0)
        return OUSE_OK;
    out->n = n;
    return problem_fail(problem, OUSE_E_REQUEST, "%s cannot be compared with %s", field->is.name,
                        place_shown(&whole, value));
}
