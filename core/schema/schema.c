/* schema: the set of compiled collections, ordered by name. */
#include "../base/heap.h"
#include "compile.h"
#include <stdlib.h>

struct schema {
    struct arena arena; /* of everything that is compiled */
    struct collection **collections;
    uint32_t n, room;
    struct spellings spellings;
};

struct schema *schema_create(void)
{
    return heap_zero(sizeof(struct schema));
}

void schema_destroy(struct schema *schema)
{
    if (!schema)
        return;
    arena_finish(&schema->arena);
    free(schema);
}

uint32_t schema_count(const struct schema *schema)
{
    return schema->n;
}

struct collection *schema_at(const struct schema *schema, uint32_t i)
{
    return schema->collections[i];
}

/* Where a name is, or where it would stand. */
static uint32_t position(const struct schema *schema, struct ouse_str name)
{
    uint32_t low = 0, high = schema->n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const char *other = schema->collections[middle]->is.name;
        int order = strncmp(other, name.p, name.n);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct collection *schema_find(const struct schema *schema, struct ouse_str name)
{
    uint32_t i = name.p ? position(schema, name) : schema->n;
    return i < schema->n && ouse_is(name, schema->collections[i]->is.name) ? schema->collections[i] : NULL;
}

struct collection *schema_find_renamed(const struct schema *schema, struct ouse_str name)
{
    struct collection *found = schema_find(schema, name);
    for (uint32_t i = 0; !found && name.p && i < schema->n; i++)
        if (schema->collections[i]->is.was && ouse_is(name, schema->collections[i]->is.was))
            found = schema->collections[i];
    return found;
}

struct collection *schema_numbered(const struct schema *schema, uint32_t number)
{
    for (uint32_t i = 0; i < schema->n; i++)
        if (schema->collections[i]->number == number)
            return schema->collections[i];
    return NULL;
}

int schema_told(const struct collection *collection, uint32_t role)
{
    return collection->is.visibility <= role || collection->is.flags & OUSE_OPEN_CREATE;
}

static void insert(struct schema *schema, struct collection *collection)
{
    uint32_t i = position(schema, ouse_s(collection->is.name));
    schema->collections = arena_more(&schema->arena, schema->collections, schema->n, &schema->room,
                                     sizeof *schema->collections);
    memmove(schema->collections + i + 1, schema->collections + i,
            (schema->n - i) * sizeof *schema->collections);
    schema->collections[i] = collection;
    schema->n++;
}

void schema_spell(struct schema *schema, const char *words)
{
    uint32_t n;
    const char **more = schema_words(&schema->arena, words, &n);
    const char **all = arena_alloc(&schema->arena, (schema->spellings.n + n + 1) * sizeof *all);
    memcpy(all, more, n * sizeof *all);
    for (uint32_t i = 0; i < schema->spellings.n; i++)
        all[n + i] = schema->spellings.at[i];
    schema->spellings = (struct spellings){all, schema->spellings.n + n};
}

struct ouse_str schema_title(const struct schema *schema, struct arena *arena, struct ouse_str name)
{
    return title_of_name(arena, &schema->spellings, name);
}

ouse_rc schema_add(struct schema *schema, const char *plugin, const struct ouse_collection *declared,
                   uint32_t stride, struct problem *problem)
{
    const struct ouse_collection *is = arena_rows(problem->arena, declared, 1, stride, sizeof *is);
    const struct collection *other = schema_find(schema, ouse_s(is->name));
    if (other)
        return problem_fail(
            problem, OUSE_E_CONFLICT,
            "%s: collection %s: the name is taken by plugin %s; collections have global names", plugin,
            is->name, other->plugin);
    uint32_t mistakes = problem->n_errors;
    struct collection *collection =
        compile_collection(&schema->arena, &schema->spellings, plugin, is, problem);
    if (problem->n_errors > mistakes)
        return problem->rc;
    insert(schema, collection);
    return OUSE_OK;
}

static void link_target(const struct schema *schema, const struct compile *at, struct target *target)
{
    const char *own = at->collection->plugin, *provider = target->plugin ? target->plugin : own;
    const struct collection *to = schema_find(schema, ouse_s(target->collection));
    if (to && strcmp(to->plugin, provider) != 0)
        compile_mistake(at, "%s is provided by plugin %s; write %s@%s", to->is.name, to->plugin, to->is.name,
                        to->plugin);
    else if (!to && strcmp(provider, own) == 0)
        compile_mistake(
            at,
            "refers_to names %s, which plugin %s does not declare; another's is written collection@plugin",
            target->collection, own);
    else
        target->to = to;
}

static struct target target_to(const struct collection *collection)
{
    return (struct target){.collection = collection->is.name, .plugin = collection->plugin, .to = collection};
}

/* "*": every collection of the register, the field's own too. */
static void link_any(struct schema *schema, struct field *field)
{
    field->targets = arena_zero(&schema->arena, schema->n * sizeof *field->targets);
    field->n_targets = schema->n;
    for (uint32_t i = 0; i < schema->n; i++)
        field->targets[i] = target_to(schema->collections[i]);
}

/* Notes for each target of a field that the field refers to it. */
static void link_back(struct schema *schema, const struct collection *from, const struct field *field)
{
    for (uint32_t k = 0; k < field->n_targets; k++) {
        struct collection *to =
            field->targets[k].to ? schema_find(schema, ouse_s(field->targets[k].collection)) : NULL;
        if (!to)
            continue;
        to->back = arena_more(&schema->arena, to->back, to->n_back, &to->back_room, sizeof *to->back);
        to->back[to->n_back++] = (struct back_reference){from, field};
    }
}

static void link_collection(struct schema *schema, struct collection *collection, struct problem *problem)
{
    struct compile at = {.problem = problem, .collection = collection};
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        struct field *field = &collection->fields[i];
        struct compile in = compile_part(&at, "field", field->is.name);
        if (field->qualified && !field->n_targets)
            link_any(schema, field);
        else
            for (uint32_t k = 0; k < field->n_targets; k++)
                link_target(schema, &in, &field->targets[k]);
        if (strcmp(field->is.refers_to ? field->is.refers_to : "", SCHEMA_ANY) != 0)
            link_back(schema, collection, field);
    }
}

