/* write: a request that is one operation: POST, PUT, PATCH, DELETE, a move, a revert. */
#include "operation.h"
#include "submit.h"

#include <math.h>

/* How an operation comes as a request. */
struct way {
    const struct verb *verb;
    const char *types[2]; /* media types of the body; none: it takes no body */
    ouse_rc (*prepare)(struct operation *operation, struct http_request *request);
};

/* Whether the record is there or not, a PUT says which of the two it expects. */
static ouse_rc prepare_replace(struct operation *operation, struct http_request *request)
{
    if (operation->condition.if_match.p)
        return OUSE_OK;
    return problem_fail(request->problem, OUSE_E_UNCONDITIONAL,
                        "PUT replaces with If-Match: ETAG, or creates with If-None-Match: *");
}

/* A merge patch is an object and a JSON Patch an array: the media type must say which it is. */
static ouse_rc prepare_patch(struct operation *operation, struct http_request *request)
{
    int wants_array = ouse_is(http_media_type(request), "application/json-patch+json");
    if (wants_array ? cJSON_IsArray(operation->body) : cJSON_IsObject(operation->body))
        return OUSE_OK;
    return problem_fail(request->problem, OUSE_E_REQUEST, "A %s is an %s",
                        wants_array ? "JSON Patch" : "merge patch", wants_array ? "array" : "object");
}

/* {"to":"adopted", …}: what is beside `to` is set with the move. */
static ouse_rc prepare_move(struct operation *operation, struct http_request *request)
{
    cJSON *to = cJSON_DetachItemFromObjectCaseSensitive(operation->body, "to");
    if (to)
        json_keep(request->arena, to);
    operation->to = json_text(to);
    if (operation->to.p)
        return OUSE_OK;
    return problem_add(request->problem, OUSE_E_INVALID, "/to", "required",
                       "A move names the state it leads to");
}

/* {"to":3}: the number of a revision, and nothing else. */
static ouse_rc prepare_revert(struct operation *operation, struct http_request *request)
{
    const cJSON *to = json_member(operation->body, "to");
    if (!cJSON_IsNumber(to) || to->valuedouble < 1 || to->valuedouble > UINT32_MAX ||
        to->valuedouble != floor(to->valuedouble) || operation->body->child->next)
        return problem_add(request->problem, OUSE_E_INVALID, "/to", "required",
                           "A revert is {\"to\":N} with the number of a revision, and nothing else");
    operation->revision = (uint32_t)to->valuedouble;
    return OUSE_OK;
}

static const struct way way_create = {.verb = &verb_create, .types = {"application/json"}};
static const struct way way_put_new = {.verb = &verb_put_new, .types = {"application/json"}};
static const struct way way_replace = {
    .verb = &verb_replace, .types = {"application/json"}, .prepare = prepare_replace};
static const struct way way_patch = {.verb = &verb_patch,
                                     .types = {"application/merge-patch+json", "application/json-patch+json"},
                                     .prepare = prepare_patch};
static const struct way way_move = {
    .verb = &verb_move, .types = {"application/json"}, .prepare = prepare_move};
static const struct way way_revert = {
    .verb = &verb_revert, .types = {"application/json"}, .prepare = prepare_revert};
static const struct way way_remove = {.verb = &verb_remove};

/* One request and the operation that it is. */
struct single {
    struct submission submission;
    struct operation operation;
};

/* What a record refers to is looked up last; of one that is wrong already, those who see all hear
 * of that, too: all errors at once. */
static ouse_rc change(struct change_set *set, void *arg)
{
    struct single *single = arg;
    const struct operation *operation = &single->operation;
    ouse_rc rc = operation_run(set, &single->operation);
    if (rc == OUSE_E_INVALID && set->caller.role >= OUSE_OFFICE && cJSON_IsObject(operation->body)) {
        change_await_references(set, operation->resource->collection, operation->body);
        change_settle_references(set);
    }
    return rc;
}

