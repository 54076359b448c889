/* request_check: the checks; see request_check.h. RFC 9112 unless another is named. */
#include "request_check.h"

#include "../base/arena.h"
#include "../base/text.h"
#include "http.h"
#include <civetweb.h>
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

static const struct {
    const char *name;
    uint32_t bit;
    int head;
} methods[] = {
    {"GET", HTTP_GET, 0},     {"HEAD", HTTP_GET, 1},      {"POST", HTTP_POST, 0},       {"PUT", HTTP_PUT, 0},
    {"PATCH", HTTP_PATCH, 0}, {"DELETE", HTTP_DELETE, 0}, {"OPTIONS", HTTP_OPTIONS, 0},
};

/* Of a header that may come once only, a second one is refused. */
static const struct {
    const char *name;
    uint32_t length;
    int once;
} known[KNOWN_COUNT] = {
    [KNOWN_HOST] = {"Host", 4, 1},
    [KNOWN_CONTENT_LENGTH] = {"Content-Length", 14, 1},
    [KNOWN_CONTENT_TYPE] = {"Content-Type", 12, 1},
    [KNOWN_TRANSFER_ENCODING] = {"Transfer-Encoding", 17, 1},
    [KNOWN_EXPECT] = {"Expect", 6, 1},
    [KNOWN_AUTHORIZATION] = {"Authorization", 13, 1},
    [KNOWN_CONNECTION] = {"Connection", 10, 1},
    [KNOWN_UPGRADE] = {"Upgrade", 7, 0},
    [KNOWN_IF_NONE_MATCH] = {"If-None-Match", 13, 0},
    [KNOWN_REQUEST_ID] = {"X-Request-ID", 12, 0},
    [KNOWN_COOKIE] = {"Cookie", 6, 0},
};

static const struct refusal clean = {0, NULL};

static struct refusal refuse(int status, const char *detail)
{
    return (struct refusal){status, detail};
}

static int is_digit(char c)
{
    return isdigit((unsigned char)c);
}

static int is_alnum(char c)
{
    return isalnum((unsigned char)c);
}

static int is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

int hygiene_token(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (!is_alnum(text.p[i]) && text.p[i] != '-' && !is_one_of(text.p[i], "!#$%&'*+.^_`|~"))
            return 0;
    return text.n > 0;
}

int hygiene_field(struct ouse_str value)
{
    for (uint32_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return 0;
    }
    return 1;
}

int hygiene_length(struct ouse_str value, uint64_t *length)
{
    if (value.n == 0 || value.n > 18) /* 18 digits always fit */
        return 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < value.n; i++) {
        if (!is_digit(value.p[i]))
            return 0;
        sum = sum * 10 + (uint64_t)(value.p[i] - '0');
    }
    *length = sum;
    return 1;
}

/* Returns the end of the host in host[:port]: a name or IPv4 address, or an IPv6 address in
 * brackets. Returns 0 if it is malformed. */
static uint32_t host_end(struct ouse_str value)
{
    uint32_t i = 0;
    if (value.n > 2 && value.p[0] == '[') {
        for (i = 1; i < value.n && (is_alnum(value.p[i]) || is_one_of(value.p[i], ":.")); i++)
            ;
        return i > 1 && i < value.n && value.p[i] == ']' ? i + 1 : 0;
    }
    while (i < value.n && (is_alnum(value.p[i]) || is_one_of(value.p[i], "-._")))
        i++;
    return i;
}

int hygiene_host(struct ouse_str value)
{
    uint32_t i = host_end(value);
    if (i == 0 || i > 255)
        return 0;
    if (i == value.n)
        return 1;
    if (value.p[i++] != ':' || i == value.n || value.n - i > 5)
        return 0;
    unsigned port = 0;
    for (; i < value.n && is_digit(value.p[i]); i++)
        port = port * 10 + (unsigned)(value.p[i] - '0');
    return i == value.n && port <= 65535;
}

int hygiene_has_option(struct ouse_str list, const char *name)
{
    struct ouse_str option;
    while (text_cut(&list, ',', &option)) {
        option = text_trim(option);
        if (option.n == strlen(name) && strncasecmp(option.p, name, option.n) == 0)
            return 1;
    }
    return 0;
}

