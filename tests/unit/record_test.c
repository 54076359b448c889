/* record: changes by their rules, whole or not at all, and a store that agrees
 * with itself after each of them. */
#include "record_fixture.h"

static int teardown_sound(void **state)
{
    assert_sound();
    return teardown(state);
}

#define SOUND(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown_sound)

static void add_people(void)
{
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\",\"code\":\"A\"}"));
    assert_ok(one(CREATE, "people", "bob", "{\"name\":\"Bob\",\"code\":\"B\"}"));
}

static void add_hub(void)
{
    add_people();
    assert_ok(one(CREATE, "hubs", "north", "{\"name\":\"North\",\"host\":\"ann\",\"founded\":\"2020\"}"));
    assert_ok(one(CREATE, "projects", "one",
                  "{\"title\":\"One\",\"hub\":\"north\",\"number\":1,\"leads\":[\"ann\",\"bob\"]}"));
}

/* ---- Creating ------------------------------------------------------------------ */

static void a_record_is_kept_as_it_is_served(void **state)
{
    (void)state;
    assert_ok(one(CREATE, "people", "ann", "{\"phone\":\"1\",\"name\":\"Ann\",\"nick\":null}"));
    assert_int_equal(f.changed.created, 1);
    assert_sees(OUSE_OFFICE, "people", "ann",
                "{\"id\":\"ann\",\"name\":\"Ann\",\"phone\":\"1\",\"meta\":{\"collection\":\"people\","
                "\"revision\":1,");
    assert_sees(OUSE_PUBLIC, "people", "ann", "{\"id\":\"ann\",\"name\":\"Ann\",\"meta\"");
    assert_string_equal(found("people", "name", "ANN"), "ann");
    assert_string_equal(found("people", "name", "An"), "");
}

static void ids_come_from_the_label_and_are_numbered(void **state)
{
    static const char *const expected[] = {"jo", "jo-2", "jo-3", "jo-4", "jo-5", "jo-6"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        assert_ok(one(CREATE, "people", NULL, "{\"name\":\"J\u00f6\"}"));
        assert_string_equal(arena_copy(&f.arena, f.changed.id).p, expected[i]);
    }
    assert_ok(one(CREATE, "people", NULL, "{\"id\":\"chosen\",\"name\":\"J\u00f6\"}"));
    assert_string_equal(arena_copy(&f.arena, f.changed.id).p, "chosen");
}

static void an_id_is_taken_once(void **state)
{
    (void)state;
    add_people();
    assert_refused(one(CREATE, "people", "ann", "{\"name\":\"Other\"}"), OUSE_E_CONFLICT, "/id exists");
    assert_refused(one(CREATE, "people", "-x", "{\"name\":\"Other\"}"), OUSE_E_INVALID, "/id format");
    assert_refused(one(CREATE, "people", "x", "{\"id\":\"y\",\"name\":\"Other\"}"), OUSE_E_INVALID,
                   "/id mismatch");
    assert_int_equal(last_change(), 2);
}

static void a_unique_value_belongs_to_one_record(void **state)
{
    (void)state;
    add_hub();
    assert_refused(one(CREATE, "people", "eve", "{\"name\":\"Eve\",\"code\":\"a\"}"), OUSE_E_CONFLICT,
                   "/code unique");
    assert_refused(one(PATCH, "people", "bob", "{\"code\":\"A\"}"), OUSE_E_CONFLICT,
                   "people/ann already has code");
    assert_refused(one(CREATE, "projects", "two", "{\"title\":\"Two\",\"hub\":\"north\",\"number\":1}"),
                   OUSE_E_CONFLICT, "/number unique");
    assert_ok(one(CREATE, "projects", "two", "{\"title\":\"Two\",\"hub\":\"north\"}"));
    assert_ok(one(PATCH, "people", "ann", "{\"name\":\"Anna\"}")); /* its own value is no clash */
    assert_ok(change((struct step[]){{PATCH, "people", "ann", "{\"code\":\"C\"}", NULL},
                                     {PATCH, "people", "bob", "{\"code\":\"A\"}", NULL},
                                     {.op = END}}));
}

static void system_fields_and_states_are_not_the_clients(void **state)
{
    (void)state;
    f.role = OUSE_OFFICE;
    assert_refused(one(CREATE, "hubs", "x", "{\"name\":\"X\",\"rank\":1}"), OUSE_E_INVALID, "/rank");
    assert_refused(one(CREATE, "hubs", "x", "{\"name\":\"X\",\"state\":\"active\"}"), OUSE_E_INVALID,
                   "/state");
    assert_ok(one(CREATE, "hubs", "x", "{\"name\":\"X\"}"));
    assert_sees(OUSE_PUBLIC, "hubs", "x", "\"state\":\"proposed\"");
    f.mode = CHANGE_IMPORT;
    assert_ok(one(CREATE, "hubs", "y", "{\"name\":\"Y\",\"state\":\"closed\",\"rank\":2}"));
    assert_sees(OUSE_PUBLIC, "hubs", "y", "\"state\":\"closed\"");
}

static void a_filter_finds_in_the_order_of_ids(void **state)
{
    const char *base = "a-name-of-fifty-characters-is-longer-than-most-are", *more;
    (void)state;
    assert_int_equal(strlen(base), 50);
    more = arena_printf(&f.arena, "%s-2", base).p;
    assert_ok(one(CREATE, "people", more, "{\"name\":\"Same\"}"));
    assert_ok(one(CREATE, "people", base, "{\"name\":\"Same\"}"));
    assert_string_equal(found("people", "name", "same"), arena_printf(&f.arena, "%s %s", base, more).p);
}

/* The ids that two filters find together. */
static const char *found_by_both(const char *collection, const char *const terms[4], const char *after)
{
    struct query query;
    struct rows *rows;
    struct record record;
    struct txn *txn;
    const char *ids = "";
    query_init(&query, find(collection), OUSE_PUBLIC);
    for (int i = 0; i < 4; i += 2)
        assert_ok(query_add(&query, &f.arena, ouse_s(terms[i]), ouse_s(terms[i + 1]), &f.problem));
    query.after = ouse_s(after);
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    while (rows_next(rows, &record) == OUSE_OK)
        ids = arena_printf(&f.arena, "%s%s%.*s", ids, *ids ? " " : "", OUSE_F(record.id)).p;
    assert_int_equal(rows_next(rows, &record), OUSE_E_NOT_FOUND);
    txn_end(txn);
    return ids;
}

