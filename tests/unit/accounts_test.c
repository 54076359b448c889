/* accounts: what is stored and found, links and sessions that end, passwords, one-time codes, delays. */
#include "base/clock.h"
#include "features/accounts/account.h"
#include "features/accounts/password.h"
#include "features/accounts/throttle.h"
#include "features/accounts/totp.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW  INT64_C(1795300000000)
#define HOUR INT64_C(3600000)

static struct arena arena;
static struct problem problem;
static struct engine *engine;
static char folder[40];

static int begin(void **state)
{
    (void)state;
    problem_init(&problem, &arena);
    strcpy(folder, "/tmp/ouse-accounts-XXXXXX");
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
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static struct txn *write_begin(void)
{
    struct txn *txn;
    problem_init(&problem, &arena);
    assert_int_equal(engine_write(engine, &txn), OUSE_OK);
    return txn;
}

static struct account create(struct txn *txn, const char *email)
{
    struct account account = {.name = ouse_s("Ann"), .email = ouse_s(email), .created = NOW};
    assert_int_equal(accounts_create(txn, &account, &problem), OUSE_OK);
    assert_int_equal(account.id.n, ACCOUNT_ID);
    return account;
}

static void assert_says(struct ouse_str text, const char *expected)
{
    assert_non_null(text.p);
    assert_string_equal(arena_copy(&arena, text).p, expected);
}

/* ---- Accounts -------------------------------------------------------------------- */

static void an_address_is_read_in_lower_case(void **state)
{
    (void)state;
    struct ouse_str email;
    static const char *const bad[] = {"",
                                      "ann",
                                      "@example.org",
                                      "ann@",
                                      "a nn@example.org",
                                      "ann@@example.org",
                                      "ann@exa\nmple.org",
                                      "\xc3\xa4nn@example.org",
                                      "<ann@example.org>"};
    assert_int_equal(accounts_email(ouse_s(" Ann.Lee@Example.ORG "), &arena, &email, &problem), OUSE_OK);
    assert_says(email, "ann.lee@example.org");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        problem_init(&problem, &arena);
        assert_int_equal(accounts_email(ouse_s(bad[i]), &arena, &email, &problem), OUSE_E_INVALID);
    }
    problem_init(&problem, &arena);
}

static void an_account_comes_back_as_it_was(void **state)
{
    (void)state;
    struct txn *txn = write_begin();
    struct account account = create(txn, "ann@example.org"), found;
    account.name = ouse_s("Ann \"the\" Lee");
    account.organisation = ouse_s("luton-council");
    account.state = ACCOUNT_ACTIVE;
    account.password = ouse_s("$argon2id$v=19$…");
    account.totp =
        (struct account_totp){.on = 1, .step = 7, .n_codes = 1, .secret = {1, 2, 3}, .codes = {{9, 8}}};
    struct account_grant grant = {OUSE_OFFICE, ouse_s("[\"*\"]"), {0}, NOW + HOUR};
    assert_int_equal(accounts_grant(&account, &grant, &problem), OUSE_OK);
    assert_int_equal(accounts_put(txn, &account, &problem), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);

    txn = write_begin();
    assert_int_equal(accounts_find(txn, ouse_s("ann@example.org"), &arena, &found, &problem), OUSE_OK);
    assert_says(found.id, arena_copy(&arena, account.id).p);
    assert_says(found.name, "Ann \"the\" Lee");
    assert_says(found.organisation, "luton-council");
    assert_null(found.person.p);
    assert_int_equal(found.state, ACCOUNT_ACTIVE);
    assert_int_equal(found.created, NOW);
    assert_says(found.password, "$argon2id$v=19$…");
    assert_memory_equal(&found.totp, &account.totp, sizeof found.totp);
    assert_int_equal(found.n_grants, 1);
    assert_int_equal(found.grants[0].role, OUSE_OFFICE);
    assert_int_equal(found.grants[0].expires, NOW + HOUR);
    assert_says(found.grants[0].collections, "[\"*\"]");
    assert_null(found.grants[0].organisation.p);
    txn_end(txn);
}

