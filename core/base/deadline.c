/* deadline: see deadline.h. */
#include "deadline.h"
#include "clock.h"

void deadline_begin(struct deadline *deadline, int64_t budget, const struct deadline_owner *owner, void *arg)
{
    static const struct deadline_owner nobody = {0};
    *deadline =
        (struct deadline){.budget = budget, .owner = owner ? owner : &nobody, .arg = arg, .began = -1};
}

void deadline_renew(struct deadline *deadline)
{
    if (!deadline)
        return;
    deadline->began = -1;
    deadline->units = 0;
    if (deadline->state == DEADLINE_SPENT)
        deadline->state = DEADLINE_OPEN;
}

static enum deadline_state look(struct deadline *deadline)
{
    int64_t now = clock_processor();
    if (deadline->began < 0) /* the units before this were fewer than DEADLINE_UNITS */
        deadline->began = now;
    int64_t took = now - deadline->began;
    if (took > DEADLINE_SURE && deadline->owner->gone && deadline->owner->gone(deadline->arg))
        return DEADLINE_GONE;
    if (deadline->budget && took > deadline->budget)
        return DEADLINE_SPENT;
    if (took > DEADLINE_SHORT && !deadline->entered) {
        deadline->entered = 1;
        if (deadline->owner->enter && deadline->owner->enter(deadline->arg))
            return DEADLINE_CROWDED;
    }
    return DEADLINE_OPEN;
}

enum deadline_state deadline_look(struct deadline *deadline)
{
    if (!deadline)
        return DEADLINE_OPEN;
    deadline->units = 0;
    if (deadline->state == DEADLINE_OPEN)
        deadline->state = look(deadline);
    return deadline->state;
}

ouse_rc deadline_fail(const struct deadline *deadline, struct problem *problem)
{
    const char *what = deadline->owner->what, *advice = deadline->owner->advice;
    switch (deadline->state) {
    case DEADLINE_GONE:
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "The client has disconnected");
    case DEADLINE_CROWDED:
        return problem_fail(problem, OUSE_E_BUSY,
                            "Too many requests that take long run at this time; try again later");
    default:
        return problem_fail(problem, OUSE_E_UNAVAILABLE,
                            "%s takes more than %lld ms of processor time (cpu_budget); %s",
                            what ? what : "The answer", (long long)deadline->budget / 1000,
                            advice ? advice : "add a filter, or request less");
    }
}
