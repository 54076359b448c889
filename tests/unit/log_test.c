/* log: one line an event, of the asked levels, that nobody can forge. */
#include "observe/log.h"

#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static int64_t fixed_now(void)
{
    return 1795303020123;
}

/* Runs with standard error led into a pipe; what was written is in `caught`. */
static char caught[16384];

static void catch_log(void (*speak)(void))
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    clock_set(fixed_now);
    speak();
    clock_set(NULL);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n, all = 0;
    while ((n = read(ends[0], caught + all, sizeof caught - 1 - (size_t)all)) > 0)
        all += n;
    caught[all] = '\0';
    close(ends[0]);
}

static void speak_at_each_level(void)
{
    log_error("store", "no %s is free", "slot");
    log_warn("http", "w");
    log_info("rest", "i");
    log_debug("rest", "d");
    log_set_level(LOG_DEBUG);
    log_debug("rest", "d");
    log_set_level(LOG_ERROR);
    log_warn("rest", "w");
    log_set_level(LOG_INFO);
}

static void lines_of_the_asked_levels(void **state)
{
    (void)state;
    catch_log(speak_at_each_level);
    assert_string_equal(caught, "2026-11-21T23:17:00.123Z error store: no slot is free\n"
                                "2026-11-21T23:17:00.123Z warn  http: w\n"
                                "2026-11-21T23:17:00.123Z info  rest: i\n"
                                "2026-11-21T23:17:00.123Z debug rest: d\n");
}

static void speak_control_characters(void)
{
    log_warn("http", "path \"%s\"", "/a\n2026 error forged\r\x1b[2J\x7f caf\xc3\xa9");
}

static void control_characters_are_escaped(void **state)
{
    (void)state;
    catch_log(speak_control_characters);
    assert_string_equal(caught, "2026-11-21T23:17:00.123Z warn  http: path \"/a\\x0a2026 error "
                                "forged\\x0d\\x1b[2J\\x7f caf\xc3\xa9\"\n");
}

static void speak_at_length(void)
{
    char text[3000];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_warn("http", "%s", text);
}

static void length_is_capped(void **state)
{
    (void)state;
    catch_log(speak_at_length);
    const char *end = strchr(caught, '\n');
    assert_non_null(end);
    assert_int_equal(end - caught, strlen("2026-11-21T23:17:00.123Z warn  http: ") + 4 * 1023);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_the_asked_levels),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(length_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