static struct refusal check_method(const struct mg_request_info *info, struct http_head *head)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(info->request_method, methods[i].name) == 0) {
            head->method = methods[i].bit;
            head->head = methods[i].head;
            return clean;
        }
    return hygiene_token(ouse_s(info->request_method)) ? refuse(501, "No resource here has this method.")
                                                       : refuse(400, "The method is not a token.");
}

static struct refusal check_version(const struct mg_request_info *info, struct http_head *head)
{
    const char *version = info->http_version;
    if (strcmp(version, "1.1") != 0 && strcmp(version, "1.0") != 0)
        return refuse(505, "HTTP/1.1 and HTTP/1.0 are spoken here.");
    head->minor = version[2] - '0';
    return clean;
}

/* CivetWeb may have put a NUL over the "?" of the target; with it the target
 * fills the place between method and version, one space from each. */
static struct refusal check_target(const struct mg_request_info *info, struct http_head *head)
{
    const char *end = info->http_version - sizeof "HTTP/"; /* the space before the version */
    struct ouse_str path = ouse_s(info->request_uri);
    struct ouse_str query = {memchr(path.p, '?', path.n), 0};
    if (query.p)
        path.n = (uint32_t)(query.p - path.p);
    else if (info->query_string == path.p + path.n + 1)
        query.p = path.p + path.n;
    if (query.p)
        query = ouse_s(query.p + 1);
    if ((query.p ? query.p + query.n : path.p + path.n) != end ||
        path.p != info->request_method + strlen(info->request_method) + 1)
        return refuse(400, "The request line has not exactly one space between its parts.");
    if (end - path.p > (ptrdiff_t)HYGIENE_TARGET_MAX)
        return refuse(414, "The request target is too long.");
    if (memchr(path.p, '#', path.n) || (query.p && memchr(query.p, '#', query.n)))
        return refuse(400, "The request target has a fragment.");
    head->target = path;
    head->query = query;
    return clean;
}

/* Keeps a header that this folder looks at. */
static struct refusal keep_known(struct ouse_str name, struct ouse_str value, struct http_head *head)
{
    for (int i = 0; i < KNOWN_COUNT; i++) {
        if (name.n != known[i].length || strncasecmp(name.p, known[i].name, name.n) != 0)
            continue;
        if (head->known[i].p && known[i].once)
            return refuse(400, i == KNOWN_HOST ? "There is more than one Host."
                                               : "A header that may come once came twice.");
        if (!head->known[i].p)
            head->known[i] = value;
        return clean;
    }
    return clean;
}

/* Only spaces may stand between the colon and the value. CivetWeb puts a NUL
 * over the colon, and over each space that stood before it. */
static int colon_follows(struct ouse_str name, const char *value)
{
    for (const char *gap = name.p + name.n + 1; gap < value; gap++)
        if (*gap != ' ' && *gap != '\t')
            return 0;
    return 1;
}

/* Checks the lines of the head. CivetWeb parses in place, with a NUL over each delimiter. So the
 * gaps between its results show what it tolerated: every line must begin two bytes (CR LF) after
 * the end of the line before, and an empty line must follow the last one. Otherwise a line ended in
 * a bare LF, or was folded, or parsing stopped at a line that it could not read, and later headers
 * are missing. Reading two bytes beyond the last line stays inside its buffer, which is larger than
 * any accepted head. */
static struct refusal check_headers(const struct mg_request_info *info, struct http_head *head)
{
    if (info->num_headers < 0)
        return refuse(400, "A header line is malformed.");
    if (info->num_headers >= MG_MAX_HEADERS)
        return refuse(431, "There are too many headers.");
    const char *line = info->http_version + strlen(info->http_version) + 2;
    for (int i = 0; i < info->num_headers; i++) {
        struct ouse_str name = ouse_s(info->http_headers[i].name);
        struct ouse_str value = ouse_s(info->http_headers[i].value);
        if (name.p != line)
            return refuse(400, "A line of the head does not end in CR LF.");
        if (!hygiene_token(name) || !colon_follows(name, value.p))
            return refuse(400, "A header name is not a token.");
        if (!hygiene_field(value))
            return refuse(400, "A header has control characters.");
        line = value.p + value.n + 2;
        if (line - info->request_method > (ptrdiff_t)HYGIENE_HEAD_MAX)
            return refuse(431, "The head is too large.");
        struct refusal refusal = keep_known(name, text_trim(value), head);
        if (refusal.status)
            return refusal;
    }
    /* Without any header the CR of the empty line was skipped as white space. */
    if (line[0] != (info->num_headers ? '\r' : '\0') || line[1] != '\0')
        return refuse(400, "A line of the head is folded or malformed.");
    return clean;
}

