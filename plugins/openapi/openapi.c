/* openapi: GET /api/v1/openapi.json, OpenAPI 3.1 of everything that is loaded, or of one group of
 * it.
 *
 *   the loaded plugins ─> document.c, for a role ─> group.c, for a tag ─> kept.c ─> the answer
 *
 * The public document is made at the start, so that no request waits for it. */
#include "openapi.h"

static ouse_rc refuse(struct ouse_ctx *ctx, uint32_t role, struct ouse_str tag)
{
    struct ouse_str names = group_names(ctx, &kept_get(ctx, role, ouse_s(NULL))->outline);

    return ouse_fail(ctx, OUSE_E_REQUEST, "", "value", "tag: there is no group \"%.*s\"; the groups are %.*s",
                     OUSE_F(tag), OUSE_F(names));
}

static ouse_rc answer(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str tag = ouse_parameter(ctx, "tag");
    struct kept *kept = kept_get(ctx, request->role, tag);
    struct ouse_str packed = ouse_s(NULL);

    if (!kept)
        return refuse(ctx, request->role, tag);
    if (ouse_takes(ctx, "gzip"))
        packed = kept_packed(ctx, kept);
    ouse_reply_bytes(ctx, 200, "application/json", packed.p ? packed : kept->document);
    ouse_reply_header(
        ctx, "ETag",
        ouse_format(ctx, "\"%016llx%s\"", (unsigned long long)kept->hash, packed.p ? "-gzip" : ""));
    if (packed.p)
        ouse_reply_header(ctx, "Content-Encoding", ouse_s("gzip"));
    return OUSE_OK;
}

static ouse_rc start(struct ouse_ctx *ctx)
{
    kept_get(ctx, OUSE_PUBLIC, ouse_s(NULL));
    return OUSE_OK;
}

static void stop(struct ouse_ctx *ctx)
{
    (void)ctx;
    kept_clear();
}

static const struct ouse_parameter parameters[] = {
    {.name = "tag",
     .type = OUSE_TEXT,
     .doc =
         "The operations of one group only, with the components that they use: the name of one of `tags`."},
};

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "openapi.json",
     .access = OUSE_NONE,
     .fn = answer,
     .summary = "This document",
     .parameters = OUSE_ROWS(parameters),
     .reply_schema =
         OUSE_JSON({
         "type": "object",
         "properties": {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}},
         "required": ["openapi", "info", "paths"]
     })},
};

OUSE_PLUGIN(.name = "openapi", .version = "1.0.0", .title = "OpenAPI",
            .doc = "The API of the whole register as an OpenAPI 3.1 document.", .threads = OUSE_SERIAL,
            .routes = OUSE_ROWS(routes), .start = start, .stop = stop)
