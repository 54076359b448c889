/* A plugin with formats of each kind of list, and with replies, documents and messages that are not UTF-8. */
#include <ouse/plugin.h>

#include <stdio.h>

enum { NOTES = 120, PAD = 20000 };

static const struct ouse_field fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED | OUSE_INDEXED, .doc = "What it says."}};

static const struct ouse_collection collections[] = {{.name = "notes",
                                                      .singular = "note",
                                                      .doc = "What is written.",
                                                      .version = 1,
                                                      .label_field = "title",
                                                      .fields = OUSE_ROWS(fields)}};

/* ---- Formats --------------------------------------------------------------- */

static ouse_rc write_list(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    struct ouse_str next = ouse_text(ctx, ouse_member(ctx, ouse_about(ctx), "links"), "next");
    if (part == OUSE_BEGIN)
        ouse_write(ctx, ouse_format(ctx, "BEGIN %.*s next %d\n", OUSE_F(ouse_text(ctx, value, "collection")),
                                    next.n > 0));
    else if (part == OUSE_ITEM)
        ouse_write(ctx, ouse_format(ctx, "%.*s\n", OUSE_F(ouse_text(ctx, value, "title"))));
    else
        ouse_write(ctx, ouse_s("END\n"));
    return OUSE_OK;
}

/* Wide enough for several pieces of a stream. */
static ouse_rc write_wide(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    if (part == OUSE_ITEM)
        ouse_write(ctx, ouse_format(ctx, "%*s", PAD, ""));
    return write_list(ctx, part, value);
}

static ouse_rc write_latin(struct ouse_ctx *ctx, uint32_t part, const struct ouse_doc *value)
{
    (void)part, (void)value;
    ouse_write(ctx, ouse_s("caf\xe9\n"));
    return OUSE_OK;
}

#define LIST OUSE_OF_LIST | OUSE_OF_RECORD

static const struct ouse_format formats[] = {
    {.media_type = "text/x-unsaid", .suffix = "unsaid", .applies_to = LIST, .fn = write_list},
    {.media_type = "text/x-paged",
     .suffix = "paged",
     .applies_to = LIST,
     .flags = OUSE_PAGED,
     .fn = write_list},
    {.media_type = "text/x-whole",
     .suffix = "whole",
     .applies_to = LIST,
     .flags = OUSE_WHOLE,
     .fn = write_list},
    {.media_type = "text/x-wide",
     .suffix = "wide",
     .applies_to = LIST,
     .flags = OUSE_WHOLE,
     .fn = write_wide},
    {.media_type = "text/x-latin",
     .suffix = "latin",
     .applies_to = LIST,
     .flags = OUSE_WHOLE,
     .fn = write_latin},
    {.media_type = "application/x-latin",
     .suffix = "bytes",
     .applies_to = LIST,
     .flags = OUSE_WHOLE,
     .fn = write_latin},
};

/* ---- Routes ----------------------------------------------------------------- */

static ouse_rc fill(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    for (int i = 0; i < NOTES; i++) {
        struct ouse_str id = ouse_format(ctx, "n%03d", i);
        struct ouse_doc *note = ouse_object(ctx);
        ouse_set_text(ctx, note, "title", id);
        ouse_rc rc = ouse_create(ctx, "notes", id, note, NULL);
        if (rc)
            return rc;
    }
    ouse_reply(ctx, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc reply(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str what = ouse_parameter(ctx, "what");
    struct ouse_doc *document = ouse_object(ctx);
    (void)request;
    if (ouse_is(what, "text"))
        ouse_reply_bytes(ctx, 200, "text/plain", ouse_s("caf\xe9"));
    else if (ouse_is(what, "json"))
        ouse_reply_bytes(ctx, 200, "application/geo+json", ouse_s("\"caf\xe9\""));
    else if (ouse_is(what, "latin"))
        ouse_reply_bytes(ctx, 200, "text/plain; charset=iso-8859-1", ouse_s("caf\xe9"));
    else if (ouse_is(what, "encoded")) {
        ouse_reply_bytes(ctx, 200, "text/plain", ouse_gzip(ctx, ouse_format(ctx, "%*s", PAD, "end")));
        ouse_reply_header(ctx, "Content-Encoding", ouse_s("gzip"));
    } else if (ouse_is(what, "bytes"))
        ouse_reply_bytes(ctx, 200, "application/octet-stream", ouse_s("caf\xe9"));
    else if (ouse_is(what, "failure"))
        return ouse_fail(ctx, OUSE_E_CONFLICT, "", "cut", "It says %.4s", "caf\xc3\xa9");
    else
        ouse_set_text(ctx, document, "name", ouse_s("caf\xe9"));
    if (ouse_is(what, "document"))
        ouse_reply(ctx, document);
    return OUSE_OK;
}

static const struct ouse_parameter parameters[] = {
    {.name = "what", .type = OUSE_TEXT, .flags = OUSE_REQUIRED, .doc = "What is not UTF-8."}};

static const struct ouse_route routes[] = {
    {.method = "POST", .path = "notes/-/fill", .access = OUSE_WRITE, .fn = fill, .summary = "Fill"},
    {.method = "GET",
     .path = "notes/-/reply",
     .access = OUSE_NONE,
     .fn = reply,
     .summary = "Reply",
     .parameters = OUSE_ROWS(parameters)},
};

/* A hook that completes a record with what is not UTF-8. */
static ouse_rc complete(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_is(ouse_text(ctx, change->after, "title"), "latin"))
        ouse_set_text(ctx, change->after, "title", ouse_s("caf\xe9"));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "notes",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = complete},
};

OUSE_PLUGIN(.name = "scribe", .version = "1.0.0", .title = "Scribe", .doc = "Writes.",
            .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks),
            .formats = OUSE_ROWS(formats))
