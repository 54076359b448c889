/* fault_serve: the program itself, on a disk that fails from one SIGUSR2 to the
 * next. OUSE_FAULT says how: "KIND ERRNO", of fault.h; or "KIND ERRNO AT", where it
 * fails from that call on without a signal. Linked with core/main.c. Says on
 * standard output when the disk has turned. */
#include "fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct fault fault;

static void turn(int signal)
{
    static const char turned[] = "the disk has turned\n";
    int error = errno;
    (void)signal;
    fault.at = !fault.at;
    fault_turn(fault.at);
    if (write(STDOUT_FILENO, turned, sizeof turned - 1) < 0)
        abort();
    errno = error;
}

__attribute__((constructor)) static void wait_for_the_signal(void)
{
    const char *how = getenv("OUSE_FAULT");
    unsigned kind;
    if (!how || sscanf(how, "%u %d %u", &kind, &fault.error, &fault.at) < 2)
        return;
    fault.kind = (enum fault_kind)kind;
    fault.lasting = 1;
    fault_set(&fault);
    signal(SIGUSR2, turn);
}
