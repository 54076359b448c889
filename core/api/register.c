/* register: endpoints of the register as a whole: health, version, contents. */
#include "../base/clock.h"
#include "../observe/callback.h"
#include "feature.h"

/* ---- Health and version ----------------------------------------------------------- */

ouse_rc rest_health(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)arg;
    reply->body = ouse_s("{\"status\":\"ok\"}");
    return question_none(request);
}

static void write_reason(struct buffer *out, const struct readiness_reason *reason)
{
    char since[CLOCK_TEXT];
    buffer_printf(out, "{\"code\":\"%s\",\"detail\":", reason->code);
    json_string(out, reason->detail);
    clock_format(reason->since, since);
    if (reason->since)
        buffer_printf(out, ",\"since\":\"%s\"", since);
    buffer_byte(out, '}');
}

/* 503 with the first reason as its detail, and all of them as `reasons`: [{code, detail, since}]. */
static ouse_rc not_ready(struct http_request *request, const struct readiness *readiness)
{
    struct problem *problem = request->problem;
    struct buffer *out = rest_buffer(request->arena);
    problem_fail(problem, OUSE_E_UNAVAILABLE, "%.*s", OUSE_F(readiness->reasons[0].detail));
    for (uint32_t i = 0; i < readiness->n; i++) {
        const struct readiness_reason *reason = &readiness->reasons[i];
        problem_add(problem, OUSE_E_UNAVAILABLE, "", reason->code, "%.*s", OUSE_F(reason->detail));
        buffer_byte(out, i ? ',' : '[');
        write_reason(out, reason);
    }
    buffer_byte(out, ']');
    problem->extra_name = ouse_s("reasons");
    problem->extra_json = buffer_view(out);
    return problem->rc;
}

enum { LATE_MAX = 16 };

/* Returns "hook 3" or "task figures", with the record if the caller may read every id. */
static struct ouse_str late_name(const struct callback *late, const struct http_request *request)
{
    int named = late->collection && late->id[0] && request->role >= OUSE_OFFICE;
    return arena_printf(request->arena, "%s%s%s%s%s%s%s", late->kind ? late->kind : "", late->kind ? " " : "",
                        late->name, named ? " on " : "", named ? late->collection : "", named ? "/" : "",
                        named ? late->id : "");
}

static void write_late(const struct callback *late, struct ouse_str name, struct buffer *out)
{
    char since[CLOCK_TEXT];
    clock_format(late->since, since);
    buffer_printf(out, "{\"plugin\":\"%s\",\"callback\":", late->plugin);
    json_string(out, name);
    buffer_printf(out, ",\"since\":\"%s\"}", since);
}

/* Names the callbacks of plugins that run longer than slow_callback, as `callbacks`. One that holds
 * the write transaction is a reason not to be ready: no change can be made meanwhile. */
static void report_callbacks(struct http_request *request, struct readiness *readiness, struct buffer *out)
{
    struct callback late[LATE_MAX];
    uint32_t n = callback_late(late, LATE_MAX);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_str name = late_name(&late[i], request);
        if (late[i].writes)
            readiness_add(readiness, "slow_callback", late[i].since,
                          "Changes wait for the plugin %s: its %.*s has not returned", late[i].plugin,
                          OUSE_F(name));
        buffer_text(out, i ? "," : ",\"callbacks\":[");
        write_late(&late[i], name, out);
    }
    buffer_text(out, n ? "]" : "");
}

ouse_rc rest_ready(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct records *records = ((const struct rest *)arg)->records;
    struct readiness readiness = {.arena = request->arena};
    struct buffer *out = rest_buffer(request->arena);
    struct txn *txn;
    buffer_text(out, "{\"status\":\"ready\"");
    report_callbacks(request, &readiness, out);
    buffer_byte(out, '}');
    if (engine_read(records_engine(records), &txn) == OUSE_OK) {
        records_ready(records, txn, &readiness);
        txn_end(txn);
    } else {
        readiness_add(&readiness, "store_unreadable", 0, "The store cannot be read now");
    }
    if (readiness.n)
        return not_ready(request, &readiness);
    reply->body = buffer_view(out);
    return question_none(request);
}

ouse_rc rest_version(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    reply->body = arena_printf(request->arena, "{\"version\":\"%s\",\"abi\":\"%d.%d\",\"plugins\":%s}",
                               OUSE_VERSION, OUSE_ABI_MAJOR, OUSE_ABI_MINOR, rest->plugins);
    return question_none(request);
}

/* ---- Contents --------------------------------------------------------------------- */

static void write_link(const struct rest *rest, struct buffer *out, const char *name, const char *base,
                       const char *path)
{
    if (out->at[out->n - 1] != '{')
        buffer_byte(out, ',');
    buffer_printf(out, "\"%s\":\"%s%s%s\"", name, rest->base_path, base, path);
}

static void write_links(const struct rest *rest, struct buffer *out)
{
    static const struct {
        const char *name, *path;
    } links[] = {
        {"health", "/healthz"},
        {"ready", "/readyz"},
        {"version", "/version"},
    };
    write_link(rest, out, "schema", REST_API, "/-/schema");
    for (const struct feature *const *feature = rest->features; feature && *feature; feature++)
        for (const struct api_route *route = (*feature)->api_routes; route && route->path; route++)
            if (route->link)
                write_link(rest, out, route->link, REST_API, route->path);
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        write_link(rest, out, links[i].name, "", links[i].path);
}

ouse_rc rest_index(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    const struct schema *schema = records_schema(rest->records);
    struct buffer *out = rest_buffer(request->arena);
    buffer_text(out, "{\"collections\":[");
    for (uint32_t i = 0, n = 0; i < schema_count(schema); i++) {
        const struct ouse_collection *is = &schema_at(schema, i)->is;
        if (!schema_told(schema_at(schema, i), request->role))
            continue;
        buffer_printf(out, "%s{\"name\":\"%s\",\"title\":", n++ ? "," : "", is->name);
        json_string(out, ouse_s(is->title ? is->title : is->name));
        buffer_printf(out, ",\"href\":\"%s" REST_API "/%s\"}", rest->base_path, is->name);
    }
    buffer_text(out, "],\"links\":{");
    write_links(rest, out);
    buffer_text(out, "}}");
    reply->body = buffer_view(out);
    return question_none(request);
}

ouse_rc rest_schema(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    const struct schema *schema = records_schema(rest->records);
    struct buffer *out = rest_buffer(request->arena);
    buffer_text(out, "{\"collections\":[");
    for (uint32_t i = 0, n = 0; i < schema_count(schema); i++) {
        if (!schema_told(schema_at(schema, i), request->role))
            continue;
        if (n++)
            buffer_byte(out, ',');
        schema_describe(schema_at(schema, i), request->role, out);
    }
    buffer_text(out, "]}");
    reply->body = buffer_view(out);
    return question_none(request);
}

ouse_rc rest_schema_one(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct collection *collection =
        rest_collection(arg, request, request->captures[0], OUSE_E_NOT_FOUND);
    struct buffer *out = rest_buffer(request->arena);
    if (!collection)
        return request->problem->rc;
    schema_describe(collection, request->role, out);
    reply->body = buffer_view(out);
    return question_none(request);
}
