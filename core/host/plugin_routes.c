/* plugin_routes: a plugin's computed endpoints and actions.
 *
 *   request ─> role, parameters, body ─> lock ─> snapshot or writer ─> record
 *           ─> the plugin's function ─> reply
 *
 * Under "collection/{id}" the host looks the record up in the same transaction,
 * so the plugin begins with a record that is there and that the caller may see.
 */
#include "../api/resource.h"
#include "../api/submit.h"
#include "../base/json.h"
#include "../observe/callback.h"
#include "instance.h"
#include "media.h"
#include <stdio.h>
#include <strings.h>

#define API         "/api/v1/"
#define ID_SEGMENTS 4 /* of a path, to the id of its record: api, v1, collection, id */

struct route {
    struct worker *worker;
    const struct ouse_route *is;
    struct parameters parameters;
    uint32_t method;
    int id;                              /* captures[id] is {id}; -1: no {id} */
    const struct collection *under;      /* the collection that the path lies under, or NULL */
    const struct collection *collection; /* the collection of the record {id}; may be NULL */
    int rest;                            /* captures[rest] is {*}; -1: no {*} */
    const char *label;                   /* "GET hubs/{id}/portfolio" */
};

/* One request on its way through a route. */
struct visit {
    const struct route *route;
    struct http_request *request;
    struct http_parameter given[HTTP_PARAMETERS];
    uint32_t n_given;
    struct ouse_str text; /* the body, as it came */
    const cJSON *body;
    struct context_reply reply;
    struct ouse_str moved; /* where {id} was merged into */
};

/* The inputs of a form as an object of texts. */
static ouse_rc read_form(struct visit *visit, struct ouse_str text)
{
    struct http_parameter inputs[HTTP_PARAMETERS];
    uint32_t n = 0;
    struct arena *arena = visit->request->arena;
    ouse_rc rc = http_form(visit->request, text, inputs, &n);
    cJSON *body = rc ? NULL : json_keep(arena, cJSON_CreateObject());
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_str name = arena_printf(arena, "%.*s", OUSE_F(inputs[i].name));
        struct ouse_str value = arena_printf(arena, "%.*s", OUSE_F(inputs[i].value));
        if (!utf8_valid(inputs[i].name) || !utf8_valid(inputs[i].value))
            return problem_fail(visit->request->problem, OUSE_E_REQUEST, "The form must be in UTF-8");
        cJSON_DeleteItemFromObjectCaseSensitive(body, name.p);
        cJSON_AddStringToObject(body, name.p, value.p);
    }
    visit->text = text;
    visit->body = body;
    return rc;
}

/* Browsers send forms to pages only; the API reads JSON. */
static int takes_forms(const struct route *route)
{
    return route->is->path[0] == '/';
}

static ouse_rc read_body(struct visit *visit)
{
    struct http_request *request = visit->request;
    struct ouse_str text;
    cJSON *body;
    if (!(visit->route->method & (HTTP_POST | HTTP_PUT | HTTP_PATCH)))
        return OUSE_OK;
    ouse_rc rc = http_body(request, HTTP_BODY_MAX, &text);
    if (rc || !text.n)
        return rc;
    if (takes_forms(visit->route) && ouse_is(http_media_type(request), "application/x-www-form-urlencoded"))
        return read_form(visit, text);
    if (!ouse_is(http_media_type(request), "application/json"))
        return problem_fail(request->problem, OUSE_E_MEDIA_TYPE, "The body must be application/json");
    rc = rest_parse(request, text, &body);
    if (rc)
        return rc;
    visit->text = text;
    visit->body = body;
    return OUSE_OK;
}

/* Looks up the record that the path names; sets visit->moved for one that was
 * merged into another. */
static ouse_rc find_record(struct visit *visit, struct context *context, struct ouse_str id, cJSON **document)
{
    const struct collection *collection = visit->route->collection;
    struct record record;
    if (!collection || !context->txn)
        return OUSE_OK;
    ouse_rc rc =
        record_as_of(context->txn, collection, id, context->role, context->as_of, context->arena, &record);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return problem_fail(context->problem, rc, "The store could not be read");
    if (!rc && record.kind == RECORD_MERGED) {
        visit->moved = arena_copy(context->arena, record.into);
        return OUSE_OK;
    }
    if (rc || record.kind != RECORD_LIVE)
        return record_missing(collection, id, rc ? NULL : &record, context->problem);
    *document = json_parse_trusted(context->arena, record.json);
    return *document ? OUSE_OK : problem_fail(context->problem, OUSE_E_INTERNAL, "The record is damaged");
}

static int is_encoded(const struct context_reply *reply)
{
    for (uint32_t i = 0; i < reply->n_headers; i++)
        if (strcasecmp(reply->headers[i].name.p, "Content-Encoding") == 0)
            return 1;
    return 0;
}

