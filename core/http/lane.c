/* lane: kinds of work that would keep all workers if nobody counted. Each may have
 * a quarter of them, so that a quarter is left when all are full. */
#include "server.h"

ouse_rc http_enter(struct http_request *request, enum http_lane lane)
{
    static const char *const names[HTTP_LANES] = {"exports", "streams of changes", "large questions",
                                                  "writes without a token"};
    struct exchange *exchange = request->connection;
    if (!exchange || exchange->lanes & 1u << lane)
        return OUSE_OK;
    struct http_server *server = exchange->server;
    if (atomic_fetch_add(&server->lanes[lane], 1) * 4 >= server->options.threads) {
        atomic_fetch_sub(&server->lanes[lane], 1);
        counter_add(&server->refused[lane], 1);
        return problem_fail(request->problem, OUSE_E_BUSY, "There are too many %s at a time.", names[lane]);
    }
    exchange->lanes |= 1u << lane;
    return OUSE_OK;
}

/* The refusal is the deadline's to record: what was found so far may still be answered. */
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

const struct deadline_owner lane_owner = {has_gone, enter_late};

void lanes_leave(struct exchange *exchange)
{
    for (int lane = 0; lane < HTTP_LANES; lane++)
        if (exchange->lanes & 1u << lane)
            atomic_fetch_sub(&exchange->server->lanes[lane], 1);
    exchange->lanes = 0;
}
