/* probe: what the plugin declares, and its life; see probe.h. */
#include "probe.h"
#include <pthread.h>
#include <stdatomic.h>

/* ---- The trail --------------------------------------------------------------------- */

static pthread_mutex_t trail_lock = PTHREAD_MUTEX_INITIALIZER;
static char trail[1 << 16];
static uint32_t trail_n;

void trail_add(struct ouse_str line)
{
    pthread_mutex_lock(&trail_lock);
    if (trail_n + line.n + 1 <= sizeof trail) {
        memcpy(trail + trail_n, line.p, line.n);
        trail[trail_n + line.n] = '\n';
        trail_n += line.n + 1;
    }
    pthread_mutex_unlock(&trail_lock);
}

struct ouse_doc *trail_take(struct ouse_ctx *ctx)
{
    struct ouse_doc *lines = ouse_list(ctx);
    pthread_mutex_lock(&trail_lock);
    for (uint32_t at = 0; at < trail_n;) {
        const char *end = memchr(trail + at, '\n', trail_n - at);
        struct ouse_str line = {trail + at, (uint32_t)(end - trail) - at};
        ouse_add_text(ctx, lines, line);
        at += line.n + 1;
    }
    trail_n = 0;
    pthread_mutex_unlock(&trail_lock);
    return lines;
}

/* ---- Collections -------------------------------------------------------------------- */

#define TITLE                                                                     \
    {                                                                             \
        .name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_INDEXED \
    }

static const struct ouse_field step_fields[] = {
    TITLE,
    {.name = "length", .type = OUSE_INT, .flags = OUSE_SYSTEM},
    {.name = "marks", .type = OUSE_INT},
    {.name = "spoilt", .type = OUSE_INT},
    {.name = "state", .type = OUSE_ENUM, .choices = "open done"},
};

static const struct ouse_move step_moves[] = {{.from = "open", .to = "done", .title = "Finish"}};

static const struct ouse_flow step_flows[] = {
    {.field = "state", .initial = "open", .moves = OUSE_ROWS(step_moves)},
};

static const struct ouse_field mark_fields[] = {
    TITLE,
    {.name = "step", .type = OUSE_REF, .refers_to = "steps", .on_delete = OUSE_CASCADE},
};

static const struct ouse_field host_fields[] = {
    TITLE,
    {.name = "quota", .type = OUSE_INT},
    {.name = "diary", .type = OUSE_TEXT, .visibility = OUSE_OFFICE},
};

static const struct ouse_field guest_fields[] = {
    TITLE,
    {.name = "host", .type = OUSE_REF, .refers_to = "hosts"},
    {.name = "secret_host", .type = OUSE_REF, .refers_to = "hosts", .visibility = OUSE_OFFICE},
};

static const struct ouse_field letter_fields[] = {TITLE, {.name = "stamped", .type = OUSE_BOOL}};

static const struct ouse_field place_fields[] = {
    TITLE,
    {.name = "seats", .type = OUSE_INT},
    {.name = "taken", .type = OUSE_INT, .flags = OUSE_SYSTEM},
};

static const struct ouse_field whirl_fields[] = {TITLE, {.name = "turns", .type = OUSE_INT}};

static const struct ouse_field plain_fields[] = {TITLE};

/* How many guests the caller may see: changes while the host does not. */
static ouse_rc count_guests(struct ouse_ctx *ctx, struct ouse_doc *host)
{
    int n = 0;
    if (ouse_is(ouse_text(ctx, host, "title"), "Uncountable"))
        return ouse_fail(ctx, OUSE_E_INTERNAL, "", "count", "Nobody can count these");
    OUSE_EACH(ctx, guest, ouse_query(ctx, "guests", "host=%.*s", OUSE_F(ouse_text(ctx, host, "id"))))
        n += guest != NULL;
    ouse_set_number(ctx, host, "guests", n);
    return OUSE_OK;
}

static const struct ouse_derived host_derived[] = {
    {.name = "guests", .type = OUSE_INT, .fn = count_guests, .doc = "How many guests there are."},
};

#define COLLECTION(plural, one, rows) \
    .name = plural, .singular = one, .version = 1, .label_field = "title", .fields = OUSE_ROWS(rows)

