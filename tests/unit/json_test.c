/* json: what is refused and where, what is written, and that both agree. */
#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;
static struct problem problem;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena);
    problem_init(&problem, &arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* A copy without a byte behind it, so that a sanitizer sees a read too far. */
static ouse_rc parse(const char *text, size_t n, cJSON **value)
{
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    problem_init(&problem, &arena);
    ouse_rc rc = json_parse(&arena, (struct ouse_str){exact, (uint32_t)n}, value, &problem);
    free(exact);
    return rc;
}

static const char *printed(const cJSON *value)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    json_print(&out, value);
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

static void good_texts_are_read_and_written(void **state)
{
    static const struct {
        const char *text, *printed;
    } cases[] = {
        {"null", "null"},
        {" \t\r\n true ", "true"},
        {"[]", "[]"},
        {"{ }", "{}"},
        {"[ [ ] , { } ]", "[[],{}]"},
        {"{\"a\":1,\"b\":[1,2,{\"c\":null}]}", "{\"a\":1,\"b\":[1,2,{\"c\":null}]}"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"1e3", "1000"},
        {"1E+2", "100"},
        {"0.1", "0.1"},
        {"-1.50", "-1.5"},
        {"9007199254740991", "9007199254740991"},
        {"1e20", "1e+20"},
        {"1e-7", "1e-07"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"\"\\u00e9\\n\\/\\\"\"", "\"\xc3\xa9\\n/\\\"\""},
        {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""},
        {"\"\\u0001\\u001F\\b\\f\\r\\t\"", "\"\\u0001\\u001f\\b\\f\\r\\t\""},
        {"\"\x7f\xed\x9f\xbf\"", "\"\x7f\xed\x9f\xbf\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *value = NULL;
        if (parse(cases[i].text, strlen(cases[i].text), &value))
            fail_msg("%s was refused: %s", cases[i].text, problem.detail.p);
        assert_string_equal(printed(value), cases[i].printed);
    }
}

static void bad_texts_are_refused_at_their_byte(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "byte 0: the text ends"},
        {"  ", "byte 2: the text ends"},
        {"nul", "byte 0: a value is expected"},
        {"truee", "byte 4: nothing is expected"},
        {"1 2", "byte 2: nothing is expected"},
        {"[1,]", "byte 3: a value is expected"},
        {"[1 2]", "byte 3: ',' or ']'"},
        {"[1", "byte 2: ',' or ']'"},
        {"[}", "byte 1: a value is expected"},
        {"{\"a\":1]", "byte 6: ',' or '}'"},
        {"{\"a\":1,}", "byte 7: a member's name"},
        {"{a:1}", "byte 1: a member's name"},
        {"{\"a\" 1}", "byte 5: a colon"},
        {"{\"a\":}", "byte 5: a value"},
        {"01", "byte 0: a number has no leading zeros"},
        {"-", "byte 1: a number has a digit"},
        {"+1", "byte 0: a value is expected"},
        {".5", "byte 0: a value is expected"},
        {"1.", "byte 2: a decimal point"},
        {"1e", "byte 2: an exponent"},
        {"0x10", "byte 1: nothing is expected"},
        {"1e999", "byte 5: a number is beyond"},
        {"-1e999", "byte 6: a number is beyond"},
        {"NaN", "byte 0: a value"},
        {"\"a", "byte 2: a text has no closing quote"},
        {"\"a\nb\"", "byte 2: control characters"},
        {"\"\\x\"", "byte 2: an unknown escape"},
        {"\"\\", "byte 2: an unknown escape"},
        {"\"\\u12g4\"", "byte 5: \\u is followed"},
        {"\"\\u0000\"", "byte 7: \\u0000 is not accepted"},
        {"\"\\ud800\"", "byte 7: a surrogate"},
        {"\"\\ud800\\u0041\"", "byte 13: a surrogate"},
        {"\"\\udc00\"", "byte 7: a surrogate"},
        {"'a'", "byte 0: a value"},
        {"[1] // no", "byte 4: nothing is expected"},
        {"\xef\xbb\xbf{}", "byte 0: a value"},
        {"\"\xff\"", "byte 1: this is not UTF-8"},
        {"\"\xc0\xaf\"", "byte 1: this is not UTF-8"},
        {"\"\xed\xa0\x80\"", "byte 1: this is not UTF-8"},
        {"\"\xf4\x90\x80\x80\"", "byte 1: this is not UTF-8"},
        {"\"\xe2\x82", "byte 1: this is not UTF-8"},
        {"{\"a\":1,\"a\":2}", "key \"a\" twice"},
        {"[{\"b\":{\"a\":1,\"c\":2,\"\\u0061\":2}}]", "key \"a\" twice"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *value = NULL;
        assert_int_equal(parse(cases[i].text, strlen(cases[i].text), &value), OUSE_E_REQUEST);
        assert_null(value);
        if (!strstr(problem.detail.p, cases[i].why))
            fail_msg("%s: expected \"%s\", got \"%s\"", cases[i].text, cases[i].why, problem.detail.p);
    }
    cJSON *value = NULL;
    assert_int_equal(parse("\"a\0b\"", 5, &value), OUSE_E_REQUEST);
}

static void nesting_has_a_cap(void **state)
{
    static char text[1 << 20];
    cJSON *value = NULL;
    (void)state;
    memset(text, '[', 33);
    memset(text + 32, ']', 32);
    assert_int_equal(parse(text, 64, &value), OUSE_OK);
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_int_equal(parse(text, 66, &value), OUSE_E_REQUEST);
    assert_string_equal(problem.detail.p, "Not JSON: byte 32: values are nested more than 32 deep");
    memset(text, '[', sizeof text);
    assert_int_equal(parse(text, sizeof text, &value), OUSE_E_REQUEST);
    for (size_t i = 0; i + 5 <= sizeof text; i += 5)
        memcpy(text + i, "{\"a\":", 5);
    assert_int_equal(parse(text, sizeof text, &value), OUSE_E_REQUEST);
}

static void long_numbers_are_refused(void **state)
{
    static char text[1 << 16];
    cJSON *value = NULL;
    (void)state;
    memset(text, '9', sizeof text);
    assert_int_equal(parse(text, 63, &value), OUSE_OK);
    assert_true(fabs(value->valuedouble - 1e63) < 1e50);
    assert_int_equal(parse(text, 64, &value), OUSE_E_REQUEST);
    assert_int_equal(parse(text, sizeof text, &value), OUSE_E_REQUEST);
    assert_non_null(strstr(problem.detail.p, "at most 63 characters"));
}

/* {"k0":1,…} with n members, the last one named by `last`. */
static ouse_rc parse_members(int n, const char *last, cJSON **value)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    buffer_byte(&text, '{');
    for (int i = 0; i < n - 1; i++)
        buffer_printf(&text, "\"k%d\":[{\"a\":1,\"b\":2}],", i);
    buffer_printf(&text, "\"%s\":1}", last);
    ouse_rc rc = json_parse(&arena, buffer_view(&text), value, &problem);
    buffer_finish(&text);
    return rc;
}

