/* redact: what is read of a record that refers to hidden ones, what that costs, and what the store
 * keeps to know it by. That lists and histories agree is record_model_test's. */
#include "record/internal.h"
#include "record_fixture.h"

static const struct ouse_field paper_fields[] = {{.name = "title", .type = OUSE_TEXT}};
static const struct ouse_collection papers = {.name = "papers",
                                              .singular = "paper",
                                              .version = 1,
                                              .flags = OUSE_CITED,
                                              .fields = OUSE_ROWS(paper_fields)};

static const struct ouse_field note_fields[] = {
    {.name = "state", .type = OUSE_ENUM, .choices = "draft sent"},
    {.name = "by", .type = OUSE_REF, .refers_to = "people@staff"},
    {.name = "about", .type = OUSE_REFS, .refers_to = "people@staff papers notes"},
};
static const struct ouse_move note_moves[] = {{.from = "draft", .to = "sent", .role = OUSE_PARTNER}};
static const struct ouse_flow note_flows[] = {
    {.field = "state", .initial = "draft", .moves = OUSE_ROWS(note_moves)}};
static const struct ouse_collection notes = {.name = "notes",
                                             .singular = "note",
                                             .version = 1,
                                             .fields = OUSE_ROWS(note_fields),
                                             .flows = OUSE_ROWS(note_flows)};

/* People are of another plugin, which may be left out. */
static void open_notes(int with_people)
{
    struct engine_options options = {
        .directory = f.directory, .map_size = 64 << 20, .max_readers = 16, .no_sync = 1};
    problem_init(&f.problem, &f.arena);
    f.schema = schema_create();
    assert_ok(schema_add(f.schema, "test", &papers, sizeof papers, &f.problem));
    assert_ok(schema_add(f.schema, "test", &notes, sizeof notes, &f.problem));
    if (with_people)
        assert_ok(schema_add(f.schema, "staff", &people, sizeof people, &f.problem));
    assert_ok(schema_link(f.schema, &f.problem));
    assert_ok(engine_open(&options, &f.engine, &f.problem));
    assert_ok(records_open(f.engine, NULL, f.schema, NULL, 0, 0, &f.records, &f.problem));
}

static int setup_notes(void **state)
{
    (void)state;
    make_folder();
    open_notes(1);
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\"}"));
    assert_ok(one(CREATE, "people", "bob", "{\"name\":\"Bob\"}"));
    assert_ok(one(CREATE, "papers", "paper", "{\"title\":\"Paper\"}"));
    assert_ok(one(CREATE, "notes", "first", "{\"by\":\"ann\"}"));
    assert_ok(
        one(CREATE, "notes", "note",
            "{\"by\":\"ann\",\"about\":[\"people/bob\",\"papers/paper\",\"notes/first\",\"people/ann\"],"
            "\"sources\":[{\"publication\":\"paper\",\"quote\":\"\\\"a [b], {c}\\\\\"}]}"));
    return 0;
}

#define NOTES(fn) cmocka_unit_test_setup_teardown(fn, setup_notes, teardown)

static void hide(const char *collection, const char *id, const char *visibility)
{
    f.role = OUSE_MANAGER;
    assert_ok(one(PATCH, collection, id,
                  arena_printf(&f.arena, "{\"meta\":{\"visibility\":\"%s\"}}", visibility).p));
}

/* The fields that a role sees of notes/note. */
static void assert_note(uint32_t role, const char *fields)
{
    struct record record = see("notes", "note", role);
    const char *end = strstr(record.json.p, ",\"meta\":");
    struct ouse_str seen = {record.json.p, (uint32_t)(end - record.json.p)};
    if (!ouse_is(seen, arena_printf(&f.arena, "{\"id\":\"note\",\"state\":\"draft\"%s", fields).p))
        fail_msg("as %u: expected …%s, got %.*s", role, fields, OUSE_F(seen));
}

