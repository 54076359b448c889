/* reload: the options of a plugin, judged by the plugin, and a new configuration in two
 * phases: every plugin validates, then every plugin takes over; if one refuses, those that
 * have taken over go back, and the old options stay in force.
 */
#include "../observe/log.h"
#include "instance.h"
#include "options.h"

static void *self_of(const struct runtime *runtime, void *const *selves, uint32_t i)
{
    return selves ? selves[i] : runtime->workers[i].plugin->self;
}

/* Validates the options of one plugin; reports its errors with its name. */
static ouse_rc validate(struct worker *worker, void *self, struct problem *problem)
{
    struct problem own;
    const char *name = worker->plugin->is.name;
    problem_init(&own, problem->arena);
    if (!worker_call(worker, worker->plugin->is.validate, "accept its options", self, &own))
        return OUSE_OK;
    for (uint32_t i = 0; i < problem_told(&own); i++)
        problem_add(problem, own.rc, "", "config", "plugin %s: %.*s", name, OUSE_F(own.errors[i].detail));
    if (!own.n_errors)
        problem_add(problem, own.rc, "", "config", "plugin %s: %.*s", name, OUSE_F(own.detail));
    return own.rc;
}

ouse_rc runtime_validate(struct runtime *runtime, void *const *selves, struct problem *problem)
{
    ouse_rc rc = OUSE_OK, failed;
    for (uint32_t i = 0; i < runtime->n; i++) {
        failed = validate(&runtime->workers[i], self_of(runtime, selves, i), problem);
        rc = rc ? rc : failed;
    }
    return rc;
}

static ouse_rc take_over(struct worker *worker, void *self, struct problem *problem)
{
    return self ? worker_call(worker, worker->plugin->is.reconfigure, "be reconfigured", self, problem)
                : OUSE_OK;
}

/* Informs the plugins before number `end` that their old options stay. */
static void go_back(struct runtime *runtime, const struct reload *reload, uint32_t end)
{
    while (end-- > 0) {
        struct worker *worker = &runtime->workers[end];
        struct arena scratch;
        struct problem problem;
        arena_init(&scratch);
        problem_init(&problem, &scratch);
        if (reload->next[end] && take_over(worker, worker->plugin->self, &problem))
            log_error(worker->plugin->is.name, "does not go back to its old options: %.*s",
                      OUSE_F(context_reason(&problem)));
        arena_finish(&scratch);
    }
}

ouse_rc runtime_reload(struct runtime *runtime, struct config *running, struct problem *problem)
{
    struct reload reload;
    ouse_rc rc = reload_prepare(runtime->plugins, running, &reload, problem);
    if (!rc)
        rc = runtime_validate(runtime, reload.fresh, problem);
    for (uint32_t i = 0; i < runtime->n && !rc; i++) {
        rc = take_over(&runtime->workers[i], reload.next[i], problem);
        if (rc)
            go_back(runtime, &reload, i);
    }
    if (!rc)
        reload_adopt(runtime->plugins, running, &reload, problem->arena);
    return rc;
}
