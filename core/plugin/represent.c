/* represent: what plugins add to a record on its way out: further formats, and
 * fields derived at the reading. */
#include "runtime_internal.h"

struct bound_format {
    struct worker *worker;
    struct ouse_format is;
};

static ouse_rc write_part(void *arg, uint32_t part, cJSON *value, struct buffer *out, struct problem *problem)
{
    struct bound_format *format = arg;
    struct context context = {.arena = problem->arena,
                              .problem = problem,
                              .records = format->worker->runtime->records,
                              .role = OUSE_PUBLIC,
                              .out = out};
    ouse_rc rc;
    worker_lock(format->worker);
    context_begin(&context, format->worker->plugin->is.name, format->is.media_type,
                  worker_self(format->worker));
    rc = context_end(&context, format->is.fn(&context.visible, part, doc_of(value)));
    worker_unlock(format->worker);
    return rc;
}

void formats_add(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    const struct ouse_plugin *plugin = &worker->plugin->is;
    for (uint32_t i = 0; i < plugin->formats.n; i++) {
        struct bound_format *format = arena_zero(&runtime->memory, sizeof *format);
        format->worker = worker;
        PLUGIN_ROW(plugin->formats, i, &format->is);
        runtime->formats[runtime->n_formats++] = (struct rest_format){.media_type = format->is.media_type,
                                                                      .suffix = format->is.suffix,
                                                                      .collection = format->is.collection,
                                                                      .applies_to = format->is.applies_to,
                                                                      .write = write_part,
                                                                      .arg = format};
    }
}

static struct worker *owner(struct runtime *runtime, const struct collection *collection)
{
    for (uint32_t i = 0; i < runtime->n; i++)
        if (strcmp(runtime->workers[i].plugin->is.name, collection->plugin) == 0)
            return &runtime->workers[i];
    return NULL;
}

ouse_rc runtime_derive(void *arg, struct txn *txn, uint32_t role, const struct collection *collection,
                       cJSON *record, struct problem *problem)
{
    struct runtime *runtime = arg;
    struct worker *worker = owner(runtime, collection);
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; worker && i < collection->n_derived && !rc; i++) {
        struct context context = {.arena = problem->arena,
                                  .problem = problem,
                                  .records = runtime->records,
                                  .txn = txn,
                                  .role = role};
        context_begin(&context, collection->plugin, collection->derived[i].name, worker_self(worker));
        rc = context_end(&context, collection->derived[i].fn(&context.visible, doc_of(record)));
    }
    return rc;
}
