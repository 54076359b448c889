/* history: the revisions of a record, newest first, each as it was. A revision
 * that ended the record says so in its meta: "removed", or "merged_into". */
#include "../base/clock.h"
#include "resource.h"

#include <stdlib.h>

/* Finds the record, gone or not, that revisions are asked of. */
static ouse_rc find(const struct resource *resource, struct txn *txn, struct http_request *request,
                    struct record *record)
{
    struct ouse_str id = request->captures[0];
    ouse_rc rc = record_get(txn, resource->collection, id, request->role, record);
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

/* Writes revisions from `from` down, those that the caller may see; *last is
 * the lowest that was looked at. */
static ouse_rc write_revisions(const struct resource *resource, struct txn *txn, struct http_request *request,
                               uint32_t from, uint64_t limit, struct buffer *out, uint32_t *last)
{
    uint32_t n = 0, revision = from;
    struct record record;
    for (uint64_t seen = 0; revision > 0 && seen < limit && out->n < REST_PAGE_BYTES; revision--, seen++) {
        ouse_rc rc = record_revision(txn, resource->collection, request->captures[0], revision, request->role,
                                     request->arena, &record);
        if (rc == OUSE_E_NOT_FOUND)
            continue;
        if (rc)
            return problem_fail(request->problem, rc, "The history cannot be read");
        if (n++)
            buffer_byte(out, ',');
        write_revision(&record, out);
    }
    *last = revision + 1;
    return OUSE_OK;
}

static ouse_rc refuse_others(struct http_request *request, const struct page *page)
{
    static const char *const names[] = {"limit", "cursor"};
    for (uint32_t i = 0; i < page->n_parameters; i++)
        if (!page_speaks_of(page->parameters[i].name))
            return rest_unknown(request, page->parameters[i].name, names, 2);
    return OUSE_OK;
}

ouse_rc rest_revisions(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    struct ouse_str rest_of_list = {0};
    struct record record;
    struct buffer *out;
    struct page page;
    struct txn *txn;
    uint32_t last = 0;
    ouse_rc rc = page_read(request, request->path, &page);
    if (!rc)
        rc = refuse_others(request, &page);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &txn);
    if (!rc)
        rc = find(resource, txn, request, &record);
    if (rc)
        return rc;
    out = rest_buffer(request->arena);
    buffer_text(out, "{\"data\":[");
    rc = write_revisions(resource, txn, request,
                         page.after.p ? (uint32_t)strtoul(page.after.p, NULL, 10) - 1 : record.revision,
                         page.limit, out, &last);
    if (rc)
        return rc;
    if (last > 1)
        rest_of_list = arena_printf(request->arena, "%u", last);
    buffer_text(out, "],\"page\":");
    page_write(resource->rest, &page, request, rest_of_list, reply, out);
    buffer_byte(out, '}');
    reply->body = buffer_view(out);
    return OUSE_OK;
}

ouse_rc rest_revision(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    struct ouse_str number = request->captures[1];
    char *etag = arena_alloc(request->arena, RECORD_ETAG);
    struct record record;
    struct buffer *out;
    struct txn *txn;
    uint64_t revision;
    ouse_rc rc = rest_parameters(request, NULL, 0, NULL);
    if (!rc)
        rc = rest_number(request, "The revision", number, 1, UINT32_MAX, &revision);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &txn);
    if (!rc)
        rc = find(resource, txn, request, &record);
    if (rc)
        return rc;
    rc = record_revision(txn, resource->collection, request->captures[0], (uint32_t)revision, request->role,
                         request->arena, &record);
    if (rc)
        return problem_fail(request->problem, rc, "There is no revision %.*s of %s/%.*s", OUSE_F(number),
                            resource->collection->is.name, OUSE_F(request->captures[0]));
    record_etag(&record, etag);
    out = rest_buffer(request->arena);
    write_revision(&record, out);
    reply->body = buffer_view(out);
    reply->etag = ouse_s(etag);
    return OUSE_OK;
}
