/* server: CivetWeb held by its callbacks, and the way of a request through this folder.
 *
 * CivetWeb has two ways into its own file and form code, each with a known
 * overflow: the redirect of a directory (CVE-2025-55763) is reached when
 * begin_request returns 0, the form parser (CVE-2025-9648) when somebody calls
 * mg_handle_form_request. Here begin_request returns the status it answered
 * with, never 0; nobody calls the parser; and there is no document root.
 *
 * Of the requests that CivetWeb does not hand to begin_request, those that it
 * refuses come to http_error, and those that it takes for a proxy's (the
 * target "*", or an absolute one with another port, as behind a port mapping)
 * would be dropped without a word: connection_close answers them.
 */
#include "../base/clock.h"
#include "../base/heap.h"
#include "../observe/log.h"
#include "exchange.h"
#include <civetweb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    REPLY_MAX = 256 << 20, /* bytes of an answer */
    KEPT = 256 << 10,      /* of a worker's buffer from request to request */
    BUFFER = 65536         /* CivetWeb's for a head; well over HYGIENE_HEAD_MAX */
};

struct http_server {
    struct http_options options; /* its texts are copies */
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

/* ---- one request */

static struct refusal refuse(int status, const char *detail)
{
    return (struct refusal){status, detail};
}

/* Notes the client's address with the first request of a connection (CivetWeb
 * does not tell it sooner), and whether it has more connections than it may. */
static void enroll(struct http_server *server, struct worker *worker, const char *address)
{
    uint32_t same = 0;
    pthread_mutex_lock(&server->lock);
    snprintf(worker->address, sizeof worker->address, "%s", address);
    for (uint32_t i = 0; i < server->options.threads; i++)
        same += strcmp(server->workers[i].address, address) == 0;
    pthread_mutex_unlock(&server->lock);
    worker->crowded = server->options.per_address && same > server->options.per_address;
}

/* What the state of the connection or the server forbids. */
static ouse_rc admit(struct exchange *exchange)
{
    if (exchange->worker->late)
        return problem_fail(&exchange->problem, OUSE_E_UNAVAILABLE, "The server is stopping.");
    if (exchange->worker->crowded)
        return problem_fail(&exchange->problem, OUSE_E_BUSY, "Your address has too many connections.");
    return OUSE_OK;
}

static ouse_rc identify(const struct http_server *server, struct http_request *request,
                        const struct http_head *head)
{
    struct ouse_str authorization = head->known[KNOWN_AUTHORIZATION];
    request->role = OUSE_PUBLIC;
    request->actor = ouse_s("");
    if (!authorization.p || !server->options.caller)
        return OUSE_OK;
    return server->options.caller(request, authorization, server->options.caller_arg);
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

/* Runs the handler, or says which methods there are instead. */
static ouse_rc dispatch(const struct http_server *server, struct http_request *request,
                        struct http_reply *reply)
{
    http_handler handler;
    void *arg;
    uint32_t allow = 0;
    ouse_rc rc = router_find(server->router, request, &handler, &arg, &allow);
    if (rc == OUSE_OK)
        return handler(request, reply, arg);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(request->problem, rc, "Nothing is at this path.");
    struct ouse_str methods = http_allow(request->arena, allow);
    http_reply_header(reply, "Allow", methods);
    if (request->method != HTTP_OPTIONS)
        return problem_fail(request->problem, rc, "The methods of this resource are %.*s.", (int)methods.n,
                            methods.p);
    reply->status = 204;
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
    return dispatch(server, request, reply);
}

/* The reply of a failure. Its headers stay. */
static void fail(struct exchange *exchange, ouse_rc rc, struct http_reply *reply, struct buffer *document)
{
    if (!exchange->problem.rc)
        exchange->problem.rc = rc;
    reply->status = problem_status(exchange);
    reply->content_type = ouse_s("application/problem+json");
    reply->etag = reply->cache_control = (struct ouse_str){0};
    problem_document(exchange, document);
    reply->body = buffer_view(document);
}

/* Whether the connection ends with this answer: workers that run short are not
 * left to idle clients, and a body that nobody read is not taken for a request. */
static int must_close(struct http_server *server, const struct exchange *exchange,
                      const struct http_reply *reply)
{
    return reply->close || !exchange->head.keep_alive || exchange->unread > 0 || exchange->worker->ending ||
           exchange->worker->late || exchange->worker->crowded || atomic_load(&server->stopping) ||
           atomic_load(&server->connections) * 4 > server->options.threads * 3;
}

static void log_access(const struct exchange *exchange, int status)
{
    const struct mg_request_info *info = mg_get_request_info(exchange->wire);
    log_info("http", "%s %s %.*s %d %zu %lldms %.*s", exchange->worker->address,
             exchange->head.method ? info->request_method : "-", (int)exchange->head.target.n,
             exchange->head.target.p ? exchange->head.target.p : "", status, exchange->worker->out.n,
             (long long)(clock_monotonic() - exchange->began), (int)exchange->request.id.n,
             exchange->request.id.p);
}

/* After the last answer: takes in what the client still sends of a body (a
 * little), so that the connection is not reset before it has read the answer. */
static void drain(struct exchange *exchange)
{
    char bytes[4096];
    uint64_t most = exchange->head.known[KNOWN_EXPECT].p ? 0 : HTTP_BODY_MAX;
    while (exchange->unread > 0 && most > 0) {
        size_t wanted = exchange->unread < sizeof bytes ? (size_t)exchange->unread : sizeof bytes;
        int got = mg_read(exchange->wire, bytes, wanted);
        if (got < (int)wanted || clock_monotonic() - exchange->began > exchange->request_ms)
            return;
        exchange->unread -= (uint64_t)got;
        most -= (uint64_t)got < most ? (uint64_t)got : most;
    }
}

static void send_reply(struct http_server *server, struct exchange *exchange, int status, int close)
{
    struct buffer *out = &exchange->worker->out;
    if (close)
        mg_disable_connection_keep_alive(exchange->wire);
    if (mg_write(exchange->wire, out->at, out->n) != (int)out->n)
        mg_disable_connection_keep_alive(exchange->wire);
    else if (close && !exchange->failed)
        drain(exchange);
    if (server->options.access_log)
        log_access(exchange, status);
    if (out->room > KEPT)
        buffer_finish(out);
}

/* Turns what came of a request into the answer, and sends it. */
static int finish(struct http_server *server, struct exchange *exchange, ouse_rc rc, struct http_reply *reply)
{
    struct buffer document;
    buffer_init(&document, REPLY_MAX / 2);
    if (rc)
        fail(exchange, rc, reply, &document);
    else if (reply->status == 0)
        reply->status = 200;
    reply_condition(exchange, reply);
    reply->close = must_close(server, exchange, reply);
    reply_write(exchange, reply);
    if (exchange->worker->out.overflow) {
        log_error("http", "an answer is over %d bytes", REPLY_MAX);
        *reply = (struct http_reply){.status = 500, .close = 1};
        reply_write(exchange, reply);
    }
    arena_finish(&exchange->arena);
    buffer_finish(&document);
    send_reply(server, exchange, reply->status, reply->close);
    if (reply->status >= 500)
        atomic_fetch_add(&server->errors, 1);
    return reply->status;
}

/* Serves one request; `refused` is what CivetWeb refused it for, if it did. */
static int serve(struct mg_connection *wire, struct refusal refused)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    struct exchange exchange = {.wire = wire, .worker = worker, .began = clock_monotonic()};
    struct http_request *request = &exchange.request;
    struct http_reply reply = {0};
    exchange.request_ms = server->options.request_ms;
    arena_init(&exchange.arena);
    problem_init(&exchange.problem, &exchange.arena);

    struct refusal refusal = hygiene_check(mg_get_request_info(wire), &exchange.head);
    if (refused.status && !(refusal.status && mg_get_request_info(wire)->http_version))
        refusal = refused;
    request->arena = &exchange.arena;
    request->problem = &exchange.problem;
    request->connection = &exchange;
    request->method = exchange.head.method;
    request->head = exchange.head.head;
    request->path = exchange.head.target;
    request->query = exchange.head.query;
    request->id = reply_id(worker, exchange.head.known[KNOWN_REQUEST_ID]);
    exchange.unread = exchange.head.length;
    if (!worker->address[0])
        enroll(server, worker, mg_get_request_info(wire)->remote_addr);

    atomic_fetch_add(&server->requests, 1);
    reply.close = refusal.status != 0;
    ouse_rc rc = refusal.status ? problem_refuse(&exchange, refusal) : answer(server, &exchange, &reply);
    if (refusal.status)
        atomic_fetch_add(&server->refused, 1);
    int status = finish(server, &exchange, rc, &reply);
    worker->waiting_since = clock_monotonic();
    return status;
}

/* ---- CivetWeb's callbacks */

/* Called by a worker for a request that CivetWeb could parse. */
static int begin_request(struct mg_connection *wire)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    if (worker->late)
        return serve(wire, (struct refusal){0});
    atomic_fetch_add(&server->in_flight, 1);
    int status = serve(wire, (struct refusal){0});
    if (atomic_fetch_sub(&server->in_flight, 1) == 1 && atomic_load(&server->stopping)) {
        pthread_mutex_lock(&server->lock);
        pthread_cond_signal(&server->idle);
        pthread_mutex_unlock(&server->lock);
    }
    return status;
}

