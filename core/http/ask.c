/* ask: runs a route for the server itself, without a socket. */
#include "../base/text.h"
#include "exchange.h"

ouse_rc http_ask(const struct router *router, const struct http_request *asker, struct http_request *request,
                 struct ouse_str target, struct http_reply *reply)
{
    struct refusal refusal;
    request->method = request->method ? request->method : HTTP_GET;
    if (asker) {
        request->id = asker->id;
        request->connection = asker->connection;
        request->deadline = asker->deadline;
    }
    text_cut(&target, '?', &request->path);
    request->query = target;
    if (!request->path.n || request->path.p[0] != '/')
        return problem_fail(request->problem, OUSE_E_REQUEST, "A path begins with a slash.");
    refusal = request_path(request);
    if (refusal.status)
        return problem_fail(request->problem, OUSE_E_REQUEST, "%s", refusal.detail);
    return router_dispatch(router, request, reply);
}