/* The ETag of a dry run would be one that nobody else has. */
static ouse_rc answer(struct change_set *set, void *arg, struct http_reply *reply)
{
    const struct single *single = arg;
    const struct operation *operation = &single->operation;
    struct representation seen;
    ouse_rc rc = operation_read_back(set, operation, single->submission.request, &seen);
    if (rc)
        return rc;
    reply->body = seen.body.p ? arena_copy(set->arena, seen.body)
                              : arena_printf(set->arena, "{\"id\":\"%.*s\"}", OUSE_F(operation->changed.id));
    if (set->dry_run)
        return OUSE_OK;
    reply->etag = seen.etag;
    if (operation->changed.created) {
        reply->status = 201;
        http_reply_header(reply, "Location",
                          rest_link(operation->resource, set->arena, operation->changed.id));
    }
    return OUSE_OK;
}

static ouse_rc answer_removal(struct change_set *set, void *arg, struct http_reply *reply)
{
    (void)set, (void)arg;
    reply->status = 204;
    return OUSE_OK;
}

static ouse_rc prepare(const struct way *way, struct single *single)
{
    struct operation *operation = &single->operation;
    struct http_request *request = single->submission.request;
    ouse_rc rc = operation_admit(operation, request);
    if (!rc)
        rc = rest_dry_run(request, &single->submission.dry_run);
    if (!rc && way->types[0])
        rc = rest_read_json(request, way->types, &single->submission.body, &operation->body);
    if (rc)
        return rc;
    operation->condition = (struct condition){http_header(request, "If-Match")};
    return way->prepare ? way->prepare(operation, request) : OUSE_OK;
}

/* A write to a record that was merged goes where a read of it would. */
static ouse_rc lead_on(const struct resource *resource, struct http_request *request, ouse_rc failed,
                       struct http_reply *reply)
{
    struct ouse_str id = request->captures[0];
    const char *end = request->path.p + request->path.n, *behind = end;
    struct record record;
    struct txn *txn;
    if (rest_snapshot(resource->rest, request, &txn) ||
        record_get(txn, resource->collection, id, request->role, &record) || record.kind != RECORD_MERGED)
        return failed;
    for (uint32_t i = request->n_segments - 1; !ouse_same(request->segments[i], id); i--)
        while (*--behind != '/')
            continue;
    return rest_lead_on(resource, request, record.into, (struct ouse_str){behind, (uint32_t)(end - behind)},
                        reply);
}

static ouse_rc submit(const struct way *way, struct http_request *request, struct http_reply *reply,
                      const struct resource *resource)
{
    struct single single = {.submission = {.request = request,
                                           .reply = reply,
                                           .records = resource->rest->records,
                                           .mode = CHANGE_CLIENT,
                                           .change = change,
                                           .answer = way == &way_remove ? answer_removal : answer},
                            .operation = {.resource = resource, .verb = way->verb}};
    if (request->n_captures)
        single.operation.id = request->captures[0];
    single.submission.arg = &single;
    ouse_rc rc = prepare(way, &single);
    if (!rc)
        rc = rest_submit(&single.submission);
    return rc == OUSE_E_GONE ? lead_on(resource, request, rc, reply) : rc;
}

ouse_rc rest_create(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&way_create, request, reply, arg);
}

ouse_rc rest_replace(struct http_request *request, struct http_reply *reply, void *arg)
{
    int creates = ouse_is(http_header(request, "If-None-Match"), "*");
    return submit(creates ? &way_put_new : &way_replace, request, reply, arg);
}

ouse_rc rest_patch(struct http_request *request, struct http_reply *reply, void *arg)
{
    http_reply_header(reply, "Accept-Patch",
                      ouse_s("application/merge-patch+json, application/json-patch+json"));
    return submit(&way_patch, request, reply, arg);
}

ouse_rc rest_remove(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&way_remove, request, reply, arg);
}

ouse_rc rest_move(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&way_move, request, reply, arg);
}

ouse_rc rest_revert(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&way_revert, request, reply, arg);
}
