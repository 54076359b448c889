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
                               uint32_t from, uint32_t first, uint64_t limit, struct buffer *out,
                               uint32_t *last)
{
    uint32_t n = 0, revision = from;
    struct record record;
    for (uint64_t seen = 0; revision >= first && seen < limit && out->n < REST_PAGE_BYTES;
         revision--, seen++) {
        struct arena arena = {0}; /* of one revision, so that memory does not grow with the page */
        ouse_rc rc = record_revision(txn, resource->collection, request->captures[0], revision, request->role,
                                     &arena, &record);
        if (!rc && n++)
            buffer_byte(out, ',');
        if (!rc)
            write_revision(&record, out);
        arena_finish(&arena);
        if (rc && rc != OUSE_E_NOT_FOUND)
            return problem_fail(request->problem, rc, "The history cannot be read");
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
    ouse_rc rc = page_read(resource->rest, request, request->path, &page);
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
                         record.first, page.limit, out, &last);
    if (rc)
        return rc;
    if (last > record.first)
        rest_of_list = arena_printf(request->arena, "%u", last);
    buffer_text(out, "],\"page\":");
    page_write(resource->rest, &page, request, rest_of_list, reply, out);
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

/* ---- What changed between two revisions --------------------------------------------- */

struct difference {
    const cJSON *from, *to; /* the revisions, as the caller sees them */
    struct buffer *out;
    uint32_t n;
};

static void write_value(struct buffer *out, const char *name, const cJSON *value)
{
    buffer_printf(out, ",\"%s\":", name);
    if (value)
        json_print(out, value);
    else
        buffer_text(out, "null");
}

static void compare(struct difference *difference, const char *path, const cJSON *from, const cJSON *to)
{
    if (from == to || (from && to && json_equal(from, to)))
        return;
    buffer_printf(difference->out, "%s{\"path\":\"%s\"", difference->n++ ? "," : "", path);
    write_value(difference->out, "from", from);
    write_value(difference->out, "to", to);
    buffer_byte(difference->out, '}');
}

static void compare_member(struct difference *difference, struct arena *arena, const char *name)
{
    compare(difference, arena_printf(arena, "/%s", name).p, json_member(difference->from, name),
            json_member(difference->to, name));
}

static void compare_all(struct difference *difference, struct arena *arena,
                        const struct collection *collection)
{
    for (uint32_t i = 0; i < collection->n_fields; i++)
        compare_member(difference, arena, collection->fields[i].is.name);
    compare_member(difference, arena, "sources");
    compare(difference, "/meta/visibility", json_member(json_member(difference->from, "meta"), "visibility"),
            json_member(json_member(difference->to, "meta"), "visibility"));
}

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
    struct difference difference = {tree_of(arena, &from), tree_of(arena, to), rest_buffer(arena), 0};
    buffer_printf(difference.out, "{\"id\":\"%.*s\",\"from\":%u,\"to\":%u,\"changes\":[", OUSE_F(to->id),
                  from.revision, to->revision);
    compare_all(&difference, arena, resource->collection);
    buffer_text(difference.out, "]}");
    reply->body = buffer_view(difference.out);
    return OUSE_OK;
}

ouse_rc rest_revision(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const char *const names[] = {"diff"};
    const struct resource *resource = arg;
    char *etag = arena_alloc(request->arena, RECORD_ETAG);
    struct ouse_str value;
    struct record record;
    struct buffer *out;
    struct txn *txn;
    uint64_t revision, other = 0;
    ouse_rc rc = rest_parameters(request, names, 1, &value);
    if (!rc)
        rc = rest_number(request, "The revision", request->captures[1], 1, UINT32_MAX, &revision);
    if (!rc)
        rc = rest_number(request, names[0], value, 1, UINT32_MAX, &other);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &txn);
    if (!rc)
        rc = find(resource, txn, request, &record);
    if (!rc)
        rc = get_revision(resource, txn, request, revision, &record);
    if (rc)
        return rc;
    if (other)
        return answer_difference(resource, txn, request, reply, &record, other);
    record_etag(&record, etag);
    out = rest_buffer(request->arena);
    write_revision(&record, out);
    reply->body = buffer_view(out);
    reply->etag = ouse_s(etag);
    return OUSE_OK;
}
