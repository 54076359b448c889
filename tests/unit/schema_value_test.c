/* values: dates as spans, money as pence, identifiers by their check digits. */
#include "base/clock.h"
#include "schema/schema.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void dates_that_exist_are_spans(void **state)
{
    static const struct {
        const char *date, *first, *last;
    } cases[] = {
        {"2024-02-29", "2024-02-29", "2024-02-29"}, {"2000-02", "2000-02-01", "2000-02-29"},
        {"1900-02", "1900-02-01", "1900-02-28"},    {"2026", "2026-01-01", "2026-12-31"},
        {"2026-12", "2026-12-01", "2026-12-31"},    {"0001", "0001-01-01", "0001-12-31"},
        {"9999", "9999-01-01", "9999-12-31"},       {"9999-12-31", "9999-12-31", "9999-12-31"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t first, last, day, same;
        if (schema_span(ouse_s(cases[i].date), &first, &last))
            fail_msg("%s was refused", cases[i].date);
        assert_int_equal(schema_span(ouse_s(cases[i].first), &day, &same), 0);
        assert_int_equal(first, day);
        assert_int_equal(schema_span(ouse_s(cases[i].last), &day, &same), 0);
        assert_int_equal(last, day);
    }
    int32_t first, last;
    assert_int_equal(schema_span(ouse_s("1970-01-01"), &first, &last), 0);
    assert_int_equal(first, 0);
}

static void dates_that_do_not_are_refused(void **state)
{
    static const char *const bad[] = {"",           "0000",       "26",         "2026-13",     "2026-00",
                                      "2026-1",     "2026-02-29", "1900-02-29", "2026-04-31",  "2026-01-00",
                                      "2026-01-32", "2026/01/01", "2026-01-1",  "2026-01-01T", "+026",
                                      " 2026",      "2026-0a",    "202601",     "2026-01_01",  "-026-01-01"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t first = 1, last = 2;
        if (schema_span(ouse_s(bad[i]), &first, &last) == 0)
            fail_msg("%s was taken", bad[i]);
        assert_int_equal(first, 1);
        assert_int_equal(last, 2);
    }
    int32_t first, last;
    assert_int_equal(schema_span(ouse_s(NULL), &first, &last), -1);
}

static void every_day_is_one_after_the_other(void **state)
{
    (void)state;
    int32_t expected = clock_days(1896, 1, 1);
    for (int32_t day = expected; day < clock_days(2105, 1, 1); day++, expected++) {
        char text[32];
        int year, month, date;
        int32_t first, last;
        clock_date(day, &year, &month, &date);
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, date);
        assert_int_equal(schema_span(ouse_s(text), &first, &last), 0);
        assert_int_equal(first, expected);
        assert_int_equal(last, expected);
    }
}

static void pence_are_exact(void **state)
{
    static const struct {
        double amount;
        int64_t pence;
    } good[] = {{0, 0},
                {-0.0, 0},
                {0.01, 1},
                {0.07, 7},
                {1234.5, 123450},
                {1.1, 110},
                {4.35, 435},
                {-19.99, -1999},
                {3000000, 300000000},
                {1e13, 1000000000000000},
                {9999999999999.99, 999999999999999}};
    static const double bad[] = {1.005, 0.1 + 0.2, 0.001, 1e13 + 0.01, -1e14, 1e300, INFINITY, NAN, 1e-300};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t pence = -1;
        assert_int_equal(schema_pence(good[i].amount, &pence), 0);
        assert_int_equal(pence, good[i].pence);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t pence = 77;
        if (schema_pence(bad[i], &pence) == 0)
            fail_msg("%.17g was taken as %lld", bad[i], (long long)pence);
        assert_int_equal(pence, 77);
    }
}

static void any_pence_survive_being_written(void **state)
{
    unsigned seed = 11;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t pence = ((int64_t)rand_r(&seed) << 31 | rand_r(&seed)) % 1000000000000000, back = -1;
        char text[40];
        snprintf(text, sizeof text, "%lld.%02lld", (long long)pence / 100, (long long)pence % 100);
        assert_int_equal(schema_pence(strtod(text, NULL), &back), 0);
        assert_int_equal(back, pence);
    }
}