#define BY      ",\"by\":\"ann\""
#define SOURCES ",\"sources\":[{\"publication\":\"paper\",\"quote\":\"\\\"a [b], {c}\\\\\"}]"
#define ALL     BY ",\"about\":[\"people/bob\",\"papers/paper\",\"notes/first\",\"people/ann\"]" SOURCES

static void references_to_what_is_hidden_are_not_there(void **state)
{
    (void)state;
    assert_note(OUSE_PUBLIC, ALL);
    hide("people", "bob", "partner");
    assert_note(OUSE_PUBLIC, BY ",\"about\":[\"papers/paper\",\"notes/first\",\"people/ann\"]" SOURCES);
    assert_note(OUSE_PARTNER, ALL);
    hide("people", "ann", "office");
    assert_note(OUSE_PUBLIC, ",\"about\":[\"papers/paper\",\"notes/first\"]" SOURCES);
    assert_note(OUSE_PARTNER, ",\"about\":[\"people/bob\",\"papers/paper\",\"notes/first\"]" SOURCES);
    hide("papers", "paper", "office");
    hide("notes", "first", "office");
    assert_note(OUSE_PUBLIC, "");
    assert_note(OUSE_PARTNER, ",\"about\":[\"people/bob\"]");
    assert_note(OUSE_OFFICE, ALL);
    assert_sound();
}

static void what_is_shown_again_brings_everything_back(void **state)
{
    char before[RECORD_ETAG], while_hidden[RECORD_ETAG], after[RECORD_ETAG];
    (void)state;
    struct record record = see("notes", "note", OUSE_PUBLIC);
    record_etag(&record, before);
    hide("papers", "paper", "office");
    record = see("notes", "note", OUSE_PUBLIC);
    record_etag(&record, while_hidden);
    assert_int_equal(record.redacted, 1);
    assert_int_equal(record.revision, 1);
    assert_string_not_equal(before, while_hidden);
    assert_true(record_matches(ouse_s(while_hidden), &record));
    hide("papers", "paper", "public");
    record = see("notes", "note", OUSE_PUBLIC);
    record_etag(&record, after);
    assert_string_equal(before, after);
    assert_note(OUSE_PUBLIC, ALL);
}

/* Read twice in one snapshot, the bytes are the same ones where they were not made. */
static int is_lent(uint32_t role)
{
    struct record records[2];
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    for (int i = 0; i < 2; i++)
        assert_ok(record_as_of(txn, find("notes"), ouse_s("note"), role, 0, &f.arena, &records[i]));
    txn_end(txn);
    return records[0].json.p == records[1].json.p;
}

static void nothing_is_made_where_nothing_is_hidden(void **state)
{
    (void)state;
    assert_true(is_lent(OUSE_PUBLIC));
    assert_ok(one(CREATE, "people", "eve", "{\"name\":\"Eve\",\"meta\":{\"visibility\":\"office\"}}"));
    assert_true(is_lent(OUSE_PUBLIC));
    hide("people", "ann", "office");
    assert_false(is_lent(OUSE_PUBLIC));
    assert_true(is_lent(OUSE_OFFICE));
}

static int knows(const char *collection)
{
    struct ouse_str hiding;
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_ok(hiding_read(txn, &hiding));
    int has = hiding_has(hiding, find(collection)->number);
    txn_end(txn);
    return has;
}

static void a_collection_that_hid_something_is_remembered(void **state)
{
    (void)state;
    assert_false(knows("people"));
    f.dry_run = 1;
    hide("people", "ann", "office");
    f.dry_run = 0;
    assert_false(knows("people"));
    hide("people", "ann", "office");
    hide("papers", "paper", "partner");
    hide("people", "ann", "public");
    assert_true(knows("people"));
    assert_true(knows("papers"));
    assert_false(knows("notes"));
}

static void forget(void)
{
    struct txn *txn;
    assert_int_equal(engine_write(f.engine, &txn), OUSE_OK);
    assert_ok(txn_delete(txn, DB_META, ouse_s("hiding")));
    assert_ok(txn_commit(txn));
}

