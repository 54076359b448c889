/* hook: a plugin's hooks, as the record layer calls them. */
#include "runtime_internal.h"

struct bound_hook {
    struct worker *worker;
    struct ouse_hook is;
    const char *label; /* "hook 3", for the log */
};

/* What a hook allocates is gone when it returns: a change set may have a million
 * of them. What it leaves behind (documents, warnings, errors) has homes of its own. */
static ouse_rc run(struct change *change, void *arg)
{
    const struct bound_hook *hook = arg;
    struct change_set *set = change->set;
    struct arena scratch;
    struct context context = {.arena = &scratch,
                              .problem = set->problem,
                              .records = set->records,
                              .txn = set->txn,
                              .set = set,
                              .change = change,
                              .role = OUSE_MANAGER};
    struct ouse_change seen = {.size = sizeof seen,
                               .op = change->op,
                               .phase = change->phase,
                               .revision = change->revision,
                               .collection = change->collection->is.name,
                               .id = change->id,
                               .before = doc_of(change->before),
                               .after = doc_of(change->after),
                               .actor = set->caller.actor};
    ouse_rc rc;
    arena_init(&scratch);
    doc_seal(doc_of(change->before), 1);
    doc_seal(doc_of(change->after), change->phase != OUSE_FILL);
    context_begin(&context, hook->worker->plugin->is.name, hook->label, worker_self(hook->worker));
    rc = context_end(&context, hook->is.fn(&context.visible, &seen));
    arena_finish(&scratch);
    return rc;
}

static ouse_rc refuse(struct worker *worker, uint32_t row, const char *why, struct problem *problem)
{
    return problem_fail(problem, OUSE_E_INVALID, "%s: hook %u %s", worker->plugin->path, row, why);
}

static ouse_rc check(struct worker *worker, const struct ouse_hook *hook, uint32_t row,
                     struct problem *problem)
{
    static const uint32_t phases[] = {OUSE_FILL, OUSE_CHECK, OUSE_FOLLOW, OUSE_SETTLE, OUSE_DELIVER};
    size_t i = 0;
    while (i < sizeof phases / sizeof *phases && phases[i] != hook->phase)
        i++;
    if (i == sizeof phases / sizeof *phases)
        return refuse(worker, row, "has a phase that this host does not know; rebuild it against this host",
                      problem);
    if (!hook->fn)
        return refuse(worker, row, "has no function", problem);
    if (!hook->ops || hook->ops & ~OUSE_ON_ALL)
        return refuse(worker, row, "names no operation, or one that this host does not know (OUSE_ON_…)",
                      problem);
    return OUSE_OK;
}

ouse_rc hooks_bind(struct worker *worker, int delivering, struct problem *problem)
{
    struct runtime *runtime = worker->runtime;
    const struct ouse_plugin *plugin = &worker->plugin->is;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < plugin->hooks.n && !rc; i++) {
        struct bound_hook *hook = arena_zero(&runtime->memory, sizeof *hook);
        uint32_t known;
        PLUGIN_ROW(plugin->hooks, i, &hook->is);
        if ((hook->is.phase == OUSE_DELIVER) != delivering)
            continue;
        rc = check(worker, &hook->is, i, problem);
        if (rc)
            break;
        hook->worker = worker;
        hook->label = arena_printf(&runtime->memory, "hook %u", i).p;
        known = hook->is.ops_known ? hook->is.ops_known : OUSE_ON_ALL;
        records_guard(runtime->records, hook->is.collection, OUSE_ON_ALL & ~known, plugin->name);
        if (hook->is.phase == OUSE_DELIVER)
            deliver_bind(worker, &hook->is, i);
        else
            records_hook(runtime->records, hook->is.collection, hook->is.ops, hook->is.phase, run, hook);
    }
    return rc;
}
