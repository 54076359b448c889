/* bytes: order of members, what a view leaves out, and equal bytes for equal input. */
#include "schema_fixture.h"

static const struct ouse_field fields[] = {
    {.name = "name", .type = OUSE_TEXT},
    {.name = "phone", .type = OUSE_TEXT, .visibility = OUSE_OFFICE},
    {.name = "amount", .type = OUSE_MONEY},
    {.name = "contact", .type = OUSE_EMAIL, .visibility = OUSE_PARTNER},
    {.name = "notes", .type = OUSE_LIST},
};
static const struct ouse_collection people = {
    .name = "people", .singular = "person", .version = 1, .fields = OUSE_ROWS(fields)};

static const char whole[] = "{\"contact\":\"a@b.org\",\"notes\":[\"x\",\"y\"],\"name\":\"Ann \\\"A\\\" "
                            "É\",\"amount\":1234.50,\"phone\":\"0\","
                            "\"sources\":[{\"publication\":\"p1\",\"fields\":[\"/"
                            "amount\"]},{\"publication\":\"p2\",\"fields\":[\"/name\",\"/phone\"]},"
                            "{\"publication\":\"p3\",\"fields\":[\"/contact\"]},{\"publication\":\"p4\"}]}";
static const char warnings[] =
    "[{\"code\":\"a\",\"field\":\"amount\",\"detail\":\"d\"},{\"code\":\"b\",\"field\":\"/phone\"},"
    "{\"code\":\"c\",\"field\":\"contact\"},{\"code\":\"d\"}]";

static void load(void)
{
    add("test", &people);
    link_all();
}

static const char *encoded(const char *document, const char *told_of, uint32_t role)
{
    struct schema_meta meta = {
        .revision = 3, .created = 0, .updated = 1795303020123, .visibility = OUSE_PARTNER};
    struct buffer out;
    meta.warnings = told_of ? doc(told_of) : NULL;
    buffer_init(&out, 10000);
    schema_encode(find("people"), ouse_s("ann"), doc(document), &meta, role, &out);
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    assert_non_null(doc(text));
    return text;
}

#define META                                                                                       \
    "\"meta\":{\"collection\":\"people\",\"revision\":3,\"created\":\"1970-01-01T00:00:00.000Z\"," \
    "\"updated\":\"2026-11-21T23:17:00.123Z\",\"visibility\":\"partner\",\"warnings\":"

static void the_office_sees_all_in_declared_order(void **state)
{
    (void)state;
    load();
    assert_string_equal(
        encoded(whole, warnings, OUSE_OFFICE),
        "{\"id\":\"ann\",\"name\":\"Ann \\\"A\\\" "
        "É\",\"phone\":\"0\",\"amount\":1234.5,\"contact\":\"a@b.org\","
        "\"notes\":[\"x\",\"y\"],\"sources\":[{\"publication\":\"p1\",\"fields\":[\"/amount\"]},"
        "{\"publication\":\"p2\",\"fields\":[\"/name\",\"/phone\"]},{\"publication\":\"p3\",\"fields\":[\"/"
        "contact\"]},"
        "{\"publication\":\"p4\"}]," META "[{\"code\":\"a\",\"field\":\"amount\",\"detail\":\"d\"},"
        "{\"code\":\"b\",\"field\":\"/phone\"},{\"code\":\"c\",\"field\":\"contact\"},{\"code\":\"d\"}]}}");
}

static void views_leave_out_what_is_hidden(void **state)
{
    (void)state;
    load();
    assert_string_equal(encoded(whole, warnings, OUSE_PARTNER),
                        "{\"id\":\"ann\",\"name\":\"Ann \\\"A\\\" "
                        "É\",\"amount\":1234.5,\"contact\":\"a@b.org\",\"notes\":[\"x\",\"y\"],"
                        "\"sources\":[{\"publication\":\"p1\",\"fields\":[\"/amount\"]},"
                        "{\"publication\":\"p3\",\"fields\":[\"/contact\"]},{\"publication\":\"p4\"}]," META
                        "[{\"code\":\"a\",\"field\":\"amount\",\"detail\":\"d\"},{\"code\":\"c\",\"field\":"
                        "\"contact\"},{\"code\":\"d\"}]}}");
    assert_string_equal(
        encoded(whole, warnings, OUSE_PUBLIC),
        "{\"id\":\"ann\",\"name\":\"Ann \\\"A\\\" É\",\"amount\":1234.5,\"notes\":[\"x\",\"y\"],"
        "\"sources\":[{\"publication\":\"p1\",\"fields\":[\"/amount\"]},{\"publication\":\"p4\"}]," META
        "[{\"code\":\"a\",\"field\":\"amount\",\"detail\":\"d\"},{\"code\":\"d\"}]}}");
}

