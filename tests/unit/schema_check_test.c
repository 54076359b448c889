/* checks: of each type of field good and bad values, with code and pointer; what
 * a client may bring; state machines; ids. */
#include "schema_fixture.h"

static const struct ouse_field all_fields[] = {
    {.name = "t", .type = OUSE_TEXT},
    {.name = "t3", .type = OUSE_TEXT, .min = 2, .max = 3},
    {.name = "t2", .type = OUSE_TEXT, .min = 2},
    {.name = "code", .type = OUSE_TEXT, .pattern = "[A-Z]+|[0-9]+"},
    {.name = "orcid", .type = OUSE_TEXT, .flags = OUSE_SCHEME, .choices = "orcid"},
    {.name = "long", .type = OUSE_LONG, .max = 20},
    {.name = "kind", .type = OUSE_ENUM, .choices = "grant contract incentive"},
    {.name = "yes", .type = OUSE_BOOL},
    {.name = "n", .type = OUSE_INT},
    {.name = "n1", .type = OUSE_INT, .min = 1},
    {.name = "n5", .type = OUSE_INT, .min = -5, .max = 5},
    {.name = "m", .type = OUSE_MONEY},
    {.name = "m1", .type = OUSE_MONEY, .min = 1, .max = 100000},
    {.name = "d", .type = OUSE_DATE},
    {.name = "p", .type = OUSE_PDATE, .after = "d"},
    {.name = "q", .type = OUSE_QTY},
    {.name = "q1", .type = OUSE_QTY, .min = 1},
    {.name = "url", .type = OUSE_URL},
    {.name = "mail", .type = OUSE_EMAIL},
    {.name = "ref", .type = OUSE_REF, .refers_to = "all"},
    {.name = "any", .type = OUSE_REF, .refers_to = "all others"},
    {.name = "refs", .type = OUSE_REFS, .refers_to = "all", .max = 3},
    {.name = "list", .type = OUSE_LIST, .min = 1, .max = 3},
    {.name = "two", .type = OUSE_LIST, .min = 2},
    {.name = "picks", .type = OUSE_LIST, .choices = "gp nurse pharmacist"},
    {.name = "ids", .type = OUSE_IDS, .choices = "ods ror"},
    {.name = "seen", .type = OUSE_SERIES, .max = 4},
};
static const struct ouse_collection all = {
    .name = "all", .singular = "one", .version = 1, .fields = OUSE_ROWS(all_fields)};
static const struct ouse_field other_fields[] = {{.name = "name", .type = OUSE_TEXT}};
static const struct ouse_collection others = {
    .name = "others", .singular = "other", .version = 1, .fields = OUSE_ROWS(other_fields)};

static const char *repeated(const char *before, const char *piece, int n, const char *after)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    buffer_text(&out, before);
    for (int i = 0; i < n; i++)
        buffer_text(&out, piece);
    buffer_text(&out, after);
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

static void load(void)
{
    add("test", &all);
    add("test", &others);
    link_all();
}

static void check_good(const char *field, const char *value)
{
    cJSON *document = doc(arena_printf(&arena, "{\"%s\":%s}", field, value).p);
    problem_init(&problem, &arena);
    if (schema_check(find("all"), document, &problem))
        fail_msg("%s %s was refused: %s", field, value, told());
}

/* Exactly one error, at the place and with the code expected. */
static void check_bad(const char *field, const char *value, const char *below, const char *code)
{
    cJSON *document = doc(arena_printf(&arena, "{\"%s\":%s}", field, value).p);
    const char *pointer = arena_printf(&arena, "/%s%s", field, below).p;
    problem_init(&problem, &arena);
    ouse_rc rc = schema_check(find("all"), document, &problem);
    assert_int_equal(rc, problem.n_errors ? OUSE_E_INVALID : OUSE_OK);
    if (problem.n_errors != 1 || !ouse_is(problem.errors[0].pointer, pointer) ||
        !ouse_is(problem.errors[0].code, code))
        fail_msg("%s %.100s: expected %s %s, got: %s", field, value, pointer, code, told());
}

