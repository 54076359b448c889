/* openapi: GET /api/v1/openapi.json, OpenAPI 3.1 of all that is loaded.
 *
 * The document depends on nothing but what is loaded and the role of the caller, so it
 * is made once for each role and kept. The routes of the plugin run one at a time
 * (OUSE_SERIAL), which is what guards `kept`.
 */
#include "openapi.h"
#include <stdlib.h>

static struct kept {
    uint32_t role;
    struct ouse_str document; /* malloc'd; no text: not made yet */
} kept[] = {
    {OUSE_PUBLIC, {NULL, 0}}, {OUSE_PARTNER, {NULL, 0}}, {OUSE_OFFICE, {NULL, 0}}, {OUSE_MANAGER, {NULL, 0}}};

enum { ROLES = sizeof kept / sizeof kept[0] };

static void add_head(struct text *text, const struct ouse_doc *loaded)
{
    struct ouse_str base = ouse_text(text->ctx, loaded, "base_path");

    text_add(text, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Ouse\"");
    text_member(text, "version", ouse_text(text->ctx, loaded, "version"));
    text_add(text, ",\"summary\":\"A register of health partnerships\","
                   "\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},\"servers\":[{\"url\":");
    text_string(text, base.n ? base : ouse_s("/"));
    text_add(text, "}],\"security\":[{},{\"bearer\":[]}]");
}

/* What a collection says of itself: its doc, else its title, else its name. */
static struct ouse_str description_of(struct ouse_ctx *ctx, const struct ouse_doc *collection)
{
    static const char *const members[] = {"doc", "title", "name"};
    struct ouse_str text = ouse_s(NULL);

    for (size_t i = 0; !text.p && i < sizeof members / sizeof members[0]; i++)
        text = ouse_text(ctx, collection, members[i]);
    return text;
}

static void add_tags(struct text *text, const struct ouse_doc *collections)
{
    text_add(text, ",\"tags\":[{\"name\":\"register\",\"description\":\"The register as a whole.\"}");
    for (uint32_t i = 0; i < ouse_count(text->ctx, collections); i++) {
        const struct ouse_doc *collection = ouse_at(text->ctx, collections, i);
        text_add(text, ",{");
        text_member(text, "name", ouse_text(text->ctx, collection, "name"));
        text_member(text, "description", description_of(text->ctx, collection));
        text_add(text, "}");
    }
    text_add(text, "]");
}

static void add_paths(struct text *text, const struct ouse_doc *loaded)
{
    const struct ouse_doc *collections = ouse_member(text->ctx, loaded, "collections");

    text_add(text, ",\"paths\":{");
    for (uint32_t i = 0; i < ouse_count(text->ctx, collections); i++) {
        const struct ouse_doc *collection = ouse_at(text->ctx, collections, i);
        const struct subject subject = {ouse_text(text->ctx, collection, "name"), collection,
                                        ouse_member(text->ctx, loaded, "plugins")};
        paths_of_collection(text, &subject);
    }
    paths_of_plugins(text, loaded);
    paths_of_server(text);
    text_add(text, "}");
}

static void add_components(struct text *text, const struct ouse_doc *collections)
{
    text_add(text, ",\"components\":{\"schemas\":{");
    for (uint32_t i = 0; i < ouse_count(text->ctx, collections); i++)
        records_schemas(text, ouse_at(text->ctx, collections, i));
    shared_schemas(text);
    text_add(text, "}");
    components_shared(text);
    text_add(text, "}}");
}

static struct ouse_str make(struct ouse_ctx *ctx)
{
    const struct ouse_doc *loaded = ouse_describe(ctx);
    const struct ouse_doc *collections = ouse_member(ctx, loaded, "collections");
    struct text text = {.ctx = ctx};

    add_head(&text, loaded);
    add_tags(&text, collections);
    add_paths(&text, loaded);
    add_components(&text, collections);
    return (struct ouse_str){text.at, (uint32_t)text.n};
}

static struct kept *kept_for(uint32_t role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (kept[i].role == role)
            return &kept[i];
    return NULL;
}

static void keep(struct kept *of, struct ouse_str document)
{
    char *copy = malloc(document.n);

    if (!copy)
        return;
    memcpy(copy, document.p, document.n);
    of->document = (struct ouse_str){copy, document.n};
}

/* What cannot be kept is made anew each time. */
static ouse_rc answer(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct kept *of = kept_for(request->role);
    struct ouse_str document = of ? of->document : ouse_s(NULL);

    if (!document.p) {
        document = make(ctx);
        if (of)
            keep(of, document);
    }
    ouse_reply_bytes(ctx, 200, "application/json", document);
    return OUSE_OK;
}

static void stop(struct ouse_ctx *ctx)
{
    (void)ctx;
    for (size_t i = 0; i < ROLES; i++) {
        free((void *)(uintptr_t)kept[i].document.p);
        kept[i].document = ouse_s(NULL);
    }
}

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "openapi.json",
     .access = OUSE_NONE,
     .fn = answer,
     .summary = "This document",
     .reply_schema =
         OUSE_JSON({
         "type": "object",
         "properties": {"openapi": {"type": "string"}, "info": {"type": "object"}, "paths": {"type": "object"}},
         "required": ["openapi", "info", "paths"]
     })},
};

OUSE_PLUGIN(.name = "openapi", .version = "1.0.0", .title = "OpenAPI",
            .doc = "The API of the whole register as an OpenAPI 3.1 document.", .threads = OUSE_SERIAL,
            .routes = OUSE_ROWS(routes), .stop = stop)
