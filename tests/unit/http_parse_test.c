/* http: the small grammars: hosts, lengths, lists, paths, queries, media types,
 * negotiation, entity tags; each a table of text and what it means. */
#include "http/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int finish(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void hosts(void **state)
{
    (void)state;
    static const char *const good[] = {"a",       "localhost", "a.example", "a-b.c_d",    "127.0.0.1",
                                       "a:80",    "a:65535",   "[::1]",     "[::1]:8080", "[fe80::1.2.3.4]",
                                       "xn--9ca", "a."};
    static const char *const bad[] = {"",      ":80", "a:",    "a:b",      "a:65536", "a:123456", "a b",
                                      "a/b",   "a,b", "a@b",   "a\\b",     "[::1",    "[]",       "[g::1]x",
                                      "a:80:", "a?",  "a%2eb", "\xc3\xa9", "[::1]:",  "a:-1",     "a#"};
    for (size_t i = 0; i < COUNT(good); i++)
        if (!hygiene_host(ouse_s(good[i])))
            fail_msg("expected \"%s\" to be a host", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (hygiene_host(ouse_s(bad[i])))
            fail_msg("expected \"%s\" not to be a host", bad[i]);
    char longest[257];
    memset(longest, 'a', sizeof longest);
    assert_true(hygiene_host((struct ouse_str){longest, 255}));
    assert_false(hygiene_host((struct ouse_str){longest, 256}));
    assert_false(hygiene_host((struct ouse_str){"a\0b", 3}));
}

static void lengths(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t length;
    } good[] = {
        {"0", 0}, {"5", 5}, {"0005", 5}, {"1048576", 1048576}, {"999999999999999999", 999999999999999999u}};
    static const char *const bad[] = {"",
                                      "+5",
                                      "-5",
                                      "0x5",
                                      "5,5",
                                      "5, 5",
                                      " 5",
                                      "5 ",
                                      "5.0",
                                      "5e1",
                                      "a",
                                      "1000000000000000000",
                                      "18446744073709551621"};
    for (size_t i = 0; i < COUNT(good); i++) {
        uint64_t length = 77;
        assert_true(hygiene_length(ouse_s(good[i].text), &length));
        assert_int_equal(length, good[i].length);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint64_t length = 77;
        if (hygiene_length(ouse_s(bad[i]), &length))
            fail_msg("expected \"%s\" not to be a length", bad[i]);
        assert_int_equal(length, 77);
    }
}

static void tokens_and_options(void **state)
{
    (void)state;
    assert_true(hygiene_token(ouse_s("X-A_b.9!#$%&'*+^`|~")));
    assert_false(hygiene_token(ouse_s("")));
    assert_false(hygiene_token((struct ouse_str){"a\0b", 3}));
    for (const char *c = "()<>@,;:\\\"/[]?={} \t\x7f\xe9"; *c; c++)
        assert_false(hygiene_token((struct ouse_str){c, 1}));
    assert_true(hygiene_field(ouse_s("a\tb \xe9")));
    assert_false(hygiene_field(ouse_s("a\rb")));
    assert_false(hygiene_field(ouse_s("\x7f")));
    assert_true(hygiene_has_option(ouse_s("keep-alive , Upgrade"), "upgrade"));
    assert_true(hygiene_has_option(ouse_s(",, close\t"), "close"));
    assert_false(hygiene_has_option(ouse_s("not-close, closed, clo"), "close"));
    assert_false(hygiene_has_option(ouse_s(""), "close"));
}