/* Called by a worker for a request that CivetWeb refuses; it closes the
 * connection then. It says 400 of a head that did not arrive in time, too. */
static int http_error(struct mg_connection *wire, int status, const char *message)
{
    (void)message;
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    uint32_t patience = server->options.request_ms < server->options.idle_ms ? server->options.request_ms
                                                                             : server->options.idle_ms;
    worker->ending = 1;
    if (!mg_get_request_info(wire)->http_version && clock_monotonic() - worker->waiting_since >= patience)
        serve(wire, refuse(408, "The head did not arrive in time."));
    else
        serve(wire,
              refuse(status == 505 ? 505 : 400, "The request is not HTTP/1.1, or its head is too large."));
    return 0;
}

static void connection_close(const struct mg_connection *wire)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    const struct mg_request_info *info = mg_get_request_info(wire);
    int dropped = info && info->request_uri && !info->local_uri && !worker->ending;
    worker->ending = 1;
    if (dropped)
        serve((struct mg_connection *)wire, (struct refusal){0});
    pthread_mutex_lock(&server->lock);
    worker->address[0] = '\0';
    pthread_mutex_unlock(&server->lock);
    atomic_fetch_sub(&server->connections, 1);
}

static int init_connection(const struct mg_connection *wire, void **data)
{
    (void)data;
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    atomic_fetch_add(&server->connections, 1);
    worker->late = atomic_load(&server->stopping);
    worker->ending = 0;
    worker->crowded = 0;
    worker->waiting_since = clock_monotonic();
    return 0;
}

