/* instance: one plugin at work: its lock, and the calls of its life; see instance.h. */
#include "instance.h"

void worker_lock(struct worker *worker)
{
    if (worker->serial)
        pthread_mutex_lock(&worker->lock);
}

void worker_unlock(struct worker *worker)
{
    if (worker->serial)
        pthread_mutex_unlock(&worker->lock);
}

ouse_rc worker_call(struct worker *worker, life_fn fn, const char *name, void *self, struct problem *problem)
{
    struct context context;
    if (!fn)
        return OUSE_OK;
    context_begin(&context, worker, NULL, name, NULL, problem);
    context.visible.self = self;
    ouse_rc rc = context_end(&context, fn(&context.visible));
    if (rc && !problem->detail.p)
        problem_fail(problem, rc, "The plugin %s refuses to %s", worker->plugin->is.name, name);
    return rc;
}
