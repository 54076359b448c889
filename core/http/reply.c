/* reply: the answer as bytes: status line, headers, body, in one buffer.
 *
 * The headers that every answer needs are written only here. The buffer is sent by one write: two
 * writes cost a fifth of the throughput. */
#include "../base/clock.h"
#include "../base/hex.h"
#include "../observe/log.h"
#include "server.h"
#include <civetweb.h>
#include <ctype.h>
#include <strings.h>
#include <time.h>

#define CSP "default-src 'none'; frame-ancestors 'none'"

void http_reply_header(struct http_reply *reply, const char *name, struct ouse_str value)
{
    if (!hygiene_field(value))
        log_error("http", "the header %s would have had control characters", name);
    else if (reply->n_headers == HTTP_REPLY_HEADERS)
        log_error("http", "the header %s is one too many", name);
    else
        reply->headers[reply->n_headers++] = (struct http_header){ouse_s(name), value};
}

static int brings(const struct http_reply *reply, const char *name)
{
    size_t n = strlen(name);
    for (uint32_t i = 0; i < reply->n_headers; i++)
        if (reply->headers[i].name.n == n && strncasecmp(reply->headers[i].name.p, name, n) == 0)
            return 1;
    return 0;
}

/* Returns whether the value of a header is or contains a URI reference: the bytes that are legal in
 * it (RFC 3986), and those of a Link around it. Other bytes are sent as escapes. */
static int has_address(struct ouse_str name)
{
    static const char *const names[] = {"Location", "Content-Location", "Link"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0)
            return 1;
    return 0;
}

static void address_value(struct buffer *out, struct ouse_str name, struct ouse_str value)
{
    const char *around = name.n == 4 ? " <>\"" : "";
    for (uint32_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c > 0x20 && c < 0x7f && !strchr("\"<>\\^`{|}", c)) || strchr(around, c))
            buffer_byte(out, (char)c);
        else
            buffer_printf(out, "%%%02X", c);
    }
}

static void header(struct buffer *out, struct ouse_str name, struct ouse_str value)
{
    buffer_str(out, name);
    buffer_add(out, ": ", 2);
    if (has_address(name))
        address_value(out, name, value);
    else
        buffer_str(out, value);
    buffer_add(out, "\r\n", 2);
}

/* Writes a header with a value from a handler. */
static void made_header(struct buffer *out, const char *name, struct ouse_str value)
{
    if (hygiene_field(value))
        header(out, ouse_s(name), value);
    else
        log_error("http", "the header %s would have had control characters", name);
}

static void status_line(const struct exchange *exchange, int status, struct buffer *out)
{
    buffer_text(out, "HTTP/1.1 ");
    buffer_uint(out, (uint64_t)status);
    buffer_byte(out, ' ');
    buffer_text(out, mg_get_response_code_text(exchange->wire, status));
    buffer_text(out, "\r\n");
}

/* The date is written out once a second. */
static void date_line(struct worker *worker)
{
    time_t second = (time_t)(clock_now() / 1000);
    struct tm tm;
    if (second != worker->second || !worker->date[0]) {
        strftime(worker->date, sizeof worker->date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n",
                 gmtime_r(&second, &tm));
        worker->second = second;
    }
    buffer_text(&worker->out, worker->date);
}

static int is_id(struct ouse_str id)
{
    for (uint32_t i = 0; i < id.n; i++)
        if (!isalnum((unsigned char)id.p[i]) && !memchr("._-", id.p[i], 3))
            return 0;
    return id.n >= 1 && id.n <= 64;
}

struct ouse_str reply_id(struct worker *worker, struct ouse_str wanted)
{
    if (is_id(wanted))
        return wanted;
    size_t n = strlen(worker->prefix);
    memcpy(worker->made_id, worker->prefix, n);
    worker->made_id[n] = '-';
    const char *end = hex_write(worker->made_id + n + 1, ++worker->sequence);
    return (struct ouse_str){worker->made_id, (uint32_t)(end - worker->made_id)};
}

/* An entity tag without the mark of a weak one. */
static struct ouse_str opaque(struct ouse_str tag)
{
    return tag.n > 2 && memcmp(tag.p, "W/", 2) == 0 ? (struct ouse_str){tag.p + 2, tag.n - 2} : tag;
}

int reply_matches(struct ouse_str list, struct ouse_str etag)
{
    if (ouse_is(list, "*"))
        return 1;
    etag = opaque(etag);
    const char *end = list.p + list.n;
    for (const char *at = list.p; at && at < end; at++) {
        if (*at != '"')
            continue;
        const char *quote = memchr(at + 1, '"', (size_t)(end - at - 1));
        if (!quote)
            return 0;
        if (ouse_same((struct ouse_str){at, (uint32_t)(quote + 1 - at)}, etag))
            return 1;
        at = quote;
    }
    return 0;
}