static void a_store_from_before_is_looked_through(void **state)
{
    (void)state;
    hide("papers", "paper", "office");
    hide("people", "bob", "office");
    hide("people", "bob", "public");
    forget();
    close_register();
    open_notes(1);
    assert_true(knows("people")); /* by a revision */
    assert_true(knows("papers"));
    assert_false(knows("notes"));
    assert_note(OUSE_PUBLIC, BY ",\"about\":[\"people/bob\",\"notes/first\",\"people/ann\"]");
    assert_sound();
}

static void what_is_forgotten_is_a_fault(void **state)
{
    struct verify_report report;
    struct txn *txn;
    (void)state;
    hide("people", "bob", "office");
    hide("people", "bob", "public");
    assert_int_equal(engine_write(f.engine, &txn), OUSE_OK);
    assert_ok(txn_put(txn, DB_META, ouse_s("hiding"), ouse_s("")));
    assert_ok(txn_commit(txn));
    assert_string_equal(faults(&report),
                        "people/bob: revision 2 is hidden, but not its collection among those "
                        "that hide records\n");
}

static void what_is_not_loaded_stays_hidden(void **state)
{
    (void)state;
    hide("people", "ann", "office");
    close_register();
    open_notes(0);
    assert_note(OUSE_PUBLIC, ",\"about\":[\"people/bob\",\"papers/paper\",\"notes/first\"]" SOURCES);
    assert_note(OUSE_OFFICE, ALL);
}

/* ---- Guests who move ------------------------------------------------------------ */

static ouse_rc move_note(struct change_set *set, void *with)
{
    return change_move(set, find("notes"), ouse_s("note"), NULL, ouse_s("sent"), json(with), NULL,
                       &f.changed);
}

static ouse_rc move_with(const char *with)
{
    struct change_set set = {.records = f.records,
                             .caller = {OUSE_PARTNER, {"guest", 5}},
                             .arena = &f.arena,
                             .problem = &f.problem};
    return records_write(&set, move_note, NULL, (void *)(uintptr_t)with, 0);
}

static void a_guest_keeps_what_he_does_not_see(void **state)
{
    (void)state;
    hide("people", "bob", "office");
    hide("people", "ann", "office");
    hide("papers", "paper", "office");
    assert_ok(move_with("{\"by\":null,\"about\":[\"notes/first\"],\"sources\":null}"));
    assert_sees(
        OUSE_OFFICE, "notes", "note",
        "\"state\":\"sent\",\"by\":\"ann\",\"about\":[\"notes/first\",\"people/bob\",\"papers/paper\","
        "\"people/ann\"]" SOURCES);
    assert_sees(OUSE_PARTNER, "notes", "note", "\"state\":\"sent\",\"about\":[\"notes/first\"],\"meta\"");
}

static void a_guest_does_not_learn_what_is_there(void **state)
{
    (void)state;
    hide("people", "bob", "office");
    assert_refused(move_with("{\"about\":[\"people/bob\"]}"), OUSE_E_INVALID,
                   "/about/0 not_found: There is no people/bob");
    assert_refused(move_with("{\"about\":[\"people/nobody\"]}"), OUSE_E_INVALID,
                   "/about/0 not_found: There is no people/nobody");
    assert_ok(move_with("{\"by\":\"ann\"}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOTES(references_to_what_is_hidden_are_not_there),
        NOTES(what_is_shown_again_brings_everything_back),
        NOTES(nothing_is_made_where_nothing_is_hidden),
        NOTES(a_collection_that_hid_something_is_remembered),
        NOTES(a_store_from_before_is_looked_through),
        NOTES(what_is_forgotten_is_a_fault),
        NOTES(what_is_not_loaded_stays_hidden),
        NOTES(a_guest_keeps_what_he_does_not_see),
        NOTES(a_guest_does_not_learn_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
