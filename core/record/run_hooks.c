/* run_hooks: rules that other layers add to changes, by collection and phase. */
#include "internal.h"

static uint32_t slot(uint32_t phase)
{
    return phase / 10;
}

static struct collection_hooks *hooks_of(struct records *records, struct collection *collection)
{
    if (!collection->hooks)
        collection->hooks = arena_zero(&records->memory, sizeof(struct collection_hooks));
    return collection->hooks;
}

static void add_hook(struct records *records, struct collection *collection, const struct hook *hook)
{
    struct collection_hooks *hooks = hooks_of(records, collection);
    struct hook **end, *copy;
    for (end = &hooks->phases[slot(hook->phase)]; *end; end = &(*end)->next)
        ;
    copy = arena_zero(&records->memory, sizeof *copy);
    *copy = *hook;
    *end = copy;
}

void records_hook(struct records *records, const char *collection, uint32_t ops, uint32_t phase,
                  record_hook_fn fn, void *arg)
{
    struct hook hook = {ops, phase, fn, arg, NULL};
    for (uint32_t i = 0; i < schema_count(records->schema); i++) {
        struct collection *c = schema_at(records->schema, i);
        if (!collection || strcmp(c->is.name, collection) == 0)
            add_hook(records, c, &hook);
    }
}

void records_guard(struct records *records, const char *collection, uint32_t ops, const char *plugin)
{
    for (uint32_t i = 0; ops && i < schema_count(records->schema); i++) {
        struct collection *c = schema_at(records->schema, i);
        if (collection && strcmp(c->is.name, collection) != 0)
            continue;
        hooks_of(records, c)->refused_ops |= ops;
        hooks_of(records, c)->refused_by = plugin;
    }
}

ouse_rc hooks_admit(const struct collection *collection, uint32_t op, struct problem *problem)
{
    const struct collection_hooks *hooks = collection->hooks;
    if (!hooks || !(hooks->refused_ops & op))
        return OUSE_OK;
    return problem_fail(
        problem, OUSE_E_CONFLICT,
        "The plugin %s guards %s and was built before there was such an operation; a newer build of "
        "it may allow this",
        hooks->refused_by, collection->is.name);
}

static struct hook *first(const struct collection *collection, uint32_t phase)
{
    const struct collection_hooks *hooks = collection->hooks;
    return hooks ? hooks->phases[slot(phase)] : NULL;
}

int hooks_any(const struct collection *collection, uint32_t phase)
{
    return first(collection, phase) != NULL;
}

ouse_rc hooks_run(struct change *change, uint32_t phase)
{
    ouse_rc rc = OUSE_OK;
    change->phase = phase;
    for (struct hook *hook = first(change->collection, phase); hook && !rc; hook = hook->next)
        if (hook->ops & change->op)
            rc = hook->fn(change, hook->arg);
    return rc;
}
