/* migrate: a store of each older format is opened, becomes one of the present format, and is sound. */
#include "record/internal.h"
#include "record_fixture.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Ann hosts a hub with one project; Bob was there. */
static void fill(void)
{
    assert_ok(
        one(CREATE, "people", "ann", "{\"name\":\"Ann\",\"code\":\"A\",\"nick\":\"An\",\"phone\":\"1\"}"));
    assert_ok(one(CREATE, "people", "bob", "{\"name\":\"Bob\"}"));
    assert_ok(one(CREATE, "hubs", "north", "{\"name\":\"North\",\"host\":\"ann\",\"founded\":\"2020-01\"}"));
    assert_ok(one(CREATE, "projects", "one",
                  "{\"title\":\"One\",\"hub\":\"north\",\"number\":1,\"leads\":[\"ann\",\"bob\"]}"));
    assert_ok(one(PATCH, "people", "ann", "{\"nick\":\"Annie\"}"));
    assert_ok(one(REMOVE, "people", "bob", NULL));
}

/* ---- Making a store older ------------------------------------------------------- */

enum { ENTRIES = 4000 };

struct entries {
    struct ouse_str keys[ENTRIES], values[ENTRIES];
    uint32_t n;
};

static void read_all(struct txn *txn, enum engine_db db, struct entries *all)
{
    struct ouse_str key, value;
    struct cursor *cursor;
    all->n = 0;
    assert_int_equal(cursor_open(txn, db, &cursor), OUSE_OK);
    for (ouse_rc rc = cursor_seek(cursor, ouse_s(""), &key, &value); !rc;
         rc = cursor_next(cursor, &key, &value)) {
        assert_in_range(all->n, 0, ENTRIES - 1);
        all->keys[all->n] = arena_copy(&f.arena, key);
        all->values[all->n++] = arena_copy(&f.arena, value);
    }
    cursor_close(cursor);
}

static void unchain(struct txn *txn)
{
    struct entries all;
    read_all(txn, DB_JOURNAL, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        all.values[i].n -= 2 * JOURNAL_HASH;
        assert_int_equal(txn_put(txn, DB_JOURNAL, all.keys[i], all.values[i]), OUSE_OK);
    }
}

static void forget_first(struct txn *txn, enum engine_db db)
{
    struct entries all;
    struct head head;
    read_all(txn, db, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        memcpy(&head, all.values[i].p, sizeof head);
        head.first = 0;
        memcpy((char *)(uintptr_t)all.values[i].p, &head, sizeof head);
        assert_int_equal(txn_put(txn, db, all.keys[i], all.values[i]), OUSE_OK);
    }
}

static void forget_keys(struct txn *txn, enum engine_db db)
{
    struct entries all;
    read_all(txn, db, &all);
    for (uint32_t i = 0; i < all.n; i++)
        assert_int_equal(txn_delete(txn, db, all.keys[i]), OUSE_OK);
}

/* Views and keys were made in another way then. */
static void age_layouts(struct txn *txn)
{
    struct entries all;
    read_all(txn, DB_META, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        static const char now[] = "\"layout\":\"2;";
        char *at = memmem(all.values[i].p, all.values[i].n, now, sizeof now - 1);
        if (!at)
            continue;
        at[sizeof now - 3] = '1';
        assert_int_equal(txn_put(txn, DB_META, all.keys[i], all.values[i]), OUSE_OK);
    }
}

static void keep_present_twice(struct txn *txn)
{
    struct entries all;
    read_all(txn, DB_RECORDS, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        struct ouse_str none = {NULL, 0}, id = {all.keys[i].p + 4, all.keys[i].n - 4};
        struct stored stored;
        struct key key;
        assert_int_equal(stored_read(all.values[i], &stored), 0);
        stored.views[1] = stored.views[2] = none;
        key_revision(&key, key_read_u32(all.keys[i].p), id, stored.head.revision);
        assert_int_equal(stored_write(txn, DB_REVISIONS, key_str(&key), &stored), OUSE_OK);
    }
}

