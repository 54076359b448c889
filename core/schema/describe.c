/* describe: a declaration as JSON, for clients and for the store.
 *
 * Published members never change: the store compares its last declaration with the present one
 * (compare.c), across versions of this program. Parts that a role may not see are omitted together
 * with everything that names them: labels, indexes, state machines, references. A text that is NULL
 * is omitted, too: cJSON adds nothing. */
#include "types.h"

static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddStringToObject(object, name, text);
}

static cJSON *add_row(cJSON *list)
{
    cJSON *row = cJSON_CreateObject();
    cJSON_AddItemToArray(list, row);
    return row;
}

/* Adds a list of words, unless it is empty. */
static void add_words(cJSON *object, const char *name, const char *const *words, uint32_t n)
{
    if (n)
        cJSON_AddItemToObject(object, name, cJSON_CreateStringArray(words, (int)n));
}

static void add_flags(cJSON *object, uint32_t flags)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{OUSE_REQUIRED, "required"},     {OUSE_INDEXED, "indexed"}, {OUSE_UNIQUE, "unique"},
                 {OUSE_SEARCHABLE, "searchable"}, {OUSE_SYSTEM, "system"},   {OUSE_FIXED, "fixed"},
                 {OUSE_SCHEME, "scheme"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].bit)
            cJSON_AddTrueToObject(object, names[i].name);
}

/* Adds the targets of a field. A collection that is not loaded is hidden from no role. */
static void add_targets(cJSON *object, const struct field *field, uint32_t role)
{
    static const char *const fates[] = {"restrict", "cascade", "nullify"};
    const char *names[SCHEMA_TARGETS_MAX];
    uint32_t n = 0;
    if (!field->is.refers_to)
        return;
    if (strcmp(field->is.refers_to, SCHEMA_ANY) == 0)
        names[n++] = SCHEMA_ANY;
    else
        for (uint32_t i = 0; i < field->n_targets; i++)
            if (!field->targets[i].to || schema_told(field->targets[i].to, role))
                names[n++] = field->targets[i].collection;
    cJSON_AddItemToObject(object, "refers_to", cJSON_CreateStringArray(names, (int)n));
    add_text(object, "on_delete", fates[field->is.on_delete]);
}

static void add_bounds(cJSON *object, const struct field *field)
{
    struct bounds bounds = schema_bounds(field);
    if (!bounds.least && !bounds.most)
        return;
    cJSON_AddNumberToObject(object, "min", (double)bounds.least);
    cJSON_AddNumberToObject(object, "max", (double)bounds.most);
}

static void add_field(cJSON *row, const struct field *field, uint32_t role)
{
    add_text(row, "name", field->is.name);
    add_text(row, "type", type_of(field)->name);
    add_text(row, "title", field->title);
    add_text(row, "doc", field->is.doc);
    add_flags(row, field->is.flags);
    add_text(row, "visibility", schema_role_name(field->is.visibility));
    add_words(row, "choices", field->choices, field->n_choices);
    add_targets(row, field, role);
    add_bounds(row, field);
    add_text(row, "pattern", field->is.pattern);
    add_text(row, "after", field->is.after);
    add_text(row, "inverse", field->is.inverse);
    cJSON_AddItemToObject(row, "default", cJSON_Duplicate(field->dflt, 1));
}

/* How many of the fields have a name for the role. */
static uint32_t names_of(const struct field **fields, uint32_t n, uint32_t role,
                         const char *names[SCHEMA_FIELDS_MAX])
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < n; i++)
        if (fields[i]->is.visibility <= role)
            names[seen++] = fields[i]->is.name;
    return seen;
}

static void add_index(cJSON *list, const struct index *index, uint32_t role)
{
    const char *keys[SCHEMA_FIELDS_MAX];
    if (names_of(index->keys, index->n_keys, role, keys) < index->n_keys)
        return;
    cJSON *row = add_row(list);
    add_text(row, "name", index->name);
    add_words(row, "keys", keys, index->n_keys);
    cJSON_AddBoolToObject(row, "unique", index->unique);
}

