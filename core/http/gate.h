/* gate: connections between accept and their end.
 *
 *     listener ─> SILENT ─> PARTIAL ─> READY ─> SERVED ─> closed
 *                 no byte   a part     a whole  by a worker
 *                           of a head  head
 *
 * CivetWeb gives a connection to a worker, one of its threads, as soon as it has accepted it, and
 * does not show its descriptor. So clients that send nothing, or send slowly, would hold all
 * workers. The gate keeps a connection until a worker can answer at once:
 * - A SILENT connection is closed after GATE_SILENT_MS, a PARTIAL one gets 408 after request_ms. If
 *   descriptors run short, the connection that has been silent longest is closed.
 * - A READY connection waits for a free worker. If there is none, the SERVED connection whose
 *   client has kept its worker waiting longest is closed.
 * - Connections are counted by client address from accept on.
 *
 * How the gate intercepts connections: `listen` and `accept` of gate.c replace those of the C
 * library in the whole program (on threads other than CivetWeb's they do nothing else). Through
 * listen the gate learns the listening descriptors. gate_take_over then puts an epoll instance in
 * their place: CivetWeb's accepting thread polls it as it would poll a listener, and calls accept
 * if there is an event. There the gate does its work, without a thread of its own, and returns a
 * READY connection or EAGAIN. It stores the descriptor as the port of the client's address, where
 * the worker finds it (remote_port). */
#ifndef HTTP_GATE_H
#define HTTP_GATE_H

#include "client.h"

#define GATE_SILENT_MS 2000 /* for the first byte */
#define GATE_YIELD_MS \
    1000                 /* a client that keeps a worker waiting so long within a request may have to yield */
#define GATE_IDLE_MS 100 /* likewise between requests */

struct gate;

struct connection {
    struct connection *next, *previous; /* in the list of its stage */
    int stage;
    int fd;
    struct address address; /* of the client */
    char text[ADDRESS_TEXT];
    struct client *client;
    int64_t since;          /* in this stage; monotonic */
    int watched;            /* by the epoll instance */
    int crowded;            /* its client has more connections than it may */
    int expired;            /* its head did not arrive in time */
    int cut;                /* its socket was shut down by the gate */
    atomic_llong yields_at; /* from when the gate may close it in favour of another; 0: it may not */
};

/* Why the gate closes connections. */
enum gate_reason { GATE_SILENT, GATE_DISPLACED, GATE_CROWDED, GATE_REASONS };

struct gate_options {
    uint32_t threads, per_address, request_ms;
};

struct gate *gate_create(const struct gate_options *options, struct clients *clients);

/* The thread that calls this learns the listeners from the calls of listen that follow, until NULL. */
void gate_learn(struct gate *gate);

/* Takes the place of the listeners. Returns 0, or -1 with errno: without listeners ENOTSOCK. */
int gate_take_over(struct gate *gate);

/* CivetWeb's accepting thread begins. */
void gate_attend(struct gate *gate);

/* Returns the connection of a worker, by the port that CivetWeb reports for the client. */
struct connection *gate_find(struct gate *gate, int port);

/* A worker is done with its connection, which CivetWeb is about to close. */
void gate_leave(struct gate *gate, struct connection *connection);

/* Shuts down the sockets of all connections that are served. */
void gate_cut(struct gate *gate);

/* The same, and from now on no connection gets a worker. CivetWeb must be stopped next. */
void gate_shut(struct gate *gate);

/* Closes the remaining connections, after CivetWeb has ended. Legal on NULL. */
void gate_destroy(struct gate *gate);

/* Counts for http_measure: connections in a stage before SERVED; closed ones. */
uint32_t gate_waiting(struct gate *gate);
uint64_t gate_closed(struct gate *gate, enum gate_reason reason);

/* The worker waits for its client from now on: for its next request, or within one. */
static inline void connection_waits(struct connection *connection, int64_t now, int64_t grace)
{
    atomic_store_explicit(&connection->yields_at, now + grace, memory_order_relaxed);
}

static inline void connection_works(struct connection *connection)
{
    atomic_store_explicit(&connection->yields_at, 0, memory_order_relaxed);
}

#endif
