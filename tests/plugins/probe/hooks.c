/* hooks: rules in every phase. */
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
    uint32_t phase;
    const char *name;
} phases[] = {{OUSE_FILL, "fill"},
              {OUSE_CHECK, "check"},
              {OUSE_FOLLOW, "follow"},
              {OUSE_SETTLE, "settle"},
              {OUSE_DELIVER, "deliver"}};

static const char *phase_name(uint32_t phase)
{
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        if (phases[i].phase == phase)
            return phases[i].name;
    return "?";
}

/* "check steps/one op 1 revision 1 before - after One by manager" */
static struct ouse_str describe(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str nothing = ouse_s("-"), before = ouse_text(ctx, change->before, "title"),
                    after = ouse_text(ctx, change->after, "title");
    return ouse_format(ctx, "%s %s/%.*s op %u revision %u before %.*s after %.*s by %.*s",
                       phase_name(change->phase), change->collection, OUSE_F(change->id), change->op,
                       change->revision, OUSE_F(before.p ? before : nothing),
                       OUSE_F(after.p ? after : nothing), OUSE_F(change->actor));
}

/* ---- steps: every phase, in order ------------------------------------------ */

static ouse_rc see(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    trail_add(describe(ctx, change));
    return OUSE_OK;
}

static ouse_rc fill_step(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_set_number(ctx, change->after, "length", ouse_text(ctx, change->after, "title").n);
    return see(ctx, change);
}

/* Makes as many marks as the step says; the one of number `spoilt` has no title. */
static ouse_rc follow_step(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    double n = ouse_number(ctx, change->after, "marks", 0),
           spoilt = ouse_number(ctx, change->after, "spoilt", 0);
    ouse_rc rc = see(ctx, change);
    for (int i = 1; i <= n && !rc && change->op == OUSE_ON_CREATE; i++) {
        struct ouse_doc *mark = ouse_object(ctx);
        ouse_set_text(ctx, mark, "step", change->id);
        if (i != spoilt)
            ouse_set_text(ctx, mark, "title", ouse_format(ctx, "Mark %d", i));
        rc = ouse_create(ctx, "marks", ouse_s(NULL), mark, NULL);
    }
    return rc;
}

/* ---- guests: refusals, and warnings that depend on another record ------------ */

static ouse_rc rename_guest(struct ouse_ctx *ctx, struct ouse_str id)
{
    struct ouse_doc *changes = ouse_object(ctx);
    ouse_set_text(ctx, changes, "title", ouse_s("Renamed"));
    return ouse_patch(ctx, "guests", id, changes);
}

static ouse_rc check_guest(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str title = ouse_text(ctx, change->after, "title");
    struct ouse_str host = ouse_text(ctx, change->after, "host");
    double quota = ouse_number(ctx, ouse_get(ctx, "hosts", host), "quota", 0);
    int others = 0;
    if (ouse_is(title, "Silent"))
        return OUSE_E_CONFLICT;
    if (ouse_is(title, "Meddler"))
        ouse_set_text(ctx, change->after, "title", ouse_s("Spoilt"));
    if (ouse_is(title, "Selfish"))
        return rename_guest(ctx, change->id);
    if (ouse_is(title, "Banned"))
        ouse_fail(ctx, OUSE_E_CONFLICT, "/host", "not_welcome", "%.*s does not let them in", OUSE_F(host));
    if (ouse_is(title, "Banned"))
        return ouse_fail(ctx, OUSE_E_CONFLICT, "/title", "banned", "%.*s is not let in anywhere",
                         OUSE_F(title));
    OUSE_EACH(ctx, guest, ouse_referrers(ctx, "hosts", host, "guests", "host"))
        others += !ouse_same(ouse_text(ctx, guest, "id"), change->id);
    if (others >= quota)
        ouse_warn(ctx, "/host", "crowded", "%.*s has room for %g", OUSE_F(host), quota);
    return OUSE_OK;
}

