/* check_document: validates whole documents by the rules of a collection.
 *
 *   schema_accept   the document of a client    before hooks fill in
 *   schema_check    the final record            after hooks have filled in
 *
 * Both walk the members of the document once; check_value.c validates a single value. All errors
 * are collected: a client receives them together. */
#include "types.h"

static uint64_t bit(const struct collection *collection, const struct field *field)
{
    return (uint64_t)1 << (field - collection->fields);
}

/* The field of a member, or NULL; `sources` is one too. */
static const struct field *member_field(const struct collection *collection, const cJSON *member)
{
    if (strcmp(member->string, collection->sources->is.name) == 0)
        return collection->sources;
    return schema_field(collection, ouse_s(member->string));
}

/* Why a client may not give a member the value it has in the document. */
struct refusal {
    const char *code, *detail;
};

static const struct refusal of_system = {"system", "is set by the register and cannot be changed"};

/* The suggestion is a field that the role may see. */
static void refuse_unknown_field(const struct place *whole, const struct collection *collection,
                                 uint32_t role, const char *name)
{
    const char *names[SCHEMA_FIELDS_MAX + 1] = {collection->sources->is.name};
    uint32_t n = 1;
    for (uint32_t i = 0; i < collection->n_derived; i++)
        if (strcmp(collection->derived[i].name, name) == 0) {
            struct place member = place_member(whole, name);
            place_refuse(&member, of_system.code, "%s", of_system.detail);
            return;
        }
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role)
            names[n++] = collection->fields[i].is.name;
    schema_refuse_unknown(whole, name, names, n);
}

static int is_list_of_nothing(const struct collection *collection, const cJSON *member)
{
    const struct field *field = member_field(collection, member);
    return field && cJSON_IsArray(member) && !member->child &&
           (field == collection->sources || type_of(field)->many);
}

/* Rejects members that are no field for a role, also when they are null. */
static void check_names(const struct place *whole, const struct collection *collection, uint32_t role,
                        const cJSON *document)
{
    for (const cJSON *c = document->child; c; c = c->next) {
        const struct field *field = member_field(collection, c);
        if (!field || field->is.visibility > role)
            refuse_unknown_field(whole, collection, role, c->string);
    }
}

/* Removes members that state nothing: nulls, and lists without entries, as forms send them. */
static void drop_empty(const struct collection *collection, cJSON *document)
{
    cJSON *next;
    for (cJSON *c = document->child; c; c = next) {
        next = c->next;
        if (cJSON_IsNull(c) || is_list_of_nothing(collection, c))
            cJSON_Delete(cJSON_DetachItemViaPointer(document, c));
    }
}

/* Checks the values of the members that have a field. Returns the set of fields that are present. */
static uint64_t check_values(const struct place *whole, const struct collection *collection, cJSON *document)
{
    uint64_t seen = 0;
    for (cJSON *c = document->child; c; c = c->next) {
        const struct field *field = member_field(collection, c);
        if (!field)
            continue;
        struct place place = place_member(whole, field->is.name);
        place.field = field;
        schema_check_value(&place, c);
        if (field != collection->sources)
            seen |= bit(collection, field);
    }
    return seen;
}

static void check_required(const struct place *whole, const struct collection *collection, uint64_t seen,
                           uint32_t except)
{
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        struct place place = place_member(whole, field->is.name);
        if ((field->is.flags & OUSE_REQUIRED) && !(field->is.flags & except) &&
            !(seen & bit(collection, field)))
            place_refuse(&place, "required", "must be given");
    }
}

static void check_after(const struct place *whole, const struct collection *collection, const cJSON *document)
{
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        int32_t first, last, first_before, last_before;
        if (!field->after)
            continue;
        struct ouse_str end = json_text(json_member(document, field->is.name));
        struct ouse_str start = json_text(json_member(document, field->after->is.name));
        if (schema_span(end, &first, &last) || schema_span(start, &first_before, &last_before) ||
            last >= first_before)
            continue;
        struct place place = place_member(whole, field->is.name);
        place_refuse(&place, "before", "must not be before %s, which is %s; got %s", field->after->is.name,
                     start.p, end.p);
    }
}

