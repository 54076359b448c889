/* eventcount: no ring is missed between the look and the wait; a closed one holds nobody. */
#include "base/clock.h"
#include "base/eventcount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RINGS = 20000, RINGERS = 4, FAR = 60000 };

static struct bell bell;
static unsigned done;

static void *ring(void *arg)
{
    for (int i = 0; i < RINGS; i++) {
        __atomic_add_fetch(&done, 1, __ATOMIC_SEQ_CST);
        bell_ring(&bell);
    }
    return arg;
}

/* Would hang (for a minute) if a ring were missed. */
static void no_ring_is_missed(void **state)
{
    pthread_t ringers[RINGERS];
    (void)state;
    bell_init(&bell);
    for (int i = 0; i < RINGERS; i++)
        pthread_create(&ringers[i], NULL, ring, NULL);
    for (;;) {
        uint64_t count = bell_count(&bell);
        if (__atomic_load_n(&done, __ATOMIC_SEQ_CST) == RINGS * RINGERS)
            break;
        assert_int_equal(bell_wait(&bell, count, clock_monotonic() + FAR), BELL_RUNG);
    }
    for (int i = 0; i < RINGERS; i++)
        pthread_join(ringers[i], NULL);
    assert_int_equal(bell_count(&bell), RINGS * RINGERS);
    bell_finish(&bell);
}

static void silence_is_heard(void **state)
{
    (void)state;
    bell_init(&bell);
    assert_int_equal(bell_wait(&bell, 0, clock_monotonic()), BELL_SILENT);
    bell_ring(&bell);
    assert_int_equal(bell_wait(&bell, 0, clock_monotonic()), BELL_RUNG);
    assert_int_equal(bell_wait(&bell, 1, clock_monotonic()), BELL_SILENT);
    bell_finish(&bell);
}

static void *close_it(void *arg)
{
    bell_close(&bell);
    return arg;
}

static void a_closed_bell_sends_all_away(void **state)
{
    pthread_t closer;
    (void)state;
    bell_init(&bell);
    pthread_create(&closer, NULL, close_it, NULL);
    assert_int_equal(bell_wait(&bell, 0, clock_monotonic() + FAR), BELL_CLOSED);
    pthread_join(closer, NULL);
    assert_int_equal(bell_wait(&bell, 7, clock_monotonic() + FAR), BELL_CLOSED);
    bell_finish(&bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_ring_is_missed),
        cmocka_unit_test(silence_is_heard),
        cmocka_unit_test(a_closed_bell_sends_all_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
