/* failed: how a change set fails for the store, or for its budget of processor time. */
#include "internal.h"

ouse_rc store_failed(struct problem *problem, ouse_rc rc)
{
    if (problem->rc)
        return problem->rc;
    if (rc == OUSE_E_UNAVAILABLE)
        return problem_fail(problem, rc,
                            "The store cannot be written now; nothing was changed. Reading continues.");
    return problem_fail(problem, OUSE_E_INTERNAL, "The store could not do it; nothing was changed.");
}

ouse_rc change_charge(struct change_set *set, uint32_t units)
{
    return deadline_over(&set->deadline, units) ? deadline_fail(&set->deadline, set->problem) : OUSE_OK;
}

int64_t change_time(const struct change_set *set, const struct record *stored)
{
    return stored && stored->updated > set->now ? stored->updated : set->now;
}
