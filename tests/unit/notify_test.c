/* notify: what a supervisor hears, at a path and at an abstract name. */
#include "server/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Listens at a name as $NOTIFY_SOCKET has it, and expects what is told to come there. */
static void expect_told(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char heard[32] = "";
    size_t n = strlen(name);
    memcpy(at.sun_path, name, n);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    notify("READY=1");
    assert_int_equal(recv(fd, heard, sizeof heard - 1, MSG_DONTWAIT), 7);
    assert_string_equal(heard, "READY=1");
    close(fd);
}

static void at_a_path(void **state)
{
    char folder[] = "/tmp/ouse-notify-XXXXXX", name[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/socket", folder);
    expect_told(name);
    unlink(name);
    rmdir(folder);
}

static void at_an_abstract_name(void **state)
{
    char name[64];
    (void)state;
    snprintf(name, sizeof name, "@ouse-notify-%d", (int)getpid());
    expect_told(name);
}

static void nobody_is_no_trouble(void **state)
{
    char name[300] = "";
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    notify("READY=1");
    setenv("NOTIFY_SOCKET", "/nowhere/socket", 1);
    notify("READY=1");
    memset(name, 'x', sizeof name - 1);
    setenv("NOTIFY_SOCKET", name, 1);
    notify("READY=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_a_path),
        cmocka_unit_test(at_an_abstract_name),
        cmocka_unit_test(nobody_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