/* Against the plain way: each hub looked at by itself. */
static void terms_are_intersected(void **state)
{
    static const char *const hosts[] = {"ann", "bob"}, *const years[] = {"2020", "2021", "2022"};
    const char *expected = "", *behind = "";
    (void)state;
    add_people();
    for (int i = 0; i < 60; i++) {
        int host = i * 7 % 5 > 2, year = i * 11 % 3;
        const char *id = arena_printf(&f.arena, "h%s-%02d", i % 2 ? "" : "-x", i).p;
        const char *text =
            arena_printf(&f.arena, "{\"name\":\"H\",\"host\":\"%s\",\"founded\":\"%s\"%s}", hosts[host],
                         years[year], i % 9 ? "" : ",\"meta\":{\"visibility\":\"office\"}")
                .p;
        assert_ok(one(CREATE, "hubs", id, text));
    }
    for (int odd = 0; odd < 2; odd++) /* "h-01" is before "h-x-00" */
        for (int i = 0; i < 60; i++) {
            if (i % 2 == odd || i % 9 == 0 || i * 7 % 5 > 2 || i * 11 % 3 != 1)
                continue;
            const char *id = arena_printf(&f.arena, "h%s-%02d", i % 2 ? "" : "-x", i).p;
            expected = arena_printf(&f.arena, "%s%s%s", expected, *expected ? " " : "", id).p;
            if (odd)
                behind = arena_printf(&f.arena, "%s%s%s", behind, *behind ? " " : "", id).p;
        }
    const char *const one_way[] = {"host", "ann", "founded", "2021"}, *const other[] = {"founded", "2021",
                                                                                        "host", "ann"};
    assert_true(strlen(expected) > 40);
    assert_string_equal(found_by_both("hubs", one_way, NULL), expected);
    assert_string_equal(found_by_both("hubs", other, NULL), expected);
    assert_string_equal(found_by_both("hubs", one_way, "h-99"), behind);
    assert_string_equal(found_by_both("hubs", other, "h-x"), behind);
    assert_string_equal(
        found_by_both("hubs", (const char *const[]){"founded", "2021", "founded", "2020"}, NULL), "");
}

/* ---- Changing ------------------------------------------------------------------- */

static void replacing_and_patching_make_revisions(void **state)
{
    struct record record;
    struct txn *txn;
    (void)state;
    add_people();
    assert_ok(one(REPLACE, "people", "ann", "{\"name\":\"Anna\",\"phone\":\"2\"}"));
    assert_ok(one(PATCH, "people", "ann", "{\"nick\":\"An\",\"phone\":null}"));
    assert_ok(one(PATCH, "people", "ann", "[{\"op\":\"replace\",\"path\":\"/name\",\"value\":\"Anne\"}]"));
    assert_sees(OUSE_OFFICE, "people", "ann", "{\"id\":\"ann\",\"name\":\"Anne\",\"nick\":\"An\",\"meta\"");
    assert_string_equal(found("people", "name", "anna"), "");
    assert_string_equal(found("people", "name", "anne"), "ann");
    assert_string_equal(found("people", "phone", "2"), "");
    assert_int_equal(see("people", "ann", OUSE_OFFICE).revision, 4);
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(record_revision(txn, find("people"), ouse_s("ann"), 2, OUSE_OFFICE, &f.arena, &record),
                     OUSE_OK);
    assert_non_null(strstr(arena_copy(&f.arena, record.json).p, "\"name\":\"Anna\",\"phone\":\"2\""));
    assert_int_equal(record_revision(txn, find("people"), ouse_s("ann"), 2, OUSE_PUBLIC, &f.arena, &record),
                     OUSE_OK);
    assert_null(strstr(arena_copy(&f.arena, record.json).p, "phone"));
    assert_int_equal(record_revision(txn, find("people"), ouse_s("ann"), 5, OUSE_OFFICE, &f.arena, &record),
                     OUSE_E_NOT_FOUND);
    txn_end(txn);
}

static void an_unchanged_record_makes_no_revision(void **state)
{
    (void)state;
    add_people();
    assert_ok(one(PATCH, "people", "ann", "{\"name\":\"Ann\"}"));
    assert_int_equal(f.changed.unchanged, 1);
    assert_ok(one(REPLACE, "people", "ann", "{\"code\":\"A\",\"name\":\"Ann\"}"));
    assert_int_equal(f.changed.unchanged, 1);
    assert_int_equal(last_change(), 2);
    assert_ok(one(PATCH, "people", "ann", "{\"meta\":{\"visibility\":\"office\"}}"));
    assert_int_equal(f.changed.unchanged, 0);
    assert_int_equal(see("people", "ann", OUSE_PARTNER).kind, 0);
    assert_int_equal(see("people", "ann", OUSE_OFFICE).kind, RECORD_LIVE);
}

static void a_condition_names_the_record_that_was_read(void **state)
{
    char etag[RECORD_ETAG];
    struct record record;
    (void)state;
    add_people();
    record = see("people", "ann", OUSE_OFFICE);
    record_etag(&record, etag);
    assert_ok(change((struct step[]){{PATCH, "people", "ann", "{\"nick\":\"A\"}", etag}, {.op = END}}));
    assert_refused(change((struct step[]){{PATCH, "people", "ann", "{\"nick\":\"B\"}", etag}, {.op = END}}),
                   OUSE_E_STALE, "has changed since");
    assert_string_equal(arena_copy(&f.arena, f.problem.extra_name).p, "current");
    assert_non_null(strstr(f.problem.extra_json.p, "\"nick\":\"A\""));
    assert_ok(change((struct step[]){{REMOVE, "people", "ann", NULL, "*"}, {.op = END}}));
}