static void an_address_has_one_account(void **state)
{
    (void)state;
    struct txn *txn = write_begin();
    struct account second = {.name = ouse_s("Ann"), .email = ouse_s("ann@example.org")},
                   nameless = {.name = ouse_s("a\nb"), .email = ouse_s("bob@example.org")};
    create(txn, "ann@example.org");
    assert_int_equal(accounts_create(txn, &second, &problem), OUSE_E_CONFLICT);
    problem_init(&problem, &arena);
    assert_int_equal(accounts_create(txn, &nameless, &problem), OUSE_E_INVALID);
    txn_end(txn);
}

static void grants_give_the_highest_role_until_they_expire(void **state)
{
    (void)state;
    struct account account = {.email = ouse_s("ann@example.org")};
    struct account_grant partner = {OUSE_PARTNER, ouse_s("[\"*\"]"), {0}, 0},
                         manager = {OUSE_MANAGER, ouse_s("[\"*\"]"), {0}, NOW + HOUR};
    assert_int_equal(accounts_role(&account, NOW), OUSE_PUBLIC);
    assert_int_equal(accounts_grant(&account, &manager, &problem), OUSE_OK);
    assert_int_equal(accounts_grant(&account, &partner, &problem), OUSE_OK);
    assert_int_equal(accounts_role(&account, NOW), OUSE_MANAGER);
    assert_int_equal(accounts_role(&account, NOW + HOUR - 1), OUSE_MANAGER);
    assert_int_equal(accounts_role(&account, NOW + HOUR), OUSE_PARTNER);
    manager.expires = NOW + 2 * HOUR;
    assert_int_equal(accounts_grant(&account, &manager, &problem), OUSE_OK);
    assert_int_equal(account.n_grants, 2);
    assert_int_equal(accounts_role(&account, NOW + HOUR), OUSE_MANAGER);
    assert_int_equal(accounts_revoke(&account, OUSE_MANAGER, &problem), OUSE_OK);
    assert_int_equal(account.n_grants, 1);
    assert_int_equal(accounts_role(&account, NOW), OUSE_PARTNER);
    assert_int_equal(accounts_revoke(&account, OUSE_MANAGER, &problem), OUSE_E_NOT_FOUND);
    problem_init(&problem, &arena);
}

/* ---- Links and sessions -------------------------------------------------------------- */

static void a_link_lasts_a_day_and_ends_earlier_ones(void **state)
{
    (void)state;
    char first[ACCOUNT_SECRET + 1], second[ACCOUNT_SECRET + 1];
    struct txn *txn = write_begin();
    struct account account = create(txn, "ann@example.org"), found;
    assert_int_equal(accounts_link_create(txn, account.id, NOW, first, &problem), OUSE_OK);
    assert_int_equal(accounts_link_find(txn, ouse_s(first), NOW + 24 * HOUR - 1, &arena, &found, &problem),
                     OUSE_OK);
    assert_says(found.email, "ann@example.org");
    assert_int_equal(accounts_link_find(txn, ouse_s(first), NOW + 24 * HOUR, &arena, &found, &problem),
                     OUSE_E_NOT_FOUND);
    problem_init(&problem, &arena);
    assert_int_equal(accounts_link_create(txn, account.id, NOW, second, &problem), OUSE_OK);
    assert_int_equal(accounts_link_find(txn, ouse_s(first), NOW, &arena, &found, &problem), OUSE_E_NOT_FOUND);
    problem_init(&problem, &arena);
    assert_int_equal(accounts_link_find(txn, ouse_s(second), NOW, &arena, &found, &problem), OUSE_OK);
    assert_int_equal(accounts_links_end(txn, account.id), OUSE_OK);
    assert_int_equal(accounts_link_find(txn, ouse_s(second), NOW, &arena, &found, &problem),
                     OUSE_E_NOT_FOUND);
    txn_end(txn);
}

