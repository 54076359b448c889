/* compress: bodies in gzip for those who take it, in one place for all answers.
 *
 * An answer with a strong entity tag is left as it is: the tag stands for these bytes, and
 * comes back in If-Match, which wants them and no others. Such answers are records,
 * which are small, and files that bring their own encodings. So the paths that must be
 * fast pass by here at the cost of a comparison.
 */
#include "exchange.h"
#include <strings.h>
#include <zlib.h>

enum {
    LEAST = 1400, /* bytes: what fits a packet gains nothing */
    LEVEL = 5     /* a page of 30 kB takes a third of a millisecond */
};

static int is_text(struct ouse_str type)
{
    static const char *const types[] = {"text/",
                                        "application/json",
                                        "application/problem+json",
                                        "application/x-ndjson",
                                        "application/atom+xml",
                                        "application/xml",
                                        "image/svg+xml"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (type.n >= strlen(types[i]) && strncasecmp(type.p, types[i], strlen(types[i])) == 0)
            return 1;
    return !type.p; /* JSON */
}

int http_takes(const struct http_request *request, const char *coding)
{
    struct ouse_str accept = http_header(request, "Accept-Encoding");
    return accept.n > 0 && http_negotiate(accept, &coding, 1) == 0;
}

static int is_encoded(const struct http_reply *reply)
{
    for (uint32_t i = 0; i < reply->n_headers; i++)
        if (ouse_is(reply->headers[i].name, "Content-Encoding"))
            return 1;
    return 0;
}

struct ouse_str http_gzip(struct arena *arena, struct ouse_str bytes, int level)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)bytes.p, .avail_in = bytes.n};
    struct ouse_str packed = {NULL, 0};
    if (deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return packed;
    z.next_out = arena_alloc(arena, bytes.n);
    z.avail_out = bytes.n;
    packed.p = (char *)z.next_out;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END)
        packed.n = (uint32_t)z.total_out;
    else
        packed.p = NULL;
    deflateEnd(&z);
    return packed;
}

static int is_strong(struct ouse_str etag)
{
    return etag.n > 0 && etag.p[0] == '"';
}

void compress_reply(struct exchange *exchange, struct http_reply *reply)
{
    struct ouse_str packed;
    if (reply->body.n < LEAST || is_strong(reply->etag) || reply->stream || !exchange->wire ||
        is_encoded(reply) || !is_text(reply->content_type) || !http_takes(&exchange->request, "gzip"))
        return;
    packed = http_gzip(&exchange->arena, reply->body, LEVEL);
    if (!packed.p || reply->n_headers == HTTP_REPLY_HEADERS)
        return;
    reply->body = packed;
    http_reply_header(reply, "Content-Encoding", ouse_s("gzip"));
}
