/* hooks: a plugin's hooks, as the record layer calls them. */
#include "../observe/callback.h"
#include "instance.h"

#define FIRST_OPERATIONS 0x1fu /* OUSE_ON_ALL of ABI 1.0: the operations of a hook without ops_known */

/* Runs a hook. Its memory is freed when it returns, because a change set may have a million of
 * them. Its results (documents, warnings, errors) are stored elsewhere. */
static ouse_rc run(struct change *change, void *arg)
{
    const struct bound_hook *hook = arg;
    struct change_set *set = change->set;
    struct context context;
    struct ouse_change seen = {.size = sizeof seen,
                               .op = change->op,
                               .phase = change->phase,
                               .revision = change->revision,
                               .collection = change->collection->is.name,
                               .id = change->id,
                               .before = doc_of(change->before),
                               .after = doc_of(change->after),
                               .actor = set->caller.actor};
    doc_seal(doc_of(change->before), 1);
    doc_seal(seen.after, change->phase != OUSE_FILL);
    context_begin(&context, hook->worker, NULL, hook->label, NULL, set->problem);
    if (!change->audience)
        context_write(&context, set);
    else
        context_view(&context, set, change->role);
    if (change->phase == OUSE_FOLLOW)
        context.rechecks = set;
    context.change = change;
    callback_about(seen.collection, seen.id);
    ouse_rc rc = context_end(&context, hook->is->fn(&context.visible, &seen));
    if (context.consulted > change->consulted)
        change->consulted = context.consulted;
    return rc;
}

static ouse_rc check(struct worker *worker, const struct ouse_hook *hook, uint32_t row,
                     struct problem *problem)
{
    static const uint32_t phases[] = {OUSE_FILL, OUSE_CHECK, OUSE_FOLLOW, OUSE_SETTLE, OUSE_DELIVER};
    size_t i = 0;
    while (i < sizeof phases / sizeof *phases && phases[i] != hook->phase)
        i++;
    if (i == sizeof phases / sizeof *phases)
        return plugin_refuse(worker->plugin, problem,
                             "hook %u has a phase that this host does not know; rebuild it against this host",
                             row);
    if (!hook->fn)
        return plugin_refuse(worker->plugin, problem, "hook %u has no function", row);
    if (!hook->ops || hook->ops & ~OUSE_ON_ALL)
        return plugin_refuse(worker->plugin, problem,
                             "hook %u names no operation, or one that this host does not know (OUSE_ON_…)",
                             row);
    return OUSE_OK;
}

ouse_rc hooks_bind(struct worker *worker, int delivering, struct problem *problem)
{
    struct runtime *runtime = worker->runtime;
    const struct ouse_plugin *plugin = &worker->plugin->is;
    for (uint32_t i = 0; i < plugin->hooks.n; i++) {
        const struct ouse_hook *is = &plugin->hooks.at[i];
        if ((is->phase == OUSE_DELIVER) != delivering)
            continue;
        if (check(worker, is, i, problem))
            return problem->rc;
        struct bound_hook *hook = arena_zero(&runtime->memory, sizeof *hook);
        *hook = (struct bound_hook){
            .worker = worker, .is = is, .row = i, .label = arena_printf(&runtime->memory, "hook %u", i).p};
        records_guard(runtime->records, is->collection,
                      OUSE_ON_ALL & ~(is->ops_known ? is->ops_known : FIRST_OPERATIONS), plugin->name);
        /* A delivery goes into the outbox together with the change. */
        records_hook(runtime->records, is->collection, is->ops, delivering ? OUSE_FOLLOW : is->phase,
                     delivering ? deliver_later : run, hook);
        if (delivering && deliver_bind(hook, problem))
            return problem->rc;
    }
    return OUSE_OK;
}
