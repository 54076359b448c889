/* context: begins and ends the callbacks of plugins; see context.h. */
#include "../base/clock.h"
#include "../observe/callback.h"
#include "../observe/log.h"
#include "../query/scan.h"
#include "instance.h"
#include <stdio.h>

static void close_rows(struct context *context)
{
    for (struct ouse_rows *rows = context->rows; rows; rows = rows->next) {
        if (rows->query)
            rows_close(rows->query);
        if (rows->referrers)
            referrers_close(rows->referrers);
    }
    context->rows = NULL;
}

static void free_loose(struct context *context)
{
    while (context->n_loose)
        cJSON_Delete(context->loose[--context->n_loose]);
}

void context_begin(struct context *context, const struct worker *worker, const char *kind,
                   const char *callback, struct arena *arena, struct problem *problem)
{
    *context = (struct context){.visible = {worker->runtime->services, worker->plugin->self},
                                .worker = worker,
                                .plugin = worker->plugin->is.name,
                                .callback = callback,
                                .arena = arena ? arena : &context->scratch,
                                .problem = problem,
                                .records = worker->runtime->records,
                                .role = OUSE_MANAGER};
    callback_enter(context->plugin, kind, callback);
}

/* The writer and a rehearsal run callbacks at the same time, but a SERIAL plugin may keep things in static
 * variables. One lock, which a thread may take again, serves all such plugins, since callbacks that
 * write run hooks of others, in any order. */
static pthread_mutex_t *lock_of(const struct context *context)
{
    return context->worker->serial ? &context->worker->runtime->writing : NULL;
}

void context_write(struct context *context, struct change_set *set)
{
    if (lock_of(context))
        pthread_mutex_lock(lock_of(context));
    context->txn = set->txn;
    context->set = context->rechecks = set;
    context->mode = set->mode;
    set->mode = CHANGE_PLUGIN;
    context->deadline = &set->deadline;
    callback_writes();
}

void context_view(struct context *context, struct change_set *set, uint32_t role)
{
    context->txn = set->txn;
    context->deadline = &set->deadline;
    context->now = set->now;
    context->role = role;
    context->for_audience = 1;
}

/* Returns the status. The callback's own error after a failure of the host is not reported: it only
 * saw a missing value. */
static ouse_rc verdict(const struct context *context, ouse_rc returned)
{
    if (!context->sticky && context->problem->rc)
        return context->problem->rc;
    if (!context->sticky && !returned)
        return OUSE_OK;
    if (!context->sticky && !context->for_audience)
        log_error(context->plugin, "%s returned status %d without calling ouse_fail", context->callback,
                  (int)returned);
    problem_init(context->problem, context->problem->arena);
    if (context->sticky && deadline_over(context->deadline, 0))
        return deadline_fail(context->deadline, context->problem);
    return problem_fail(context->problem, context->sticky ? context->sticky : OUSE_E_INTERNAL,
                        "The server could not do this");
}

ouse_rc context_end(struct context *context, ouse_rc returned)
{
    callback_leave();
    close_rows(context);
    free_loose(context);
    if (context->set)
        context->set->mode = context->mode;
    if (context->set && lock_of(context))
        pthread_mutex_unlock(lock_of(context));
    ouse_rc rc = verdict(context, returned);
    arena_finish(&context->scratch);
    return rc;
}

int context_over(struct context *context, uint32_t units)
{
    if (!deadline_over(context->deadline, units))
        return 0;
    context_stick(context, OUSE_E_UNAVAILABLE);
    return 1;
}

void context_defect(struct context *context, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!context->for_audience)
        log_error(context->plugin, "%s: %s", context->callback, text);
    context_stick(context, OUSE_E_INTERNAL);
}
