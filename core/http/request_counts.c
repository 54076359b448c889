/* request_counts: counts the requests of a server, and writes the counts as metrics.
 *
 * Answers are counted by the kind of their route, their method and status: each combination has a
 * cell, and only used cells take memory. A path is never a label, so requests of clients cannot
 * create more cells. */
#include "../base/heap.h"
#include "server.h"
#include <stdio.h>

#define STATUSES 500 /* from 100 on */

static const char *const methods[] = {"other", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
#define METHODS (sizeof methods / sizeof *methods)

struct http_counts {
    counter answers[METHODS][STATUSES];
    struct histogram durations; /* of those that are not streamed */
};

struct http_counts *counts_create(const struct router *router)
{
    return heap_zero(router_kinds(router) * sizeof(struct http_counts));
}

/* HTTP_GET is 1, HTTP_HEAD 2, HTTP_POST 4 …: the place of the bit, from 1. */
static uint32_t method_of(const struct exchange *exchange)
{
    uint32_t bit = exchange->head.head ? HTTP_HEAD : exchange->head.method;
    return (uint32_t)__builtin_ffs((int)bit);
}

void count_answer(struct http_server *server, const struct exchange *exchange, int status)
{
    struct http_counts *counts = &server->counts[exchange->request.kind];
    counter_add(&counts->answers[method_of(exchange)][status - 100], 1);
}

void count_end(struct http_server *server, const struct exchange *exchange, int64_t ended)
{
    struct http_counts *counts = &server->counts[exchange->request.kind];
    if (!exchange->streams)
        histogram_add(&counts->durations, &scale_seconds, (uint64_t)(ended - exchange->began));
    if (exchange->received)
        counter_add(&server->received, exchange->received);
}

/* ---- Writing --------------------------------------------------------------------- */

static void tell_answers(const struct http_server *server, uint32_t kind, struct measures *out)
{
    for (size_t method = 0; method < METHODS; method++)
        for (int status = 0; status < STATUSES; status++) {
            uint64_t n = counter_read(&server->counts[kind].answers[method][status]);
            char code[12];
            snprintf(code, sizeof code, "%d", status + 100);
            if (n)
                measure_value(out, (double)n,
                              (const char *[]){router_kind(server->router, kind), methods[method], code});
        }
}

static void tell_requests(const struct http_server *server, struct measures *out)
{
    uint32_t n = router_kinds(server->router);
    measure_counter(out, "http_requests", NULL, "route method status",
                    "Requests that were answered, by the kind of their route.");
    for (uint32_t kind = 0; kind < n; kind++)
        tell_answers(server, kind, out);
    measure_histogram(out, "http_request_duration", "seconds", "route",
                      "From the head of a request to the last byte of its answer; without streamed answers.");
    for (uint32_t kind = 0; kind < n; kind++)
        measure_buckets(out, &server->counts[kind].durations, &scale_seconds,
                        (const char *[]){router_kind(server->router, kind)});
}

static const char *const reasons[REFUSED_REASONS] = {
    [HTTP_EXPORTS] = "exports",        [HTTP_FEEDS] = "feeds",          [HTTP_QUESTIONS] = "questions",
    [HTTP_ANONYMOUS] = "anonymous",    [HTTP_BATCHES] = "batches",      [HTTP_SIGN_INS] = "sign_ins",
    [REFUSED_CROWDED] = "connections", [REFUSED_STOPPING] = "stopping", [REFUSED_UNCLEAN] = "unclean",
    [REFUSED_MEMORY] = "memory",       [REFUSED_QUOTA] = "quota"};

static int is_of_writes(int reason)
{
    return reason == HTTP_ANONYMOUS || reason == HTTP_SIGN_INS || reason == HTTP_BATCHES ||
           reason == REFUSED_MEMORY || reason == REFUSED_QUOTA;
}

static void tell_reasons(const struct http_server *server, int of_writes, struct measures *out)
{
    for (int reason = 0; reason < REFUSED_REASONS; reason++)
        if (is_of_writes(reason) == of_writes)
            measure_value(out, (double)counter_read(&server->refused[reason]), &reasons[reason]);
}

static void tell_refused(const struct http_server *server, struct measures *out)
{
    measure_counter(out, "http_refused", NULL, "reason",
                    "Requests that were refused: a lane is full, an address has too many connections (429), "
                    "the server stops (503), no clean HTTP (4xx).");
    tell_reasons(server, 0, out);
    measure_counter(
        out, "http_refused_writes", NULL, "reason",
        "Writes that were refused (429): the lane of writes without a token or of batches is full, "
        " a client has used up its quota of writes without a token, bodies take too much memory.");
    tell_reasons(server, 1, out);
}

static void tell_lanes(const struct http_server *server, struct measures *out)
{
    measure_gauge(out, "http_lane_requests", NULL, "lane",
                  "Requests in the lanes of long work: exports, streams of changes, large questions, "
                  "writes without a token, batches, sign-ins.");
    for (int lane = 0; lane < HTTP_LANES; lane++)
        measure_value(out, atomic_load(&server->lanes[lane]), &reasons[lane]);
    measure_gauge(out, "http_lane_limit", NULL, NULL, "Requests that each lane has room for.");
    measure_value(out, lane_limit(server), NULL);
}

static void tell_closed(const struct http_server *server, struct measures *out)
{
    static const char *const names[GATE_REASONS] = {
        [GATE_SILENT] = "silent", [GATE_DISPLACED] = "displaced", [GATE_CROWDED] = "crowded"};
    static const char *const slow = "slow";
    measure_counter(out, "http_connections_closed", NULL, "reason",
                    "Connections that the server closed: no byte came in time, another needed the place, "
                    "too many of one address, too slow a reader.");
    for (int reason = 0; reason < GATE_REASONS; reason++)
        measure_value(out, (double)gate_closed(server->gate, reason), &names[reason]);
    measure_value(out, (double)counter_read(&server->slow), &slow);
}

void http_measure(const struct http_request *request, struct measures *out)
{
    const struct exchange *exchange = request->connection;
    if (!exchange)
        return;
    const struct http_server *server = exchange->server;
    tell_requests(server, out);
    tell_refused(server, out);
    measure_counter(out, "http_received", "bytes", NULL, "Bodies of requests.");
    measure_value(out, (double)counter_read(&server->received), NULL);
    measure_counter(out, "http_sent", "bytes", NULL, "Answers, heads and bodies.");
    measure_value(out, (double)counter_read(&server->sent), NULL);
    measure_gauge(out, "http_connections", NULL, NULL, "Connections that have a thread.");
    measure_value(out, atomic_load(&server->connections), NULL);
    measure_gauge(out, "http_connections_waiting", NULL, NULL,
                  "Connections that wait for a head or a worker.");
    measure_value(out, gate_waiting(server->gate), NULL);
    tell_closed(server, out);
    measure_gauge(out, "http_connections_limit", NULL, NULL, "Limit of concurrent connections (threads).");
    measure_value(out, server->options.threads, NULL);
    tell_lanes(server, out);
    memory_measure(&exchange->server->memory, out);
    if (server->options.sessions)
        server->options.sessions->measure(out, server->options.sessions->arg);
}
