/* hex: the digits that printf would write. */
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void digits_are_those_of_printf(void **state)
{
    const uint64_t values[] = {0, 1, 9, 10, 15, 16, 255, 256, 0xdeadbeef, 0x100000000, INT64_MAX, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char expected[HEX_DIGITS + 1], got[HEX_DIGITS + 1];
        snprintf(expected, sizeof expected, "%llx", (unsigned long long)values[i]);
        *hex_write(got, values[i]) = 0;
        assert_string_equal(got, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(digits_are_those_of_printf)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
