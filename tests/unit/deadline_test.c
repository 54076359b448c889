/* A deadline counts processor time of its thread, asks its owner, and costs an addition until then. */
#include "base/clock.h"
#include "base/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct {
    int gone, crowded, asked, entered;
} owner;

static int gone(void *arg)
{
    assert_ptr_equal(arg, &owner);
    owner.asked++;
    return owner.gone;
}

static ouse_rc enter(void *arg)
{
    assert_ptr_equal(arg, &owner);
    owner.entered++;
    return owner.crowded ? OUSE_E_BUSY : OUSE_OK;
}

static const struct deadline_owner functions = {.gone = gone, .enter = enter};

static int reset(void **state)
{
    (void)state;
    memset(&owner, 0, sizeof owner);
    return 0;
}

/* Uses so much processor time. */
static void burn(int64_t micros)
{
    for (int64_t end = clock_processor() + micros; clock_processor() < end;)
        ;
}

static void nothing_has_no_end(void **state)
{
    (void)state;
    assert_false(deadline_over(NULL, UINT32_MAX));
    assert_int_equal(deadline_look(NULL), DEADLINE_OPEN);
    deadline_renew(NULL);
}

static void looks_after_so_many_units_only(void **state)
{
    struct deadline deadline;
    (void)state;
    deadline_begin(&deadline, 1000000, &functions, &owner);
    for (int i = 0; i < DEADLINE_UNITS - 1; i++)
        assert_false(deadline_over(&deadline, 1));
    assert_int_equal(deadline.began, -1);
    assert_false(deadline_over(&deadline, 1));
    assert_true(deadline.began > 0);
    burn(DEADLINE_SURE + 1000);
    assert_false(deadline_over(&deadline, DEADLINE_UNITS - 1));
    assert_int_equal(owner.asked, 0);
    assert_false(deadline_over(&deadline, 1));
    assert_int_equal(owner.asked, 1);
}

static void ends_when_the_processor_time_is_spent(void **state)
{
    struct arena arena = {0};
    struct problem problem;
    struct deadline deadline;
    (void)state;
    deadline_begin(&deadline, 2000, &functions, &owner);
    assert_int_equal(deadline_look(&deadline), DEADLINE_OPEN);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL); /* waiting is free */
    assert_int_equal(deadline_look(&deadline), DEADLINE_OPEN);
    burn(2500);
    assert_false(deadline_over(&deadline, 1)); /* nobody has looked */
    assert_true(deadline_over(&deadline, DEADLINE_UNITS));
    assert_true(deadline_over(&deadline, 0));
    problem_init(&problem, &arena);
    assert_int_equal(deadline_fail(&deadline, &problem), OUSE_E_UNAVAILABLE);
    deadline_renew(&deadline);
    assert_false(deadline_over(&deadline, 0));
    assert_int_equal(deadline_look(&deadline), DEADLINE_OPEN);
    arena_finish(&arena);
}

static void ends_when_nobody_waits(void **state)
{
    struct deadline deadline;
    (void)state;
    deadline_begin(&deadline, 0, &functions, &owner);
    owner.gone = 1;
    assert_false(deadline_over(&deadline, DEADLINE_UNITS)); /* it may have closed its sending half only */
    burn(DEADLINE_SURE + 1000);
    assert_true(deadline_over(&deadline, DEADLINE_UNITS));
    owner.gone = 0; /* a client does not come back */
    deadline_renew(&deadline);
    assert_true(deadline_over(&deadline, 0));
}

static void enters_once_when_it_takes_long(void **state)
{
    struct deadline deadline;
    (void)state;
    deadline_begin(&deadline, 0, &functions, &owner);
    deadline_look(&deadline);
    assert_int_equal(owner.entered, 0);
    burn(DEADLINE_SHORT + 1000);
    assert_int_equal(deadline_look(&deadline), DEADLINE_OPEN);
    assert_int_equal(deadline_look(&deadline), DEADLINE_OPEN);
    assert_int_equal(owner.entered, 1);
}

static void ends_when_too_many_take_long(void **state)
{
    struct arena arena = {0};
    struct problem problem;
    struct deadline deadline;
    (void)state;
    owner.crowded = 1;
    deadline_begin(&deadline, 0, &functions, &owner);
    deadline_look(&deadline);
    burn(DEADLINE_SHORT + 1000);
    assert_int_equal(deadline_look(&deadline), DEADLINE_CROWDED);
    problem_init(&problem, &arena);
    assert_int_equal(deadline_fail(&deadline, &problem), OUSE_E_BUSY);
    arena_finish(&arena);
}

static void needs_no_owner(void **state)
{
    struct deadline deadline;
    (void)state;
    deadline_begin(&deadline, 0, NULL, NULL);
    deadline_look(&deadline);
    burn(DEADLINE_SHORT + 1000);
    assert_int_equal(deadline_look(&deadline), DEADLINE_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_has_no_end, reset),
        cmocka_unit_test_setup(looks_after_so_many_units_only, reset),
        cmocka_unit_test_setup(ends_when_the_processor_time_is_spent, reset),
        cmocka_unit_test_setup(ends_when_nobody_waits, reset),
        cmocka_unit_test_setup(enters_once_when_it_takes_long, reset),
        cmocka_unit_test_setup(ends_when_too_many_take_long, reset),
        cmocka_unit_test_setup(needs_no_owner, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
