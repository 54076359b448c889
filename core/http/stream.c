/* stream: an answer whose body is made while it is sent, piece by piece.
 *
 *     first piece ─> head ─> chunk ─> next piece ─> chunk ─> … ─> end
 *
 * The first piece is made before the head, so that what fails at once is still
 * told as a problem. Later failures, and a server that stops, end the connection
 * without the last chunk: the client sees that the answer is not whole. To
 * HTTP/1.0, which has no chunks, the end of the connection is that of the answer.
 */
#include "../observe/log.h"
#include "server.h"
#include <civetweb.h>

enum { WRITE = 256 << 10 /* bytes that a client has request_ms for */ };

int stream_write(struct exchange *exchange)
{
    struct buffer *out = &exchange->worker->out;
    for (size_t at = 0; at < out->n; at += WRITE) {
        size_t n = out->n - at < WRITE ? out->n - at : WRITE;
        if (mg_write(exchange->wire, out->at + at, n) != (int)n)
            return -1;
    }
    exchange->sent += out->n;
    counter_add(&exchange->server->sent, out->n);
    return 0;
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

/* Puts the piece behind what is in the worker's buffer. No piece is the end, in chunks. */
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