/* The order of text was not known then. */
static void forget_order(struct txn *txn)
{
    struct entries all;
    read_all(txn, DB_META, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        static const char order[] = "\"order\":";
        char *at = memmem(all.values[i].p, all.values[i].n, order, sizeof order - 1);
        if (!at)
            continue;
        char *end = memchr(at, ',', (size_t)(all.values[i].p + all.values[i].n - at));
        memmove(at, end + 1, (size_t)(all.values[i].p + all.values[i].n - end - 1));
        all.values[i].n -= (uint32_t)(end + 1 - at);
        assert_int_equal(txn_put(txn, DB_META, all.keys[i], all.values[i]), OUSE_OK);
    }
}

static int is_of_text(uint32_t number)
{
    for (uint32_t i = 0; i < schema_count(f.schema); i++) {
        const struct collection *collection = schema_at(f.schema, i);
        for (uint32_t k = 0; k < collection->n_indexes; k++)
            if (collection->indexes[k].number == number)
                return index_is_of_text(&collection->indexes[k]);
    }
    return 0;
}

/* Keys of texts were others; which, nobody needs to know. */
static void spoil_texts(struct txn *txn, enum engine_db db)
{
    struct entries all;
    read_all(txn, db, &all);
    for (uint32_t i = 0; i < all.n; i++) {
        struct key key;
        if (!is_of_text(key_read_u32(all.keys[i].p)))
            continue;
        key_index(&key, key_read_u32(all.keys[i].p), (struct ouse_str){"old", 4}, key_index_id(all.keys[i]));
        assert_int_equal(txn_delete(txn, db, all.keys[i]), OUSE_OK);
        assert_int_equal(txn_put(txn, db, key_str(&key), all.values[i]), OUSE_OK);
    }
}

