/* tasks: scheduled work of a plugin, on a thread of the plugin. The store has the time of the last
 * run of each task, so that the interval between two runs continues over restarts. */
#include "../base/clock.h"
#include "../observe/log.h"
#include "instance.h"

#define KEEP_EVERY 60000 /* ms: rarer tasks are kept after each run */

struct task {
    struct worker *worker;
    const struct ouse_task *is;
    int64_t last, kept; /* wall clock, ms: the end of the last run; the stored value */
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

static ouse_rc run_once(struct task *task, struct arena *arena, struct problem *problem)
{
    worker_lock(task->worker);
    ouse_rc rc = task->is->access == OUSE_WRITE ? run_writing(task, arena, problem)
                                                : run_reading(task, arena, problem);
    worker_unlock(task->worker);
    return rc;
}

ouse_rc runtime_try_task(struct runtime *runtime, const char *plugin, uint32_t i, struct problem *problem)
{
    for (uint32_t k = 0; k < runtime->n; k++) {
        struct worker *worker = &runtime->workers[k];
        struct task task = {.worker = worker};
        if (strcmp(worker->plugin->is.name, plugin) != 0 || i >= worker->plugin->is.tasks.n)
            continue;
        task.is = &worker->plugin->is.tasks.at[i];
        return run_once(&task, problem->arena, problem);
    }
    return OUSE_E_NOT_FOUND;
}

static void run(struct task *task)
{
    int64_t begun = clock_monotonic(), took;
    struct arena arena;
    struct problem problem;
    arena_init(&arena);
    problem_init(&problem, &arena);
    ouse_rc rc = run_once(task, &arena, &problem);
    took = clock_monotonic() - begun;
    if (rc)
        log_error(task->worker->plugin->is.name, "task %s: %.*s", task->is->name,
                  OUSE_F(context_reason(&problem)));
    if (task->is->budget_ms && took > task->is->budget_ms)
        log_warn(task->worker->plugin->is.name, "task %s took %lld ms; its budget is %lld", task->is->name,
                 (long long)took, (long long)task->is->budget_ms);
    arena_finish(&arena);
}

/* ---- When they ran ---------------------------------------------------------------- */

/* meta: "task PLUGIN NAME" -> ms of the wall clock at the end of the last run, or at the first start. */
static void last_key(const struct task *task, struct key *key)
{
    key_init(key);
    key_bytes(key, ouse_s("task "));
    key_bytes(key, ouse_s(task->worker->plugin->is.name));
    key_byte(key, ' ');
    key_bytes(key, ouse_s(task->is->name));
}

static ouse_rc keep_last(struct txn *txn, void *arg)
{
    const struct task *task = arg;
    struct key key, value;
    last_key(task, &key);
    key_init(&value);
    key_u64(&value, (uint64_t)task->last);
    return txn_put(txn, DB_META, key_str(&key), key_str(&value));
}

static void keep(struct task *task)
{
    if (records_maintain(task->worker->runtime->records, keep_last, task))
        log_warn(task->worker->plugin->is.name, "task %s: the store could not keep when it ran",
                 task->is->name);
    else
        task->kept = task->last;
}

/* Reads when it ran, into `last`; 0 if it never did. */
static ouse_rc read_last(struct task *task, struct problem *problem)
{
    struct ouse_str value;
    struct key key;
    struct txn *txn;
    ouse_rc rc = engine_read(records_engine(task->worker->runtime->records), &txn);
    if (rc)
        return problem_fail(problem, rc, "The store cannot be read now");
    last_key(task, &key);
    rc = txn_get(txn, DB_META, key_str(&key), &value);
    task->last = task->kept = !rc && value.n == 8 ? (int64_t)key_read_u64(value.p) : 0;
    txn_end(txn);
    return rc && rc != OUSE_E_NOT_FOUND ? problem_fail(problem, rc, "The store cannot be read now") : OUSE_OK;
}

/* How long it is until the next run. A clock that was put back counts as the present. */
static int64_t wait_of(const struct task *task)
{
    int64_t passed = clock_now() - task->last;
    return passed < 0 ? task->is->every_ms : passed < task->is->every_ms ? task->is->every_ms - passed : 0;
}

/* ---- Runs -------------------------------------------------------------------------- */

/* A frequent task would commit all the time: when it ran is stored at the end. Until then it counts as
 * overdue after a crash. */
static void run_and_keep(void *arg)
{
    struct task *task = arg;
    run(task);
    task->last = clock_now();
    if (task->is->every_ms >= KEEP_EVERY)
        keep(task);
}

static ouse_rc start(struct task *task, struct problem *problem)
{
    if (read_last(task, problem))
        return problem->rc;
    if (!task->last) {
        task->last = clock_now();
        keep(task);
    }
    ticker_add_first(task->worker->tasks, wait_of(task), task->is->every_ms, run_and_keep, task);
    return OUSE_OK;
}

ouse_rc tasks_check(struct worker *worker, struct problem *problem)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    for (uint32_t i = 0; i < plugin->tasks.n; i++) {
        const struct ouse_task *is = &plugin->tasks.at[i];
        if (!is->name || !is->fn || is->every_ms < 1000 || is->access > OUSE_WRITE)
            return plugin_refuse(
                worker->plugin, problem,
                "task %u needs a name, a function, every_ms of at least 1000 and an access of this ABI", i);
    }
    return plugin->tasks.n > TICKER_JOBS
               ? plugin_refuse(worker->plugin, problem, "there are more than %d tasks", TICKER_JOBS)
               : OUSE_OK;
}

ouse_rc tasks_start(struct worker *worker, struct problem *problem)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    if (!plugin->tasks.n)
        return OUSE_OK;
    worker->tasks = ticker_create();
    worker->task = arena_zero(&worker->runtime->memory, plugin->tasks.n * sizeof *worker->task);
    for (uint32_t i = 0; i < plugin->tasks.n; i++) {
        worker->task[i] = (struct task){.worker = worker, .is = &plugin->tasks.at[i]};
        if (start(&worker->task[i], problem))
            return problem->rc;
    }
    return ticker_run(worker->tasks) ? problem_fail(problem, OUSE_E_INTERNAL, "No thread could be started")
                                     : OUSE_OK;
}

void tasks_keep(struct worker *worker)
{
    for (uint32_t i = 0; i < worker->plugin->is.tasks.n; i++)
        if (worker->task[i].last != worker->task[i].kept)
            keep(&worker->task[i]);
}