/* The segments of a path with "|" between them, or what is wrong with it. */
static const char *split(const char *path)
{
    static char text[256];
    struct http_request request = {.arena = &arena, .path = ouse_s(path)};
    struct refusal refusal = request_path(&request);
    if (refusal.status)
        return refusal.detail;
    int n = snprintf(text, sizeof text, "%u", request.n_segments);
    for (uint32_t i = 0; i < request.n_segments && i < HTTP_SEGMENTS; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "|%.*s", (int)request.segments[i].n,
                      request.segments[i].p);
    return text;
}

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *expected;
    } cases[] = {
        {"/", "0"},
        {"/a", "1|a"},
        {"/a/b", "2|a|b"},
        {"/a/", "2|a|"},
        {"/a%20b/%c3%a9", "2|a b|\xc3\xa9"},
        {"/%252e", "1|%2e"},
        {"/.../.a/a.", "3|...|.a|a."},
        {"/1/2/3/4/5/6/7/8/9/a/b/c/d", "13|1|2|3|4|5|6|7|8|9|a|b|c"},
        {"//", "The path has an empty segment."},
        {"/a//b", "The path has an empty segment."},
        {"/.", "The path has a dot segment."},
        {"/../a", "The path has a dot segment."},
        {"/%2E./a", "The path has a dot segment."},
        {"/a%2Fb", "The path has an encoded slash or a backslash."},
        {"/a%5cb", "The path has an encoded slash or a backslash."},
        {"/%00", "The path has control characters."},
        {"/%1f", "The path has control characters."},
        {"/%7f", "The path has control characters."},
        {"/%", "The path has a percent escape without two hexadecimal digits."},
        {"/%a", "The path has a percent escape without two hexadecimal digits."},
        {"/%ag", "The path has a percent escape without two hexadecimal digits."},
        {"/%c0%ae", "The path has text that is not valid UTF-8."},
        {"/%ed%a0%80", "The path has text that is not valid UTF-8."},
        {"/%e2%82", "The path has text that is not valid UTF-8."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *got = split(cases[i].path);
        if (strcmp(got, cases[i].expected) != 0)
            print_error("%s: expected \"%s\"\n", cases[i].path, cases[i].expected);
        assert_string_equal(got, cases[i].expected);
    }
}

/* The parameters as "[name=value]" each, or what is wrong with the query. */
static const char *parameters(struct ouse_str query)
{
    static char text[256];
    struct problem problem;
    problem_init(&problem, &arena);
    struct http_request request = {.arena = &arena, .problem = &problem, .query = query};
    struct http_parameter found[HTTP_PARAMETERS];
    uint32_t n = 99;
    text[0] = '\0';
    if (http_query(&request, found, &n)) {
        assert_int_equal(n, 99);
        snprintf(text, sizeof text, "%.*s", (int)problem.detail.n, problem.detail.p);
        return text;
    }
    int at = 0;
    for (uint32_t i = 0; i < n; i++)
        at += snprintf(text + at, sizeof text - (size_t)at, "[%.*s=%.*s]", (int)found[i].name.n,
                       found[i].name.p, (int)found[i].value.n, found[i].value.p);
    return text;
}

