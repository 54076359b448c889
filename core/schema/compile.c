/* compile: checks one declaration as a whole and converts it into a collection.
 *
 *   names ─> fields ─> labels, `after`, indexes, flows, derived ─> defaults
 *
 * Each step needs those before it. A step that finds a mistake reports it and continues, so that an
 * author receives all of them together. */
#include "compile.h"

#define LABELS_MAX 4

static void check_names(const struct compile *at)
{
    const uint32_t known = OUSE_OPEN_CREATE | OUSE_CITED | OUSE_NO_CREATE | OUSE_NO_CHANGE | OUSE_NO_REMOVE;
    struct ouse_collection *is = &at->collection->is;
    if (!schema_name_valid(is->name, '-'))
        compile_mistake(at, "the name must be kebab-case of at most %d characters, such as care-models",
                        SCHEMA_NAME_MAX);
    if (!schema_name_valid(is->singular, '-'))
        compile_mistake(at, "singular is %s; it must be kebab-case, such as care-model",
                        is->singular ? is->singular : "missing");
    if (is->version == 0)
        compile_mistake(at, "version is 0; versions of a schema begin at 1");
    if (is->flags & ~known)
        compile_mistake(at, "flags 0x%x are not known to this host; a newer one may be needed",
                        is->flags & ~known);
    if (!compile_visibility_known(is->visibility))
        compile_mistake(at, "visibility is %u; it must be OUSE_PUBLIC, OUSE_PARTNER or OUSE_OFFICE",
                        is->visibility);
}

/* Compiles a label field. An id shows in addresses, so a label is text that every role which may
 * see the record may see. */
static void compile_label(const struct compile *at, const char *name)
{
    const uint32_t types = 1u << OUSE_TEXT | 1u << OUSE_ENUM | 1u << OUSE_INT | 1u << OUSE_DATE |
                           1u << OUSE_PDATE | 1u << OUSE_REF;
    struct collection *c = at->collection;
    const struct field *field = schema_field(c, ouse_s(name));
    if (!field)
        compile_mistake(at, "label_field names %s, which is no field of it", name);
    else if (!(types >> field->is.type & 1))
        compile_mistake(at, "label_field names %s of type %s; a label is text, enum, int, date or ref", name,
                        type_of(field)->name);
    else if (field->is.visibility > c->is.visibility)
        compile_mistake(at, "label_field names %s, which is hidden from some roles that may see the record",
                        name);
    else
        c->labels[c->n_labels++] = field;
}

static void compile_labels(const struct compile *at)
{
    uint32_t n;
    const char **names = schema_words(at->arena, at->collection->is.label_field, &n);
    if (n > LABELS_MAX) {
        compile_mistake(at, "label_field names %u fields; %d is the most", n, LABELS_MAX);
        return;
    }
    at->collection->labels = arena_alloc(at->arena, n * sizeof *at->collection->labels);
    for (uint32_t i = 0; i < n; i++)
        compile_label(at, names[i]);
}

static int has_derived(const struct collection *collection, const char *name)
{
    for (uint32_t i = 0; i < collection->n_derived; i++)
        if (ouse_is(ouse_s(name), collection->derived[i].name))
            return 1;
    return 0;
}

static void check_derived(const struct compile *at, const struct ouse_derived *derived)
{
    const struct collection *c = at->collection;
    if (!schema_name_valid(derived->name, '_')) {
        compile_mistake(at, "the name must be snake_case of at most %d characters", SCHEMA_NAME_MAX);
        return;
    }
    compile_reserved(at, derived->name);
    if (schema_field(c, ouse_s(derived->name)) || has_derived(c, derived->name))
        compile_mistake(at, "the name is taken by a field or another derived value");
    if (derived->type < OUSE_TEXT || derived->type > OUSE_SERIES)
        compile_mistake(at, "type %u is not one of OUSE_TEXT … OUSE_SERIES", derived->type);
    if (!derived->fn)
        compile_mistake(at, "fn is missing");
}

/* Each is compared with those before it. */
static void compile_derived(const struct compile *at)
{
    struct collection *c = at->collection;
    uint32_t n = c->is.derived.n;
    for (c->derived = COMPILE_ROWS(at, "derived", c->is.derived, &n); c->n_derived < n; c->n_derived++) {
        const struct ouse_derived *derived = &c->derived[c->n_derived];
        struct compile in = compile_part(at, "derived", derived->name);
        check_derived(&in, derived);
    }
}

struct collection *compile_collection(struct arena *arena, const struct spellings *spellings,
                                      const char *plugin, const struct ouse_collection *is,
                                      struct problem *problem)
{
    struct collection *c = arena_zero(arena, sizeof *c);
    struct compile at = {arena, spellings, problem, c, NULL, NULL};
    c->is = *is;
    c->plugin = plugin;
    check_names(&at);
    if (is->was && (!schema_name_valid(is->was, '-') || strcmp(is->was, is->name) == 0))
        compile_mistake(&at, "was is %s; it must be another name of a collection, in kebab-case", is->was);
    compile_fields(&at);
    compile_sources(&at);
    compile_searched(&at);
    compile_labels(&at);
    compile_indexes(&at);
    compile_flows(&at);
    compile_derived(&at);
    compile_pages(&at);
    for (uint32_t i = 0; i < c->n_fields; i++) {
        struct compile in = compile_part(&at, "field", c->fields[i].is.name);
        compile_after(&in, &c->fields[i]);
        compile_default(&in, &c->fields[i]);
    }
    return c;
}
