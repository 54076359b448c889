/* json_slice: members, entries and texts out of JSON that we wrote; never an overrun. */
#include "base/json_slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char record[] = "{\"id\":\"a\",\"title\":\"A \\\"b\\\", "
                             "{c}\",\"n\":-12,\"list\":[\"x\",[1,2],{\"id\":\"y\"}],\"meta\":{\"id\":\"z\"}}";

static void expect(struct ouse_str is, const char *wanted)
{
    assert_true(is.p ? wanted && ouse_is(is, wanted) : !wanted);
}

static void finds_members_of_the_object_itself(void **state)
{
    (void)state;
    expect(json_slice(ouse_s(record), "id"), "\"a\"");
    expect(json_slice(ouse_s(record), "title"), "\"A \\\"b\\\", {c}\"");
    expect(json_slice(ouse_s(record), "n"), "-12");
    expect(json_slice(ouse_s(record), "meta"), "{\"id\":\"z\"}");
    expect(json_slice(ouse_s(record), "x"), NULL);
    expect(json_slice(ouse_s(record), "titl"), NULL);
    expect(json_slice(ouse_s("{}"), "id"), NULL);
    expect(json_slice(ouse_s(NULL), "id"), NULL);
}

/* A backslash before a quotation mark may be one that is escaped itself. */
static void finds_what_is_behind_backslashes(void **state)
{
    static const char escaped[] = "{\"a\":\"x\\\\\",\"b\":\"\\\"\",\"c\":\"\\\\\\\"y\",\"d\":1}";
    (void)state;
    expect(json_slice(ouse_s(escaped), "a"), "\"x\\\\\"");
    expect(json_slice(ouse_s(escaped), "b"), "\"\\\"\"");
    expect(json_slice(ouse_s(escaped), "c"), "\"\\\\\\\"y\"");
    expect(json_slice(ouse_s(escaped), "d"), "1");
}

static void cuts_an_object_into_members(void **state)
{
    static const char *const names[] = {"id", "title", "n", "list", "meta"};
    struct ouse_str object = ouse_s(record), empty = ouse_s("{}"), none = {NULL, 0}, name, value;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(json_cut_member(&object, &name, &value));
        expect(name, names[i]);
        assert_true(ouse_same(value, json_slice(ouse_s(record), names[i])));
    }
    assert_false(json_cut_member(&object, &name, &value));
    assert_false(json_cut_member(&empty, &name, &value));
    assert_false(json_cut_member(&none, &name, &value));
}

static void cuts_a_list_into_entries(void **state)
{
    struct ouse_str list = json_slice(ouse_s(record), "list"), entry, empty = ouse_s("[]");
    (void)state;
    assert_true(json_cut(&list, &entry));
    expect(entry, "\"x\"");
    assert_true(json_cut(&list, &entry));
    expect(entry, "[1,2]");
    assert_true(json_cut(&list, &entry));
    expect(entry, "{\"id\":\"y\"}");
    assert_false(json_cut(&list, &entry));
    assert_false(json_cut(&empty, &entry));
}

static void says_what_a_string_says(void **state)
{
    struct arena arena = {0};
    (void)state;
    expect(json_slice_text(&arena, ouse_s("\"plain\"")), "plain");
    expect(json_slice_text(&arena, ouse_s("\"\"")), "");
    expect(json_slice_text(&arena, json_slice(ouse_s(record), "title")), "A \"b\", {c}");
    expect(json_slice_text(&arena, ouse_s("\"\\u00e9\"")), "é");
    expect(json_slice_text(&arena, ouse_s("12")), NULL);
    expect(json_slice_text(&arena, ouse_s("[\"a\"]")), NULL);
    expect(json_slice_text(&arena, ouse_s(NULL)), NULL);
    arena_finish(&arena);
}

/* What was cut short anywhere is read without an overrun: the sanitizers watch copies of their own. */
static void stays_within_what_is_damaged(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < sizeof record - 1; n++) {
        struct arena arena = {0};
        struct ouse_str part = {memcpy(arena_alloc(&arena, n), record, n), n}, list, entry;
        if (n) {
            expect(json_slice(part, "absent"), NULL);
            list = json_slice(part, "list");
            while (list.p && json_cut(&list, &entry))
                json_slice(entry, "id");
        }
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_members_of_the_object_itself),
        cmocka_unit_test(finds_what_is_behind_backslashes),
        cmocka_unit_test(cuts_an_object_into_members),
        cmocka_unit_test(cuts_a_list_into_entries),
        cmocka_unit_test(says_what_a_string_says),
        cmocka_unit_test(stays_within_what_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