static void identifiers_are_checked(void **state)
{
    static const struct {
        const char *scheme, *value;
        int good;
    } cases[] = {
        {"orcid", "0000-0002-1825-0097", 1},
        {"orcid", "0000-0002-1694-233X", 1},
        {"orcid", "0000-0002-1825-0098", 0},
        {"orcid", "0000-0002-1694-233x", 0},
        {"orcid", "0000000218250097", 0},
        {"orcid", "", 0},
        {"orcid", "0000-0002-1825-00971", 0},
        {"orcid", "0000-0002-182X-0097", 0},
        {"ror", "00pjdza24", 1},
        {"ror", "03yrm5c26", 1},
        {"ror", "01k4yrm30", 0},
        {"ror", "03yrm5c27", 0},
        {"ror", "03yrm5c2", 0},
        {"ror", "03yrm5u26", 0},
        {"ror", "13yrm5c26", 0},
        {"ror", "03YRM5C26", 0},
        {"ods", "RWK", 1},
        {"ods", "A", 1},
        {"ods", "ABCDEFGH9", 1},
        {"ods", "ABCDEFGHI0", 0},
        {"ods", "rwk", 0},
        {"ods", "", 0},
        {"ods", "RW K", 0},
        {"ukprn", "10007788", 1},
        {"ukprn", "00007788", 0},
        {"ukprn", "1000778", 0},
        {"charity", "123456", 1},
        {"charity", "1234567", 1},
        {"charity", "1234567-12", 1},
        {"charity", "123456-1", 1},
        {"charity", "12345", 0},
        {"charity", "12345678", 0},
        {"charity", "1234567-", 0},
        {"charity", "SC012345", 1},
        {"charity", "SC01234", 0},
        {"charity", "NIC101010", 1},
        {"charity", "NI101010", 0},
        {"company", "01234567", 1},
        {"company", "SC123456", 1},
        {"company", "S1234567", 0},
        {"company", "1234567", 0},
        {"company", "sc123456", 0},
        {"360giving", "360G-WellcomeTrust-086357_Z_08_Z", 1},
        {"360giving", "360G-HCT-2019 R1/12", 1},
        {"360giving", "360G-", 0},
        {"360giving", "360G-a ", 0},
        {"360giving", "GB-CHC-1", 0},
        {"nihr", "NIHR201385", 1},
        {"nihr", "17/22/02", 1},
        {"nihr", "RP-PG-0615-20003", 1},
        {"nihr", "17//22", 0},
        {"nihr", "NIHR 201385", 0},
        {"gtr", "MR/T023341/1", 1},
        {"gtr", "MC_UU_12015/1", 1},
        {"gtr", "10003208", 1},
        {"gtr", "/T023341", 0},
        {"iras", "123456", 1},
        {"iras", "123", 0},
        {"iras", "12345678", 0},
        {"cpms", "48529", 1},
        {"cpms", "1234567", 0},
        {"isrctn", "ISRCTN10580502", 1},
        {"isrctn", "ISRCTN1058050", 0},
        {"isrctn", "isrctn10580502", 0},
        {"nct", "NCT04381936", 1},
        {"nct", "NCT043819366", 0},
        {"doi", "10.1136/bmj.n71", 1},
        {"doi", "10.1000.10/123456", 1},
        {"doi", "10.1002/(SICI)1096-8644(199601)99:1<1::AID-AJPA1>3.0.CO;2-1", 1},
        {"doi", "10.1136/", 0},
        {"doi", "10.1136", 0},
        {"doi", "10.1136/bmj n71", 0},
        {"doi", "https://doi.org/10.1136/bmj.n71", 0},
        {"gss", "E06000032", 1},
        {"gss", "A06000032", 0},
        {"gss", "E0600003", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *right = schema_identifier(cases[i].scheme, ouse_s(cases[i].value));
        if ((right == NULL) != cases[i].good)
            fail_msg("%s %s: expected %s", cases[i].scheme, cases[i].value, cases[i].good ? "good" : "bad");
    }
    assert_non_null(strstr(schema_identifier("orcid", ouse_s("x")), "0000-0002-1825-0097"));
    assert_true(schema_scheme_known("ods"));
    assert_false(schema_scheme_known("isbn"));
    assert_false(schema_scheme_known(""));
}

/* A check digit finds any one digit that is wrong. */
static void one_wrong_digit_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < 18; i++) {
        char orcid[] = "0000-0002-1825-0097";
        for (char c = '0'; c <= '9'; c++) {
            if (orcid[i] == '-' || c == "0000-0002-1825-0097"[i])
                continue;
            orcid[i] = c;
            if (!schema_identifier("orcid", ouse_s(orcid)))
                fail_msg("%s was taken", orcid);
            orcid[i] = "0000-0002-1825-0097"[i];
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_that_exist_are_spans),       cmocka_unit_test(dates_that_do_not_are_refused),
        cmocka_unit_test(every_day_is_one_after_the_other), cmocka_unit_test(pence_are_exact),
        cmocka_unit_test(any_pence_survive_being_written),  cmocka_unit_test(identifiers_are_checked),
        cmocka_unit_test(one_wrong_digit_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
