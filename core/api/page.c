/* page: a part of a list, and the way to the next one (in the body and as Link). */
#include "../base/hash.h"
#include "cursor.h"
#include "query_params.h"

static void encode(struct buffer *out, struct ouse_str text)
{
    static const char unreserved[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"; /* RFC 3986 2.3 */
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c && strchr(unreserved, c))
            buffer_byte(out, (char)c);
        else
            buffer_printf(out, "%%%02X", c);
    }
}

/* Writes the parameters that identify the list, as a query. */
static void encode_rest(struct buffer *out, const struct question *question)
{
    for (uint32_t i = 0; i < question->n_came; i++) {
        const struct http_parameter *came = &question->came[i];
        if (ouse_is_one(came->name, "limit cursor"))
            continue;
        encode(out, came->name);
        buffer_byte(out, '=');
        encode(out, came->value);
        buffer_byte(out, '&');
    }
}

static const struct rest *rest_of(const struct question *question)
{
    return question->rest ? question->rest : question->resource->rest;
}

/* Returns a hash of the register's secret, its epoch and the identity of the list, which a cursor
 * must match. */
static uint64_t hash(const struct question *question)
{
    const struct http_request *request = question->request;
    const struct records *records = rest_of(question)->records;
    struct buffer *out = rest_buffer(request->arena);
    buffer_str(out, records_secret(records));
    if (records_epoch(records))
        buffer_printf(out, "%llu ", (unsigned long long)records_epoch(records));
    buffer_str(out, question->rest ? request->path : ouse_s(question->resource->collection->is.name));
    for (uint32_t i = 0; i < request->n_captures; i++) {
        buffer_byte(out, '/');
        buffer_str(out, request->captures[i]);
    }
    buffer_byte(out, '?');
    encode_rest(out, question);
    return hash_of(buffer_view(out));
}

ouse_rc page_refuse(struct http_request *request)
{
    return problem_fail(request->problem, OUSE_E_REQUEST,
                        "The cursor does not belong to this query; follow page.next of the same query");
}

static ouse_rc page_read(struct question *question, struct ouse_str text)
{
    return cursor_read(question->request->arena, text, hash(question), &question->query.after) == 0
               ? OUSE_OK
               : page_refuse(question->request);
}

const struct api_param param_cursor = {"cursor", page_read, 0, 0, NULL};

struct ouse_str page_query(const struct question *question)
{
    struct buffer *query = rest_buffer(question->request->arena);
    encode_rest(query, question);
    query->n -= query->n > 0; /* the last & */
    return buffer_view(query);
}

struct ouse_str page_address(const struct question *question, struct ouse_str path, struct ouse_str cursor)
{
    struct buffer *address = rest_buffer(question->request->arena);
    buffer_str(address, path);
    buffer_byte(address, '?');
    encode_rest(address, question);
    if (cursor.p || question->limit != REST_LIMIT)
        buffer_printf(address, "limit=%llu&", (unsigned long long)question->limit);
    if (cursor.p)
        buffer_printf(address, "cursor=%.*s&", OUSE_F(cursor));
    address->n--; /* the last & or, before nothing, ? */
    return buffer_view(address);
}

struct ouse_str page_next(const struct question *question, struct ouse_str last)
{
    return last.p ? cursor_make(question->request->arena, hash(question), last) : last;
}

static struct ouse_str link_next(const struct question *question, struct ouse_str cursor)
{
    const struct http_request *request = question->request;
    struct ouse_str here =
        arena_printf(request->arena, "%s%.*s", rest_of(question)->base_path, OUSE_F(request->path));
    return arena_printf(request->arena, "<%.*s>; rel=\"next\"", OUSE_F(page_address(question, here, cursor)));
}

void page_write(const struct question *question, struct ouse_str last, struct http_reply *reply,
                struct buffer *out)
{
    struct ouse_str next = page_next(question, last);
    buffer_printf(out, "{\"limit\":%llu,\"next\":", (unsigned long long)question->limit);
    if (next.p) {
        json_string(out, next);
        http_reply_header(reply, "Link", link_next(question, next));
    } else {
        buffer_text(out, "null");
    }
    if (question->cut)
        buffer_text(out, ",\"cut\":true");
    extras_page(question, out);
    buffer_byte(out, '}');
}
