/* record_fixture: a small register in a folder of its own, for the tests of the
 * record layer. Changes are written as steps of one change set:
 *
 *     assert_ok(change((struct step[]){{CREATE, "people", "ann", "{\"name\":\"Ann\"}"}, {0}}));
 */
#ifndef TESTS_RECORD_FIXTURE_H
#define TESTS_RECORD_FIXTURE_H

#include "base/clock.h"
#include "record/record.h"
#include <ouse/plugin.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const struct ouse_field people_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_INDEXED},
    {.name = "code", .type = OUSE_TEXT, .flags = OUSE_UNIQUE},
    {.name = "nick", .type = OUSE_TEXT, .visibility = OUSE_PARTNER},
    {.name = "phone", .type = OUSE_TEXT, .flags = OUSE_INDEXED, .visibility = OUSE_OFFICE},
};
static const struct ouse_field hub_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
    {.name = "state", .type = OUSE_ENUM, .choices = "proposed active closed"},
    {.name = "host", .type = OUSE_REF, .refers_to = "people"},
    {.name = "founded", .type = OUSE_PDATE, .flags = OUSE_INDEXED},
    {.name = "rank", .type = OUSE_INT, .flags = OUSE_SYSTEM},
};
static const struct ouse_move hub_moves[] = {
    {.from = "proposed", .to = "active", .role = OUSE_OFFICE},
    {.from = "active", .to = "closed"},
};
static const struct ouse_flow hub_flows[] = {
    {.field = "state", .initial = "proposed", .moves = OUSE_ROWS(hub_moves)}};
static const struct ouse_field project_fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
    {.name = "hub", .type = OUSE_REF, .flags = OUSE_REQUIRED, .refers_to = "hubs", .on_delete = OUSE_CASCADE},
    {.name = "number", .type = OUSE_INT},
    {.name = "leads", .type = OUSE_REFS, .refers_to = "people", .on_delete = OUSE_NULLIFY},
};
static const struct ouse_index project_indexes[] = {
    {.name = "place", .keys = "hub number", .flags = OUSE_UNIQUE}};

static const struct ouse_collection people = {.name = "people",
                                              .singular = "person",
                                              .version = 1,
                                              .label_field = "name",
                                              .fields = OUSE_ROWS(people_fields)};
static const struct ouse_collection hubs = {.name = "hubs",
                                            .singular = "hub",
                                            .version = 1,
                                            .label_field = "name",
                                            .fields = OUSE_ROWS(hub_fields),
                                            .flows = OUSE_ROWS(hub_flows)};
static const struct ouse_collection projects = {.name = "projects",
                                                .singular = "project",
                                                .version = 1,
                                                .label_field = "title",
                                                .fields = OUSE_ROWS(project_fields),
                                                .indexes = OUSE_ROWS(project_indexes)};

static struct {
    char directory[64];
    struct arena arena;
    struct problem problem;
    struct engine *engine;
    struct schema *schema;
    struct records *records;
    struct changed changed; /* of the last step */
    enum change_mode mode;
    uint32_t role;
    int dry_run, reads;
    const struct analyser *analyser; /* NULL: nobody says what words are */
} f;

/* ---- Opening ------------------------------------------------------------------ */

/* A minute passes at each look. */
static inline int64_t tick(void)
{
    static int64_t now = 1700000000000;
    return now += 60000;
}

static inline const char *told(void)
{
    const char *all = f.problem.detail.p ? f.problem.detail.p : "";
    for (uint32_t i = 0; i < f.problem.n_errors && i < PROBLEM_ERRORS; i++)
        all = arena_printf(&f.arena, "%s\n%s %s: %s", all, f.problem.errors[i].pointer.p,
                           f.problem.errors[i].code.p, f.problem.errors[i].detail.p)
                  .p;
    return all;
}

static inline void close_register(void)
{
    records_close(f.records);
    schema_destroy(f.schema);
    engine_close(f.engine);
    f.records = NULL;
    f.schema = NULL;
    f.engine = NULL;
}

/* Opens the folder's store with these collections. */
static inline ouse_rc open_with(const struct ouse_collection *const *declared, uint32_t n,
                                const struct record_migration *migrations, uint32_t n_migrations)
{
    struct engine_options options = {
        .directory = f.directory, .map_size = 64 << 20, .max_readers = 16, .no_sync = 1};
    problem_init(&f.problem, &f.arena);
    f.schema = schema_create();
    for (uint32_t i = 0; i < n; i++)
        if (schema_add(f.schema, "test", declared[i], sizeof **declared, &f.problem))
            fail_msg("%s was refused: %s", declared[i]->name, told());
    if (f.analyser)
        schema_analyse(f.schema, f.analyser);
    if (schema_link(f.schema, &f.problem) || engine_open(&options, &f.engine, &f.problem))
        fail_msg("opening was refused: %s", told());
    return records_open(f.engine, NULL, f.schema, migrations, n_migrations, f.reads, &f.records, &f.problem);
}

static inline void open_register(void)
{
    const struct ouse_collection *all[] = {&people, &hubs, &projects};
    if (open_with(all, 3, NULL, 0))
        fail_msg("opening was refused: %s", told());
}

/* A folder for a store; nothing is open. */
static inline void make_folder(void)
{
    memset(&f, 0, sizeof f);
    f.role = OUSE_MANAGER;
    strcpy(f.directory, "/tmp/ouse-record-XXXXXX");
    assert_non_null(mkdtemp(f.directory));
    clock_set(tick);
}

static inline int setup(void **state)
{
    (void)state;
    make_folder();
    open_register();
    return 0;
}

