/* hygiene_server: core/http with echoing handlers, for hygiene.test.mjs.
 *
 *     hygiene_server LISTEN THREADS PER_ADDRESS IDLE_MS REQUEST_MS [BASE_PATH [STOP_MS]]
 *
 * Prints the port it listens on. A line on standard input is a command:
 * "release" lets the requests to /slow go on, "log" writes an access log, "exhaust" takes all descriptors and
 * "relent" gives them back, "stop" (or the end of the input) stops the server
 * gracefully. /counts answers what the server counted.
 */
#include "http/http.h"

#include "base/buffer.h"
#include "base/json.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* What /slow waits for. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int waiting, released;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};

static void finish_buffer(void *buffer)
{
    buffer_finish(buffer);
}

/* Says what arrived, in a form that a test can compare: segments, captures and
 * parameters with their lengths, the body as it came. */
static ouse_rc echo(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct http_parameter parameters[HTTP_PARAMETERS];
    uint32_t n;
    struct ouse_str body = {"", 0};
    ouse_rc rc = http_query(request, parameters, &n);
    if (!rc && request->method & (HTTP_POST | HTTP_PUT | HTTP_PATCH))
        rc = http_body(request, 1u << 16, &body);
    if (rc)
        return rc;
    struct buffer *out = arena_zero(request->arena, sizeof *out);
    buffer_init(out, 1u << 20);
    arena_defer(request->arena, finish_buffer, out);
    buffer_printf(out, "route=%s\n", (const char *)arg);
    for (uint32_t i = 0; i < request->n_captures; i++)
        buffer_printf(out, "capture=%.*s\n", (int)request->captures[i].n, request->captures[i].p);
    for (uint32_t i = 0; i < n; i++)
        buffer_printf(out, "%.*s=%.*s\n", (int)parameters[i].name.n, parameters[i].name.p,
                      (int)parameters[i].value.n, parameters[i].value.p);
    buffer_printf(out, "actor=%.*s\nbody=%.*s\n", (int)request->actor.n, request->actor.p, (int)body.n,
                  body.p);
    reply->content_type = ouse_s("text/plain");
    reply->body = buffer_view(out);
    return OUSE_OK;
}

static ouse_rc tagged(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)request, (void)arg;
    reply->etag = ouse_s("\"v1\"");
    reply->body = ouse_s("{\"id\":\"a\"}");
    return OUSE_OK;
}

static ouse_rc slow(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)request, (void)arg;
    pthread_mutex_lock(&gate.lock);
    gate.waiting++;
    printf("waiting %d\n", gate.waiting);
    fflush(stdout);
    while (!gate.released)
        pthread_cond_wait(&gate.changed, &gate.lock);
    gate.waiting--;
    pthread_mutex_unlock(&gate.lock);
    reply->body = ouse_s("\"done\"");
    return OUSE_OK;
}

/* Takes a place in a lane, and waits there as /slow does. */
static ouse_rc lane(struct http_request *request, struct http_reply *reply, void *arg)
{
    ouse_rc rc = http_enter(request, HTTP_FEEDS);
    return rc ? rc : slow(request, reply, arg);
}

/* More than the system takes for a client that does not read. */
static ouse_rc large(struct http_request *request, struct http_reply *reply, void *arg)
{
    enum { LARGE = 24 << 20 };
    (void)arg;
    char *bytes = arena_alloc(request->arena, LARGE);
    memset(bytes, 'x', LARGE);
    reply->content_type = ouse_s("text/plain");
    reply->body = (struct ouse_str){bytes, LARGE};
    return OUSE_OK;
}

/* Works until the client is gone. */
static ouse_rc watch(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const struct timespec pause = {.tv_nsec = 2000000};
    (void)arg;
    printf("watching %d\n", http_gone(request));
    fflush(stdout);
    while (!http_gone(request))
        nanosleep(&pause, NULL);
    printf("gone\n");
    fflush(stdout);
    reply->body = ouse_s("\"gone\"");
    return OUSE_OK;
}

/* /fail/N fails with ouse_rc N, and with errors that need escaping. */
static ouse_rc failing(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)reply, (void)arg;
    ouse_rc rc = (ouse_rc)atoi(arena_copy(request->arena, request->captures[0]).p);
    problem_add(request->problem, rc, "/a\"b", "quoted", "a \"quote\", a \\ and a\nline \xc3\xa9");
    return problem_add(request->problem, rc, "/c", "second", "the second");
}

static ouse_rc injecting(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)request, (void)arg;
    http_reply_header(reply, "X-Good", ouse_s("kept"));
    http_reply_header(reply, "Location", ouse_s("/a%20b/caf\xc3\xa9 <c>?d=\"e\""));
    http_reply_header(reply, "Link", ouse_s("</caf\xc3\xa9>; rel=\"next\""));
    http_reply_header(reply, "X-Bad", ouse_s("a\r\nInjected: yes"));
    reply->etag = ouse_s("\"a\r\nInjected: yes\"");
    reply->body = ouse_s("{}");
    return OUSE_OK;
}

