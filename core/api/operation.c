/* operation: create, replace, patch, move, revert, remove; see operation.h. */
#include "operation.h"
#include <math.h>

static ouse_rc run_create(struct change_set *set, struct operation *operation)
{
    return change_create(set, operation->resource->collection, operation->id, operation->body,
                         &operation->changed);
}

/* Runs PUT with If-None-Match: *, a create that fails with 412 if the record exists. */
static ouse_rc run_put_new(struct change_set *set, struct operation *operation)
{
    const struct collection *collection = operation->resource->collection;
    struct record record;
    ouse_rc rc = record_get(set->txn, collection, operation->id, &record);
    if (!rc && record.kind == RECORD_LIVE) {
        change_tell_current(set, &record);
        return problem_fail(set->problem, OUSE_E_STALE, "%s/%.*s exists", collection->is.name,
                            OUSE_F(operation->id));
    }
    return run_create(set, operation);
}

/* Removes computed fields. A client does not set them, but may send back what it read. */
static ouse_rc take_computed_out(struct change_set *set, struct operation *operation)
{
    const struct collection *collection = operation->resource->collection;
    struct record record;
    cJSON *served;
    ouse_rc rc = collection->n_derived ? record_as_of(set->txn, collection, operation->id, set->caller.role,
                                                      0, set->arena, &record)
                                       : OUSE_E_NOT_FOUND;
    if (rc || record.kind != RECORD_LIVE)
        return OUSE_OK; /* an attempt to change it is reported */
    const struct rest_view view = {set->txn, set->caller.role, &set->deadline, set->problem};
    rc = rest_tree(operation->resource, &view, &record, &served);
    for (uint32_t i = 0; !rc && i < collection->n_derived; i++) {
        const char *name = collection->derived[i].name;
        if (json_equal(json_member(operation->body, name), json_member(served, name)))
            cJSON_DeleteItemFromObjectCaseSensitive(operation->body, name);
    }
    return rc;
}

static ouse_rc run_replace(struct change_set *set, struct operation *operation)
{
    ouse_rc rc = take_computed_out(set, operation);
    return rc ? rc
              : change_replace(set, operation->resource->collection, operation->id, operation->body,
                               &operation->condition, &operation->changed);
}

static ouse_rc run_patch(struct change_set *set, struct operation *operation)
{
    return change_patch(set, operation->resource->collection, operation->id, operation->body,
                        &operation->condition, &operation->changed);
}

/* Returns the state machine that can lead to a state; otherwise the first one. */
static const char *field_leading_to(const struct collection *collection, struct ouse_str state)
{
    for (uint32_t i = 0; i < collection->n_flows; i++)
        for (uint32_t j = 0; j < collection->flows[i].n_moves; j++)
            if (ouse_is(state, collection->flows[i].moves[j].is.to))
                return collection->flows[i].field->is.name;
    return collection->n_flows ? collection->flows[0].field->is.name : NULL;
}

/* Runs a move. Roles below manager may move; for them, a hidden record does not exist. */
static ouse_rc run_move(struct change_set *set, struct operation *operation)
{
    const struct collection *collection = operation->resource->collection;
    struct record record;
    ouse_rc rc = record_as_of(set->txn, collection, operation->id, set->caller.role, 0, set->arena, &record);
    if (rc == OUSE_E_NOT_FOUND || (!rc && record.kind != RECORD_LIVE))
        return record_missing(collection, operation->id, rc ? NULL : &record, set->problem);
    return change_move(set, collection, operation->id, field_leading_to(collection, operation->to),
                       operation->to, operation->body, &operation->condition, &operation->changed);
}

static ouse_rc run_revert(struct change_set *set, struct operation *operation)
{
    return change_revert(set, operation->resource->collection, operation->id, operation->revision,
                         &operation->condition, &operation->changed);
}

static ouse_rc run_remove(struct change_set *set, struct operation *operation)
{
    operation->changed = (struct changed){.id = operation->id};
    return change_remove(set, operation->resource->collection, operation->id, &operation->condition);
}

static uint32_t role_to_create(const struct collection *collection)
{
    return collection->is.flags & OUSE_OPEN_CREATE ? OUSE_PUBLIC : OUSE_MANAGER;
}

/* The least that any move of the collection needs; the move itself may need more. */
static uint32_t role_to_move(const struct collection *collection)
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

/* ---- As a request ------------------------------------------------------------- */

/* Members of a new record that only callers with a token may set. */
static const struct {
    const char *pointer, *within, *name; /* `within` is NULL for a member of the record itself */
} not_for_anonymous[] = {{"/sources", NULL, "sources"},
                         {"/meta/visibility", "meta", "visibility"},
                         {"/meta/owner", "meta", "owner"}};