static void states_change_by_moves(void **state)
{
    (void)state;
    add_hub();
    assert_refused(one(PATCH, "hubs", "north", "{\"state\":\"active\"}"), OUSE_E_INVALID, "/state");
    assert_refused(one(MOVE, "hubs", "north", "closed"), OUSE_E_CONFLICT, "/state move");
    assert_non_null(strstr(f.problem.extra_json.p, "\"to\":\"active\""));
    assert_ok(one(MOVE, "hubs", "north", "active"));
    f.role = OUSE_OFFICE;
    assert_refused(one(MOVE, "hubs", "north", "closed"), OUSE_E_FORBIDDEN, "may not move");
    f.role = OUSE_MANAGER;
    assert_ok(one(MOVE, "hubs", "north", "closed"));
    assert_int_equal(see("hubs", "north", OUSE_PUBLIC).revision, 3);
    assert_refused(one(MOVE, "people", "ann", "closed"), OUSE_E_REQUEST, "no state machine");
}

/* ---- References ------------------------------------------------------------------- */

static void a_set_may_refer_forward(void **state)
{
    (void)state;
    assert_ok(change(
        (struct step[]){{CREATE, "projects", "p", "{\"title\":\"P\",\"hub\":\"h\",\"leads\":[\"z\"]}", NULL},
                        {CREATE, "hubs", "h", "{\"name\":\"H\"}", NULL},
                        {CREATE, "people", "z", "{\"name\":\"Z\"}", NULL},
                        {.op = END}}));
    assert_string_equal(found("projects", "leads", "z"), "p");
    assert_refused(one(CREATE, "projects", "q", "{\"title\":\"Q\",\"hub\":\"none\",\"leads\":[\"z\",\"y\"]}"),
                   OUSE_E_INVALID, "/hub not_found");
    assert_non_null(strstr(told(), "/leads/1 not_found"));
    assert_int_equal(see("projects", "q", OUSE_PUBLIC).kind, 0);
}

static void what_a_set_takes_back_is_not_missed(void **state)
{
    (void)state;
    add_hub();
    assert_ok(change((struct step[]){
        {CREATE, "projects", "p", "{\"title\":\"P\",\"hub\":\"none\",\"leads\":[\"nobody\"]}", NULL},
        {PATCH, "projects", "p", "{\"hub\":\"north\",\"leads\":null}", NULL},
        {CREATE, "projects", "q", "{\"title\":\"Q\",\"hub\":\"none\"}", NULL},
        {REMOVE, "projects", "q", NULL, NULL},
        {.op = END}}));
    assert_sees(OUSE_PUBLIC, "projects", "p", "\"hub\":\"north\"");
    assert_int_equal(see("projects", "q", OUSE_PUBLIC).kind, RECORD_REMOVED);
}

static void what_is_referred_to_stays(void **state)
{
    (void)state;
    add_hub();
    assert_refused(one(REMOVE, "people", "ann", NULL), OUSE_E_CONFLICT, "referred_to");
    assert_string_equal(arena_copy(&f.arena, f.problem.extra_json).p,
                        "[{\"collection\":\"hubs\",\"id\":\"north\",\"field\":\"host\"}]");
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).kind, RECORD_LIVE);
    assert_sees(OUSE_PUBLIC, "projects", "one", "\"leads\":[\"ann\",\"bob\"]");
}

/* Whatever the order of the steps is, only what the whole set leaves counts. */
static void unique_values_move_within_a_set(void **state)
{
    (void)state;
    add_people();
    assert_ok(one(PATCH, "people", "ann", "{\"code\":\"A\"}"));
    assert_ok(one(PATCH, "people", "bob", "{\"code\":\"B\"}"));
    assert_ok(change((struct step[]){{PATCH, "people", "ann", "{\"code\":\"B\"}", NULL},
                                     {PATCH, "people", "bob", "{\"code\":\"A\"}", NULL},
                                     {.op = END}}));
    assert_string_equal(found("people", "code", "A"), "bob");
    assert_string_equal(found("people", "code", "B"), "ann");
    assert_ok(change((struct step[]){{CREATE, "people", "eve", "{\"name\":\"Eve\",\"code\":\"A\"}", NULL},
                                     {PATCH, "people", "ann", "{\"code\":\"C\"}", NULL},
                                     {PATCH, "people", "bob", "{\"code\":\"B\"}", NULL},
                                     {.op = END}}));
    assert_ok(change((struct step[]){{PATCH, "people", "ann", "{\"code\":\"A\"}", NULL},
                                     {REMOVE, "people", "eve", NULL, NULL},
                                     {.op = END}}));
    assert_string_equal(found("people", "code", "A"), "ann");
}

static void a_unique_value_that_two_have_at_the_end_is_refused(void **state)
{
    (void)state;
    add_people();
    assert_ok(one(PATCH, "people", "ann", "{\"code\":\"A\"}"));
    assert_ok(one(PATCH, "people", "bob", "{\"code\":\"B\"}"));
    assert_refused(change((struct step[]){{PATCH, "people", "ann", "{\"code\":\"B\"}", NULL},
                                          {PATCH, "people", "bob", "{\"nick\":\"B\"}", NULL},
                                          {.op = END}}),
                   OUSE_E_CONFLICT, "people/bob already has code");
    assert_refused(change((struct step[]){{PATCH, "people", "ann", "{\"code\":\"C\"}", NULL},
                                          {PATCH, "people", "bob", "{\"code\":\"A\"}", NULL},
                                          {PATCH, "people", "ann", "{\"code\":\"A\"}", NULL},
                                          {.op = END}}),
                   OUSE_E_CONFLICT, "/code unique");
    assert_string_equal(found("people", "code", "A"), "ann");
}

static void a_parent_goes_before_its_children(void **state)
{
    (void)state;
    add_hub();
    assert_ok(change((struct step[]){{REMOVE, "people", "ann", NULL, NULL},
                                     {PATCH, "hubs", "north", "{\"host\":\"bob\"}", NULL},
                                     {.op = END}}));
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).kind, RECORD_REMOVED);
    assert_refused(change((struct step[]){{REMOVE, "people", "bob", NULL, NULL},
                                          {CREATE, "people", "eve", "{\"name\":\"Eve\"}", NULL},
                                          {.op = END}}),
                   OUSE_E_CONFLICT, "people/bob is referred to");
    assert_refused(
        change((struct step[]){{PATCH, "hubs", "north", "{\"host\":null}", NULL},
                               {REMOVE, "people", "bob", NULL, NULL},
                               {CREATE, "hubs", "south", "{\"name\":\"S\",\"host\":\"bob\"}", NULL},
                               {.op = END}}),
        OUSE_E_INVALID, "/host gone");
    assert_ok(change((struct step[]){{REMOVE, "people", "bob", NULL, NULL},
                                     {CREATE, "people", "bob", "{\"name\":\"Bob\"}", NULL},
                                     {.op = END}}));
    assert_ok(change((struct step[]){
        {REMOVE, "people", "bob", NULL, NULL}, {REMOVE, "hubs", "north", NULL, NULL}, {.op = END}}));
    assert_int_equal(see("hubs", "north", OUSE_PUBLIC).kind, RECORD_REMOVED);
}

