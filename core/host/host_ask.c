/* host_ask: calls the API, for a route that shows the answer in another form, or a task that
 * prepares it.
 *
 * The call runs like a request of the same caller, or of one with a lesser role. It has a separate
 * arena, so its snapshot ends before the next call. */
#include "../base/json.h"
#include "instance.h"

#define ANSWER_MAX (16u << 20) /* bytes of JSON */

static ouse_rc ask(const struct context *context, struct http_request *request, struct ouse_str path,
                   struct http_reply *reply)
{
    return http_ask(context->worker->runtime->router, context->request, request,
                    arena_printf(request->arena, "/api/v1/%.*s", OUSE_F(path)), reply);
}

static cJSON *redirect(const struct http_reply *reply)
{
    for (uint32_t i = 0; i < reply->n_headers; i++)
        if (ouse_is(reply->headers[i].name, "Location")) {
            cJSON *document = cJSON_CreateObject();
            cJSON_AddStringToObject(document, "location", reply->headers[i].value.p);
            return document;
        }
    return NULL;
}

static int is_json(const struct http_reply *reply)
{
    struct ouse_str type = reply->content_type;
    return !reply->stream && reply->body.n &&
           (!type.p || (type.n >= 4 && memcmp(type.p + type.n - 4, "json", 4) == 0));
}

/* Returns the document of an answer, in separate memory. The answer of a plugin is used as it is;
 * that of the server is parsed. */
static cJSON *document(ouse_rc rc, const struct http_request *request, const struct http_reply *reply)
{
    struct buffer problem;
    if (!rc && reply->document)
        return reply->document;
    if (!rc && reply->status >= 300)
        return redirect(reply);
    if (!rc)
        return is_json(reply) ? cJSON_ParseWithLength(reply->body.p, reply->body.n) : NULL;
    buffer_init(&problem, ANSWER_MAX);
    http_problem_json(request->problem, request->id, &problem);
    cJSON *tree = cJSON_ParseWithLength(problem.at, problem.n);
    buffer_finish(&problem);
    return tree;
}

/* Returns whether the callback may call the API, and as that role. */
static int may_ask(struct context *context, uint32_t role)
{
    if (!context->may_ask)
        context_defect(context, "ouse_ask: only a route or task with OUSE_NONE of an OUSE_PARALLEL plugin "
                                "may call it, and not within another call of it");
    else if (role > context->role)
        context_defect(context, "ouse_ask: the role must not be above that of the caller");
    return context->may_ask && role <= context->role;
}

struct ouse_doc *host_ask(struct ouse_ctx *ctx, uint32_t role, struct ouse_str path, uint32_t *status)
{
    struct context *context = context_of(ctx);
    struct arena arena;
    struct problem problem;
    struct http_request request = {.arena = &arena,
                                   .problem = &problem,
                                   .role = role,
                                   .actor =
                                       context->request ? context->request->actor : ouse_s(context->plugin),
                                   .within = 1};
    struct http_reply reply = {0};
    if (!may_ask(context, role) || context_over(context, 0))
        return NULL;
    arena_init(&arena);
    problem_init(&problem, &arena);
    ouse_rc rc = ask(context, &request, path, &reply);
    if (rc && !problem.rc)
        problem.rc = rc;
    cJSON *answer = document(rc, &request, &reply);
    if (status)
        *status = rc             ? (uint32_t)problem_kind(problem.rc)->status
                  : reply.status ? (uint32_t)reply.status
                                 : 200;
    arena_finish(&arena);
    if (context_over(context, 0)) { /* the answer may be incomplete */
        cJSON_Delete(answer);
        return NULL;
    }
    return answer ? doc_hold(context, answer) : NULL;
}
