/* schema_fixture: a schema of small plugins, and documents written as JSON text,
 * for the tests of the schema. */
#ifndef TESTS_SCHEMA_FIXTURE_H
#define TESTS_SCHEMA_FIXTURE_H

#include "schema/schema.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct problem problem;
static struct schema *schema;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    problem_init(&problem, &arena);
    schema = schema_create();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    schema_destroy(schema);
    arena_finish(&arena);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* Everything that was told, one error a line: "pointer code: detail". */
static inline const char *told(void)
{
    const char *all = problem.detail.p ? problem.detail.p : "";
    for (uint32_t i = 0; i < problem.n_errors && i < PROBLEM_ERRORS; i++)
        all = arena_printf(&arena, "%s%s %s: %s\n", all, problem.errors[i].pointer.p,
                           problem.errors[i].code.p, problem.errors[i].detail.p)
                  .p;
    return all;
}

static inline void add(const char *plugin, const struct ouse_collection *declared)
{
    if (schema_add(schema, plugin, declared, sizeof *declared, &problem))
        fail_msg("%s was refused: %s", declared->name, told());
}

static inline void link_all(void)
{
    if (schema_link(schema, &problem))
        fail_msg("linking was refused: %s", told());
}

static inline struct collection *find(const char *name)
{
    struct collection *collection = schema_find(schema, ouse_s(name));
    assert_non_null(collection);
    return collection;
}

static inline const struct field *field_of(const struct collection *collection, const char *name)
{
    const struct field *field = schema_field(collection, ouse_s(name));
    assert_non_null(field);
    return field;
}

static inline cJSON *doc(const char *text)
{
    cJSON *value = NULL;
    struct problem bad;
    problem_init(&bad, &arena);
    if (json_parse(&arena, ouse_s(text), &value, &bad))
        fail_msg("%s: %s", text, bad.detail.p);
    return value;
}

static inline const char *printed(const cJSON *value)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    json_print(&out, value);
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

#endif
