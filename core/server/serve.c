/* serve: the server process, until a signal ends it.
 *
 *   open ─> mount ─> listen ─> wait for signals ─> stop listening, finish accepted
 *   requests ─> tasks ─> plugins ─> writer ─> store
 *
 * SIGTERM and SIGINT end it, SIGHUP reads the config file again. Signals are blocked in every
 * thread and received by the main one, so no code runs in a handler. Until the server listens, the
 * main thread may be in a migration or in a plugin that starts; another thread then receives
 * SIGTERM and SIGINT and ends the process at once. */
#include "serve.h"
#include "../observe/log.h"
#include "maintenance.h"
#include "notify.h"
#include "tokens.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct serving {
    struct server_register *opened;
    struct router *router;
    struct rest rest;
    struct http_server *server;
    struct maintenance maintenance;
    const struct http_sessions *sessions;
};

/* Finds the caller of a request by its Authorization value. The snapshot ends before the request
 * proceeds. */
static ouse_rc find_caller(struct http_request *request, struct ouse_str authorization, void *arg)
{
    struct token token;
    struct txn *txn;
    ouse_rc rc = engine_read(arg, &txn);
    if (rc)
        return problem_fail(request->problem, rc, "The tokens cannot be read now");
    rc = token_find(txn, request->arena, authorization, &token, request->problem);
    txn_end(txn);
    if (!rc) {
        request->role = token.role;
        request->actor = token.name;
    }
    return rc;
}

#define ANONYMOUS_BODY (16u << 10) /* a form, not a document */

static ouse_rc listen_to_all(struct serving *serving)
{
    struct server_register *opened = serving->opened;
    const struct config *config = opened->config;
    const struct http_options options = {.listen = config->listen,
                                         .base_path = config->base_path,
                                         .threads = (uint32_t)config->threads,
                                         .per_address = (uint32_t)config->max_per_address,
                                         .share = (uint32_t)config->address_share,
                                         .trusted_proxies = config->trusted_proxies,
                                         .send_rate = (uint32_t)config->min_send_rate,
                                         .stop_ms = (uint32_t)config->stop_timeout,
                                         .idle_ms = (uint32_t)config->idle_timeout,
                                         .request_ms = (uint32_t)config->request_timeout,
                                         .anonymous_writes = (uint32_t)config->anonymous_writes,
                                         .body_memory = (uint64_t)config->body_memory,
                                         .cpu_ms = (uint32_t)config->cpu_budget,
                                         .anonymous_body = ANONYMOUS_BODY,
                                         .access_log = config->access_log,
                                         .caller = find_caller,
                                         .caller_arg = opened->engine,
                                         .sessions = serving->sessions,
                                         .explain = runtime_explain,
                                         .explain_arg = opened->runtime,
                                         .bell = writer_bell(opened->writer)};
    return http_start(&options, serving->router, &serving->server, &opened->problem);
}

static void say_unchanged(const struct problem *problem)
{
    if (problem->detail.p)
        log_error("config", "nothing was changed: %.*s", OUSE_F(problem->detail));
    for (uint32_t i = 0; i < problem_told(problem); i++)
        log_error("config", "nothing was changed: %.*s", OUSE_F(problem->errors[i].detail));
    log_error("config", "the old options stay in force");
}

static void reload(struct serving *serving)
{
    struct server_register *opened = serving->opened;
    struct arena arena;
    struct problem problem;
    arena_init(&arena);
    problem_init(&problem, &arena);
    if (runtime_reload(opened->runtime, opened->config, &problem)) {
        say_unchanged(&problem);
    } else {
        log_set_level((enum log_level)opened->config->log_level);
        http_set_access_log(serving->server, opened->config->access_log);
        log_info("config", "read again");
    }
    arena_finish(&arena);
}

/* ---- A stop before the server listens ---------------------------------------------- */

struct starting {
    pthread_t thread;
    int runs;
};

/* Ends the process as kill -9 would: the store takes that at any time, and nothing was accepted yet. */
static void *end_early(void *arg)
{
    const sigset_t *signals = arg;
    int got = 0;
    while (sigwait(signals, &got))
        ;
    log_info("serve", "stopping before the start is complete");
    _exit(0);
}

/* Starts the thread. `signals` must stay valid until end_starting. */
static struct starting begin_starting(sigset_t *signals)
{
    struct starting starting = {0};
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    starting.runs = pthread_create(&starting.thread, NULL, end_early, signals) == 0;
    return starting;
}

static void end_starting(struct starting *starting)
{
    if (!starting->runs)
        return;
    pthread_cancel(starting->thread);
    pthread_join(starting->thread, NULL);
}

/* ---- Serving ------------------------------------------------------------------------ */

static void wait_for_the_end(struct serving *serving, const sigset_t *signals)
{
    int got = 0;
    while (got != SIGTERM && got != SIGINT) {
        if (sigwait(signals, &got))
            continue;
        if (got == SIGHUP)
            reload(serving);
    }
    log_info("serve", "stopping: finishing accepted requests");
}

/* Adds the feature by which people sign in, if there is one. */
static ouse_rc mount_sign_in(struct serving *serving)
{
    struct server_register *opened = serving->opened;
    const struct sign_in_options options = {.engine = opened->engine,
                                            .writer = opened->writer,
                                            .address = opened->config->address,
                                            .base_path = opened->config->base_path,
                                            .page = host_page,
                                            .page_arg = opened->runtime};
    const struct feature *const *feature = opened->features;
    while (feature && *feature && !(*feature)->sign_in)
        feature++;
    if (!feature || !*feature)
        return OUSE_OK;
    return (*feature)->sign_in(&options, serving->router, &serving->sessions, &opened->problem);
}

static ouse_rc serve(struct serving *serving, const sigset_t *signals)
{
    struct server_register *opened = serving->opened;
    ouse_rc rc = server_mount(opened, &serving->rest, &serving->router);
    if (!rc)
        rc = mount_sign_in(serving);
    if (!rc)
        rc = runtime_run(opened->runtime, &opened->problem);
    if (rc)
        return rc;
    rc = maintenance_start(&serving->maintenance, opened->records, opened->features, &opened->problem);
    if (!rc)
        rc = listen_to_all(serving);
    if (!rc) {
        char host[128];
        snprintf(host, sizeof host, "%s", opened->config->listen);
        host[strcspn(host, ":,")] = 0;
        printf("listening on http://%s:%d%s\n", host, http_port(serving->server), opened->config->base_path);
        fflush(stdout);
        notify("READY=1");
        wait_for_the_end(serving, signals);
        notify("STOPPING=1");
    }
    http_stop(serving->server);
    maintenance_stop(&serving->maintenance);
    runtime_rest(opened->runtime);
    return rc;
}

ouse_rc server_serve(const struct server_choice *choice, struct server_register *opened)
{
    struct serving serving = {.opened = opened};
    sigset_t signals, early;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct starting starting = begin_starting(&early);
    ouse_rc rc = server_open(choice, SERVER_RULES | SERVER_WRITER, opened);
    end_starting(&starting);
    if (!rc) {
        const char *warning = config_warning(opened->config);
        log_set_level((enum log_level)opened->config->log_level);
        if (warning)
            log_warn("config", "%s", warning);
        rc = serve(&serving, &signals);
    }
    server_unmount(&serving.rest, serving.router);
    if (serving.sessions)
        serving.sessions->end(serving.sessions->arg);
    return rc;
}