/* Checks that a body matches its media type, unless it is compressed. */
static void check_text(struct context *context, const struct context_reply *reply)
{
    if (reply->media_type && reply->body.n && media_is_utf8(reply->media_type) && !is_encoded(reply) &&
        !utf8_valid(reply->body))
        context_defect(context, "the reply is %s, but it is not UTF-8", reply->media_type);
}

static ouse_rc call(struct visit *visit, struct context *context)
{
    const struct route *route = visit->route;
    struct http_request *request = visit->request;
    struct ouse_str none = {NULL, 0};
    struct ouse_request seen = {.size = sizeof seen,
                                .role = request->role,
                                .collection = route->under ? route->under->is.name : NULL,
                                .id = route->id >= 0 ? request->captures[route->id] : none,
                                .body = doc_of(visit->body),
                                .path = request->path,
                                .rest = route->rest >= 0 ? request->captures[route->rest] : none,
                                .if_match = http_header(request, "If-Match"),
                                .query = request->query};
    cJSON *record = NULL;
    visit->reply = (struct context_reply){0};
    visit->moved = none;
    context->role = request->role;
    context->reply = &visit->reply;
    context->request = request;
    context->parameters = visit->given;
    context->n_parameters = visit->n_given;
    callback_about(seen.collection, seen.id);
    ouse_rc rc = find_record(visit, context, seen.id, &record);
    seen.record = doc_of(record);
    if (rc || visit->moved.p)
        return context_end(context, rc);
    rc = route->is->fn(&context->visible, &seen);
    check_text(context, &visit->reply);
    return context_end(context, rc);
}

static ouse_rc call_writing(struct change_set *set, void *arg)
{
    struct visit *visit = arg;
    struct context context;
    context_begin(&context, visit->route->worker, NULL, visit->route->label, set->arena, set->problem);
    context_write(&context, set);
    return call(visit, &context);
}

/* Returns the path after its first n segments, from the slash on. */
static struct ouse_str behind(struct ouse_str path, int n)
{
    uint32_t at = 0;
    while (at < path.n && n >= (path.p[at] == '/'))
        n -= path.p[at++] == '/';
    return (struct ouse_str){path.p + at, path.n - at};
}

static void redirect(const struct visit *visit, struct http_reply *reply)
{
    const struct http_request *request = visit->request;
    reply->status = 308;
    http_reply_header(reply, "Location",
                      arena_printf(request->arena, "%s" API "%s/%.*s%.*s%s%.*s",
                                   visit->route->worker->runtime->base_path,
                                   visit->route->collection->is.name, OUSE_F(visit->moved),
                                   OUSE_F(behind(request->path, ID_SEGMENTS)), request->query.p ? "?" : "",
                                   OUSE_F(request->query)));
}

/* Some headers are the server's to write. */
static void add_header(struct http_reply *reply, const struct http_header *header)
{
    if (strcasecmp(header->name.p, "ETag") == 0)
        reply->etag = header->value;
    else if (strcasecmp(header->name.p, "Cache-Control") == 0)
        reply->cache_control = header->value;
    else
        http_reply_header(reply, header->name.p, header->value);
}

static void answer(const struct visit *visit, struct http_reply *reply)
{
    const struct context_reply *from = &visit->reply;
    if (visit->moved.p) {
        redirect(visit, reply);
        return;
    }
    reply->status = from->status ? (int)from->status : 204;
    reply->body = from->body;
    reply->document = from->document;
    if (from->media_type)
        reply->content_type = ouse_s(from->media_type);
    for (uint32_t i = 0; i < from->n_headers; i++)
        add_header(reply, &from->headers[i]);
}

static ouse_rc answer_writing(struct change_set *set, void *arg, struct http_reply *reply)
{
    (void)set;
    answer(arg, reply);
    return OUSE_OK;
}

static ouse_rc visit_writing(struct visit *visit, struct http_reply *reply)
{
    struct submission submission = {
        .request = visit->request,
        .reply = reply,
        .records = visit->route->worker->runtime->records,
        .features = visit->route->worker->runtime->features,
        .mode = CHANGE_CLIENT,
        .dry_run = ouse_is(parameter_given(visit->given, visit->n_given, "dry_run"), "true"),
        .body = visit->text,
        .bytes = HTTP_BODY_MAX / 16,
        .change = call_writing,
        .answer = answer_writing,
        .arg = visit};
    return rest_submit(&submission);
}