void reply_condition(struct exchange *exchange, struct http_reply *reply)
{
    if (exchange->head.method != HTTP_GET || reply->status != 200 || !reply->etag.p ||
        !exchange->head.known[KNOWN_IF_NONE_MATCH].p)
        return;
    if (reply_matches(http_header(&exchange->request, "If-None-Match"), reply->etag)) {
        reply->status = 304;
        reply->body = (struct ouse_str){0};
    }
}

static int has_content(int status)
{
    return status != 204 && status != 304;
}

static void content_lines(const struct http_reply *reply, int minor, struct buffer *out)
{
    if (!has_content(reply->status))
        return;
    if (reply->content_type.p)
        made_header(out, "Content-Type", reply->content_type);
    else
        buffer_text(out, "Content-Type: application/json\r\n");
    if (reply->stream) {
        buffer_text(out, minor > 0 ? "Transfer-Encoding: chunked\r\n" : "");
        return;
    }
    buffer_text(out, "Content-Length: ");
    buffer_uint(out, reply->body.n);
    buffer_text(out, "\r\n");
}

/* Whether the answer is for one caller alone. */
static int has_credentials(const struct exchange *exchange)
{
    return exchange->head.known[KNOWN_AUTHORIZATION].p || exchange->request.by_cookie;
}

static void caching_lines(const struct exchange *exchange, const struct http_reply *reply, struct buffer *out)
{
    int reads = exchange->head.method == HTTP_GET;
    if (reply->cache_control.p)
        made_header(out, "Cache-Control", reply->cache_control);
    else if (has_credentials(exchange))
        buffer_text(out, "Cache-Control: private, no-store\r\n");
    else
        buffer_text(out, reads ? "Cache-Control: no-cache\r\n" : "Cache-Control: no-store\r\n");
    if (reads && !brings(reply, "Vary"))
        buffer_text(out, exchange->server->options.sessions
                             ? "Vary: Authorization, Cookie, Accept, Accept-Encoding\r\n"
                             : "Vary: Authorization, Accept, Accept-Encoding\r\n");
    if (reply->etag.p)
        made_header(out, "ETag", reply->etag);
}

/* Writes the headers that let pages of other sites read public data. */
static void sharing_lines(const struct exchange *exchange, struct buffer *out)
{
    uint32_t method = exchange->head.method;
    if (has_credentials(exchange) || !(method & (HTTP_GET | HTTP_OPTIONS)))
        return;
    buffer_text(out, "Access-Control-Allow-Origin: *\r\n");
    if (method == HTTP_GET)
        buffer_text(out, "Access-Control-Expose-Headers: ETag, Link, Location, Retry-After, X-Request-ID\r\n"
                         "Cross-Origin-Resource-Policy: cross-origin\r\n");
    else
        buffer_text(out, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
                         "Access-Control-Allow-Headers: Accept, If-None-Match, X-Request-ID\r\n"
                         "Access-Control-Max-Age: 86400\r\n");
}

static void security_lines(const struct http_reply *reply, struct buffer *out)
{
    buffer_text(out, "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n");
    if (!brings(reply, "Content-Security-Policy"))
        buffer_text(out, "Content-Security-Policy: " CSP "\r\n");
}

/* Writes the headers that a status requires. */
static void status_lines(const struct http_reply *reply, struct buffer *out)
{
    if (reply->status == 401)
        buffer_text(out, "WWW-Authenticate: Bearer\r\n");
    if ((reply->status == 429 || reply->status == 503) && !brings(reply, "Retry-After"))
        buffer_text(out, "Retry-After: 2\r\n");
}

static void connection_line(const struct exchange *exchange, const struct http_reply *reply,
                            struct buffer *out)
{
    if (reply->close)
        buffer_text(out, "Connection: close\r\n");
    else if (exchange->head.minor == 0)
        buffer_text(out, "Connection: keep-alive\r\n");
}

void reply_write(struct exchange *exchange, const struct http_reply *reply)
{
    struct buffer *out = &exchange->worker->out;
    buffer_empty(out);
    buffer_reserve(out, 2048 + (size_t)reply->body.n);
    status_line(exchange, reply->status, out);
    date_line(exchange->worker);
    content_lines(reply, exchange->head.minor, out);
    header(out, ouse_s("X-Request-ID"), exchange->request.id);
    caching_lines(exchange, reply, out);
    security_lines(reply, out);
    sharing_lines(exchange, out);
    status_lines(reply, out);
    for (uint32_t i = 0; i < reply->n_headers; i++)
        header(out, reply->headers[i].name, reply->headers[i].value);
    connection_line(exchange, reply, out);
    buffer_text(out, "\r\n");
    if (!exchange->head.head && has_content(reply->status))
        buffer_str(out, reply->body);
}