static ouse_rc counts(struct http_request *request, struct http_reply *reply, void *arg)
{
    (void)arg;
    struct measures measures = {.families = json_keep(request->arena, cJSON_CreateArray())};
    struct buffer *out = arena_zero(request->arena, sizeof *out);
    buffer_init(out, 1u << 20);
    arena_defer(request->arena, finish_buffer, out);
    http_measure(request, &measures);
    json_print(out, measures.families);
    reply->body = buffer_view(out);
    return OUSE_OK;
}

static ouse_rc caller(struct http_request *request, struct ouse_str authorization, void *arg)
{
    (void)arg;
    if (!ouse_is(authorization, "Bearer good"))
        return problem_fail(request->problem, OUSE_E_UNAUTHENTICATED, "This token is not known.");
    request->role = OUSE_OFFICE;
    request->actor = ouse_s("clerk");
    return OUSE_OK;
}

static const struct {
    uint32_t methods;
    const char *pattern;
    http_handler handler;
    const char *name;
} routes[] = {
    {HTTP_GET, "/", echo, "root"},
    {HTTP_GET | HTTP_POST, "/echo", echo, "echo"},
    {HTTP_PUT | HTTP_PATCH | HTTP_DELETE, "/echo/{id}", echo, "echo-id"},
    {HTTP_GET, "/echo/{id}", echo, "echo-id"},
    {HTTP_GET, "/files/{*}", echo, "files"},
    {HTTP_GET, "/tagged", tagged, NULL},
    {HTTP_GET, "/counts", counts, "counts"},
    {HTTP_GET, "/slow", slow, NULL},
    {HTTP_GET, "/watch", watch, NULL},
    {HTTP_GET, "/lane", lane, NULL},
    {HTTP_GET, "/large", large, NULL},
    {HTTP_GET, "/fail/{rc}", failing, NULL},
    {HTTP_GET, "/inject", injecting, NULL},
};

static void release(void)
{
    pthread_mutex_lock(&gate.lock);
    gate.released = 1;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

/* Takes all descriptors that are left, and gives them back. */
static int taken[1024], n_taken;

static void exhaust(void)
{
    while (n_taken < 1024 && (taken[n_taken] = dup(STDOUT_FILENO)) >= 0)
        n_taken++;
}

static void relent(void)
{
    while (n_taken > 0)
        close(taken[--n_taken]);
}

static void *stop(void *server)
{
    http_stop(server);
    return NULL;
}

/* Obeys the commands; the stop runs beside them, so that "release" may follow it. */
static void obey(struct http_server *server)
{
    char line[32];
    pthread_t stopper;
    int stopping = 0;
    while (fgets(line, sizeof line, stdin)) {
        if (strcmp(line, "release\n") == 0)
            release();
        else if (strcmp(line, "log\n") == 0)
            http_set_access_log(server, 1);
        else if (strcmp(line, "exhaust\n") == 0)
            exhaust();
        else if (strcmp(line, "relent\n") == 0)
            relent();
        else if (strcmp(line, "stop\n") == 0 && !stopping)
            stopping = pthread_create(&stopper, NULL, stop, server) == 0;
        printf("ok\n");
        fflush(stdout);
    }
    release();
    if (stopping)
        pthread_join(stopper, NULL);
    else
        http_stop(server);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: %s LISTEN THREADS PER_ADDRESS IDLE_MS REQUEST_MS [BASE_PATH [STOP_MS]]\n",
                argv[0]);
        return 2;
    }
    struct http_options options = {
        .listen = argv[1],
        .base_path = argc > 6 ? argv[6] : "",
        .threads = (uint32_t)atoi(argv[2]),
        .per_address = (uint32_t)atoi(argv[3]),
        .idle_ms = (uint32_t)atoi(argv[4]),
        .request_ms = (uint32_t)atoi(argv[5]),
        .share = 25,
        .trusted_proxies = "127.0.0.1",
        .send_rate = 100000,
        .stop_ms = argc > 7 ? (uint32_t)atoi(argv[7]) : 60000,
        .caller = caller,
    };
    struct router *router = router_create();
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (router_add(router, routes[i].methods, routes[i].pattern,
                       routes[i].name ? routes[i].name : "other", routes[i].handler, (void *)routes[i].name))
            return 1;
    struct arena arena;
    struct problem problem;
    struct http_server *server;
    arena_init(&arena);
    problem_init(&problem, &arena);
    int failed = http_start(&options, router, &server, &problem) != OUSE_OK;
    if (failed) {
        fprintf(stderr, "%.*s\n", (int)problem.detail.n, problem.detail.p);
    } else {
        printf("port %d\n", http_port(server));
        fflush(stdout);
        obey(server);
    }
    arena_finish(&arena);
    router_destroy(router);
    return failed;
}
