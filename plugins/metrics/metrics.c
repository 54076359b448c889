/* metrics: serves the metrics of the server at /metrics, for Prometheus.
 *
 * By default only the machine itself may read them. If a proxy runs on the same machine, every
 * client has the address of the machine. Therefore only "everyone" permits a request with a header
 * of a proxy, whatever its address is. */
#include "metrics.h"

#define EVERYONE "everyone"

struct settings {
    const char *allow;
};

static const struct ouse_option options[] = {
    {.name = "allow",
     .type = OUSE_OPTION_TEXT,
     .flags = OUSE_RELOADABLE,
     .dflt = "loopback",
     .offset = offsetof(struct settings, allow),
     .help = "who may read them: loopback, everyone, or addresses and networks: \"10.1.2.3, fd00::/8\""},
};

static int64_t started; /* when, in ms; set before anything is served */

static ouse_rc check_options(struct ouse_ctx *ctx)
{
    const struct settings *settings = ctx->self;
    struct ouse_str wrong;
    if (strcmp(settings->allow, EVERYONE) == 0 || address_list(settings->allow, &wrong))
        return OUSE_OK;
    return ouse_fail(
        ctx, OUSE_E_INVALID, "", "allow",
        "metrics.allow has \"%.*s\"; it is loopback, everyone, or addresses and networks with commas "
        "between them, such as \"127.0.0.1, 10.1.0.0/16, fd00::/8\"",
        OUSE_F(wrong));
}

static ouse_rc start(struct ouse_ctx *ctx)
{
    started = ouse_now(ctx);
    return OUSE_OK;
}

/* Returns the header which shows that a proxy forwarded the request; NULL if it came directly. */
static const char *passed_on(struct ouse_ctx *ctx)
{
    static const char *const headers[] = {"Forwarded",         "X-Forwarded-For", "X-Forwarded-Host",
                                          "X-Forwarded-Proto", "X-Real-IP",       "Via"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (ouse_header(ctx, headers[i]).p)
            return headers[i];
    return NULL;
}

static ouse_rc admit(struct ouse_ctx *ctx)
{
    const struct settings *settings = ctx->self;
    const char *header = passed_on(ctx);
    if (strcmp(settings->allow, EVERYONE) == 0)
        return OUSE_OK;
    if (header)
        return ouse_fail(ctx, OUSE_E_FORBIDDEN, "", "proxied",
                         "This request came through a proxy (%s), so its origin is unknown: contact the "
                         "server directly, or set metrics.allow to \"everyone\"",
                         header);
    if (address_in(ouse_address(ctx), settings->allow))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_FORBIDDEN, "", "address",
                     "Metrics are not available to %.*s; metrics.allow lists the permitted addresses",
                     OUSE_F(ouse_address(ctx)));
}

static ouse_rc show(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct text text = {.ctx = ctx};
    ouse_rc rc = admit(ctx);
    (void)request;
    if (rc)
        return rc;
    exposition_add(&text, "ouse_", ouse_measures(ctx));
    exposition_add(&text, "process_", process_measures(ctx, started));
    ouse_reply_header(ctx, "Cache-Control", ouse_s("no-store"));
    ouse_reply_bytes(ctx, 200, "text/plain; version=0.0.4; charset=utf-8",
                     (struct ouse_str){text.at, text.n});
    return OUSE_OK;
}

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "/metrics",
     .access = OUSE_NONE,
     .fn = show,
     .summary = "Metrics of the server, as Prometheus text"},
};

OUSE_PLUGIN(.name = "metrics", .version = "1.0.0", .title = "Metrics",
            .doc = "Metrics of the server, for Prometheus, at /metrics.", .threads = OUSE_PARALLEL,
            .self_size = sizeof(struct settings), .options = OUSE_ROWS(options), .routes = OUSE_ROWS(routes),
            .start = start, .validate = check_options)
