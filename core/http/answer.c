/* answer: the way of one request: checks, caller, route, handler, reply, write.
 *
 * The arena is finished when head and body are in the worker's buffer, before
 * the socket is touched: no snapshot waits for a slow client.
 */
#include "../observe/log.h"
#include "server.h"
#include <civetweb.h>
#include <stdio.h>

enum { KEPT = 256 << 10 }; /* bytes of a worker's buffer, from request to request */

/* ---- one request */

/* Rejects requests that the state of the connection or the server forbids. */
static ouse_rc admit(struct exchange *exchange)
{
    counter *refused = exchange->server->refused;
    if (exchange->worker->late) {
        counter_add(&refused[REFUSED_STOPPING], 1);
        return problem_fail(&exchange->problem, OUSE_E_UNAVAILABLE, "The server is stopping.");
    }
    if (exchange->worker->connection->crowded) {
        counter_add(&refused[REFUSED_CROWDED], 1);
        return problem_fail(&exchange->problem, OUSE_E_BUSY, "Your address has too many connections.");
    }
    return OUSE_OK;
}

static ouse_rc identify(const struct http_server *server, struct http_request *request,
                        const struct http_head *head)
{
    struct ouse_str authorization = head->known[KNOWN_AUTHORIZATION];
    request->role = OUSE_PUBLIC;
    request->actor = ouse_s("");
    const struct http_sessions *sessions = server->options.sessions;
    if (authorization.p && server->options.caller)
        return server->options.caller(request, authorization, server->options.caller_arg);
    if (head->known[KNOWN_COOKIE].p && !authorization.p && sessions)
        return sessions->find(request, head->known[KNOWN_COOKIE], sessions->arg);
    return OUSE_OK;
}

/* Strips base_path. Outside of it there is nothing but the redirect into it. */
static ouse_rc enter(const struct http_server *server, struct http_request *request, struct http_reply *reply)
{
    struct ouse_str base = ouse_s(server->options.base_path);
    struct ouse_str path = request->path;
    if (path.n < base.n || memcmp(path.p, base.p, base.n) != 0 || (path.n > base.n && path.p[base.n] != '/'))
        return problem_fail(request->problem, OUSE_E_NOT_FOUND, "Everything here is under %s/.", base.p);
    if (path.n == base.n) {
        reply->status = 308;
        http_reply_header(reply, "Location",
                          arena_printf(request->arena, "%s/%s%.*s", base.p, request->query.p ? "?" : "",
                                       (int)request->query.n, request->query.p ? request->query.p : ""));
        return OUSE_OK;
    }
    request->path.p += base.n;
    request->path.n -= base.n;
    return OUSE_OK;
}

/* A clean request, answered. */
static ouse_rc answer(const struct http_server *server, struct exchange *exchange, struct http_reply *reply)
{
    struct http_request *request = &exchange->request;
    ouse_rc rc = admit(exchange);
    if (rc)
        return rc;
    if (ouse_is(request->path, "*")) { /* the server as a whole; only OPTIONS comes so */
        reply->status = 204;
        http_reply_header(reply, "Allow", http_allow(request->arena, ~0u));
        return OUSE_OK;
    }
    if ((rc = enter(server, request, reply)) || reply->status)
        return rc;
    struct refusal refusal = request_path(request);
    if (refusal.status) {
        reply->close = 1;
        return problem_refuse(exchange, refusal);
    }
    if ((rc = identify(server, request, &exchange->head)))
        return rc;
    return router_dispatch(server->router, request, reply);
}

/* The reply of a failure. Its headers stay. */
static void fail(const struct http_server *server, struct exchange *exchange, ouse_rc rc,
                 struct http_reply *reply, struct buffer *document)
{
    if (!exchange->problem.rc)
        exchange->problem.rc = rc;
    reply->status = problem_told_as(&exchange->problem)->status;
    reply->content_type = ouse_s("application/problem+json");
    reply->etag = exchange->problem.etag;
    reply->cache_control = (struct ouse_str){0};
    reply->stream = NULL;
    http_problem_json(&exchange->problem, exchange->request.id, document);
    reply->body = buffer_view(document);
    if (server->options.explain)
        server->options.explain(&exchange->request, reply->body, reply, server->options.explain_arg);
}

