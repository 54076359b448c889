/* write: a request that is one operation: POST, PUT, PATCH, DELETE, a move, a revert. */
#include "operation.h"
#include "submit.h"

/* One request and the operation that it is. */
struct single {
    struct submission submission;
    struct operation operation;
};

/* Runs the change. The targets of references are looked up last; if the document has errors
 * already, callers that may see everything receive those of the references, too: all errors
 * together. */
static ouse_rc change(struct change_set *set, void *arg)
{
    struct single *single = arg;
    const struct operation *operation = &single->operation;
    ouse_rc rc = operation->verb->run(set, &single->operation);
    if (rc == OUSE_E_INVALID && set->caller.role >= OUSE_OFFICE && cJSON_IsObject(operation->body)) {
        change_await_references(set, operation->resource->collection, operation->body);
        change_settle_rules(set);
    }
    return rc;
}

/* Fills the reply. A dry run has no ETag, because no other request would return it. */
static ouse_rc answer(struct change_set *set, void *arg, struct http_reply *reply)
{
    const struct single *single = arg;
    const struct operation *operation = &single->operation;
    struct representation seen;
    if (operation->verb == &verb_remove) {
        reply->status = 204;
        return OUSE_OK;
    }
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

static ouse_rc prepare(struct single *single)
{
    struct operation *operation = &single->operation;
    struct submission *submission = &single->submission;
    struct http_request *request = submission->request;
    const struct verb *verb = operation->verb;
    if (operation_admit(operation, request) || rest_dry_run(request, &submission->dry_run) ||
        (verb->types[0] && rest_read_json(request, verb->types, &submission->body, &operation->body)))
        return request->problem->rc;
    operation->condition = (struct condition){http_header(request, "If-Match")};
    return verb->prepare ? verb->prepare(operation, request) : OUSE_OK;
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
        record_as_of(txn, resource->collection, id, request->role, 0, request->arena, &record) ||
        record.kind != RECORD_MERGED)
        return failed;
    for (uint32_t i = request->n_segments - 1; !ouse_same(request->segments[i], id); i--)
        while (*--behind != '/')
            continue;
    return rest_lead_on(resource, request, record.into, (struct ouse_str){behind, (uint32_t)(end - behind)},
                        reply);
}

static ouse_rc submit(const struct verb *verb, struct http_request *request, struct http_reply *reply,
                      const struct resource *resource)
{
    struct single single = {.submission = {.request = request,
                                           .reply = reply,
                                           .records = resource->rest->records,
                                           .features = resource->rest->features,
                                           .mode = CHANGE_CLIENT,
                                           .change = change,
                                           .answer = answer,
                                           .arg = &single},
                            .operation = {.resource = resource, .verb = verb}};
    if (request->n_captures)
        single.operation.id = request->captures[0];
    ouse_rc rc = prepare(&single);
    if (!rc)
        rc = rest_submit(&single.submission);
    return rc == OUSE_E_GONE ? lead_on(resource, request, rc, reply) : rc;
}

ouse_rc rest_create(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&verb_create, request, reply, arg);
}

ouse_rc rest_replace(struct http_request *request, struct http_reply *reply, void *arg)
{
    int creates = ouse_is(http_header(request, "If-None-Match"), "*");
    return submit(creates ? &verb_put_new : &verb_replace, request, reply, arg);
}

ouse_rc rest_patch(struct http_request *request, struct http_reply *reply, void *arg)
{
    http_reply_header(reply, "Accept-Patch",
                      ouse_s("application/merge-patch+json, application/json-patch+json"));
    return submit(&verb_patch, request, reply, arg);
}

ouse_rc rest_remove(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&verb_remove, request, reply, arg);
}

ouse_rc rest_move(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&verb_move, request, reply, arg);
}

ouse_rc rest_revert(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&verb_revert, request, reply, arg);
}