static void the_members_of_an_object_have_a_cap(void **state)
{
    cJSON *value = NULL;
    (void)state;
    assert_int_equal(parse_members(JSON_MEMBERS, "last", &value), OUSE_OK);
    assert_int_equal(cJSON_GetArraySize(value), JSON_MEMBERS);
    assert_true(json_equal(value, value));
    assert_int_equal(parse_members(JSON_MEMBERS + 1, "last", &value), OUSE_E_REQUEST);
    assert_non_null(strstr(problem.detail.p, "an object has at most 1000 members"));
}

/* [0,0,…] with n entries. */
static ouse_rc parse_entries(int n, cJSON **value)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    for (int i = 0; i < n; i++)
        buffer_text(&text, i ? ",0" : "[0");
    buffer_byte(&text, ']');
    ouse_rc rc = json_parse(&arena, buffer_view(&text), value, &problem);
    buffer_finish(&text);
    return rc;
}

static void the_entries_of_a_list_have_a_cap(void **state)
{
    cJSON *value = NULL;
    (void)state;
    assert_int_equal(parse_entries(JSON_ENTRIES, &value), OUSE_OK);
    assert_int_equal(cJSON_GetArraySize(value), JSON_ENTRIES);
    assert_int_equal(parse_entries(JSON_ENTRIES + 1, &value), OUSE_E_REQUEST);
    assert_non_null(strstr(problem.detail.p, "a list has at most 10000 entries"));
}

