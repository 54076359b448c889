/* http: one request, one reply, and the server between them.
 *
 *   socket ─> CivetWeb ─> begin_request ─> hygiene ─> caller ─> router ─> handler
 *                                                                          │ fills a reply
 *   socket <─ one mg_write <─ head and body in one buffer <────────────────┘
 *
 * This folder is the only code that includes civetweb.h, and it does not depend on records.
 * Handlers never touch the socket: they fill a reply, or fail with a problem. The data of a reply's
 * body must live until the arena of the request finishes. The arena finishes after head and body
 * have been put into one buffer and *before* the socket is written. So a snapshot that a handler
 * opened (and whose end it deferred) is never held while a slow client reads. Only a streamed body
 * (struct http_stream) is produced while it is sent. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "../base/buffer.h"
#include "../base/deadline.h"
#include "../base/error.h"
#include "../base/eventcount.h"
#include "../observe/metrics.h"

/* Methods, as bits so that a route and an Allow header are sets. */
#define HTTP_GET     0x01u
#define HTTP_HEAD    0x02u
#define HTTP_POST    0x04u
#define HTTP_PUT     0x08u
#define HTTP_PATCH   0x10u
#define HTTP_DELETE  0x20u
#define HTTP_OPTIONS 0x40u
#define HTTP_CHUNKED 0x80u /* flag of a route: it also accepts a body in chunks (http_body_each) */

#define HTTP_SEGMENTS   12         /* of a path; more is 404 */
#define HTTP_PARAMETERS 64         /* of a query; more is 400 */
#define HTTP_BODY_MAX   (1u << 20) /* of an ordinary request: 1 MiB */

struct http_parameter {
    struct ouse_str name, value; /* percent-decoded, valid UTF-8, without control characters */
};

struct http_header {
    struct ouse_str name, value;
};

struct http_request {
    struct arena *arena;
    struct problem *problem; /* the handler records the reason of a failure here */
    uint32_t method;         /* one HTTP_ bit; a HEAD is handled as GET, and its body is not sent */
    int head;                /* it was a HEAD */
    int chunked; /* its body comes in chunks, so its length is unknown; 411 except on routes that accept it */
    struct ouse_str path;                    /* as it came, without base_path and query; starts with "/" */
    struct ouse_str query;                   /* raw, without "?"; no text if it is missing */
    struct ouse_str segments[HTTP_SEGMENTS]; /* of the path, each decoded once */
    uint32_t n_segments;
    struct ouse_str captures[HTTP_SEGMENTS]; /* the values of the {placeholders} of the route, in order */
    uint32_t n_captures;
    struct ouse_str id;        /* X-Request-ID: echoed or made */
    uint32_t role;             /* OUSE_PUBLIC … OUSE_MANAGER */
    struct ouse_str actor;     /* the name of the token, or of the account; "" without credentials */
    void *connection;          /* for the server only; NULL: no client is connected */
    struct deadline *deadline; /* consulted by code that loops, on the request's thread; NULL: no end */
    int within;                /* a plugin made the request (ouse_ask) */
    const struct http_header *headers; /* of one that came by http_ask: all that it has */
    uint32_t n_headers;
    struct ouse_str content; /* likewise: its body */
    uint32_t kind;           /* of the route that handles it (router_kind); 0: no route */
    int by_cookie;           /* the caller was identified by a cookie, which a browser sends by itself */
};

/* A body of any length, produced while it is sent, on the request thread. `next` appends one piece,
 * a mebibyte or so, and returns whether there is more. Resources that it still holds when it
 * returns stay in use as long as the client takes to read, so it must release them itself. */
struct http_stream {
    ouse_rc (*next)(void *arg, struct buffer *out, int *more);
    void *arg;
    int waits; /* for the bell, and ends when that is closed; others are broken off when the server stops */
};

/* Work that must not keep all workers. */
enum http_lane {
    HTTP_EXPORTS,
    HTTP_FEEDS,
    HTTP_QUESTIONS,
    HTTP_ANONYMOUS,
    HTTP_BATCHES,
    HTTP_SIGN_INS,
    HTTP_LANES
};

/* Enters a lane, until the request is answered. OUSE_E_BUSY, with Retry-After, if a quarter of the
 * workers are in it, or the client has its share of these places (see limit.c). */
ouse_rc http_enter(struct http_request *request, enum http_lane lane);

/* Counts a write of an anonymous caller against the quota of its client (options.anonymous_writes),
 * and stores the state of the quota in the reply. Returns OUSE_E_BUSY, with Retry-After, if the
 * quota is used up. */
struct http_reply;
ouse_rc http_charge(struct http_request *request, struct http_reply *reply);

/* Reserves memory for the data that the handler will make from the body, until the request is
 * answered. Waits for a short time if all requests together hold more than options.body_memory;
 * then returns OUSE_E_BUSY. Must not be called in a transaction, because the requests that hold
 * memory may wait for the writer. */
ouse_rc http_reserve(struct http_request *request, size_t bytes);

#define HTTP_REPLY_HEADERS 16