static void good_values_are_taken(void **state)
{
    static const struct {
        const char *field, *value;
    } cases[] = {
        {"t", "\"x\""},
        {"t", "null"},
        {"t", "\" Élan – “vital” \""},
        {"t3", "\"ab\""},
        {"t3", "\"äöü\""},
        {"t2", "\"a longer text\""},
        {"code", "\"ABC\""},
        {"code", "\"123\""},
        {"orcid", "\"0000-0002-1694-233X\""},
        {"long", "\"two\\nlines\\tand\\r\\n\""},
        {"kind", "\"grant\""},
        {"yes", "false"},
        {"n", "0"},
        {"n", "-9007199254740991"},
        {"n", "1e3"},
        {"n1", "1"},
        {"n1", "1000000"},
        {"n5", "-5"},
        {"n5", "5"},
        {"m", "0"},
        {"m", "1234.5"},
        {"m", "0.01"},
        {"m", "-1e13"},
        {"m1", "0.01"},
        {"m1", "1000"},
        {"d", "\"2024-02-29\""},
        {"p", "\"2026\""},
        {"p", "\"2026-01\""},
        {"p", "\"2026-01-31\""},
        {"q", "{\"value\":200000,\"qualifier\":\"over\",\"unit\":\"people\"}"},
        {"q", "{\"min\":30000,\"max\":50000,\"qualifier\":\"approx\",\"unit\":\"people\"}"},
        {"q", "{\"min\":1,\"max\":1}"},
        {"q", "{\"value\":1.5,\"unit\":null}"},
        {"q", "{\"value\":-1}"},
        {"q", "{\"min\":1,\"max\":2,\"qualifier\":\"range\"}"},
        {"q1", "{\"value\":1}"},
        {"url", "\"https://example.org\""},
        {"url", "\"HTTP://a.b:8080/x?y=%20z#w\""},
        {"url", "\"https://[2001:db8::1]:443/\""},
        {"url", "\"http://localhost\""},
        {"url", "\"https://my_host.example.org./a\""},
        {"url", "\"https://caf%C3%A9.example/a;b=c,d/~e?q=/?:@!$&'()*+,;=#/?f\""},
        {"url", "\"HTTPS://192.0.2.1:80?a#\""},
        {"url", "\"http://[::ffff:192.0.2.1]\""},
        {"mail", "\"a.b+c@example.co.uk\""},
        {"ref", "\"x\""},
        {"ref", "\"a-1\""},
        {"any", "\"others/x\""},
        {"refs", "[\"a\",\"b\",\"c\"]"},
        {"refs", "[]"},
        {"seen", "[]"},
        {"sources", "[]"},
        {"list", "[\"a\",\"a\"]"},
        {"picks", "[\"nurse\",\"gp\"]"},
        {"two", "[\"a\",\"b\",\"c\",\"d\"]"},
        {"ids", "[{\"scheme\":\"ods\",\"value\":\"RWK\"},{\"scheme\":\"ror\",\"value\":\"00pjdza24\"}]"},
        {"seen", "[{\"on\":\"2024\",\"value\":-1.5}]"},
        {"seen", "[{\"on\":\"2024\",\"value\":1},{\"on\":\"2024-02\",\"value\":1},{\"on\":\"2024-02-02\","
                 "\"value\":0}]"},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_good(cases[i].field, cases[i].value);
    check_good("t", repeated("\"", "é", 500, "\""));
}

static void bad_values_are_refused_with_code_and_place(void **state)
{
    static const struct {
        const char *field, *value, *below, *code;
    } cases[] = {
        {"t", "1", "", "type"},
        {"t", "\"\"", "", "empty"},
        {"t", "\"  \"", "", "empty"},
        {"t", "\"a\\nb\"", "", "format"},
        {"t", "\"a\\u007f\"", "", "format"},
        {"t", "[]", "", "type"},
        {"t3", "\"a\"", "", "too_short"},
        {"t3", "\"äöüß\"", "", "too_long"},
        {"t2", "\"a\"", "", "too_short"},
        {"code", "\"ABC1\"", "", "pattern"},
        {"code", "\"abc\"", "", "pattern"},
        {"orcid", "\"0000-0002-1825-0098\"", "", "checksum"},
        {"orcid", "\"0000\"", "", "format"},
        {"long", "\"a\\u0007\"", "", "format"},
        {"long", "\"123456789012345678901\"", "", "too_long"},
        {"kind", "\"Grant\"", "", "choice"},
        {"kind", "\"\"", "", "choice"},
        {"kind", "true", "", "type"},
        {"yes", "\"true\"", "", "type"},
        {"yes", "0", "", "type"},
        {"n", "1.5", "", "type"},
        {"n", "\"1\"", "", "type"},
        {"n", "9007199254740994", "", "too_large"},
        {"n", "9007199254740993", "", "too_large"},
        {"n", "-9007199254740992", "", "too_small"},
        {"n", "-1e300", "", "too_small"},
        {"n1", "0", "", "too_small"},
        {"n5", "6", "", "too_large"},
        {"n5", "-6", "", "too_small"},
        {"m", "\"1\"", "", "type"},
        {"m", "1.005", "", "decimals"},
        {"m", "0.30000000000000004", "", "decimals"},
        {"m", "1e14", "", "too_large"},
        {"m1", "0", "", "too_small"},
        {"m1", "1000.01", "", "too_large"},
        {"d", "\"2026-02-29\"", "", "format"},
        {"d", "\"2026-01\"", "", "format"},
        {"d", "20260101", "", "type"},
        {"p", "\"2026-13\"", "", "format"},
        {"p", "\"\"", "", "format"},
        {"p", "2026", "", "type"},
        {"q", "5", "", "type"},
        {"q", "{}", "", "format"},
        {"q", "{\"min\":1}", "", "format"},
        {"q", "{\"value\":1,\"min\":1}", "", "format"},
        {"q", "{\"min\":2,\"max\":1}", "", "format"},
        {"q", "{\"value\":1,\"unti\":\"x\"}", "/unti", "unknown_field"},
        {"q", "{\"value\":\"1\"}", "/value", "type"},
        {"q", "{\"value\":1,\"unit\":\"\"}", "/unit", "empty"},
        {"q", "{\"value\":1,\"unit\":\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddE\"}", "/unit", "too_long"},
        {"q", "{\"value\":1,\"qualifier\":\"range\"}", "/qualifier", "choice"},
        {"q", "{\"min\":1,\"max\":2,\"qualifier\":\"over\"}", "/qualifier", "choice"},
        {"q", "{\"value\":1,\"qualifier\":1}", "/qualifier", "choice"},
        {"q1", "{\"min\":0,\"max\":2}", "/min", "too_small"},
        {"url", "\"ftp://example.org\"", "", "format"},
        {"url", "\"https://\"", "", "format"},
        {"url", "\"https:///x\"", "", "format"},
        {"url", "\"https://u:p@h/\"", "", "format"},
        {"url", "\"https://a b\"", "", "format"},
        {"url", "\"https://a/b c\"", "", "format"},
        {"url", "\"/x\"", "", "format"},
        {"url", "\"https://a/%zz\"", "", "format"},
        {"url", "\"javascript:alert(1)\"", "", "format"},
        {"url", "\"https://a:b/\"", "", "format"},
        {"url", "\"https://a/<x>\"", "", "format"},
        {"url", "\"https://a/#b#c\"", "", "format"},
        {"url", "\"https://a/b[0]\"", "", "format"},
        {"url", "\"https://a/%4\"", "", "format"},
        {"url", "\"https://caf\u00e9.example/\"", "", "format"},
        {"url", "\"https://[1:2]/\"", "", "format"},
        {"url", "\"https://[::1]x/\"", "", "format"},
        {"url", "\"https://:80/\"", "", "format"},
        {"url", "\"https://[::1/\"", "", "format"},
        {"mail", "\"a\"", "", "format"},
        {"mail", "\"@b.org\"", "", "format"},
        {"mail", "\"a@b\"", "", "format"},
        {"mail", "\"a..b@c.org\"", "", "format"},
        {"mail", "\"a b@c.org\"", "", "format"},
        {"mail", "\"a@b@c.org\"", "", "format"},
        {"mail", "\"a@-b.org\"", "", "format"},
        {"mail", "\"a@b.org.\"", "", "format"},
        {"ref", "\"A\"", "", "format"},
        {"ref", "\"a--b\"", "", "format"},
        {"ref", "\"-a\"", "", "format"},
        {"ref", "\"\"", "", "empty"},
        {"ref", "\"all/x\"", "", "format"},
        {"ref", "7", "", "type"},
        {"any", "\"x\"", "", "format"},
        {"any", "\"nobody/x\"", "", "format"},
        {"any", "\"all/\"", "", "format"},
        {"refs", "\"a\"", "", "type"},
        {"refs", "[\"a\",null]", "/1", "type"},
        {"refs", "[\"a\",\"b\",\"a\"]", "/2", "duplicate"},
        {"refs", "[\"a\",\"b\",\"c\",\"d\"]", "", "too_many"},
        {"list", "[\"a\",\"\"]", "/1", "empty"},
        {"list", "[1]", "/0", "type"},
        {"list", "{}", "", "type"},
        {"t", "[]", "", "type"},
        {"two", "[\"a\"]", "", "too_few"},
        {"picks", "[\"gp\",\"dentist\"]", "/1", "choice"},
        {"picks", "[\"gp\",\"gp\"]", "/1", "duplicate"},
        {"seen", "{\"on\":\"2024\",\"value\":1}", "", "type"},
        {"seen", "[1]", "/0", "type"},
        {"seen", "[{\"on\":\"2024\"}]", "/0/value", "required"},
        {"seen", "[{\"on\":null,\"value\":1}]", "/0/on", "required"},
        {"seen", "[{\"on\":\"2024-13\",\"value\":1}]", "/0/on", "format"},
        {"seen", "[{\"on\":\"2024\",\"value\":\"1\"}]", "/0/value", "type"},
        {"seen", "[{\"on\":\"2024\",\"value\":1e17}]", "/0/value", "too_large"},
        {"seen", "[{\"on\":\"2024\",\"value\":1,\"unit\":\"x\"}]", "/0/unit", "unknown_field"},
        {"seen", "[{\"on\":\"2024\",\"value\":1},{\"on\":\"2024-01-01\",\"value\":2}]", "/1/on", "order"},
        {"seen", "[{\"on\":\"2024-02\",\"value\":1},{\"on\":\"2024\",\"value\":2}]", "/1/on", "order"},
        {"ids", "[\"RWK\"]", "/0", "type"},
        {"ids", "[{\"scheme\":\"ods\"}]", "/0/value", "required"},
        {"ids", "[{\"value\":\"RWK\",\"scheme\":null}]", "/0/scheme", "required"},
        {"ids", "[{\"scheme\":\"orcid\",\"value\":\"RWK\"}]", "/0/scheme", "scheme"},
        {"ids", "[{\"scheme\":\"ods\",\"value\":\"rwk\"}]", "/0/value", "format"},
        {"ids", "[{\"scheme\":\"ods\",\"value\":1}]", "/0/value", "type"},
        {"ids", "[{\"scheme\":\"ror\",\"value\":\"01k4yrm30\"}]", "/0/value", "checksum"},
        {"ids", "[{\"scheme\":\"ods\",\"value\":\"A\",\"x\":1}]", "/0/x", "unknown_field"},
        {"ids", "[{\"scheme\":\"ods\",\"value\":\"A\"},{\"scheme\":\"ods\",\"value\":\"B\"}]", "/1",
         "duplicate"},
        {"tt", "1", "", "unknown_field"},
        {"tt", "null", "", "unknown_field"},
        {"sources", "{}", "", "type"},
        {"sources", "[1]", "/0", "type"},
        {"sources", "[{}]", "/0/publication", "required"},
        {"sources", "[{\"publication\":\"A b\"}]", "/0/publication", "format"},
        {"sources", "[{\"publication\":\"a\",\"quote\":\"\"}]", "/0/quote", "empty"},
        {"sources", "[{\"publication\":\"a\",\"status\":\"maybe\"}]", "/0/status", "choice"},
        {"sources", "[{\"publication\":\"a\",\"fields\":[]}]", "/0/fields", "empty"},
        {"sources", "[{\"publication\":\"a\",\"fields\":[\"/t\",\"/nope\"]}]", "/0/fields/1", "format"},
        {"sources", "[{\"publication\":\"a\",\"fields\":[\"t\"]}]", "/0/fields/0", "format"},
        {"sources", "[{\"publication\":\"a\",\"note\":\"x\"}]", "/0/note", "unknown_field"},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_bad(cases[i].field, cases[i].value, cases[i].below, cases[i].code);
    check_bad("t", repeated("\"", "é", 501, "\""), "", "too_long");
    check_bad("long", repeated("\"", "é", 21, "\""), "", "too_long");
    check_bad("url", repeated("\"https://a/", "x", 1991, "\""), "", "too_long");
    check_bad("mail", repeated("\"", "a", 65, "@b.org\""), "", "format");
    check_bad("sources", repeated("[{\"publication\":\"a\"}", ",{\"publication\":\"a\"}", 100, "]"), "",
              "too_many");
    check_bad("sources", repeated("[{\"publication\":\"a\",\"quote\":\"", "é", 1001, "\"}]"), "/0/quote",
              "too_long");
}

static void messages_say_what_would_be_right(void **state)
{
    static const struct {
        const char *document, *pointer, *detail;
    } cases[] = {
        {"{\"kind\":\"grnat\"}", "/kind",
         "must be one of grant contract incentive; got \"grnat\"; did you mean grant"},
        {"{\"knid\":\"grant\"}", "/knid", "there is no \"knid\" here; did you mean kind"},
        {"{\"a/b~c\":1}", "/a~1b~0c", "there is no \"a/b~c\" here"},
        {"{\"m\":1.005}", "/m", "must have at most two decimals; got 1.005"},
        {"{\"code\":\"x\"}", "/code", "must match [A-Z]+|[0-9]+; got \"x\""},
        {"{\"sources\":[{\"publication\":\"A\"}]}", "/sources/0/publication",
         "must be the id of a record of publications; got \"A\""},
        {"{\"n1\":0}", "/n1", "must be at least 1; got 0"},
        {"{\"m1\":0}", "/m1", "must be at least 0.01; got 0"},
        {"{\"d\":\"2026-02-30\"}", "/d", "must be a day that exists, YYYY-MM-DD; got \"2026-02-30\""},
        {"{\"any\":\"x\"}", "/any", "must be \"collection/id\" of all others; got \"x\""},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        problem_init(&problem, &arena);
        assert_int_equal(schema_check(find("all"), doc(cases[i].document), &problem), OUSE_E_INVALID);
        assert_string_equal(problem.errors[0].pointer.p, cases[i].pointer);
        assert_string_equal(problem.errors[0].detail.p, cases[i].detail);
    }
}

static void long_values_are_quoted_short_and_whole(void **state)
{
    (void)state;
    load();
    const char *bad = repeated(
        "{\"mail\":\"", "é", 120,
        "\",\"kind\":\"ééééééééééééééééééééééééééééééééééééééé\",\"orcid\":\"xééééééééééééééééééééééé\"}");
    assert_int_equal(schema_check(find("all"), doc(bad), &problem), OUSE_E_INVALID);
    for (uint32_t i = 0; i < problem.n_errors; i++) {
        assert_true(utf8_valid(problem.errors[i].detail));
        assert_true(problem.errors[i].detail.n < 200);
    }
}

static void all_errors_come_at_once(void **state)
{
    (void)state;
    load();
    assert_int_equal(
        schema_check(
            find("all"),
            doc("{\"zzz\":1,\"t\":\"\",\"n\":\"x\",\"refs\":[\"A\",\"b\",\"B\"],\"d\":\"2026-02-01\","
                "\"p\":\"2026-01\"}"),
            &problem),
        OUSE_E_INVALID);
    assert_string_equal(told(), "/zzz unknown_field: there is no \"zzz\" here\n"
                                "/t empty: must not be empty; leave it out, or null, where it is unknown\n"
                                "/n type: must be a whole number; got \"x\"\n"
                                "/refs/0 format: must be the id of a record of all; got \"A\"\n"
                                "/refs/2 format: must be the id of a record of all; got \"B\"\n"
                                "/p before: must not be before d, which is 2026-02-01; got 2026-01\n");
    problem_init(&problem, &arena);
    assert_int_equal(schema_check(find("all"), doc("[1]"), &problem), OUSE_E_INVALID);
    assert_string_equal(told(), " type: must be an object; got a list\n");
}

static void spans_that_overlap_are_in_order(void **state)
{
    static const struct {
        const char *d, *p;
        int good;
    } cases[] = {{"2026-05-05", "2026", 1},       {"2026-05-05", "2026-05", 1},
                 {"2026-05-05", "2026-05-05", 1}, {"2026-05-05", "2026-05-04", 0},
                 {"2026-05-05", "2026-04", 0},    {"2026-05-05", "2025", 0},
                 {"2026-05-05", "2027", 1}};
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        problem_init(&problem, &arena);
        cJSON *document = doc(arena_printf(&arena, "{\"d\":\"%s\",\"p\":\"%s\"}", cases[i].d, cases[i].p).p);
        if ((schema_check(find("all"), document, &problem) == OUSE_OK) != cases[i].good)
            fail_msg("%s after %s: expected %s", cases[i].p, cases[i].d, cases[i].good ? "good" : "bad");
    }
}

static void nulls_are_taken_out(void **state)
{
    (void)state;
    load();
    cJSON *document = doc("{\"t\":null,\"n\":1,\"q\":{\"value\":1,\"unit\":null},\"d\":null,"
                          "\"ids\":[{\"scheme\":\"ods\",\"value\":\"A\"}],"
                          "\"sources\":[{\"publication\":\"a\",\"quote\":null}]}");
    assert_int_equal(schema_check(find("all"), document, &problem), OUSE_OK);
    assert_string_equal(printed(document),
                        "{\"n\":1,\"q\":{\"value\":1},\"ids\":[{\"scheme\":\"ods\",\"value\":\"A\"}],"
                        "\"sources\":[{\"publication\":\"a\"}]}");
}

/* Whatever is taken is taken again as it was written, and whatever is not is told where. */
static void what_is_taken_stays_taken(void **state)
{
    static const char good[] = "{\"t\":\"x\",\"n5\":5,\"m1\":12.5,\"d\":\"2024-02-29\",\"p\":\"2024-03\","
                               "\"kind\":\"grant\",\"yes\":true,"
                               "\"q\":{\"min\":1,\"max\":20,\"unit\":\"a\"},\"url\":\"http://a.b/"
                               "\",\"refs\":[\"a\",\"b\"],\"any\":\"all/x\","
                               "\"ids\":[{\"scheme\":\"ods\",\"value\":\"RWK\"}],\"sources\":[{"
                               "\"publication\":\"a\",\"fields\":[\"/t\"]}]}";
    static const char bytes[] = "0159-./\"{}[]:,abet nul";
    unsigned seed = 20261121;
    int taken = 0, told_of = 0;
    (void)state;
    load();
    for (int i = 0; i < 20000; i++) {
        char text[sizeof good];
        struct arena each = {0};
        cJSON *document = NULL, *again = NULL;
        memcpy(text, good, sizeof good);
        for (int edits = 1 + rand_r(&seed) % 2; edits > 0; edits--)
            text[(size_t)rand_r(&seed) % (sizeof good - 1)] =
                bytes[(size_t)rand_r(&seed) % (sizeof bytes - 1)];
        problem_init(&problem, &each);
        if (json_parse(&each, ouse_s(text), &document, &problem) == OUSE_OK) {
            if (schema_check(find("all"), document, &problem) == OUSE_OK) {
                taken++;
                const char *once = printed(document);
                assert_int_equal(json_parse(&each, ouse_s(once), &again, &problem), OUSE_OK);
                assert_int_equal(schema_check(find("all"), again, &problem), OUSE_OK);
                assert_true(json_equal(document, again));
            } else {
                told_of++;
                assert_true(problem.n_errors > 0 && problem.errors[0].pointer.p[0] == '/');
            }
        }
        arena_finish(&each);
    }
    if (taken < 500 || told_of < 500)
        fail_msg("expected many of both, got %d taken and %d told of", taken, told_of);
}

/* ---- What a client may bring */

static const struct ouse_field hub_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
    {.name = "state", .type = OUSE_ENUM, .choices = "proposed awarded closed", .flags = OUSE_REQUIRED},
    {.name = "origin", .type = OUSE_TEXT, .flags = OUSE_FIXED},
    {.name = "taken", .type = OUSE_INT, .flags = OUSE_SYSTEM | OUSE_REQUIRED},
    {.name = "currency", .type = OUSE_TEXT, .dflt = "\"GBP\""},
};
static const struct ouse_move hub_moves[] = {
    {.from = "proposed", .to = "awarded", .title = "Award", .role = OUSE_OFFICE},
    {.from = "proposed awarded", .to = "closed"},
};
static const struct ouse_flow hub_flows[] = {
    {.field = "state", .initial = "proposed", .moves = OUSE_ROWS(hub_moves)}};
