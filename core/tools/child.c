/* child: see child.h. The child's end of the pipe is closed when it ends, for any reason. */
#include "child.h"

#include "../base/clock.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads until the other end is closed; false when the time was over before. */
static int read_all(int from, int64_t ms, struct buffer *said)
{
    struct pollfd waits = {.fd = from, .events = POLLIN};
    int64_t end = clock_monotonic() + ms;
    for (int64_t left = ms; left > 0; left = end - clock_monotonic()) {
        char bytes[4096];
        if (poll(&waits, 1, (int)left) <= 0)
            continue;
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n == 0)
            return 1;
        if (n > 0)
            buffer_add(said, bytes, (size_t)n);
    }
    return 0;
}

static int wait_for(pid_t child, int from, int64_t ms, struct buffer *said)
{
    int gone = read_all(from, ms, said), status;
    if (!gone)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return gone ? status : CHILD_LATE;
}

ouse_rc child_run(int (*fn)(void *arg, int out), void *arg, int64_t ms, struct buffer *said, int *status,
                  struct problem *problem)
{
    int ends[2];
    if (pipe(ends) != 0)
        return problem_fail(problem, OUSE_E_INTERNAL, "pipe: %s", strerror(errno));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        int code = fn(arg, ends[1]);
        fflush(stdout);
        _exit(code);
    }
    close(ends[1]);
    if (child > 0)
        *status = wait_for(child, ends[0], ms, said);
    close(ends[0]);
    if (child < 0)
        return problem_fail(problem, OUSE_E_INTERNAL, "fork: %s", strerror(errno));
    return OUSE_OK;
}

const char *child_ending(struct arena *arena, int status, int64_t ms)
{
    if (status == CHILD_LATE)
        return arena_printf(arena, "takes longer than %d s", (int)(ms / 1000)).p;
    if (WIFSIGNALED(status))
        return arena_printf(arena, "crashes: %s", strsignal(WTERMSIG(status))).p;
    return NULL;
}