/* How long the body is; here the smuggled requests end (6.3). */
static struct refusal check_framing(const struct mg_request_info *info, struct http_head *head)
{
    (void)info;
    struct ouse_str length = head->known[KNOWN_CONTENT_LENGTH];
    struct ouse_str encoding = head->known[KNOWN_TRANSFER_ENCODING];
    if (encoding.p && (length.p || head->minor == 0))
        return refuse(400, "Transfer-Encoding does not go with Content-Length or HTTP/1.0.");
    if (encoding.p && encoding.n == 7 && strncasecmp(encoding.p, "chunked", 7) == 0)
        head->length = HYGIENE_CHUNKED;
    else if (encoding.p)
        return refuse(501, "This Transfer-Encoding is not known here.");
    if (length.p && (!hygiene_length(length, &head->length) || head->length == HYGIENE_CHUNKED))
        return refuse(400, "Content-Length is not one decimal number.");
    return clean;
}

/* The absolute form names the host again; it must be the same one (3.2.2). */
static struct refusal check_host(const struct mg_request_info *info, struct http_head *head)
{
    (void)info;
    struct ouse_str host = head->known[KNOWN_HOST];
    if (!host.p && head->minor > 0)
        return refuse(400, "The header Host is missing.");
    if (host.p && !hygiene_host(host))
        return refuse(400, "Host is not a host name with an optional port.");
    if (ouse_is(head->target, "*"))
        return head->method == HTTP_OPTIONS ? clean : refuse(400, "The target * is for OPTIONS.");
    if (head->target.n > 0 && head->target.p[0] == '/')
        return clean;
    if (head->target.n < 8 || strncasecmp(head->target.p, "http://", 7) != 0)
        return refuse(400, "The request target is not a path.");
    struct ouse_str authority = {head->target.p + 7, head->target.n - 7};
    const char *path = memchr(authority.p, '/', authority.n);
    authority.n = path ? (uint32_t)(path - authority.p) : authority.n;
    if (!path || authority.n != host.n || strncasecmp(authority.p, host.p, host.n) != 0)
        return refuse(400, "The request target is for another host than Host.");
    head->target.n -= (uint32_t)(path - head->target.p);
    head->target.p = path;
    return clean;
}

static struct refusal check_expect(const struct mg_request_info *info, struct http_head *head)
{
    (void)info;
    struct ouse_str expect = head->known[KNOWN_EXPECT];
    if (expect.p && head->minor > 0 && (expect.n != 12 || strncasecmp(expect.p, "100-continue", 12) != 0))
        return refuse(417, "Only 100-continue can be expected.");
    return clean;
}

/* As CivetWeb decides; a request to change the protocol ends the connection. */
static int keeps_alive(const struct http_head *head)
{
    struct ouse_str connection = head->known[KNOWN_CONNECTION];
    if (!connection.p)
        return head->minor > 0;
    return hygiene_has_option(connection, "keep-alive") && !hygiene_has_option(connection, "close") &&
           !head->known[KNOWN_UPGRADE].p;
}

struct refusal hygiene_check(const struct mg_request_info *info, struct http_head *head)
{
    static struct refusal (*const checks[])(const struct mg_request_info *, struct http_head *) = {
        check_version, check_method, check_target, check_headers, check_framing, check_host, check_expect};
    struct refusal refusal = clean;
    *head = (struct http_head){0};
    if (!info->request_method || !info->request_uri || !info->http_version || !is_digit(*info->http_version))
        return refuse(400, "The request line is malformed.");
    for (size_t i = 0; i < sizeof checks / sizeof *checks && !refusal.status; i++)
        refusal = checks[i](info, head);
    head->keep_alive = !refusal.status && keeps_alive(head);
    return refusal;
}

struct ouse_str hygiene_header(const struct mg_request_info *info, const char *name, struct arena *arena)
{
    struct ouse_str found = {0};
    for (int i = 0; i < info->num_headers; i++) {
        if (strcasecmp(info->http_headers[i].name, name) != 0)
            continue;
        struct ouse_str value = text_trim(ouse_s(info->http_headers[i].value));
        found =
            found.p ? arena_printf(arena, "%.*s, %.*s", (int)found.n, found.p, (int)value.n, value.p) : value;
    }
    return found;
}