struct http_reply {
    int status;                   /* 0 reads as 200 */
    struct ouse_str content_type; /* no text: application/json, without a charset (RFC 8259) */
    struct ouse_str body;
    const struct http_stream *stream; /* in place of a body, or NULL; the arena lasts until it is sent */
    struct cJSON *document; /* replaces a body, or NULL: only for requests of the server itself (http_ask) */
    struct ouse_str etag;   /* with its quotes; the server answers If-None-Match of a GET */
    struct ouse_str
        cache_control; /* no text: "no-cache" (public GET) or "private, no-store" (with credentials) */
    struct http_header headers[HTTP_REPLY_HEADERS]; /* further ones */
    uint32_t n_headers;
    int close; /* Connection: close */
};

/* Handles one request on a request thread. On failure records the reason in request->problem and
 * returns its status; the headers of the reply are still sent. */
typedef ouse_rc (*http_handler)(struct http_request *request, struct http_reply *reply, void *arg);

/* A request header's value, or no text. Names are compared without case. */
struct ouse_str http_header(const struct http_request *request, const char *name);

/* Returns the address of the client, or of a proxy before it; NULL if no client is connected. */
const char *http_address(const struct http_request *request);

/* Returns whether the client has closed its connection, or its sending half: the answer has no
 * reader, and work for it can stop. One system call; call it now and then from the request thread.
 * Returns 0 if no client is connected. Ignores bytes that the client has sent. */
int http_gone(const struct http_request *request);

/* Returns the client as quotas and limits count it: its IPv4 address, or the /64 network of its
 * IPv6 address, because a client usually has all of that. If the connection is from a trusted
 * proxy, the client is the last address in X-Forwarded-For that is not a trusted proxy. Returns ""
 * if no client is connected. Lives as long as the request. */
struct ouse_str http_client(const struct http_request *request);

/* Returns whether the caller has no credentials. */
static inline int http_is_anonymous(const struct http_request *request)
{
    return request->actor.n == 0;
}

/* Decodes the query into parameters[HTTP_PARAMETERS]; 400 for bad escapes,
 * invalid UTF-8, control characters and too many. "+" is a space. */
ouse_rc http_query(struct http_request *request, struct http_parameter *parameters, uint32_t *n);

/* Splits the body of a form (application/x-www-form-urlencoded) in the same way. */
ouse_rc http_form(struct http_request *request, struct ouse_str body, struct http_parameter *parameters,
                  uint32_t *n);

/* Reads the body: all of it, or nothing. The limit is `cap` bytes, and options.anonymous_body for
 * an anonymous caller. Returns 413 if it is longer (before reading, if the length is known), 400 if
 * it ends early, 408 if it stalls: it has request_ms for each MiB that it begins. Call it at most
 * once per request. */
ouse_rc http_body(struct http_request *request, size_t cap, struct ouse_str *body);

/* Reads the body piece by piece, and accepts chunks. Ends with the first piece that `piece`
 * rejects. Closes a connection with chunks after the answer, so that server and proxy cannot
 * disagree about the start of the next request. */
ouse_rc http_body_each(struct http_request *request, size_t cap,
                       ouse_rc (*take)(void *arg, struct ouse_str piece), void *arg);

/* Refuses a body in chunks: 411. */
ouse_rc http_refuse_chunks(struct http_request *request);

/* The media type of the request's body, lower case, without parameters; a
 * charset other than utf-8 gives "" . No text without a Content-Type. */
struct ouse_str http_media_type(struct http_request *request);

/* Adds a header to a reply. Name and value are not copied; control characters
 * in a value are a defect and drop the header with a log line. */
void http_reply_header(struct http_reply *reply, const char *name, struct ouse_str value);

/* Content negotiation, RFC 9110 12.5.1: the index of the offered media type that
 * `accept` prefers (first offer wins a tie; no text accepts anything), or -1. */
int http_negotiate(struct ouse_str accept, const char *const *offers, int n);

/* Whether a request takes a body in a content coding, "gzip" or "br". */
int http_takes(const struct http_request *request, const char *coding);

/* Bytes in gzip, as small as can be, as old as the arena; no text where they would not be fewer. */
struct ouse_str http_gzip(struct arena *arena, struct ouse_str bytes);

/* The problem document of a failed request, into `out`. */
void http_problem_json(const struct problem *problem, struct ouse_str request_id, struct buffer *out);

/* ---- router.c ---------------------------------------------------------- */

struct router;

struct router *router_create(void);
void router_destroy(struct router *router); /* legal on NULL */

/* Adds a route. The pattern is absolute: "/api/v1/hubs/{id}/portfolio"; a
 * literal segment is preferred to a placeholder; a last segment "{*}" takes all
 * that is left, however many segments. Patterns are copied, `arg` is not.
 * OUSE_E_CONFLICT when method and pattern are taken (placeholders of different
 * names are the same pattern). Not to be called once the server runs. `kind` is a word
 * that the requests of routes which are alike are counted under: few, and not copied. */