static void what_is_empty_is_not_there(void **state)
{
    (void)state;
    load();
    assert_string_equal(encoded("{}", NULL, OUSE_OFFICE), "{\"id\":\"ann\"," META "[]}}");
    const char only_hidden[] =
        "{\"phone\":\"0\",\"sources\":[{\"publication\":\"p\",\"fields\":[\"/phone\"]}]}";
    assert_string_equal(encoded(only_hidden, NULL, OUSE_PUBLIC), "{\"id\":\"ann\"," META "[]}}");
}

static void hiding_is_known_beforehand(void **state)
{
    static const struct {
        const char *document, *warnings;
        int from_public, from_partner;
    } cases[] = {
        {"{\"name\":\"A\"}", NULL, 0, 0},
        {"{\"name\":\"A\",\"phone\":\"1\"}", NULL, 1, 1},
        {"{\"contact\":\"a@b.org\"}", NULL, 1, 0},
        {"{\"sources\":[{\"publication\":\"p\",\"fields\":[\"/phone\"]}]}", NULL, 1, 1},
        {"{\"sources\":[{\"publication\":\"p\",\"fields\":[\"/name\"]}]}", NULL, 0, 0},
        {"{}", "[{\"code\":\"c\",\"field\":\"contact\"}]", 1, 0},
        {"{}", "[{\"code\":\"c\",\"field\":\"name\"},{\"code\":\"d\"}]", 0, 0},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct schema_meta meta = {.warnings = cases[i].warnings ? doc(cases[i].warnings) : NULL};
        const cJSON *document = doc(cases[i].document);
        static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};
        const int expected[] = {cases[i].from_public, cases[i].from_partner, 0, 0};
        for (size_t k = 0; k < 4; k++) {
            int differs = strcmp(encoded(cases[i].document, cases[i].warnings, roles[k]),
                                 encoded(cases[i].document, cases[i].warnings, OUSE_OFFICE)) != 0;
            assert_int_equal(schema_hides(find("people"), document, &meta, roles[k]), expected[k]);
            assert_int_equal(differs, expected[k]);
        }
    }
}

static void equal_documents_have_equal_bytes(void **state)
{
    (void)state;
    load();
    assert_string_equal(encoded("{\"name\":\"A\",\"amount\":10}", NULL, OUSE_OFFICE),
                        encoded("{ \"amount\" : 1.0e1, \"name\" : \"\\u0041\" }", NULL, OUSE_OFFICE));
    const char *once = encoded(whole, warnings, OUSE_OFFICE);
    assert_string_equal(encoded(once, warnings, OUSE_OFFICE), once);
}

static void visibilities_have_names(void **state)
{
    static const struct {
        const char *name;
        uint32_t visibility;
    } cases[] = {{"public", OUSE_PUBLIC}, {"partner", OUSE_PARTNER}, {"office", OUSE_OFFICE}};
    uint32_t visibility = 99;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(schema_role_name(cases[i].visibility), cases[i].name);
        assert_int_equal(schema_visibility(ouse_s(cases[i].name), &visibility), 0);
        assert_int_equal(visibility, cases[i].visibility);
    }
    visibility = 99;
    assert_int_equal(schema_visibility(ouse_s("manager"), &visibility), -1);
    assert_int_equal(schema_visibility(ouse_s("secret"), &visibility), -1);
    assert_int_equal(schema_visibility(ouse_s(NULL), &visibility), -1);
    assert_int_equal(visibility, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_office_sees_all_in_declared_order),
        TEST(views_leave_out_what_is_hidden),
        TEST(what_is_empty_is_not_there),
        TEST(hiding_is_known_beforehand),
        TEST(equal_documents_have_equal_bytes),
        TEST(visibilities_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