static void *init_thread(const struct mg_context *context, int type)
{
    struct http_server *server = mg_get_user_data(context);
    if (type != 1)
        return NULL;
    struct worker *worker = &server->workers[atomic_fetch_add(&server->n_workers, 1)];
    unsigned char random[8];
    random_fill(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(worker->prefix + 2 * i, 3, "%02x", random[i]);
    return worker;
}

static void exit_thread(const struct mg_context *context, int type, void *pointer)
{
    (void)context;
    struct worker *worker = pointer;
    if (type == 1)
        buffer_finish(&worker->out);
}

/* CivetWeb's own words: while it starts, the reason why it does not. */
static int log_message(const struct mg_connection *wire, const char *message)
{
    struct http_server *server = mg_get_user_data(mg_get_context(wire));
    if (!atomic_load(&server->starting))
        log_warn("http", "%s", message);
    else if (!server->reason[0])
        snprintf(server->reason, sizeof server->reason, "%s", message);
    return 1;
}

/* ---- start and stop */

static struct mg_context *start_civetweb(struct http_server *server)
{
    char threads[12], request_ms[12], idle_ms[12], buffer[12];
    snprintf(threads, sizeof threads, "%u", server->options.threads);
    snprintf(request_ms, sizeof request_ms, "%u", server->options.request_ms);
    snprintf(idle_ms, sizeof idle_ms, "%u", server->options.idle_ms);
    snprintf(buffer, sizeof buffer, "%d", BUFFER);
    const char *settings[] = {"listening_ports",
                              server->options.listen,
                              "num_threads",
                              threads,
                              "request_timeout_ms",
                              request_ms,
                              "keep_alive_timeout_ms",
                              idle_ms,
                              "max_request_size",
                              buffer,
                              "enable_keep_alive",
                              "yes",
                              "tcp_nodelay",
                              "1",
                              "decode_url",
                              "no",
                              "enable_auth_domain_check",
                              "no",
                              "enable_directory_listing",
                              "no",
                              "connection_queue",
                              "1024",
                              "listen_backlog",
                              "1024",
                              NULL};
    static const struct mg_callbacks callbacks = {
        .begin_request = begin_request,
        .http_error = http_error,
        .connection_close = connection_close,
        .init_connection = init_connection,
        .init_thread = init_thread,
        .exit_thread = exit_thread,
        .log_message = log_message,
    };
    return mg_start(&callbacks, server, settings);
}

static void destroy(struct http_server *server)
{
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->lock);
    free((char *)server->options.listen);
    free((char *)server->options.base_path);
    free(server->workers);
    free(server);
}