static void removal_takes_references_out(void **state)
{
    (void)state;
    add_hub();
    assert_ok(one(REMOVE, "people", "bob", NULL));
    assert_sees(OUSE_PUBLIC, "projects", "one", "\"leads\":[\"ann\"]");
    assert_int_equal(see("people", "bob", OUSE_PUBLIC).kind, RECORD_REMOVED);
    assert_refused(one(PATCH, "people", "bob", "{}"), OUSE_E_GONE, "was deleted");
    assert_refused(one(PATCH, "projects", "one", "{\"leads\":[\"bob\"]}"), OUSE_E_INVALID, "/leads/0 gone");
}

static void removal_cascades(void **state)
{
    (void)state;
    add_hub();
    assert_ok(one(REMOVE, "hubs", "north", NULL));
    assert_int_equal(see("projects", "one", OUSE_PUBLIC).kind, RECORD_REMOVED);
    assert_ok(one(REMOVE, "people", "ann", NULL));
}

static const struct ouse_field link_fields[] = {
    {.name = "next", .type = OUSE_REF, .refers_to = "links", .on_delete = OUSE_CASCADE},
};
static const struct ouse_collection links = {
    .name = "links", .singular = "link", .version = 1, .fields = OUSE_ROWS(link_fields)};

enum { CHAIN = 20000 };

static ouse_rc make_chain(struct change_set *set, void *arg)
{
    ouse_rc rc = OUSE_OK;
    (void)arg;
    for (int i = 0; i < CHAIN && !rc; i++) {
        const char *id = arena_printf(&f.arena, "l%d", i).p;
        cJSON *link = json_keep(&f.arena, cJSON_CreateObject());
        if (i)
            cJSON_AddStringToObject(link, "next", arena_printf(&f.arena, "l%d", i - 1).p);
        rc = change_create(set, find("links"), ouse_s(id), link, NULL);
    }
    return rc;
}

static void a_cascade_may_be_longer_than_the_stack(void **state)
{
    const struct ouse_collection *declared = &links;
    struct change_set set = {.caller = {.role = OUSE_MANAGER}, .arena = &f.arena, .problem = &f.problem};
    (void)state;
    close_register();
    assert_ok(open_with(&declared, 1, NULL, 0));
    set.records = f.records;
    assert_ok(records_write(&set, make_chain, NULL, NULL, 0));
    assert_ok(one(REMOVE, "links", "l0", NULL));
    assert_int_equal(see("links", "l19999", OUSE_OFFICE).kind, RECORD_REMOVED);
}

static void a_removed_record_goes_on_where_it_was(void **state)
{
    (void)state;
    add_people();
    assert_ok(one(REMOVE, "people", "ann", NULL));
    assert_string_equal(found("people", "name", "Ann"), "");
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann again\"}"));
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).revision, 3);
    assert_ok(one(REMOVE, "people", "ann", NULL));
    assert_ok(one(CREATE, "people", NULL, "{\"name\":\"Ann\"}")); /* a made id is never a used one */
    assert_string_equal(arena_copy(&f.arena, f.changed.id).p, "ann-2");
}

static void merging_moves_every_reference(void **state)
{
    (void)state;
    add_hub();
    assert_refused(one(MERGE, "people", "ann", "ann"), OUSE_E_INVALID, "/into same");
    assert_refused(one(MERGE, "people", "ann", "none"), OUSE_E_INVALID, "/into not_found");
    assert_ok(one(MERGE, "people", "ann", "bob"));
    assert_sees(OUSE_PUBLIC, "hubs", "north", "\"host\":\"bob\"");
    assert_sees(OUSE_PUBLIC, "projects", "one", "\"leads\":[\"bob\"]");
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).kind, RECORD_MERGED);
    assert_string_equal(see("people", "ann", OUSE_PUBLIC).into.p, "bob");
    assert_refused(one(CREATE, "people", "ann", "{\"name\":\"Ann\"}"), OUSE_E_CONFLICT, "/id merged");
    assert_refused(one(PATCH, "hubs", "north", "{\"host\":\"ann\"}"), OUSE_E_INVALID, "/host merged");
}

/* ---- Whole or not at all ------------------------------------------------------------ */

static void a_failing_set_leaves_nothing(void **state)
{
    (void)state;
    add_people();
    assert_refused(change((struct step[]){{CREATE, "people", "eve", "{\"name\":\"Eve\"}", NULL},
                                          {REMOVE, "people", "bob", NULL, NULL},
                                          {PATCH, "people", "nobody", "{\"name\":\"N\"}", NULL},
                                          {.op = END}}),
                   OUSE_E_NOT_FOUND, "no people/nobody");
    assert_int_equal(see("people", "eve", OUSE_OFFICE).kind, 0);
    assert_int_equal(see("people", "bob", OUSE_OFFICE).kind, RECORD_LIVE);
    assert_int_equal(last_change(), 2);
}

static void a_dry_run_keeps_nothing(void **state)
{
    (void)state;
    f.dry_run = 1;
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\"}"));
    assert_refused(one(CREATE, "people", "bob", "{\"name\":1}"), OUSE_E_INVALID, "/name");
    assert_int_equal(see("people", "ann", OUSE_OFFICE).kind, 0);
    assert_int_equal(last_change(), 0);
}

/* ---- Hooks --------------------------------------------------------------------------- */

static const char *trace; /* what hooks saw */

static ouse_rc tell_phase(struct change *change, void *arg)
{
    trace = arena_printf(&f.arena, "%s%s %u %.*s%s%s;", trace, (const char *)arg, (unsigned)change->op,
                         OUSE_F(change->id), change->before ? " before" : "", change->after ? " after" : "")
                .p;
    return OUSE_OK;
}

