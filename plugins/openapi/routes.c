/* routes: the computed endpoints and actions of the plugins that are loaded. */
#include "openapi.h"

#define API "/api/v1/"

static int is_visible(struct ouse_ctx *ctx, const struct ouse_doc *loaded, struct ouse_str name)
{
    const struct ouse_doc *collections = ouse_member(ctx, loaded, "collections");

    for (uint32_t i = 0; i < ouse_count(ctx, collections); i++)
        if (ouse_same(ouse_text(ctx, ouse_at(ctx, collections, i), "name"), name))
            return 1;
    return 0;
}

/* The collection that a route is about, or the register. */
static struct ouse_str tag_of(struct ouse_ctx *ctx, const struct ouse_doc *loaded, struct ouse_str path)
{
    const char *name = path.p + strlen(API);
    struct ouse_str first = {name, (uint32_t)strcspn(name, "/")};

    return is_visible(ctx, loaded, first) ? first : ouse_s("register");
}

/* "get.hubs.id.portfolio": as unique as method and path are. */
static void add_id(struct text *text, const char *method, const char *path)
{
    text_next(text);
    text_add(text, "\"operationId\":\"%s", method);
    for (const char *at = path + strlen(API) - 1; *at; at++)
        if (*at != '{' && *at != '}')
            text_add(text, "%c", *at == '/' ? '.' : *at);
    text_add(text, "\"");
}

static void add_placeholders(struct text *text, const char *path)
{
    for (const char *at = path; (at = strchr(at, '{')); at++) {
        struct ouse_str name = {at + 1, (uint32_t)strcspn(at + 1, "}")};
        text_next(text);
        text_fill(text,
                  ouse_is(name, "id") ? "{\"$ref\":\"#/components/parameters/Id\"}"
                                      : "{\"name\":\"@\",\"in\":\"path\",\"required\":true,"
                                        "\"schema\":{\"type\":\"string\"}}",
                  name);
    }
}

static void add_parameter(struct text *text, const struct ouse_doc *parameter)
{
    struct ouse_str name = ouse_text(text->ctx, parameter, "name");
    struct ouse_str example = field_example(text->ctx, parameter);

    if (ouse_is(name, "as_of")) { /* every one that reads has it */
        text_add(text, "{\"$ref\":\"#/components/parameters/AsOf\"}");
        return;
    }
    text_fill(text, "{\"name\":\"@\",\"in\":\"query\"", name);
    text_member(text, "description", ouse_text(text->ctx, parameter, "doc"));
    if (records_flag(text->ctx, parameter, "required"))
        text_add(text, ",\"required\":true");
    if (example.p)
        text_add(text, ",\"example\":%.*s", OUSE_F(example));
    text_add(text, ",\"schema\":{");
    field_schema(text, parameter);
    text_add(text, "}}");
}

static void add_parameters(struct text *text, const struct ouse_doc *route)
{
    const struct ouse_doc *parameters = ouse_member(text->ctx, route, "parameters");

    for (uint32_t i = 0; i < ouse_count(text->ctx, parameters); i++) {
        text_next(text);
        add_parameter(text, ouse_at(text->ctx, parameters, i));
    }
}

static void add_body(struct text *text, const struct ouse_doc *schema)
{
    if (!schema)
        return;
    text_add(text, ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":");
    text_value(text, schema);
    text_add(text, "}}}");
}

/* Adds the responses. A route without a reply_schema may return any reply, or none. */
static void add_responses(struct text *text, const struct ouse_doc *route, const char *path, int reads)
{
    const struct ouse_doc *schema = ouse_member(text->ctx, route, "reply_schema");

    text_add(text, ",\"responses\":{\"%s\":{\"description\":\"The answer\"", reads || schema ? "200" : "2XX");
    if (schema) {
        text_add(text, ",\"content\":{\"application/json\":{\"schema\":");
        text_value(text, schema);
        text_add(text, "}}");
    }
    text_add(text, "}");
    components_problems(text,
                        strstr(path, "{id}") ? "308 400 401 404 410 429 500 503" : "400 401 429 500 503");
    if (!ouse_is(ouse_text(text->ctx, route, "role"), "public"))
        components_problems(text, "403");
    if (!reads)
        components_problems(text, "409 413 415 422");
    text_add(text, "}");
}

static void add_route(struct text *text, const struct ouse_doc *loaded, const struct ouse_doc *route)
{
    static const char *const methods[][2] = {
        {"GET", "get"}, {"POST", "post"}, {"PUT", "put"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
    struct ouse_ctx *ctx = text->ctx;
    struct ouse_str path = ouse_text(ctx, route, "path");
    size_t i = 0;

    while (!ouse_is(ouse_text(ctx, route, "method"), methods[i][0]))
        i++;
    text_next(text);
    text_add(text, "\"%s\":{", methods[i][1]);
    add_id(text, methods[i][1], path.p);
    text_member(text, "summary", ouse_text(ctx, route, "summary"));
    text_add(text, ",\"tags\":[");
    text_string(text, tag_of(ctx, loaded, path));
    text_add(text, "]");
    roles_security(text, roles_called(ouse_text(ctx, route, "role")));
    text_add(text, ",\"parameters\":[");
    add_placeholders(text, path.p);
    add_parameters(text, route);
    text_add(text, "]");
    add_body(text, ouse_member(ctx, route, "body_schema"));
    add_responses(text, route, path.p, i == 0);
    text_add(text, "}");
}

/* Returns whether a path is documented: paths below the API are; a site, or a path of any length,
 * is not. */
static int is_shown(struct ouse_str path)
{
    return strncmp(path.p, API, strlen(API)) == 0 && !strstr(path.p, "{*}");
}

typedef void (*route_fn)(struct text *text, const struct ouse_doc *loaded, const struct ouse_doc *route,
                         const void *arg);

static void each_route(struct text *text, const struct ouse_doc *loaded, route_fn fn, const void *arg)
{
    const struct ouse_doc *plugins = ouse_member(text->ctx, loaded, "plugins");

    for (uint32_t i = 0; i < ouse_count(text->ctx, plugins); i++) {
        const struct ouse_doc *routes = ouse_member(text->ctx, ouse_at(text->ctx, plugins, i), "routes");
        for (uint32_t j = 0; j < ouse_count(text->ctx, routes); j++)
            fn(text, loaded, ouse_at(text->ctx, routes, j), arg);
    }
}

static void add_if_same(struct text *text, const struct ouse_doc *loaded, const struct ouse_doc *route,
                        const void *arg)
{
    if (ouse_same(ouse_text(text->ctx, route, "path"), *(const struct ouse_str *)arg))
        add_route(text, loaded, route);
}

/* All methods of a path, at the first route that has it. `arg` is a set of the paths
 * that were written. */
static void add_path(struct text *text, const struct ouse_doc *loaded, const struct ouse_doc *route,
                     const void *arg)
{
    struct ouse_doc *written = (struct ouse_doc *)(uintptr_t)arg;
    struct ouse_str path = ouse_text(text->ctx, route, "path");

    if (!is_shown(path) || ouse_member(text->ctx, written, path.p))
        return;
    ouse_set_bool(text->ctx, written, path.p, 1);
    text_next(text);
    text_string(text, path);
    text_add(text, ":{");
    each_route(text, loaded, add_if_same, &path);
    text_add(text, "}");
}

void paths_of_plugins(struct text *text, const struct ouse_doc *loaded)
{
    each_route(text, loaded, add_path, ouse_object(text->ctx));
}
