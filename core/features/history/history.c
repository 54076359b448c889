/* history: the revisions of a record, newest first, each in its state at the time. The meta of a
 * revision that ended the record has "removed", or "merged_into".
 *
 * A revision in which the caller's audience saw no change does not exist for the caller. */
#include "history.h"
#include "../../base/clock.h"
#include "../features.h"
#include <stdlib.h>

/* Finds the record of the request, even if it was removed. */
static ouse_rc find(const struct resource *resource, struct txn *txn, struct http_request *request,
                    struct record *record)
{
    struct ouse_str id = request->captures[0];
    ouse_rc rc = record_as_of(txn, resource->collection, id, request->role, 0, request->arena, record);
    if (rc == OUSE_E_NOT_FOUND)
        return record_missing(resource->collection, id, NULL, request->problem);
    return rc ? problem_fail(request->problem, rc, "The record cannot be read") : OUSE_OK;
}

static void write_end(const struct record *record, struct buffer *out)
{
    char updated[CLOCK_TEXT];
    clock_format(record->updated, updated);
    buffer_printf(out, "{\"id\":\"%.*s\",\"meta\":{\"collection\":\"%s\",\"revision\":%u,\"updated\":\"%s\",",
                  OUSE_F(record->id), record->collection->is.name, record->revision, updated);
    if (record->kind == RECORD_MERGED)
        buffer_printf(out, "\"merged_into\":\"%.*s\"}}", OUSE_F(record->into));
    else
        buffer_text(out, "\"removed\":true}}");
}

static void write_revision(const struct record *record, struct buffer *out)
{
    if (record->kind == RECORD_LIVE)
        buffer_str(out, record->json);
    else
        write_end(record, out);
}

/* Writes revisions from *at down, those that the caller may see; moves *at to the next one. */
static ouse_rc write_revisions(const struct resource *resource, struct txn *txn, struct http_request *request,
                               uint32_t *at, uint32_t first, uint64_t limit, struct buffer *out)
{
    const struct collection *collection = resource->collection;
    struct ouse_str id = request->captures[0];
    struct record record;
    uint64_t n = 0;
    for (int steps = 0; *at >= first && n < limit && out->n < REST_PAGE_BYTES && steps < REST_STEPS;
         steps++) {
        struct arena arena = {0}; /* of one revision, so that memory does not grow with the page */
        ouse_rc rc = record_revision(txn, collection, id, *at, request->role, &arena, &record);
        if (!rc && n++)
            buffer_byte(out, ',');
        if (!rc)
            write_revision(&record, out);
        arena_finish(&arena);
        if (!rc || rc == OUSE_E_NOT_FOUND)
            rc = record_revision_before(txn, collection, id, *at, request->role, at);
        if (rc)
            return problem_fail(request->problem, rc, "The history cannot be read");
    }
    return OUSE_OK;
}

static ouse_rc revisions(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const struct api_param *const takes[] = {&param_limit, &param_cursor, NULL};
    struct question question = {.request = request, .resource = arg, .takes = takes};
    const struct resource *resource = arg;
    struct ouse_str after, rest_of_list = {0};
    struct record record;
    struct buffer *out = rest_buffer(request->arena);
    struct txn *txn;
    uint32_t at;
    if (question_read(&question) || rest_snapshot(resource->rest, request, &txn) ||
        find(resource, txn, request, &record))
        return request->problem->rc;
    after = question.query.after;
    buffer_text(out, "{\"data\":[");
    at = after.p ? (uint32_t)strtoul(after.p, NULL, 10) - 1 : record.revision;
    if (write_revisions(resource, txn, request, &at, record.first, question.limit, out))
        return request->problem->rc;
    if (at >= record.first)
        rest_of_list = arena_printf(request->arena, "%u", at + 1);
    buffer_text(out, "],\"page\":");
    page_write(&question, rest_of_list, reply, out);
    buffer_byte(out, '}');
    reply->body = buffer_view(out);
    return OUSE_OK;
}

static ouse_rc get_revision(const struct resource *resource, struct txn *txn, struct http_request *request,
                            uint64_t number, struct record *record)
{
    struct ouse_str id = request->captures[0];
    ouse_rc rc = record_revision(txn, resource->collection, id, (uint32_t)number, request->role,
                                 request->arena, record);
    return rc ? problem_fail(request->problem, rc, "There is no revision %llu of %s/%.*s",
                             (unsigned long long)number, resource->collection->is.name, OUSE_F(id))
              : OUSE_OK;
}

/* ---- Changes between two revisions --------------------------------------------------- */

/* A revision that ended the record has no fields. */
static cJSON *tree_of(struct arena *arena, const struct record *record)
{
    return record->kind == RECORD_LIVE ? json_parse_trusted(arena, record->json) : NULL;
}

/* {"id":…,"from":2,"to":5,"changes":[{"path":"/name","from":"A","to":"B"}]}; null is absent. */
static ouse_rc answer_difference(const struct resource *resource, struct txn *txn,
                                 struct http_request *request, struct http_reply *reply,
                                 const struct record *to, uint64_t number)
{
    struct record from;
    struct arena *arena = request->arena;
    ouse_rc rc = get_revision(resource, txn, request, number, &from);
    if (rc)
        return rc;
    struct buffer *out = rest_buffer(arena);
    buffer_printf(out, "{\"id\":\"%.*s\",\"from\":%u,\"to\":%u,\"changes\":[", OUSE_F(to->id), from.revision,
                  to->revision);
    history_differences(arena, resource->collection, tree_of(arena, &from), tree_of(arena, to), out);
    buffer_text(out, "]}");
    reply->body = buffer_view(out);
    return OUSE_OK;
}

static ouse_rc revision(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const struct api_param diff = {"diff", NULL, 0, 0, NULL}, *const takes[] = {&diff, NULL};
    struct question question = {.request = request, .resource = arg, .takes = takes};
    const struct resource *resource = arg;
    char *etag = arena_alloc(request->arena, RECORD_ETAG);
    struct buffer *out = rest_buffer(request->arena);
    struct record record;
    struct txn *txn;
    uint64_t number, other = 0;
    if (question_read(&question))
        return request->problem->rc;
    struct ouse_str from = question_value(&question, &diff);
    if ((from.p && rest_number(request, "diff", from, 1, UINT32_MAX, &other)) ||
        rest_number(request, "The revision", request->captures[1], 1, UINT32_MAX, &number) ||
        rest_snapshot(resource->rest, request, &txn) || find(resource, txn, request, &record) ||
        get_revision(resource, txn, request, number, &record))
        return request->problem->rc;
    if (other)
        return answer_difference(resource, txn, request, reply, &record, other);
    record_etag(&record, etag);
    write_revision(&record, out);
    reply->body = buffer_view(out);
    reply->etag = ouse_s(etag);
    return OUSE_OK;
}

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/{id}/revisions", .kind = "history", .handler = revisions},
    {.method = HTTP_GET, .path = "/{id}/revisions/{n}", .kind = "history", .handler = revision},
    {.path = NULL},
};

static const struct api_route api_routes[] = {
    {.method = HTTP_GET, .path = "/-/changes/summary", .kind = "changes", .handler = history_change_summary},
    {.path = NULL},
};

const struct feature feature_history = {.name = "history", .routes = routes, .api_routes = api_routes};