static void add_flow(cJSON *row, const struct flow *flow)
{
    add_text(row, "field", flow->field->is.name);
    add_text(row, "initial", flow->initial);
    cJSON *moves = cJSON_AddArrayToObject(row, "moves");
    for (uint32_t i = 0; i < flow->n_moves; i++) {
        const struct move *move = &flow->moves[i];
        cJSON *step = add_row(moves);
        add_words(step, "from", move->from, move->n_from);
        add_text(step, "to", move->is.to);
        add_text(step, "title", move->is.title);
        add_text(step, "role", schema_role_name(move->is.role));
        add_text(step, "doc", move->is.doc);
    }
}

static void add_derived(cJSON *row, const struct ouse_derived *derived)
{
    add_text(row, "name", derived->name);
    add_text(row, "type", schema_types[derived->type].name);
    add_text(row, "doc", derived->doc);
}

static void add_verbs(cJSON *object, uint32_t flags)
{
    static const struct {
        uint32_t without;
        const char *name;
    } verbs[] = {{OUSE_NO_CREATE, "create"}, {OUSE_NO_CHANGE, "change"}, {OUSE_NO_REMOVE, "remove"}};
    const char *names[3];
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!(flags & verbs[i].without))
            names[n++] = verbs[i].name;
    add_words(object, "verbs", names, n);
}

static void add_labels(cJSON *object, const struct collection *collection, uint32_t role)
{
    const char *labels[SCHEMA_FIELDS_MAX];
    add_words(object, "labels", labels, names_of(collection->labels, collection->n_labels, role, labels));
}

/* Names of fields, separated by spaces, as a list; a name, as a text. */
static void add_names(cJSON *object, const char *name, const char *fields)
{
    struct arena arena;
    uint32_t n;
    arena_init(&arena);
    const char **names = schema_words(&arena, fields, &n);
    add_words(object, name, names, n);
    arena_finish(&arena);
}

static void add_join(cJSON *object, const struct ouse_join *join)
{
    if (!join->of)
        return;
    cJSON *row = cJSON_AddObjectToObject(object, "join");
    add_text(row, "of", join->of);
    add_names(row, "with", join->with);
    add_names(row, "role", join->role);
    add_text(row, "from", join->from);
    add_text(row, "to", join->to);
    add_text(row, "amount", join->amount);
    add_text(row, "text", join->text);
    add_text(row, "order", join->order);
}

/* How pages show its records. compile_pages has checked that every role sees the fields. */
static void add_pages(cJSON *object, const struct ouse_collection *is)
{
    add_join(object, &is->join);
    add_text(object, "parent", is->parent);
    add_names(object, "context", is->context);
    add_text(object, "honorific", is->honorific);
    add_text(object, "subtitle", is->subtitle);
    if (is->subject) {
        add_text(object, "subject", is->subject);
        cJSON_AddNumberToObject(object, "subject_order", is->subject_order);
    }
}

cJSON *schema_declaration(const struct collection *collection, uint32_t role)
{
    const struct ouse_collection *is = &collection->is;
    cJSON *whole = cJSON_CreateObject(), *list;
    add_text(whole, "name", is->name);
    add_text(whole, "singular", is->singular);
    add_text(whole, "plugin", collection->plugin);
    add_text(whole, "title", is->title);
    add_text(whole, "doc", is->doc);
    cJSON_AddNumberToObject(whole, "version", is->version);
    add_text(whole, "visibility", schema_role_name(is->visibility));
    add_verbs(whole, is->flags);
    add_labels(whole, collection, role);
    add_pages(whole, is);
    list = cJSON_AddArrayToObject(whole, "fields");
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role)
            add_field(add_row(list), &collection->fields[i], role);
    list = cJSON_AddArrayToObject(whole, "indexes");
    for (uint32_t i = 0; i < collection->n_indexes; i++)
        add_index(list, &collection->indexes[i], role);
    list = cJSON_AddArrayToObject(whole, "flows");
    for (uint32_t i = 0; i < collection->n_flows; i++)
        if (collection->flows[i].field->is.visibility <= role)
            add_flow(add_row(list), &collection->flows[i]);
    list = cJSON_AddArrayToObject(whole, "derived");
    for (uint32_t i = 0; i < collection->n_derived; i++)
        add_derived(add_row(list), &collection->derived[i]);
    return whole;
}

void schema_describe(const struct collection *collection, uint32_t role, struct buffer *out)
{
    cJSON *whole = schema_declaration(collection, role);
    json_print(out, whole);
    cJSON_Delete(whole);
}