static ouse_rc visit_reading(struct visit *visit, struct http_reply *reply)
{
    struct http_request *request = visit->request;
    const struct route *route = visit->route;
    struct context context;
    struct txn *txn = NULL;
    int64_t as_of = 0;
    ouse_rc rc = OUSE_OK;
    if (parameter_besides(route->is))
        rc = rest_as_of(request, parameter_given(visit->given, visit->n_given, "as_of"), &as_of);
    if (rc)
        return rc;
    if (route->is->access == OUSE_READ)
        rc = engine_read(records_engine(route->worker->runtime->records), &txn);
    if (rc)
        return problem_fail(request->problem, rc, "The store cannot be read now");
    context_begin(&context, route->worker, NULL, route->label, request->arena, request->problem);
    context.deadline = request->deadline;
    context.may_ask = route->is->access == OUSE_NONE && !route->worker->serial && !request->within;
    context.as_of = as_of;
    context.txn = txn;
    rc = call(visit, &context);
    txn_end(txn);
    if (rc) {
        cJSON_Delete(visit->reply.document);
        return rc;
    }
    answer(visit, reply);
    rest_keep(request, as_of, reply);
    return OUSE_OK;
}

static ouse_rc handle(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct route *route = arg;
    struct visit visit = {.route = route, .request = request};
    ouse_rc rc = rest_require(request, route->is->role);
    if (!rc)
        rc = parameters_read(&route->parameters, request, visit.given, &visit.n_given);
    if (!rc)
        rc = read_body(&visit);
    if (rc)
        return rc;
    worker_lock(route->worker);
    rc = route->is->access == OUSE_WRITE ? visit_writing(&visit, reply) : visit_reading(&visit, reply);
    worker_unlock(route->worker);
    return rc;
}

static uint32_t method_bit(const char *name)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } methods[] = {{"GET", HTTP_GET},
                   {"POST", HTTP_POST},
                   {"PUT", HTTP_PUT},
                   {"PATCH", HTTP_PATCH},
                   {"DELETE", HTTP_DELETE}};
    for (size_t i = 0; name && i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].bit;
    return 0;
}

const struct collection *route_under(const struct runtime *runtime, const char *path)
{
    struct ouse_str name = {path, (uint32_t)strcspn(path, "/")};
    return schema_find(records_schema(runtime->records), name);
}

/* Whether {id} stands where a record's id does: "hubs/{id}", "hubs/{id}/…". */
static int is_about_record(const char *path)
{
    const char *id = strstr(path, "/{id}");
    return id == path + strcspn(path, "/") && (!id[5] || id[5] == '/');
}

/* Returns the index of the capture of a placeholder: the number of placeholders before it; -1 if it
 * is missing. */
static int capture(const char *path, const char *placeholder)
{
    int n = 0;
    for (const char *at = path; (at = strchr(at, '{')); at++, n++)
        if (strncmp(at, placeholder, strlen(placeholder)) == 0)
            return n;
    return -1;
}

const char *route_path(struct arena *arena, const char *path)
{
    return path[0] == '/' ? path : arena_printf(arena, API "%s", path).p;
}

/* A schema that is given must be JSON: it is shown as such. */
static ouse_rc check_schema(const struct route *route, const char *name, const char *text,
                            struct problem *problem)
{
    cJSON *schema = text ? cJSON_Parse(text) : NULL;
    int right = !text || cJSON_IsObject(schema);
    cJSON_Delete(schema);
    return right ? OUSE_OK
                 : plugin_refuse(route->worker->plugin, problem, "the %s of the route %s is no JSON object",
                                 name, route->label);
}

static ouse_rc mount(struct route *route, struct router *router, struct problem *problem)
{
    struct runtime *runtime = route->worker->runtime;
    const struct ouse_route *is = route->is;
    const char *file = route->worker->plugin->path;
    if (!route->method || !is->path || !is->fn || is->access > OUSE_WRITE)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: the route %s needs a method (GET POST PUT PATCH DELETE), a path, a function "
                            "and an access of this ABI",
                            file, is->path ? is->path : "(without path)");
    route->label = arena_printf(&runtime->memory, "%s %s", is->method, is->path).p;
    route->id = capture(is->path, "{id}");
    route->rest = capture(is->path, "{*}");
    route->under = route_under(runtime, is->path);
    route->collection = is_about_record(is->path) ? route->under : NULL;
    if (parameters_declare(route->worker, is, route->label, &route->parameters, problem) ||
        check_schema(route, "body_schema", is->body_schema, problem) ||
        check_schema(route, "reply_schema", is->reply_schema, problem))
        return problem->rc;
    ouse_rc rc = router_add(router, route->method, route_path(&runtime->memory, is->path),
                            route->worker->plugin->is.name, handle, route);
    if (rc == OUSE_E_CONFLICT)
        return problem_fail(problem, rc,
                            "%s: the route %s is taken by another plugin or by the server; rename it", file,
                            route->label);
    return rc ? problem_fail(problem, rc, "%s: the route %s is malformed", file, route->label) : OUSE_OK;
}

ouse_rc routes_mount(struct worker *worker, struct router *router, struct problem *problem)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < plugin->routes.n && !rc; i++) {
        struct route *route = arena_zero(&worker->runtime->memory, sizeof *route);
        route->worker = worker;
        route->is = &plugin->routes.at[i];
        route->method = method_bit(route->is->method);
        rc = mount(route, router, problem);
    }
    return rc;
}