/* Returns the collection that sources refer to, or NULL. */
static const struct collection *cited(const struct schema *schema, struct problem *problem)
{
    const struct collection *found = NULL;
    for (uint32_t i = 0; i < schema->n; i++) {
        struct compile at = {.problem = problem, .collection = schema->collections[i]};
        if (!(at.collection->is.flags & OUSE_CITED))
            continue;
        if (found)
            compile_mistake(&at, "OUSE_CITED is taken by %s of plugin %s; one collection may have it",
                            found->is.name, found->plugin);
        else
            found = at.collection;
    }
    return found;
}

void schema_analyse(struct schema *schema, const struct analyser *analyser)
{
    struct analyser *kept = arena_alloc(&schema->arena, sizeof *kept);
    *kept = *analyser;
    for (uint32_t i = 0; i < schema->n; i++) {
        struct word_index *words = arena_zero(&schema->arena, sizeof *words);
        words->analyser = kept;
        schema->collections[i]->words = words;
    }
}

ouse_rc schema_link(struct schema *schema, struct problem *problem)
{
    uint32_t mistakes = problem->n_errors;
    const struct collection *publications = cited(schema, problem);
    for (uint32_t i = 0; i < schema->n; i++) {
        struct collection *collection = schema->collections[i];
        link_collection(schema, collection, problem);
        if (!publications)
            continue;
        collection->sources->is.refers_to = publications->is.name;
        collection->sources->targets[0] = target_to(publications);
    }
    return problem->n_errors > mistakes ? problem->rc : OUSE_OK;
}
