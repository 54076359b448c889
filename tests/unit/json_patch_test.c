/* json_patch: what a patch may make of a document, and the caps that keep copies of copies in bounds. */
#include "base/json_patch.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

static struct arena arena;
static struct problem problem;
static cJSON *document;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    problem_init(&problem, &arena);
    document = cJSON_Parse("{\"a\":{\"b\":[1,2]},\"c~/d\":\"x\"}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cJSON_Delete(document);
    arena_finish(&arena);
    return 0;
}

/* Applies a patch, which is said in JSON with single quotes. */
static ouse_rc apply(const char *operations)
{
    cJSON *patch;
    struct ouse_str text = arena_copy(&arena, ouse_s(operations));
    for (char *c = (char *)text.p; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    assert_int_equal(json_parse(&arena, text, &patch, &problem), OUSE_OK);
    return json_patch(&document, patch, &problem);
}

static void expect_document(const char *expected)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    json_print(&out, document);
    buffer_byte(&out, 0);
    assert_string_equal(out.at, expected);
    buffer_finish(&out);
}

/* A patch that is refused, and why. */
static void expect_refusal(const char *operations, ouse_rc rc, const char *why)
{
    assert_int_equal(apply(operations), rc);
    assert_non_null(strstr(problem.errors[0].detail.p, why));
}

static void operations_are_applied_in_order(void **state)
{
    (void)state;
    assert_int_equal(
        apply("[{'op':'test','path':'/c~0~1d','value':'x'},{'op':'add','path':'/a/b/1','value':7},"
              "{'op':'move','from':'/a/b','path':'/e'},{'op':'copy','from':'/e/1','path':'/a/f'},"
              "{'op':'replace','path':'/e/0','value':{}},{'op':'remove','path':'/c~0~1d'}]"),
        OUSE_OK);
    expect_document("{\"a\":{\"f\":7},\"e\":[{},7,2]}");
}

static void a_list_takes_values_at_every_position(void **state)
{
    (void)state;
    assert_int_equal(apply("[{'op':'add','path':'/a/b/0','value':0},{'op':'add','path':'/a/b/2','value':5},"
                           "{'op':'add','path':'/a/b/3','value':6},{'op':'add','path':'/a/b/5','value':8},"
                           "{'op':'add','path':'/a/b/-','value':9},{'op':'remove','path':'/a/b/5'}]"),
                     OUSE_OK);
    expect_document("{\"a\":{\"b\":[0,1,5,6,2,9]},\"c~/d\":\"x\"}");
}

static void the_whole_can_be_copied_into_itself_once(void **state)
{
    (void)state;
    assert_int_equal(apply("[{'op':'copy','from':'','path':'/a/g'}]"), OUSE_OK);
    expect_document("{\"a\":{\"b\":[1,2],\"g\":{\"a\":{\"b\":[1,2]},\"c~/d\":\"x\"}},\"c~/d\":\"x\"}");
}

/* n times the operation, whose format takes the number of its turn. */
static const char *repeat(int n, const char *format)
{
    struct ouse_str text = ouse_s("[");
    for (int i = 0; i < n; i++) {
        char operation[200];
        snprintf(operation, sizeof operation, format, i);
        text = arena_printf(&arena, "%s%s%s", text.p, i ? "," : "", operation);
    }
    return arena_printf(&arena, "%s]", text.p).p;
}

static void copies_of_copies_do_not_outgrow_a_patch(void **state)
{
    (void)state;
    expect_refusal(repeat(40, "{'op':'copy','from':'','path':'/x%d'}"), OUSE_E_CONFLICT, "more than 16 MiB");
}

static void copies_of_copies_do_not_nest_deeper_than_a_body(void **state)
{
    (void)state;
    expect_refusal(repeat(JSON_DEPTH, "{'op':'copy','from':'','path':'/a','n':%d}"), OUSE_E_CONFLICT,
                   "more than 32 deep");
}

static void a_document_may_be_as_deep_as_a_body(void **state)
{
    char path[100] = "";
    (void)state;
    for (int depth = 1; depth < JSON_DEPTH; depth++) {
        strcat(path, "/x");
        const char *add = arena_printf(&arena, "[{'op':'add','path':'%s','value':[]}]", path).p;
        assert_int_equal(apply(add), OUSE_OK);
        assert_int_equal(apply(arena_printf(&arena, "[{'op':'replace','path':'%s','value':{}}]", path).p),
                         OUSE_OK);
    }
    expect_refusal(arena_printf(&arena, "[{'op':'add','path':'%s/x','value':[]}]", path).p, OUSE_E_CONFLICT,
                   "32 deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(operations_are_applied_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_takes_values_at_every_position, setup, teardown),
        cmocka_unit_test_setup_teardown(the_whole_can_be_copied_into_itself_once, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_of_copies_do_not_outgrow_a_patch, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_of_copies_do_not_nest_deeper_than_a_body, setup, teardown),
        cmocka_unit_test_setup_teardown(a_document_may_be_as_deep_as_a_body, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
