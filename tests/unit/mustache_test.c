/* mustache: the public specification, case by case, and what it leaves open: caps,
 * escaping, what is said of a template that is wrong. */
#include "../../plugins/site/mustache.h"
#include "base/json.h"
#include "host/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char error[MUSTACHE_ERROR];

static struct ouse_str text_of(const cJSON *object, const char *name)
{
    return ouse_s(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name)));
}

static void add(struct mustache *set, const char *name, struct ouse_str source)
{
    if (mustache_add(set, name, source, error))
        fail_msg("%s", error);
}

static void expect(const struct mustache *set, const cJSON *view, struct ouse_str expected, const char *of)
{
    struct ouse_str is = mustache_render(set, mustache_find(set, "main"), &host_services, doc_of(view));
    if (!ouse_same(is, expected))
        fail_msg("%s: expected\n%.*s\ngot\n%.*s", of, OUSE_F(expected), OUSE_F(is));
    free((void *)(uintptr_t)is.p);
}

/* ---- The specification ----------------------------------------------------------- */

/* What the specification finds in objects further out, and these templates do not: a name is a member
 * of the innermost object, and only a path may begin at the document. */
static const struct {
    const char *name, *expected;
} strict[] = {
    {"Parent contexts", "\", bar, baz\""},
    {"List Contexts", "1.x.y."},
    {"Deeply Nested Contexts", "1\n1\n"},
};

static struct ouse_str expected_of(const cJSON *test)
{
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++)
        if (ouse_is(text_of(test, "name"), strict[i].name))
            return ouse_s(strict[i].expected);
    return text_of(test, "expected");
}

static void check_case(const cJSON *test)
{
    struct mustache *set = mustache_create();
    const cJSON *partial;
    add(set, "main", text_of(test, "template"));
    cJSON_ArrayForEach(partial, cJSON_GetObjectItemCaseSensitive(test, "partials"))
        add(set, partial->string, ouse_s(cJSON_GetStringValue(partial)));
    mustache_link(set, error);
    expect(set, cJSON_GetObjectItemCaseSensitive(test, "data"), expected_of(test), text_of(test, "name").p);
    mustache_destroy(set);
}

static void check_module(const char *name, int cases)
{
    char path[300], *text;
    snprintf(path, sizeof path, MUSTACHE_SPEC "/%s.json", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text = calloc(1, 1u << 16);
    assert_true(fread(text, 1, (1u << 16) - 1, file) > 0);
    fclose(file);
    cJSON *module = cJSON_Parse(text);
    const cJSON *test;
    cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(module, "tests"))
    {
        check_case(test);
        cases--;
    }
    assert_int_equal(cases, 0);
    cJSON_Delete(module);
    free(text);
}

static void renders_as_the_specification_says(void **state)
{
    (void)state;
    check_module("interpolation", 42);
    check_module("sections", 34);
    check_module("inverted", 22);
    check_module("partials", 12);
    check_module("delimiters", 14);
    check_module("comments", 12);
}

/* ---- What it leaves open ------------------------------------------------------------ */

static void check(const char *source, const char *view, const char *expected)
{
    struct mustache *set = mustache_create();
    cJSON *data = cJSON_Parse(view);
    assert_non_null(data);
    add(set, "main", ouse_s(source));
    mustache_link(set, error);
    expect(set, data, ouse_s(expected), source);
    cJSON_Delete(data);
    mustache_destroy(set);
}

static void escapes_what_ends_texts_and_attributes(void **state)
{
    (void)state;
    check("<a title='{{t}}'>{{t}}</a>", "{\"t\":\"<b>\\\"it's\\\" & co\"}",
          "<a title='&lt;b&gt;&quot;it&#39;s&quot; &amp; co'>&lt;b&gt;&quot;it&#39;s&quot; &amp; co</a>");
    check("{{{t}}}{{&t}}", "{\"t\":\"<b>\"}", "<b><b>");
}

static void knows_what_is_nothing(void **state)
{
    (void)state;
    check("{{#a}}some{{/a}}{{^a}}none{{/a}}", "{\"a\":\"\"}", "none");
    check("{{#a}}some{{/a}}{{^a}}none{{/a}}", "{\"a\":0}", "some");
    check("{{#a}}some{{/a}}{{^a}}none{{/a}}", "{\"a\":{}}", "some");
    check("{{#a}}{{a}}{{/a}}", "{\"a\":true}", "true");
}

static void never_looks_for_a_name_further_out(void **state)
{
    (void)state;
    check("{{#r}}[{{x}}{{^x}}unknown{{/x}}]{{/r}}",
          "{\"x\":\"outer\",\"r\":[{\"x\":null},{},{\"x\":\"own\"}]}", "[unknown][unknown][own]");
    check("{{#plan}}{{#steps}}{{state_text}};{{/steps}}{{/plan}}",
          "{\"plan\":{\"state_text\":\"Active\",\"steps\":[{\"state\":\"done\"}]}}", ";");
    check("{{#plan}}{{#steps}}{{plan.title}} {{page.day}}{{/steps}}{{/plan}}",
          "{\"page\":{\"day\":\"today\"},\"plan\":{\"title\":\"P\",\"steps\":[{}]}}", "P today");
    check("{{#r}}{{#a}}{{x}}{{/a}}{{#b}}{{x}}{{/b}}{{/r}}",
          "{\"r\":{\"x\":\"own\",\"a\":true,\"b\":\"text\"}}", "ownown");
}

