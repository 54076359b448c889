/* error: the first failure is the cause, errors gather, names are guessed. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_first_failure_stays(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct problem problem;
    problem_init(&problem, &arena);
    assert_int_equal(problem.rc, OUSE_OK);
    assert_int_equal(problem_fail(&problem, OUSE_E_CONFLICT, "%d places are left", 0), OUSE_E_CONFLICT);
    assert_int_equal(problem_fail(&problem, OUSE_E_INTERNAL, "later"), OUSE_E_CONFLICT);
    assert_string_equal(problem.detail.p, "0 places are left");
    arena_finish(&arena);
}

static void errors_gather_up_to_the_cap(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct problem problem;
    problem_init(&problem, &arena);
    char pointer[] = "/title", code[] = "required";
    for (int i = 0; i < PROBLEM_ERRORS + 3; i++)
        assert_int_equal(problem_add(&problem, OUSE_E_INVALID, pointer, code, "error %d", i), OUSE_E_INVALID);
    pointer[1] = code[0] = 'X'; /* what was told is a copy */
    assert_int_equal(problem.n_errors, PROBLEM_ERRORS + 3);
    assert_string_equal(problem.errors[0].pointer.p, "/title");
    assert_string_equal(problem.errors[0].code.p, "required");
    assert_string_equal(problem.errors[PROBLEM_ERRORS - 1].detail.p, "error 63");
    assert_null(problem.detail.p);
    assert_int_equal(problem_fail(&problem, OUSE_E_REQUEST, "in all"), OUSE_E_INVALID);
    assert_string_equal(problem.detail.p, "in all");
    arena_finish(&arena);
}

static void every_status_has_a_kind(void **state)
{
    (void)state;
    static const struct {
        ouse_rc rc;
        int status;
        const char *type;
    } expected[] = {
        {OUSE_E_REQUEST, 400, "bad-request"},
        {OUSE_E_UNAUTHENTICATED, 401, "unauthenticated"},
        {OUSE_E_FORBIDDEN, 403, "forbidden"},
        {OUSE_E_NOT_FOUND, 404, "not-found"},
        {OUSE_E_METHOD, 405, "method-not-allowed"},
        {OUSE_E_NOT_ACCEPTABLE, 406, "not-acceptable"},
        {OUSE_E_CONFLICT, 409, "conflict"},
        {OUSE_E_GONE, 410, "gone"},
        {OUSE_E_STALE, 412, "precondition-failed"},
        {OUSE_E_TOO_LARGE, 413, "too-large"},
        {OUSE_E_MEDIA_TYPE, 415, "unsupported-media-type"},
        {OUSE_E_INVALID, 422, "validation"},
        {OUSE_E_UNCONDITIONAL, 428, "precondition-required"},
        {OUSE_E_BUSY, 429, "too-many-requests"},
        {OUSE_E_INTERNAL, 500, "internal"},
        {OUSE_E_UNAVAILABLE, 503, "unavailable"},
        {-1, 500, "internal"}, /* a plugin may answer anything */
        {7, 500, "internal"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct problem_kind *kind = problem_kind(expected[i].rc);
        assert_int_equal(kind->status, expected[i].status);
        assert_string_equal(kind->type, expected[i].type);
        assert_true(strlen(kind->title) > 0);
    }
}

static void names_that_were_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"title", "sort", "hub", "hubs", "care-models", "published_on"};
    static const struct {
        const char *typed, *nearest;
    } cases[] = {
        {"title", "title"},
        {"titel", "title"},
        {"tilte", "title"},
        {"hbu", "hub"},
        {"hubs", "hubs"},
        {"hup", "hub"},
        {"care_models", "care-models"},
        {"publishd_no", "published_on"},
        {"srot", "sort"},
        {"colour", NULL},
        {"", NULL},
        {"x", NULL},
        {"abc-title", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *found = problem_nearest(ouse_s(cases[i].typed), names, sizeof names / sizeof names[0]);
        if (cases[i].nearest ? !found || strcmp(found, cases[i].nearest) != 0 : found != NULL)
            fail_msg("\"%s\": expected %s, got %s", cases[i].typed, cases[i].nearest, found);
    }
    assert_null(problem_nearest(ouse_s("title"), names, 0));

    char endless[1000];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    const char *const long_names[] = {endless};
    assert_null(problem_nearest(ouse_s(endless), names, 6));
    assert_null(problem_nearest(ouse_s("aaa"), long_names, 1));
}

static void test_hint(void **state)
{
    static const char *const names[] = {"title", "leads"};
    struct arena arena = {0};
    (void)state;
    arena_init(&arena);
    assert_string_equal(problem_hint(&arena, ouse_s("titel"), names, 2), "; did you mean \"title\"");
    assert_string_equal(problem_hint(&arena, ouse_s("budget"), names, 2), "");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(errors_gather_up_to_the_cap),
        cmocka_unit_test(every_status_has_a_kind),
        cmocka_unit_test(names_that_were_meant),
        cmocka_unit_test(test_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
