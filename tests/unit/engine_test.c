/* engine: keys in order, snapshots, all-or-nothing writes, and kind refusals. */
#include "base/clock.h"
#include "store/engine.h"

#include <lmdb.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char directory[64];
    struct arena arena;
    struct problem problem;
    struct engine *engine;
};

/* Folders that were synced, in place of the C library's function. */
static char synced[4][128];
static int n_synced;

int fsync(int fd)
{
    char link[32];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (n_synced < 4 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        ssize_t n = readlink(link, synced[n_synced], sizeof synced[0] - 1);
        synced[n_synced++][n > 0 ? n : 0] = 0;
    }
    return (int)syscall(SYS_fsync, fd);
}

static struct engine_options options(const struct fixture *f)
{
    return (struct engine_options){
        .directory = f->directory, .map_size = 64 << 20, .max_readers = 16, .no_sync = 1};
}

static void open_store(struct fixture *f)
{
    struct engine_options wanted = options(f);
    if (engine_open(&wanted, &f->engine, &f->problem))
        fail_msg("open: %s", f->problem.detail.p);
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->directory, "/tmp/ouse-engine-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    problem_init(&f->problem, &f->arena);
    open_store(f);
    *state = f;
    return 0;
}

static void remove_file(const struct fixture *f, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", f->directory, name);
    remove(path);
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    engine_close(f->engine);
    arena_finish(&f->arena);
    remove_file(f, "data.mdb");
    remove_file(f, "lock.mdb");
    remove(f->directory);
    free(f);
    return 0;
}

static struct txn *begin_read(struct fixture *f)
{
    struct txn *txn = NULL;
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK);
    return txn;
}

static struct txn *begin_write(struct fixture *f)
{
    struct txn *txn = NULL;
    assert_int_equal(engine_write(f->engine, &txn), OUSE_OK);
    return txn;
}

static void put(struct txn *txn, const char *key, const char *value)
{
    assert_int_equal(txn_put(txn, DB_RECORDS, ouse_s(key), ouse_s(value)), OUSE_OK);
}

