/* server: what the two halves of the server share: server.c, which holds
 * CivetWeb by its callbacks, and answer.c, which goes the way of one request.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "exchange.h"
#include <pthread.h>
#include <stdatomic.h>

#define SERVER_REPLY_MAX (256u << 20) /* bytes of an answer */

struct http_server {
    struct http_options options; /* its texts are copies */
    atomic_int access_log;       /* the one option that changes while it serves */
    const struct router *router;
    struct mg_context *context;
    struct worker *workers; /* one for each thread */
    atomic_uint n_workers;  /* of which are in use */

    atomic_int starting, stopping;
    char reason[256]; /* why it does not start */

    pthread_mutex_t lock; /* for the addresses of the workers, and with `idle` */
    pthread_cond_t idle;  /* no request is in flight any more */
    atomic_uint in_flight;

    atomic_uint_fast64_t requests, refused, errors;
    atomic_uint connections, lanes[HTTP_LANES];
};

/* Answers the request on a connection, on its worker's thread; returns the
 * status. `refused` is what CivetWeb refused it for, if it did. */
int answer_request(struct mg_connection *wire, struct refusal refused);

/* stream.c */

/* Makes the first piece of a streamed reply. stream_end is due either way. */
ouse_rc stream_begin(struct exchange *exchange, const struct http_reply *reply);

/* Sends what is in the worker's buffer, then the pieces; 0, or -1 when the
 * connection is to be closed. */
int stream_send(struct http_server *server, struct exchange *exchange, const struct http_stream *stream);
void stream_end(struct exchange *exchange);

/* lane.c: leaves the lanes that a request entered. */
void lanes_leave(struct exchange *exchange);

/* Writes out the worker's buffer; 0, or -1. */
int stream_write(struct exchange *exchange);

#endif
