/* host: the table of services, and the services for failing, writing and replying. Documents are in
 * host_doc.c, reading in host_rows.c, descriptions in host_describe.c, calls of the API in host_ask.c,
 * metrics in host_metrics.c. */
#include "../api/feature.h"
#include "../base/clock.h"
#include "../observe/callback.h"
#include "../observe/log.h"
#include "instance.h"
#include <stdio.h>

#define WARNINGS_MAX 100

/* The collection to write to; NULL, and a failure, where no change set is open or it is
 * not loaded. */
static const struct collection *writable(struct context *context, const char *what, const char *name)
{
    const struct collection *found =
        context->set ? schema_find_renamed(records_schema(context->records), ouse_s(name)) : NULL;
    if (!context->set)
        context_defect(context, "%s: nothing can be written here", what);
    else if (!found)
        problem_fail(context->problem, OUSE_E_CONFLICT, "There are no %s in this register", name);
    return found;
}

static ouse_rc unwritable(const struct context *context)
{
    return context->set ? context->problem->rc : context->sticky;
}

/* Ids outlive the write. */
static struct ouse_str kept(const struct context *context, struct ouse_str id)
{
    return arena_copy(context->arena, id);
}

static ouse_rc host_create(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                           const struct ouse_doc *record, struct ouse_str *made)
{
    struct context *context = context_of(ctx);
    const struct collection *c = writable(context, "ouse_create", collection);
    struct changed changed;
    ouse_rc rc = c ? change_create(context->set, c, id, json_of(record), &changed) : unwritable(context);
    if (!rc && made)
        *made = changed.id;
    return rc;
}

static ouse_rc host_patch(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                          const struct ouse_doc *changes)
{
    struct context *context = context_of(ctx);
    const struct collection *c = writable(context, "ouse_patch", collection);
    return c ? change_patch(context->set, c, kept(context, id), json_of(changes), NULL, NULL)
             : unwritable(context);
}

static ouse_rc host_move(struct ouse_ctx *ctx, const char *collection, struct ouse_str id, const char *field,
                         const char *to, const struct ouse_doc *with)
{
    struct context *context = context_of(ctx);
    const struct collection *c = writable(context, "ouse_move", collection);
    return c ? change_move(context->set, c, kept(context, id), field, ouse_s(to), json_of(with), NULL, NULL)
             : unwritable(context);
}

static ouse_rc host_remove(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    struct context *context = context_of(ctx);
    const struct collection *c = writable(context, "ouse_remove", collection);
    return c ? change_remove(context->set, c, kept(context, id), NULL) : unwritable(context);
}

static ouse_rc host_merge(struct ouse_ctx *ctx, const char *collection, struct ouse_str id,
                          struct ouse_str into)
{
    struct context *context = context_of(ctx);
    const struct collection *c = writable(context, "ouse_merge", collection);
    return c ? change_merge(context->set, c, kept(context, id), kept(context, into), NULL)
             : unwritable(context);
}

/* There is nothing to recheck in a collection that is not loaded. */
static void host_recheck(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    struct context *context = context_of(ctx);
    const struct collection *c;
    if (!context->rechecks && !context->for_audience)
        context_defect(context, "ouse_recheck: nothing can be written here");
    else if (context->rechecks && id.p &&
             (c = schema_find_renamed(records_schema(context->records), ouse_s(collection))))
        change_recheck(context->rechecks, c, id);
}

/* A message of a plugin. One that is cut in the middle of a character must still be sent. */
static struct ouse_str message(const struct context *context, const char *format, va_list args)
{
    struct ouse_str text = arena_vprintf(context->arena, format, args);
    utf8_repair((char *)(uintptr_t)text.p, text.n);
    return text;
}

static ouse_rc host_vfail(struct ouse_ctx *ctx, ouse_rc rc, const char *pointer, const char *code,
                          const char *format, va_list args)
{
    struct context *context = context_of(ctx);
    if (rc == OUSE_OK) {
        context_defect(context, "ouse_fail: %d is no failure", (int)rc);
        return OUSE_E_INTERNAL;
    }
    struct ouse_str text = message(context, format, args); /* once: it consumes args */
    return problem_add(context->problem, rc, pointer ? pointer : "", code, "%.*s", OUSE_F(text));
}