static inline int teardown(void **state)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    (void)state;
    close_register();
    for (int i = 0; i < 2; i++)
        remove(arena_printf(&f.arena, "%s/%s", f.directory, files[i]).p);
    rmdir(f.directory);
    arena_finish(&f.arena);
    return 0;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static inline const struct collection *find(const char *name)
{
    const struct collection *collection = schema_find(f.schema, ouse_s(name));
    assert_non_null(collection);
    return collection;
}

/* ---- Changing ----------------------------------------------------------------- */

enum operation { END, CREATE, REPLACE, PATCH, MOVE, REMOVE, MERGE };

struct step {
    enum operation op;
    const char *collection, *id;
    const char *text; /* JSON; of MOVE the state, of MERGE the survivor */
    const char *if_match;
};

static inline cJSON *json(const char *text)
{
    cJSON *value = NULL;
    struct problem bad;
    problem_init(&bad, &f.arena);
    if (json_parse(&f.arena, ouse_s(text), &value, &bad))
        fail_msg("%s: %s", text, bad.detail.p);
    return value;
}

static inline ouse_rc take_step(struct change_set *set, const struct step *step)
{
    const struct collection *collection = find(step->collection);
    struct ouse_str id = ouse_s(step->id), text = ouse_s(step->text);
    const struct condition said = {ouse_s(step->if_match)}, *condition = step->if_match ? &said : NULL;
    switch (step->op) {
    case CREATE:
        return change_create(set, collection, id, json(step->text), &f.changed);
    case REPLACE:
        return change_replace(set, collection, id, json(step->text), condition, &f.changed);
    case PATCH:
        return change_patch(set, collection, id, json(step->text), condition, &f.changed);
    case MOVE:
        return change_move(set, collection, id, NULL, text, NULL, condition, &f.changed);
    case REMOVE:
        return change_remove(set, collection, id, condition);
    case MERGE:
        return change_merge(set, collection, id, text, condition);
    default:
        return OUSE_E_INTERNAL;
    }
}

static inline ouse_rc take_steps(struct change_set *set, void *arg)
{
    ouse_rc rc = OUSE_OK;
    for (const struct step *step = arg; step->op != END && !rc; step++)
        rc = take_step(set, step);
    return rc;
}

/* Steps up to END, in one change set. */
static inline ouse_rc change(struct step *steps)
{
    struct change_set set = {.records = f.records,
                             .caller = {f.role, {"tester", 6}},
                             .mode = f.mode,
                             .dry_run = f.dry_run,
                             .arena = &f.arena,
                             .problem = &f.problem};
    return records_write(&set, take_steps, NULL, steps, 0);
}

static inline ouse_rc one(enum operation op, const char *collection, const char *id, const char *text)
{
    return change((struct step[]){{op, collection, id, text, NULL}, {.op = END}});
}

#define assert_ok(expression)                        \
    do {                                             \
        if (expression)                              \
            fail_msg("%s: %s", #expression, told()); \
    } while (0)

/* Refused with this status, and with a text ("pointer code") among what was told. */
#define assert_refused(expression, status, text)                                                             \
    do {                                                                                                     \
        ouse_rc refused_with = (expression);                                                                 \
        if (refused_with != (status) || !strstr(told(), (text)))                                             \
            fail_msg("%s: expected %d %s, got %d %s", #expression, (int)(status), (text), (int)refused_with, \
                     told());                                                                                \
    } while (0)

/* ---- Looking ------------------------------------------------------------------ */

/* The record as a role sees it, copied; kind 0 when there is none. */
static inline struct record see(const char *collection, const char *id, uint32_t role)
{
    struct record record = {0};
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    record_as_of(txn, find(collection), ouse_s(id), role, 0, &f.arena, &record);
    record.json = arena_copy(&f.arena, record.json);
    record.into = arena_copy(&f.arena, record.into);
    txn_end(txn);
    return record;
}

/* What a role sees of a record holds `text`; or does not. */
static inline void assert_sees(uint32_t role, const char *collection, const char *id, const char *text)
{
    struct record record = see(collection, id, role);
    if (!record.json.p || !strstr(record.json.p, text))
        fail_msg("%s/%s: expected %s in %s", collection, id, text, record.json.p);
}

static inline void assert_hidden(uint32_t role, const char *collection, const char *id, const char *text)
{
    struct record record = see(collection, id, role);
    if (record.json.p && strstr(record.json.p, text))
        fail_msg("%s/%s: expected no %s in %s", collection, id, text, record.json.p);
}

/* The ids that a filter finds, separated by spaces. */
static inline const char *found(const char *collection, const char *name, const char *value)
{
    struct query query;
    struct rows *rows;
    struct record record;
    struct txn *txn;
    const char *ids = "";
    query_init(&query, find(collection), OUSE_MANAGER);
    if (query_add(&query, &f.arena, ouse_s(name), ouse_s(value), &f.problem))
        fail_msg("%s=%s: %s", name, value, told());
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    while (rows_next(rows, &record) == OUSE_OK)
        ids = arena_printf(&f.arena, "%s%s%.*s", ids, *ids ? " " : "", OUSE_F(record.id)).p;
    txn_end(txn);
    return ids;
}

static inline uint64_t last_change(void)
{
    uint64_t sequence = 0;
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(journal_last(txn, &sequence), OUSE_OK);
    txn_end(txn);
    return sequence;
}

static inline void add_fault(void *arg, const char *text)
{
    const char **all = arg;
    *all = arena_printf(&f.arena, "%s%s\n", *all, text).p;
}

/* All that is wrong with the store, one fault a line. */
static inline const char *faults(struct verify_report *report)
{
    const char *all = "";
    assert_int_equal(records_verify(f.records, add_fault, &all, report), OUSE_OK);
    return all;
}

static inline void assert_sound(void)
{
    struct verify_report report;
    assert_string_equal(faults(&report), "");
}

#endif
