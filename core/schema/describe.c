/* describe: a declaration as JSON, for clients and for the store.
 *
 * What is said once stays: the store compares what it was last declared as with
 * what is declared now (compare.c), across versions of this program.
 */
#include "types.h"

static void add_name(struct buffer *out, const char *name)
{
    if (out->n && out->at[out->n - 1] != '{')
        buffer_byte(out, ',');
    json_string(out, ouse_s(name));
    buffer_byte(out, ':');
}

/* A member whose text is NULL is left out, here and below. */
static void add_text(struct buffer *out, const char *name, const char *text)
{
    if (!text)
        return;
    add_name(out, name);
    json_string(out, ouse_s(text));
}

static void add_number(struct buffer *out, const char *name, int64_t value)
{
    add_name(out, name);
    json_number(out, (double)value);
}

static void add_words(struct buffer *out, const char *name, const char **words, uint32_t n)
{
    if (n == 0)
        return;
    add_name(out, name);
    for (uint32_t i = 0; i < n; i++) {
        buffer_byte(out, i ? ',' : '[');
        json_string(out, ouse_s(words[i]));
    }
    buffer_byte(out, ']');
}

static void add_flags(struct buffer *out, uint32_t flags)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{OUSE_REQUIRED, "required"},     {OUSE_INDEXED, "indexed"}, {OUSE_UNIQUE, "unique"},
                 {OUSE_SEARCHABLE, "searchable"}, {OUSE_SYSTEM, "system"},   {OUSE_FIXED, "fixed"},
                 {OUSE_SCHEME, "scheme"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!(flags & names[i].bit))
            continue;
        add_name(out, names[i].name);
        buffer_text(out, "true");
    }
}

static void add_targets(struct buffer *out, const struct field *field)
{
    static const char *const fates[] = {"restrict", "cascade", "nullify"};
    const char *names[SCHEMA_TARGETS_MAX];
    uint32_t n = 0;
    if (field->is.refers_to && strcmp(field->is.refers_to, SCHEMA_ANY) == 0)
        names[n++] = SCHEMA_ANY;
    else
        for (; n < field->n_targets; n++)
            names[n] = field->targets[n].collection;
    add_words(out, "refers_to", names, n);
    if (n)
        add_text(out, "on_delete", fates[field->is.on_delete]);
}

static void add_bounds(struct buffer *out, const struct field *field)
{
    struct bounds bounds = schema_bounds(field);
    if (!bounds.least && !bounds.most)
        return;
    add_number(out, "min", bounds.least);
    add_number(out, "max", bounds.most);
}

static void add_field(struct buffer *out, const struct field *field)
{
    buffer_byte(out, '{');
    add_text(out, "name", field->is.name);
    add_text(out, "type", type_of(field)->name);
    add_text(out, "title", field->title);
    add_text(out, "doc", field->is.doc);
    add_flags(out, field->is.flags);
    add_text(out, "visibility", schema_visibility_name(field->is.visibility));
    add_words(out, "choices", field->choices, field->n_choices);
    add_targets(out, field);
    add_bounds(out, field);
    add_text(out, "pattern", field->is.pattern);
    add_text(out, "after", field->is.after);
    if (field->dflt) {
        add_name(out, "default");
        json_print(out, field->dflt);
    }
    buffer_byte(out, '}');
}

static void add_names(struct buffer *out, const char *name, const struct field **fields, uint32_t n)
{
    const char *names[SCHEMA_FIELDS_MAX];
    for (uint32_t i = 0; i < n; i++)
        names[i] = fields[i]->is.name;
    add_words(out, name, names, n);
}

static void add_index(struct buffer *out, const struct index *index)
{
    buffer_byte(out, '{');
    add_text(out, "name", index->name);
    add_names(out, "keys", index->keys, index->n_keys);
    buffer_text(out, index->unique ? ",\"unique\":true}" : ",\"unique\":false}");
}

static void add_move(struct buffer *out, const struct move *move)
{
    buffer_byte(out, '{');
    add_words(out, "from", move->from, move->n_from);
    add_text(out, "to", move->is.to);
    add_text(out, "title", move->is.title);
    add_text(out, "role", schema_role_name(move->is.role));
    add_text(out, "doc", move->is.doc);
    buffer_byte(out, '}');
}

static void add_flow(struct buffer *out, const struct flow *flow)
{
    buffer_byte(out, '{');
    add_text(out, "field", flow->field->is.name);
    add_text(out, "initial", flow->initial);
    buffer_text(out, ",\"moves\":[");
    for (uint32_t i = 0; i < flow->n_moves; i++) {
        if (i)
            buffer_byte(out, ',');
        add_move(out, &flow->moves[i]);
    }
    buffer_text(out, "]}");
}

static void add_derived(struct buffer *out, const struct ouse_derived *derived)
{
    buffer_byte(out, '{');
    add_text(out, "name", derived->name);
    add_text(out, "type", schema_types[derived->type].name);
    add_text(out, "doc", derived->doc);
    buffer_byte(out, '}');
}

/* A member that is the list of n things, each written by `add`. */
#define ADD_LIST(out, name, add, things, n)  \
    do {                                     \
        add_name(out, name);                 \
        buffer_byte(out, '[');               \
        for (uint32_t i = 0; i < (n); i++) { \
            if (i)                           \
                buffer_byte(out, ',');       \
            add(out, &(things)[i]);          \
        }                                    \
        buffer_byte(out, ']');               \
    } while (0)

static void add_verbs(struct buffer *out, uint32_t flags)
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
    add_words(out, "verbs", names, n);
}

void schema_describe(const struct collection *collection, struct buffer *out)
{
    const struct ouse_collection *is = &collection->is;
    buffer_byte(out, '{');
    add_text(out, "name", is->name);
    add_text(out, "singular", is->singular);
    add_text(out, "plugin", collection->plugin);
    add_text(out, "title", is->title);
    add_text(out, "doc", is->doc);
    add_number(out, "version", is->version);
    add_text(out, "visibility", schema_visibility_name(is->visibility));
    add_verbs(out, is->flags);
    add_names(out, "labels", collection->labels, collection->n_labels);
    ADD_LIST(out, "fields", add_field, collection->fields, collection->n_fields);
    ADD_LIST(out, "indexes", add_index, collection->indexes, collection->n_indexes);
    ADD_LIST(out, "flows", add_flow, collection->flows, collection->n_flows);
    ADD_LIST(out, "derived", add_derived, collection->derived, collection->n_derived);
    buffer_byte(out, '}');
}
