/* server: runs CivetWeb through its callbacks.
 *
 * CivetWeb has two ways into its own file and form code, each with a known overflow: the redirect
 * of a directory (CVE-2025-55763) is reached if begin_request returns 0, the form parser
 * (CVE-2025-9648) if a program calls mg_handle_form_request. Here begin_request returns the status
 * of its answer, never 0; nothing calls the parser; and there is no document root.
 *
 * CivetWeb does not pass all requests to begin_request. Those that it rejects come to http_error.
 * Those that look like requests for a proxy (the target "*", or an absolute one with another port,
 * as after a port mapping) would be dropped without an answer: connection_close answers them. */
#include "server.h"
#include "../base/clock.h"
#include "../base/heap.h"
#include "../observe/log.h"
#include <civetweb.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HOUR = 60 * 60 * 1000 };
enum { BUFFER = 65536 }; /* CivetWeb's for a head; well over HYGIENE_HEAD_MAX */

/* Called by a worker for a request that CivetWeb could parse. */
static int begin_request(struct mg_connection *wire)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    if (worker->late)
        return answer_request(wire, (struct refusal){0});
    atomic_fetch_add(&server->in_flight, 1);
    int status = answer_request(wire, (struct refusal){0});
    if (atomic_fetch_sub(&server->in_flight, 1) == 1 && atomic_load(&server->stopping)) {
        pthread_mutex_lock(&server->lock);
        pthread_cond_signal(&server->idle);
        pthread_mutex_unlock(&server->lock);
    }
    return status;
}

/* Runs on a worker for a request that CivetWeb rejects; CivetWeb then closes the connection.
 * Replaces the message of CivetWeb: its 400 also means that a head did not arrive in time, and the
 * checks find a more precise reason. */
static int http_error(struct mg_connection *wire, int status, const char *message)
{
    (void)status, (void)message;
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    uint32_t patience = server->options.request_ms < server->options.idle_ms ? server->options.request_ms
                                                                             : server->options.idle_ms;
    worker->ending = 1;
    int late = server_connection(wire)->expired || clock_monotonic() - worker->waiting_since >= patience;
    if (late && !mg_get_request_info(wire)->http_version)
        answer_request(wire, (struct refusal){408, "The head did not arrive in time."});
    else
        answer_request(wire, (struct refusal){400, "The request is not HTTP/1.1, or its head is too large."});
    return 0;
}

/* Called by a worker when the connection is about to be closed. */
static void connection_close(const struct mg_connection *wire)
{
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    const struct mg_request_info *info = mg_get_request_info(wire);
    int dropped = info && info->request_uri && !info->local_uri && !worker->ending;
    worker->ending = 1;
    if (dropped)
        answer_request((struct mg_connection *)wire, (struct refusal){0});
    gate_leave(server->gate, server_connection(wire));
    worker->connection = NULL;
    atomic_fetch_sub(&server->connections, 1);
}

/* Called by a worker before it waits for the first request of a connection. */
static int init_connection(const struct mg_connection *wire, void **data)
{
    (void)data;
    struct http_server *server = mg_get_user_context_data(wire);
    struct worker *worker = mg_get_thread_pointer(wire);
    atomic_fetch_add(&server->connections, 1);
    worker->late = atomic_load(&server->stopping);
    worker->ending = 0;
    worker->waiting_since = clock_monotonic();
    return 0;
}

