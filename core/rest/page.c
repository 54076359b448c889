/* page: a part of a list, and the way to the next one (in the body and as Link). */
#include "cursor.h"
#include "question.h"

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

/* The parameters that say what the list is of, as a query. */
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

/* A hash of the register's secret and what the list is of, which a cursor must bring. */
static uint64_t hash(const struct question *question)
{
    const struct http_request *request = question->request;
    struct buffer *out = rest_buffer(request->arena);
    buffer_str(out, records_secret(question->resource->rest->records));
    buffer_text(out, question->resource->collection->is.name);
    for (uint32_t i = 0; i < request->n_captures; i++) {
        buffer_byte(out, '/');
        buffer_str(out, request->captures[i]);
    }
    buffer_byte(out, '?');
    encode_rest(out, question);
    return cursor_hash(buffer_view(out));
}

ouse_rc page_read(struct question *question, struct ouse_str text)
{
    return cursor_read(question->request->arena, text, hash(question), &question->query.after) == 0
               ? OUSE_OK
               : page_refuse(question->request);
}

ouse_rc page_refuse(struct http_request *request)
{
    return problem_fail(request->problem, OUSE_E_REQUEST,
                        "The cursor is none of this list: follow page.next of the same query");
}

static struct ouse_str link_next(const struct question *question, struct ouse_str cursor)
{
    struct buffer *link = rest_buffer(question->request->arena);
    buffer_printf(link, "<%s%.*s?", question->resource->rest->base_path, OUSE_F(question->request->path));
    encode_rest(link, question);
    buffer_printf(link, "limit=%llu&cursor=%.*s>; rel=\"next\"", (unsigned long long)question->limit,
                  OUSE_F(cursor));
    return buffer_view(link);
}

void page_write(const struct question *question, struct ouse_str last, struct http_reply *reply,
                struct buffer *out)
{
    buffer_printf(out, "{\"limit\":%llu,\"next\":", (unsigned long long)question->limit);
    if (last.p) {
        struct ouse_str next = cursor_make(question->request->arena, hash(question), last);
        json_string(out, next);
        http_reply_header(reply, "Link", link_next(question, next));
    } else {
        buffer_text(out, "null");
    }
    if (question->values[ASK_COUNT].p)
        buffer_printf(out, ",\"count\":%llu", (unsigned long long)counts_all(question));
    if (expand_is_cut(question))
        buffer_text(out, ",\"more_included\":true");
    buffer_byte(out, '}');
}
