/* request_check: checks that every request must pass before its content is used.
 *
 * CivetWeb reads leniently. A server that runs after a proxy must not, or the two disagree about
 * the end of a request. All checks are here, in one pass over the head. Its results are in `struct
 * http_head`, so that no header is searched twice. */
#ifndef HTTP_REQUEST_CHECK_H
#define HTTP_REQUEST_CHECK_H

#include <ouse/abi.h>

struct mg_request_info;

#define HYGIENE_TARGET_MAX 8000u /* bytes of a request target; more is 414 */
#define HYGIENE_CHUNKED    UINT64_MAX
#define HYGIENE_HEAD_MAX   16384u /* bytes of a whole head; more is 431 */

/* The headers that this folder itself looks at. */
enum http_known {
    KNOWN_HOST,
    KNOWN_CONTENT_LENGTH,
    KNOWN_CONTENT_TYPE,
    KNOWN_TRANSFER_ENCODING,
    KNOWN_EXPECT,
    KNOWN_AUTHORIZATION,
    KNOWN_CONNECTION,
    KNOWN_UPGRADE,
    KNOWN_IF_NONE_MATCH,
    KNOWN_REQUEST_ID,
    KNOWN_COOKIE,
    KNOWN_COUNT
};

struct http_head {
    uint32_t method;        /* as in http_request: GET for a HEAD */
    int head;               /* it was a HEAD */
    int minor;              /* of HTTP/1.x */
    struct ouse_str target; /* path in origin-form, or "*" */
    struct ouse_str query;  /* without "?"; no text if it is missing */
    struct ouse_str known[KNOWN_COUNT];
    uint64_t length; /* of the body; 0 without one, HYGIENE_CHUNKED for one in chunks */
    int keep_alive;  /* the client allows another request on this connection */
};

/* Why a request is refused; status 0: it is not. */
struct refusal {
    int status;
    const char *detail;
};

/* Checks the results of CivetWeb's parser. If it rejects the request, `head` has the results up to
 * that point. */
struct refusal hygiene_check(const struct mg_request_info *info, struct http_head *head);

/* One header of a request: its value without the white space around it, or no
 * text. Several of a name are one list (RFC 9110 5.3), which needs the arena. */
struct arena;
struct ouse_str hygiene_header(const struct mg_request_info *info, const char *name, struct arena *arena);

/* The parts, each on its own. */
int hygiene_host(struct ouse_str value);                        /* whether it is host[:port] */
int hygiene_length(struct ouse_str value, uint64_t *length);    /* whether it is one plain decimal */
int hygiene_token(struct ouse_str text);                        /* RFC 9110 5.6.2 */
int hygiene_field(struct ouse_str value);                       /* no control characters but tab */
int hygiene_has_option(struct ouse_str list, const char *name); /* "a, b" has "b"; without case */

#endif