static const struct ouse_collection collections[] = {
    {COLLECTION("steps", "step", step_fields), .flows = OUSE_ROWS(step_flows)},
    {COLLECTION("marks", "mark", mark_fields)},
    {COLLECTION("hosts", "host", host_fields), .derived = OUSE_ROWS(host_derived)},
    {COLLECTION("guests", "guest", guest_fields)},
    {COLLECTION("letters", "letter", letter_fields)},
    {COLLECTION("echoes", "echo", plain_fields)},
    {COLLECTION("whirls", "whirl", whirl_fields)},
    {COLLECTION("places", "place", place_fields)},
    {COLLECTION("guarded", "guarded-one", plain_fields)},
    {COLLECTION("clocks", "clock", whirl_fields)},
};

/* ---- Formats -------------------------------------------------------------------------- */

static ouse_rc write_titles(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    if (part == OUSE_BEGIN)
        ouse_write(
            ctx, ouse_format(ctx, "BEGIN %.*s %g role %u\n", OUSE_F(ouse_text(ctx, value, "collection")),
                             ouse_number(ctx, ouse_member(ctx, value, "page"), "limit", -1), ouse_role(ctx)));
    if (part == OUSE_ITEM && ouse_is(ouse_text(ctx, value, "title"), "Unspeakable"))
        return OUSE_E_INVALID;
    if (part == OUSE_ITEM)
        ouse_write(ctx, ouse_format(ctx, "%.*s\n", OUSE_F(ouse_text(ctx, value, "title"))));
    if (part == OUSE_END)
        ouse_write(ctx, ouse_s(value ? "END with a value\n" : "END\n"));
    return OUSE_OK;
}

static const struct ouse_format formats[] = {
    {.media_type = "text/x-titles",
     .suffix = "titles",
     .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST,
     .fn = write_titles,
     .doc = "Titles, one a line."},
    {.media_type = "text/x-guest",
     .suffix = "guest",
     .collection = "guests",
     .applies_to = OUSE_OF_RECORD,
     .fn = write_titles,
     .doc = "One guest."},
};

/* ---- Tasks -------------------------------------------------------------------------------- */

static ouse_rc look_at_clocks(struct ouse_ctx *ctx)
{
    OUSE_EACH(ctx, clock, ouse_query(ctx, "clocks", NULL))
        trail_add(ouse_format(ctx, "looked at %.*s", OUSE_F(ouse_text(ctx, clock, "id"))));
    return OUSE_OK;
}

static ouse_rc turn_clocks(struct ouse_ctx *ctx)
{
    ouse_rc rc = OUSE_OK;
    OUSE_EACH(ctx, clock, ouse_query(ctx, "clocks", NULL)) {
        struct ouse_doc *changes = ouse_object(ctx);
        ouse_set_number(ctx, changes, "turns", ouse_number(ctx, clock, "turns", 0) + 1);
        if (!rc)
            rc = ouse_patch(ctx, "clocks", ouse_text(ctx, clock, "id"), changes);
        if (!rc && ouse_is(ouse_text(ctx, clock, "title"), "Broken"))
            rc = ouse_fail(ctx, OUSE_E_CONFLICT, "", "broken", "The clock is broken");
    }
    return rc;
}

/* Says how many clocks are hidden from the public, where some are. */
static ouse_rc ask_for_clocks(struct ouse_ctx *ctx)
{
    static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_OFFICE};
    double counts[2];
    for (int i = 0; i < 2; i++) {
        const struct ouse_doc *answer = ouse_ask_as(ctx, roles[i], ouse_s("clocks?count=exact"), NULL);
        counts[i] = ouse_number(ctx, ouse_member(ctx, answer, "page"), "count", -1);
    }
    if (counts[0] < counts[1])
        trail_add(
            ouse_format(ctx, "asked for clocks: %.0f hidden, of %.0f", counts[1] - counts[0], counts[1]));
    return OUSE_OK;
}

