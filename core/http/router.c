/* router: from method and path to the handler, over a trie of segments.
 *
 *     (root) ─ api ─ v1 ─ hubs ─┬─ {} ─ portfolio     children with a name are sorted,
 *                               └─ new                and tried before the placeholder
 *     (root) ─ {*}                                    `rest`, tried when nothing else fits
 *
 * If a node does not match, the search backtracks: if "/hubs/new" has only POST, GET "/hubs/new"
 * matches "/hubs/{id}". `rest` matches only paths that are otherwise unknown, not unknown methods. */
#include "../base/arena.h"
#include "../base/heap.h"
#include "http.h"
#include <stdlib.h>

struct route {
    struct route *next;
    uint32_t methods;
    int chunked; /* it takes a body in chunks */
    uint32_t kind;
    http_handler handler;
    void *arg;
};

struct node {
    struct ouse_str name; /* a literal segment; "" otherwise; owned */
    struct node **children;
    uint32_t n_children;
    struct node *placeholder;
    struct node *rest;
    struct route *routes; /* of paths that end here */
    uint32_t methods;     /* of them all */
};

static struct node *new_node(struct ouse_str name)
{
    struct node *node = heap_zero(sizeof *node);
    char *copy = heap_alloc(name.n + 1u);
    memcpy(copy, name.p, name.n);
    node->name = (struct ouse_str){copy, name.n};
    return node;
}

static void destroy_node(struct node *node)
{
    if (!node)
        return;
    for (uint32_t i = 0; i < node->n_children; i++)
        destroy_node(node->children[i]);
    destroy_node(node->placeholder);
    destroy_node(node->rest);
    while (node->routes) {
        struct route *route = node->routes;
        node->routes = route->next;
        free(route);
    }
    free(node->children);
    free((char *)node->name.p);
    free(node);
}

struct router {
    struct node *root;
    const char **kinds;
    uint32_t n_kinds;
};

/* Returns the number of a kind of routes, and adds a new one if the name is unknown. */
static uint32_t number_kind(struct router *router, const char *name)
{
    uint32_t kind = 0;
    while (kind < router->n_kinds && strcmp(router->kinds[kind], name) != 0)
        kind++;
    if (kind == router->n_kinds) {
        router->kinds = heap_grow(router->kinds, (kind + 1) * sizeof *router->kinds);
        router->kinds[router->n_kinds++] = name;
    }
    return kind;
}

struct router *router_create(void)
{
    struct router *router = heap_zero(sizeof *router);
    router->root = new_node(ouse_s(""));
    number_kind(router, "none");
    return router;
}

void router_destroy(struct router *router)
{
    if (!router)
        return;
    destroy_node(router->root);
    free(router->kinds);
    free(router);
}

uint32_t router_kinds(const struct router *router)
{
    return router->n_kinds;
}

const char *router_kind(const struct router *router, uint32_t kind)
{
    return router->kinds[kind];
}