static void host_vwarn(struct ouse_ctx *ctx, const char *pointer, const char *code, const char *format,
                       va_list args)
{
    struct context *context = context_of(ctx);
    const struct change *change = context->change;
    cJSON *warnings, *warning;
    if (!change || change->phase != OUSE_CHECK) {
        context_defect(context, "ouse_warn: only a CHECK hook warns");
        return;
    }
    warnings = change->warnings;
    if (!warnings || cJSON_GetArraySize(warnings) >= WARNINGS_MAX)
        return;
    warning = cJSON_CreateObject();
    cJSON_AddStringToObject(warning, "code", code);
    cJSON_AddStringToObject(warning, "field", pointer ? pointer : "");
    cJSON_AddStringToObject(warning, "detail", message(context, format, args).p);
    if (context->seen > OUSE_PUBLIC)
        cJSON_AddStringToObject(warning, "visibility", schema_role_name(context->seen));
    cJSON_AddItemToArray(warnings, warning);
}

static void host_vlog(struct ouse_ctx *ctx, uint32_t level, const char *format, va_list args)
{
    static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};
    struct context *context = context_of(ctx);
    enum log_level chosen = levels[level < 4 ? level : 3];
    if (log_on(chosen))
        log_line(chosen, context->plugin, "%s", arena_vprintf(context->arena, format, args).p);
}

static int replies(struct context *context, const char *what)
{
    if (!context->reply)
        context_defect(context, "%s: only a route replies", what);
    return context->reply != NULL;
}

static void host_reply_bytes(struct ouse_ctx *ctx, uint32_t status, const char *media_type,
                             struct ouse_str bytes)
{
    struct context *context = context_of(ctx);
    if (!replies(context, "ouse_reply"))
        return;
    if (status < 200 || status > 599) {
        context_defect(context, "%u is no status of a reply", status);
        return;
    }
    context->reply->status = status;
    context->reply->media_type = arena_copy(context->arena, ouse_s(media_type)).p;
    context->reply->body = arena_copy(context->arena, bytes);
}

#define REPLY_MAX (64u << 20)

static void reply_text(struct ouse_ctx *ctx, uint32_t status, const struct ouse_doc *document)
{
    struct buffer text;
    buffer_init(&text, REPLY_MAX);
    if (document)
        json_print(&text, json_of(document));
    if (text.overflow)
        context_defect(context_of(ctx), "the reply is larger than %u bytes", REPLY_MAX);
    else
        host_reply_bytes(ctx, status, "application/json", buffer_view(&text));
    buffer_finish(&text);
}

/* Sets the reply. A document for the server itself is not printed, because it would be parsed
 * again. */
static void host_reply(struct ouse_ctx *ctx, uint32_t status, const struct ouse_doc *document)
{
    struct context *context = context_of(ctx);
    if (!document || !context->request || !context->request->within || context->set) {
        reply_text(ctx, status, document);
        return;
    }
    host_reply_bytes(ctx, status, "application/json", ouse_s(""));
    cJSON_Delete(context->reply->document);
    context->reply->document = doc_give(context, document);
}

static void host_reply_header(struct ouse_ctx *ctx, const char *name, struct ouse_str value)
{
    struct context *context = context_of(ctx);
    struct context_reply *reply = context->reply;
    if (!replies(context, "ouse_reply_header"))
        return;
    if (reply->n_headers == HTTP_REPLY_HEADERS)
        context_defect(context, "a reply has at most %d headers", HTTP_REPLY_HEADERS);
    else
        reply->headers[reply->n_headers++] =
            (struct http_header){arena_copy(context->arena, ouse_s(name)), arena_copy(context->arena, value)};
}

static void host_write(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    struct context *context = context_of(ctx);
    if (context->out)
        buffer_str(context->out, bytes);
    else
        context_defect(context, "ouse_write: only a format writes");
}

static struct ouse_str host_parameter(struct ouse_ctx *ctx, const char *name)
{
    const struct context *context = context_of(ctx);
    return parameter_given(context->parameters, context->n_parameters, name);
}

static struct ouse_str host_header(struct ouse_ctx *ctx, const char *name)
{
    const struct http_request *request = context_of(ctx)->request;
    return request ? http_header(request, name) : ouse_s(NULL);
}

