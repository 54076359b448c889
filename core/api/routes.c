/* routes: which path leads where. */
#include "feature.h"

#include "../base/heap.h"
#include <stdlib.h>

#define RECORD "/{id}"

/* Paths of a collection, below /api/v1/NAME. A row with a verb flag is skipped if the collection
 * has it (405); one with `flows`, if the collection has no flows. */
static const struct api_route routes[] = {
    {HTTP_GET, "", "list", rest_list, 0, 0, NULL, NULL},
    {HTTP_POST, "", "write", rest_create, OUSE_NO_CREATE, 0, NULL, NULL},
    {HTTP_GET, RECORD, "record", rest_read, 0, 0, NULL, NULL},
    {HTTP_PUT, RECORD, "write", rest_replace, OUSE_NO_CHANGE, 0, NULL, NULL},
    {HTTP_PATCH, RECORD, "write", rest_patch, OUSE_NO_CHANGE, 0, NULL, NULL},
    {HTTP_DELETE, RECORD, "write", rest_remove, OUSE_NO_REMOVE, 0, NULL, NULL},
    {HTTP_POST, RECORD "/move", "write", rest_move, 0, 1, NULL, NULL},
    {HTTP_POST, RECORD "/revert", "write", rest_revert, OUSE_NO_CHANGE, 0, NULL, NULL},
    {HTTP_GET, "/-/by/{scheme}/{value}", "record", rest_lookup, 0, 0, NULL, NULL},
    {HTTP_GET, "/-/by/{scheme}/{value}/{*}", "record", rest_lookup, 0, 0, NULL, NULL}, /* with slashes */
    {.path = NULL},
};

/* Paths of the register as a whole. */
static const struct api_route server_routes[] = {
    {HTTP_GET, "/healthz", "server", rest_health, 0, 0, NULL, NULL},
    {HTTP_GET, "/readyz", "server", rest_ready, 0, 0, NULL, NULL},
    {HTTP_GET, "/version", "server", rest_version, 0, 0, NULL, NULL},
    {HTTP_GET, REST_API, "server", rest_index, 0, 0, NULL, NULL},
    {HTTP_GET, REST_API "/-/schema", "server", rest_schema, 0, 0, NULL, NULL},
    {HTTP_GET, REST_API "/-/schema/{collection}", "server", rest_schema_one, 0, 0, NULL, NULL},
    {.path = NULL},
};

static const struct rest_format json = {.media_type = "application/json",
                                        .suffix = "json",
                                        .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST | OUSE_OF_CHANGES};

static ouse_rc offer(struct offers *offers, const struct rest_format *format, uint32_t of,
                     const char *collection, struct problem *problem)
{
    if (!(format->applies_to & of) ||
        (format->collection && (!collection || strcmp(format->collection, collection) != 0)))
        return OUSE_OK;
    if (offers->n == sizeof offers->types / sizeof offers->types[0])
        return problem_fail(problem, OUSE_E_CONFLICT, "At most %d formats can be had of one thing",
                            REST_FORMATS);
    offers->types[offers->n] = format->media_type;
    offers->formats[offers->n++] = format;
    return OUSE_OK;
}

/* The formats that apply to one kind of thing, of a collection or, without one, of the register: JSON, those
 * of features, those of plugins. */
static ouse_rc collect_offers(const struct rest *rest, uint32_t of, const char *collection,
                              struct offers *offers, struct problem *problem)
{
    ouse_rc rc = offer(offers, &json, of, collection, problem);
    for (const struct feature *const *feature = rest->features; feature && *feature; feature++)
        for (const struct rest_format *const *format = (*feature)->formats; format && *format && !rc;
             format++)
            rc = offer(offers, *format, of, collection, problem);
    for (uint32_t i = 0; i < rest->n_formats && !rc; i++)
        rc = offer(offers, &rest->formats[i], of, collection, problem);
    return rc;
}

static ouse_rc add(struct router *router, uint32_t method, const char *path, const char *kind,
                   http_handler handler, void *arg, struct problem *problem)
{
    ouse_rc rc = router_add(router, method, path, kind, handler, arg);
    return rc ? problem_fail(problem, rc, "The path %s is taken", path) : OUSE_OK;
}

static ouse_rc mount_routes(struct resource *resource, const struct api_route *route, struct router *router,
                            struct problem *problem)
{
    const struct collection *collection = resource->collection;
    ouse_rc rc = OUSE_OK;
    for (; route && route->path && !rc; route++) {
        if (collection->is.flags & route->unless || (route->flows && !collection->n_flows))
            continue;
        struct ouse_str path =
            arena_printf(problem->arena, REST_API "/%s%s", collection->is.name, route->path);
        rc = add(router, route->method, path.p, route->kind, route->handler, resource, problem);
    }
    return rc;
}

/* Mounts the suffixes of formats. The suffix of a list is part of the segment with its name, so
 * each is a separate path; that of a record is part of its id. */
