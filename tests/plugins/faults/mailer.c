/* A plugin that delivers, and that does some work by the clock. What it does is written to files in the
 * folder that the server runs in; a file there named "hold-HOOK" stops a hook, "slow-HOOK" makes it slow,
 * "down-HOOK" makes it fail. Builds differ in the names and the order of their hooks. */
#include <ouse/plugin.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const struct ouse_field fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED, .doc = "What it says."}};

static const struct ouse_collection collections[] = {{.name = NAME "-notes",
                                                      .singular = NAME "-note",
                                                      .doc = "What is delivered.",
                                                      .version = 1,
                                                      .label_field = "title",
                                                      .fields = OUSE_ROWS(fields)}};

static void write_line(const char *file, struct ouse_str line)
{
    FILE *to = fopen(file, "a");
    if (to) {
        fprintf(to, "%.*s\n", OUSE_F(line));
        fclose(to);
    }
}

static int is_there(const char *what, const char *hook)
{
    char file[64];
    snprintf(file, sizeof file, "%s-%s", what, hook);
    return access(file, F_OK) == 0;
}

static ouse_rc deliver(struct ouse_ctx *ctx, const struct ouse_change *change, const char *hook)
{
    while (is_there("hold", hook))
        usleep(1000);
    if (is_there("slow", hook))
        usleep(500000);
    if (is_there("down", hook))
        return ouse_fail(ctx, OUSE_E_UNAVAILABLE, "", "down", "%s is down", hook);
    write_line(hook, change->id);
    return OUSE_OK;
}

#ifndef WITHOUT
static ouse_rc deliver_one(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    return deliver(ctx, change, NAME "-one");
}
#endif

static ouse_rc deliver_two(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    return deliver(ctx, change, NAME "-two");
}

#define ROW(...)                                                                                             \
    {                                                                                                        \
        .collection = NAME "-notes", .ops = OUSE_ON_CREATE, .ops_known = OUSE_ON_ALL, .phase = OUSE_DELIVER, \
        __VA_ARGS__                                                                                          \
    }

static const struct ouse_hook hooks[] = {
#if defined SWAPPED
    ROW(.fn = deliver_two, .name = "two"),
    ROW(.fn = deliver_one, .name = "one"),
#elif defined UNNAMED
    ROW(.fn = deliver_one),
    ROW(.fn = deliver_two),
#elif defined WITHOUT
    ROW(.fn = deliver_two, .name = "two"),
#elif defined SAME
    ROW(.fn = deliver_one, .name = "one"),
    ROW(.fn = deliver_two, .name = "one"),
#else
    ROW(.fn = deliver_one, .name = "one"),
    ROW(.fn = deliver_two, .name = "two"),
#endif
};

static ouse_rc work(struct ouse_ctx *ctx)
{
    (void)ctx;
    while (is_there("hold", NAME "-task"))
        usleep(1000);
    write_line(NAME "-task", ouse_s("worked"));
    return OUSE_OK;
}

static const struct ouse_task tasks[] = {
    {.name = "work", .every_ms = EVERY, .access = OUSE_NONE, .fn = work},
};

OUSE_PLUGIN(.name = NAME, .version = "1.0.0", .title = "Mailer", .doc = "Delivers.",
            .collections = OUSE_ROWS(collections), .hooks = OUSE_ROWS(hooks), .tasks = OUSE_ROWS(tasks))