static void put_all(struct fixture *f, const char *keys)
{
    struct txn *txn = begin_write(f);
    for (char key[2] = {0}; *keys; keys++) {
        key[0] = *keys;
        put(txn, key, key);
    }
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

/* The value of a key in a transaction; "-" where there is none. */
static void assert_value(struct txn *txn, const char *key, const char *expected)
{
    struct ouse_str value = {"-", 1};
    ouse_rc rc = txn_get(txn, DB_RECORDS, ouse_s(key), &value);
    assert_int_equal(rc, strcmp(expected, "-") == 0 ? OUSE_E_NOT_FOUND : OUSE_OK);
    if (!ouse_is(value, expected))
        fail_msg("%s: expected %s, got %.*s", key, expected, (int)value.n, value.p);
}

static void assert_stored(struct fixture *f, const char *key, const char *expected)
{
    struct txn *txn = begin_read(f);
    assert_value(txn, key, expected);
    txn_end(txn);
}

static void what_is_committed_is_there_after_reopening(void **state)
{
    struct fixture *f = *state;
    struct txn *txn = begin_write(f);
    put(txn, "hub", "one");
    put(txn, "hub", "two");
    void *room;
    assert_int_equal(txn_reserve(txn, DB_RECORDS, ouse_s("reserved"), 5, &room), OUSE_OK);
    memcpy(room, "12345", 5);
    assert_int_equal(txn_delete(txn, DB_RECORDS, ouse_s("none")), OUSE_E_NOT_FOUND);
    assert_value(txn, "hub", "two");
    assert_int_equal(txn_writes(txn), 4);
    assert_int_equal(txn_commit(txn), OUSE_OK);

    engine_close(f->engine);
    open_store(f);
    assert_stored(f, "hub", "two");
    assert_stored(f, "reserved", "12345");
}

static void a_new_store_syncs_its_folder_and_the_parent(void **state)
{
    struct fixture *f = *state;
    struct engine_options wanted = options(f);
    engine_close(f->engine);
    remove_file(f, "data.mdb");
    wanted.no_sync = 0;
    n_synced = 0;
    assert_int_equal(engine_open(&wanted, &f->engine, &f->problem), OUSE_OK);
    assert_int_equal(n_synced, 2);
    assert_string_equal(synced[0], f->directory);
    assert_string_equal(synced[1], "/tmp");

    engine_close(f->engine);
    assert_int_equal(engine_open(&wanted, &f->engine, &f->problem), OUSE_OK);
    assert_int_equal(n_synced, 2); /* not again */
}

static void what_is_given_up_is_not(void **state)
{
    struct fixture *f = *state;
    put_all(f, "ab");
    struct txn *txn = begin_write(f);
    put(txn, "a", "changed");
    put(txn, "c", "new");
    assert_int_equal(txn_delete(txn, DB_RECORDS, ouse_s("b")), OUSE_OK);
    txn_end(txn);
    assert_stored(f, "a", "a");
    assert_stored(f, "b", "b");
    assert_stored(f, "c", "-");
    txn_end(NULL);
}

static void a_snapshot_does_not_move(void **state)
{
    struct fixture *f = *state;
    put_all(f, "a");
    struct txn *before = begin_read(f);
    struct txn *txn = begin_write(f);
    put(txn, "a", "new");
    assert_int_equal(txn_commit(txn), OUSE_OK);
    struct txn *after = begin_read(f);
    assert_value(before, "a", "a");
    assert_value(after, "a", "new");
    txn_end(before);
    txn_end(after);
    before = begin_read(f); /* a kept transaction sees the present */
    assert_value(before, "a", "new");
    txn_end(before);
}

static void assert_recalled(struct txn *txn, const char *expected)
{
    struct ouse_str value = {NULL, 0};
    ouse_rc rc = txn_recall(txn, ouse_s("name"), &value);
    assert_int_equal(rc, expected ? OUSE_OK : OUSE_E_NOT_FOUND);
    if (expected && !ouse_is(value, expected))
        fail_msg("recalled: expected %s, got %.*s", expected, OUSE_F(value));
}

/* Whoever reads: the transaction is the same one again. */
static void assert_recalled_now(struct fixture *f, const char *expected)
{
    for (int i = 0; i < 2; i++) {
        struct txn *txn = begin_read(f);
        assert_recalled(txn, expected);
        assert_recalled(txn, expected);
        txn_end(txn);
    }
}

static void what_is_recalled_is_of_the_snapshot(void **state)
{
    struct fixture *f = *state;
    static const char *const values[] = {"one", "two", "a longer one"};
    assert_recalled_now(f, NULL);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct txn *old = begin_read(f), *txn = begin_write(f);
        assert_int_equal(txn_put(txn, DB_META, ouse_s("name"), ouse_s(values[i])), OUSE_OK);
        assert_recalled(txn, values[i]);
        assert_recalled(old, i ? values[i - 1] : NULL);
        assert_int_equal(txn_commit(txn), OUSE_OK);
        assert_recalled(old, i ? values[i - 1] : NULL);
        txn_end(old);
        assert_recalled_now(f, values[i]);
        put_all(f, "elsewhere");
        assert_recalled_now(f, values[i]);
    }
}

static void dbs_are_apart(void **state)
{
    struct fixture *f = *state;
    struct txn *txn = begin_write(f);
    char text[8];
    for (int db = DB_META; db < DB_COUNT; db++) {
        snprintf(text, sizeof text, "db%d", db);
        assert_int_equal(txn_put(txn, (enum engine_db)db, ouse_s("key"), ouse_s(text)), OUSE_OK);
    }
    assert_int_equal(txn_commit(txn), OUSE_OK);
    txn = begin_read(f);
    for (int db = DB_META; db < DB_COUNT; db++) {
        struct ouse_str value;
        uint64_t n;
        snprintf(text, sizeof text, "db%d", db);
        assert_int_equal(txn_get(txn, (enum engine_db)db, ouse_s("key"), &value), OUSE_OK);
        assert_true(ouse_is(value, text));
        assert_int_equal(txn_count(txn, (enum engine_db)db, &n), OUSE_OK);
        assert_int_equal(n, db == DB_META ? 2 : 1); /* and the format */
    }
    txn_end(txn);
}

