/* wrong: a plugin that loads, and then has one thing in it that cannot be served. Which
 * one comes as a definition; all others are as they should be. */
#include <ouse/plugin.h>

#ifndef HOOK_PHASE
#define HOOK_PHASE OUSE_CHECK
#endif
#ifndef HOOK_OPS
#define HOOK_OPS OUSE_ON_WRITE
#endif
#ifndef HOOK_FN
#define HOOK_FN watch
#endif
#ifndef METHOD
#define METHOD "GET"
#endif
#ifndef PATH
#define PATH "wrong/-/answer"
#endif
#ifndef PARAMETER
#define PARAMETER OUSE_TEXT
#endif
#ifndef EVERY
#define EVERY 1000
#endif
#ifndef ACCESS
#define ACCESS OUSE_READ
#endif

#ifndef SCHEMA
#define SCHEMA            \
    {                     \
        "type" : "object" \
    }
#endif
#define TEXT_OF(...) OUSE_JSON(__VA_ARGS__)

static ouse_rc watch(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    (void)ctx;
    (void)change;
    return OUSE_OK;
}

static ouse_rc answer(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)ctx;
    (void)request;
    return OUSE_OK;
}

static ouse_rc work(struct ouse_ctx *ctx)
{
    (void)ctx;
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.ops = OUSE_ON_WRITE, .phase = OUSE_CHECK, .fn = watch},
    {.ops = HOOK_OPS, .phase = HOOK_PHASE, .fn = HOOK_FN},
};

static const struct ouse_parameter parameters[] = {{.name = "first", .type = OUSE_INT},
                                                   {.name = "second", .type = PARAMETER}};

static const struct ouse_route routes[] = {
    {.method = METHOD,
     .path = PATH,
     .reply_schema = TEXT_OF(SCHEMA),
     .access = OUSE_READ,
     .fn = answer,
     .summary = "An answer.",
     .parameters = OUSE_ROWS(parameters)},
};

static const struct ouse_task tasks[] = {{.name = "work", .every_ms = EVERY, .access = ACCESS, .fn = work}};

OUSE_PLUGIN(.name = "wrong", .version = "1.0.0", .title = "Wrong", .hooks = OUSE_ROWS(hooks),
            .routes = OUSE_ROWS(routes), .tasks = OUSE_ROWS(tasks))