static void *init_thread(const struct mg_context *context, int type)
{
    struct http_server *server = mg_get_user_data(context);
    if (type == 0)
        gate_attend(server->gate);
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
    struct worker *worker = pointer;
    (void)context;
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

static struct mg_context *start_civetweb(struct http_server *server)
{
    char threads[12], request_ms[12], idle_ms[12], buffer[12];
    snprintf(threads, sizeof threads, "%u", server->options.threads);
    snprintf(request_ms, sizeof request_ms, "%u", server->options.request_ms);
    snprintf(idle_ms, sizeof idle_ms, "%u", server->options.idle_ms);
    snprintf(buffer, sizeof buffer, "%d", BUFFER);
    const char *settings[][2] = {
        {"listening_ports", server->options.listen},
        {"num_threads", threads},
        {"request_timeout_ms", request_ms},
        {"keep_alive_timeout_ms", idle_ms},
        {"max_request_size", buffer},
        {"enable_keep_alive", "yes"},
        {"tcp_nodelay", "1"},
        {"decode_url", "no"},
        {"enable_auth_domain_check", "no"},
        {"enable_directory_listing", "no"},
        {"connection_queue", "1024"},
        {"listen_backlog", "1024"},
        {NULL, NULL},
    };
    static const struct mg_callbacks callbacks = {
        .begin_request = begin_request,
        .http_error = http_error,
        .connection_close = connection_close,
        .init_connection = init_connection,
        .init_thread = init_thread,
        .exit_thread = exit_thread,
        .log_message = log_message,
    };
    gate_learn(server->gate);
    struct mg_context *context = mg_start(&callbacks, server, &settings[0][0]);
    gate_learn(NULL);
    if (context && gate_take_over(server->gate) != 0) {
        snprintf(server->reason, sizeof server->reason, "the listeners cannot be taken over: %s",
                 strerror(errno));
        mg_stop(context);
        context = NULL;
    }
    return context;
}

static void destroy(struct http_server *server)
{
    memory_destroy(&server->memory);
    quota_destroy(server->quota);
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->lock);
    free((char *)server->options.listen);
    free((char *)server->options.base_path);
    free((char *)server->options.trusted_proxies);
    free(server->workers);
    gate_destroy(server->gate);
    clients_destroy(server->clients);
    free(server->counts);
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
    pthread_condattr_t monotonic;
    made->options = *options;
    made->access_log = options->access_log;
    made->options.listen = copy(options->listen);
    made->options.base_path = copy(options->base_path);
    made->options.trusted_proxies = copy(options->trusted_proxies);
    made->router = router;
    made->counts = counts_create(router);
    made->workers = heap_zero(options->threads * sizeof *made->workers);
    made->clients = clients_create();
    made->gate = gate_create(
        &(struct gate_options){options->threads, options->per_address, options->request_ms}, made->clients);
    for (uint32_t i = 0; i < options->threads; i++)
        buffer_init(&made->workers[i].out, SERVER_REPLY_MAX);
    pthread_mutex_init(&made->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&made->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    made->quota = quota_create(options->anonymous_writes, HOUR);
    memory_create(&made->memory, (size_t)options->body_memory);
    atomic_store(&made->starting, 1);
    made->context = start_civetweb(made);
    atomic_store(&made->starting, 0);
    if (!made->context) {
        int taken = strstr(made->reason, strerror(EADDRINUSE)) != NULL;
        problem_fail(problem, OUSE_E_UNAVAILABLE, "Cannot listen on %s: %s", options->listen,
                     taken ? "another program listens there; end it, or choose another port" : made->reason);
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

/* Waits until no request is in flight. Those that are not answered in time lose their connection,
 * which ends every wait for a client; a handler that computes ends by itself. */
static void finish_requests(struct http_server *server)
{
    struct timespec until;
    int late = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += server->options.stop_ms / 1000;
    until.tv_nsec += (long)(server->options.stop_ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&server->lock);
    while (atomic_load(&server->in_flight) > 0 && !late)
        late = pthread_cond_timedwait(&server->idle, &server->lock, &until) == ETIMEDOUT;
    if (atomic_load(&server->in_flight) > 0) {
        log_warn("http", "%u requests were not answered %u ms after the stop: their connections are closed",
                 atomic_load(&server->in_flight), server->options.stop_ms);
        gate_cut(server->gate);
    }
    while (atomic_load(&server->in_flight) > 0)
        pthread_cond_wait(&server->idle, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

void http_stop(struct http_server *server)
{
    if (!server)
        return;
    atomic_store(&server->stopping, 1);
    if (server->options.bell)
        bell_close(server->options.bell);
    finish_requests(server);
    gate_shut(server->gate);
    mg_stop(server->context);
    destroy(server);
}

void http_set_access_log(struct http_server *server, int on)
{
    server->access_log = on;
}
