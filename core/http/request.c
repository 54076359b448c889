/* request: what a request says, decoded: path, query, headers, body.
 *
 * A percent escape is decoded once, and nothing that was decoded may change
 * how the text is divided: encoded slashes, dot segments and control
 * characters are refused, not normalised.
 */
#include "../base/json.h"
#include "exchange.h"
#include <civetweb.h>
#include <strings.h>

enum { MIB = 1 << 20, PIECE = 256 };

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes escapes (and "+" as a space, in a query). Text without any is lent,
 * not copied. NULL, or what is wrong with it. */
static const char *decode(struct arena *arena, struct ouse_str raw, int plus, struct ouse_str *text)
{
    struct ouse_str decoded = {raw.n ? raw.p : "", raw.n};
    if (memchr(decoded.p, '%', raw.n) || (plus && memchr(decoded.p, '+', raw.n))) {
        char *to = arena_alloc(arena, raw.n);
        decoded = (struct ouse_str){to, 0};
        for (uint32_t i = 0; i < raw.n; i++) {
            char c = raw.p[i];
            if (c == '%') {
                int high = raw.n - i > 2 ? hex(raw.p[i + 1]) : -1,
                    low = raw.n - i > 2 ? hex(raw.p[i + 2]) : -1;
                if (high < 0 || low < 0)
                    return "a percent escape without two hexadecimal digits";
                c = (char)(high * 16 + low);
                i += 2;
            } else if (plus && c == '+') {
                c = ' ';
            }
            to[decoded.n++] = c;
        }
    }
    if (!utf8_valid(decoded))
        return "text that is not valid UTF-8";
    for (uint32_t i = 0; i < decoded.n; i++)
        if ((unsigned char)decoded.p[i] < 0x20 || decoded.p[i] == 0x7f)
            return "control characters";
    *text = decoded;
    return NULL;
}

/* One segment of a path. An empty one may only be the last: "/a/". */
static const char *decode_segment(struct arena *arena, struct ouse_str raw, int last,
                                  struct ouse_str *segment)
{
    if (raw.n == 0 && !last)
        return "an empty segment";
    struct ouse_str text;
    const char *wrong = decode(arena, raw, 0, &text);
    if (wrong)
        return wrong;
    if (memchr(text.p, '/', text.n) || memchr(text.p, '\\', text.n))
        return "an encoded slash or a backslash";
    if (ouse_is(text, ".") || ouse_is(text, ".."))
        return "a dot segment";
    *segment = text;
    return NULL;
}

static struct refusal refuse_path(struct http_request *request, const char *wrong)
{
    return (struct refusal){400, arena_printf(request->arena, "The path has %s.", wrong).p};
}

struct refusal request_path(struct http_request *request)
{
    const char *at = request->path.p + 1, *end = request->path.p + request->path.n;
    request->n_segments = 0;
    while (request->path.n > 1 && at <= end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        const char *stop = slash ? slash : end;
        struct ouse_str segment;
        const char *wrong =
            decode_segment(request->arena, (struct ouse_str){at, (uint32_t)(stop - at)}, !slash, &segment);
        if (wrong)
            return refuse_path(request, wrong);
        if (request->n_segments < HTTP_SEGMENTS)
            request->segments[request->n_segments] = segment;
        request->n_segments++;
        at = stop + 1;
    }
    return (struct refusal){0};
}

static ouse_rc query_fail(struct http_request *request, const char *wrong)
{
    return problem_fail(request->problem, OUSE_E_REQUEST, "The query has %s.", wrong);
}

ouse_rc http_query(struct http_request *request, struct http_parameter *parameters, uint32_t *n)
{
    const char *at = request->query.p, *end = at ? at + request->query.n : at;
    struct http_parameter found[HTTP_PARAMETERS];
    uint32_t count = 0;
    while (at && at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        const char *name_end = equals ? equals : stop, *value = equals ? equals + 1 : stop;
        if (stop > at && count == HTTP_PARAMETERS)
            return query_fail(request, "too many parameters");
        if (stop > at) {
            struct http_parameter *p = &found[count++];
            const char *wrong =
                decode(request->arena, (struct ouse_str){at, (uint32_t)(name_end - at)}, 1, &p->name);
            if (!wrong)
                wrong =
                    decode(request->arena, (struct ouse_str){value, (uint32_t)(stop - value)}, 1, &p->value);
            if (wrong)
                return query_fail(request, wrong);
        }
        at = stop + 1;
    }
    memcpy(parameters, found, count * sizeof *found);
    *n = count;
    return OUSE_OK;
}

/* Whether headers and body are those that http_ask was given. */
static int is_given(const struct http_request *request)
{
    return request->within || !request->connection;
}

static struct ouse_str given_header(const struct http_request *request, const char *name)
{
    for (uint32_t i = 0; i < request->n_headers; i++)
        if (strcasecmp(request->headers[i].name.p, name) == 0)
            return request->headers[i].value;
    return (struct ouse_str){0};
}

struct ouse_str http_header(const struct http_request *request, const char *name)
{
    const struct exchange *exchange = request->connection;
    if (is_given(request))
        return given_header(request, name);
    return hygiene_header(mg_get_request_info(exchange->wire), name, request->arena);
}

const char *http_address(const struct http_request *request)
{
    const struct exchange *exchange = request->connection;
    return exchange ? exchange->worker->address : NULL;
}

