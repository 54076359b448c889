/* Cursors come back as they were made, and for no other query. */
#include "api/cursor.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

static const char *const positions[] = {
    "a",
    "ageing-well",
    "7",
    "zzzzzzzzzzzzzzzzzzz-zzzzzzzzzzzzzzzzzzz-zzzzzzzzzzzzzzzzzzz-zzzzzzzzzzzzzzzzzzzz",
};
enum { POSITIONS = sizeof positions / sizeof positions[0] };

static void a_cursor_comes_back(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < POSITIONS; i++) {
        struct ouse_str position, cursor = cursor_make(&arena, 42, ouse_s(positions[i]));
        assert_int_equal(cursor_read(&arena, cursor, 42, &position), 0);
        assert_string_equal(position.p, positions[i]);
        assert_int_equal(position.n, strlen(positions[i]));
    }
    arena_finish(&arena);
}

static void a_cursor_needs_no_escaping(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < POSITIONS; i++)
        for (uint64_t query = 0; query < 50; query++) {
            struct ouse_str cursor = cursor_make(&arena, query, ouse_s(positions[i]));
            assert_int_equal(
                strspn(cursor.p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
                cursor.n);
        }
    arena_finish(&arena);
}

static void a_cursor_does_not_tell_its_position(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *seen = "AAAAAAAAAABhZ2Vpbmctd2VsbA"; /* eight bytes, then the position, as base64 */
    struct ouse_str one = cursor_make(&arena, 42, ouse_s("ageing-well"));
    struct ouse_str other = cursor_make(&arena, 43, ouse_s("ageing-well"));
    assert_int_equal(one.n, strlen(seen));
    assert_null(strstr(one.p, seen + 12));
    assert_string_not_equal(one.p + 11, other.p + 11);
    arena_finish(&arena);
}

static void another_query_refuses_it(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct ouse_str position = ouse_s("untouched"), cursor = cursor_make(&arena, 42, ouse_s("ageing-well"));
    assert_int_equal(cursor_read(&arena, cursor, 43, &position), -1);
    assert_string_equal(position.p, "untouched");
    arena_finish(&arena);
}

static void every_changed_character_is_found(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct ouse_str position, cursor = cursor_make(&arena, 42, ouse_s("ageing-well"));
    for (uint32_t i = 0; i < cursor.n; i++) {
        struct ouse_str changed = arena_copy(&arena, cursor);
        char *at = (char *)(uintptr_t)changed.p;
        at[i] = at[i] == 'A' ? 'B' : 'A';
        if (cursor_read(&arena, changed, 42, &position) == 0)
            fail_msg("character %u of %s could be changed", i, cursor.p);
    }
    arena_finish(&arena);
}

static void what_is_no_cursor_is_refused(void **state)
{
    static const char *const forged[] = {
        "",
        "A",
        "AAAAAAAAAAA",
        "not base64!",
        "YWJj",
        "====",
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
    (void)state;
    struct arena arena = {0};
    struct ouse_str position;
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++)
        if (cursor_read(&arena, ouse_s(forged[i]), 42, &position) == 0)
            fail_msg("\"%s\" was taken for a cursor", forged[i]);
    arena_finish(&arena);
}

static void cursors_are_cut_short_nowhere(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct ouse_str position, cursor = cursor_make(&arena, 42, ouse_s("ageing-well"));
    for (uint32_t n = 0; n < cursor.n; n++)
        if (cursor_read(&arena, (struct ouse_str){cursor.p, n}, 42, &position) == 0)
            fail_msg("%u of %u characters were taken for a cursor", n, cursor.n);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_comes_back),
        cmocka_unit_test(a_cursor_needs_no_escaping),
        cmocka_unit_test(a_cursor_does_not_tell_its_position),
        cmocka_unit_test(another_query_refuses_it),
        cmocka_unit_test(every_changed_character_is_found),
        cmocka_unit_test(what_is_no_cursor_is_refused),
        cmocka_unit_test(cursors_are_cut_short_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