static void phases_run_in_order(void **state)
{
    (void)state;
    trace = "";
    add_people();
    records_hook(f.records, "people", OUSE_ON_ALL, OUSE_SETTLE, tell_phase, "settle");
    records_hook(f.records, "people", OUSE_ON_ALL, OUSE_FOLLOW, tell_phase, "follow");
    records_hook(f.records, "people", OUSE_ON_ALL, OUSE_CHECK, tell_phase, "check");
    records_hook(f.records, NULL, OUSE_ON_CREATE, OUSE_CHECK, tell_phase, "create");
    records_hook(f.records, "people", OUSE_ON_ALL, OUSE_FILL, tell_phase, "fill");
    assert_ok(change((struct step[]){{CREATE, "people", "eve", "{\"name\":\"Eve\"}", NULL},
                                     {PATCH, "people", "eve", "{\"nick\":\"E\"}", NULL},
                                     {REMOVE, "people", "bob", NULL, NULL},
                                     {.op = END}}));
    assert_string_equal(trace, "fill 1 eve after;check 1 eve after;create 1 eve after;follow 1 eve after;"
                               "fill 2 eve before after;check 2 eve before after;"
                               "check 2 eve before after;" /* for the public, which does not see the nick */
                               "follow 2 eve before after;"
                               "check 8 bob before;follow 8 bob before;"
                               "settle 3 eve after;settle 8 bob before;");
}

static ouse_rc fill_rank(struct change *change, void *arg)
{
    (void)arg;
    cJSON_DeleteItemFromObjectCaseSensitive(change->after, "rank");
    cJSON_AddItemToObject(change->after, "rank", cJSON_CreateNumber(7));
    return OUSE_OK;
}

static void fill_completes_the_document(void **state)
{
    (void)state;
    records_hook(f.records, "hubs", OUSE_ON_WRITE, OUSE_FILL, fill_rank, NULL);
    assert_ok(one(CREATE, "hubs", "x", "{\"name\":\"X\"}"));
    assert_sees(OUSE_PUBLIC, "hubs", "x", "\"rank\":7");
}

static ouse_rc refuse_eve(struct change *change, void *arg)
{
    (void)arg;
    return ouse_is(change->id, "eve")
               ? problem_add(change->set->problem, OUSE_E_CONFLICT, "/name", "no_eve", "Eve may not be here")
               : OUSE_OK;
}

static void check_refuses(void **state)
{
    (void)state;
    records_hook(f.records, "people", OUSE_ON_WRITE, OUSE_CHECK, refuse_eve, NULL);
    assert_refused(one(CREATE, "people", "eve", "{\"name\":\"Eve\"}"), OUSE_E_CONFLICT, "/name no_eve");
    assert_ok(one(CREATE, "people", "amy", "{\"name\":\"Amy\"}"));
    assert_int_equal(last_change(), 1);
}

/* A hub without a project is told so; hubs are looked at again when projects change. */
static ouse_rc warn_of_empty_hub(struct change *change, void *arg)
{
    struct referrers *referrers;
    struct referrer referrer;
    cJSON *warning;
    (void)arg;
    assert_int_equal(referrers_open(f.records, change->set->txn, change->collection->number, change->id,
                                    find("projects"), NULL, 0, change->set->arena, &referrers),
                     OUSE_OK);
    if (referrers_next(referrers, &referrer) == OUSE_OK) {
        referrers_close(referrers);
        return OUSE_OK;
    }
    warning = cJSON_CreateObject();
    cJSON_AddStringToObject(warning, "code", "empty");
    cJSON_AddStringToObject(warning, "detail", "It has no project");
    cJSON_AddItemToArray(change->warnings, warning);
    return OUSE_OK;
}

static ouse_rc recheck_hub(struct change *change, void *arg)
{
    const cJSON *document = change->after ? change->after : change->before;
    (void)arg;
    change_recheck(change->set, find("hubs"), json_text(json_member(document, "hub")));
    return OUSE_OK;
}

static void warnings_follow_other_records(void **state)
{
    struct record warned, mended;
    (void)state;
    records_hook(f.records, "hubs", OUSE_ON_WRITE, OUSE_CHECK, warn_of_empty_hub, NULL);
    records_hook(f.records, "projects", OUSE_ON_ALL, OUSE_FOLLOW, recheck_hub, NULL);
    assert_ok(one(CREATE, "hubs", "h", "{\"name\":\"H\"}"));
    warned = see("hubs", "h", OUSE_PUBLIC);
    assert_non_null(strstr(warned.json.p, "\"warnings\":[{\"code\":\"empty\""));
    assert_ok(one(CREATE, "projects", "p", "{\"title\":\"P\",\"hub\":\"h\"}"));
    mended = see("hubs", "h", OUSE_PUBLIC);
    assert_non_null(strstr(mended.json.p, "\"warnings\":[]"));
    assert_int_equal(mended.revision, warned.revision);
    assert_int_equal(mended.updated, warned.updated);
    assert_int_equal(mended.sequence, warned.sequence + 2);
    assert_ok(one(REMOVE, "projects", "p", NULL));
    assert_sees(OUSE_PUBLIC, "hubs", "h", "\"code\":\"empty\"");
    assert_ok(change((struct step[]){{CREATE, "hubs", "i", "{\"name\":\"I\"}", NULL}, /* warned at first */
                                     {CREATE, "projects", "q", "{\"title\":\"Q\",\"hub\":\"i\"}", NULL},
                                     {.op = END}}));
    assert_sees(OUSE_PUBLIC, "hubs", "i", "\"warnings\":[]");
}

static ouse_rc one_project_a_hub(struct change *change, void *arg)
{
    struct referrers *referrers;
    struct referrer referrer;
    int *runs = arg, n = 0;
    assert_ok(referrers_open(f.records, change->set->txn, change->collection->number, change->id,
                             find("projects"), NULL, 0, change->set->arena, &referrers));
    while (!referrers_next(referrers, &referrer))
        n++;
    referrers_close(referrers);
    ++*runs;
    return n > 1 ? problem_fail(change->set->problem, OUSE_E_CONFLICT, "Too many") : OUSE_OK;
}