static struct account_session begin_session(struct txn *txn, struct ouse_str account, int64_t at,
                                            char secret[ACCOUNT_SECRET + 1])
{
    struct account_session session = {.account = account,
                                      .created = at,
                                      .seen = at,
                                      .address = ouse_s("192.0.2.1"),
                                      .agent = ouse_s("A \"browser\"")};
    assert_int_equal(accounts_session_create(txn, &session, secret), OUSE_OK);
    return session;
}

static void a_session_ends_when_it_is_idle_or_old(void **state)
{
    (void)state;
    char secret[ACCOUNT_SECRET + 1];
    struct txn *txn = write_begin();
    struct account account = create(txn, "ann@example.org");
    struct account_session session = begin_session(txn, account.id, NOW, secret), found;
    assert_int_equal(accounts_session_find(txn, ouse_s(secret), NOW + 12 * HOUR - 1, &arena, &found),
                     OUSE_OK);
    assert_says(found.agent, "A \"browser\"");
    assert_says(found.address, "192.0.2.1");
    assert_int_equal(accounts_session_find(txn, ouse_s(secret), NOW + 12 * HOUR, &arena, &found),
                     OUSE_E_NOT_FOUND);
    for (int64_t at = NOW; at < NOW + 30 * 24 * HOUR; at += 11 * HOUR)
        assert_int_equal(accounts_session_seen(txn, &session, at), OUSE_OK);
    assert_int_equal(accounts_session_find(txn, ouse_s(secret), NOW + 30 * 24 * HOUR - 1, &arena, &found),
                     OUSE_OK);
    assert_int_equal(accounts_session_find(txn, ouse_s(secret), NOW + 30 * 24 * HOUR, &arena, &found),
                     OUSE_E_NOT_FOUND);
    assert_int_equal(accounts_session_end(txn, session.key), OUSE_OK);
    assert_int_equal(accounts_session_seen(txn, &session, NOW), OUSE_E_NOT_FOUND);
    txn_end(txn);
}

static void sessions_end_by_account(void **state)
{
    (void)state;
    char secret[3][ACCOUNT_SECRET + 1];
    struct account_session *sessions, found, kept;
    uint32_t n;
    struct txn *txn = write_begin();
    struct account ann = create(txn, "ann@example.org"), bob = create(txn, "bob@example.org");
    begin_session(txn, ann.id, NOW, secret[0]);
    kept = begin_session(txn, ann.id, NOW, secret[1]);
    begin_session(txn, bob.id, NOW, secret[2]);
    assert_int_equal(accounts_sessions(txn, ann.id, NOW, &arena, &sessions, &n), OUSE_OK);
    assert_int_equal(n, 2);
    assert_int_equal(accounts_sessions_end(txn, ann.id, kept.key, &n), OUSE_OK);
    assert_int_equal(n, 1);
    assert_int_equal(accounts_session_find(txn, ouse_s(secret[0]), NOW, &arena, &found), OUSE_E_NOT_FOUND);
    assert_int_equal(accounts_session_find(txn, ouse_s(secret[1]), NOW, &arena, &found), OUSE_OK);
    assert_int_equal(accounts_sessions_end(txn, ann.id, NULL, &n), OUSE_OK);
    assert_int_equal(n, 1);
    assert_int_equal(accounts_session_find(txn, ouse_s(secret[2]), NOW, &arena, &found), OUSE_OK);
    txn_end(txn);
}

static void what_has_expired_is_deleted(void **state)
{
    (void)state;
    char secret[ACCOUNT_SECRET + 1];
    struct account_session found;
    uint32_t n;
    struct txn *txn = write_begin();
    struct account account = create(txn, "ann@example.org");
    assert_int_equal(accounts_link_create(txn, account.id, NOW, secret, &problem), OUSE_OK);
    begin_session(txn, account.id, NOW, secret);
    begin_session(txn, account.id, NOW, secret);
    begin_session(txn, account.id, NOW + 30 * HOUR, secret);
    assert_int_equal(accounts_expire(txn, NOW + 1, 10, &n), OUSE_OK);
    assert_int_equal(n, 0);
    assert_int_equal(accounts_expire(txn, NOW + 24 * HOUR, 2, &n), OUSE_OK);
    assert_int_equal(n, 2);
    assert_int_equal(accounts_expire(txn, NOW + 24 * HOUR, 2, &n), OUSE_OK);
    assert_int_equal(n, 1);
    assert_int_equal(accounts_session_find(txn, ouse_s(secret), NOW + 30 * HOUR, &arena, &found), OUSE_OK);
    assert_int_equal(accounts_expire(txn, INT64_MAX, 10, &n), OUSE_OK);
    assert_int_equal(n, 1);
    txn_end(txn);
}

