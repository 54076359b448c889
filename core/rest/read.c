/* read: one record, by id or by an identifier that somebody else gave it.
 *
 * By id is the hot path: the body is lent from the store's map until the arena
 * finishes; nothing is parsed and nothing is copied.
 */
#include "part.h"

ouse_rc rest_lead_on(const struct resource *resource, const struct http_request *request,
                     struct ouse_str into, struct ouse_str suffix, struct http_reply *reply)
{
    struct ouse_str link = rest_link(resource, request->arena, into);
    reply->status = 308;
    http_reply_header(reply, "Location",
                      arena_printf(request->arena, "%.*s%.*s%s%.*s", OUSE_F(link), OUSE_F(suffix),
                                   request->query.n ? "?" : "", OUSE_F(request->query)));
    return OUSE_OK;
}

static ouse_rc answer(const struct resource *resource, struct txn *txn, const struct record *record,
                      const struct rest_format *format, struct part *part, struct http_request *request,
                      struct http_reply *reply)
{
    struct representation representation;
    ouse_rc rc = part ? part_represent(part, txn, record, &representation)
                      : rest_represent(resource, txn, record, format, request, &representation);
    if (rc)
        return rc;
    reply->content_type = representation.type;
    reply->body = representation.body;
    reply->etag = representation.etag;
    rest_keep(request, record->as_of, reply);
    return OUSE_OK;
}

ouse_rc rest_read(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    struct ouse_str id = request->captures[0], suffix = {id.p + id.n, id.n};
    const struct rest_format *format;
    struct part *part;
    struct record record;
    struct txn *txn;
    int64_t as_of;
    ouse_rc rc = rest_choose(request, &resource->record, &id, &format);
    if (!rc)
        rc = part_read(resource, format, request, &part, &as_of);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &txn);
    if (rc)
        return rc;
    suffix = (struct ouse_str){id.p + id.n, suffix.n - id.n};
    rc = record_as_of(txn, resource->collection, id, request->role, as_of, request->arena, &record);
    if (rc == OUSE_E_NOT_FOUND)
        return record_missing(resource->collection, id, NULL, request->problem);
    if (rc)
        return problem_fail(request->problem, rc, "The record cannot be read");
    if (record.kind == RECORD_MERGED)
        return rest_lead_on(resource, request, record.into, suffix, reply);
    if (record.kind == RECORD_REMOVED)
        return record_missing(resource->collection, id, &record, request->problem);
    return answer(resource, txn, &record, format, part, request, reply);
}

static int has_scheme(const struct field *field, struct ouse_str scheme)
{
    if (field->is.type != OUSE_IDS && !(field->is.flags & OUSE_SCHEME))
        return 0;
    for (uint32_t i = 0; i < field->n_choices; i++)
        if (ouse_is(scheme, field->choices[i]))
            return 1;
    return 0;
}

/* The field of a collection that holds identifiers of a scheme, by an index that the caller may use. */
static const struct field *field_of_scheme(const struct collection *collection, struct ouse_str scheme,
                                           uint32_t role)
{
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        if (field->is.visibility <= role && has_scheme(field, scheme) &&
            schema_index(collection, ouse_s(field->is.name)))
            return field;
    }
    return NULL;
}

static ouse_rc find(const struct resource *resource, struct txn *txn, const struct field *field,
                    int64_t as_of, struct http_request *request, struct record *record)
{
    struct ouse_str value = request->captures[1];
    struct query query;
    struct rows *rows;
    ouse_rc rc;
    if (field->is.type == OUSE_IDS)
        value = arena_printf(request->arena, "%.*s:%.*s", OUSE_F(request->captures[0]), OUSE_F(value));
    query_init(&query, resource->collection, request->role);
    rc = query_add(resource->rest->records, &query, request->arena, ouse_s(field->is.name), value,
                   request->problem);
    if (rc)
        return rc;
    query.as_of = as_of;
    rc = rows_open(txn, &query, request->arena, &rows);
    if (!rc)
        rc = rows_next(rows, record);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(request->problem, rc, "No record of %s has %.*s", resource->collection->is.name,
                            OUSE_F(value));
    return rc ? problem_fail(request->problem, rc, "The record cannot be looked up") : OUSE_OK;
}

ouse_rc rest_lookup(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    const struct field *field = field_of_scheme(resource->collection, request->captures[0], request->role);
    struct ouse_str name = {request->captures[1].p, 0}; /* values may have dots: no suffixes here */
    const struct rest_format *format;
    struct part *part;
    struct record record;
    struct txn *txn;
    int64_t as_of;
    ouse_rc rc;
    if (!field)
        return problem_fail(request->problem, OUSE_E_NOT_FOUND,
                            "Records of %s have no identifiers of scheme \"%.*s\"",
                            resource->collection->is.name, OUSE_F(request->captures[0]));
    rc = rest_choose(request, &resource->record, &name, &format);
    if (!rc)
        rc = part_read(resource, format, request, &part, &as_of);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &txn);
    if (!rc)
        rc = find(resource, txn, field, as_of, request, &record);
    if (rc)
        return rc;
    http_reply_header(reply, "Content-Location", rest_link(resource, request->arena, record.id));
    return answer(resource, txn, &record, format, part, request, reply);
}
