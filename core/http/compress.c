/* compress: gzip for the bodies of all answers, if the client accepts it.
 *
 * An answer with a strong entity tag is not compressed: the tag identifies these bytes, and
 * If-Match compares it. Such answers are records, which are small, and files that are stored with
 * their own encodings. So the fast paths pay only for a comparison. */
#include "exchange.h"
#include <libdeflate.h>
#include <stdatomic.h>
#include <strings.h>

enum {
    LEAST = 1400, /* bytes: a body that fits into a packet gains nothing */
    QUICK = 6,    /* a page of 10 kB takes a tenth of a millisecond */
    SMALLEST = 12
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

static struct ouse_str pack(struct libdeflate_compressor *compressor, struct arena *arena,
                            struct ouse_str bytes)
{
    char *packed = arena_alloc(arena, bytes.n);
    size_t n = compressor ? libdeflate_gzip_compress(compressor, bytes.p, bytes.n, packed, bytes.n) : 0;
    return (struct ouse_str){n ? packed : NULL, (uint32_t)n};
}

struct ouse_str http_gzip(struct arena *arena, struct ouse_str bytes)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(SMALLEST);
    struct ouse_str packed = pack(compressor, arena, bytes);
    libdeflate_free_compressor(compressor);
    return packed;
}

/* Returns the compressed body. A compressor is as large as many answers, so one is kept for the
 * next request. */
static struct ouse_str pack_answer(struct arena *arena, struct ouse_str bytes)
{
    static _Atomic(struct libdeflate_compressor *) spare;
    struct libdeflate_compressor *compressor = atomic_exchange(&spare, NULL);
    if (!compressor)
        compressor = libdeflate_alloc_compressor(QUICK);
    struct ouse_str packed = pack(compressor, arena, bytes);
    libdeflate_free_compressor(atomic_exchange(&spare, compressor));
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
    packed = pack_answer(&exchange->arena, reply->body);
    if (!packed.p || reply->n_headers == HTTP_REPLY_HEADERS)
        return;
    reply->body = packed;
    http_reply_header(reply, "Content-Encoding", ouse_s("gzip"));
}
