/* buffer: what goes in is there, up to the cap and not a byte further. */
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_holds(const struct buffer *buffer, const char *expected)
{
    struct ouse_str view = buffer_view(buffer);
    assert_int_equal(view.n, strlen(expected));
    assert_memory_equal(view.p, expected, view.n);
}

static void pieces_follow_each_other(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    assert_holds(&buffer, "");
    buffer_text(&buffer, "{\"n\":");
    buffer_uint(&buffer, 0);
    buffer_byte(&buffer, ',');
    buffer_uint(&buffer, UINT64_MAX);
    buffer_str(&buffer, (struct ouse_str){"}rest", 1});
    buffer_str(&buffer, ouse_s(NULL));
    buffer_add(&buffer, NULL, 0);
    buffer_printf(&buffer, " %s%c%d", "no", ' ', -7);
    assert_holds(&buffer, "{\"n\":0,18446744073709551615} no -7");
    assert_false(buffer.overflow);
    buffer_finish(&buffer);
}

static void grows_to_the_cap_exactly(void **state)
{
    (void)state;
    enum { CAP = 5000 };
    struct buffer buffer;
    buffer_init(&buffer, CAP);
    for (int i = 0; i < CAP; i++)
        buffer_byte(&buffer, (char)('a' + i % 26));
    assert_false(buffer.overflow);
    assert_int_equal(buffer.n, CAP);
    for (int i = 0; i < CAP; i++)
        assert_int_equal(buffer.at[i], 'a' + i % 26);
    buffer_byte(&buffer, '!');
    assert_true(buffer.overflow);
    assert_int_equal(buffer.n, CAP);
    buffer_finish(&buffer);
}

static void nothing_follows_an_overflow(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    buffer_text(&buffer, "12345");
    buffer_text(&buffer, "too long");
    buffer_text(&buffer, "6");
    assert_true(buffer.overflow);
    assert_holds(&buffer, "12345");
    buffer_empty(&buffer);
    assert_false(buffer.overflow);
    buffer_printf(&buffer, "%d", 1234567890);
    assert_holds(&buffer, "1234567890");
    assert_false(buffer.overflow);
    buffer_printf(&buffer, "%s", "x");
    assert_true(buffer.overflow);
    assert_holds(&buffer, "1234567890");
    buffer_finish(&buffer);
}

static void reserve_answers_for_the_cap(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 100);
    assert_true(buffer_reserve(&buffer, 100));
    memset(buffer.at, 'x', 100);
    assert_false(buffer.overflow);
    assert_false(buffer_reserve(&buffer, SIZE_MAX));
    assert_true(buffer.overflow);
    buffer_empty(&buffer);
    assert_true(buffer_reserve(&buffer, 0));
    buffer_finish(&buffer);
}

static void memory_is_kept_when_emptied(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 4096);
    buffer_printf(&buffer, "%3000d", 1);
    const char *at = buffer.at;
    buffer_empty(&buffer);
    buffer_printf(&buffer, "%2999d", 1);
    assert_ptr_equal(buffer.at, at);
    buffer_finish(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_follow_each_other),    cmocka_unit_test(grows_to_the_cap_exactly),
        cmocka_unit_test(nothing_follows_an_overflow), cmocka_unit_test(reserve_answers_for_the_cap),
        cmocka_unit_test(memory_is_kept_when_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
