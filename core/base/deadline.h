/* deadline: the cost limit of one request, and whether its client still waits.
 *
 *     exchange ─> http_request ─> query ─> rows      code that loops calls
 *                              ─> plugin's context   deadline_over(deadline, units)
 *
 * Loops report their work in units of about a microsecond. After each thousand units the deadline
 * reads the processor time of its thread and checks with the owner of the request whether the work
 * may continue, so a short request pays for one addition. The limit is processor time, not
 * wall-clock time: a request does not fail because others use the processor.
 *
 * A deadline belongs to the thread that reports to it. NULL is legal and has no end. */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include "error.h"

#define DEADLINE_UNITS 1000  /* between two looks at the clock */
#define DEADLINE_SHORT 20000 /* microseconds that a request may take without `enter` */
#define DEADLINE_SURE  50000 /* microseconds for a client that seems to have disconnected */

enum deadline_state {
    DEADLINE_OPEN,
    DEADLINE_SPENT,  /* the budget is used up */
    DEADLINE_GONE,   /* no client waits for the answer */
    DEADLINE_CROWDED /* too many requests take long */
};

/* The functions of the owner of the request. Each may be NULL. */
struct deadline_owner {
    const char *what, *advice; /* in the message of a spent budget; NULL: those for a request that reads */
    /* Returns whether the client has disconnected. If it has only closed its sending half, it may
     * still wait, so the deadline calls this after DEADLINE_SURE: cheap requests are always
     * answered. */
    int (*gone)(void *arg);
    ouse_rc (*enter)(void *arg); /* called once, when the request takes long; a failure ends it */
};

struct deadline {
    int64_t budget; /* microseconds of processor time; 0: no end */
    const struct deadline_owner *owner;
    void *arg;      /* of the owner's functions */
    int64_t began;  /* on the processor clock of the thread; -1: no look yet */
    uint32_t units; /* since the last look */
    int entered;
    enum deadline_state state;
};

/* Begins a deadline. `owner` may be NULL. */
void deadline_begin(struct deadline *deadline, int64_t budget, const struct deadline_owner *owner, void *arg);

/* Gives a deadline its whole budget again, for the next piece of a stream. */
void deadline_renew(struct deadline *deadline);

/* Looks at the clock and the client. Returns the state. */
enum deadline_state deadline_look(struct deadline *deadline);

/* Reports work; returns whether the deadline is over. */
static inline int deadline_over(struct deadline *deadline, uint32_t units)
{
    if (!deadline)
        return 0;
    deadline->units += units;
    return (deadline->units < DEADLINE_UNITS ? deadline->state : deadline_look(deadline)) != DEADLINE_OPEN;
}

/* Records why a deadline that is over ended the request: 503, or 429 if it is crowded. Returns the status. */
ouse_rc deadline_fail(const struct deadline *deadline, struct problem *problem);

#endif