static void keys_have_a_cap(void **state)
{
    struct fixture *f = *state;
    char longest[ENGINE_KEY_MAX + 2];
    memset(longest, 'k', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    struct ouse_str over = ouse_s(longest), at = {longest, ENGINE_KEY_MAX}, value, found;
    struct txn *txn = begin_write(f);
    struct cursor *cursor;
    assert_int_equal(cursor_open(txn, DB_RECORDS, &cursor), OUSE_OK);
    assert_int_equal(txn_put(txn, DB_RECORDS, over, ouse_s("v")), OUSE_E_TOO_LARGE);
    assert_int_equal(txn_get(txn, DB_RECORDS, over, &value), OUSE_E_TOO_LARGE);
    assert_int_equal(txn_delete(txn, DB_RECORDS, over), OUSE_E_TOO_LARGE);
    assert_int_equal(cursor_seek(cursor, over, &found, &value), OUSE_E_TOO_LARGE);
    assert_int_equal(txn_writes(txn), 0);
    assert_int_equal(txn_put(txn, DB_RECORDS, at, ouse_s("v")), OUSE_OK);
    assert_int_equal(cursor_seek(cursor, at, &found, &value), OUSE_OK);
    assert_int_equal(found.n, ENGINE_KEY_MAX);
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

enum way { SEEK, BEFORE, NEXT, PREV, LAST };

static void assert_step(struct cursor *cursor, enum way way, const char *key, const char *expected)
{
    struct ouse_str found = {"-", 1}, value = {"-", 1};
    ouse_rc rc = way == SEEK     ? cursor_seek(cursor, ouse_s(key), &found, &value)
                 : way == BEFORE ? cursor_before(cursor, ouse_s(key), &found, &value)
                 : way == NEXT   ? cursor_next(cursor, &found, &value)
                 : way == PREV   ? cursor_prev(cursor, &found, &value)
                                 : cursor_last(cursor, &found, &value);
    if (!ouse_is(found, expected) || !ouse_is(value, expected))
        fail_msg("way %d from \"%s\": expected %s, got %.*s", way, key, expected, (int)found.n, found.p);
    assert_int_equal(rc, strcmp(expected, "-") == 0 ? OUSE_E_NOT_FOUND : OUSE_OK);
}

static void cursors_walk_in_order(void **state)
{
    struct fixture *f = *state;
    struct cursor *cursor, *second;
    struct txn *txn = begin_read(f);
    assert_int_equal(cursor_open(txn, DB_RECORDS, &cursor), OUSE_OK);
    assert_step(cursor, SEEK, "", "-");
    assert_step(cursor, LAST, "", "-");
    assert_step(cursor, BEFORE, "x", "-");
    txn_end(txn);

    put_all(f, "gbd");
    txn = begin_read(f);
    assert_int_equal(cursor_open(txn, DB_RECORDS, &cursor), OUSE_OK);
    assert_int_equal(cursor_open(txn, DB_RECORDS, &second), OUSE_OK);
    static const struct {
        enum way way;
        const char *key, *expected;
    } steps[] = {
        {SEEK, "", "b"},    {NEXT, "", "d"},    {NEXT, "", "g"},    {NEXT, "", "-"},
        {SEEK, "c", "d"},   {PREV, "", "b"},    {PREV, "", "-"},    {SEEK, "h", "-"},
        {SEEK, "g", "g"},   {LAST, "", "g"},    {BEFORE, "", "-"},  {BEFORE, "b", "-"},
        {BEFORE, "c", "b"}, {BEFORE, "d", "b"}, {BEFORE, "g", "d"}, {BEFORE, "z", "g"},
    };
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        assert_step(cursor, steps[i].way, steps[i].key, steps[i].expected);
    assert_step(second, NEXT, "", "b"); /* one that is new starts at the first */
    cursor_close(cursor);
    cursor_close(NULL);
    txn_end(txn); /* closes the second */
}

static void a_walk_may_write(void **state)
{
    struct fixture *f = *state;
    put_all(f, "abcdefgh");
    struct txn *txn = begin_write(f);
    struct cursor *cursor;
    assert_int_equal(cursor_open(txn, DB_RECORDS, &cursor), OUSE_OK);
    assert_step(cursor, SEEK, "c", "c");
    assert_int_equal(txn_delete(txn, DB_RECORDS, ouse_s("c")), OUSE_OK);
    assert_step(cursor, NEXT, "", "d");
    assert_int_equal(txn_delete(txn, DB_RECORDS, ouse_s("a")), OUSE_OK);
    put(txn, "dd", "dd");
    assert_step(cursor, NEXT, "", "dd");
    assert_step(cursor, NEXT, "", "e");
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

static void appending_keeps_order(void **state)
{
    struct fixture *f = *state;
    struct txn *txn = begin_write(f);
    assert_int_equal(txn_append(txn, DB_JOURNAL, ouse_s("1"), ouse_s("first")), OUSE_OK);
    assert_int_equal(txn_append(txn, DB_JOURNAL, ouse_s("2"), ouse_s("second")), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    txn = begin_write(f);
    assert_int_equal(txn_append(txn, DB_JOURNAL, ouse_s("0"), ouse_s("late")), OUSE_E_INTERNAL);
    assert_int_equal(txn_put(txn, DB_JOURNAL, ouse_s("3"), ouse_s("third")), OUSE_E_INTERNAL);
    assert_int_equal(txn_commit(txn), OUSE_E_INTERNAL);
    uint64_t n;
    txn = begin_read(f);
    assert_int_equal(txn_count(txn, DB_JOURNAL, &n), OUSE_OK);
    assert_int_equal(n, 2);
    txn_end(txn);
}

/* Fills the store through transactions of ten pieces; returns how many pieces are in. */
static int fill(struct fixture *f)
{
    static char piece[20000];
    int n = 0;
    for (;;) {
        struct txn *txn = begin_write(f);
        char key[16];
        ouse_rc rc = OUSE_OK;
        for (int i = 0; i < 10 && !rc; i++) {
            snprintf(key, sizeof key, "fill%05d", n + i);
            rc = txn_put(txn, DB_RECORDS, ouse_s(key), (struct ouse_str){piece, sizeof piece});
        }
        if (rc) { /* spoilt: every later call answers the same */
            struct ouse_str value;
            struct cursor *cursor;
            assert_int_equal(rc, OUSE_E_UNAVAILABLE);
            assert_int_equal(txn_put(txn, DB_RECORDS, ouse_s("a"), ouse_s("x")), OUSE_E_UNAVAILABLE);
            assert_int_equal(txn_get(txn, DB_RECORDS, ouse_s("a"), &value), OUSE_E_UNAVAILABLE);
            assert_int_equal(cursor_open(txn, DB_RECORDS, &cursor), OUSE_E_UNAVAILABLE);
        }
        rc = txn_commit(txn);
        if (rc) {
            assert_int_equal(rc, OUSE_E_UNAVAILABLE);
            return n;
        }
        n += 10;
    }
}

static void a_full_map_refuses_and_loses_nothing(void **state)
{
    struct fixture *f = *state;
    engine_close(f->engine);
    struct engine_options small = options(f);
    small.map_size = 2 << 20;
    assert_int_equal(engine_open(&small, &f->engine, &f->problem), OUSE_OK);
    put_all(f, "abc");
    int n = fill(f);
    assert_true(n >= 20);
    assert_null(engine_poisoned(f->engine));
    assert_true(engine_full(f->engine));

    uint64_t count;
    struct txn *txn = begin_read(f);
    assert_value(txn, "b", "b");
    assert_int_equal(txn_count(txn, DB_RECORDS, &count), OUSE_OK);
    assert_int_equal(count, n + 3);
    txn_end(txn);

    for (int i = 0; i < 20; i++) { /* deletions make room again */
        char key[16];
        snprintf(key, sizeof key, "fill%05d", i);
        txn = begin_write(f);
        assert_int_equal(txn_delete(txn, DB_RECORDS, ouse_s(key)), OUSE_OK);
        assert_int_equal(txn_commit(txn), OUSE_OK);
    }
    assert_false(engine_full(f->engine));
    put_all(f, "xyz");
    assert_stored(f, "z", "z");
    assert_stored(f, "fill00000", "-");
}

static void slots_run_out_and_come_back(void **state)
{
    struct fixture *f = *state;
    struct txn *held[16], *one_more;
    put_all(f, "a");
    for (int i = 0; i < 16; i++)
        held[i] = begin_read(f);
    assert_int_equal(engine_read(f->engine, &one_more), OUSE_E_UNAVAILABLE);
    txn_end(held[7]);
    held[7] = begin_read(f);
    assert_value(held[7], "a", "a");
    for (int i = 0; i < 16; i++)
        txn_end(held[i]);
    assert_stored(f, "a", "a");
    assert_int_equal(engine_clear_stale(f->engine), 0);
}

static void size_is_told(void **state)
{
    struct fixture *f = *state;
    uint64_t before, used, map;
    engine_size(f->engine, &before, &map);
    assert_int_equal(map, 64 << 20);
    struct txn *txn = begin_write(f);
    static char piece[100000];
    assert_int_equal(txn_put(txn, DB_RECORDS, ouse_s("k"), (struct ouse_str){piece, sizeof piece}), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    engine_size(f->engine, &used, &map);
    assert_in_range(used, before + sizeof piece, before + 2 * sizeof piece);
}

static void assert_refused(struct fixture *f, const struct engine_options *wanted, const char *part)
{
    struct engine *engine = NULL;
    struct problem problem;
    problem_init(&problem, &f->arena);
    assert_int_equal(engine_open(wanted, &engine, &problem), OUSE_E_UNAVAILABLE);
    assert_null(engine);
    if (!strstr(problem.detail.p, part))
        fail_msg("expected a refusal with \"%s\", got \"%s\"", part, problem.detail.p);
}

static void write_file(struct fixture *f, const char *name, const char *text, size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", f->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    fclose(file);
}

static void opening_refuses_kindly(void **state)
{
    struct fixture *f = *state;
    struct engine_options wanted = options(f);
    assert_refused(f, &wanted, "is open in this process already");
    put_all(f, "a");

    engine_close(f->engine);
    f->engine = NULL;
    wanted.map_size = 4096;
    assert_refused(f, &wanted, "map_size is 4096");
    wanted = options(f);
    wanted.directory = "/tmp/ouse-none/none";
    assert_refused(f, &wanted, "/tmp/ouse-none/none cannot be made: No such file");
    wanted.directory = "/dev/null";
    assert_refused(f, &wanted, "/dev/null is not a directory");
    wanted = options(f);
    wanted.map_size = UINT64_C(1) << 60;
    assert_refused(f, &wanted, "address space");

    open_store(f); /* none of these left anything behind */
    assert_stored(f, "a", "a");
    engine_close(f->engine);
    f->engine = NULL;
    static char junk[20000];
    memset(junk, 'j', sizeof junk);
    write_file(f, "data.mdb", junk, sizeof junk);
    wanted = options(f);
    assert_refused(f, &wanted, "is not a store");
}

static void a_directory_that_cannot_be_written(void **state)
{
    struct fixture *f = *state;
    if (geteuid() == 0)
        skip();
    engine_close(f->engine);
    f->engine = NULL;
    chmod(f->directory, 0500);
    struct engine_options wanted = options(f);
    assert_refused(f, &wanted, "cannot be written by this user");
    chmod(f->directory, 0700);
}

static void another_format_is_refused_and_left_alone(void **state)
{
    struct fixture *f = *state;
    struct txn *txn = begin_write(f);
    struct ouse_str value;
    assert_int_equal(txn_get(txn, DB_META, ouse_s("format"), &value), OUSE_OK);
    assert_true(ouse_is(value, "5"));
    assert_int_equal(txn_put(txn, DB_META, ouse_s("format"), ouse_s("6")), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    engine_close(f->engine);
    f->engine = NULL;
    struct engine_options wanted = options(f);
    assert_refused(f, &wanted,
                   "has the store format \"6\", and this program accepts 1 to 5: a newer program wrote it");
    assert_refused(f, &wanted, "has the store format \"6\"");
}

/* LMDB may leave free pages at the end of the file unwritten. */
static void a_short_file_whose_missing_pages_are_free_is_opened(void **state)
{
    static char piece[1 << 20];
    struct fixture *f = *state;
    struct txn *txn = begin_write(f);
    struct stat status;
    char path[128];
    snprintf(path, sizeof path, "%s/data.mdb", f->directory);
    assert_int_equal(txn_put(txn, DB_RECORDS, ouse_s("large"), (struct ouse_str){piece, sizeof piece}),
                     OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    txn = begin_write(f);
    assert_int_equal(txn_delete(txn, DB_RECORDS, ouse_s("large")), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    for (int i = 0; i < 4; i++) /* what follows moves into the free pages */
        put_all(f, "abc");
    engine_close(f->engine);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(truncate(path, status.st_size - 10 * 4096), 0);
    open_store(f);
    assert_stored(f, "c", "c");

    engine_close(f->engine);
    f->engine = NULL;
    assert_int_equal(truncate(path, 4 * 4096), 0);
    struct engine_options wanted = options(f);
    assert_refused(f, &wanted, "is cut short: pages that are in use are missing");
}

/* As a power cut before the first sync leaves it: pages of the first commit, and no header page. */
static void a_store_that_was_never_finished_is_begun_again(void **state)
{
    static const char blank[4 * 4096];
    struct fixture *f = *state;
    engine_close(f->engine);
    f->engine = NULL;
    write_file(f, "data.mdb", blank, sizeof blank);
    open_store(f);
    put_all(f, "ab");
    assert_stored(f, "b", "b");
}

static void a_store_that_was_committed_is_never_begun_again(void **state)
{
    static const char blank[4096];
    struct fixture *f = *state;
    char path[128];
    struct stat status;
    engine_close(f->engine);
    f->engine = NULL;
    snprintf(path, sizeof path, "%s/data.mdb", f->directory);
    FILE *file = fopen(path, "r+");
    assert_int_equal(fwrite(blank, 1, sizeof blank, file), sizeof blank);
    fclose(file);
    struct engine_options wanted = options(f);
    assert_refused(f, &wanted, "is not a store");
    assert_int_equal(stat(path, &status), 0);
    assert_true(status.st_size > (off_t)sizeof blank);
}

static void another_programs_store_is_refused(void **state)
{
    struct fixture *f = *state;
    engine_close(f->engine);
    f->engine = NULL;
    remove_file(f, "data.mdb");
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi root;
    MDB_val key = {3, "abc"}, value = {3, "def"};
    assert_int_equal(mdb_env_create(&env), 0);
    assert_int_equal(mdb_env_open(env, f->directory, 0, 0600), 0);
    assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
    assert_int_equal(mdb_dbi_open(txn, NULL, 0, &root), 0);
    assert_int_equal(mdb_put(txn, root, &key, &value, 0), 0);
    assert_int_equal(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    struct engine_options wanted = options(f);
    assert_refused(f, &wanted, "is not a store");
}

/* Another process with a larger map writes more than fits into ours. */
static void grow_elsewhere(struct fixture *f)
{
    struct engine_options large = options(f);
    struct engine *engine = NULL;
    struct txn *txn;
    static char piece[8 << 20];
    int ok = !engine_open(&large, &engine, &f->problem) && !engine_write(engine, &txn) &&
             !txn_put(txn, DB_RECORDS, ouse_s("big"), (struct ouse_str){piece, sizeof piece}) &&
             !txn_commit(txn);
    engine_close(engine);
    _exit(ok ? 0 : 1);
}

static void a_store_grown_by_another_process_is_mapped_again(void **state)
{
    struct fixture *f = *state;
    engine_close(f->engine);
    f->engine = NULL;
    struct engine_options small = options(f);
    small.map_size = 1 << 20;
    assert_int_equal(engine_open(&small, &f->engine, &f->problem), OUSE_OK);
    put_all(f, "a");
    /* The other process must be a new program: LMDB does not survive a fork. */
    char command[256];
    snprintf(command, sizeof command, "/proc/%d/exe grow %s", (int)getpid(), f->directory);
    struct txn *held = begin_read(f), *txn = NULL;
    assert_int_equal(system(command), 0);
    struct ouse_str value;
    for (int i = 0; i < 3; i++) { /* reads go on while a snapshot is out, and see the present */
        txn = begin_read(f);
        assert_int_equal(txn_get(txn, DB_RECORDS, ouse_s("big"), &value), OUSE_OK);
        assert_int_equal(value.n, 8 << 20);
        assert_value(held, "a", "a");
        if (i < 2)
            txn_end(txn);
    }
    for (int i = 0; i < 2; i++) /* the first waits for the snapshot, the second does not wait again */
        assert_int_equal(engine_write(f->engine, &(struct txn *){NULL}), OUSE_E_UNAVAILABLE);
    assert_in_range(engine_outgrown_since(f->engine), 1, clock_now() - 1000);
    txn_end(held); /* its snapshot is kept while the other one is out */
    struct txn *other = begin_read(f);
    assert_value(other, "a", "a");
    txn_end(other);
    assert_int_equal(txn_get(txn, DB_RECORDS, ouse_s("big"), &value), OUSE_OK);
    txn_end(txn);
    txn = begin_read(f);
    assert_int_equal(txn_get(txn, DB_RECORDS, ouse_s("big"), &value), OUSE_OK);
    assert_int_equal(value.n, 8 << 20);
    txn_end(txn);
    put_all(f, "b");
    assert_stored(f, "b", "b");
    assert_int_equal(engine_outgrown_since(f->engine), 0);
}

static void *write_b(void *arg)
{
    struct fixture *f = arg;
    struct txn *txn;
    if (engine_write(f->engine, &txn))
        return "begin";
    return txn_put(txn, DB_RECORDS, ouse_s("b"), ouse_s("b")) || txn_commit(txn) ? "write" : NULL;
}

static void a_write_waits_for_the_snapshots_of_a_store_that_was_grown(void **state)
{
    struct fixture *f = *state;
    engine_close(f->engine);
    f->engine = NULL;
    struct engine_options small = options(f);
    small.map_size = 1 << 20;
    assert_int_equal(engine_open(&small, &f->engine, &f->problem), OUSE_OK);
    char command[256];
    snprintf(command, sizeof command, "/proc/%d/exe grow %s", (int)getpid(), f->directory);
    struct txn *held = begin_read(f);
    assert_int_equal(system(command), 0);
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_b, f), 0);
    while (!engine_outgrown_since(f->engine))
        sched_yield();
    txn_end(begin_read(f)); /* beside it */
    txn_end(held);
    void *failed;
    pthread_join(writer, &failed);
    assert_null(failed);
    struct txn *txn = begin_read(f);
    assert_value(txn, "b", "b");
    txn_end(txn);
}

static void *read_often(void *arg)
{
    struct fixture *f = arg;
    for (int i = 0; i < 2000; i++) {
        struct txn *txn;
        struct ouse_str a, b;
        if (engine_read(f->engine, &txn))
            return "read";
        if (txn_get(txn, DB_RECORDS, ouse_s("a"), &a) || txn_get(txn, DB_RECORDS, ouse_s("b"), &b) ||
            !ouse_same(a, b))
            return "two keys of one commit differ";
        txn_end(txn);
    }
    return NULL;
}

static void threads_read_while_one_writes(void **state)
{
    struct fixture *f = *state;
    pthread_t readers[4];
    struct txn *txn = begin_write(f);
    put(txn, "a", "0");
    put(txn, "b", "0");
    assert_int_equal(txn_commit(txn), OUSE_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_often, f), 0);
    for (int i = 0; i < 500; i++) {
        char text[8];
        snprintf(text, sizeof text, "%d", i);
        txn = begin_write(f);
        put(txn, "a", text);
        put(txn, "b", text);
        assert_int_equal(txn_commit(txn), OUSE_OK);
    }
    for (int i = 0; i < 4; i++) {
        void *complaint;
        pthread_join(readers[i], &complaint);
        if (complaint)
            fail_msg("%s", (const char *)complaint);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "grow") == 0) {
        struct fixture f = {0};
        snprintf(f.directory, sizeof f.directory, "%s", argv[2]);
        problem_init(&f.problem, &f.arena);
        grow_elsewhere(&f);
    }
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_committed_is_there_after_reopening),
        TEST(a_new_store_syncs_its_folder_and_the_parent),
        TEST(what_is_given_up_is_not),
        TEST(a_snapshot_does_not_move),
        TEST(what_is_recalled_is_of_the_snapshot),
        TEST(dbs_are_apart),
        TEST(keys_have_a_cap),
        TEST(cursors_walk_in_order),
        TEST(a_walk_may_write),
        TEST(appending_keeps_order),
        TEST(a_full_map_refuses_and_loses_nothing),
        TEST(slots_run_out_and_come_back),
        TEST(size_is_told),
        TEST(opening_refuses_kindly),
        TEST(a_directory_that_cannot_be_written),
        TEST(another_format_is_refused_and_left_alone),
        TEST(a_short_file_whose_missing_pages_are_free_is_opened),
        TEST(a_store_that_was_never_finished_is_begun_again),
        TEST(a_store_that_was_committed_is_never_begun_again),
        TEST(another_programs_store_is_refused),
        TEST(a_store_grown_by_another_process_is_mapped_again),
        TEST(a_write_waits_for_the_snapshots_of_a_store_that_was_grown),
        TEST(threads_read_while_one_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
