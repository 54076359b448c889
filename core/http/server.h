/* server: shared by the two halves of the server: server.c, which runs CivetWeb through its
 * callbacks, and answer.c, which answers one request. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "exchange.h"
#include "quota.h"
#include <pthread.h>
#include <stdatomic.h>

#define SERVER_REPLY_MAX (256u << 20) /* bytes of an answer */

/* The reason to reject a request before its content is read: a lane is full (enum http_lane), or
 * one of these. */
enum {
    REFUSED_CROWDED = HTTP_LANES,
    REFUSED_STOPPING,
    REFUSED_UNCLEAN,
    REFUSED_MEMORY,
    REFUSED_QUOTA,
    REFUSED_REASONS
};

/* memory.c: the memory that requests have reserved for their bodies. */
struct body_memory {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    size_t held, most; /* bytes; most 0: no bound */
    uint32_t waiting;  /* threads that wait for room */
};
void memory_create(struct body_memory *memory, size_t most);
void memory_destroy(struct body_memory *memory);
void memory_measure(struct body_memory *memory, struct measures *out);

/* Ends the reservations of a request, after its memory was freed. */
void memory_release(struct exchange *exchange);

struct http_server {
    struct http_options options; /* its texts are copies */
    atomic_int access_log;       /* the one option that changes while it serves */
    const struct router *router;
    struct mg_context *context;
    struct worker *workers; /* one for each thread */
    atomic_uint n_workers;  /* of which are in use */
    struct gate *gate;      /* where its connections come from */
    struct clients *clients;

    atomic_int starting, stopping;
    char reason[256]; /* why it does not start */

    pthread_mutex_t lock; /* for `idle` */
    pthread_cond_t idle;  /* no request is in flight any more */
    atomic_uint in_flight;

    struct body_memory memory;
    struct quota *quota; /* of writes without a token */
    atomic_uint connections, lanes[HTTP_LANES];
    struct http_counts *counts; /* one for each kind of route */
    counter received, sent;     /* bytes of bodies; of answers */
    counter refused[REFUSED_REASONS];
    counter slow; /* answers that were broken off because the client took them too slowly */
};

/* Answers the request on a connection, on its worker thread. Returns the status. `refused` is the
 * reason if CivetWeb rejected it. */
int answer_request(struct mg_connection *wire, struct refusal refused);

/* The connection that a worker serves, on its thread. */
struct connection *server_connection(const struct mg_connection *wire);

/* stream.c */

/* Makes the first piece of a streamed reply. stream_end is due either way. */
ouse_rc stream_begin(struct exchange *exchange, const struct http_reply *reply);

/* Sends the content of the worker's buffer, then the pieces. Returns 0, or -1 if the connection
 * must be closed. */
int stream_send(struct http_server *server, struct exchange *exchange, const struct http_stream *stream);
void stream_end(struct exchange *exchange);

/* request_counts.c: counts an answer that is about to be sent, and the end of it (clock_micros). */
struct http_counts *counts_create(const struct router *router);
void count_answer(struct http_server *server, const struct exchange *exchange, int status);
void count_end(struct http_server *server, const struct exchange *exchange, int64_t ended);

/* limit.c: the owner of each exchange's deadline: a request that takes long enters the lane HTTP_QUESTIONS.
 */
extern const struct deadline_owner lane_owner;

/* limit.c: the places of a lane. */
uint32_t lane_limit(const struct http_server *server);

/* Leaves the lanes that a request entered. */
void lanes_leave(struct exchange *exchange);

/* Writes out the worker's buffer; 0, or -1. */
int stream_write(struct exchange *exchange);

#endif