/* Returns whether the connection ends with this answer: if workers run short, they are not left to
 * idle clients, and a body that was not read must not be parsed as a request. */
static int must_close(struct http_server *server, const struct exchange *exchange,
                      const struct http_reply *reply)
{
    return reply->close || (reply->stream && exchange->head.minor == 0) || !exchange->head.keep_alive ||
           exchange->unread > 0 || exchange->worker->ending || exchange->worker->late ||
           exchange->worker->connection->crowded || atomic_load(&server->stopping) ||
           atomic_load(&server->connections) * 4 > server->options.threads * 3;
}

/* A line of the log has room for so many bytes of a target, and for all that follows it. */
enum { LOGGED = 600 };

/* The target of a request, without the secret that its path may end in. */
static struct ouse_str loggable(const struct http_server *server, struct ouse_str target)
{
    const struct http_sessions *sessions = server->options.sessions;
    const char *path = sessions ? sessions->secret_path : NULL;
    const char *at = path && target.n ? memmem(target.p, target.n, path, strlen(path)) : NULL;
    if (at)
        target.n = (uint32_t)(at - target.p) + (uint32_t)strlen(path);
    return target;
}

static void log_access(const struct exchange *exchange, int status)
{
    const struct mg_request_info *info = mg_get_request_info(exchange->wire);
    struct ouse_str target = loggable(exchange->server, exchange->head.target);
    int whole = target.n <= LOGGED;
    log_info("http", "%s %s %.*s%s %d %zu %lldms %.*s", exchange->worker->connection->text,
             exchange->head.method ? info->request_method : "-", whole ? (int)target.n : LOGGED,
             target.p ? target.p : "", whole ? "" : "...", status, (size_t)exchange->sent,
             (long long)exchange_age(exchange), (int)exchange->request.id.n, exchange->request.id.p);
}

/* After the last answer: reads a little more of the body that the client still sends, so that the
 * connection is not reset before the client has read the answer. */
static void drain(struct exchange *exchange)
{
    char bytes[4096];
    uint64_t most = exchange->head.known[KNOWN_EXPECT].p ? 0 : HTTP_BODY_MAX;
    connection_waits(exchange->worker->connection, clock_monotonic(), GATE_YIELD_MS);
    while (exchange->unread > 0 && most > 0) {
        size_t wanted = exchange->unread < sizeof bytes ? (size_t)exchange->unread : sizeof bytes;
        int got = mg_read(exchange->wire, bytes, wanted);
        if (got < (int)wanted || exchange_age(exchange) > exchange->request_ms)
            return;
        exchange->unread -= (uint64_t)got;
        most -= (uint64_t)got < most ? (uint64_t)got : most;
    }
}

static void send_reply(struct http_server *server, struct exchange *exchange, const struct http_reply *reply)
{
    struct buffer *out = &exchange->worker->out;
    if (reply->close)
        mg_disable_connection_keep_alive(exchange->wire);
    int broken = reply->stream && !exchange->head.head ? stream_send(server, exchange, reply->stream)
                                                       : stream_write(exchange);
    if (broken)
        mg_disable_connection_keep_alive(exchange->wire);
    else if (reply->close && !exchange->problem.kind)
        drain(exchange);
    if (server->access_log)
        log_access(exchange, reply->status);
    if (out->room > KEPT)
        buffer_finish(out);
}

