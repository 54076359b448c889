/* stream: an answer whose body is produced while it is sent, piece by piece.
 *
 *     first piece ─> head ─> chunk ─> next piece ─> chunk ─> … ─> end
 *
 * The first piece is produced before the head, so that an early failure still returns a problem. A
 * later failure, or a stop of the server, ends the connection without the last chunk, which shows
 * the client that the answer is incomplete. For HTTP/1.0, which has no chunks, the end of the
 * connection is the end of the answer. */
#include "../observe/log.h"
#include "server.h"
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum { SLICE_MS = 500 /* the socket takes a few bytes long before the system calls it writable */ };

/* Returns whether the client reads the answer too slowly. Only time in which the server has waited
 * for the client counts: in each request_ms of such time the client must take as much as send_rate
 * requires, or one byte. */
static int is_too_slow(struct exchange *exchange, int64_t waited)
{
    const struct http_options *options = &exchange->server->options;
    exchange->slow_ms += waited;
    if (exchange->slow_ms < options->request_ms)
        return 0;
    uint64_t least = (uint64_t)exchange->slow_ms * options->send_rate / 1000;
    int slow = exchange->slow_sent < least || exchange->slow_sent == 0;
    exchange->slow_ms = 0;
    return slow;
}

/* Waits until the client takes more, or for a slice of time. The gate may end the wait by a shutdown
 * of the socket. Returns 0, or -1 if the client is too slow. */
static int await_client(struct exchange *exchange)
{
    struct pollfd client = {.fd = exchange->worker->connection->fd, .events = POLLOUT};
    int64_t began = clock_monotonic();
    if (exchange->slow_ms == 0)
        exchange->slow_sent = 0;
    poll(&client, 1, SLICE_MS);
    if (!is_too_slow(exchange, clock_monotonic() - began))
        return 0;
    counter_add(&exchange->server->slow, 1);
    return -1;
}

/* Not mg_write: that lets a client take a byte now and then for as long as it likes. */
static int send_all(struct exchange *exchange, const char *bytes, size_t n)
{
    struct connection *connection = exchange->worker->connection;
    int waits = 0;
    while (n > 0) {
        ssize_t sent = send(connection->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return -1;
        size_t taken = sent > 0 ? (size_t)sent : 0;
        bytes += taken;
        n -= taken;
        exchange->sent += taken;
        exchange->slow_sent += taken;
        if (!taken && !waits)
            connection_waits(connection, clock_monotonic(), GATE_YIELD_MS);
        waits = !taken;
        if (!taken && await_client(exchange))
            return -1;
    }
    connection_works(connection);
    return 0;
}

int stream_write(struct exchange *exchange)
{
    const struct buffer *out = &exchange->worker->out;
    uint64_t before = exchange->sent;
    int rc = send_all(exchange, out->at, out->n);
    counter_add(&exchange->server->sent, exchange->sent - before);
    return rc;
}

static ouse_rc next_piece(struct exchange *exchange, const struct http_stream *stream)
{
    struct buffer *piece = &exchange->piece;
    buffer_empty(piece);
    exchange->more = 0;
    ouse_rc rc = stream->next(stream->arg, piece, &exchange->more);
    if (!rc && piece->overflow)
        rc = problem_fail(&exchange->problem, OUSE_E_TOO_LARGE, "A piece of the answer is too large");
    return rc;
}

ouse_rc stream_begin(struct exchange *exchange, const struct http_reply *reply)
{
    exchange->streams = 1;
    buffer_init(&exchange->piece, SERVER_REPLY_MAX);
    return next_piece(exchange, reply->stream);
}

/* Appends the piece to the worker's buffer. An empty piece is the end, in chunks. */
static void frame(struct exchange *exchange)
{
    struct buffer *out = &exchange->worker->out;
    if (exchange->head.minor > 0 && exchange->piece.n)
        buffer_printf(out, "%zx\r\n", exchange->piece.n);
    buffer_str(out, buffer_view(&exchange->piece));
    if (exchange->head.minor > 0 && exchange->piece.n)
        buffer_text(out, "\r\n");
    if (exchange->head.minor > 0 && !exchange->more)
        buffer_text(out, "0\r\n\r\n");
}

int stream_send(struct http_server *server, struct exchange *exchange, const struct http_stream *stream)
{
    frame(exchange);
    while (!stream_write(exchange)) {
        if (!exchange->more)
            return 0;
        if (!stream->waits && atomic_load(&server->stopping))
            return -1;
        if (next_piece(exchange, stream)) {
            log_error("http", "an answer was broken off: %.*s", OUSE_F(exchange->problem.detail));
            return -1;
        }
        buffer_empty(&exchange->worker->out);
        frame(exchange);
    }
    return -1;
}

void stream_end(struct exchange *exchange)
{
    if (exchange->streams)
        buffer_finish(&exchange->piece);
}
