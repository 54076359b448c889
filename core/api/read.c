/* read: one record, by id or by an external identifier; and the parameters for it: some of its
 * fields only, the targets of its references, its past.
 *
 *     GET /projects/ageing-well?fields=title,leads&expand=leads,pillar.hub
 *     {"id":…,"title":…,"leads":[…],"meta":{…},"included":{"people/ann":{…},…}}
 *
 * Reading by id is the hot path: the body is part of the store's map until the arena finishes;
 * nothing is parsed and nothing is copied. */
#include "people.h"

/* One record on its way to the reply. */
struct reading {
    const struct resource *resource;
    struct http_request *request;
    const struct rest_format *format;
    struct question *question; /* NULL: no parameters */
    int64_t as_of;
    struct txn *txn;
    struct record record;
};

/* Reads format and query, and opens the snapshot: `name` may have a suffix. */
static ouse_rc begin(struct reading *reading, struct ouse_str *name)
{
    static const struct api_param of_features = {.on = PARAM_ON_RECORD};
    static const struct api_param *const takes[] = {&param_fields, &of_features, &param_as_of, &param_for,
                                                    NULL};
    struct http_request *request = reading->request;
    if (rest_choose(request, &reading->resource->record, name, &reading->format))
        return request->problem->rc;
    if (request->query.n) {
        struct question *question = reading->question = arena_alloc(request->arena, sizeof *question);
        *question = (struct question){.request = request, .resource = reading->resource, .takes = takes};
        if (question_read(question) ||
            question_only_json(question, reading->format,
                               reading->format->row || reading->format->write ? PARAM_NOT_IN_RECORDS : 0) ||
            people_choose(question, reading->format))
            return request->problem->rc;
        reading->as_of = question->query.as_of;
    }
    return rest_snapshot(reading->resource->rest, request, &reading->txn);
}

/* Represents the selected part of the record. Its tag identifies this part, not the whole. */
static ouse_rc represent_part(const struct reading *reading, struct representation *representation)
{
    const struct question *question = reading->question;
    struct buffer *out = rest_buffer(reading->request->arena);
    if (rest_write(reading->resource, reading->txn, &reading->record, question->selection, reading->request,
                   out) ||
        extras_record(question, reading->txn, &reading->record))
        return reading->request->problem->rc;
    if (question->n_extras) {
        out->n--; /* the record's closing brace */
        extras_page(question, out);
        if (extras_body(question, reading->txn, out))
            return reading->request->problem->rc;
        buffer_byte(out, '}');
    }
    if (out->overflow)
        return problem_fail(reading->request->problem, OUSE_E_TOO_LARGE,
                            "The record and the records that it refers to are too large");
    *representation = (struct representation){
        .body = buffer_view(out),
        .etag = rest_tag(reading->request->arena, &reading->record, buffer_view(out))};
    return OUSE_OK;
}

/* The record as the one row of a spreadsheet. Its tag is of these words, which other records have a part in.
 */