/* [[0,0,…],[0,0,…],…] with n values, the lists included. */
static ouse_rc parse_values(uint32_t n, cJSON **value)
{
    struct buffer text;
    uint32_t left = n - 1;
    buffer_init(&text, 1 << 20);
    buffer_byte(&text, '[');
    while (left) {
        uint32_t entries = left - 1 < JSON_ENTRIES ? left - 1 : JSON_ENTRIES;
        buffer_text(&text, left == n - 1 ? "[" : ",[");
        for (uint32_t i = 0; i < entries; i++)
            buffer_text(&text, i ? ",0" : "0");
        buffer_byte(&text, ']');
        left -= entries + 1;
    }
    buffer_byte(&text, ']');
    ouse_rc rc = json_parse(&arena, buffer_view(&text), value, &problem);
    buffer_finish(&text);
    return rc;
}

static void the_values_of_a_text_have_a_cap(void **state)
{
    cJSON *value = NULL;
    uint32_t values = 0;
    (void)state;
    assert_int_equal(parse_values(JSON_VALUES, &value), OUSE_OK);
    assert_int_equal(cJSON_GetArraySize(value), 10);
    value = NULL;
    assert_int_equal(parse_values(JSON_VALUES + 1, &value), OUSE_E_TOO_LARGE);
    assert_null(value);
    assert_non_null(strstr(problem.detail.p, "at most 100000 values"));
    problem_init(&problem, &arena);
    assert_int_equal(json_check(ouse_s("{\"a\":[1,{\"b\":null}],\"c\":\"[,]\"}"), &values, &problem),
                     OUSE_OK);
    assert_int_equal(values, 6);
}

static void a_key_that_is_there_twice_is_found_among_many(void **state)
{
    cJSON *value = NULL;
    (void)state;
    assert_int_equal(parse_members(JSON_MEMBERS, "k777", &value), OUSE_E_REQUEST);
    assert_non_null(strstr(problem.detail.p, "\"k777\" twice"));
}

static void a_long_key_is_quoted_as_utf8(void **state)
{
    char key[200] = "x", text[500];
    cJSON *value = NULL;
    (void)state;
    for (int i = 0; i < 60; i++)
        strcat(key, "é");
    snprintf(text, sizeof text, "{\"%s\":1,\"%s\":2}", key, key);
    assert_int_equal(parse(text, strlen(text), &value), OUSE_E_REQUEST);
    assert_true(utf8_valid(problem.detail));
    assert_non_null(strstr(problem.detail.p, "twice"));
}

static void numbers_read_back(void **state)
{
    unsigned seed = 20260131;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        union {
            uint64_t bits;
            double value;
        } n = {.bits =
                   (uint64_t)rand_r(&seed) << 33 ^ (uint64_t)rand_r(&seed) << 11 ^ (uint64_t)rand_r(&seed)};
        if (i % 2)
            n.value = (double)(int64_t)n.bits / 100;
        if (!isfinite(n.value))
            continue;
        struct buffer out;
        buffer_init(&out, 64);
        json_number(&out, n.value);
        buffer_byte(&out, 0);
        assert_int_equal(out.overflow, 0);
        if (strtod(out.at, NULL) != n.value)
            fail_msg("%.17g was written as %s", n.value, out.at);
        cJSON *value = NULL;
        assert_int_equal(parse(out.at, out.n - 1, &value), OUSE_OK);
        assert_true(value->valuedouble == n.value);
        buffer_finish(&out);
    }
}

static void numbers_are_written_plainly(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "0"},
                 {1234.5, "1234.5"},
                 {1.1, "1.1"},
                 {3000000, "3000000"},
                 {-42, "-42"},
                 {1e15, "1000000000000000"},
                 {0.07, "0.07"},
                 {1.0 / 3, "0.3333333333333333"},
                 {9007199254740992.0, "9007199254740992"},
                 {NAN, "null"},
                 {INFINITY, "null"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(printed(json_keep(&arena, cJSON_CreateNumber(cases[i].value))), cases[i].text);
}

