/* router: which route a path finds, with what captures, and what is said when none is found. */
#include "http/http.h"

#include "base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static ouse_rc handler(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)request, (void)reply, (void)arg;
    return OUSE_OK;
}

static const struct {
    uint32_t methods;
    const char *pattern;
} routes[] = {
    {HTTP_GET, "/"},
    {HTTP_GET | HTTP_POST, "/api/v1/hubs"},
    {HTTP_GET | HTTP_PUT | HTTP_PATCH | HTTP_DELETE, "/api/v1/hubs/{id}"},
    {HTTP_POST, "/api/v1/hubs/new"},
    {HTTP_GET, "/api/v1/hubs/{id}/portfolio"},
    {HTTP_POST, "/api/v1/hubs/{id}/{action}"},
    {HTTP_GET, "/api/v1/{collection}"},
    {HTTP_GET, "/api/v1/{collection}/{id}"},
    {HTTP_GET, "/api/v1/hub"},
    {HTTP_GET, "/static/{*}"},
    {HTTP_GET, "/static/v2/{*}"},
    {HTTP_GET, "/{page}/files/{*}"},
    {HTTP_PUT, "/only/put"},
};

/* Cuts a path into segments, as request.c does with a path that needs no decoding. */
static void cut(struct http_request *request, const char *path)
{
    request->path = ouse_s(path);
    for (const char *at = path + 1; path[1] && at <= path + strlen(path);) {
        size_t n = strcspn(at, "/");
        if (request->n_segments < HTTP_SEGMENTS)
            request->segments[request->n_segments] = (struct ouse_str){at, (uint32_t)n};
        request->n_segments++;
        at += n + 1;
    }
}

struct fixture {
    struct arena arena;
    struct router *router;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    arena_init(&fixture.arena);
    fixture.router = router_create();
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        assert_int_equal(router_add(fixture.router, routes[i].methods, routes[i].pattern, "kind", handler,
                                    (void *)routes[i].pattern),
                         OUSE_OK);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    router_destroy(fixture->router);
    arena_finish(&fixture->arena);
    return 0;
}

/* What is found, as one text: the pattern and its captures, or the status. */
static const char *find(struct fixture *fixture, uint32_t method, const char *path)
{
    static char text[256];
    struct http_request request = {.arena = &fixture->arena, .method = method};
    cut(&request, path);
    http_handler found = NULL;
    void *arg = NULL;
    uint32_t allow = 0;
    ouse_rc rc = router_find(fixture->router, &request, &found, &arg, &allow);
    if (rc == OUSE_E_METHOD) {
        struct ouse_str methods = http_allow(&fixture->arena, allow);
        snprintf(text, sizeof text, "405 %.*s", (int)methods.n, methods.p);
    } else if (rc) {
        snprintf(text, sizeof text, "%s", rc == OUSE_E_NOT_FOUND ? "404" : "?");
    } else {
        int n = snprintf(text, sizeof text, "%s", (const char *)arg);
        for (uint32_t i = 0; i < request.n_captures; i++)
            n += snprintf(text + n, sizeof text - (size_t)n, " [%.*s]", (int)request.captures[i].n,
                          request.captures[i].p);
    }
    return text;
}

