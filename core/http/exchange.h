/* exchange: one request and its answer, as the files of this folder see them.
 *
 * A worker is a thread of CivetWeb's, and the connection it serves: the two
 * belong together while the connection lives. Nobody else touches a worker.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "../base/clock.h"
#include "gate.h"
#include "http.h"
#include "request_check.h"

struct mg_connection;

struct worker {
    struct buffer out; /* head and body of an answer; kept from request to request */
    char date[48];     /* of the second `second`: "Date: Sun, 22 Nov 2026 01:38:01 GMT", and the line's end */
    int64_t second;
    char prefix[17];   /* of the request ids made here, random */
    uint64_t sequence; /* the number after it */
    char made_id[40];
    struct connection *connection; /* NULL before its first request */
    int late;                      /* the connection came after the server began to stop */
    int ending;            /* CivetWeb closes the connection after this request, whatever the answer */
    const char *front;     /* where CivetWeb's buffer for heads begins, as far as was seen */
    int64_t waiting_since; /* for a request, on the monotonic clock */
};

struct exchange {
    struct http_request request; /* request.connection is the exchange */
    struct http_head head;
    struct problem problem;
    struct arena arena;
    struct deadline deadline;
    struct mg_connection *wire;
    struct http_server *server;
    struct worker *worker;
    struct client *client; /* the client of its places in lanes; NULL if it has no place */
    uint32_t lanes;        /* bits of enum http_lane: those that the request is in */
    size_t reserved;       /* bytes of memory reserved for the parsed body: memory.c */
    int64_t began;         /* by clock_micros */
    uint32_t request_ms;   /* for the body to arrive */
    uint64_t unread;       /* bytes of the body that are still on their way */
    uint64_t received;     /* those that were read */
    struct buffer piece;   /* of a streamed body */
    int streams, more;     /* a body is streamed; it has more pieces */
    uint64_t sent;         /* bytes of the answer */
    int64_t slow_ms;       /* for which the server has waited for the client to take some; see stream.c */
    uint64_t slow_sent;    /* bytes that it has taken in this time */
};

/* Milliseconds since it began. */
static inline int64_t exchange_age(const struct exchange *exchange)
{
    return (clock_micros() - exchange->began) / 1000;
}

/* request.c */

/* The address of the client: that of the connection, or if a trusted proxy made the connection, the
 * last one of X-Forwarded-For that is no trusted proxy's. */
struct address exchange_address(const struct exchange *exchange);

/* Splits the path into segments, each decoded once. Rejects a path that is not clean. */
struct refusal request_path(struct http_request *request);

/* Returns the media type of a Content-Type value, for http_media_type. */
struct ouse_str request_media_type(struct arena *arena, struct ouse_str value);

/* problem.c */

/* Records a refusal as the exchange's problem; returns its (nearest) ouse_rc. */
ouse_rc problem_refuse(struct exchange *exchange, struct refusal refusal);

/* Its own kind, or that of its status. */
const struct problem_kind *problem_told_as(const struct problem *problem);

/* reply.c */

/* Answers a conditional GET: empties the reply to a 304 when the client has it. */
void reply_condition(struct exchange *exchange, struct http_reply *reply);

/* Returns whether an If-None-Match list contains an entity tag, by the weak comparison. */
int reply_matches(struct ouse_str list, struct ouse_str etag);

/* compress.c: puts a body into gzip, where that is taken and is worth it. */
void compress_reply(struct exchange *exchange, struct http_reply *reply);

/* Head and body into worker->out. */
void reply_write(struct exchange *exchange, const struct http_reply *reply);

/* Echoes the client's request id, or makes one. */
struct ouse_str reply_id(struct worker *worker, struct ouse_str wanted);

#endif
