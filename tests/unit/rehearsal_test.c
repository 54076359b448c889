/* A rehearsal reads and writes as the write transaction would, and leaves nothing. */
#include "store/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char directory[64];
    struct arena arena;
    struct problem problem;
    struct engine *engine;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->directory, "/tmp/ouse-rehearsal-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    problem_init(&f->problem, &f->arena);
    struct engine_options options = {
        .directory = f->directory, .map_size = 64 << 20, .max_readers = 16, .no_sync = 1};
    assert_int_equal(engine_open(&options, &f->engine, &f->problem), OUSE_OK);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"/data.mdb", "/lock.mdb", ""};
    struct fixture *f = *state;
    char path[128];
    engine_close(f->engine);
    arena_finish(&f->arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s%s", f->directory, names[i]);
        remove(path);
    }
    free(f);
    return 0;
}

static uint64_t seed = 88172645463325252u;

static uint32_t chance(uint32_t n)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed % n);
}

/* A few hundred keys of one to three letters, so that some are beginnings of others. */
static struct ouse_str any_key(char text[4])
{
    uint32_t n = 1 + chance(3);
    for (uint32_t i = 0; i < n; i++)
        text[i] = (char)('a' + chance(6));
    return (struct ouse_str){text, n};
}

static void assert_same(ouse_rc rcs[2], struct ouse_str keys[2], struct ouse_str values[2], const char *what)
{
    if (rcs[0] != rcs[1])
        fail_msg("%s: expected %d, got %d", what, (int)rcs[0], (int)rcs[1]);
    if (!rcs[0] && (!ouse_same(keys[0], keys[1]) || !ouse_same(values[0], values[1])))
        fail_msg("%s: expected %.*s=%.*s, got %.*s=%.*s", what, OUSE_F(keys[0]), OUSE_F(values[0]),
                 OUSE_F(keys[1]), OUSE_F(values[1]));
}

static ouse_rc write_once(struct txn *txn, uint32_t what, struct ouse_str key, struct ouse_str value)
{
    void *room;
    if (what == 0)
        return txn_delete(txn, DB_RECORDS, key);
    if (what == 1)
        return txn_put(txn, DB_RECORDS, key, value);
    ouse_rc rc = txn_reserve(txn, DB_RECORDS, key, value.n, &room);
    if (!rc)
        memcpy(room, value.p, value.n);
    return rc;
}

static ouse_rc step_once(struct cursor *cursor, uint32_t what, struct ouse_str key, struct ouse_str *found,
                         struct ouse_str *value)
{
    switch (what) {
    case 0:
        return cursor_seek(cursor, key, found, value);
    case 1:
        return cursor_before(cursor, key, found, value);
    case 2:
        return cursor_last(cursor, found, value);
    case 3:
        return cursor_prev(cursor, found, value);
    default:
        return cursor_next(cursor, found, value);
    }
}

/* A cursor through the whole of a db, with a step back now and then. */
static void compare_walk(struct txn *txns[2])
{
    struct cursor *cursors[2];
    struct ouse_str keys[2], values[2];
    ouse_rc rcs[2] = {OUSE_OK, OUSE_OK};
    char text[4];
    struct ouse_str key = any_key(text);
    uint32_t what = chance(3);
    for (int i = 0; i < 2; i++)
        assert_int_equal(cursor_open(txns[i], DB_RECORDS, &cursors[i]), OUSE_OK);
    for (int steps = 0; steps < 60 && !rcs[0]; steps++) {
        for (int i = 0; i < 2; i++)
            rcs[i] = step_once(cursors[i], what, key, &keys[i], &values[i]);
        assert_same(rcs, keys, values, "a step");
        what = chance(4) ? 4 : 3;
    }
    for (int i = 0; i < 2; i++)
        cursor_close(cursors[i]);
}

static void fill(struct fixture *f)
{
    struct txn *txn;
    char text[4];
    assert_int_equal(engine_write(f->engine, &txn), OUSE_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(txn_put(txn, DB_RECORDS, any_key(text), ouse_s("stored")), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

/* The write transaction is open at the same time: a rehearsal does not wait for it. */
static void a_rehearsal_does_as_the_write_transaction(void **state)
{
    struct fixture *f = *state;
    fill(f);
    for (int round = 0; round < 20; round++) {
        struct txn *txns[2];
        assert_int_equal(engine_write(f->engine, &txns[0]), OUSE_OK);
        assert_int_equal(engine_rehearse(f->engine, &txns[1]), OUSE_OK);
        for (int n = 0; n < 200; n++) {
            char key_text[4], value_text[12];
            struct ouse_str key = any_key(key_text), keys[2] = {key, key}, values[2];
            uint32_t what = chance(3);
            ouse_rc rcs[2];
            snprintf(value_text, sizeof value_text, "%u", chance(1000));
            for (int i = 0; i < 2; i++)
                rcs[i] = write_once(txns[i], what, key, ouse_s(value_text));
            assert_int_equal(rcs[0], rcs[1]);
            assert_int_equal(txn_writes(txns[0]), txn_writes(txns[1]));
            keys[0] = keys[1] = any_key(key_text);
            for (int i = 0; i < 2; i++)
                rcs[i] = txn_get(txns[i], DB_RECORDS, keys[i], &values[i]);
            assert_same(rcs, keys, values, "get");
            compare_walk(txns);
        }
        txn_end(txns[1]);
        txn_end(txns[0]);
    }
}

static void a_rehearsal_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct txn *txn;
    struct ouse_str value;
    fill(f);
    assert_int_equal(engine_rehearse(f->engine, &txn), OUSE_OK);
    assert_int_equal(txn_put(txn, DB_RECORDS, ouse_s("zzz"), ouse_s("rehearsed")), OUSE_OK);
    assert_int_equal(txn_put(txn, DB_META, ouse_s("name"), ouse_s("rehearsed")), OUSE_OK);
    assert_int_equal(txn_recall(txn, ouse_s("name"), &value), OUSE_OK);
    txn_end(txn);
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK); /* of the same slot */
    assert_int_equal(txn_get(txn, DB_RECORDS, ouse_s("zzz"), &value), OUSE_E_NOT_FOUND);
    assert_int_equal(txn_recall(txn, ouse_s("name"), &value), OUSE_E_NOT_FOUND);
    txn_end(txn);
}

static void a_rehearsal_has_a_cap(void **state)
{
    enum { PIECE = 1 << 20 };
    struct fixture *f = *state;
    char *bytes = calloc(1, PIECE);
    struct txn *txn;
    struct ouse_str value;
    int n = 0;
    assert_int_equal(engine_rehearse(f->engine, &txn), OUSE_OK);
    while (!txn_put(txn, DB_RECORDS, ouse_s("key"), (struct ouse_str){bytes, PIECE}))
        n++;
    assert_int_equal(n, 15);
    assert_int_equal(txn_get(txn, DB_RECORDS, ouse_s("key"), &value), OUSE_E_UNAVAILABLE);
    txn_end(txn);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_rehearsal_does_as_the_write_transaction, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rehearsal_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rehearsal_has_a_cap, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
