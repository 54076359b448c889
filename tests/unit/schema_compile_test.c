/* declarations: what each mistake is told as; rows older and newer than ours;
 * linking; what the store compares. */
#include "schema_fixture.h"

#define FIELDS(...)                                      \
    (const struct ouse_field[])                          \
    {                                                    \
        {.name = "name", .type = OUSE_TEXT}, __VA_ARGS__ \
    }

/* A collection "things" of these rows, of which a test spoils one. */
static struct ouse_collection things(const struct ouse_field *fields, uint32_t n)
{
    struct ouse_collection is = {.name = "things", .singular = "thing", .version = 1};
    is.fields.at = fields;
    is.fields.n = n;
    is.fields.stride = sizeof *fields;
    return is;
}

static void expect_mistake(const struct ouse_collection *is, const char *expected)
{
    problem_init(&problem, &arena);
    assert_int_equal(schema_add(schema, "test", is, sizeof *is, &problem), OUSE_E_INVALID);
    assert_int_equal(schema_count(schema), 0);
    if (problem.n_errors != 1 || !strstr(problem.errors[0].detail.p, expected))
        fail_msg("expected \"%s\", got: %s", expected, told());
}

static void mistakes_in_a_field_are_told(void **state)
{
    static const struct {
        struct ouse_field field;
        const char *expected;
    } cases[] = {
        {{.name = "Bad", .type = OUSE_TEXT},
         "test: collection things: field Bad: the name must be snake_case"},
        {{.name = "a-b", .type = OUSE_TEXT}, "snake_case"},
        {{.name = "a__b", .type = OUSE_TEXT}, "snake_case"},
        {{.name = NULL, .type = OUSE_TEXT}, "field (no name): the name must be snake_case"},
        {{.name = "id", .type = OUSE_TEXT}, "already; choose another"},
        {{.name = "sources", .type = OUSE_TEXT}, "already; choose another"},
        {{.name = "name", .type = OUSE_TEXT}, "there are two of this name"},
        {{.name = "x", .type = 0}, "type 0 is not one of OUSE_TEXT … OUSE_SERIES"},
        {{.name = "x", .type = 99}, "type 99 is not one of"},
        {{.name = "x", .type = OUSE_TEXT, .flags = 0x8000}, "flags 0x8000 are not known to this host"},
        {{.name = "x", .type = OUSE_LONG, .flags = OUSE_INDEXED},
         "OUSE_INDEXED has no meaning for type long"},
        {{.name = "x", .type = OUSE_INT, .flags = OUSE_SEARCHABLE},
         "OUSE_SEARCHABLE has no meaning for type int"},
        {{.name = "x", .type = OUSE_TEXT, .visibility = 7}, "visibility is 7; it must be OUSE_PUBLIC"},
        {{.name = "x", .type = OUSE_ENUM}, "type enum needs choices, separated by spaces"},
        {{.name = "x", .type = OUSE_ENUM, .choices = "a b a"}, "a is twice among the choices"},
        {{.name = "x", .type = OUSE_TEXT, .choices = "a"}, "without OUSE_SCHEME; use OUSE_ENUM"},
        {{.name = "x", .type = OUSE_TEXT, .flags = OUSE_SCHEME}, "OUSE_SCHEME needs the one scheme"},
        {{.name = "x", .type = OUSE_TEXT, .flags = OUSE_SCHEME, .choices = "isbn"},
         "isbn is no known scheme; there are ods"},
        {{.name = "x", .type = OUSE_IDS}, "type ids needs choices"},
        {{.name = "x", .type = OUSE_IDS, .choices = "ods isbn"}, "isbn is no known scheme"},
        {{.name = "x", .type = OUSE_SERIES, .flags = OUSE_INDEXED},
         "OUSE_INDEXED has no meaning for type series"},
        {{.name = "x", .type = OUSE_INT, .choices = "1 2"}, "choices has no meaning for type int"},
        {{.name = "x", .type = OUSE_REF}, "type ref needs refers_to"},
        {{.name = "x", .type = OUSE_TEXT, .refers_to = "y"}, "refers_to has no meaning for type text"},
        {{.name = "x", .type = OUSE_REF, .refers_to = "People"},
         "refers_to must be collection or collection@plugin"},
        {{.name = "x", .type = OUSE_REF, .refers_to = "a", .on_delete = 9}, "on_delete is 9"},
        {{.name = "x", .type = OUSE_TEXT, .on_delete = OUSE_CASCADE},
         "on_delete has no meaning for type text"},
        {{.name = "x", .type = OUSE_REF, .flags = OUSE_REQUIRED, .refers_to = "a", .on_delete = OUSE_NULLIFY},
         "cannot be nullified; use OUSE_RESTRICT or OUSE_CASCADE"},
        {{.name = "x", .type = OUSE_TEXT, .pattern = "(a"},
         "pattern (a is no POSIX extended regular expression: "},
        {{.name = "x", .type = OUSE_URL, .pattern = "a"}, "pattern has no meaning for type url"},
        {{.name = "x", .type = OUSE_INT, .min = 3, .max = 2}, "max 2 is less than min 3"},
        {{.name = "x", .type = OUSE_BOOL, .max = 2}, "min and max have no meaning for type bool"},
        {{.name = "x", .type = OUSE_TEXT, .min = -1}, "min -1 is out of range for type text"},
        {{.name = "x", .type = OUSE_DATE, .after = "nope"}, "after names nope, which is no other date"},
        {{.name = "x", .type = OUSE_DATE, .after = "name"}, "after names name, which is no other date"},
        {{.name = "x", .type = OUSE_DATE, .after = "x"}, "after names x, which is no other date"},
        {{.name = "x", .type = OUSE_TEXT, .after = "name"}, "after has no meaning for type text"},
        {{.name = "x", .type = OUSE_TEXT, .dflt = "GBP"}, "dflt GBP is invalid; put a text in quotes"},
        {{.name = "x", .type = OUSE_INT, .dflt = "\"1\""},
         "dflt \"1\" is not valid: must be a whole number; got \"1\""},
        {{.name = "x", .type = OUSE_ENUM, .choices = "a b", .dflt = "\"c\""},
         "dflt \"c\" is not valid: must be one of a b"},
        {{.name = "x", .type = OUSE_INT, .dflt = "null"}, "dflt null is not valid"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_collection is = things(FIELDS(cases[i].field), 2);
        expect_mistake(&is, cases[i].expected);
    }
}

static void mistakes_in_a_collection_are_told(void **state)
{
    static const struct ouse_field fields[] = {
        {.name = "name", .type = OUSE_TEXT},
        {.name = "secret", .type = OUSE_TEXT, .visibility = OUSE_OFFICE},
        {.name = "tags", .type = OUSE_LIST},
    };
    static const struct {
        struct ouse_collection is;
        const char *expected;
    } cases[] = {
        {{.name = "Things", .singular = "thing", .version = 1}, "the name must be kebab-case"},
        {{.name = NULL, .singular = "thing", .version = 1},
         "collection (no name): the name must be kebab-case"},
        {{.name = "things", .version = 1}, "singular is missing; it must be kebab-case"},
        {{.name = "things", .singular = "a thing", .version = 1}, "singular is a thing"},
        {{.name = "things", .singular = "thing"}, "version is 0; versions of a schema begin at 1"},
        {{.name = "things", .singular = "thing", .version = 1, .flags = 0x100}, "flags 0x100 are not known"},
        {{.name = "things", .singular = "thing", .version = 1, .visibility = 5}, "visibility is 5"},
        {{.name = "things", .singular = "thing", .version = 1, .label_field = "title"},
         "label_field names title, which is no field of it"},
        {{.name = "things", .singular = "thing", .version = 1, .label_field = "name tags"},
         "label_field names tags of type list"},
        {{.name = "things", .singular = "thing", .version = 1, .label_field = "secret"},
         "label_field names secret, which is hidden"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_collection is = things(fields, 3);
        memcpy(&is, &cases[i].is, offsetof(struct ouse_collection, fields));
        expect_mistake(&is, cases[i].expected);
    }
    struct ouse_collection none = things(NULL, 0), many = things(fields, 65), lost = things(NULL, 2);
    expect_mistake(&none, "it has 0 fields; it must have 1 to 64");
    expect_mistake(&many, "it has 65 fields; it must have 1 to 64");
    expect_mistake(&lost, "the table fields has rows but no address or stride; fill it with OUSE_ROWS");
}

static void mistakes_in_what_pages_show_are_told(void **state)
{
    static const struct ouse_field fields[] = {
        {.name = "name", .type = OUSE_TEXT},
        {.name = "secret", .type = OUSE_REF, .refers_to = "things", .visibility = OUSE_OFFICE},
        {.name = "tags", .type = OUSE_LIST},
        {.name = "above", .type = OUSE_REF, .refers_to = "things"},
        {.name = "day", .type = OUSE_DATE},
    };
    static const struct {
        struct ouse_collection is;
        const char *expected;
    } cases[] = {
        {{.parent = "higher"}, "parent names higher, which is no field of it"},
        {{.parent = "day"}, "parent names day, which has the wrong type, date"},
        {{.parent = "above name"}, "parent names 2 fields; 1 is the most"},
        {{.parent = "secret"}, "parent names secret, which is hidden from some who may see the record"},
        {{.context = "above tags"}, "context names tags, which has the wrong type, list"},
        {{.honorific = "day"}, "honorific names day, which has the wrong type, date"},
        {{.join = {.of = "name"}}, "join.of names name, which has the wrong type, text"},
        {{.join = {.of = "above", .with = "secret"}}, "join.with names secret, which is hidden"},
        {{.join = {.of = "above", .from = "above"}}, "join.from names above, which has the wrong type, ref"},
        {{.join = {.of = "above", .amount = "day"}}, "join.amount names day"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_collection is = things(fields, 5);
        memcpy(&is.join, &cases[i].is.join, sizeof is - offsetof(struct ouse_collection, join));
        expect_mistake(&is, cases[i].expected);
    }
}

static void mistakes_in_an_index_are_told(void **state)
{
    static const struct ouse_field fields[] = {
        {.name = "name", .type = OUSE_TEXT, .flags = OUSE_INDEXED},
        {.name = "a", .type = OUSE_LIST},
        {.name = "b", .type = OUSE_LIST},
        {.name = "note", .type = OUSE_LONG},
        {.name = "url", .type = OUSE_URL},
        {.name = "mail", .type = OUSE_EMAIL},
    };
    static const struct {
        struct ouse_index index;
        const char *expected;
    } cases[] = {
        {{.name = "x", .keys = "name nope"}, "index x: keys names nope, which is no field"},
        {{.name = "x", .keys = "note"}, "keys names note; a field of type long cannot be indexed"},
        {{.name = "x", .keys = ""}, "keys has 0 names; it must have 1 to 8"},
        {{.name = "x", .keys = NULL}, "keys has 0 names; it must have 1 to 8"},
        {{.name = "x", .keys = "name a url mail"},
         "its entries may take 516 bytes; 400 is the most; use fewer texts"},
        {{.name = "x", .keys = "a b"}, "it has 2 lists among its keys; one is the most"},
        {{.name = "name", .keys = "url"}, "the name is taken"},
        {{.name = "X", .keys = "url"}, "snake_case"},
        {{.name = "x", .keys = "url", .flags = OUSE_INDEXED}, "flags is 0x2; it must be 0 or OUSE_UNIQUE"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_collection is = things(fields, 6);
        is.indexes.at = &cases[i].index;
        is.indexes.n = 1;
        is.indexes.stride = sizeof cases[i].index;
        expect_mistake(&is, cases[i].expected);
    }
}

static void mistakes_in_a_flow_are_told(void **state)
{
    static const struct ouse_move leads_nowhere[] = {{.from = "a", .to = "z"}},
                                  comes_from[] = {{.from = "z", .to = "a"}}, from_none[] = {{.to = "a"}},
                                  role[] = {{.from = "a", .to = "b", .role = 3}},
                                  twice[] = {{.from = "a b", .to = "c"}, {.from = "b", .to = "c"}};
    static const struct {
        struct ouse_flow flow;
        const char *expected;
    } cases[] = {
        {{.field = "nope", .initial = "a"}, "flow nope: `field` must be an enum"},
        {{.field = "name", .initial = "a"}, "flow name: `field` must be an enum"},
        {{.initial = "a"}, "flow (no name): `field` must be an enum"},
        {{.field = "state", .initial = "z"}, "initial z is not among the choices: a b c"},
        {{.field = "state"}, "initial (none) is not among the choices"},
        {{.field = "state", .initial = "a", .moves = OUSE_ROWS(leads_nowhere)},
         "a move leads to z is not among"},
        {{.field = "state", .initial = "a", .moves = OUSE_ROWS(comes_from)},
         "a move starts from z is not among"},
        {{.field = "state", .initial = "a", .moves = OUSE_ROWS(from_none)}, "the move to a has no `from`"},
        {{.field = "state", .initial = "a", .moves = OUSE_ROWS(role)}, "role 3 of a move"},
        {{.field = "state", .initial = "a", .moves = OUSE_ROWS(twice)}, "there are two moves from b to c"},
        {{.field = "begun", .initial = "a"}, "field begun: dflt has no meaning here"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_collection is =
            things(FIELDS({.name = "state", .type = OUSE_ENUM, .choices = "a b c"},
                          {.name = "begun", .type = OUSE_ENUM, .choices = "a b", .dflt = "\"b\""}),
                   3);
        is.flows.at = &cases[i].flow;
        is.flows.n = 1;
        is.flows.stride = sizeof cases[i].flow;
        expect_mistake(&is, cases[i].expected);
    }
}

static ouse_rc compute(struct ouse_ctx *ctx, struct ouse_doc *record)
{
    (void)ctx;
    (void)record;
    return OUSE_OK;
}

static void mistakes_in_a_derived_value_are_told(void **state)
{
    static const struct {
        struct ouse_derived derived;
        const char *expected;
    } cases[] = {
        {{.name = "late", .type = OUSE_BOOL}, "derived late: fn is missing"},
        {{.name = "meta", .type = OUSE_BOOL, .fn = compute},
         "derived meta: every record has one of this name"},
        {{.name = "name", .type = OUSE_BOOL, .fn = compute},
         "derived name: the name is taken by a field or another"},
        {{.name = "late", .type = 0, .fn = compute}, "derived late: type 0 is not one of"},
        {{.name = "Late", .type = OUSE_BOOL, .fn = compute}, "derived Late: the name must be snake_case"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ouse_collection is = things(FIELDS({.name = "x", .type = OUSE_INT}), 2);
        is.derived.at = &cases[i].derived;
        is.derived.n = 1;
        is.derived.stride = sizeof cases[i].derived;
        expect_mistake(&is, cases[i].expected);
    }
}

static const char *many_words(int n)
{
    struct buffer out;
    buffer_init(&out, 1 << 16);
    for (int i = 0; i < n; i++)
        buffer_printf(&out, "w%d ", i);
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

static void caps_are_told(void **state)
{
    (void)state;
    struct ouse_collection choices =
        things(FIELDS({.name = "x", .type = OUSE_ENUM, .choices = many_words(251)}), 2);
    expect_mistake(&choices, "there are 251 choices; 250 is the most");
    struct ouse_collection targets =
        things(FIELDS({.name = "x", .type = OUSE_REF, .refers_to = many_words(65)}), 2);
    expect_mistake(&targets, "refers_to names 65 collections; 64 is the most");
    struct ouse_collection labels = things(FIELDS({.name = "x", .type = OUSE_TEXT}), 2);
    labels.label_field = "name x name x name";
    expect_mistake(&labels, "label_field names 5 fields; 4 is the most");
}

static void tables_without_rows_are_told(void **state)
{
    (void)state;
    struct ouse_collection is = things(FIELDS({.name = "state", .type = OUSE_ENUM, .choices = "a b"}), 2);
    struct ouse_collection indexes = is, flows = is, derived = is, moves = is;
    struct ouse_flow flow = {.field = "state", .initial = "a"};
    indexes.indexes.n = flows.flows.n = derived.derived.n = flow.moves.n = 1;
    moves.flows.at = &flow;
    moves.flows.n = 1;
    moves.flows.stride = sizeof flow;
    expect_mistake(&indexes, "the table indexes has rows but no address or stride");
    expect_mistake(&flows, "the table flows has rows but no address or stride");
    expect_mistake(&derived, "the table derived has rows but no address or stride");
    expect_mistake(&moves, "the table moves has rows but no address or stride");
}

static void two_derived_values_have_two_names(void **state)
{
    static const struct ouse_derived late[] = {{.name = "late", .type = OUSE_BOOL, .fn = compute},
                                               {.name = "late", .type = OUSE_INT, .fn = compute}};
    (void)state;
    struct ouse_collection is = things(FIELDS({.name = "x", .type = OUSE_INT}), 2);
    is.derived.at = late;
    is.derived.n = 2;
    is.derived.stride = sizeof late[0];
    expect_mistake(&is, "derived late: the name is taken");
}

static void a_new_required_field_needs_a_migration(void **state)
{
    struct schema *after = schema_create();
    struct ouse_field x = {.name = "x", .type = OUSE_INT};
    struct ouse_field y = {.name = "y", .type = OUSE_INT, .flags = OUSE_REQUIRED};
    struct ouse_collection was = things(FIELDS(x), 2), now = things(FIELDS(x, y), 3);
    (void)state;
    add("test", &was);
    assert_int_equal(schema_add(after, "test", &now, sizeof now, &problem), OUSE_OK);
    struct buffer text;
    buffer_init(&text, 1 << 16);
    schema_describe(find("things"), OUSE_MANAGER, &text);
    cJSON *stored = doc(arena_copy(&arena, buffer_view(&text)).p);
    buffer_finish(&text);
    assert_int_equal(schema_compare(stored, find("things"), &problem), OUSE_OK);
    assert_int_equal(schema_compare(stored, schema_at(after, 0), &problem), OUSE_E_CONFLICT);
    assert_string_equal(told(),
                        "/fields/y migration: test: collection things: y: it is new and required, but "
                        "existing records have no value; this needs a new version and a migration\n");
    schema_destroy(after);
}

static void a_date_is_not_held_against_a_hidden_one(void **state)
{
    (void)state;
    struct ouse_collection is = things(FIELDS({.name = "a", .type = OUSE_DATE, .visibility = OUSE_OFFICE},
                                              {.name = "b", .type = OUSE_DATE, .after = "a"}),
                                       3);
    expect_mistake(&is, "field b: after names a, which some roles that see this field may not see");
}

static void all_mistakes_come_at_once(void **state)
{
    (void)state;
    struct ouse_collection is =
        things(FIELDS({.name = "x", .type = OUSE_ENUM}, {.name = "Y", .type = 77}), 3);
    is.label_field = "title";
    assert_int_equal(schema_add(schema, "test", &is, sizeof is, &problem), OUSE_E_INVALID);
    assert_int_equal(problem.n_errors, 4);
}

/* ---- Rows of other sizes than ours */

struct future_field {
    struct ouse_field is;
    const char *hint;
    uint64_t more[3];
};
struct past_field {
    const char *name;
    uint32_t type;
    uint32_t flags;
};
struct future_collection {
    struct ouse_collection is;
    uint64_t more;
};

static void newer_and_older_rows_are_read(void **state)
{
    static const struct future_field newer[] = {
        {{.name = "name", .type = OUSE_TEXT, .title = "Name"}, "hint", {1, 2, 3}},
        {{.name = "kind", .type = OUSE_ENUM, .choices = "a b", .doc = "Which."}, "hint", {4, 5, 6}}};
    static const struct past_field older[] = {{"name", OUSE_TEXT, OUSE_REQUIRED}, {"n", OUSE_INT, 0}};
    (void)state;

    struct future_collection future = {.is = {.name = "newer", .singular = "new", .version = 1},
                                       .more = ~0ull};
    future.is.fields.at = &newer[0].is;
    future.is.fields.n = 2;
    future.is.fields.stride = sizeof newer[0];
    if (schema_add(schema, "test", &future.is, sizeof future, &problem))
        fail_msg("%s", told());
    assert_int_equal(find("newer")->n_fields, 2);
    assert_string_equal(field_of(find("newer"), "kind")->is.doc, "Which.");
    assert_int_equal(field_of(find("newer"), "kind")->n_choices, 2);

    struct ouse_collection past = {.name = "older", .singular = "old", .version = 1};
    past.fields.at = (const struct ouse_field *)(const void *)older;
    past.fields.n = 2;
    past.fields.stride = sizeof older[0];
    past.derived.at = (const void *)1; /* behind the end that is told, so not to be believed */
    past.derived.n = 99;
    uint32_t size = offsetof(struct ouse_collection, derived);
    if (schema_add(schema, "test", &past, size, &problem))
        fail_msg("%s", told());
    assert_int_equal(find("older")->n_derived, 0);
    assert_int_equal(field_of(find("older"), "name")->is.flags, OUSE_REQUIRED);
    assert_null(field_of(find("older"), "n")->is.doc);
    assert_string_equal(field_of(find("older"), "n")->title, "N");
}

/* ---- Titles */

static void names_are_written_as_people_write_them(void **state)
{
    static const struct {
        const char *name, *title;
    } cases[] = {{"chief_executive", "Chief executive"},
                 {"nhs_trust", "NHS trust"},
                 {"shared-practices", "Shared practices"},
                 {"older_gp", "Older GP"},
                 {"record_id", "Record ID"},
                 {"icbs", "Icbs"},
                 {"", ""}};
    struct ouse_collection is = things(FIELDS({.name = "ods_code", .type = OUSE_TEXT}), 2);
    (void)state;
    schema_spell(schema, "NHS ICB");
    schema_spell(schema, NULL);
    schema_spell(schema, "GP ODS");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(schema_title(schema, problem.arena, ouse_s(cases[i].name)).p, cases[i].title);
    assert_int_equal(schema_add(schema, "test", &is, sizeof is, &problem), OUSE_OK);
    assert_string_equal(field_of(find("things"), "ods_code")->title, "ODS code");
}

/* ---- The set and its links */

static void add_simple(const char *plugin, const char *name, const char *refers_to, uint32_t flags)
{
    struct ouse_field ref = {.name = "ref", .type = refers_to ? OUSE_REF : OUSE_TEXT, .refers_to = refers_to};
    struct ouse_collection is = things(FIELDS(ref), 2);
    is.name = name;
    is.flags = flags;
    add(plugin, &is);
}

static void the_set_is_ordered_and_names_are_global(void **state)
{
    static const char *const names[] = {"hubs", "awards", "hub-notes", "people", "a"};
    static const char *const sorted[] = {"a", "awards", "hub-notes", "hubs", "people"};
    (void)state;
    for (size_t i = 0; i < 5; i++)
        add_simple("test", names[i], NULL, 0);
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        assert_string_equal(schema_at(schema, i)->is.name, sorted[i]);
        assert_ptr_equal(schema_find(schema, ouse_s(sorted[i])), schema_at(schema, i));
        schema_at(schema, i)->number = i + 1;
    }
    assert_ptr_equal(schema_numbered(schema, 4), find("hubs"));
    assert_null(schema_numbered(schema, 9));
    assert_null(schema_find(schema, ouse_s("hub")));
    assert_null(schema_find(schema, ouse_s(NULL)));

    struct ouse_collection again = things(FIELDS({.name = "x", .type = OUSE_INT}), 2);
    again.name = "hubs";
    assert_int_equal(schema_add(schema, "other", &again, sizeof again, &problem), OUSE_E_CONFLICT);
    assert_string_equal(problem.detail.p, "other: collection hubs: the name is taken by plugin test; "
                                          "collections have global names");
}

static void references_are_linked(void **state)
{
    (void)state;
    add_simple("directory", "people", "people", 0);
    add_simple("hubs", "hubs", "people@directory awards@funding", 0);
    add_simple("evidence", "publications", NULL, OUSE_CITED);
    link_all();
    const struct field *ref = field_of(find("hubs"), "ref");
    assert_ptr_equal(ref->targets[0].to, find("people"));
    assert_null(ref->targets[1].to);
    assert_string_equal(ref->targets[1].collection, "awards");
    assert_string_equal(ref->targets[1].plugin, "funding");
    assert_ptr_equal(field_of(find("people"), "ref")->targets[0].to, find("people"));
    assert_ptr_equal(find("hubs")->sources->targets[0].to, find("publications"));
}

static void without_a_cited_collection_sources_have_no_target(void **state)
{
    (void)state;
    add_simple("directory", "people", "people", 0);
    link_all();
    assert_int_equal(find("people")->sources->n_targets, 1);
    assert_null(find("people")->sources->targets[0].to);
    assert_null(find("people")->sources->targets[0].collection);
}

static void wrong_links_are_told(void **state)
{
    (void)state;
    add_simple("directory", "people", NULL, OUSE_CITED);
    add_simple("hubs", "hubs", "people persons bodies@hubs", OUSE_CITED);
    add_simple("networks", "networks", "people@hubs", 0);
    assert_int_equal(schema_link(schema, &problem), OUSE_E_INVALID);
    assert_string_equal(
        told(),
        "/people declaration: directory: collection people: OUSE_CITED is taken by hubs of plugin hubs; one "
        "collection may have it\n"
        "/hubs/ref declaration: hubs: collection hubs: field ref: people is provided by plugin directory; "
        "write "
        "people@directory\n"
        "/hubs/ref declaration: hubs: collection hubs: field ref: refers_to names persons, which plugin hubs "
        "does not "
        "declare; another's is written collection@plugin\n"
        "/hubs/ref declaration: hubs: collection hubs: field ref: refers_to names bodies, which plugin hubs "
        "does not "
        "declare; another's is written collection@plugin\n"
        "/networks/ref declaration: networks: collection networks: field ref: people is provided by plugin "
        "directory; write people@directory\n");
}

static void indexes_of_fields_come_first(void **state)
{
    static const struct ouse_field fields[] = {
        {.name = "name", .type = OUSE_TEXT, .flags = OUSE_INDEXED},
        {.name = "number", .type = OUSE_INT, .flags = OUSE_UNIQUE},
        {.name = "orcid", .type = OUSE_TEXT, .flags = OUSE_SCHEME, .choices = "orcid"},
        {.name = "identifiers", .type = OUSE_IDS, .choices = "ods"},
        {.name = "plain", .type = OUSE_TEXT},
    };
    static const struct ouse_index compound[] = {
        {.name = "both", .keys = "number name", .flags = OUSE_UNIQUE}};
    static const struct {
        const char *name;
        uint32_t n_keys;
        int unique;
    } expected[] = {{"name", 1, 0},    {"number", 1, 1},  {"orcid", 1, 1}, {"identifiers", 1, 1},
                    {"created", 1, 0}, {"updated", 1, 0}, {"both", 2, 1}};
    (void)state;
    struct ouse_collection is = things(fields, 5);
    is.indexes.at = compound;
    is.indexes.n = 1;
    is.indexes.stride = sizeof compound[0];
    add("test", &is);
    struct collection *c = find("things");
    assert_int_equal(c->n_indexes, 7);
    for (uint32_t i = 0; i < 7; i++) {
        assert_string_equal(c->indexes[i].name, expected[i].name);
        assert_int_equal(c->indexes[i].n_keys, expected[i].n_keys);
        assert_int_equal(!!c->indexes[i].unique, expected[i].unique);
        assert_ptr_equal(schema_index(c, ouse_s(expected[i].name)), &c->indexes[i]);
    }
    assert_string_equal(c->indexes[6].keys[0]->is.name, "number");
    assert_null(schema_index(c, ouse_s("plain")));
}

/* ---- Descriptions */

static cJSON *described(const struct collection *collection)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    schema_describe(collection, OUSE_MANAGER, &out);
    cJSON *value = doc(arena_copy(&arena, buffer_view(&out)).p);
    buffer_finish(&out);
    return value;
}

static void a_description_says_all(void **state)
{
    static const struct ouse_field fields[] = {
        {.name = "short_name",
         .type = OUSE_TEXT,
         .flags = OUSE_REQUIRED | OUSE_INDEXED,
         .doc = "As \"printed\"."},
        {.name = "state", .type = OUSE_ENUM, .choices = "a b"},
        {.name = "lead",
         .type = OUSE_REF,
         .refers_to = "things",
         .on_delete = OUSE_NULLIFY,
         .visibility = OUSE_OFFICE},
        {.name = "currency", .type = OUSE_TEXT, .dflt = "\"GBP\"", .pattern = "[A-Z]{3}"},
        {.name = "starts", .type = OUSE_DATE},
        {.name = "ends", .type = OUSE_PDATE, .after = "starts"},
    };
    static const struct ouse_move moves[] = {{.from = "a", .to = "b", .title = "On"}};
    static const struct ouse_flow flow = {.field = "state", .initial = "a", .moves = OUSE_ROWS(moves)};
    static const struct ouse_derived late = {.name = "late", .type = OUSE_BOOL, .fn = compute};
    (void)state;
    struct ouse_collection is = things(fields, 6);
    is.label_field = "short_name";
    is.flags = OUSE_NO_REMOVE;
    is.flows.at = &flow;
    is.flows.n = 1;
    is.flows.stride = sizeof flow;
    is.derived.at = &late;
    is.derived.n = 1;
    is.derived.stride = sizeof late;
    add("test", &is);
    assert_string_equal(
        printed(described(find("things"))),
        "{\"name\":\"things\",\"singular\":\"thing\",\"plugin\":\"test\",\"version\":1,\"visibility\":"
        "\"public\","
        "\"verbs\":[\"create\",\"change\"],\"labels\":[\"short_name\"],\"fields\":["
        "{\"name\":\"short_name\",\"type\":\"text\",\"title\":\"Short name\",\"doc\":\"As \\\"printed\\\".\","
        "\"required\":true,\"indexed\":true,\"visibility\":\"public\",\"min\":1,\"max\":500},"
        "{\"name\":\"state\",\"type\":\"enum\",\"title\":\"State\",\"visibility\":\"public\",\"choices\":["
        "\"a\",\"b\"]},"
        "{\"name\":\"lead\",\"type\":\"ref\",\"title\":\"Lead\",\"visibility\":\"office\",\"refers_to\":["
        "\"things\"],"
        "\"on_delete\":\"nullify\"},"
        "{\"name\":\"currency\",\"type\":\"text\",\"title\":\"Currency\",\"visibility\":\"public\",\"min\":1,"
        "\"max\":500,"
        "\"pattern\":\"[A-Z]{3}\",\"default\":\"GBP\"},"
        "{\"name\":\"starts\",\"type\":\"date\",\"title\":\"Starts\",\"visibility\":\"public\"},"
        "{\"name\":\"ends\",\"type\":\"pdate\",\"title\":\"Ends\",\"visibility\":\"public\",\"after\":"
        "\"starts\"}],"
        "\"indexes\":[{\"name\":\"short_name\",\"keys\":[\"short_name\"],\"unique\":false},"
        "{\"name\":\"created\",\"keys\":[\"created\"],\"unique\":false},"
        "{\"name\":\"updated\",\"keys\":[\"updated\"],\"unique\":false}],"
        "\"flows\":[{\"field\":\"state\",\"initial\":\"a\",\"moves\":[{\"from\":[\"a\"],\"to\":\"b\","
        "\"title\":\"On\","
        "\"role\":\"manager\"}]}],\"derived\":[{\"name\":\"late\",\"type\":\"bool\"}]}");
}

/* What becomes of field `x` (NULL: it is taken out), and what the comparison says of it. */
static void changes_are_additive_or_need_a_migration(void **state)
{
    static const struct {
        struct ouse_field was, now;
        const char *expected; /* NULL: additive */
    } cases[] = {
        {{.name = "x", .type = OUSE_INT},
         {.name = "x", .type = OUSE_INT, .title = "New", .doc = "New."},
         NULL},
        {{.name = "x", .type = OUSE_INT}, {.name = "x", .type = OUSE_INT, .flags = OUSE_INDEXED}, NULL},
        {{.name = "x", .type = OUSE_INT, .max = 5}, {.name = "x", .type = OUSE_INT, .max = 6}, NULL},
        {{.name = "x", .type = OUSE_INT, .max = 5}, {.name = "x", .type = OUSE_INT}, NULL},
        {{.name = "x", .type = OUSE_INT, .flags = OUSE_REQUIRED}, {.name = "x", .type = OUSE_INT}, NULL},
        {{.name = "x", .type = OUSE_ENUM, .choices = "a b"},
         {.name = "x", .type = OUSE_ENUM, .choices = "a b c"},
         NULL},
        {{.name = "x", .type = OUSE_REF, .refers_to = "a@p b@p"},
         {.name = "x", .type = OUSE_REF, .refers_to = "c@p b@p a@p"},
         NULL},
        {{.name = "x", .type = OUSE_TEXT, .pattern = "a"}, {.name = "x", .type = OUSE_TEXT}, NULL},
        {{.name = "x", .type = OUSE_INT}, {.name = "y", .type = OUSE_INT}, "the field was removed"},
        {{.name = "x", .type = OUSE_INT}, {.name = "x", .type = OUSE_MONEY}, "its type changed"},
        {{.name = "x", .type = OUSE_INT},
         {.name = "x", .type = OUSE_INT, .flags = OUSE_REQUIRED},
         "it became required"},
        {{.name = "x", .type = OUSE_INT},
         {.name = "x", .type = OUSE_INT, .flags = OUSE_UNIQUE},
         "it became unique"},
        {{.name = "x", .type = OUSE_INT}, {.name = "x", .type = OUSE_INT, .max = 6}, "min became larger"},
        {{.name = "x", .type = OUSE_INT, .max = 6},
         {.name = "x", .type = OUSE_INT, .max = 5},
         "max became smaller"},
        {{.name = "x", .type = OUSE_INT},
         {.name = "x", .type = OUSE_INT, .visibility = OUSE_OFFICE},
         "its visibility changed"},
        {{.name = "x", .type = OUSE_TEXT},
         {.name = "x", .type = OUSE_TEXT, .pattern = "a"},
         "its pattern changed"},
        {{.name = "x", .type = OUSE_LIST},
         {.name = "x", .type = OUSE_LIST, .choices = "a"},
         "choices were removed"},
        {{.name = "x", .type = OUSE_ENUM, .choices = "a b"},
         {.name = "x", .type = OUSE_ENUM, .choices = "b a"},
         "choices were"},
        {{.name = "x", .type = OUSE_ENUM, .choices = "a b"},
         {.name = "x", .type = OUSE_ENUM, .choices = "a"},
         "choices were"},
        {{.name = "x", .type = OUSE_REF, .refers_to = "a@p"},
         {.name = "x", .type = OUSE_REF, .refers_to = "a@p b@p"},
         "one became several"},
        {{.name = "x", .type = OUSE_REF, .refers_to = "a@p"},
         {.name = "x", .type = OUSE_REF, .refers_to = "b@p"},
         "removed from refers_to"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct schema *before = schema_create(), *after = schema_create();
        struct ouse_collection was = things(FIELDS(cases[i].was), 2), now = things(FIELDS(cases[i].now), 2);
        problem_init(&problem, &arena);
        assert_int_equal(schema_add(before, "test", &was, sizeof was, &problem), OUSE_OK);
        assert_int_equal(schema_add(after, "test", &now, sizeof now, &problem), OUSE_OK);
        ouse_rc rc = schema_compare(described(schema_at(before, 0)), schema_at(after, 0), &problem);
        if (cases[i].expected ? rc != OUSE_E_CONFLICT || !strstr(told(), cases[i].expected) : rc != OUSE_OK)
            fail_msg("case %zu: expected %s, got: %s", i, cases[i].expected ? cases[i].expected : "additive",
                     told());
        schema_destroy(before);
        schema_destroy(after);
    }
}

static void new_indexes_are_additive_unless_records_may_clash(void **state)
{
    static const struct {
        struct ouse_index index;
        const char *expected;
    } cases[] = {
        {{.name = "i", .keys = "a b"}, NULL},
        {{.name = "i", .keys = "a b", .flags = OUSE_UNIQUE}, "unique now"},
        {{.name = "i", .keys = "a fresh", .flags = OUSE_UNIQUE}, NULL},
        {{.name = "old", .keys = "b a"}, "its keys changed"},
    };
    static const struct ouse_index old = {.name = "old", .keys = "a b"};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct schema *before = schema_create(), *after = schema_create();
        struct ouse_field a = {.name = "a", .type = OUSE_INT}, b = {.name = "b", .type = OUSE_INT};
        struct ouse_field fresh = {.name = "fresh", .type = OUSE_INT};
        struct ouse_collection was = things(FIELDS(a, b), 3), now = things(FIELDS(a, b, fresh), 4);
        was.indexes.at = &old;
        now.indexes.at = &cases[i].index;
        was.indexes.n = now.indexes.n = 1;
        was.indexes.stride = now.indexes.stride = sizeof old;
        problem_init(&problem, &arena);
        assert_int_equal(schema_add(before, "test", &was, sizeof was, &problem), OUSE_OK);
        assert_int_equal(schema_add(after, "test", &now, sizeof now, &problem), OUSE_OK);
        ouse_rc rc = schema_compare(described(schema_at(before, 0)), schema_at(after, 0), &problem);
        if (cases[i].expected ? rc != OUSE_E_CONFLICT || !strstr(told(), cases[i].expected) : rc != OUSE_OK)
            fail_msg("case %zu: expected %s, got: %s", i, cases[i].expected ? cases[i].expected : "additive",
                     told());
        schema_destroy(before);
        schema_destroy(after);
    }
    schema_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(mistakes_in_a_field_are_told),
        TEST(mistakes_in_a_collection_are_told),
        TEST(mistakes_in_what_pages_show_are_told),
        TEST(mistakes_in_an_index_are_told),
        TEST(mistakes_in_a_flow_are_told),
        TEST(mistakes_in_a_derived_value_are_told),
        TEST(caps_are_told),
        TEST(tables_without_rows_are_told),
        TEST(two_derived_values_have_two_names),
        TEST(a_new_required_field_needs_a_migration),
        TEST(a_date_is_not_held_against_a_hidden_one),
        TEST(all_mistakes_come_at_once),
        TEST(newer_and_older_rows_are_read),
        TEST(names_are_written_as_people_write_them),
        TEST(the_set_is_ordered_and_names_are_global),
        TEST(references_are_linked),
        TEST(without_a_cited_collection_sources_have_no_target),
        TEST(wrong_links_are_told),
        TEST(indexes_of_fields_come_first),
        TEST(a_description_says_all),
        TEST(changes_are_additive_or_need_a_migration),
        TEST(new_indexes_are_additive_unless_records_may_clash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
