/* write: create, replace, patch, move, remove.
 *
 *     request thread   role ─> parameters ─> body, condition
 *     writer thread        change, hooks, settle ─> read_back
 *     request thread   reply, once the change is durable
 *
 * What a client is told is read back in the transaction of the change, as that
 * client may see it.
 */
#include "resource.h"

struct submission {
    const struct resource *resource;
    struct http_request *request;
    struct ouse_str id; /* of the path; no text for POST to the collection */
    cJSON *body;        /* NULL where the verb takes none */
    size_t bytes;
    struct condition condition;
    const char *field; /* move: the state machine, and where to */
    struct ouse_str to;
    /* What became of it. */
    struct changed changed;
    struct representation seen; /* no body where the caller may not see it */
};

/* One way of writing. */
struct verb {
    change_fn change;
    const char *types[2]; /* media types of the body; none: it takes no body */
    ouse_rc (*prepare)(struct submission *submission);
    int removes;
};

static ouse_rc change_by_create(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    return change_create(set, submission->resource->collection, submission->id, submission->body,
                         &submission->changed);
}

/* PUT with If-None-Match: * is a create that fails with 412 when there is one. */
static ouse_rc change_by_put_new(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    const struct collection *collection = submission->resource->collection;
    struct record record;
    ouse_rc rc = record_get(set->txn, collection, submission->id, OUSE_MANAGER, &record);
    if (!rc && record.kind == RECORD_LIVE) {
        set->problem->extra_name = ouse_s("current");
        set->problem->extra_json = arena_copy(set->arena, record.json);
        return problem_fail(set->problem, OUSE_E_STALE, "%s/%.*s exists", collection->is.name,
                            OUSE_F(submission->id));
    }
    return change_by_create(set, arg);
}

static ouse_rc change_by_replace(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    return change_replace(set, submission->resource->collection, submission->id, submission->body,
                          &submission->condition, &submission->changed);
}

static ouse_rc change_by_patch(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    return change_patch(set, submission->resource->collection, submission->id, submission->body,
                        &submission->condition, &submission->changed);
}

/* Others than managers may move; for them what they may not see is not there. */
static ouse_rc change_by_move(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    const struct collection *collection = submission->resource->collection;
    struct record record;
    ouse_rc rc = record_get(set->txn, collection, submission->id, set->caller.role, &record);
    if (rc == OUSE_E_NOT_FOUND || (!rc && record.kind != RECORD_LIVE))
        return record_missing(collection, submission->id, rc ? NULL : &record, set->problem);
    return change_move(set, collection, submission->id, submission->field, submission->to, submission->body,
                       &submission->condition, &submission->changed);
}

static ouse_rc change_by_remove(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    submission->changed = (struct changed){.id = submission->id};
    return change_remove(set, submission->resource->collection, submission->id, &submission->condition);
}

/* The record as the caller sees it; an anonymous creator may not see what it made. */
static ouse_rc read_back(struct change_set *set, void *arg)
{
    struct submission *submission = arg;
    const struct resource *resource = submission->resource;
    struct record record;
    ouse_rc rc =
        record_get(set->txn, resource->collection, submission->changed.id, set->caller.role, &record);
    submission->seen = (struct representation){0};
    if (rc == OUSE_E_NOT_FOUND || (!rc && record.kind != RECORD_LIVE))
        return OUSE_OK;
    if (!rc)
        rc = rest_represent(resource, set->txn, &record, resource->record.formats[0], submission->request,
                            &submission->seen);
    submission->seen.body = arena_copy(set->arena, submission->seen.body);
    return rc;
}

static int takes(const struct verb *verb, struct ouse_str type)
{
    for (size_t i = 0; i < 2; i++)
        if (verb->types[i] && ouse_is(type, verb->types[i]))
            return 1;
    return 0;
}

static ouse_rc read_body(const struct verb *verb, struct submission *submission)
{
    struct http_request *request = submission->request;
    struct ouse_str type = http_media_type(request), text;
    if (!takes(verb, type))
        return problem_fail(request->problem, OUSE_E_MEDIA_TYPE, "The body is to be %s%s%s, in UTF-8",
                            verb->types[0], verb->types[1] ? " or " : "",
                            verb->types[1] ? verb->types[1] : "");
    ouse_rc rc = http_body(request, HTTP_BODY_MAX, &text);
    if (!rc)
        rc = json_parse(request->arena, text, &submission->body, request->problem);
    if (!rc)
        submission->bytes = text.n;
    return rc;
}

/* Whether the record is there or not, a PUT says which of the two it expects. */
static ouse_rc prepare_replace(struct submission *submission)
{
    if (http_header(submission->request, "If-Match").p)
        return OUSE_OK;
    return problem_fail(submission->request->problem, OUSE_E_UNCONDITIONAL,
                        "PUT replaces with If-Match: ETAG, or creates with If-None-Match: *");
}

/* A merge patch is an object and a JSON Patch an array: the media type must say which it is. */
static ouse_rc prepare_patch(struct submission *submission)
{
    int wants_array = ouse_is(http_media_type(submission->request), "application/json-patch+json");
    if (wants_array == cJSON_IsArray(submission->body) && (wants_array || cJSON_IsObject(submission->body)))
        return OUSE_OK;
    return problem_fail(submission->request->problem, OUSE_E_REQUEST, "A %s is an %s",
                        wants_array ? "JSON Patch" : "merge patch", wants_array ? "array" : "object");
}

