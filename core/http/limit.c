/* limit: kinds of work that could keep all workers. Each has places for a quarter of them, so that
 * workers are left when all lanes are full.
 *
 * One client may take a share of the places that others leave. With a share of one half, the first
 * client can have 32 of 64 places, the next one 16, then 8: each finds some. */
#include "server.h"

enum { LEAST = 2 /* places of one client, if the lane has them */ };

uint32_t lane_limit(const struct http_server *server)
{
    return (server->options.threads + 3) / 4;
}

/* The places that a client may have now. Requests that come at the same moment can pass it by one each. */
static uint32_t share(const struct http_server *server, const struct client *client, enum http_lane lane)
{
    uint32_t all = atomic_load(&server->lanes[lane]), own = atomic_load(&client->lanes[lane]);
    uint32_t others = all > own ? all - own : 0, limit = lane_limit(server);
    uint32_t left = limit > others ? limit - others : 0, places = (left * server->options.share + 99) / 100;
    return places < LEAST ? LEAST : places;
}

/* Takes a place among `limit`; false if all are taken. */
static int take(atomic_uint *taken, uint32_t limit)
{
    if (atomic_fetch_add(taken, 1) < limit)
        return 1;
    atomic_fetch_sub(taken, 1);
    return 0;
}

/* Takes a place for the request. Returns what is full: the lane, or the client's share of it.
 * Returns NULL if it got the place. */
static const char *enter(struct http_server *server, struct client *client, enum http_lane lane)
{
    if (!take(&client->lanes[lane], share(server, client, lane)))
        return "Your address has too many concurrent %s.";
    if (take(&server->lanes[lane], lane_limit(server)))
        return NULL;
    atomic_fetch_sub(&client->lanes[lane], 1);
    return "There are too many concurrent %s.";
}

ouse_rc http_enter(struct http_request *request, enum http_lane lane)
{
    static const char *const names[HTTP_LANES] = {
        "exports", "streams of changes", "large questions", "writes without a token", "batches", "sign-ins"};
    struct exchange *exchange = request->connection;
    if (!exchange || exchange->lanes & 1u << lane)
        return OUSE_OK;
    if (!exchange->client) {
        struct address address = exchange_address(exchange);
        exchange->client = client_hold(exchange->server->clients, &address);
    }
    const char *full = enter(exchange->server, exchange->client, lane);
    if (full) {
        counter_add(&exchange->server->refused[lane], 1);
        return problem_fail(request->problem, OUSE_E_BUSY, full, names[lane]);
    }
    exchange->lanes |= 1u << lane;
    return OUSE_OK;
}

/* The deadline records the rejection: the results so far may still be answered. */
static ouse_rc enter_late(void *arg)
{
    struct exchange *exchange = arg;
    struct http_request request = exchange->request;
    struct problem unused;
    if (exchange->lanes)
        return OUSE_OK;
    problem_init(&unused, &exchange->arena);
    request.problem = &unused;
    return http_enter(&request, HTTP_QUESTIONS);
}

static int has_gone(void *arg)
{
    return http_gone(&((struct exchange *)arg)->request);
}

const struct deadline_owner lane_owner = {.gone = has_gone, .enter = enter_late};

void lanes_leave(struct exchange *exchange)
{
    if (!exchange->client)
        return;
    for (int lane = 0; lane < HTTP_LANES; lane++)
        if (exchange->lanes & 1u << lane) {
            atomic_fetch_sub(&exchange->client->lanes[lane], 1);
            atomic_fetch_sub(&exchange->server->lanes[lane], 1);
        }
    client_release(exchange->server->clients, exchange->client);
    exchange->client = NULL;
    exchange->lanes = 0;
}
