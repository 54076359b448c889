/* request: decodes a request: path, query, headers, body.
 *
 * A percent escape is decoded once, and decoded text must not change how the text is divided:
 * encoded slashes, dot segments and control characters are rejected, not normalised. */
#include "../base/json.h"
#include "../base/text.h"
#include "server.h"
#include <civetweb.h>
#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>

enum { MIB = 1 << 20, PIECE = 256, PROGRESS = 16 << 10 };

/* Returns the byte of an escape, or -1. */
static int unescape(const char *at, uint32_t n)
{
    const char digits[] = {n > 1 ? at[1] : 0, n > 2 ? at[2] : 0, 0};
    return isxdigit((unsigned char)digits[0]) && isxdigit((unsigned char)digits[1])
               ? (int)strtol(digits, NULL, 16)
               : -1;
}

/* Decodes escapes (and "+" as a space, in a query). Text without escapes is not copied. Returns
 * NULL, or the mistake. */
static const char *decode(struct arena *arena, struct ouse_str raw, int plus, struct ouse_str *text)
{
    struct ouse_str decoded = {raw.n ? raw.p : "", raw.n};
    if (memchr(decoded.p, '%', raw.n) || (plus && memchr(decoded.p, '+', raw.n))) {
        char *to = arena_alloc(arena, raw.n);
        decoded = (struct ouse_str){to, 0};
        for (uint32_t i = 0; i < raw.n; i++) {
            char c = raw.p[i];
            if (c == '%') {
                int byte = unescape(raw.p + i, raw.n - i);
                if (byte < 0)
                    return "a percent escape without two hexadecimal digits";
                c = (char)byte;
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
        if (iscntrl((unsigned char)decoded.p[i]))
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

struct refusal request_path(struct http_request *request)
{
    struct ouse_str rest = {request->path.p + 1, request->path.n - 1}, raw, segment;
    request->n_segments = 0;
    while (request->path.n > 1 && text_cut(&rest, '/', &raw)) {
        const char *wrong = decode_segment(request->arena, raw, !rest.p, &segment);
        if (wrong)
            return (struct refusal){400, arena_printf(request->arena, "The path has %s.", wrong).p};
        if (request->n_segments < HTTP_SEGMENTS)
            request->segments[request->n_segments] = segment;
        request->n_segments++;
    }
    return (struct refusal){0};
}

/* Splits "a=1&b=2" into parameters; `what` is the name of the text in messages. */
static ouse_rc split_pairs(struct http_request *request, struct ouse_str rest, const char *what,
                           struct http_parameter *parameters, uint32_t *n)
{
    struct ouse_str name, value;
    struct http_parameter found[HTTP_PARAMETERS];
    const char *wrong = NULL;
    uint32_t count = 0;
    while (!wrong && text_cut(&rest, '&', &value)) {
        if (!value.n)
            continue;
        text_cut(&value, '=', &name);
        if (count == HTTP_PARAMETERS)
            wrong = "too many parameters";
        else if (!(wrong = decode(request->arena, name, 1, &found[count].name)))
            wrong = decode(request->arena, value, 1, &found[count++].value);
    }
    if (wrong)
        return problem_fail(request->problem, OUSE_E_REQUEST, "The %s has %s.", what, wrong);
    memcpy(parameters, found, count * sizeof *found);
    *n = count;
    return OUSE_OK;
}

ouse_rc http_query(struct http_request *request, struct http_parameter *parameters, uint32_t *n)
{
    return split_pairs(request, request->query, "query", parameters, n);
}

ouse_rc http_form(struct http_request *request, struct ouse_str body, struct http_parameter *parameters,
                  uint32_t *n)
{
    return split_pairs(request, body, "form", parameters, n);
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
    return exchange ? exchange->worker->connection->text : NULL;
}

struct address exchange_address(const struct exchange *exchange)
{
    struct address address = exchange->worker->connection->address, before;
    struct ouse_str trusted = ouse_s(exchange->server->options.trusted_proxies);
    struct ouse_str list =
        hygiene_header(mg_get_request_info(exchange->wire), "X-Forwarded-For", exchange->request.arena);
    while (list.n && address_in(&address, trusted)) {
        const char *comma = memrchr(list.p, ',', list.n);
        uint32_t at = comma ? (uint32_t)(comma - list.p) : 0;
        struct ouse_str last = {list.p + at + (comma != NULL), list.n - at - (comma != NULL)};
        if (address_read(text_trim(last), &before))
            break;
        address = before;
        list.n = at;
    }
    return address;
}

struct ouse_str http_client(const struct http_request *request)
{
    const struct exchange *exchange = request->connection;
    if (!exchange)
        return ouse_s("");
    struct address client = address_client(exchange_address(exchange));
    char text[ADDRESS_TEXT];
    address_write(&client, text);
    return arena_copy(request->arena, ouse_s(text));
}

int http_gone(const struct http_request *request)
{
    const struct exchange *exchange = request->connection;
    if (!exchange)
        return 0;
    struct pollfd client = {.fd = exchange->worker->connection->fd, .events = POLLRDHUP};
    return poll(&client, 1, 0) > 0;
}

/* Returns the most bytes that a body may have: the limit of the route, and less for an anonymous
 * caller. */
static size_t body_cap(const struct http_request *request, size_t cap)
{
    const struct exchange *exchange = request->connection;
    uint32_t most = exchange && http_is_anonymous(request) ? exchange->server->options.anonymous_body : 0;
    return most && most < cap ? most : cap;
}

/* A body may take request_ms for every mebibyte that was begun. */
static int is_late(const struct exchange *exchange, uint64_t length)
{
    return exchange_age(exchange) > (int64_t)exchange->request_ms * (int64_t)(1 + length / MIB);
}

static ouse_rc too_large(struct http_request *request, size_t cap)
{
    return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The body may have at most %zu bytes%s.", cap,
                        http_is_anonymous(request) ? " without a token" : "");
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

/* Reads the body in pieces. CivetWeb waits for each requested piece until it is complete, however
 * slowly its bytes arrive; small pieces allow a check of the deadline. For chunks it returns only
 * their content, and nothing at the end; it never reports how much is unread. A client that takes
 * long for PROGRESS bytes may lose its worker. */
static ouse_rc read_pieces(struct http_request *request, size_t cap,
                           ouse_rc (*take)(void *arg, struct ouse_str piece), void *arg)
{
    struct exchange *exchange = request->connection;
    char piece[PIECE];
    uint64_t n = 0, progress = 0;
    ouse_rc rc = OUSE_OK;
    while (!rc && exchange->unread > 0) {
        if (n >= progress) {
            connection_waits(exchange->worker->connection, clock_monotonic(), GATE_YIELD_MS);
            progress += PROGRESS;
        }
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

/* Rejects a body with a content coding: bodies are read as they are, and a coding must not be read
 * as data. */
static ouse_rc check_coding(struct http_request *request)
{
    struct ouse_str coding = http_header(request, "Content-Encoding");
    if (!coding.p || !coding.n || (coding.n == 8 && strncasecmp(coding.p, "identity", 8) == 0))
        return OUSE_OK;
    return problem_fail(request->problem, OUSE_E_MEDIA_TYPE,
                        "The body has the Content-Encoding %.*s; send it without one", OUSE_F(coding));
}

ouse_rc http_body_each(struct http_request *request, size_t cap,
                       ouse_rc (*take)(void *arg, struct ouse_str piece), void *arg)
{
    struct exchange *exchange = request->connection;
    if (check_coding(request))
        return request->problem->rc;
    cap = body_cap(request, cap);
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
    ouse_rc rc = read_pieces(request, cap, take, arg);
    connection_works(exchange->worker->connection);
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
    cap = body_cap(request, cap);
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
    struct ouse_str parameter;
    while (text_cut(&parameters, ';', &parameter)) {
        parameter = text_trim(parameter);
        if (parameter.n < 8 || strncasecmp(parameter.p, "charset=", 8) != 0)
            continue;
        struct ouse_str set = {parameter.p + 8, parameter.n - 8};
        if (set.n >= 2 && *set.p == '"' && set.p[set.n - 1] == '"')
            set = (struct ouse_str){set.p + 1, set.n - 2};
        return set;
    }
    return (struct ouse_str){0};
}

struct ouse_str request_media_type(struct arena *arena, struct ouse_str value)
{
    struct ouse_str type = ouse_s(""), set;
    text_cut(&value, ';', &type);
    type = text_trim(type);
    set = charset(value);
    if (set.p && (set.n != 5 || strncasecmp(set.p, "utf-8", 5) != 0))
        return ouse_s("");
    char *lower = arena_alloc(arena, type.n + 1);
    for (uint32_t i = 0; i < type.n; i++)
        lower[i] = (char)tolower((unsigned char)type.p[i]);
    return (struct ouse_str){lower, type.n};
}

struct ouse_str http_media_type(struct http_request *request)
{
    const struct exchange *exchange = request->connection;
    struct ouse_str value =
        is_given(request) ? given_header(request, "Content-Type") : exchange->head.known[KNOWN_CONTENT_TYPE];
    return value.p ? request_media_type(request->arena, value) : value;
}