static void writes_numbers_briefly(void **state)
{
    (void)state;
    check("{{a}} {{b}} {{c}} {{d}}", "{\"a\":3000000,\"b\":0.1,\"c\":-1.5,\"d\":1e300}",
          "3000000 0.1 -1.5 1e+300");
}

static void refuse(const char *source, const char *expected)
{
    struct mustache *set = mustache_create();
    error[0] = 0;
    assert_int_equal(mustache_add(set, "page", ouse_s(source), error), -1);
    assert_string_equal(error, expected);
    assert_int_equal(mustache_find(set, "page"), -1);
    mustache_destroy(set);
}

static void says_what_is_wrong_with_a_template(void **state)
{
    (void)state;
    refuse("a\n{{#b}}\n", "page:3: the section b is not closed");
    refuse("a\n{{/b}}\n", "page:2: {{/b}} closes no section");
    refuse("{{#a.b}}\n{{/a.c}}", "page:2: {{/a.c}} closes the section a.b");
    refuse("\n\n{{name", "page:3: this tag is not closed");
    refuse("{{{name}}", "page:1: this tag is not closed");
    refuse("{{ }}", "page:1: a tag needs a name of at most 100 bytes");
    refuse("{{=<<=}}", "page:1: delimiters are set by {{=<% %>=}}");
}

static void names_a_partial_that_is_missing(void **state)
{
    struct mustache *set = mustache_create();
    (void)state;
    add(set, "page", ouse_s("{{>head}}"));
    assert_int_equal(mustache_link(set, error), -1);
    assert_string_equal(error, "page: there is no template head");
    add(set, "head", ouse_s("<h1>"));
    assert_int_equal(mustache_link(set, error), 0);
    mustache_destroy(set);
}

/* Nothing is rendered in place of half a page. */
static void tells_what_a_template_shows(void **state)
{
    struct mustache *set = mustache_create();
    (void)state;
    add(set, "ring", ouse_s("{{#rows}}{{a.b}}{{> ring}}{{> leaf}}{{/rows}}"));
    add(set, "leaf", ouse_s("parts {{! parts }}{{leaf}}"));
    add(set, "page", ouse_s("{{> ring}}"));
    assert_int_equal(mustache_link(set, error), 0);
    int page = mustache_find(set, "page");
    assert_true(mustache_shows(set, page, "leaf"));
    assert_true(mustache_shows(set, page, "rows"));
    assert_true(mustache_shows(set, page, "a"));
    assert_false(mustache_shows(set, page, "b"));
    assert_false(mustache_shows(set, page, "parts"));
    assert_false(mustache_shows(set, page, "ring"));
    mustache_destroy(set);
}

static void overflow(const char *source, const char *view)
{
    struct mustache *set = mustache_create();
    cJSON *data = cJSON_Parse(view);
    add(set, "main", ouse_s(source));
    mustache_link(set, error);
    assert_null(mustache_render(set, 0, &host_services, doc_of(data)).p);
    cJSON_Delete(data);
    mustache_destroy(set);
}

static void keeps_its_caps(void **state)
{
    char nested[34 * 6 + 1] = "";
    (void)state;
    overflow("{{>main}}", "{}");                       /* calls */
    overflow("{{#a}}{{>main}}{{/a}}", "{\"a\":true}"); /* calls, then depth */
    overflow("  {{>main}}\n", "{}");                   /* indentation that grows */
    for (int i = 0; i < 34; i++)
        strcat(nested, "{{#a}}");
    refuse(nested, "page:1: more than 32 sections lie in each other");

    cJSON *view = cJSON_CreateObject(), *rows = cJSON_AddArrayToObject(view, "r");
    struct mustache *set = mustache_create();
    for (int i = 0; i < 300; i++)
        cJSON_AddItemToArray(rows, cJSON_CreateNumber(i));
    add(set, "main", ouse_s("{{#r}}{{#r}}{{#r}}{{.}}{{/r}}{{/r}}{{/r}}")); /* 27 million numbers */
    assert_null(mustache_render(set, 0, &host_services, doc_of(view)).p);
    cJSON_Delete(view);
    mustache_destroy(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_as_the_specification_says),
        cmocka_unit_test(escapes_what_ends_texts_and_attributes),
        cmocka_unit_test(knows_what_is_nothing),
        cmocka_unit_test(never_looks_for_a_name_further_out),
        cmocka_unit_test(writes_numbers_briefly),
        cmocka_unit_test(says_what_is_wrong_with_a_template),
        cmocka_unit_test(names_a_partial_that_is_missing),
        cmocka_unit_test(tells_what_a_template_shows),
        cmocka_unit_test(keeps_its_caps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
