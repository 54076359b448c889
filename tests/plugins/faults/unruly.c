/* A plugin that misbehaves on request: the title of a record says how its hook, its route or its start does.
 */
#include <ouse/plugin.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __cplusplus
#include <stdexcept>
#define FAULT_THROW throw std::runtime_error("out of luck")
#else
#define FAULT_THROW abort()
#endif

static const struct ouse_field fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED, .doc = "What its hook does."}};

static void hold(const char *file);

static ouse_rc derive_mood(struct ouse_ctx *ctx, struct ouse_doc *fault)
{
    struct ouse_str title = ouse_as_text(ctx, ouse_member(ctx, fault, "title"));
    if (ouse_is(title, "hold-derived"))
        hold("hold-derived");
    for (int i = 0; ouse_is(title, "costly") && i < 1000000; i++)
        ouse_get(ctx, "faults", ouse_as_text(ctx, ouse_member(ctx, fault, "id")));
    return OUSE_OK;
}

static const struct ouse_derived derived[] = {
    {"mood", OUSE_TEXT, derive_mood, "Nothing; but it may take long."}};

static const struct ouse_collection collections[] = {{.name = "faults",
                                                      .singular = "fault",
                                                      .doc = "What can go wrong.",
                                                      .version = 1,
                                                      .label_field = "title",
                                                      .fields = OUSE_ROWS(fields),
                                                      .derived = OUSE_ROWS(derived)}};

/* Runs as long as the file is in the folder that the server runs in. */
static void hold(const char *file)
{
    while (access(file, F_OK) == 0)
        usleep(1000);
}

static int recurse(volatile char *last);
static int (*volatile deeper)(volatile char *last) = recurse;

static int recurse(volatile char *last)
{
    volatile char here[4096];
    here[0] = *last;
    return deeper(here) + here[0];
}

static void fail_as(struct ouse_str title)
{
    volatile int zero = 0;
    char start[] = "x";
    if (ouse_is(title, "hold"))
        hold("hold");
    if (ouse_is(title, "fault"))
        *(volatile char *)(uintptr_t)(4096 + (unsigned)zero) = 1;
    if (ouse_is(title, "abort"))
        abort();
    if (ouse_is(title, "exit"))
        exit(0);
    if (ouse_is(title, "quick-exit"))
        quick_exit(0);
    if (ouse_is(title, "arithmetic"))
        raise(SIGFPE);
    if (ouse_is(title, "recurse"))
        exit(recurse(start));
    if (ouse_is(title, "throw"))
        FAULT_THROW;
}

static ouse_rc check(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    fail_as(ouse_as_text(ctx, ouse_member(ctx, change->after, "title")));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "faults",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check},
};

static ouse_rc act(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    fail_as(ouse_as_text(ctx, ouse_member(ctx, request->body, "title")));
    ouse_reply(ctx, ouse_object(ctx));
    return OUSE_OK;
}

static const struct ouse_route routes[] = {
    {.method = "POST", .path = "faults/-/act", .access = OUSE_NONE, .fn = act, .summary = "Go wrong"},
};

/* The file that says so stands for a service that does not answer. */
static ouse_rc start(struct ouse_ctx *ctx)
{
    (void)ctx;
    hold("hold-start");
    return OUSE_OK;
}

OUSE_PLUGIN(.name = "unruly", .version = "1.0.0", .title = "Unruly", .doc = "What can go wrong.",
            .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes),
            .hooks = OUSE_ROWS(hooks), .start = start)
