/* represent: a record as a body: the stored bytes as they are; or, with derived fields or in
 * another format, a new body.
 *
 * The ETag of the bytes of a record is that of the record. A new body can change while they do not
 * (derived fields depend on the clock and on other records), so its tag also has a hash of the
 * body. */
#include "resource.h"

ouse_rc rest_not_acceptable(struct http_request *request, const char *const *types, uint32_t n)
{
    return problem_fail(request->problem, OUSE_E_NOT_ACCEPTABLE,
                        "No representation matches \"%.*s\"; available: %.*s",
                        OUSE_F(http_header(request, "Accept")), OUSE_F(arena_join(request->arena, types, n)));
}

ouse_rc rest_choose(struct http_request *request, const struct offers *offers, struct ouse_str *name,
                    const struct rest_format **format)
{
    const char *dot = memchr(name->p, '.', name->n);
    if (dot) {
        struct ouse_str suffix = {dot + 1, (uint32_t)(name->p + name->n - dot - 1)};
        for (uint32_t i = 0; i < offers->n; i++)
            if (offers->formats[i]->suffix && ouse_is(suffix, offers->formats[i]->suffix)) {
                name->n = (uint32_t)(dot - name->p);
                *format = offers->formats[i];
                return OUSE_OK;
            }
        return problem_fail(request->problem, OUSE_E_NOT_FOUND, "There is no %.*s", OUSE_F(*name));
    }
    struct ouse_str accept = http_header(request, "Accept");
    int chosen = accept.p ? http_negotiate(accept, offers->types, (int)offers->n) : 0;
    if (chosen < 0)
        return rest_not_acceptable(request, offers->types, offers->n);
    *format = offers->formats[chosen];
    return OUSE_OK;
}

void rest_keep(const struct http_request *request, int64_t as_of, struct http_reply *reply)
{
    if (as_of && !request->actor.n && !reply->cache_control.p)
        reply->cache_control = ouse_s("public, max-age=300");
}

static void end_snapshot(void *txn)
{
    txn_end(txn);
}

ouse_rc rest_snapshot(const struct rest *rest, struct http_request *request, struct txn **txn)
{
    ouse_rc rc = engine_read(records_engine(rest->records), txn);
    if (rc)
        return problem_fail(request->problem, rc, "The store cannot be read at present");
    arena_defer(request->arena, end_snapshot, *txn);
    return OUSE_OK;
}

ouse_rc rest_tree(const struct resource *resource, const struct rest_view *view, const struct record *record,
                  cJSON **tree)
{
    const struct rest *rest = resource->rest;
    cJSON *parsed = json_parse_trusted(view->problem->arena, record->json);
    if (!parsed)
        return problem_fail(view->problem, OUSE_E_INTERNAL, "The record is damaged in the store");
    if (resource->collection->n_derived) {
        ouse_rc rc = rest->derive(rest->derive_arg, view, record->as_of, resource->collection, parsed);
        if (rc)
            return rc;
    }
    *tree = parsed;
    return OUSE_OK;
}

ouse_rc rest_write(const struct resource *resource, struct txn *txn, const struct record *record,
                   const struct selection *selection, struct http_request *request, struct buffer *out)
{
    struct arena arena = {0}; /* of one record, so that memory does not grow with the page */
    struct problem problem;
    cJSON *tree = NULL;
    if (!resource->collection->n_derived && !selection) {
        buffer_str(out, record->json);
        return OUSE_OK;
    }
    problem_init(&problem, &arena);
    const struct rest_view view = {txn, request->role, request->deadline, &problem};
    ouse_rc rc = rest_tree(resource, &view, record, &tree);
    if (rc) {
        problem_fail(request->problem, rc, "%.*s", OUSE_F(problem.detail));
    } else {
        rest_select(selection, tree);
        json_print(out, tree);
    }
    arena_finish(&arena);
    return rc;
}

struct ouse_str rest_tag(struct arena *arena, const struct record *record, struct ouse_str body)
{
    char *etag = arena_alloc(arena, RECORD_ETAG);
    record_etag_of(record, body, etag);
    return ouse_s(etag);
}

/* One record that is not in a list. */
static ouse_rc write_alone(const struct resource *resource, const struct record *record,
                           const struct rest_format *format, cJSON *tree, const struct http_request *request,
                           struct rest_writing *writing)
{
    struct ouse_str link =
        rest_suffixed(writing->arena, format, rest_link(resource, writing->arena, record->id));
    writing->as_of = record->as_of;
    writing->self = arena_printf(writing->arena, "%.*s%s%.*s", OUSE_F(link), request->query.n ? "?" : "",
                                 OUSE_F(request->query));
    writing->updated = json_text(json_member(json_member(tree, "meta"), "updated"));
    return format->write(format->arg, OUSE_ITEM, tree, writing);
}

static ouse_rc remake(const struct resource *resource, struct txn *txn, const struct record *record,
                      const struct rest_format *format, struct http_request *request,
                      struct representation *representation)
{
    struct rest_writing writing = rest_begin(resource->rest, resource->collection, request, txn);
    struct buffer *out = writing.out;
    const struct rest_view view = {txn, request->role, request->deadline, request->problem};
    cJSON *tree = NULL;
    ouse_rc rc = rest_tree(resource, &view, record, &tree);
    if (rc)
        return rc;
    if (format->head)
        format->head(resource->collection, request->role, out);
    if (format->row)
        format->row(resource->collection, request->role, tree, out);
    else if (format->write)
        rc = write_alone(resource, record, format, tree, request, &writing);
    else
        json_print(out, tree);
    if (rc)
        return rc;
    if (out->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The representation is too large");
    representation->type = ouse_s(format->media_type);
    representation->body = buffer_view(out);
    representation->etag = rest_tag(request->arena, record, representation->body);
    return OUSE_OK;
}

ouse_rc rest_represent(const struct resource *resource, struct txn *txn, const struct record *record,
                       const struct rest_format *format, struct http_request *request,
                       struct representation *representation)
{
    char *etag;
    if (format->write || format->row || resource->collection->n_derived)
        return remake(resource, txn, record, format, request, representation);
    etag = arena_alloc(request->arena, RECORD_ETAG);
    record_etag(record, etag);
    *representation = (struct representation){.body = record->json, .etag = ouse_s(etag)};
    return OUSE_OK;
}

struct ouse_str rest_link(const struct resource *resource, struct arena *arena, struct ouse_str id)
{
    return arena_printf(arena, "%s" REST_API "/%s/%.*s", resource->rest->base_path,
                        resource->collection->is.name, OUSE_F(id));
}