static int compare(struct ouse_str a, struct ouse_str b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* Where a child of that name is, or would be put. */
static uint32_t place(const struct node *node, struct ouse_str name, int *there)
{
    uint32_t low = 0, high = node->n_children;
    *there = 0;
    while (low < high && !*there) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare(node->children[middle]->name, name);
        *there = order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
}

static struct node *literal_child(struct node *node, struct ouse_str name)
{
    int there;
    uint32_t at = place(node, name, &there);
    if (there)
        return node->children[at];
    node->children = heap_grow(node->children, (node->n_children + 1) * sizeof *node->children);
    memmove(node->children + at + 1, node->children + at, (node->n_children - at) * sizeof *node->children);
    node->n_children++;
    return node->children[at] = new_node(name);
}

static int is_rest(struct ouse_str segment)
{
    return ouse_is(segment, "{*}");
}

static int is_placeholder(struct ouse_str segment)
{
    return segment.n > 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

static struct node *child(struct node *node, struct ouse_str segment)
{
    struct node **slot = is_rest(segment) ? &node->rest : is_placeholder(segment) ? &node->placeholder : NULL;
    if (!slot)
        return literal_child(node, segment);
    if (!*slot)
        *slot = new_node(ouse_s(""));
    return *slot;
}

/* Splits a pattern into segments, which are slices of it. Returns false if it is malformed. */
static int split(const char *pattern, struct ouse_str segments[HTTP_SEGMENTS], uint32_t *n)
{
    *n = 0;
    if (pattern[0] != '/')
        return 0;
    for (const char *at = pattern + 1; *at;) {
        uint32_t length = (uint32_t)strcspn(at, "/");
        if (length == 0 || *n == HTTP_SEGMENTS || (*n > 0 && is_rest(segments[*n - 1])))
            return 0;
        segments[(*n)++] = (struct ouse_str){at, length};
        at += length;
        if (*at == '/' && !*++at)
            return 0; /* a slash at the end */
    }
    return 1;
}

ouse_rc router_add(struct router *router, uint32_t methods, const char *pattern, const char *kind,
                   http_handler handler, void *arg)
{
    struct ouse_str segments[HTTP_SEGMENTS];
    uint32_t n;
    if (!split(pattern, segments, &n))
        return OUSE_E_REQUEST;
    struct node *node = router->root;
    for (uint32_t i = 0; i < n; i++)
        node = child(node, segments[i]);
    int chunked = (methods & HTTP_CHUNKED) != 0;
    methods &= ~HTTP_CHUNKED;
    if (node->methods & methods)
        return OUSE_E_CONFLICT;
    struct route *route = heap_alloc(sizeof *route);
    *route = (struct route){node->routes, methods, chunked, number_kind(router, kind), handler, arg};
    node->routes = route;
    node->methods |= methods;
    return OUSE_OK;
}

/* One search: its input, and the results so far. */
struct search {
    struct http_request *request;
    int rest; /* only routes that take all that is left */
    uint32_t n_captures;
    uint32_t allow; /* methods of all nodes that fit the path */
};

static const struct route *route_of(const struct node *node, struct search *search)
{
    search->allow |= node->methods;
    const struct route *route = node->routes;
    while (route && !(route->methods & search->request->method))
        route = route->next;
    return route;
}

/* Segments i… with slashes between them. */
static struct ouse_str join(struct http_request *request, uint32_t i)
{
    struct ouse_str joined = {"", 0};
    if (i < request->n_segments)
        joined = request->segments[i];
    while (++i < request->n_segments)
        joined = arena_printf(request->arena, "%.*s/%.*s", (int)joined.n, joined.p,
                              (int)request->segments[i].n, request->segments[i].p);
    return joined;
}

/* The route for segments[i…] below a node; nearest first. Among those that take all that
 * is left the longest comes first. */
static const struct route *walk(const struct node *node, struct search *search, uint32_t i)
{
    struct http_request *request = search->request;
    const struct route *route = NULL;
    if (i < request->n_segments) {
        int there;
        uint32_t at = place(node, request->segments[i], &there);
        if (there)
            route = walk(node->children[at], search, i + 1);
        if (!route && node->placeholder && request->segments[i].n > 0) {
            request->captures[search->n_captures++] = request->segments[i];
            route = walk(node->placeholder, search, i + 1);
            search->n_captures -= !route;
        }
    } else if (!search->rest) {
        return route_of(node, search);
    }
    if (!route && search->rest && node->rest && (route = route_of(node->rest, search)))
        request->captures[search->n_captures++] = join(request, i);
    return route;
}

ouse_rc router_find(const struct router *router, struct http_request *request, http_handler *handler,
                    void **arg, uint32_t *allow)
{
    if (request->n_segments > HTTP_SEGMENTS)
        return OUSE_E_NOT_FOUND;
    struct search search = {.request = request};
    const struct route *route = walk(router->root, &search, 0);
    search.rest = !route && !search.allow;
    if (search.rest)
        route = walk(router->root, &search, 0);
    if (route) {
        request->kind = route->kind;
        if (request->chunked && !route->chunked)
            return http_refuse_chunks(request);
        request->n_captures = search.n_captures;
        *handler = route->handler;
        *arg = route->arg;
        return OUSE_OK;
    }
    if (!search.allow)
        return OUSE_E_NOT_FOUND;
    *allow = search.allow | HTTP_OPTIONS | (search.allow & HTTP_GET ? HTTP_HEAD : 0);
    return OUSE_E_METHOD;
}

ouse_rc router_dispatch(const struct router *router, struct http_request *request, struct http_reply *reply)
{
    http_handler handler = NULL;
    void *arg = NULL;
    uint32_t allow = 0;
    ouse_rc rc = router_find(router, request, &handler, &arg, &allow);
    if (rc == OUSE_OK)
        return handler(request, reply, arg);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(request->problem, rc, "Nothing is at this path.");
    if (rc != OUSE_E_METHOD)
        return rc;
    struct ouse_str methods = http_allow(request->arena, allow);
    http_reply_header(reply, "Allow", methods);
    if (request->method != HTTP_OPTIONS)
        return problem_fail(request->problem, rc, "The methods of this resource are %.*s.", OUSE_F(methods));
    reply->status = 204;
    return OUSE_OK;
}

struct ouse_str http_allow(struct arena *arena, uint32_t methods)
{
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    struct ouse_str list = {"", 0};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (methods & 1u << i)
            list = arena_printf(arena, "%.*s%s%s", (int)list.n, list.p, list.n ? ", " : "", names[i]);
    return list;
}