static char *random_value(unsigned *seed, int depth, struct buffer *out)
{
    static const char *const leaves[] = {"null", "true",       "false", "0",    "-1.5",
                                         "\"\"", "\"a\\\"b\"", "\"é\"", "1e+30"};
    int kind = depth ? rand_r(seed) % 3 : 2, n = rand_r(seed) % 4;
    if (kind == 2) {
        buffer_text(out, leaves[(size_t)rand_r(seed) % (sizeof leaves / sizeof *leaves)]);
        return out->at;
    }
    buffer_byte(out, kind ? '[' : '{');
    for (int i = 0; i < n; i++) {
        if (i)
            buffer_byte(out, ',');
        if (!kind)
            buffer_printf(out, "\"k%d\":", i);
        random_value(seed, depth - 1, out);
    }
    buffer_byte(out, kind ? ']' : '}');
    return out->at;
}

static void trees_read_back_to_the_byte(void **state)
{
    unsigned seed = 7;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct buffer text;
        cJSON *value = NULL;
        buffer_init(&text, 1 << 20);
        random_value(&seed, 5, &text);
        assert_int_equal(parse(text.at, text.n, &value), OUSE_OK);
        buffer_byte(&text, 0);
        assert_string_equal(printed(value), text.at);
        buffer_finish(&text);
    }
}

static void every_truncation_and_mutation_is_safe(void **state)
{
    const char good[] = "{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\",true],\"b\":{\"c\":null}}";
    size_t n = sizeof good - 1;
    cJSON *value = NULL;
    unsigned seed = 3;
    (void)state;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(parse(good, i, &value), OUSE_E_REQUEST);
    for (int i = 0; i < 5000; i++) {
        char bad[sizeof good];
        memcpy(bad, good, sizeof good);
        bad[(size_t)rand_r(&seed) % n] = (char)rand_r(&seed);
        if (parse(bad, n, &value) == OUSE_OK) {
            const char *once = printed(value);
            assert_int_equal(parse(once, strlen(once), &value), OUSE_OK);
            assert_string_equal(printed(value), once);
        }
    }
}

static int equal(const char *a, const char *b)
{
    cJSON *x = NULL, *y = NULL;
    assert_int_equal(parse(a, strlen(a), &x), OUSE_OK);
    assert_int_equal(parse(b, strlen(b), &y), OUSE_OK);
    assert_int_equal(json_equal(x, y), json_equal(y, x));
    return json_equal(x, y);
}

static void equality_knows_order_where_it_matters(void **state)
{
    (void)state;
    assert_true(equal("{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1}"));
    assert_true(equal("1.0", "1"));
    assert_false(equal("[1,2]", "[2,1]"));
    assert_false(equal("[1]", "[1,1]"));
    assert_false(equal("{\"a\":1}", "{\"a\":1,\"b\":2}"));
    assert_false(equal("{\"a\":null}", "{\"b\":null}"));
    assert_false(equal("0.1", "0.10000000000000002"));
    assert_false(equal("\"1\"", "1"));
    assert_false(equal("true", "false"));
    assert_true(json_equal(NULL, NULL));
}

static void helpers_take_nothing_for_an_answer(void **state)
{
    cJSON *value = NULL;
    (void)state;
    assert_int_equal(parse("[\"x\"]", 5, &value), OUSE_OK);
    assert_null(json_member(value, "x"));
    assert_null(json_member(NULL, "x"));
    assert_null(json_text(value).p);
    assert_null(json_text(NULL).p);
    assert_string_equal(json_text(value->child).p, "x");
    assert_null(json_parse_trusted(&arena, ouse_s("{\"a\":")));
    assert_true(utf8_valid(ouse_s("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_texts_are_read_and_written, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_texts_are_refused_at_their_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(nesting_has_a_cap, setup, teardown),
        cmocka_unit_test_setup_teardown(long_numbers_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_members_of_an_object_have_a_cap, setup, teardown),
        cmocka_unit_test_setup_teardown(the_entries_of_a_list_have_a_cap, setup, teardown),
        cmocka_unit_test_setup_teardown(the_values_of_a_text_have_a_cap, setup, teardown),
        cmocka_unit_test_setup_teardown(a_key_that_is_there_twice_is_found_among_many, setup, teardown),
        cmocka_unit_test_setup_teardown(a_long_key_is_quoted_as_utf8, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_are_written_plainly, setup, teardown),
        cmocka_unit_test_setup_teardown(trees_read_back_to_the_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(every_truncation_and_mutation_is_safe, setup, teardown),
        cmocka_unit_test_setup_teardown(equality_knows_order_where_it_matters, setup, teardown),
        cmocka_unit_test_setup_teardown(helpers_take_nothing_for_an_answer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
