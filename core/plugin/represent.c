/* represent: what plugins add to what goes out: further formats of records and
 * problems, and fields derived at the reading. */
#include "../base/json.h"
#include "runtime_internal.h"

#define EXPLANATION_MAX (1u << 20) /* bytes */

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

/* ---- Problems -------------------------------------------------------------------------- */

/* The format that problems have beside JSON, or NULL. */
static struct worker *find_explainer(struct runtime *runtime, struct ouse_format *format)
{
    for (uint32_t i = 0; i < runtime->n; i++)
        for (uint32_t k = 0; k < runtime->workers[i].plugin->is.formats.n; k++) {
            PLUGIN_ROW(runtime->workers[i].plugin->is.formats, k, format);
            if (format->applies_to & OUSE_OF_PROBLEM)
                return &runtime->workers[i];
        }
    return NULL;
}

static int is_wanted(const struct http_request *request, const struct ouse_format *format)
{
    const char *const offers[] = {"application/problem+json", format->media_type};
    struct ouse_str accept = http_header(request, "Accept");
    return accept.p && http_negotiate(accept, offers, 2) == 1;
}

static void take_explanation(struct http_reply *reply, const struct ouse_format *format,
                             const struct context_reply *told, struct ouse_str body)
{
    reply->content_type = ouse_s(format->media_type);
    reply->body = body;
    for (uint32_t i = 0; i < told->n_headers; i++)
        http_reply_header(reply, told->headers[i].name.p, told->headers[i].value);
}

/* A plugin that cannot explain leaves the problem as it is, and the log says why. */
void runtime_explain(struct http_request *request, struct ouse_str document, struct http_reply *reply,
                     void *arg)
{
    struct runtime *runtime = arg;
    struct ouse_format format;
    struct worker *worker = find_explainer(runtime, &format);
    struct context_reply told = {0};
    struct problem problem;
    struct buffer out;
    struct context context = {.arena = request->arena,
                              .problem = &problem,
                              .records = runtime->records,
                              .runtime = runtime,
                              .role = OUSE_PUBLIC,
                              .reply = &told,
                              .out = &out};
    if (!worker || !is_wanted(request, &format))
        return;
    problem_init(&problem, request->arena);
    buffer_init(&out, EXPLANATION_MAX);
    worker_lock(worker);
    context_begin(&context, worker->plugin->is.name, format.media_type, worker_self(worker));
    if (!context_end(&context, format.fn(&context.visible, OUSE_ITEM,
                                         doc_of(json_parse_trusted(request->arena, document)))) &&
        !out.overflow)
        take_explanation(reply, &format, &told, arena_copy(request->arena, buffer_view(&out)));
    worker_unlock(worker);
    buffer_finish(&out);
}

/* ---- Derived fields ------------------------------------------------------------------------ */

static struct worker *owner(struct runtime *runtime, const struct collection *collection)
{
    for (uint32_t i = 0; i < runtime->n; i++)
        if (strcmp(runtime->workers[i].plugin->is.name, collection->plugin) == 0)
            return &runtime->workers[i];
    return NULL;
}

ouse_rc runtime_derive(void *arg, struct txn *txn, uint32_t role, int64_t as_of,
                       const struct collection *collection, cJSON *record, struct problem *problem)
{
    struct runtime *runtime = arg;
    struct worker *worker = owner(runtime, collection);
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; worker && i < collection->n_derived && !rc; i++) {
        struct context context = {.arena = problem->arena,
                                  .problem = problem,
                                  .records = runtime->records,
                                  .txn = txn,
                                  .role = role,
                                  .as_of = as_of};
        context_begin(&context, collection->plugin, collection->derived[i].name, worker_self(worker));
        rc = context_end(&context, collection->derived[i].fn(&context.visible, doc_of(record)));
    }
    return rc;
}