/* Turns the result of a request into the answer, and sends it. */
static int finish(struct http_server *server, struct exchange *exchange, ouse_rc rc, struct http_reply *reply)
{
    struct buffer document;
    buffer_init(&document, SERVER_REPLY_MAX / 2);
    if (!rc && reply->stream)
        rc = stream_begin(exchange, reply);
    if (rc)
        fail(server, exchange, rc, reply, &document);
    else if (reply->status == 0)
        reply->status = 200;
    reply_condition(exchange, reply);
    compress_reply(exchange, reply);
    reply->close = must_close(server, exchange, reply);
    reply_write(exchange, reply);
    if (exchange->worker->out.overflow) {
        log_error("http", "an answer is over %u bytes", SERVER_REPLY_MAX);
        *reply = (struct http_reply){.status = 500, .close = 1};
        reply_write(exchange, reply);
    }
    if (!reply->stream) {
        lanes_leave(exchange);
        arena_finish(&exchange->arena);
        memory_release(exchange);
    }
    buffer_finish(&document);
    count_answer(server, exchange, reply->status);
    send_reply(server, exchange, reply);
    stream_end(exchange);
    lanes_leave(exchange);
    arena_finish(&exchange->arena);
    if (reply->stream)
        memory_release(exchange);
    return reply->status;
}

/* Returns whether the head is what the client sent now. CivetWeb accepts white space that ends in
 * an empty line as a whole head, skips it, and continues to parse the data that an earlier client
 * left in the buffer of the worker: this may be a request with a token. So a head must begin at the
 * front of the buffer, or after the one empty line that RFC 9112 2.2 allows. The front is the first
 * place where any head of this worker began: nothing was left there before. */
static int is_fresh(struct worker *worker, const char *start)
{
    if (!start)
        return 1;
    if (!worker->front || start < worker->front)
        worker->front = start;
    return start == worker->front || (start == worker->front + 2 && start[-2] == '\r' && start[-1] == '\n');
}

/* Runs the checks. If they find no reason, the reason of CivetWeb remains. */
static struct refusal check(const struct mg_request_info *info, struct refusal refused,
                            struct exchange *exchange)
{
    if (!is_fresh(exchange->worker, info->request_method))
        return (struct refusal){400, "There is white space before the request line."};
    struct refusal refusal = hygiene_check(info, &exchange->head);
    return refused.status && (!refusal.status || !info->http_version) ? refused : refusal;
}

/* Fills the handler's view of a request that passed the checks. */
static void present(struct exchange *exchange)
{
    const struct http_head *head = &exchange->head;
    exchange->request = (struct http_request){
        .arena = &exchange->arena,
        .problem = &exchange->problem,
        .method = head->method,
        .head = head->head,
        .chunked = head->length == HYGIENE_CHUNKED,
        .path = head->target,
        .query = head->query,
        .id = reply_id(exchange->worker, head->known[KNOWN_REQUEST_ID]),
        .connection = exchange,
        .deadline = &exchange->deadline,
    };
    exchange->unread = head->length;
}

int answer_request(struct mg_connection *wire, struct refusal refused)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    const struct mg_request_info *info = mg_get_request_info(wire);
    struct exchange exchange = {.wire = wire, .server = server, .worker = worker, .began = clock_micros()};
    exchange.request_ms = server->options.request_ms;
    arena_init(&exchange.arena);
    problem_init(&exchange.problem, &exchange.arena);
    deadline_begin(&exchange.deadline, (int64_t)server->options.cpu_ms * 1000, &lane_owner, &exchange);
    connection_works(server_connection(wire));

    struct refusal refusal = check(info, refused, &exchange);
    present(&exchange);
    struct http_reply reply = {.close = refusal.status != 0};
    ouse_rc rc = refusal.status ? problem_refuse(&exchange, refusal) : answer(server, &exchange, &reply);
    if (refusal.status)
        counter_add(&server->refused[REFUSED_UNCLEAN], 1);
    int status = finish(server, &exchange, rc, &reply);
    int64_t ended = clock_micros();
    count_end(server, &exchange, ended);
    worker->waiting_since = ended / 1000;
    connection_waits(worker->connection, worker->waiting_since, GATE_IDLE_MS);
    return status;
}