static void age(uint32_t format)
{
    char text[8];
    struct txn *txn;
    snprintf(text, sizeof text, "%u", format);
    assert_int_equal(engine_write(f.engine, &txn), OUSE_OK);
    forget_order(txn);
    spoil_texts(txn, DB_INDEXES);
    spoil_texts(txn, DB_PAST_INDEXES);
    if (format < 4)
        unchain(txn);
    if (format < 3) {
        forget_first(txn, DB_RECORDS);
        forget_first(txn, DB_REVISIONS);
        forget_keys(txn, DB_PAST_INDEXES);
        forget_keys(txn, DB_PAST_REFERENCES);
        age_layouts(txn);
    }
    if (format < 2)
        keep_present_twice(txn);
    assert_int_equal(txn_put(txn, DB_META, ouse_s("format"), ouse_s(text)), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
}

/* ---- Tests ---------------------------------------------------------------------- */

static uint64_t revisions(void)
{
    struct verify_report report;
    assert_string_equal(faults(&report), "");
    return report.revisions;
}

static void each_older_format_is_migrated(void **state)
{
    (void)state;
    fill();
    uint64_t before = revisions();
    for (uint32_t format = 1; format < ENGINE_FORMAT; format++) {
        struct verify_report report;
        age(format);
        close_register();
        open_register();
        assert_int_equal(engine_format(f.engine), format);
        assert_int_equal(revisions(), before);
        assert_ok(one(PATCH, "people", "ann", format % 2 ? "{\"nick\":\"Anna\"}" : "{\"nick\":\"Annie\"}"));
        before++;
        close_register();
        open_register();
        assert_int_equal(engine_format(f.engine), ENGINE_FORMAT);
        assert_string_equal(faults(&report), "");
    }
}

/* Of revisions whose bytes were replaced, nothing is left to hash. */
static void what_is_gone_has_no_content(void **state)
{
    struct journal_entry entry = {0};
    struct entries journal;
    struct txn *txn;
    static const unsigned char none[JOURNAL_HASH];
    (void)state;
    fill();
    age(2); /* remakes all records, under new sequences */
    close_register();
    open_register();
    age(3);
    close_register();
    open_register();
    assert_sound();
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    read_all(txn, DB_JOURNAL, &journal);
    txn_end(txn);
    assert_int_equal(journal_read(journal.values[2], &entry),
                     0); /* the hub as it was made: rechecked since */
    assert_memory_equal(entry.content, none, JOURNAL_HASH);
    assert_int_equal(journal_read(journal.values[1], &entry), 0); /* bob, a revision that was replaced */
    assert_memory_not_equal(entry.content, none, JOURNAL_HASH);
}

/* The ids of people in the order of their names. */
static const char *by_name(void)
{
    const char *ids = "";
    struct query query;
    struct record record;
    struct rows *rows;
    struct txn *txn;
    query_init(&query, find("people"), OUSE_MANAGER);
    assert_ok(query_sort(&query, &f.arena, ouse_s("name"), &f.problem));
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    while (rows_next(rows, &record) == OUSE_OK)
        ids = arena_printf(&f.arena, "%s %.*s", ids, OUSE_F(record.id)).p;
    txn_end(txn);
    return ids;
}

static uint64_t last_sequence(void)
{
    struct verify_report report;
    assert_string_equal(faults(&report), "");
    return report.last;
}

/* Only keys change: no record, no revision, no entry of the journal. */
static void texts_are_put_in_order(void **state)
{
    (void)state;
    fill();
    assert_ok(one(CREATE, "people", "zoe", "{\"name\":\"Zoë\"}"));
    assert_ok(one(CREATE, "people", "aake", "{\"name\":\"Åke\"}"));
    uint64_t before = last_sequence();
    age(4);
    close_register();
    open_register();
    assert_int_equal(last_sequence(), before);
    assert_string_equal(by_name(), " aake ann zoe");
    assert_int_equal(last_sequence(), before);
}

/* Opens the register in another process, which cannot write beyond a size of the file: the system kills it
 * there, or a write that reaches over it fails. Returns whether the process was killed or failed. */
static int is_cut_short_at(off_t size)
{
    const struct rlimit limit = {(rlim_t)size, (rlim_t)size}, none = {0, 0};
    const struct ouse_collection *all[] = {&people, &hubs, &projects};
    int status;
    pid_t pid = fork();
    if (!pid) {
        setrlimit(RLIMIT_CORE, &none);
        setrlimit(RLIMIT_FSIZE, &limit);
        signal(SIGXFSZ, SIG_DFL);
        _exit(open_with(all, 3, NULL, 0) != OUSE_OK);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(!WIFSIGNALED(status) || WTERMSIG(status) == SIGXFSZ);
    return WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

static uint32_t stored_format(void)
{
    struct engine_options options = {.directory = f.directory, .map_size = 1 << 28, .max_readers = 8};
    struct engine *engine;
    assert_ok(engine_open(&options, &engine, &f.problem));
    uint32_t format = engine_format(engine);
    engine_close(engine);
    return format;
}

/* Each start begins again with the store as it was, and the one that is not cut short finishes. */
static void a_start_that_is_cut_short_changes_nothing(void **state)
{
    struct stat file;
    int n = 0;
    (void)state;
    fill();
    for (int i = 0; i < 400; i++) {
        const char *id = arena_printf(&f.arena, "person-%d", i).p;
        assert_ok(one(CREATE, "people", id, arena_printf(&f.arena, "{\"name\":\"Zoë %d\"}", i).p));
        assert_ok(one(PATCH, "people", id, arena_printf(&f.arena, "{\"name\":\"Åke %d\"}", i).p));
    }
    uint64_t before = last_sequence();
    age(4);
    close_register();
    assert_int_equal(stat(arena_printf(&f.arena, "%s/data.mdb", f.directory).p, &file), 0);
    for (off_t size = file.st_size + 1; is_cut_short_at(size); size += 4096, n++)
        assert_int_equal(stored_format(), 4);
    assert_true(n >= 3);
    assert_int_equal(stored_format(), ENGINE_FORMAT);
    open_register();
    assert_int_equal(last_sequence(), before);
    assert_string_equal(arena_printf(&f.arena, "%.28s", by_name()).p, " person-0 person-1 person-10");
}

/* Another version of ICU has other keys: until the store is served again, nobody reads it. */
static void an_order_of_another_version_is_noticed(void **state)
{
    struct txn *txn;
    (void)state;
    fill();
    assert_int_equal(engine_write(f.engine, &txn), OUSE_OK);
    forget_order(txn);
    spoil_texts(txn, DB_INDEXES);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    close_register();
    f.reads = 1;
    assert_int_equal(open_with((const struct ouse_collection *const[]){&people}, 1, NULL, 0),
                     OUSE_E_CONFLICT);
    assert_non_null(strstr(told(), "order of text"));
    f.reads = 0;
    close_register();
    open_register();
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_older_format_is_migrated),
        TEST(what_is_gone_has_no_content),
        TEST(texts_are_put_in_order),
        TEST(a_start_that_is_cut_short_changes_nothing),
        TEST(an_order_of_another_version_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