static void queries(void **state)
{
    (void)state;
    static const struct {
        const char *query, *expected;
    } cases[] = {
        {NULL, ""},
        {"", ""},
        {"a=1", "[a=1]"},
        {"a=1&b=2&a=3", "[a=1][b=2][a=3]"},
        {"&&a&b=&=c&", "[a=][b=][=c]"},
        {"a=b=c", "[a=b=c]"},
        {"starts[gte]=2024", "[starts[gte]=2024]"},
        {"starts%5Bgte%5D=2024", "[starts[gte]=2024]"},
        {"a+b=c+%2B%20d", "[a b=c + d]"},
        {"a=%26%3D", "[a=&=]"},
        {"a=%c3%a9", "[a=\xc3\xa9]"},
        {"a=%00", "The query has control characters."},
        {"a%0d=b", "The query has control characters."},
        {"a=%f", "The query has a percent escape without two hexadecimal digits."},
        {"a=%ff", "The query has text that is not valid UTF-8."},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(parameters(ouse_s(cases[i].query)), cases[i].expected);

    char many[2 * (HTTP_PARAMETERS + 1)];
    for (int i = 0; i <= HTTP_PARAMETERS; i++)
        memcpy(many + 2 * i, "a&", 2);
    assert_int_equal(parameters((struct ouse_str){many, 2 * HTTP_PARAMETERS})[0], '[');
    assert_string_equal(parameters((struct ouse_str){many, sizeof many}),
                        "The query has too many parameters.");
}

static void media_types(void **state)
{
    (void)state;
    static const struct {
        const char *value, *expected;
    } cases[] = {
        {"application/json", "application/json"},
        {"Application/JSON ; charset=UTF-8", "application/json"},
        {"application/json;charset=\"utf-8\"", "application/json"},
        {"text/csv; header=present; charset=utf-8", "text/csv"},
        {"text/csv; header=present", "text/csv"},
        {"text/csv; charset=latin1", ""},
        {"text/csv; Charset=\"iso-8859-1\"", ""},
        {"text/csv; charset=", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ouse_str type = request_media_type(&arena, ouse_s(cases[i].value));
        if (!ouse_is(type, cases[i].expected))
            fail_msg("%s: expected \"%s\", got \"%.*s\"", cases[i].value, cases[i].expected, (int)type.n,
                     type.p);
    }
}

static void negotiation(void **state)
{
    (void)state;
    static const char *const offers[] = {"application/json", "text/csv", "text/html"};
    static const struct {
        const char *accept;
        int expected;
    } cases[] = {
        {NULL, 0},
        {"", 0},
        {"*/*", 0},
        {"text/csv", 1},
        {"TEXT/CSV", 1},
        {"text/*", 1},
        {"text/html, text/csv", 1},
        {"text/html;q=0.9, text/csv;q=0.8", 2},
        {"text/html;q=1.0, */*;q=0.1", 2},
        {"*/*, application/json;q=0", 1},
        {"text/*;q=0.5, text/html", 2},
        {"text/*, text/csv;q=0.1", 2},
        {"application/json; charset=utf-8", 0},
        {"text/html;level=1;q=0.4, text/csv ; q=0.5", 1},
        {"text/html;x=\"a,b;q=0\", text/csv;q=0.5", 2},
        {" text/csv\t,", 1},
        {"image/png", -1},
        {"application/json;q=0", -1},
        {"application/json;q=0.000", -1},
        {"application/json;q=0.001", 0},
        {"application/json;q=2, text/csv;q=0.1", 1},
        {"application/json;q=1.001, text/csv;q=0.1", 1},
        {"application/json;q=, text/csv;q=0.1", 1},
        {"text/csvx, text", -1},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int got = http_negotiate(ouse_s(cases[i].accept), offers, COUNT(offers));
        if (got != cases[i].expected)
            fail_msg("Accept: %s: expected %d, got %d", cases[i].accept, cases[i].expected, got);
    }
    assert_int_equal(http_negotiate(ouse_s(NULL), offers, 0), -1);
}

static void entity_tags(void **state)
{
    (void)state;
    static const struct {
        const char *list, *etag;
        int expected;
    } cases[] = {
        {"\"a\"", "\"a\"", 1},
        {"W/\"a\"", "\"a\"", 1},
        {"\"a\"", "W/\"a\"", 1},
        {"*", "\"a\"", 1},
        {"\"b\", \"a\"", "\"a\"", 1},
        {"\"b\",\"a\"", "\"b\"", 1},
        {"\"a", "\"a\"", 0},
        {"a", "\"a\"", 0},
        {"\"x,\", \"y\"", "\", \"", 0},
        {"", "\"a\"", 0},
        {"\"\"", "\"\"", 1},
        {"\"*\"", "\"a\"", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (reply_matches(ouse_s(cases[i].list), ouse_s(cases[i].etag)) != cases[i].expected)
            fail_msg("%s and %s: expected %d", cases[i].list, cases[i].etag, cases[i].expected);
}

static void problems(void **state)
{
    (void)state;
    struct problem problem;
    struct buffer out;
    buffer_init(&out, 65536);
    problem_init(&problem, &arena);
    for (int i = 0; i < PROBLEM_ERRORS + 2; i++)
        problem_add(&problem, OUSE_E_CONFLICT, "/a", "taken", "number %d", i);
    problem.extra_name = ouse_s("moves");
    problem.extra_json = ouse_s("[\"adopt\"]");
    http_problem_json(&problem, ouse_s("id-1"), &out);
    buffer_byte(&out, '\0');
    const char *begin =
        "{\"type\":\"/problems/conflict\",\"title\":\"The change conflicts with the state of the "
        "register\",\"status\":409,\"detail\":\"66 errors\",\"request_id\":\"id-1\",\"errors\":[{"
        "\"pointer\":\"/a\",\"code\":\"taken\",\"detail\":\"number 0\"},";
    const char *end = "\"detail\":\"number 63\"}],\"moves\":[\"adopt\"]}";
    assert_memory_equal(out.at, begin, strlen(begin));
    assert_string_equal(out.at + strlen(out.at) - strlen(end), end);
    buffer_finish(&out);
}

static void reply_headers(void **state)
{
    (void)state;
    struct http_reply reply = {0};
    http_reply_header(&reply, "X-A", ouse_s("b"));
    http_reply_header(&reply, "X-B", ouse_s("b\r\nX-C: d"));
    assert_int_equal(reply.n_headers, 1);
    for (int i = 0; i < 2 * HTTP_REPLY_HEADERS; i++)
        http_reply_header(&reply, "X-A", ouse_s("b"));
    assert_int_equal(reply.n_headers, HTTP_REPLY_HEADERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),         cmocka_unit_test(lengths),     cmocka_unit_test(tokens_and_options),
        cmocka_unit_test(paths),         cmocka_unit_test(queries),     cmocka_unit_test(media_types),
        cmocka_unit_test(negotiation),   cmocka_unit_test(entity_tags), cmocka_unit_test(problems),
        cmocka_unit_test(reply_headers),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