static struct ouse_str host_address(struct ouse_ctx *ctx)
{
    const struct http_request *request = context_of(ctx)->request;
    return ouse_s(request ? http_address(request) : NULL);
}

static int32_t host_takes(struct ouse_ctx *ctx, const char *coding)
{
    const struct http_request *request = context_of(ctx)->request;
    return request && http_takes(request, coding);
}

static struct ouse_str host_gzip(struct ouse_ctx *ctx, struct ouse_str bytes)
{
    return http_gzip(context_of(ctx)->arena, bytes);
}

static void *host_alloc(struct ouse_ctx *ctx, size_t n)
{
    return arena_zero(context_of(ctx)->arena, n);
}

static struct ouse_str host_vformat(struct ouse_ctx *ctx, const char *format, va_list args)
{
    return arena_vprintf(context_of(ctx)->arena, format, args);
}

static int64_t host_now(struct ouse_ctx *ctx)
{
    struct context *context = context_of(ctx);
    if (!context->now)
        context->now = context->set ? context->set->now : context->as_of ? context->as_of : clock_now();
    return context->now;
}

static void host_random(struct ouse_ctx *ctx, void *bytes, size_t n)
{
    (void)ctx;
    random_fill(bytes, n);
}

static uint32_t host_role(struct ouse_ctx *ctx)
{
    return context_of(ctx)->role;
}

static int32_t host_cancelled(struct ouse_ctx *ctx)
{
    struct context *context = context_of(ctx);
    return deadline_look(context->deadline) != DEADLINE_OPEN && context_over(context, 0);
}

/* A feature has it; without that feature nothing is found. */
static struct ouse_doc *host_search(struct ouse_ctx *ctx, struct ouse_str collection, struct ouse_str text,
                                    uint32_t flags, uint32_t most)
{
    struct context *context = context_of(ctx);
    const struct feature *const *feature = context->worker->runtime->features;
    while (feature && *feature && !(*feature)->search)
        feature++;
    if (feature && *feature)
        return (*feature)->search(ctx, collection, text, flags, most);
    context_defect(context, "ouse_search: this program has no search");
    return NULL;
}

static int32_t host_search_cut(struct ouse_ctx *ctx)
{
    return context_of(ctx)->search_cut;
}

static int32_t host_span(struct ouse_str date, int32_t *first, int32_t *last)
{
    return date.p && schema_span(date, first, last) == 0;
}

const struct ouse_host host_services = {
    .size = sizeof(struct ouse_host),
    .major = OUSE_ABI_MAJOR,
    .minor = OUSE_ABI_MINOR,
    .get = host_get,
    .vquery = host_vquery,
    .referrers = host_referrers,
    .next = host_next,
    .create = host_create,
    .patch = host_patch,
    .move = host_move,
    .remove = host_remove,
    .merge = host_merge,
    .recheck = host_recheck,
    .vfail = host_vfail,
    .vwarn = host_vwarn,
    .vlog = host_vlog,
    .doc_new = host_doc_new,
    .doc_text = host_doc_text,
    .doc_number = host_doc_number,
    .doc_bool = host_doc_bool,
    .doc_copy = host_doc_copy,
    .doc_kind = host_doc_kind,
    .doc_count = host_doc_count,
    .doc_member = host_doc_member,
    .doc_at = host_doc_at,
    .doc_name = host_doc_name,
    .doc_as_text = host_doc_as_text,
    .doc_as_number = host_doc_as_number,
    .doc_set = host_doc_set,
    .doc_add = host_doc_add,
    .doc_sort = host_doc_sort,
    .reply = host_reply,
    .reply_bytes = host_reply_bytes,
    .reply_header = host_reply_header,
    .write = host_write,
    .parameter = host_parameter,
    .alloc = host_alloc,
    .vformat = host_vformat,
    .now = host_now,
    .random = host_random,
    .role = host_role,
    .span = host_span,
    .doc_equal = host_doc_equal,
    .label = host_label,
    .label_of = host_label_of,
    .describe = host_describe,
    .ask = host_ask,
    .header = host_header,
    .search = host_search,
    .title = host_title,
    .measures = host_measures,
    .address = host_address,
    .takes = host_takes,
    .gzip = host_gzip,
    .about = host_about,
    .uuid = host_uuid,
    .cancelled = host_cancelled,
    .search_cut = host_search_cut,
};
