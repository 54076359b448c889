/* batch: up to a thousand operations in one transaction, all or nothing.
 *
 *     {"operations":[{"op":"create","collection":"people","data":{…}},
 *                    {"op":"move","collection":"hubs","id":"blmk","to":"closed","if_match":"\"1f\""}]}
 *
 * Operations run in order, each on the result of those before it; references are checked at the
 * end, so they may lead to records of later operations too. The first failure determines the
 * status, and its errors have their place in the body. Results show the records after the whole
 * batch. */
#include "../../api/operation.h"
#include "../../api/submit.h"
#include "../features.h"

enum {
    OPERATIONS_MAX = 1000,
    WORK_BYTES_MAX = 16 << 20, /* of the records that are changed, each time */
    RESULT_UNITS = 5           /* of a deadline, for one record that is shown */
};

struct batch {
    const struct rest *rest;
    struct submission submission;
    struct operation *at;
    const cJSON *list; /* as they stand in the body */
    uint32_t n;
};

static const struct verb *const verbs[] = {&verb_create, &verb_replace, &verb_patch, &verb_move,
                                           &verb_remove};
enum { VERBS = sizeof verbs / sizeof verbs[0] };

/* ---- Reading, on the request thread ---------------------------------------------- */

/* One operation as it stands in the body. */
struct item {
    struct problem *problem;
    const cJSON *json;
    uint32_t number;
};

static const char *pointer_to(const struct item *item, const char *member)
{
    return arena_printf(item->problem->arena, "/operations/%u%s%s", item->number, *member ? "/" : "", member)
        .p;
}

static void check_member(const struct item *item, const struct verb *verb, const cJSON *member)
{
    const char *pointer = pointer_to(item, member->string);
    struct ouse_str name = ouse_s(member->string);
    int is_data = ouse_is(name, "data"), takes_list = verb == &verb_patch;
    if (!ouse_is(name, "op") && !ouse_is_one(name, verb->needs) && !ouse_is_one(name, verb->may))
        problem_add(item->problem, OUSE_E_INVALID, pointer, "unknown_field", "A %s has %s and %s, not this",
                    verb->name, verb->needs, verb->may);
    else if (!is_data && !cJSON_IsString(member))
        problem_add(item->problem, OUSE_E_INVALID, pointer, "type", "Must be a string");
    else if (is_data && !cJSON_IsObject(member) && !(takes_list && cJSON_IsArray(member)))
        problem_add(item->problem, OUSE_E_INVALID, pointer, "type", "Must be an object%s",
                    takes_list ? " or a JSON Patch" : "");
}

static void check_members(const struct item *item, const struct verb *verb)
{
    for (const cJSON *member = item->json->child; member; member = member->next)
        check_member(item, verb, member);
    for (const char *at = verb->needs; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        const char *name = arena_copy(item->problem->arena, (struct ouse_str){at, (uint32_t)n}).p;
        if (!json_member(item->json, name))
            problem_add(item->problem, OUSE_E_INVALID, pointer_to(item, name), "required", "A %s needs it",
                        verb->name);
        at += n;
    }
}

static const struct verb *find_verb(const struct item *item)
{
    struct ouse_str op = json_text(json_member(item->json, "op"));
    for (int i = 0; i < VERBS; i++)
        if (ouse_is(op, verbs[i]->name))
            return verbs[i];
    problem_add(item->problem, OUSE_E_INVALID, pointer_to(item, "op"), op.p ? "choice" : "required",
                "It is create, replace, patch, move or remove");
    return NULL;
}

/* Turns a failure without errors into the error of its operation. */
static ouse_rc blame(const struct item *item, ouse_rc rc)
{
    struct problem *problem = item->problem;
    if (rc == OUSE_E_UNCONDITIONAL)
        return problem_add(problem, rc, pointer_to(item, "if_match"), "required",
                           "Operation %u, a %.*s of %.*s/%.*s, needs the ETag of the record as it was read",
                           item->number, OUSE_F(json_text(json_member(item->json, "op"))),
                           OUSE_F(json_text(json_member(item->json, "collection"))),
                           OUSE_F(json_text(json_member(item->json, "id"))));
    struct ouse_str detail =
        problem->detail.p ? problem->detail : ouse_s(problem_kind(problem->rc ? problem->rc : rc)->title);
    return problem_add(problem, rc, pointer_to(item, ""), "failed", "%.*s", OUSE_F(detail));
}

static ouse_rc read_operation(const struct batch *batch, const struct item *item, struct operation *operation)
{
    struct problem *problem = item->problem;
    uint32_t n = problem->n_errors;
    struct ouse_str collection = json_text(json_member(item->json, "collection"));
    *operation = (struct operation){.verb = find_verb(item),
                                    .resource = rest_resource(batch->rest, collection),
                                    .id = json_text(json_member(item->json, "id")),
                                    .body = json_member(item->json, "data"),
                                    .to = json_text(json_member(item->json, "to")),
                                    .condition = {json_text(json_member(item->json, "if_match"))}};
    if (operation->verb)
        check_members(item, operation->verb);
    if (collection.p && !operation->resource)
        problem_add(problem, OUSE_E_INVALID, pointer_to(item, "collection"), "not_found",
                    "There is no collection \"%.*s\"", OUSE_F(collection));
    if (problem->n_errors > n)
        return problem->rc;
    ouse_rc rc = operation_admit(operation, batch->submission.request);
    return rc ? blame(item, rc) : OUSE_OK;
}