ouse_rc router_add(struct router *router, uint32_t methods, const char *pattern, const char *kind,
                   http_handler handler, void *arg);

/* Returns the number of kinds of routes. Kinds are 0, which is "none", to router_kinds - 1. */
uint32_t router_kinds(const struct router *router);
const char *router_kind(const struct router *router, uint32_t kind);

/* Finds the route of request->segments, fills the captures. OUSE_E_NOT_FOUND,
 * or OUSE_E_METHOD with the methods that are there in *allow (GET brings HEAD;
 * OPTIONS is always in it). */
ouse_rc router_find(const struct router *router, struct http_request *request, http_handler *handler,
                    void **arg, uint32_t *allow);

/* Finds the route and runs its handler. Returns 404 if there is no route, or 405 with Allow if the
 * route has other methods. */
ouse_rc router_dispatch(const struct router *router, struct http_request *request, struct http_reply *reply);

/* "GET, HEAD, OPTIONS" for a set of methods. */
struct ouse_str http_allow(struct arena *arena, uint32_t methods);

/* ---- ask.c ------------------------------------------------------------- */

/* Returns the answer to a request for `target` ("/api/v1/hubs?limit=5", without base_path), without
 * a socket: for code of the server that shows an answer in another form. The caller fills arena and
 * problem of `request`, role and actor, and, except for a plain GET, its method, headers and
 * content. It must finish the arena, which owns the answer. The request runs within `asker` and its
 * lanes; if `asker` is NULL, the program itself makes it, without lanes. A streamed answer is
 * returned as reply->stream. */
ouse_rc http_ask(const struct router *router, const struct http_request *asker, struct http_request *request,
                 struct ouse_str target, struct http_reply *reply);

/* ---- server.c ---------------------------------------------------------- */

/* Callers with a cookie, whom a feature identifies. */
struct http_sessions {
    /* Identifies the caller by the Cookie header; called only if there is one and no Authorization. Sets
     * request->role, request->actor and request->by_cookie, or leaves the caller anonymous, or fails. */
    ouse_rc (*find)(struct http_request *request, struct ouse_str cookie, void *arg);
    void (*measure)(struct measures *out, void *arg); /* adds to http_measure */
    void (*end)(void *arg);                           /* frees all of this, after the server has ended */
    const char *secret_path; /* "/account/link/": the access log leaves out what follows it in a path */
    void *arg;
};

struct http_options {
    const char *listen;    /* "127.0.0.1:8080"; several separated by commas */
    const char *base_path; /* "" or "/register": stripped from every path; anything outside it is 404 */
    uint32_t threads;      /* most concurrent connections */
    uint32_t per_address;  /* most connections of one client address; 0: no cap */
    uint32_t share; /* per cent of the places of a lane that one client may have of those that others leave */
    const char
        *trusted_proxies; /* addresses and networks of proxies; their X-Forwarded-For names the client */
    uint32_t idle_ms;     /* keep-alive without a request */
    uint32_t
        request_ms; /* for head and body of one request to arrive; for a client to take some of an answer */
    uint32_t send_rate;        /* bytes a second of an answer that a client must take at least */
    uint32_t stop_ms;          /* for http_stop to wait until requests are answered; then they are cut off */
    uint32_t anonymous_writes; /* an hour, without a token, of one client; 0: no limit */
    uint64_t body_memory;      /* bytes of memory for the parsed bodies of all requests; 0: no bound */
    uint32_t cpu_ms;           /* processor time that one request may take; 0: any */
    uint32_t anonymous_body; /* most bytes of a body from an anonymous caller, whatever the route accepts; 0:
                                no cap */
    int access_log;
    /* Identifies the caller by the Authorization value; called only if there is one. Sets
     * request->role and request->actor, or fails with 401. */
    ouse_rc (*caller)(struct http_request *request, struct ouse_str authorization, void *arg);
    void *caller_arg;
    const struct http_sessions *sessions; /* or NULL; valid while the server runs */
    /* Renders the problem document of a failed request in another form, if the client prefers that:
     * sets body and media type, or leaves them. NULL: no other form. */
    void (*explain)(struct http_request *request, struct ouse_str document, struct http_reply *reply,
                    void *arg);
    void *explain_arg;
    struct bell *bell; /* streams wait for it; closed when the server stops; or NULL */
};

struct http_server;

/* Listens and serves until http_stop. On failure the problem names the address
 * and the reason. */
ouse_rc http_start(const struct http_options *options, const struct router *router,
                   struct http_server **server, struct problem *problem);

/* Returns the port of the first address; useful if the option was port 0. */
int http_port(const struct http_server *server);

/* Finishes every accepted request, answers 503 to new connections, then frees the server. After
 * stop_ms it closes the connections of clients that are not done; it waits for handlers. Legal on
 * NULL. */
void http_stop(struct http_server *server);

/* Turns the access log on or off while the server runs. */
void http_set_access_log(struct http_server *server, int on);

/* Adds the metrics of the server of a request; adds nothing if no client is connected. */
void http_measure(const struct http_request *request, struct measures *measures);

#endif