static ouse_rc represent_for_people(const struct reading *reading, struct representation *representation)
{
    struct http_request *request = reading->request;
    const struct collection *collection = reading->resource->collection;
    struct people people = {reading->resource->rest->records, reading->txn, request->role, reading->as_of,
                            NULL};
    struct label_source labels = people_labels(&people, request->arena);
    struct buffer *out = rest_buffer(request->arena);
    const struct rest_view view = {reading->txn, request->role, request->deadline, request->problem};
    cJSON *tree;
    ouse_rc rc = rest_tree(reading->resource, &view, &reading->record, &tree);
    if (rc)
        return rc;
    reading->format->people_head(&labels, collection, request->role, out);
    reading->format->people_row(&labels, collection, request->role, tree, out);
    if (out->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The record is too large for a spreadsheet");
    *representation =
        (struct representation){.type = ouse_s(reading->format->media_type),
                                .body = buffer_view(out),
                                .etag = rest_tag(request->arena, &reading->record, buffer_view(out))};
    return OUSE_OK;
}

static ouse_rc answer(const struct reading *reading, struct http_reply *reply)
{
    const struct question *question = reading->question;
    struct representation representation;
    ouse_rc rc = question && (question->selection || question->n_extras)
                     ? represent_part(reading, &representation)
                 : question && question_value(question, &param_for).p
                     ? represent_for_people(reading, &representation)
                     : rest_represent(reading->resource, reading->txn, &reading->record, reading->format,
                                      reading->request, &representation);
    if (rc)
        return rc;
    reply->content_type = representation.type;
    reply->body = representation.body;
    reply->etag = representation.etag;
    if (question)
        people_name(question, reading->record.id, reply);
    rest_keep(reading->request, reading->as_of, reply);
    return OUSE_OK;
}

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

ouse_rc rest_read(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct reading reading = {.resource = arg, .request = request};
    struct record *record = &reading.record;
    struct ouse_str whole = request->captures[0], id = whole;
    if (begin(&reading, &id))
        return request->problem->rc;
    ouse_rc rc = record_as_of(reading.txn, reading.resource->collection, id, request->role, reading.as_of,
                              request->arena, record);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return problem_fail(request->problem, rc, "The record cannot be read");
    if (!rc && record->kind == RECORD_LIVE)
        return answer(&reading, reply);
    if (!rc && record->kind == RECORD_MERGED)
        return rest_lead_on(reading.resource, request, record->into,
                            (struct ouse_str){id.p + id.n, whole.n - id.n}, reply);
    return record_missing(reading.resource->collection, id, rc ? NULL : record, request->problem);
}

/* ---- By identifier ------------------------------------------------------------------- */

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

/* A DOI and a reference of UKRI contain slashes: further segments of the path are part of the value. */
static struct ouse_str captured_value(struct http_request *request)
{
    const struct ouse_str *captures = request->captures;
    return request->n_captures == 2
               ? captures[1]
               : arena_printf(request->arena, "%.*s/%.*s", OUSE_F(captures[1]), OUSE_F(captures[2]));
}

static ouse_rc find(struct reading *reading, const struct field *field)
{
    struct http_request *request = reading->request;
    const struct collection *collection = reading->resource->collection;
    struct ouse_str value = captured_value(request);
    struct query query;
    struct rows *rows;
    if (field->is.type == OUSE_IDS)
        value = arena_printf(request->arena, "%.*s:%.*s", OUSE_F(request->captures[0]), OUSE_F(value));
    query_init(&query, collection, request->role);
    query.as_of = reading->as_of;
    ouse_rc rc = query_add(&query, request->arena, ouse_s(field->is.name), value, request->problem);
    if (!rc)
        rc = query_resolve(reading->txn, &query, request->arena, request->problem);
    if (!rc)
        rc = rows_open(reading->txn, &query, request->arena, &rows);
    if (!rc)
        rc = rows_next(rows, &reading->record);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(request->problem, rc, "No record of %s has %.*s", collection->is.name,
                            OUSE_F(value));
    return rc ? problem_fail(request->problem, rc, "The record cannot be looked up") : OUSE_OK;
}

ouse_rc rest_lookup(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct reading reading = {.resource = arg, .request = request};
    const struct collection *collection = reading.resource->collection;
    const struct field *field = field_of_scheme(collection, request->captures[0], request->role);
    struct ouse_str name = {request->captures[1].p, 0}; /* values may have dots: no suffixes here */
    if (!field)
        return problem_fail(request->problem, OUSE_E_NOT_FOUND,
                            "Records of %s have no identifiers of scheme \"%.*s\"", collection->is.name,
                            OUSE_F(request->captures[0]));
    if (begin(&reading, &name) || find(&reading, field))
        return request->problem->rc;
    http_reply_header(reply, "Content-Location",
                      rest_link(reading.resource, request->arena, reading.record.id));
    return answer(&reading, reply);
}