static void rules_follow_other_records(void **state)
{
    int runs = 0;
    (void)state;
    records_hook(f.records, "hubs", OUSE_ON_UPDATE, OUSE_SETTLE, one_project_a_hub, &runs);
    records_hook(f.records, "projects", OUSE_ON_ALL, OUSE_FOLLOW, recheck_hub, NULL);
    assert_ok(one(CREATE, "hubs", "h", "{\"name\":\"H\"}"));
    assert_int_equal(runs, 0);
    assert_ok(one(CREATE, "projects", "p", "{\"title\":\"P\",\"hub\":\"h\"}"));
    assert_refused(one(CREATE, "projects", "q", "{\"title\":\"Q\",\"hub\":\"h\"}"), OUSE_E_CONFLICT,
                   "Too many");
    assert_int_equal(runs, 2);
    assert_ok(change((struct step[]){{CREATE, "projects", "q", "{\"title\":\"Q\",\"hub\":\"h\"}", NULL},
                                     {REMOVE, "projects", "p", NULL, NULL},
                                     {.op = END}}));
    assert_int_equal(runs, 3); /* once, at the end */
    assert_int_equal(see("hubs", "h", OUSE_OFFICE).revision, 1);
}

static ouse_rc at_most_two(struct change *change, void *arg)
{
    int *n = arg;
    return ++*n > 2 ? problem_fail(change->set->problem, OUSE_E_CONFLICT, "Too many") : OUSE_OK;
}

static void settling_refuses_the_whole_set(void **state)
{
    int n = 0;
    (void)state;
    records_hook(f.records, "people", OUSE_ON_CREATE, OUSE_SETTLE, at_most_two, &n);
    assert_refused(change((struct step[]){{CREATE, "people", "a", "{\"name\":\"A\"}", NULL},
                                          {CREATE, "people", "b", "{\"name\":\"B\"}", NULL},
                                          {CREATE, "people", "c", "{\"name\":\"C\"}", NULL},
                                          {.op = END}}),
                   OUSE_E_CONFLICT, "Too many");
    assert_int_equal(last_change(), 0);
}

/* Counts on the host what happens to a hub, as a hook of the hub's. */
static ouse_rc rename_host(struct change *change, void *arg)
{
    struct ouse_str host = json_text(json_member(change->before, "host"));
    (void)arg;
    return host.p
               ? change_patch(change->set, find("people"), host,
                              json(change->op == OUSE_ON_UPDATE ? "{\"nick\":\"rid of\"}" : "{}"), NULL, NULL)
               : OUSE_OK;
}

static void a_hook_may_change_what_is_being_merged(void **state)
{
    (void)state;
    add_hub();
    records_hook(f.records, "hubs", OUSE_ON_UPDATE, OUSE_FOLLOW, rename_host, NULL);
    assert_ok(one(MERGE, "people", "ann", "bob")); /* rewriting the hub renames ann, once more */
    assert_int_equal(see("people", "ann", OUSE_OFFICE).revision, 3);
    assert_int_equal(see("people", "ann", OUSE_OFFICE).kind, RECORD_MERGED);
}

static ouse_rc settle_own_name(struct change *change, void *arg)
{
    (void)arg;
    return change_patch(change->set, change->collection, change->id, json("{\"name\":\"Settled\"}"), NULL,
                        NULL);
}

static void settling_may_change_a_record_that_is_rechecked(void **state)
{
    (void)state;
    assert_ok(one(CREATE, "hubs", "h", "{\"name\":\"H\"}"));
    records_hook(f.records, "hubs", OUSE_ON_WRITE, OUSE_CHECK, warn_of_empty_hub, NULL);
    records_hook(f.records, "hubs", OUSE_ON_MOVE, OUSE_SETTLE, settle_own_name, NULL);
    records_hook(f.records, "projects", OUSE_ON_ALL, OUSE_FOLLOW, recheck_hub, NULL);
    assert_ok(change((struct step[]){{MOVE, "hubs", "h", "active", NULL},
                                     {CREATE, "projects", "q", "{\"title\":\"Q\",\"hub\":\"h\"}", NULL},
                                     {.op = END}}));
    assert_sees(OUSE_PUBLIC, "hubs", "h", "\"name\":\"Settled\"");
    assert_sees(OUSE_PUBLIC, "hubs", "h", "\"warnings\":[]");
}

static void a_check_may_not_write_what_it_checks(void **state)
{
    (void)state;
    add_people();
    records_hook(f.records, "hubs", OUSE_ON_MOVE, OUSE_CHECK, settle_own_name, NULL);
    records_hook(f.records, "people", OUSE_ON_REMOVE, OUSE_CHECK, settle_own_name, NULL);
    assert_ok(one(CREATE, "hubs", "h", "{\"name\":\"H\"}"));
    assert_int_equal(one(MOVE, "hubs", "h", "active"), OUSE_E_INTERNAL);
    assert_int_equal(one(REMOVE, "people", "ann", NULL), OUSE_E_INTERNAL);
    assert_sees(OUSE_PUBLIC, "hubs", "h", "\"state\":\"proposed\"");
    assert_sees(OUSE_PUBLIC, "people", "ann", "\"name\":\"Ann\"");
}

static ouse_rc remove_next(struct change *change, void *arg)
{
    int *n = arg;
    return change_remove(change->set, change->collection, arena_printf(change->set->arena, "p%d", ++*n),
                         NULL);
}

static void removals_by_hooks_end_somewhere(void **state)
{
    int n = 0;
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_ok(one(CREATE, "people", arena_printf(&f.arena, "p%d", i).p, "{\"name\":\"P\"}"));
    records_hook(f.records, "people", OUSE_ON_REMOVE, OUSE_FOLLOW, remove_next, &n);
    assert_int_equal(one(REMOVE, "people", "p0", NULL), OUSE_E_INTERNAL);
    assert_int_equal(n, 16);
    assert_int_equal(see("people", "p0", OUSE_OFFICE).kind, RECORD_LIVE);
}

static ouse_rc move_on(struct change *change, void *arg)
{
    (void)arg;
    return change_move(change->set, change->collection, change->id, NULL, ouse_s("active"), NULL, NULL, NULL);
}