/* The state machine that can lead to a state; the first one where none can. */
static const char *field_leading_to(const struct collection *collection, struct ouse_str state)
{
    for (uint32_t i = 0; i < collection->n_flows; i++)
        for (uint32_t j = 0; j < collection->flows[i].n_moves; j++)
            if (ouse_is(state, collection->flows[i].moves[j].is.to))
                return collection->flows[i].field->is.name;
    return collection->flows[0].field->is.name;
}

/* {"to":"adopted", …}: what is beside `to` is set with the move. */
static ouse_rc prepare_move(struct submission *submission)
{
    cJSON *to = cJSON_DetachItemFromObjectCaseSensitive(submission->body, "to");
    if (to)
        json_keep(submission->request->arena, to);
    submission->to = json_text(to);
    if (!submission->to.p)
        return problem_add(submission->request->problem, OUSE_E_INVALID, "/to", "required",
                           "A move names the state it leads to");
    submission->field = field_leading_to(submission->resource->collection, submission->to);
    return OUSE_OK;
}

static const struct verb verb_create = {.change = change_by_create, .types = {"application/json"}};
static const struct verb verb_put_new = {.change = change_by_put_new, .types = {"application/json"}};
static const struct verb verb_replace = {
    .change = change_by_replace, .types = {"application/json"}, .prepare = prepare_replace};
static const struct verb verb_patch = {
    .change = change_by_patch,
    .types = {"application/merge-patch+json", "application/json-patch+json"},
    .prepare = prepare_patch};
static const struct verb verb_move = {
    .change = change_by_move, .types = {"application/json"}, .prepare = prepare_move};
static const struct verb verb_remove = {.change = change_by_remove, .removes = 1};

static ouse_rc prepare(const struct verb *verb, struct submission *submission, int *dry_run)
{
    static const char *const names[] = {"dry_run"};
    struct http_request *request = submission->request;
    struct ouse_str value;
    ouse_rc rc = rest_parameters(request, names, 1, &value);
    if (!rc)
        rc = rest_flag(request, names[0], value, dry_run);
    if (!rc && verb->types[0])
        rc = read_body(verb, submission);
    if (!rc && verb->prepare)
        rc = verb->prepare(submission);
    submission->condition = (struct condition){.required = 1, .if_match = http_header(request, "If-Match")};
    return rc;
}

static void answer(const struct verb *verb, const struct submission *submission, int dry_run,
                   struct http_reply *reply)
{
    struct arena *arena = submission->request->arena;
    if (verb->removes) {
        reply->status = 204;
        return;
    }
    reply->body = submission->seen.body;
    if (!reply->body.p)
        reply->body = arena_printf(arena, "{\"id\":\"%.*s\"}", OUSE_F(submission->changed.id));
    if (dry_run)
        return;
    reply->etag = submission->seen.etag;
    if (submission->changed.created) {
        reply->status = 201;
        http_reply_header(reply, "Location", rest_link(submission->resource, arena, submission->changed.id));
    }
}

static ouse_rc submit(const struct verb *verb, uint32_t role, struct http_request *request,
                      struct http_reply *reply, const struct resource *resource)
{
    struct submission submission = {.resource = resource, .request = request, .id = request->captures[0]};
    struct change_set set = {.records = resource->rest->records,
                             .caller = {request->role, request->actor},
                             .mode = CHANGE_CLIENT,
                             .arena = request->arena,
                             .problem = request->problem};
    ouse_rc rc = rest_require(request, role);
    if (!request->n_captures)
        submission.id = (struct ouse_str){0};
    if (!rc)
        rc = prepare(verb, &submission, &set.dry_run);
    if (rc)
        return rc;
    rc = records_write(&set, verb->change, verb->removes ? NULL : read_back, &submission, submission.bytes);
    if (rc)
        return rc;
    answer(verb, &submission, set.dry_run, reply);
    return OUSE_OK;
}

ouse_rc rest_create(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    int open = (resource->collection->is.flags & OUSE_OPEN_CREATE) != 0;
    return submit(&verb_create, open ? OUSE_PUBLIC : OUSE_MANAGER, request, reply, resource);
}

ouse_rc rest_replace(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    int creates = ouse_is(http_header(request, "If-None-Match"), "*");
    if (creates && resource->collection->is.flags & OUSE_NO_CREATE)
        return problem_fail(request->problem, OUSE_E_FORBIDDEN, "Records of %s are not created by clients",
                            resource->collection->is.name);
    return submit(creates ? &verb_put_new : &verb_replace, OUSE_MANAGER, request, reply, resource);
}

ouse_rc rest_patch(struct http_request *request, struct http_reply *reply, void *arg)
{
    http_reply_header(reply, "Accept-Patch",
                      ouse_s("application/merge-patch+json, application/json-patch+json"));
    return submit(&verb_patch, OUSE_MANAGER, request, reply, arg);
}

ouse_rc rest_remove(struct http_request *request, struct http_reply *reply, void *arg)
{
    return submit(&verb_remove, OUSE_MANAGER, request, reply, arg);
}

/* The least role that any move of the collection needs; the move itself may need more. */
static uint32_t least_role(const struct collection *collection)
{
    uint32_t least = OUSE_MANAGER;
    for (uint32_t i = 0; i < collection->n_flows; i++)
        for (uint32_t j = 0; j < collection->flows[i].n_moves; j++) {
            uint32_t role = collection->flows[i].moves[j].is.role;
            if (role && role < least)
                least = role;
        }
    return least;
}

ouse_rc rest_move(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    return submit(&verb_move, least_role(resource->collection), request, reply, resource);
}