static const struct ouse_collection hubs = {.name = "hubs",
                                            .singular = "hub",
                                            .version = 1,
                                            .label_field = "name",
                                            .fields = OUSE_ROWS(hub_fields),
                                            .flows = OUSE_ROWS(hub_flows)};

static void what_a_client_may_bring(void **state)
{
    static const char before[] = "{\"name\":\"A\",\"state\":\"awarded\",\"origin\":\"x\",\"taken\":3}";
    static const struct {
        const char *document, *before;
        uint32_t allow;
        const char *expected; /* the document afterwards, or the errors as "pointer code" */
    } cases[] = {
        {"{\"name\":\"A\"}", NULL, 0, "{\"name\":\"A\",\"state\":\"proposed\",\"currency\":\"GBP\"}"},
        {"{\"name\":\"A\",\"currency\":\"EUR\",\"state\":\"proposed\"}", NULL, 0,
         "{\"name\":\"A\",\"currency\":\"EUR\",\"state\":\"proposed\"}"},
        {"{\"name\":\"A\",\"currency\":null,\"origin\":\"y\"}", NULL, 0,
         "{\"name\":\"A\",\"origin\":\"y\",\"state\":\"proposed\",\"currency\":\"GBP\"}"},
        {"{\"name\":\"A\",\"state\":\"awarded\"}", NULL, 0, "/state state "},
        {"{\"name\":\"A\",\"state\":\"awarded\"}", NULL, SCHEMA_ANY_STATE,
         "{\"name\":\"A\",\"state\":\"awarded\",\"currency\":\"GBP\"}"},
        {"{\"name\":\"A\",\"taken\":1}", NULL, 0, "/taken system "},
        {"{\"name\":\"A\",\"taken\":1}", NULL, SCHEMA_SYSTEM,
         "{\"name\":\"A\",\"taken\":1,\"state\":\"proposed\",\"currency\":\"GBP\"}"},
        {"{\"name\":\"B\",\"origin\":\"x\"}", before, 0,
         "{\"name\":\"B\",\"origin\":\"x\",\"state\":\"awarded\",\"taken\":3}"},
        {"{\"name\":\"B\",\"origin\":\"x\",\"taken\":3,\"state\":\"awarded\"}", before, 0,
         "{\"name\":\"B\",\"origin\":\"x\",\"taken\":3,\"state\":\"awarded\"}"},
        {"{\"name\":\"B\",\"origin\":\"x\",\"taken\":4,\"state\":\"closed\"}", before, 0,
         "/state state /taken system "},
        {"{\"name\":\"B\",\"origin\":\"z\"}", before, 0, "/origin fixed "},
        {"{\"name\":\"B\"}", before, 0, "/origin fixed "},
        {"{\"name\":\"B\",\"taken\":5}", before, SCHEMA_SYSTEM | SCHEMA_ANY_STATE,
         "{\"name\":\"B\",\"taken\":5,\"state\":\"awarded\"}"},
        {"{\"nmae\":\"\",\"taken\":1,\"currency\":7}", NULL, 0,
         "/nmae unknown_field /taken system /currency type /name required "},
    };
    (void)state;
    add("test", &hubs);
    link_all();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *document = doc(cases[i].document);
        problem_init(&problem, &arena);
        ouse_rc rc = schema_accept(find("hubs"), document, cases[i].before ? doc(cases[i].before) : NULL,
                                   cases[i].allow, OUSE_MANAGER, &problem);
        const char *got = rc ? "" : printed(document);
        for (uint32_t j = 0; j < problem.n_errors; j++)
            got = arena_printf(&arena, "%s%s %s ", got, problem.errors[j].pointer.p, problem.errors[j].code.p)
                      .p;
        assert_string_equal(got, cases[i].expected);
    }
}