static void a_recheck_may_not_write_either(void **state)
{
    (void)state;
    assert_ok(one(CREATE, "hubs", "h", "{\"name\":\"H\"}"));
    records_hook(f.records, "hubs", OUSE_ON_UPDATE, OUSE_CHECK, move_on, NULL);
    records_hook(f.records, "projects", OUSE_ON_ALL, OUSE_FOLLOW, recheck_hub, NULL);
    records_hook(f.records, "hubs", OUSE_ON_UPDATE, OUSE_CHECK, warn_of_empty_hub, NULL);
    assert_int_equal(one(CREATE, "projects", "p", "{\"title\":\"P\",\"hub\":\"h\"}"), OUSE_E_INTERNAL);
    assert_sees(OUSE_PUBLIC, "hubs", "h", "\"state\":\"proposed\"");
}

static ouse_rc make_twin(struct change *change, void *arg)
{
    (void)arg;
    return ouse_is(change->id, "twin")
               ? OUSE_OK
               : change_create(change->set, change->collection, ouse_s("twin"), change->after, NULL);
}

static void a_check_makes_no_clash(void **state)
{
    (void)state;
    records_hook(f.records, "people", OUSE_ON_CREATE, OUSE_CHECK, make_twin, NULL);
    assert_refused(one(CREATE, "people", "ann", "{\"name\":\"Ann\",\"code\":\"A\"}"), OUSE_E_CONFLICT,
                   "people/twin already has code");
    assert_int_equal(last_change(), 0);
}

enum { MANY = 2000 };

static ouse_rc recheck_everybody(struct change *change, void *arg)
{
    (void)arg;
    for (int i = 0; i < MANY; i++)
        change_recheck(change->set, find("people"), arena_printf(&f.arena, "p%d", i));
    return OUSE_OK;
}

static void settling_may_reach_more_than_the_set_did(void **state)
{
    struct step *steps = arena_zero(&f.arena, (MANY + 1) * sizeof *steps);
    (void)state;
    for (int i = 0; i < MANY; i++)
        steps[i] =
            (struct step){CREATE, "people", arena_printf(&f.arena, "p%d", i).p, "{\"name\":\"P\"}", NULL};
    assert_ok(change(steps));
    records_hook(f.records, "hubs", OUSE_ON_CREATE, OUSE_SETTLE, recheck_everybody, NULL);
    assert_ok(one(CREATE, "hubs", "h", "{\"name\":\"H\"}"));
}

/* ---- Who learns what ------------------------------------------------------------------ */

static void where_a_record_went_is_for_those_who_see_it(void **state)
{
    struct record record;
    struct txn *txn;
    (void)state;
    add_people();
    assert_ok(one(MERGE, "people", "ann", "bob"));
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).kind, RECORD_MERGED);
    assert_ok(one(PATCH, "people", "bob", "{\"meta\":{\"visibility\":\"partner\"}}"));
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).kind, RECORD_REMOVED);
    assert_null(see("people", "ann", OUSE_PUBLIC).into.p);
    assert_int_equal(see("people", "ann", OUSE_PARTNER).kind, RECORD_MERGED);
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(record_revision(txn, find("people"), ouse_s("ann"), 2, OUSE_PUBLIC, &f.arena, &record),
                     OUSE_OK);
    assert_int_equal(record.kind, RECORD_REMOVED);
    txn_end(txn);
}

/* ---- The catalog ----------------------------------------------------------------------- */

static struct ouse_collection later; /* people, as a newer plugin declares it */

/* After a refusal, open again or reopen. */
static ouse_rc reopen(const struct ouse_field *fields, uint32_t n, uint32_t version,
                      const struct record_migration *migrations, uint32_t n_migrations)
{
    const struct ouse_collection *all[] = {&later, &hubs, &projects};
    later = people;
    later.version = version;
    later.label_field = fields[0].name;
    later.fields.at = fields;
    later.fields.n = n;
    close_register();
    return open_with(all, 3, migrations, n_migrations);
}

static ouse_rc keep_field(void *arg, struct ouse_str id, cJSON *document, struct problem *why)
{
    (void)arg;
    (void)id;
    (void)document;
    (void)why;
    return OUSE_OK;
}

static void a_field_that_is_hidden_now_leaves_the_public_view(void **state)
{
    struct ouse_field fields[4];
    const struct record_migration idle = {"people", 1, keep_field, NULL};
    (void)state;
    memcpy(fields, people_fields, sizeof fields);
    add_people();
    fields[1].visibility = OUSE_OFFICE;
    assert_sees(OUSE_PUBLIC, "people", "ann", "\"code\":\"A\"");
    assert_refused(reopen(fields, 4, 1, NULL, 0), OUSE_E_CONFLICT, "its visibility changed");
    assert_ok(reopen(fields, 4, 2, &idle, 1));
    assert_hidden(OUSE_PARTNER, "people", "ann", "code");
    assert_sees(OUSE_OFFICE, "people", "ann", "\"code\":\"A\"");
    assert_int_equal(see("people", "ann", OUSE_OFFICE).revision, 1);
    assert_sound();
    assert_ok(one(PATCH, "people", "ann", "{\"nick\":\"An\"}"));
}

static void an_index_that_is_new_is_filled(void **state)
{
    struct ouse_field fields[4];
    (void)state;
    memcpy(fields, people_fields, sizeof fields);
    fields[2].flags = OUSE_INDEXED;
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\",\"nick\":\"An\"}"));
    assert_ok(reopen(fields, 4, 1, NULL, 0));
    assert_string_equal(found("people", "nick", "an"), "ann");
    assert_string_equal(found("people", "name", "ann"), "ann");
}

static void the_same_declaration_rewrites_nothing(void **state)
{
    uint64_t before;
    (void)state;
    add_people();
    before = last_change();
    assert_ok(reopen(people_fields, 4, 1, NULL, 0));
    assert_int_equal(last_change(), before);
}

static void what_was_declared_last_is_compared_with(void **state)
{
    struct ouse_field fields[4];
    (void)state;
    memcpy(fields, people_fields, sizeof fields);
    fields[0].min = 1;
    fields[0].max = 600;
    assert_ok(reopen(fields, 4, 1, NULL, 0)); /* looser, with the same keys */
    assert_refused(reopen(people_fields, 4, 1, NULL, 0), OUSE_E_CONFLICT, "max became smaller");
    assert_ok(reopen(fields, 4, 1, NULL, 0));
}