static void finds(void **state)
{
    static const struct {
        uint32_t method;
        const char *path, *expected;
    } cases[] = {
        {HTTP_GET, "/", "/"},
        {HTTP_GET, "/api/v1/hubs", "/api/v1/hubs"},
        {HTTP_GET, "/api/v1/hub", "/api/v1/hub"},
        {HTTP_GET, "/api/v1/hubss", "/api/v1/{collection} [hubss]"},
        {HTTP_PUT, "/api/v1/hubs/a", "/api/v1/hubs/{id} [a]"},
        {HTTP_POST, "/api/v1/hubs/new", "/api/v1/hubs/new"},
        {HTTP_GET, "/api/v1/hubs/new", "/api/v1/hubs/{id} [new]"},
        {HTTP_GET, "/api/v1/hubs/a/portfolio", "/api/v1/hubs/{id}/portfolio [a]"},
        {HTTP_POST, "/api/v1/hubs/a/merge", "/api/v1/hubs/{id}/{action} [a] [merge]"},
        {HTTP_POST, "/api/v1/hubs/a/portfolio", "/api/v1/hubs/{id}/{action} [a] [portfolio]"},
        {HTTP_GET, "/api/v1/people/b", "/api/v1/{collection}/{id} [people] [b]"},
        {HTTP_GET, "/static/a/b/c", "/static/{*} [a/b/c]"},
        {HTTP_GET, "/static/v2/c", "/static/v2/{*} [c]"},
        {HTTP_GET, "/static/v2", "/static/v2/{*} []"},
        {HTTP_GET, "/static", "/static/{*} []"},
        {HTTP_GET, "/static/", "/static/{*} []"},
        {HTTP_GET, "/static/a/", "/static/{*} [a/]"},
        {HTTP_GET, "/x/files/y/z", "/{page}/files/{*} [x] [y/z]"},
        {HTTP_GET, "/static/files/y", "/static/{*} [files/y]"},

        {HTTP_GET, "/api", "404"},
        {HTTP_GET, "/api/v1/", "404"},
        {HTTP_GET, "/api/v1/hubs/", "404"},
        {HTTP_GET, "/API/v1/hubs", "404"},
        {HTTP_GET, "/x/other/y", "404"},
        {HTTP_GET, "/static/1/2/3/4/5/6/7/8/9/10/11/12", "404"},

        {HTTP_DELETE, "/", "405 GET, HEAD, OPTIONS"},
        {HTTP_OPTIONS, "/only/put", "405 PUT, OPTIONS"},
        {HTTP_DELETE, "/api/v1/hubs", "405 GET, HEAD, POST, OPTIONS"},
        {HTTP_OPTIONS, "/api/v1/hubs/new", "405 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
        {HTTP_POST, "/static/a", "405 GET, HEAD, OPTIONS"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = find(*state, cases[i].method, cases[i].path);
        if (strcmp(found, cases[i].expected) != 0)
            print_error("%s: expected \"%s\"\n", cases[i].path, cases[i].expected);
        assert_string_equal(found, cases[i].expected);
    }
}

static void refuses_what_is_taken(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        router_add(fixture->router, HTTP_GET | HTTP_OPTIONS, "/api/v1/hubs/{other}", "kind", handler, NULL),
        OUSE_E_CONFLICT);
    assert_int_equal(router_add(fixture->router, HTTP_GET, "/static/{*}", "kind", handler, NULL),
                     OUSE_E_CONFLICT);
    assert_int_equal(router_add(fixture->router, HTTP_POST, "/api/v1/hubs/{other}", "kind", handler, NULL),
                     OUSE_OK);
}

static void refuses_what_is_no_pattern(void **state)
{
    struct fixture *fixture = *state;
    static const char *const patterns[] = {
        "", "a", "/a/", "//a", "/a//b", "/{*}/a", "/{*}/", "/{a}//", "/1/2/3/4/5/6/7/8/9/10/11/12/13"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (router_add(fixture->router, HTTP_GET, patterns[i], "kind", handler, NULL) != OUSE_E_REQUEST)
            fail_msg("expected \"%s\" not to be a pattern", patterns[i]);
}

/* Enough siblings, in an order that is not theirs, to exercise the search. */
static void finds_each_of_many(void **state)
{
    struct fixture *fixture = *state;
    static char patterns[200][24];
    for (int i = 0; i < 200; i++) {
        snprintf(patterns[i], sizeof patterns[i], "/many/n%d", i * 77 % 200);
        assert_int_equal(router_add(fixture->router, HTTP_GET, patterns[i], "kind", handler, patterns[i]),
                         OUSE_OK);
    }
    for (int i = 0; i < 200; i++)
        assert_string_equal(find(fixture, HTTP_GET, patterns[i]), patterns[i]);
    assert_string_equal(find(fixture, HTTP_GET, "/many/n200"), "404");
}

static void allows_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(http_allow(&fixture->arena, 0).n, 0);
    router_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_pattern, set_up, tear_down),
        cmocka_unit_test_setup_teardown(finds_each_of_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(allows_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