static void required_is_told_by_the_check(void **state)
{
    (void)state;
    add("test", &hubs);
    link_all();
    assert_int_equal(schema_check(find("hubs"), doc("{\"name\":null}"), &problem), OUSE_E_INVALID);
    assert_string_equal(told(), "/name required: must be given\n/state required: must be given\n"
                                "/taken required: must be given\n");
}

static void moves_are_open_from_their_states(void **state)
{
    struct buffer out;
    (void)state;
    add("test", &hubs);
    const struct flow *flow = field_of(find("hubs"), "state")->flow;
    buffer_init(&out, 1000);
    schema_open_moves(flow, ouse_s("proposed"), &out);
    buffer_byte(&out, 0);
    assert_string_equal(out.at, "[{\"to\":\"awarded\",\"title\":\"Award\",\"role\":\"office\"},"
                                "{\"to\":\"closed\",\"role\":\"manager\"}]");
    buffer_empty(&out);
    schema_open_moves(flow, ouse_s("closed"), &out);
    assert_true(ouse_is(buffer_view(&out), "[]"));
    buffer_finish(&out);
    assert_ptr_equal(schema_move(flow, ouse_s("awarded"), ouse_s("closed")), &flow->moves[1]);
    assert_null(schema_move(flow, ouse_s("awarded"), ouse_s("proposed")));
    assert_null(schema_move(flow, ouse_s("closed"), ouse_s("closed")));
}