/* Finds the operations of the body, which must have only this one list. */
static ouse_rc find_list(struct batch *batch, const cJSON *body)
{
    struct problem *problem = batch->submission.request->problem;
    const cJSON *found = json_member(body, "operations");
    int n = cJSON_GetArraySize(found);
    if (!cJSON_IsArray(found) || n < 1 || body->child->next)
        return problem_add(problem, OUSE_E_INVALID, "/operations", "required",
                           "A batch is {\"operations\":[…]} with 1 to %d of them, and nothing else",
                           OPERATIONS_MAX);
    if (n > OPERATIONS_MAX)
        return problem_fail(problem, OUSE_E_TOO_LARGE, "A batch has at most %d operations; these are %d",
                            OPERATIONS_MAX, n);
    batch->list = found;
    batch->n = (uint32_t)n;
    return OUSE_OK;
}

static ouse_rc read_operations(struct batch *batch)
{
    struct http_request *request = batch->submission.request;
    struct item item = {request->problem, batch->list->child, 0};
    batch->at = arena_alloc(request->arena, batch->n * sizeof *batch->at);
    for (; item.json; item.json = item.json->next, item.number++)
        read_operation(batch, &item, &batch->at[item.number]);
    return request->problem->rc;
}

/* ---- Running, in the write transaction -------------------------------------------- */

/* Estimates the work of an operation: the cost of a change depends on the size of the record,
 * however small the change is. */
static ouse_rc count_work(struct change_set *set, const struct operation *operation, uint64_t *bytes)
{
    struct record record;
    if (operation->id.p && !record_get(set->txn, operation->resource->collection, operation->id, &record))
        *bytes += record.json.n;
    if (*bytes <= WORK_BYTES_MAX)
        return OUSE_OK;
    return problem_fail(set->problem, OUSE_E_TOO_LARGE,
                        "The records that are changed are too large for one batch; split it");
}

/* Sets the place of errors. An error about the id points to the id, which is next to the data. */
static void place_errors(struct change_set *set, const struct item *item, const struct operation *operation)
{
    const struct problem_error *first = &set->problem->errors[0];
    int is_beside = operation->id.p && ouse_is(first->pointer, "/id");
    problem_place(set->problem, 0, is_beside ? ouse_s(pointer_to(item, "")) : set->place);
}

static ouse_rc change(struct change_set *set, void *arg)
{
    struct batch *batch = arg;
    struct item item = {.problem = set->problem, .json = batch->list->child};
    uint64_t bytes = 0;
    ouse_rc rc = OUSE_OK;
    for (; item.json && !rc; item.json = item.json->next, item.number++) {
        struct operation *operation = &batch->at[item.number];
        set->place = ouse_s(pointer_to(&item, "data"));
        rc = count_work(set, operation, &bytes);
        if (!rc)
            rc = operation->verb->run(set, operation);
        if (rc && set->problem->n_errors)
            place_errors(set, &item, operation);
        else if (rc)
            blame(&item, rc);
    }
    set->place = ouse_s("");
    return rc;
}

static ouse_rc write_result(struct change_set *set, const struct batch *batch,
                            const struct operation *operation, struct buffer *out)
{
    int removes = operation->verb == &verb_remove;
    struct representation seen;
    ouse_rc rc = operation_read_back(set, operation, batch->submission.request, &seen);
    if (rc)
        return rc;
    buffer_printf(out, "{\"status\":%d,\"collection\":\"%s\",\"id\":\"%.*s\"",
                  removes                      ? 204
                  : operation->changed.created ? 201
                                               : 200,
                  operation->resource->collection->is.name, OUSE_F(operation->changed.id));
    if (seen.body.p && !set->dry_run) {
        buffer_text(out, ",\"etag\":");
        json_string(out, seen.etag);
    }
    if (seen.body.p) {
        buffer_text(out, ",\"record\":");
        buffer_str(out, seen.body);
    }
    buffer_byte(out, '}');
    return OUSE_OK;
}

static ouse_rc answer(struct change_set *set, void *arg, struct http_reply *reply)
{
    const struct batch *batch = arg;
    struct buffer *out = rest_buffer(set->arena);
    buffer_text(out, "{\"results\":[");
    for (uint32_t i = 0; i < batch->n; i++) {
        if (i)
            buffer_byte(out, ',');
        ouse_rc rc = write_result(set, batch, &batch->at[i], out);
        if (!rc)
            rc = change_charge(set, RESULT_UNITS);
        if (rc)
            return rc;
    }
    buffer_text(out, "]}");
    if (out->overflow)
        return problem_fail(set->problem, OUSE_E_TOO_LARGE,
                            "The answer would be over %u bytes; split the batch", REST_BODY_BYTES);
    reply->body = buffer_view(out);
    return OUSE_OK;
}

/* Runs a batch. Anonymous callers may only send one create at a time. */
static ouse_rc run_batch(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const char *const types[2] = {"application/json"};
    const struct rest *rest = arg;
    struct batch batch = {.rest = rest,
                          .submission = {.request = request,
                                         .reply = reply,
                                         .records = rest->records,
                                         .features = rest->features,
                                         .mode = CHANGE_CLIENT,
                                         .change = change,
                                         .answer = answer,
                                         .arg = &batch}};
    cJSON *body;
    if (rest_require(request, OUSE_PARTNER) || http_enter(request, HTTP_BATCHES) ||
        rest_dry_run(request, &batch.submission.dry_run) ||
        rest_read_json(request, types, &batch.submission.body, &body) || find_list(&batch, body) ||
        read_operations(&batch))
        return request->problem->rc;
    return rest_submit(&batch.submission);
}

static const struct api_route routes[] = {
    {.method = HTTP_POST, .path = "/-/batch", .kind = "write", .handler = run_batch},
    {.path = NULL},
};

const struct feature feature_batch = {.name = "batch", .api_routes = routes};