static void those_who_read_change_nothing(void **state)
{
    struct ouse_field fields[4];
    uint64_t before;
    (void)state;
    add_people();
    before = last_change();
    memcpy(fields, people_fields, sizeof fields);
    fields[2].flags = OUSE_INDEXED;
    f.reads = 1;
    assert_refused(reopen(fields, 4, 1, NULL, 0), OUSE_E_CONFLICT, "last served with another declaration");
    assert_ok(reopen(people_fields, 4, 1, NULL, 0));
    assert_int_equal(last_change(), before);
}

static const struct ouse_field renamed_fields[] = {
    {.name = "full_name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_INDEXED},
    {.name = "code", .type = OUSE_TEXT, .flags = OUSE_UNIQUE},
};

static ouse_rc rename_field(void *arg, struct ouse_str id, cJSON *document, struct problem *why)
{
    cJSON *name = cJSON_DetachItemFromObjectCaseSensitive(document, "name");
    (void)arg;
    (void)id;
    (void)why;
    cJSON_AddItemToObject(document, "full_name", name);
    return OUSE_OK;
}

static void a_migration_makes_revisions(void **state)
{
    const struct record_migration steps[] = {{"people", 2, keep_field, NULL},
                                             {"people", 1, rename_field, NULL}};
    (void)state;
    add_hub();
    assert_ok(one(REMOVE, "people", "bob", NULL));
    assert_ok(reopen(renamed_fields, 2, 3, steps, 2));
    assert_sees(OUSE_PUBLIC, "people", "ann", "{\"id\":\"ann\",\"full_name\":\"Ann\"");
    assert_int_equal(see("people", "ann", OUSE_PUBLIC).revision, 2);
    assert_string_equal(found("people", "full_name", "ann"), "ann");
    assert_string_equal(found("hubs", "host", "ann"), "north");
}

static void a_change_without_migration_is_refused(void **state)
{
    const struct record_migration second = {"people", 2, keep_field, NULL},
                                  idle = {"people", 1, keep_field, NULL};
    (void)state;
    add_people();
    assert_refused(reopen(renamed_fields, 2, 1, NULL, 0), OUSE_E_CONFLICT,
                   "needs a new version and a migration");
    assert_refused(reopen(renamed_fields, 2, 3, &second, 1), OUSE_E_CONFLICT, "no migration from 1 to 2");
    assert_refused(reopen(renamed_fields, 2, 2, &idle, 1), OUSE_E_INVALID, "people/ann is not valid after");
    close_register();
    open_register(); /* nothing was changed */
    assert_sees(OUSE_PUBLIC, "people", "ann", "\"name\":\"Ann\"");
}

static void an_older_plugin_is_refused(void **state)
{
    const struct record_migration step = {"people", 1, keep_field, NULL};
    const struct ouse_collection *all[] = {&people, &hubs, &projects};
    (void)state;
    assert_ok(reopen(people_fields, 4, 2, &step, 1));
    close_register();
    assert_refused(open_with(all, 3, NULL, 0), OUSE_E_CONFLICT, "is older and declares 1");
    assert_ok(reopen(people_fields, 4, 2, NULL, 0));
}

static void a_unique_index_is_not_made_over_values_that_clash(void **state)
{
    struct ouse_field fields[4];
    (void)state;
    memcpy(fields, people_fields, sizeof fields);
    fields[2].flags = OUSE_UNIQUE;
    assert_ok(one(CREATE, "people", "a", "{\"name\":\"A\",\"nick\":\"same\"}"));
    assert_ok(one(CREATE, "people", "b", "{\"name\":\"B\",\"nick\":\"same\"}"));
    assert_refused(reopen(fields, 4, 1, NULL, 0), OUSE_E_CONFLICT, "unique");
    assert_refused(reopen(fields, 4, 2, &(struct record_migration){"people", 1, keep_field, NULL}, 1),
                   OUSE_E_CONFLICT, "unique");
    close_register();
    open_register();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SOUND(a_record_is_kept_as_it_is_served),
        SOUND(ids_come_from_the_label_and_are_numbered),
        SOUND(an_id_is_taken_once),
        SOUND(a_filter_finds_in_the_order_of_ids),
        SOUND(terms_are_intersected),
        SOUND(a_unique_value_belongs_to_one_record),
        SOUND(system_fields_and_states_are_not_the_clients),
        SOUND(replacing_and_patching_make_revisions),
        SOUND(an_unchanged_record_makes_no_revision),
        SOUND(a_condition_names_the_record_that_was_read),
        SOUND(states_change_by_moves),
        SOUND(a_set_may_refer_forward),
        SOUND(what_a_set_takes_back_is_not_missed),
        SOUND(what_is_referred_to_stays),
        SOUND(unique_values_move_within_a_set),
        SOUND(a_unique_value_that_two_have_at_the_end_is_refused),
        SOUND(a_parent_goes_before_its_children),
        SOUND(removal_takes_references_out),
        SOUND(removal_cascades),
        SOUND(a_cascade_may_be_longer_than_the_stack),
        SOUND(a_removed_record_goes_on_where_it_was),
        SOUND(merging_moves_every_reference),
        SOUND(a_failing_set_leaves_nothing),
        SOUND(a_dry_run_keeps_nothing),
        SOUND(phases_run_in_order),
        SOUND(fill_completes_the_document),
        SOUND(check_refuses),
        SOUND(warnings_follow_other_records),
        SOUND(settling_refuses_the_whole_set),
        SOUND(a_hook_may_change_what_is_being_merged),
        SOUND(rules_follow_other_records),
        SOUND(settling_may_change_a_record_that_is_rechecked),
        SOUND(a_check_may_not_write_what_it_checks),
        SOUND(removals_by_hooks_end_somewhere),
        SOUND(a_recheck_may_not_write_either),
        SOUND(a_check_makes_no_clash),
        SOUND(settling_may_reach_more_than_the_set_did),
        SOUND(where_a_record_went_is_for_those_who_see_it),
        SOUND(a_field_that_is_hidden_now_leaves_the_public_view),
        SOUND(an_index_that_is_new_is_filled),
        SOUND(the_same_declaration_rewrites_nothing),
        SOUND(what_was_declared_last_is_compared_with),
        SOUND(those_who_read_change_nothing),
        SOUND(a_migration_makes_revisions),
        SOUND(a_change_without_migration_is_refused),
        SOUND(an_older_plugin_is_refused),
        SOUND(a_unique_index_is_not_made_over_values_that_clash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
