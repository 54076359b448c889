/* schema: a document against a collection with one of everything. One that is
 * accepted is encoded, indexed and refers, and is accepted again as it was encoded. */
#include "../plugins/kitchen/kitchen.c"

#include "fuzz.h"
#include "schema/schema.h"

static struct schema *schema;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct arena arena = {0};
    struct problem problem;
    (void)argc, (void)argv;
    problem_init(&problem, &arena);
    schema = schema_create();
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        must(!schema_add(schema, "kitchen", &collections[i], sizeof *collections, &problem));
    must(!schema_link(schema, &problem));
    arena_finish(&arena);
    return 0;
}

static void take_entry(void *arg, struct ouse_str entry)
{
    (void)arg;
    must(entry.n <= SCHEMA_KEY_MAX);
}

static void take_reference(void *arg, const struct field *field, int entry, const struct target *target,
                           struct ouse_str id)
{
    (void)arg, (void)field, (void)entry;
    must(target->to && schema_id_valid(id));
}

static void must_encode(const struct collection *collection, const cJSON *document, struct arena *arena,
                        struct problem *problem)
{
    struct schema_meta meta = {.revision = 1};
    struct buffer out;
    cJSON *value;
    buffer_init(&out, 16u << 20);
    schema_encode(collection, ouse_s("x"), document, &meta, OUSE_MANAGER, &out);
    must(!json_parse(arena, buffer_view(&out), &value, problem));
    buffer_finish(&out);
}

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    const struct collection *dishes = schema_find(schema, ouse_s("dishes"));
    const struct schema_times times = {.created = 1, .updated = 2};
    cJSON *document;
    if (json_parse(arena, text, &document, problem) ||
        schema_accept(dishes, document, NULL, SCHEMA_SYSTEM, OUSE_MANAGER, problem) ||
        schema_check(dishes, document, problem))
        return;
    must(schema_id_valid(schema_make_id(arena, dishes, document)));
    must_encode(dishes, document, arena, problem);
    for (uint32_t i = 0; i < dishes->n_indexes; i++)
        schema_index_entries(&dishes->indexes[i], document, &times, take_entry, NULL);
    schema_references(dishes, document, take_reference, NULL);
    must(!schema_accept(dishes, document, NULL, SCHEMA_SYSTEM, OUSE_MANAGER, problem) &&
         !schema_check(dishes, document, problem));
}
