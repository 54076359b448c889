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
    atomic_uint connections;
};

/* Answers the request on a connection, on its worker's thread; returns the
 * status. `refused` is what CivetWeb refused it for, if it did. */
int answer_request(struct mg_connection *wire, struct refusal refused);

#endif
