/* address: lists of addresses and networks, and what counts as one client. */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct address address(const char *text)
{
    struct address read = {{0}};
    assert_int_equal(address_read(ouse_s(text), &read), 0);
    return read;
}

static void lists_have_addresses_and_networks(void **state)
{
    static const struct {
        const char *address, *list;
        int in;
    } cases[] = {
        {"127.0.0.1", "127.0.0.1, ::1", 1},
        {"::1", "127.0.0.1, ::1", 1},
        {"127.0.0.2", "127.0.0.1, ::1", 0},
        {"::ffff:127.0.0.1", "127.0.0.1", 1},
        {"10.1.2.3", "192.0.2.1,10.0.0.0/8", 1},
        {"11.1.2.3", "10.0.0.0/8", 0},
        {"192.0.2.129", "192.0.2.128/25", 1},
        {"192.0.2.127", "192.0.2.128/25", 0},
        {"fd12::1", "fd00::/8", 1},
        {"fe80::1", "fd00::/8", 0},
        {"203.0.113.9", "0.0.0.0/0", 1},
        {"2001:db8::1", "0.0.0.0/0", 0},
        {"127.0.0.1", "", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address one = address(cases[i].address);
        assert_int_equal(address_in(&one, ouse_s(cases[i].list)), cases[i].in);
    }
}

static void the_wrong_part_of_a_list_is_found(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"127.0.0.1, ::1", ""},
        {"10.0.0.0/8", ""},
        {"10.0.0.0/33", "10.0.0.0/33"},
        {"all", "all"},
        {"127.0.0.1,,::1", ","},
        {"::1/129", "::1/129"},
        {"1.2.3", "1.2.3"},
        {"::1/", "::1/"},
        {"::1,a b,c", "a b"},
        {"10.0.0.0/x", "10.0.0.0/x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_str wrong = address_list_wrong(ouse_s(cases[i][0]));
        assert_true(ouse_is(wrong, cases[i][1]) || (!wrong.n && !*cases[i][1]));
    }
}

static void an_ipv6_network_is_one_client(void **state)
{
    static const char *const cases[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"2001:db8:0:1:2:3:4:5", "2001:db8:0:1::"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
    };
    char text[ADDRESS_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address client = address_client(address(cases[i][0]));
        address_write(&client, text);
        assert_string_equal(text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_have_addresses_and_networks),
        cmocka_unit_test(the_wrong_part_of_a_list_is_found),
        cmocka_unit_test(an_ipv6_network_is_one_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
