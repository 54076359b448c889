/* A quota counts each client for itself, in windows, in a table that does not grow. */
#include "http/quota.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { MOST = 3, WINDOW = 1000 };

static int take(struct quota *quota, const char *client, int64_t now, uint32_t left, int64_t reset)
{
    struct quota_state state;
    int within = quota_take(quota, ouse_s(client), now, &state);
    assert_int_equal(state.most, MOST);
    assert_int_equal(state.window, WINDOW);
    assert_int_equal(state.left, left);
    assert_int_equal(state.reset, reset);
    return within;
}

static void each_client_has_its_own_window(void **state)
{
    struct quota *quota = quota_create(MOST, WINDOW);
    (void)state;
    assert_true(take(quota, "192.0.2.1", 5000, 2, 1000));
    assert_true(take(quota, "192.0.2.1", 5400, 1, 600));
    assert_true(take(quota, "192.0.2.2", 5500, 2, 1000));
    assert_true(take(quota, "192.0.2.1", 5600, 0, 400));
    assert_false(take(quota, "192.0.2.1", 5700, 0, 300));
    assert_false(take(quota, "192.0.2.1", 5999, 0, 1));
    assert_true(take(quota, "192.0.2.1", 6000, 2, 1000));
    assert_true(take(quota, "192.0.2.2", 6499, 1, 1));
    assert_true(take(quota, "192.0.2.2", 6500, 2, 1000));
    quota_destroy(quota);
}

/* More clients than places: those who used most keep theirs. */
static void a_crowd_does_not_free_those_who_used_up_theirs(void **state)
{
    struct quota *quota = quota_create(MOST, WINDOW);
    struct quota_state seen;
    char client[32];
    (void)state;
    for (int n = 0; n <= MOST; n++)
        quota_take(quota, ouse_s("192.0.2.1"), 0, &seen);
    for (int n = 0; n < 100000; n++) {
        snprintf(client, sizeof client, "2001:db8:%x:%x::", n >> 16, n & 0xffff);
        quota_take(quota, ouse_s(client), 1, &seen);
        assert_int_equal(seen.left, MOST - 1);
    }
    assert_false(quota_take(quota, ouse_s("192.0.2.1"), 2, &seen));
    quota_destroy(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_client_has_its_own_window),
        cmocka_unit_test(a_crowd_does_not_free_those_who_used_up_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
