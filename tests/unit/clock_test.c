/* clock: dates against a slow, plain count of days; texts there and back. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static int is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Walks every day of the years 0001 to 9999. */
static void every_day_follows_the_last(void **state)
{
    (void)state;
    int32_t expected = clock_days(1, 1, 1);
    assert_int_equal(expected, -719162);
    for (int year = 1; year <= 9999; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= days_in(year, month); day++, expected++) {
                int y, m, d;
                clock_date(expected, &y, &m, &d);
                if (clock_days(year, month, day) != expected || y != year || m != month || d != day)
                    fail_msg("%d-%d-%d: expected day %d, which is %d-%d-%d", year, month, day, expected, y, m,
                             d);
            }
    assert_int_equal(expected, clock_days(10000, 1, 1));
}

static void known_days(void **state)
{
    (void)state;
    static const struct {
        int32_t days;
        int year, month, day;
    } known[] = {
        {0, 1970, 1, 1},      {-1, 1969, 12, 31},      {11016, 2000, 2, 29}, {-25508, 1900, 3, 1},
        {19782, 2024, 2, 29}, {2932896, 9999, 12, 31}, {-719528, 0, 1, 1},   {-719529, -1, 12, 31},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        int year, month, day;
        clock_date(known[i].days, &year, &month, &day);
        assert_int_equal(year, known[i].year);
        assert_int_equal(month, known[i].month);
        assert_int_equal(day, known[i].day);
        assert_int_equal(clock_days(year, month, day), known[i].days);
    }
}

static void assert_text(int64_t ms, const char *expected)
{
    char text[CLOCK_TEXT];
    clock_format(ms, text);
    assert_string_equal(text, expected);
}

static void instants_are_written(void **state)
{
    (void)state;
    assert_text(0, "1970-01-01T00:00:00.000Z");
    assert_text(-1, "1969-12-31T23:59:59.999Z");
    assert_text(951782400000, "2000-02-29T00:00:00.000Z");
    assert_text(1795303020123, "2026-11-21T23:17:00.123Z");
    assert_text(INT64_MIN, "0001-01-01T00:00:00.000Z");
    assert_text(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 11;
}

static void instants_come_back(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    int64_t first = clock_days(1, 1, 1) * INT64_C(86400000);
    int64_t last = clock_days(10000, 1, 1) * INT64_C(86400000) - 1;
    for (int i = 0; i < 100000; i++) {
        int64_t ms = first + (int64_t)(next_random(&seed) % (uint64_t)(last - first + 1));
        struct clock_instant back = {.ms = -1};
        char text[CLOCK_TEXT];
        clock_format(ms, text);
        if (clock_parse(ouse_s(text), &back) != 0 || back.ms != ms || back.more || back.whole_second)
            fail_msg("%s: expected %lld, got %lld", text, (long long)ms, (long long)back.ms);
    }
}

static void texts_that_are_no_instant(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "2026-11-21",
        "2026-11-21T23:17:00",
        "2026-11-21T23:17:00.123",
        "2026-11-21T23:17:00.Z",
        "2026-11-21T23:17:00.1234567890Z",
        "2026-11-21T23:17:00+00Z",
        "2026-11-21T23:17:00+0100",
        "2026-11-21T23:17:00+24:00",
        "2026-11-21T23:17:00+01:60",
        "2026-11-21T23:17:00+01:00Z",
        "2026-11-21T23:17:00.123456789+01:0",
        "2026-11-21T23:17Z",
        "2026-11-21T23:17:00,123Z",
        "2026-11-21 23:17:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T23:60:00Z",
        "2026-11-21T23:59:60Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "+026-01-01T00:00:00Z",
        "2026-1a-01T00:00:00Z",
        "2026-01-01T00:00:00ZZ",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct clock_instant instant = {.ms = 42};
        if (clock_parse(ouse_s(wrong[i]), &instant) != -1 || instant.ms != 42)
            fail_msg("\"%s\" was taken as %lld", wrong[i], (long long)instant.ms);
    }
    struct clock_instant instant;
    assert_int_equal(clock_parse(ouse_s(NULL), &instant), -1);
}

static void instants_with_offsets_and_fractions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        int more, whole_second;
    } right[] = {
        {"2024-02-29T00:00:00Z", 1709164800000, 0, 1},
        {"2024-02-29t00:00:00z", 1709164800000, 0, 1},
        {"2024-02-29T01:00:00+01:00", 1709164800000, 0, 1},
        {"2024-02-29T01:00:00 01:00", 1709164800000, 0, 1},
        {"2024-02-28T18:30:00-05:30", 1709164800000, 0, 1},
        {"2024-03-01T13:45:00.5+13:45", 1709251200500, 0, 0},
        {"2024-02-29T00:00:00.12Z", 1709164800120, 0, 0},
        {"2024-02-29T00:00:00.123000Z", 1709164800123, 0, 0},
        {"2024-02-29T00:00:00.123001Z", 1709164800123, 1, 0},
        {"2024-02-29T00:00:00.999999999+00:00", 1709164800999, 1, 0},
    };
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct clock_instant instant = {0};
        if (clock_parse(ouse_s(right[i].text), &instant) || instant.ms != right[i].ms ||
            instant.more != right[i].more || instant.whole_second != right[i].whole_second)
            fail_msg("\"%s\" was taken as %lld %d %d", right[i].text, (long long)instant.ms, instant.more,
                     instant.whole_second);
    }
}

static int64_t fixed_now(void)
{
    return 1795303020123;
}

static void fixed_random(void *bytes, size_t n)
{
    memset(bytes, 0x5a, n);
}

static void sources_can_be_replaced(void **state)
{
    (void)state;
    clock_set(fixed_now);
    assert_int_equal(clock_now(), 1795303020123);
    clock_set(NULL);
    assert_true(clock_now() > 1700000000000);

    unsigned char bytes[600] = {0}, none[600] = {0};
    random_set(fixed_random);
    random_fill(bytes, 2);
    assert_int_equal(bytes[1], 0x5a);
    assert_int_equal(bytes[2], 0);
    random_set(NULL);
    random_fill(bytes, sizeof bytes);
    assert_memory_not_equal(bytes, none, sizeof bytes);
    assert_memory_not_equal(bytes, bytes + 300, 300);

    int64_t before = clock_monotonic();
    assert_true(clock_monotonic() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_follows_the_last), cmocka_unit_test(known_days),
        cmocka_unit_test(instants_are_written),       cmocka_unit_test(instants_come_back),
        cmocka_unit_test(texts_that_are_no_instant),  cmocka_unit_test(instants_with_offsets_and_fractions),
        cmocka_unit_test(sources_can_be_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
