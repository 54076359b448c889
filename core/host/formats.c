/* formats: output of plugins: further formats of records and problems, and derived fields. */
#include "../base/json.h"
#include "../observe/callback.h"
#include "instance.h"
#include "media.h"

#define EXPLANATION_MAX (1u << 20) /* bytes */

struct bound_format {
    struct worker *worker;
    const struct ouse_format *is;
};

/* Names the record of a callback that is given one. */
static void about(const struct collection *collection, const cJSON *record)
{
    if (collection && record)
        callback_about(collection->is.name, json_text(json_member(record, "id")));
}

/* Checks that a part is UTF-8 if its media type is a text. */
static void check_text(struct context *context, const struct ouse_format *format, size_t begun)
{
    const struct buffer *out = context->out;
    if (!out->overflow && media_is_utf8(format->media_type) &&
        !utf8_valid((struct ouse_str){out->at + begun, (uint32_t)(out->n - begun)}))
        context_defect(context, "it wrote text that is not UTF-8");
}

static ouse_rc write_part(void *arg, uint32_t part, cJSON *value, struct rest_writing *writing)
{
    struct bound_format *format = arg;
    struct context context;
    worker_lock(format->worker);
    context_begin(&context, format->worker, "format", format->is->media_type, writing->arena,
                  writing->problem);
    context.txn = writing->txn;
    context.role = writing->role;
    context.as_of = writing->as_of;
    context.out = writing->out;
    context.deadline = writing->deadline;
    context.writing = writing;
    about(writing->collection, value);
    size_t begun = writing->out->n;
    ouse_rc rc = format->is->fn(&context.visible, part, doc_of(value));
    check_text(&context, format->is, begun);
    rc = context_end(&context, rc);
    worker_unlock(format->worker);
    return rc;
}

void formats_add(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    const struct ouse_plugin *plugin = &worker->plugin->is;
    for (uint32_t i = 0; i < plugin->formats.n; i++) {
        struct bound_format *format = arena_zero(&runtime->memory, sizeof *format);
        const struct ouse_format *is = &plugin->formats.at[i];
        *format = (struct bound_format){worker, is};
        runtime->formats[runtime->n_formats++] = (struct rest_format){.media_type = is->media_type,
                                                                      .suffix = is->suffix,
                                                                      .collection = is->collection,
                                                                      .applies_to = is->applies_to,
                                                                      .flags = is->flags,
                                                                      .write = write_part,
                                                                      .arg = format};
    }
}

/* The format that renders documents of the server, problems or pages, or NULL. */
static const struct ouse_format *find_renderer(struct runtime *runtime, uint32_t of, struct worker **worker)
{
    for (uint32_t i = 0; i < runtime->n; i++) {
        const struct ouse_plugin *plugin = &runtime->workers[i].plugin->is;
        *worker = &runtime->workers[i];
        for (uint32_t k = 0; k < plugin->formats.n; k++)
            if (plugin->formats.at[k].applies_to & of)
                return &plugin->formats.at[k];
    }
    return NULL;
}

/* Whether a client prefers a media type to another one, which comes first if the client accepts both. */
static int prefers(const struct http_request *request, const char *type, const char *first)
{
    const char *const offers[] = {first, type};
    struct ouse_str accept = http_header(request, "Accept");
    return accept.p && http_negotiate(accept, offers, 2) == 1;
}

static void take_rendered(struct http_reply *reply, const struct ouse_format *format,
                          const struct context_reply *told, struct ouse_str body)
{
    reply->content_type = ouse_s(format->media_type);
    reply->body = body;
    for (uint32_t i = 0; i < told->n_headers; i++)
        http_reply_header(reply, told->headers[i].name.p, told->headers[i].value);
}

/* Renders a document for a role. A plugin that cannot leaves the reply as it is, and the log says why. */
static void render(struct worker *worker, const struct ouse_format *format, struct http_request *request,
                   uint32_t role, int may_ask, cJSON *document, struct http_reply *reply)
{
    struct context_reply told = {0};
    struct context context;
    struct problem problem;
    struct buffer out;
    problem_init(&problem, request->arena);
    buffer_init(&out, EXPLANATION_MAX);
    worker_lock(worker);
    context_begin(&context, worker, "format", format->media_type, request->arena, &problem);
    context.role = role;
    context.may_ask = may_ask && !worker->serial;
    context.request = may_ask ? request : NULL;
    context.reply = &told;
    context.out = &out;
    ouse_rc rc = format->fn(&context.visible, OUSE_ITEM, doc_of(document));
    check_text(&context, format, 0);
    if (!context_end(&context, rc) && !out.overflow)
        take_rendered(reply, format, &told, arena_copy(request->arena, buffer_view(&out)));
    worker_unlock(worker);
    buffer_finish(&out);
}

void runtime_explain(struct http_request *request, struct ouse_str document, struct http_reply *reply,
                     void *arg)
{
    struct worker *worker;
    const struct ouse_format *format = find_renderer(arg, OUSE_OF_PROBLEM, &worker);
    if (format && prefers(request, format->media_type, "application/problem+json"))
        render(worker, format, request, OUSE_PUBLIC, 0, json_parse_trusted(request->arena, document), reply);
}

void host_page(struct http_request *request, cJSON *document, struct http_reply *reply, void *arg)
{
    struct worker *worker;
    const struct ouse_format *format = find_renderer(arg, OUSE_OF_PAGE, &worker);
    struct buffer json;
    buffer_init(&json, EXPLANATION_MAX);
    json_print(&json, document);
    reply->body = arena_copy(request->arena, buffer_view(&json));
    buffer_finish(&json);
    if (format && !prefers(request, "application/json", format->media_type))
        render(worker, format, request, request->role, 1, document, reply);
}

static struct worker *owner(struct runtime *runtime, const struct collection *collection)
{
    for (uint32_t i = 0; i < runtime->n; i++)
        if (strcmp(runtime->workers[i].plugin->is.name, collection->plugin) == 0)
            return &runtime->workers[i];
    return NULL;
}

/* One derived field. It has a budget of its own, as large as that of the request: a list ends its page
 * between two records if the budget of the request is used up, and fails only if one record takes all. */
static ouse_rc derive(struct worker *worker, const struct rest_view *view, int64_t as_of,
                      const struct collection *collection, const struct ouse_derived *derived, cJSON *record)
{
    struct deadline *whole = view->deadline, own;
    struct context context;
    context_begin(&context, worker, "derived", derived->name, view->problem->arena, view->problem);
    context.txn = view->txn;
    context.role = view->role;
    context.as_of = as_of;
    if (whole) {
        deadline_begin(&own, whole->budget, whole->owner, whole->arg);
        context.deadline = &own;
    }
    about(collection, record);
    ouse_rc rc = context_end(&context, derived->fn(&context.visible, doc_of(record)));
    if (whole && own.began >= 0)
        deadline_over(whole, DEADLINE_UNITS);
    return rc;
}

ouse_rc runtime_derive(void *arg, const struct rest_view *view, int64_t as_of,
                       const struct collection *collection, cJSON *record)
{
    struct worker *worker = owner(arg, collection);
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; worker && i < collection->n_derived && !rc; i++)
        rc = derive(worker, view, as_of, collection, &collection->derived[i], record);
    return rc;
}