/* A body may take request_ms for every mebibyte that was begun. */
static int is_late(const struct exchange *exchange, uint64_t length)
{
    return exchange_age(exchange) > (int64_t)exchange->request_ms * (int64_t)(1 + length / MIB);
}

static ouse_rc too_large(struct http_request *request, size_t cap)
{
    return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The body may have at most %zu bytes.", cap);
}

static ouse_rc ended_early(struct exchange *exchange)
{
    int stalled = exchange_age(exchange) >= exchange->request_ms;
    return problem_refuse(exchange, stalled ? (struct refusal){408, "The body did not arrive in time."}
                                            : (struct refusal){400, "The body ended early."});
}

ouse_rc http_refuse_chunks(struct http_request *request)
{
    return problem_refuse(request->connection,
                          (struct refusal){411, "A body must come with a Content-Length."});
}

/* CivetWeb waits for each piece it is asked for until it is whole, however
 * slowly its bytes drip in; small pieces let the deadline be looked at. Of chunks
 * it gives what is in them, and nothing at the end; what is unread of them is never told. */
ouse_rc http_body_each(struct http_request *request, size_t cap,
                       ouse_rc (*take)(void *arg, struct ouse_str piece), void *arg)
{
    struct exchange *exchange = request->connection;
    char piece[PIECE];
    uint64_t n = 0;
    ouse_rc rc = OUSE_OK;
    if (is_given(request) && request->content.n > cap)
        return too_large(request, cap);
    if (is_given(request))
        return request->content.n ? take(arg, request->content) : OUSE_OK;
    if (!request->chunked && exchange->head.length > cap)
        return too_large(request, cap);
    if (exchange->unread < exchange->head.length)
        return problem_fail(request->problem, OUSE_E_INTERNAL, "The body was read before.");
    if (exchange->head.known[KNOWN_EXPECT].p && exchange->unread > 0)
        mg_write(exchange->wire, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    while (!rc && exchange->unread > 0) {
        size_t wanted = exchange->unread < PIECE ? (size_t)exchange->unread : PIECE;
        int got = mg_read(exchange->wire, piece, wanted);
        if (got == 0 && request->chunked)
            return OUSE_OK;
        if (got <= 0 || is_late(exchange, n))
            return ended_early(exchange);
        n += (uint64_t)got;
        exchange->received += (uint64_t)got;
        if (n > cap)
            return too_large(request, cap);
        exchange->unread -= request->chunked ? 0 : (uint64_t)got;
        rc = take(arg, (struct ouse_str){piece, (uint32_t)got});
    }
    return rc;
}

static ouse_rc append(void *arg, struct ouse_str piece)
{
    char **to = arg;
    memcpy(*to, piece.p, piece.n);
    *to += piece.n;
    return OUSE_OK;
}

ouse_rc http_body(struct http_request *request, size_t cap, struct ouse_str *body)
{
    const struct exchange *exchange = request->connection;
    uint64_t length = is_given(request) ? request->content.n : exchange->head.length;
    if (length > cap || length > UINT32_MAX)
        return too_large(request, cap);
    char *bytes = arena_alloc(request->arena, (size_t)length + 1), *end = bytes;
    ouse_rc rc = http_body_each(request, cap, append, &end);
    if (rc)
        return rc;
    *end = '\0';
    *body = (struct ouse_str){bytes, (uint32_t)length};
    return OUSE_OK;
}

/* The charset parameter of a media type, without its quotes, or no text. */
static struct ouse_str charset(struct ouse_str parameters)
{
    const char *at = parameters.p, *end = at + parameters.n;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        stop = stop ? stop : end;
        while (at < stop && (*at == ' ' || *at == '\t'))
            at++;
        const char *last = stop;
        while (last > at && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        if (last - at >= 8 && strncasecmp(at, "charset=", 8) == 0) {
            at += 8;
            if (last - at >= 2 && *at == '"' && last[-1] == '"')
                at++, last--;
            return (struct ouse_str){at, (uint32_t)(last - at)};
        }
        at = stop + 1;
    }
    return (struct ouse_str){0};
}

struct ouse_str request_media_type(struct arena *arena, struct ouse_str value)
{
    const char *semicolon = memchr(value.p, ';', value.n);
    struct ouse_str type = {value.p, semicolon ? (uint32_t)(semicolon - value.p) : value.n};
    while (type.n > 0 && (type.p[type.n - 1] == ' ' || type.p[type.n - 1] == '\t'))
        type.n--;
    struct ouse_str set = charset((struct ouse_str){value.p + type.n, value.n - type.n});
    if (set.p && (set.n != 5 || strncasecmp(set.p, "utf-8", 5) != 0))
        return ouse_s("");
    char *lower = arena_alloc(arena, type.n + 1);
    for (uint32_t i = 0; i < type.n; i++)
        lower[i] = (char)(type.p[i] >= 'A' && type.p[i] <= 'Z' ? type.p[i] | 32 : type.p[i]);
    return (struct ouse_str){lower, type.n};
}

struct ouse_str http_media_type(struct http_request *request)
{
    const struct exchange *exchange = request->connection;
    struct ouse_str value =
        is_given(request) ? given_header(request, "Content-Type") : exchange->head.known[KNOWN_CONTENT_TYPE];
    return value.p ? request_media_type(request->arena, value) : value;
}