/* ---- Ids */

static void ids_are_made_from_labels(void **state)
{
    static const struct {
        const char *name, *id;
    } cases[] = {
        {"Yannis Pappas", "yannis-pappas"},
        {"Children & Young People's  Health", "children-and-young-peoples-health"},
        {"People’s R&D", "peoples-r-and-d"},
        {"Élan Müller-Straße", "elan-muller-strasse"},
        {"  --Ageing well: a study-- ", "ageing-well-a-study"},
        {"ﬁnance №5", "finance-no5"},
        {"東京", "hub"},
        {"Łódź Straße Ærø", "lodz-strasse-aero"},
        {"£3m", "3m"},
        {"one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
         "one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve-thirteen"},
        {"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhh",
         "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhh"},
    };
    (void)state;
    add("test", &hubs);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *document = cJSON_CreateObject();
        cJSON_AddStringToObject(document, "name", cases[i].name);
        struct ouse_str id = schema_make_id(&arena, find("hubs"), json_keep(&arena, document));
        assert_string_equal(id.p, cases[i].id);
        assert_true(schema_id_valid(id));
    }
    assert_string_equal(schema_make_id(&arena, find("hubs"), doc("{}")).p, "hub");
}

static void labels_are_joined_and_references_give_their_id(void **state)
{
    static const struct ouse_field fields[] = {
        {.name = "person", .type = OUSE_REF, .refers_to = "roles hubs"},
        {.name = "number", .type = OUSE_INT},
        {.name = "on", .type = OUSE_PDATE},
    };
    static const struct ouse_collection roles = {.name = "roles",
                                                 .singular = "role",
                                                 .version = 1,
                                                 .label_field = "person number on",
                                                 .fields = OUSE_ROWS(fields)};
    (void)state;
    add("test", &roles);
    cJSON *document = doc("{\"on\":\"2026-01\",\"number\":12,\"person\":\"hubs/rima-makarem\"}");
    assert_string_equal(schema_make_id(&arena, find("roles"), document).p, "rima-makarem-12-2026-01");
}

static void ids_have_one_form(void **state)
{
    static const char *const good[] = {"a", "0", "a-b", "a1-2b"};
    static const char *const bad[] = {"", "-", "-a", "a-", "a--b", "A", "a_b", "a b", "é"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(schema_id_valid(ouse_s(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(schema_id_valid(ouse_s(bad[i])));
    assert_false(schema_id_valid(ouse_s(NULL)));
    assert_true(schema_id_valid(ouse_s(repeated("", "a", 80, ""))));
    assert_false(schema_id_valid(ouse_s(repeated("", "a", 81, ""))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_values_are_taken),
        TEST(bad_values_are_refused_with_code_and_place),
        TEST(messages_say_what_would_be_right),
        TEST(long_values_are_quoted_short_and_whole),
        TEST(all_errors_come_at_once),
        TEST(spans_that_overlap_are_in_order),
        TEST(nulls_are_taken_out),
        TEST(what_is_taken_stays_taken),
        TEST(what_a_client_may_bring),
        TEST(required_is_told_by_the_check),
        TEST(moves_are_open_from_their_states),
        TEST(ids_are_made_from_labels),
        TEST(labels_are_joined_and_references_give_their_id),
        TEST(ids_have_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