static int has_secret(void *arg, struct ouse_str bytes, struct ouse_str value)
{
    const char *secret = arg;
    assert_null(memmem(bytes.p, bytes.n, secret, strlen(secret)));
    assert_null(memmem(value.p, value.n, secret, strlen(secret)));
    return 0;
}

static void secrets_are_not_stored(void **state)
{
    (void)state;
    static const char kinds[] = "aels";
    char link[ACCOUNT_SECRET + 1], session[ACCOUNT_SECRET + 1];
    struct txn *txn = write_begin();
    struct account account = create(txn, "ann@example.org");
    assert_int_equal(accounts_link_create(txn, account.id, NOW, link, &problem), OUSE_OK);
    begin_session(txn, account.id, NOW, session);
    for (const char *kind = kinds; *kind; kind++) {
        assert_int_equal(accounts_walk(txn, *kind, has_secret, link), OUSE_OK);
        assert_int_equal(accounts_walk(txn, *kind, has_secret, session), OUSE_OK);
    }
    txn_end(txn);
}

static void count_fault(void *arg, const char *fault)
{
    *(const char **)arg = fault;
}

static void verify_finds_what_does_not_fit(void **state)
{
    (void)state;
    const char *fault = NULL;
    uint64_t accounts, faults;
    char secret[ACCOUNT_SECRET + 1];
    struct txn *txn = write_begin();
    struct account account = create(txn, "ann@example.org");
    begin_session(txn, account.id, NOW, secret);
    assert_int_equal(accounts_verify(txn, count_fault, &fault, &accounts, &faults), OUSE_OK);
    assert_int_equal(accounts, 1);
    assert_int_equal(faults, 0);
    begin_session(txn, ouse_s("nobody"), NOW, secret);
    assert_int_equal(accounts_verify(txn, count_fault, &fault, &accounts, &faults), OUSE_OK);
    assert_int_equal(faults, 1);
    assert_string_equal(fault, "accounts: a link or a session belongs to no account");
    account.email = ouse_s("other@example.org");
    assert_int_equal(accounts_put(txn, &account, &problem), OUSE_OK);
    assert_int_equal(accounts_verify(txn, count_fault, &fault, &accounts, &faults), OUSE_OK);
    assert_int_equal(faults, 2);
    txn_end(txn);
}

/* ---- Passwords ---------------------------------------------------------------------------- */