static ouse_rc follow_host(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    OUSE_EACH(ctx, guest, ouse_referrers(ctx, "hosts", change->id, "guests", "host"))
        ouse_recheck(ctx, "guests", ouse_text(ctx, guest, "id"));
    ouse_recheck(ctx, "guests", ouse_s("nobody"));
    return OUSE_OK;
}

/* ---- letters: a change by its own FOLLOW hook, then delivery ------------------- */

static ouse_rc stamp_letter(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_doc *changes = ouse_object(ctx);
    ouse_set_bool(ctx, changes, "stamped", 1);
    return ouse_patch(ctx, "letters", change->id, changes);
}

/* Whether there is a file beside the letter box: FILE.closed, FILE.fatal. */
static int there_is(struct ouse_ctx *ctx, const char *suffix)
{
    const struct settings *settings = ctx->self;
    return access(ouse_format(ctx, "%s.%s", settings->file, suffix).p, F_OK) == 0;
}

static ouse_rc deliver_letter(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    const struct settings *settings = ctx->self;
    struct ouse_str line = ouse_format(ctx, "%.*s\n", OUSE_F(describe(ctx, change)));
    int file;
    if (there_is(ctx, "closed"))
        return ouse_fail(ctx, OUSE_E_UNAVAILABLE, "", "closed", "The letter box is closed");
    if (ouse_is(ouse_text(ctx, change->after, "title"), "Undeliverable"))
        return ouse_fail(ctx, OUSE_E_INVALID, "", "refused", "Nobody of that name");
    file = open(settings->file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, line.p, line.n) != (ssize_t)line.n)
        return ouse_fail(ctx, OUSE_E_UNAVAILABLE, "", "file", "errno %d", errno);
    close(file);
    if (there_is(ctx, "fatal"))
        raise(SIGKILL);
    return OUSE_OK;
}

/* ---- echoes: hooks that write in a circle ---------------------------------------- */

static ouse_rc echo(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    return ouse_create(ctx, "echoes", ouse_s(NULL), change->after, NULL);
}

static ouse_rc settle_in_a_circle(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_doc *changes = ouse_object(ctx);
    trail_add(describe(ctx, change));
    if (!ouse_is(ouse_text(ctx, change->after, "title"), "Whirl"))
        return OUSE_OK;
    ouse_set_number(ctx, changes, "turns", ouse_number(ctx, change->after, "turns", 0) + 1);
    return ouse_patch(ctx, "whirls", change->id, changes);
}

const struct ouse_hook probe_hooks[PROBE_HOOKS] = {
    {.collection = "steps", .ops = OUSE_ON_ALL, .phase = OUSE_DELIVER, .fn = see},
    {.collection = "steps", .ops = OUSE_ON_ALL, .phase = OUSE_SETTLE, .fn = see},
    {.collection = "steps", .ops = OUSE_ON_ALL, .phase = OUSE_FOLLOW, .fn = follow_step},
    {.collection = "steps", .ops = OUSE_ON_ALL, .phase = OUSE_CHECK, .fn = see},
    {.collection = "steps", .ops = OUSE_ON_ALL, .phase = OUSE_FILL, .fn = fill_step},
    {.collection = "guests", .ops = OUSE_ON_WRITE, .phase = OUSE_CHECK, .fn = check_guest},
    {.collection = "hosts", .ops = OUSE_ON_WRITE, .phase = OUSE_FOLLOW, .fn = follow_host},
    {.collection = "letters", .ops = OUSE_ON_CREATE, .phase = OUSE_FOLLOW, .fn = stamp_letter},
    {.collection = "letters", .ops = OUSE_ON_ALL, .phase = OUSE_DELIVER, .fn = deliver_letter},
    {.collection = "echoes", .ops = OUSE_ON_CREATE, .phase = OUSE_FOLLOW, .fn = echo},
    {.collection = "whirls", .ops = OUSE_ON_UPDATE, .phase = OUSE_SETTLE, .fn = settle_in_a_circle},
    /* Built "before there was" a merge. */
    {.collection = "guarded",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .phase = OUSE_CHECK,
     .fn = see},
};