/* Asks as who it is, and then for what there is not. */
static ouse_rc ask_who(struct ouse_ctx *ctx)
{
    uint32_t status = 0;
    const struct ouse_doc *answer = ouse_ask(ctx, ouse_s("-/whoami"), NULL);
    ouse_ask(ctx, ouse_s("clocks/nobody"), &status);
    trail_add(ouse_format(ctx, "asked as %.*s %.*s, and was told %u", OUSE_F(ouse_text(ctx, answer, "role")),
                          OUSE_F(ouse_text(ctx, answer, "actor")), status));
    return OUSE_OK;
}

static const struct ouse_task tasks[] = {
    {.name = "look", .every_ms = 1000, .access = OUSE_READ, .fn = look_at_clocks},
    {.name = "turn", .every_ms = 1000, .access = OUSE_WRITE, .fn = turn_clocks},
    {.name = "ask", .every_ms = 1000, .access = OUSE_NONE, .fn = ask_for_clocks},
    {.name = "ask-who", .every_ms = 1000, .access = OUSE_NONE, .fn = ask_who},
};

/* ---- Options and life -------------------------------------------------------------------------- */

#define OPTION(option, kind, usual, ...)                                                           \
    {                                                                                              \
        .name = #option, .type = kind, .dflt = usual, .offset = offsetof(struct settings, option), \
        __VA_ARGS__                                                                                \
    }

static const struct ouse_option options[] = {
    OPTION(text, OUSE_OPTION_TEXT, "plain", .flags = OUSE_RELOADABLE),
    OPTION(secret, OUSE_OPTION_TEXT, NULL, .flags = OUSE_SECRET),
    OPTION(number, OUSE_OPTION_INT, "7", .min = 1, .max = 10, .flags = OUSE_RELOADABLE),
    OPTION(patience, OUSE_OPTION_DURATION, "15s", .flags = OUSE_RELOADABLE),
    OPTION(room, OUSE_OPTION_SIZE, "64MiB", .flags = 0),
    OPTION(truth, OUSE_OPTION_BOOL, "false", .flags = OUSE_RELOADABLE),
    OPTION(file, OUSE_OPTION_TEXT, "letters.txt", .flags = 0),
    OPTION(refuse, OUSE_OPTION_TEXT, "", .flags = 0),
};

static ouse_rc start(struct ouse_ctx *ctx)
{
    const struct settings *settings = ctx->self;
    if (strcmp(settings->refuse, "recheck") == 0)
        ouse_recheck(ctx, "hosts", ouse_s("any"));
    if (strcmp(settings->refuse, "start") == 0)
        return ouse_fail(ctx, OUSE_E_UNAVAILABLE, "", "mood", "It is %s today", "Sunday");
    if (strcmp(settings->refuse, "silently") == 0)
        return OUSE_E_UNAVAILABLE;
    ouse_log(ctx, OUSE_LOG_INFO, "started");
    return OUSE_OK;
}

static ouse_rc ready(struct ouse_ctx *ctx)
{
    const struct settings *settings = ctx->self;
    if (strcmp(settings->refuse, "ready") == 0)
        return ouse_fail(ctx, OUSE_E_UNAVAILABLE, "", "mood", "It is not ready");
    ouse_log(ctx, OUSE_LOG_INFO, "ready");
    return OUSE_OK;
}

static void stop(struct ouse_ctx *ctx)
{
    ouse_log(ctx, OUSE_LOG_INFO, "stopped");
}

static atomic_llong generation;

/* Reloads of the text "bad" are not to its taste. */
static ouse_rc reconfigure(struct ouse_ctx *ctx)
{
    struct settings *settings = ctx->self;
    if (strcmp(settings->text, "bad") == 0)
        return ouse_fail(ctx, OUSE_E_CONFLICT, "/text", "taste", "\"%s\" is not to its taste",
                         settings->text);
    trail_add(ouse_format(ctx, "reconfigured %lld: %s", (long long)++generation, settings->text));
    return OUSE_OK;
}

OUSE_PLUGIN(.name = "probe", .version = "1.0.0", .title = "Probe", .threads = OUSE_PARALLEL,
            .self_size = sizeof(struct settings), .options = OUSE_ROWS(options),
            .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(probe_routes),
            .hooks = OUSE_ROWS(probe_hooks), .formats = OUSE_ROWS(formats), .tasks = OUSE_ROWS(tasks),
            .start = start, .ready = ready, .stop = stop, .reconfigure = reconfigure)