static void a_password_matches_its_hash(void **state)
{
    (void)state;
    struct ouse_str hash;
    uint64_t runs = counter_read(&accounts_password_runs);
    assert_int_equal(accounts_password_hash(ouse_s("caf\xc3\xa9 by the river"), &arena, &hash, &problem),
                     OUSE_OK);
    assert_memory_equal(hash.p, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    assert_true(accounts_password_matches(hash, ouse_s("caf\xc3\xa9 by the river")));
    assert_true(
        accounts_password_matches(hash, ouse_s("cafe\xcc\x81 by the river"))); /* as another keyboard does */
    assert_false(accounts_password_matches(hash, ouse_s("cafe by the river")));
    assert_false(accounts_password_matches((struct ouse_str){0}, ouse_s("")));
    assert_int_equal(counter_read(&accounts_password_runs) - runs, 5); /* that of nobody, too */
}

static void common_passwords_are_rejected(void **state)
{
    (void)state;
    const struct ouse_str own[] = {ouse_s("ann.greenwood@example.org"), ouse_s("Ann Greenwood")};
    static const char *const bad[] = {
        "short",         "elevenchars",      "password1234",  "Password1234",
        "P@ssw0rd1234",  "passwordpassword", "123456789012",  "aaaaaaaaaaaa",
        "abcabcabcabc",  "abcdefghijkl",     "qwertyuiop12",  "1qaz2wsx3edc",
        "qwertyqwerty",  "letmein123456",    "iloveyou1234",  "Manchester2024!",
        "sunshine2026!", "welcome12345!",    "unbelievable",  "ann.greenwood@example.org",
        "greenwood2026", "AnnGreenwood1",    "administrator", "correcthorsebatterystaple"};
    static const char *const good[] = {"reeds along the slow Ouse",    "vK7#pelican-Tuba",
                                       "marmalade otters juggle",      "d41d8cd98f00b204",
                                       "dragon church pelican sonnet", "zeven fietsen in de regen"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!accounts_password_fault(ouse_s(bad[i]), own, 2))
            fail_msg("expected %s to be rejected", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (accounts_password_fault(ouse_s(good[i]), own, 2))
            fail_msg("expected %s to be accepted: %s", good[i],
                     accounts_password_fault(ouse_s(good[i]), own, 2));
}

/* ---- One-time codes --------------------------------------------------------------------------- */

/* RFC 6238, appendix B, SHA-1. */
static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    static const struct {
        uint64_t seconds;
        uint32_t code;
    } rows[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            accounts_totp_code((const unsigned char *)"12345678901234567890", 20, rows[i].seconds / 30, 8),
            rows[i].code);
    char key[ACCOUNT_TOTP_KEY + 1];
    accounts_totp_key((const unsigned char *)"12345678901234567890", key);
    assert_string_equal(key, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static struct ouse_str code_at(const struct account_totp *totp, int64_t at)
{
    uint32_t code = accounts_totp_code(totp->secret, sizeof totp->secret, (uint64_t)(at / 30000), 6);
    return arena_printf(&arena, "%06u", code);
}

static void a_code_is_accepted_once_near_its_time(void **state)
{
    (void)state;
    struct account_totp totp = {.on = 1, .secret = {5, 6, 7}};
    struct ouse_str code = code_at(&totp, NOW);
    struct account_totp early = totp, late = totp;
    assert_int_equal(accounts_totp_accept(&early, code, NOW - 30000), 1);
    assert_int_equal(accounts_totp_accept(&late, code, NOW + 30000), 1);
    early = late = totp;
    assert_int_equal(accounts_totp_accept(&early, code, NOW - 60000), 0);
    assert_int_equal(accounts_totp_accept(&late, code, NOW + 60000), 0);
    assert_int_equal(accounts_totp_accept(&totp, arena_printf(&arena, "%.3s %.3s", code.p, code.p + 3), NOW),
                     1);
    assert_int_equal(accounts_totp_accept(&totp, code, NOW), 0);
    assert_int_equal(accounts_totp_accept(&totp, code_at(&totp, NOW - 30000), NOW), 0);
    assert_int_equal(accounts_totp_accept(&totp, code_at(&totp, NOW + 30000), NOW), 1);
    assert_int_equal(accounts_totp_accept(&totp, ouse_s(""), NOW + 90000), 0);
    assert_int_equal(accounts_totp_accept(&totp, ouse_s("12345"), NOW + 90000), 0);
    assert_int_equal(accounts_totp_accept(&totp, ouse_s("1234567"), NOW + 90000), 0);
    assert_int_equal(accounts_totp_accept(&totp, ouse_s("12345x"), NOW + 90000), 0);
}

static void each_recovery_code_works_once(void **state)
{
    (void)state;
    struct account_totp totp = {.on = 1};
    char codes[ACCOUNT_CODES][ACCOUNT_CODE_TEXT + 1];
    accounts_codes_make(&totp, codes);
    assert_int_equal(totp.n_codes, ACCOUNT_CODES);
    assert_int_equal(strlen(codes[9]), ACCOUNT_CODE_TEXT);
    assert_int_equal(accounts_code_accept(&totp, ouse_s(codes[3])), 1);
    assert_int_equal(accounts_code_accept(&totp, ouse_s(codes[3])), 0);
    assert_int_equal(accounts_code_accept(&totp, ouse_s("")), 0);
    for (char *c = codes[9]; *c; c++)
        *c = *c == '-' ? ' ' : (char)(*c >= 'a' ? *c - 32 : *c);
    assert_int_equal(accounts_code_accept(&totp, ouse_s(codes[9])), 1);
    assert_int_equal(totp.n_codes, ACCOUNT_CODES - 2);
}

/* ---- Delays ------------------------------------------------------------------------------------ */

static void delays_grow_and_are_forgotten(void **state)
{
    (void)state;
    struct account_throttle *throttle = accounts_throttle_create();
    struct account_throttle_key key = {'e', ouse_s("ann@example.org"), 3},
                                other = {'a', ouse_s("ann@example.org"), 3};
    int64_t now = 1000;
    for (int i = 0; i < 3; i++)
        assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 0);
    assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 1000);
    assert_int_equal(accounts_throttle_begin(throttle, &other, 1, now), 0);
    for (int64_t delay = 1000; delay < ACCOUNT_LONGEST_MS; delay *= 2) {
        now += delay;
        assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now - 1), 1);
        assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 0);
    }
    assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), ACCOUNT_LONGEST_MS);
    now += ACCOUNT_FORGET_MS;
    for (int i = 0; i < 3; i++)
        assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 0);
    accounts_throttle_undo(throttle, &key);
    assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 0);
    assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 1000);
    accounts_throttle_clear(throttle, &key);
    assert_int_equal(accounts_throttle_begin(throttle, &key, 1, now), 0);
    accounts_throttle_destroy(throttle);
}