static ouse_rc mount_suffixes(const struct offers *offers, const char *name, const char *kind,
                              http_handler handler, void *arg, struct router *router, struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < offers->n && !rc; i++)
        if (offers->formats[i]->suffix)
            rc = add(router, HTTP_GET,
                     arena_printf(problem->arena, REST_API "/%s.%s", name, offers->formats[i]->suffix).p,
                     kind, handler, arg, problem);
    return rc;
}

static ouse_rc mount_collection(struct resource *resource, struct router *router, struct problem *problem)
{
    const char *name = resource->collection->is.name;
    ouse_rc rc = collect_offers(resource->rest, OUSE_OF_RECORD, name, &resource->record, problem);
    if (!rc)
        rc = collect_offers(resource->rest, OUSE_OF_LIST, name, &resource->list, problem);
    if (!rc)
        rc = mount_routes(resource, routes, router, problem);
    for (const struct feature *const *feature = resource->rest->features; feature && *feature && !rc;
         feature++)
        rc = mount_routes(resource, (*feature)->routes, router, problem);
    return rc ? rc : mount_suffixes(&resource->list, name, "list", rest_list, resource, router, problem);
}

/* ---- Collections that were renamed --------------------------------------- */

/* Redirects to the same path with the present name: 308, which keeps the method and the body. */
static ouse_rc answer_renamed(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    const char *was = resource->collection->is.was, *api = REST_API "/";
    uint32_t head = request->path.n > strlen(api) && strncmp(request->path.p, api, strlen(api)) == 0
                        ? (uint32_t)strlen(api)
                        : 1;
    uint32_t tail = head + (uint32_t)strlen(was);
    reply->status = 308;
    http_reply_header(reply, "Location",
                      arena_printf(request->arena, "%s%.*s%s%.*s%s%.*s", resource->rest->base_path, (int)head,
                                   request->path.p, resource->collection->is.name,
                                   (int)(request->path.n - tail), request->path.p + tail,
                                   request->query.n ? "?" : "", OUSE_F(request->query)));
    return OUSE_OK;
}

/* The paths under the former name, of the API and of pages. */
static ouse_rc mount_former(struct resource *resource, struct router *router, struct problem *problem)
{
    static const uint32_t methods = HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE;
    enum { PATHS = 4 };
    const char *was = resource->collection->is.was;
    ouse_rc rc = OUSE_OK;
    if (!was || schema_find(records_schema(resource->rest->records), ouse_s(was)))
        return OUSE_OK;
    for (int i = 0; i < PATHS && !rc; i++) {
        const char *api = i < 2 ? REST_API : "", *rest = i % 2 ? "/{*}" : "";
        rc = add(router, methods, arena_printf(problem->arena, "%s/%s%s", api, was, rest).p, "record",
                 answer_renamed, resource, problem);
    }
    return rc ? rc : mount_suffixes(&resource->list, was, "list", answer_renamed, resource, router, problem);
}

static ouse_rc mount_collections(struct rest *rest, struct router *router, struct problem *problem)
{
    const struct schema *schema = records_schema(rest->records);
    uint32_t n = schema_count(schema);
    ouse_rc rc = OUSE_OK;
    rest->resources = n ? heap_zero(n * sizeof *rest->resources) : NULL;
    for (uint32_t i = 0; i < n && !rc; i++) {
        struct resource *resource = &rest->resources[i];
        resource->rest = rest;
        resource->collection = schema_at(schema, i);
        rc = mount_collection(resource, router, problem);
    }
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = mount_former(&rest->resources[i], router, problem);
    return rc;
}

/* The paths of the register as a whole, below `base`. */
static ouse_rc mount_whole(struct rest *rest, const char *base, const struct api_route *route,
                           struct router *router, struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (; route && route->path && !rc; route++) {
        const char *path = arena_printf(problem->arena, "%s%s", base, route->path).p;
        rc = add(router, route->method, path, route->kind, route->handler, rest, problem);
        if (!rc && route->suffixes)
            rc = mount_suffixes(rest->changes, route->suffixes, route->kind, route->handler, rest, router,
                                problem);
    }
    return rc;
}

ouse_rc rest_mount(struct rest *rest, struct router *router, struct problem *problem)
{
    ouse_rc rc = mount_collections(rest, router, problem);
    rest->changes = heap_zero(sizeof *rest->changes);
    if (!rc)
        rc = collect_offers(rest, OUSE_OF_CHANGES, NULL, rest->changes, problem);
    if (!rc)
        rc = mount_whole(rest, "", server_routes, router, problem);
    for (const struct feature *const *feature = rest->features; feature && *feature && !rc; feature++)
        rc = mount_whole(rest, REST_API, (*feature)->api_routes, router, problem);
    if (rc)
        rest_unmount(rest);
    return rc;
}

void rest_unmount(struct rest *rest)
{
    free(rest->resources);
    free(rest->changes);
    rest->resources = NULL;
    rest->changes = NULL;
}
