/* order: needs before those who need them, and what is said when they cannot be met. */
#include "host/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MOST = 8 };

static struct arena arena;
static struct problem problem;
static uint32_t order[MOST];

static int begin(void **state)
{
    (void)state;
    problem_init(&problem, &arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void ordered(const struct order_item *items, uint32_t n, const uint32_t *expected)
{
    assert_int_equal(order_by_needs(items, n, order, &problem), OUSE_OK);
    for (uint32_t i = 0; i < n; i++)
        assert_string_equal(items[order[i]].name, items[expected[i]].name);
}

static void refused(const struct order_item *items, uint32_t n, const char *why)
{
    assert_int_equal(order_by_needs(items, n, order, &problem), OUSE_E_INVALID);
    assert_string_equal(problem.detail.p, why);
}

static void without_needs_the_order_stays(void **state)
{
    (void)state;
    static const struct order_item items[] = {{"b", "1.0.0", NULL}, {"a", "1.0.0", ""}, {"c", "1.0.0", NULL}};
    ordered(items, 3, (const uint32_t[]){0, 1, 2});
}

static void what_is_needed_comes_first(void **state)
{
    (void)state;
    static const struct order_item items[] = {
        {"hubs", "1.0.0", "funding>=1  directory>=2"},
        {"site", "0.3.0", NULL},
        {"funding", "1.2.3", " directory>=1"},
        {"directory", "2.0.0-rc.1", NULL},
    };
    ordered(items, 4, (const uint32_t[]){3, 2, 0, 1});
}

static void a_missing_need_is_named_with_who_needs_it(void **state)
{
    (void)state;
    static const struct order_item items[] = {{"site", "1.0.0", NULL}, {"hubs", "1.0.0", "directory>=1"}};
    refused(items, 2,
            "hubs needs directory>=1, which is not enabled; add it: plugins = {directory, site, hubs}");
}

static void an_old_need_is_named(void **state)
{
    (void)state;
    static const struct order_item items[] = {{"hubs", "1.0.0", "directory>=2"},
                                              {"directory", "1.4.0", NULL}};
    refused(items, 2, "hubs needs directory>=2, but directory is 1.4.0; install a later directory");
}

static void a_circle_is_printed_as_its_path(void **state)
{
    (void)state;
    static const struct order_item items[] = {
        {"start", "1.0.0", "a>=1"}, {"a", "1.0.0", "b>=1"}, {"b", "1.0.0", "c>=1"}, {"c", "1.0.0", "a>=1"}};
    refused(items, 4, "plugins need each other in a circle: a -> b -> c -> a; one of them has to do without");
}

static void one_that_needs_itself_is_a_circle(void **state)
{
    (void)state;
    static const struct order_item items[] = {{"a", "1.0.0", "a>=1"}};
    refused(items, 1, "plugins need each other in a circle: a -> a; one of them has to do without");
}

static void needs_that_cannot_be_read_are_quoted(void **state)
{
    (void)state;
    static const char *const needs[] = {
        "directory", "directory>1", "directory>=", "directory>=1.2", ">=1", "a>=1,b>=1"};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        const struct order_item item = {"hubs", "1.0.0", needs[i]};
        problem_init(&problem, &arena);
        refused(&item, 1,
                arena_printf(&arena,
                             "hubs: its needs are \"%s\"; each must be a name and a major version, as in "
                             "directory>=1",
                             needs[i])
                    .p);
    }
}

static void versions_are_semantic(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int major;
    } versions[] = {
        {"1.4.0", 1}, {"0.0.1", 0},   {"12.0.0-rc.1", 12}, {"2.0.0+build", 2}, {"1.4", -1},    {"1", -1},
        {"", -1},     {"v1.0.0", -1}, {"01.0.0", -1},      {"1.0.0.0", -1},    {"1.0.0-", -1}, {"1..0", -1},
    };
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (order_major(versions[i].text) != versions[i].major)
            fail_msg("%s: expected %d, got %d", versions[i].text, versions[i].major,
                     order_major(versions[i].text));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(without_needs_the_order_stays),
        TEST(what_is_needed_comes_first),
        TEST(a_missing_need_is_named_with_who_needs_it),
        TEST(an_old_need_is_named),
        TEST(a_circle_is_printed_as_its_path),
        TEST(one_that_needs_itself_is_a_circle),
        TEST(needs_that_cannot_be_read_are_quoted),
        TEST(versions_are_semantic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