/* A locked key keeps the other one from being counted: an attempt that is not made is no failure. */
static void one_locked_key_locks_the_attempt(void **state)
{
    (void)state;
    struct account_throttle *throttle = accounts_throttle_create();
    struct account_throttle_key keys[] = {{'e', ouse_s("ann@example.org"), 1}, {'a', ouse_s("192.0.2.1"), 2}};
    assert_int_equal(accounts_throttle_begin(throttle, keys, 2, 0), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(accounts_throttle_begin(throttle, keys, 2, 0), 1000);
    assert_int_equal(accounts_throttle_begin(throttle, keys + 1, 1, 0), 0);
    accounts_throttle_destroy(throttle);
}

static void many_keys_take_no_more_memory_and_keep_the_worst(void **state)
{
    (void)state;
    struct account_throttle *throttle = accounts_throttle_create();
    struct account_throttle_key worst = {'e', ouse_s("ann@example.org"), 3};
    for (int i = 0; i < 3; i++)
        accounts_throttle_begin(throttle, &worst, 1, 0);
    for (int i = 0; i < 100000; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        accounts_throttle_begin(throttle, &(struct account_throttle_key){'a', ouse_s(text), 3}, 1, 0);
    }
    assert_int_equal(accounts_throttle_begin(throttle, &worst, 1, 0), 1000);
    accounts_throttle_destroy(throttle);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(an_address_is_read_in_lower_case),
        TEST(an_account_comes_back_as_it_was),
        TEST(an_address_has_one_account),
        TEST(grants_give_the_highest_role_until_they_expire),
        TEST(a_link_lasts_a_day_and_ends_earlier_ones),
        TEST(a_session_ends_when_it_is_idle_or_old),
        TEST(sessions_end_by_account),
        TEST(what_has_expired_is_deleted),
        TEST(secrets_are_not_stored),
        TEST(verify_finds_what_does_not_fit),
        TEST(a_password_matches_its_hash),
        TEST(common_passwords_are_rejected),
        TEST(codes_are_those_of_the_standard),
        TEST(a_code_is_accepted_once_near_its_time),
        TEST(each_recovery_code_works_once),
        TEST(delays_grow_and_are_forgotten),
        TEST(one_locked_key_locks_the_attempt),
        TEST(many_keys_take_no_more_memory_and_keep_the_worst),
    };
    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
