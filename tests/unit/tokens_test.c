/* tokens: made, found, listed, revoked, expired; the secret is not in the store. */
#include "base/clock.h"
#include "server/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1795300000000)

static struct arena arena;
static struct problem problem;
static struct engine *engine;
static char folder[40];
static int64_t now;

static int64_t test_now(void)
{
    return now;
}

static int begin(void **state)
{
    (void)state;
    now = NOW;
    clock_set(test_now);
    problem_init(&problem, &arena);
    strcpy(folder, "/tmp/ouse-tokens-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    struct engine_options options = {
        .directory = folder, .map_size = 1 << 22, .max_readers = 8, .no_sync = 1};
    return engine_open(&options, &engine, &problem) != OUSE_OK;
}

static int end(void **state)
{
    (void)state;
    engine_close(engine);
    arena_finish(&arena);
    clock_set(NULL);
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static ouse_rc create(const char *name, uint32_t role, int64_t expires, char secret[TOKEN_LENGTH + 1])
{
    struct token token = {.name = ouse_s(name), .role = role, .created = now, .expires = expires};
    struct txn *txn;
    assert_int_equal(engine_write(engine, &txn), OUSE_OK);
    ouse_rc rc = token_create(txn, &token, secret, &problem);
    if (rc == OUSE_OK)
        return txn_commit(txn);
    txn_end(txn);
    return rc;
}

static ouse_rc find(const char *authorization, struct token *token)
{
    struct txn *txn;
    problem_init(&problem, &arena);
    assert_int_equal(engine_read(engine, &txn), OUSE_OK);
    ouse_rc rc = token_find(txn, &arena, ouse_s(authorization), token, &problem);
    txn_end(txn);
    return rc;
}

static ouse_rc revoke_token(const char *name)
{
    struct txn *txn;
    problem_init(&problem, &arena);
    assert_int_equal(engine_write(engine, &txn), OUSE_OK);
    ouse_rc rc = token_revoke(txn, ouse_s(name), &problem);
    if (rc == OUSE_OK)
        return txn_commit(txn);
    txn_end(txn);
    return rc;
}

static const char *authorization(const char *secret)
{
    return arena_printf(&arena, "Bearer %s", secret).p;
}

static void unauthenticated(const char *value, const char *why)
{
    struct token token = {.role = 77};
    assert_int_equal(find(value, &token), OUSE_E_UNAUTHENTICATED);
    assert_string_equal(problem.detail.p, why);
    assert_int_equal(token.role, 77);
}

static void a_token_is_found_by_its_secret(void **state)
{
    (void)state;
    char secret[TOKEN_LENGTH + 1], other[TOKEN_LENGTH + 1];
    assert_int_equal(create("partner \"site\"", OUSE_PARTNER, 0, secret), OUSE_OK);
    assert_int_equal(create("desk", OUSE_MANAGER, 0, other), OUSE_OK);
    assert_int_equal(strlen(secret), TOKEN_LENGTH);
    assert_int_equal(strncmp(secret, "ouse_", 5), 0);
    assert_string_not_equal(secret, other);
    struct token token;
    assert_int_equal(find(authorization(secret), &token), OUSE_OK);
    assert_string_equal(token.name.p, "partner \"site\"");
    assert_int_equal(token.role, OUSE_PARTNER);
    assert_int_equal(token.created, NOW);
    assert_int_equal(token.expires, 0);
    assert_int_equal(find(arena_printf(&arena, "bearer %s", other).p, &token), OUSE_OK);
    assert_int_equal(token.role, OUSE_MANAGER);
}

static void what_is_no_token_is_told(void **state)
{
    (void)state;
    static const char no_token[] =
        "The Authorization header must be \"Bearer \" and a token of this register (ouse_…)";
    unauthenticated("", no_token);
    unauthenticated("Basic dXNlcjpwYXNz", no_token);
    unauthenticated("Bearer", no_token);
    unauthenticated("Bearer ouse_short", no_token);
    unauthenticated("Bearer elsewhere_3456789012345678901234567890123456789", no_token);
    unauthenticated("Bearer ouse_0123456789012345678901234567890123456789012",
                    "The token is not known here; it may have been revoked");
}

static void a_token_expires(void **state)
{
    (void)state;
    char secret[TOKEN_LENGTH + 1];
    struct token token;
    assert_int_equal(create("short", OUSE_OFFICE, NOW + 1000, secret), OUSE_OK);
    now = NOW + 999;
    assert_int_equal(find(authorization(secret), &token), OUSE_OK);
    now = NOW + 1000;
    unauthenticated(authorization(secret), "The token expired at 2026-11-21T22:26:41.000Z");
}

static void a_revoked_token_is_unknown(void **state)
{
    (void)state;
    char secret[TOKEN_LENGTH + 1];
    assert_int_equal(create("desk", OUSE_MANAGER, 0, secret), OUSE_OK);
    assert_int_equal(revoke_token("nobody"), OUSE_E_NOT_FOUND);
    assert_string_equal(problem.detail.p, "There is no token \"nobody\"");
    assert_int_equal(revoke_token("desk"), OUSE_OK);
    unauthenticated(authorization(secret), "The token is not known here; it may have been revoked");
    assert_int_equal(revoke_token("desk"), OUSE_E_NOT_FOUND);
}

static void names_are_unique(void **state)
{
    (void)state;
    char secret[TOKEN_LENGTH + 1];
    assert_int_equal(create("desk", OUSE_MANAGER, 0, secret), OUSE_OK);
    assert_int_equal(create("desk", OUSE_OFFICE, 0, secret), OUSE_E_CONFLICT);
    assert_string_equal(problem.detail.p,
                        "There is a token \"desk\" already; revoke it, or take another name");
    problem_init(&problem, &arena);
    assert_int_equal(create("two\nlines", OUSE_OFFICE, 0, secret), OUSE_E_INVALID);
    problem_init(&problem, &arena);
    assert_int_equal(create(NULL, OUSE_OFFICE, 0, secret), OUSE_OK);
    assert_int_equal(revoke_token("office-1795300000000"), OUSE_OK);
}

static void all_are_listed_and_no_secret_is_kept(void **state)
{
    (void)state;
    enum { MANY = 40 };
    char secret[TOKEN_LENGTH + 1];
    for (int i = 0; i < MANY; i++)
        assert_int_equal(create(arena_printf(&arena, "t%d", i).p, OUSE_PARTNER, 0, secret), OUSE_OK);
    struct txn *txn;
    struct token *tokens;
    uint32_t n;
    assert_int_equal(engine_read(engine, &txn), OUSE_OK);
    assert_int_equal(token_list(txn, &arena, &tokens, &n, &problem), OUSE_OK);
    assert_int_equal(n, MANY);
    struct cursor *cursor;
    struct ouse_str key, value;
    assert_int_equal(cursor_open(txn, DB_TOKENS, &cursor), OUSE_OK);
    ouse_rc rc = cursor_seek(cursor, (struct ouse_str){"", 1}, &key, &value);
    for (; rc == OUSE_OK; rc = cursor_next(cursor, &key, &value)) {
        assert_null(memmem(value.p, value.n, secret + 5, TOKEN_LENGTH - 5));
        assert_null(memmem(key.p, key.n, secret + 5, TOKEN_LENGTH - 5));
    }
    cursor_close(cursor);
    txn_end(txn);
}

static void roles_have_names(void **state)
{
    (void)state;
    uint32_t role = 5;
    assert_int_equal(token_role(ouse_s("office"), &role), 0);
    assert_int_equal(role, OUSE_OFFICE);
    assert_int_equal(token_role(ouse_s("public"), &role), -1);
    assert_int_equal(role, OUSE_OFFICE);
    assert_string_equal(token_role_name(OUSE_MANAGER), "manager");
    assert_null(token_role_name(OUSE_PUBLIC));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_token_is_found_by_its_secret),
        TEST(what_is_no_token_is_told),
        TEST(a_token_expires),
        TEST(a_revoked_token_is_unknown),
        TEST(names_are_unique),
        TEST(all_are_listed_and_no_secret_is_kept),
        cmocka_unit_test(roles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