static char *copy(const char *text)
{
    size_t n = text ? strlen(text) : 0;
    char *bytes = heap_zero(n + 1);
    memcpy(bytes, text ? text : "", n);
    return bytes;
}

ouse_rc http_start(const struct http_options *options, const struct router *router,
                   struct http_server **server, struct problem *problem)
{
    struct http_server *made = heap_zero(sizeof *made);
    made->options = *options;
    made->options.listen = copy(options->listen);
    made->options.base_path = copy(options->base_path);
    made->router = router;
    made->workers = heap_zero(options->threads * sizeof *made->workers);
    for (uint32_t i = 0; i < options->threads; i++)
        buffer_init(&made->workers[i].out, REPLY_MAX);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->idle, NULL);
    atomic_store(&made->starting, 1);
    made->context = start_civetweb(made);
    atomic_store(&made->starting, 0);
    if (!made->context) {
        problem_fail(problem, OUSE_E_UNAVAILABLE, "Cannot listen on %s: %s", options->listen, made->reason);
        destroy(made);
        return problem->rc;
    }
    *server = made;
    return OUSE_OK;
}

int http_port(const struct http_server *server)
{
    struct mg_server_port port;
    return mg_get_server_ports(server->context, 1, &port) == 1 ? port.port : -1;
}

void http_stop(struct http_server *server)
{
    if (!server)
        return;
    atomic_store(&server->stopping, 1);
    pthread_mutex_lock(&server->lock);
    while (atomic_load(&server->in_flight) > 0)
        pthread_cond_wait(&server->idle, &server->lock);
    pthread_mutex_unlock(&server->lock);
    mg_stop(server->context);
    destroy(server);
}

void http_read_counts(const struct http_server *server, struct http_counts *counts)
{
    *counts = (struct http_counts){
        .requests = atomic_load(&server->requests),
        .refused = atomic_load(&server->refused),
        .errors = atomic_load(&server->errors),
        .connections = atomic_load(&server->connections),
    };
}