/* OUSE_OK when nothing was added since there were `before` errors. */
static ouse_rc verdict(const struct problem *problem, uint32_t before)
{
    return problem->n_errors > before ? problem->rc : OUSE_OK;
}

static int is_object(const struct place *whole, const cJSON *document)
{
    if (cJSON_IsObject(document))
        return 1;
    place_refuse(whole, "type", "must be an object; got %s", place_shown(whole, document));
    return 0;
}

ouse_rc schema_check(const struct collection *collection, cJSON *document, struct problem *problem)
{
    uint32_t before = problem->n_errors;
    struct place whole = {.problem = problem, .collection = collection, .entry = -1};
    if (!is_object(&whole, document))
        return verdict(problem, before);
    check_names(&whole, collection, OUSE_MANAGER, document);
    drop_empty(collection, document);
    check_required(&whole, collection, check_values(&whole, collection, document), 0);
    check_after(&whole, collection, document);
    return verdict(problem, before);
}

ouse_rc schema_check_meta(cJSON *meta, struct problem *problem)
{
    static const char *const names[] = {"collection", "revision",   "created",
                                        "updated",    "visibility", "warnings"};
    uint32_t before = problem->n_errors;
    struct place whole = {.problem = problem, .entry = -1}, place = place_member(&whole, "meta");
    if (is_object(&place, meta))
        schema_check_members(&place, meta, names, sizeof names / sizeof *names);
    return verdict(problem, before);
}

/* NULL when a client may give a field the value it has in the document. */
static const struct refusal *forbidden(const struct field *field, const cJSON *value, const cJSON *before,
                                       uint32_t allow)
{
    static const struct refusal fixed = {"fixed", "can be set at creation only"},
                                state = {"state", "changes by moves only (POST …/{id}/move)"},
                                start = {"state", "starts at the initial state; it changes by moves"};
    const cJSON *was = json_member(before, field->is.name);
    uint32_t flags = allow & SCHEMA_SYSTEM ? 0 : field->is.flags;
    if ((flags & OUSE_SYSTEM) && value && !json_equal(value, was))
        return &of_system;
    if ((flags & OUSE_FIXED) && before && !json_equal(value, was))
        return &fixed;
    if (!field->flow || (allow & SCHEMA_ANY_STATE) || !value)
        return NULL;
    if (before)
        return json_equal(value, was) ? NULL : &state;
    return ouse_is(json_text(value), field->flow->initial) ? NULL : &start;
}

/* Returns the value that a field keeps if the client does not send it, or NULL. */
static cJSON *carried(const struct field *field, const cJSON *before)
{
    if (before)
        return field->flow || (field->is.flags & OUSE_SYSTEM)
                   ? cJSON_Duplicate(json_member(before, field->is.name), 1)
                   : NULL;
    if (field->flow)
        return cJSON_CreateString(field->flow->initial);
    return cJSON_Duplicate(field->dflt, 1);
}

ouse_rc schema_check_names(const struct collection *collection, const cJSON *object, uint32_t role,
                           struct problem *problem)
{
    uint32_t errors = problem->n_errors;
    struct place whole = {.problem = problem, .collection = collection, .entry = -1};
    check_names(&whole, collection, role, object);
    return verdict(problem, errors);
}

ouse_rc schema_accept(const struct collection *collection, cJSON *document, const cJSON *before,
                      uint32_t allow, uint32_t role, struct problem *problem)
{
    uint32_t errors = problem->n_errors;
    struct place whole = {.problem = problem, .collection = collection, .entry = -1};
    if (!is_object(&whole, document))
        return verdict(problem, errors);
    check_names(&whole, collection, role, document);
    drop_empty(collection, document);
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        cJSON *value = json_member(document, field->is.name);
        struct place place = place_member(&whole, field->is.name);
        const struct refusal *refusal = forbidden(field, value, before, allow);
        if (refusal)
            place_refuse(&place, refusal->code, "%s", refusal->detail);
        if (!value && (value = carried(field, before)))
            cJSON_AddItemToObject(document, field->is.name, value);
    }
    if (problem->n_errors > errors)
        check_required(&whole, collection, check_values(&whole, collection, document), OUSE_SYSTEM);
    return verdict(problem, errors);
}
