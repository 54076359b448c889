/* idempotency_store: kept under a key until they expire, and not for anything else. */
#include "features/idempotency/idempotency_store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    char directory[64];
    struct arena arena;
    struct engine *engine;
    struct txn *txn;
} f;

static int setup(void **state)
{
    (void)state;
    struct problem problem;
    strcpy(f.directory, "/tmp/ouse-answers-XXXXXX");
    assert_non_null(mkdtemp(f.directory));
    const struct engine_options options = {
        .directory = f.directory, .map_size = 16 << 20, .max_readers = 8, .no_sync = 1};
    problem_init(&problem, &f.arena);
    assert_int_equal(engine_open(&options, &f.engine, &problem), OUSE_OK);
    assert_int_equal(engine_write(f.engine, &f.txn), OUSE_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[96];
    txn_end(f.txn);
    engine_close(f.engine);
    arena_finish(&f.arena);
    snprintf(command, sizeof command, "rm -r %s", f.directory);
    return system(command);
}

static struct answer_key key(const char *name, const char *fingerprint)
{
    struct answer_key made = {{0}, {0}};
    memcpy(made.key, name, strlen(name));
    memcpy(made.fingerprint, fingerprint, strlen(fingerprint));
    return made;
}

static void keep(struct answer_key k, int64_t expires, const char *answer)
{
    assert_int_equal(answers_keep(f.txn, &k, expires, ouse_s(answer)), OUSE_OK);
}

static void assert_found(struct answer_key k, int64_t now, const char *expected)
{
    struct ouse_str found = {0};
    assert_int_equal(answers_find(f.txn, &k, now, &found), OUSE_OK);
    if (!ouse_is(found, expected))
        fail_msg("expected the answer %s, got %.*s", expected, OUSE_F(found));
}

static void assert_not_found(struct answer_key k, int64_t now, ouse_rc expected)
{
    struct ouse_str found = {0};
    assert_int_equal(answers_find(f.txn, &k, now, &found), expected);
    assert_null(found.p);
}

static void assert_cleared(int64_t now, uint32_t most, uint32_t expected)
{
    uint32_t n = ~0u;
    assert_int_equal(answers_clear(f.txn, now, most, &n), OUSE_OK);
    assert_int_equal(n, expected);
}

static void assert_keys(uint64_t expected)
{
    uint64_t n;
    assert_int_equal(txn_count(f.txn, DB_IDEMPOTENCY, &n), OUSE_OK);
    assert_int_equal(n, expected);
}

static void an_answer_lasts_until_it_expires(void **state)
{
    (void)state;
    assert_not_found(key("a", "1"), 0, OUSE_E_NOT_FOUND);
    keep(key("a", "1"), 100, "first");
    assert_found(key("a", "1"), 0, "first");
    assert_found(key("a", "1"), 99, "first");
    assert_not_found(key("a", "1"), 100, OUSE_E_NOT_FOUND);
    assert_not_found(key("b", "1"), 0, OUSE_E_NOT_FOUND);
}

static void a_key_answers_one_thing(void **state)
{
    (void)state;
    keep(key("a", "1"), 100, "");
    assert_found(key("a", "1"), 0, "");
    assert_not_found(key("a", "2"), 0, OUSE_E_CONFLICT);
    assert_not_found(key("a", "2"), 100, OUSE_E_NOT_FOUND);
}

static void an_expired_answer_gives_its_key_back(void **state)
{
    (void)state;
    keep(key("a", "1"), 100, "first");
    keep(key("a", "2"), 300, "second, which is longer");
    assert_found(key("a", "2"), 200, "second, which is longer");
    assert_keys(2);
    assert_cleared(200, 10, 0);
    assert_found(key("a", "2"), 200, "second, which is longer");
}

static void what_has_expired_is_cleared_in_steps(void **state)
{
    (void)state;
    char name[] = "a";
    for (int i = 0; i < 5; i++, name[0]++)
        keep(key(name, "1"), 100 * (i + 1), name);
    assert_keys(10);
    assert_cleared(99, 10, 0);
    assert_cleared(400, 3, 3);
    assert_cleared(400, 3, 1);
    assert_cleared(400, 3, 0);
    assert_keys(2);
    assert_not_found(key("d", "1"), 0, OUSE_E_NOT_FOUND);
    assert_found(key("e", "1"), 0, "e");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_lasts_until_it_expires, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_answers_one_thing, setup, teardown),
        cmocka_unit_test_setup_teardown(an_expired_answer_gives_its_key_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_has_expired_is_cleared_in_steps, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
