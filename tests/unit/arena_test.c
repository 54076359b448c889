/* arena: pieces are apart, aligned and whole; deferred calls run last first. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { PIECES = 400 };

/* Sizes around every border: empty, odd, shared, and large enough for a block of its own. */
static size_t size_of(size_t i)
{
    static const size_t sizes[] = {0, 1, 7, 8, 9, 63, 500, 2047, 2048, 2049, 8191, 8192, 70000};
    return sizes[i % (sizeof sizes / sizeof sizes[0])];
}

static void pieces_do_not_overlap(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&arena, size_of(i));
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i & 0xff), size_of(i));
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t k = 0; k < size_of(i); k++)
            assert_int_equal(pieces[i][k], i & 0xff);
    arena_finish(&arena);
}

static void zeroed_pieces_are_zero(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    for (int round = 0; round < 50; round++) {
        memset(arena_alloc(&arena, 100), 0xff, 100);
        const char *piece = arena_zero(&arena, 300);
        for (size_t i = 0; i < 300; i++)
            assert_int_equal(piece[i], 0);
    }
    arena_finish(&arena);
}

static void text_is_copied_and_terminated(void **state)
{
    (void)state;
    struct arena arena = {0};
    char original[] = "hub and spoke";
    struct ouse_str copy = arena_copy(&arena, (struct ouse_str){original, 3});
    original[0] = 'X';
    assert_int_equal(copy.n, 3);
    assert_string_equal(copy.p, "hub");

    assert_null(arena_copy(&arena, ouse_s(NULL)).p);
    struct ouse_str empty = arena_copy(&arena, ouse_s(""));
    assert_non_null(empty.p);
    assert_string_equal(empty.p, "");

    struct ouse_str printed = arena_printf(&arena, "%s-%05d%s", "award", 42, "");
    assert_string_equal(printed.p, "award-00042");
    assert_int_equal(printed.n, 11);
    struct ouse_str wide = arena_printf(&arena, "%9000d", 7);
    assert_int_equal(wide.n, 9000);
    assert_int_equal(wide.p[8999], '7');
    assert_int_equal(wide.p[9000], '\0');
    arena_finish(&arena);
}

struct diary {
    int entries[8], n;
};

struct entry {
    struct diary *diary;
    int number;
};

static void write_down(void *arg)
{
    struct entry *entry = arg; /* lives in the arena that is being finished */
    entry->diary->entries[entry->diary->n++] = entry->number;
}

static void deferred_calls_run_last_first_and_once(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct diary diary = {{0}, 0};
    for (int i = 0; i < 5; i++) {
        struct entry *entry = arena_alloc(&arena, sizeof *entry);
        *entry = (struct entry){&diary, i};
        arena_defer(&arena, write_down, entry);
    }
    arena_finish(&arena);
    assert_int_equal(diary.n, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(diary.entries[i], 4 - i);

    arena_finish(&arena);
    assert_int_equal(diary.n, 5);
    assert_string_equal(arena_printf(&arena, "again").p, "again");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_overlap),
        cmocka_unit_test(zeroed_pieces_are_zero),
        cmocka_unit_test(text_is_copied_and_terminated),
        cmocka_unit_test(deferred_calls_run_last_first_and_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
