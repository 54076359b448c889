/* task: a plugin's work by the clock, on the runtime's task thread. */
#include "../base/clock.h"
#include "../observe/log.h"
#include "runtime_internal.h"

struct task {
    struct worker *worker;
    const struct ouse_task *is;
};

static ouse_rc call_writing(struct change_set *set, void *arg)
{
    const struct task *task = arg;
    struct context context;
    context_begin(&context, task->worker, "task", task->is->name, set->arena, set->problem);
    context_write(&context, set);
    return context_end(&context, task->is->fn(&context.visible));
}

static ouse_rc run_writing(struct task *task, struct arena *arena, struct problem *problem)
{
    struct change_set set = {.records = task->worker->runtime->records,
                             .caller = {OUSE_MANAGER, ouse_s(task->worker->plugin->is.name)},
                             .mode = CHANGE_PLUGIN,
                             .arena = arena,
                             .problem = problem};
    return records_write(&set, call_writing, NULL, task, 0);
}

static ouse_rc run_reading(struct task *task, struct arena *arena, struct problem *problem)
{
    struct context context;
    struct txn *txn = NULL;
    ouse_rc rc = OUSE_OK;
    if (task->is->access == OUSE_READ)
        rc = engine_read(records_engine(task->worker->runtime->records), &txn);
    if (rc)
        return problem_fail(problem, rc, "The store cannot be read now");
    context_begin(&context, task->worker, "task", task->is->name, arena, problem);
    context.may_ask = task->is->access == OUSE_NONE && !task->worker->serial;
    context.txn = txn;
    rc = context_end(&context, task->is->fn(&context.visible));
    txn_end(txn);
    return rc;
}

static void run(void *arg)
{
    struct task *task = arg;
    int64_t begun = clock_monotonic(), took;
    struct arena arena;
    struct problem problem;
    arena_init(&arena);
    problem_init(&problem, &arena);
    worker_lock(task->worker);
    ouse_rc rc = task->is->access == OUSE_WRITE ? run_writing(task, &arena, &problem)
                                                : run_reading(task, &arena, &problem);
    worker_unlock(task->worker);
    took = clock_monotonic() - begun;
    if (rc)
        log_error(task->worker->plugin->is.name, "task %s: %.*s", task->is->name,
                  OUSE_F(context_reason(&problem)));
    if (task->is->budget_ms && took > task->is->budget_ms)
        log_warn(task->worker->plugin->is.name, "task %s took %lld ms, of %lld that it may take",
                 task->is->name, (long long)took, (long long)task->is->budget_ms);
    arena_finish(&arena);
}

ouse_rc tasks_add(struct worker *worker, struct ticker *ticker, struct problem *problem)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    for (uint32_t i = 0; i < plugin->tasks.n; i++) {
        struct task *task = arena_zero(&worker->runtime->memory, sizeof *task);
        task->worker = worker;
        task->is = &plugin->tasks.at[i];
        if (!task->is->name || !task->is->fn || task->is->every_ms < 1000 || task->is->access > OUSE_WRITE)
            return plugin_refuse(
                worker->plugin, problem,
                "task %u needs a name, a function, every_ms of at least 1000 and an access of this "
                "ABI",
                i);
        if (ticker_add(ticker, task->is->every_ms, run, task))
            return plugin_refuse(worker->plugin, problem, "there are more than %d tasks", TICKER_JOBS);
    }
    return OUSE_OK;
}