/* Prepares a create. Reports together all members that an anonymous caller may not set. */
static ouse_rc prepare_create(struct operation *operation, struct http_request *request)
{
    enum { N = sizeof not_for_anonymous / sizeof *not_for_anonymous };
    for (size_t i = 0; i < N && http_is_anonymous(request); i++) {
        const char *within = not_for_anonymous[i].within, *name = not_for_anonymous[i].name;
        const cJSON *whole = within ? json_member(operation->body, within) : operation->body;
        const cJSON *value = json_member(whole, name);
        if (value && !cJSON_IsNull(value))
            problem_add(request->problem, OUSE_E_FORBIDDEN, not_for_anonymous[i].pointer, "forbidden",
                        "%s cannot be set without a token; leave it out", name);
    }
    return request->problem->rc;
}

/* Prepares a replace. A PUT states whether it expects the record to exist. */
static ouse_rc prepare_replace(struct operation *operation, struct http_request *request)
{
    if (operation->condition.if_match.p)
        return OUSE_OK;
    return problem_fail(request->problem, OUSE_E_UNCONDITIONAL,
                        "PUT replaces with If-Match: ETAG, or creates with If-None-Match: *");
}

/* Prepares a patch. A merge patch is an object and a JSON Patch an array: the media type must
 * match. */
static ouse_rc prepare_patch(struct operation *operation, struct http_request *request)
{
    int wants_array = ouse_is(http_media_type(request), "application/json-patch+json");
    if (wants_array ? cJSON_IsArray(operation->body) : cJSON_IsObject(operation->body))
        return OUSE_OK;
    return problem_fail(request->problem, OUSE_E_REQUEST, "A %s is an %s",
                        wants_array ? "JSON Patch" : "merge patch", wants_array ? "array" : "object");
}

/* Prepares a move, {"to":"adopted", …}: the members after `to` are set with the move. */
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

/* ---- The verbs ---------------------------------------------------------------- */

#define JSON_ONLY          \
    {                      \
        "application/json" \
    }

const struct verb verb_create = {.name = "create",
                                 .needs = "collection data",
                                 .may = "id",
                                 .types = JSON_ONLY,
                                 .unless = OUSE_NO_CREATE,
                                 .role = role_to_create,
                                 .prepare = prepare_create,
                                 .run = run_create};
const struct verb verb_put_new = {
    .name = "create", .types = JSON_ONLY, .unless = OUSE_NO_CREATE, .run = run_put_new};
const struct verb verb_replace = {.name = "replace",
                                  .needs = "collection id data",
                                  .may = "if_match",
                                  .types = JSON_ONLY,
                                  .unless = OUSE_NO_CHANGE,
                                  .prepare = prepare_replace,
                                  .run = run_replace};
const struct verb verb_patch = {.name = "patch",
                                .needs = "collection id data",
                                .may = "if_match",
                                .types = {"application/merge-patch+json", "application/json-patch+json"},
                                .unless = OUSE_NO_CHANGE,
                                .prepare = prepare_patch,
                                .run = run_patch};
const struct verb verb_move = {.name = "move",
                               .needs = "collection id to",
                               .may = "data if_match",
                               .types = JSON_ONLY,
                               .role = role_to_move,
                               .prepare = prepare_move,
                               .run = run_move};
const struct verb verb_revert = {.name = "revert",
                                 .types = JSON_ONLY,
                                 .unless = OUSE_NO_CHANGE,
                                 .prepare = prepare_revert,
                                 .run = run_revert};
const struct verb verb_remove = {.name = "remove",
                                 .needs = "collection id",
                                 .may = "if_match",
                                 .unless = OUSE_NO_REMOVE,
                                 .run = run_remove};

/* ---- Any operation -------------------------------------------------------------- */

ouse_rc operation_admit(const struct operation *operation, struct http_request *request)
{
    const struct verb *verb = operation->verb;
    const struct collection *collection = operation->resource->collection;
    if (collection->is.flags & verb->unless)
        return problem_fail(request->problem, OUSE_E_FORBIDDEN, "Clients do not %s records of %s", verb->name,
                            collection->is.name);
    return rest_require(request, verb->role ? verb->role(collection) : OUSE_MANAGER);
}

/* Reads the record for the response. An anonymous creator may not be able to see it. */
ouse_rc operation_read_back(struct change_set *set, const struct operation *operation,
                            struct http_request *request, struct representation *seen)
{
    const struct resource *resource = operation->resource;
    struct record record;
    ouse_rc rc = record_as_of(set->txn, resource->collection, operation->changed.id, set->caller.role, 0,
                              set->arena, &record);
    *seen = (struct representation){0};
    if (rc == OUSE_E_NOT_FOUND || (!rc && record.kind != RECORD_LIVE))
        return OUSE_OK;
    if (rc)
        return problem_fail(set->problem, rc, "The record cannot be read");
    return rest_represent(resource, set->txn, &record, resource->record.formats[0], request, seen);
}
