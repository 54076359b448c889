/* charge: the quota of writes without a token, for each client and hour. The fields RateLimit and
 * RateLimit-Policy are those of draft-ietf-httpapi-ratelimit-headers. */
#include "server.h"

static unsigned long long seconds(int64_t ms)
{
    return (unsigned long long)((ms + 999) / 1000);
}

static void tell_quota(struct arena *arena, const struct quota_state *state, struct http_reply *reply)
{
    http_reply_header(reply, "RateLimit-Policy",
                      arena_printf(arena, "\"anonymous\";q=%u;w=%llu", state->most, seconds(state->window)));
    http_reply_header(reply, "RateLimit",
                      arena_printf(arena, "\"anonymous\";r=%u;t=%llu", state->left, seconds(state->reset)));
}

ouse_rc http_charge(struct http_request *request, struct http_reply *reply)
{
    struct exchange *exchange = request->connection;
    struct quota_state state;
    if (!exchange || !exchange->server->options.anonymous_writes)
        return OUSE_OK;
    struct http_server *server = exchange->server;
    int within = quota_take(server->quota, http_client(request), clock_monotonic(), &state);
    tell_quota(request->arena, &state, reply);
    if (within)
        return OUSE_OK;
    counter_add(&server->refused[REFUSED_QUOTA], 1);
    http_reply_header(reply, "Retry-After", arena_printf(request->arena, "%llu", seconds(state.reset)));
    return problem_fail(request->problem, OUSE_E_BUSY,
                        "Your address has created %u records without a token within an hour, which is the "
                        "limit. Try again in %llu seconds, or use a token.",
                        state.most, seconds(state.reset));
}
