/* target: a path in the first line, a query behind it. What is decoded is UTF-8
 * without control characters, and no segment can be taken for two. */
#include "fuzz.h"
#include "http/exchange.h"

static void must_be_clean(struct ouse_str text)
{
    must(utf8_valid(text));
    for (uint32_t i = 0; i < text.n; i++)
        must((unsigned char)text.p[i] >= 0x20 && text.p[i] != 0x7f);
}

static void try_path(struct http_request *request)
{
    if (!request->path.n || request->path.p[0] != '/' || request_path(request).status)
        return;
    for (uint32_t i = 0; i < request->n_segments && i < HTTP_SEGMENTS; i++) {
        must_be_clean(request->segments[i]);
        must(!memchr(request->segments[i].p, '/', request->segments[i].n));
        must(!ouse_is(request->segments[i], "."));
        must(!ouse_is(request->segments[i], ".."));
    }
}

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    struct http_request request = {.arena = arena, .problem = problem};
    struct http_parameter parameters[HTTP_PARAMETERS];
    uint32_t n;
    request.path = first_line(&text);
    request.query = text;
    try_path(&request);
    if (http_query(&request, parameters, &n))
        return;
    for (uint32_t i = 0; i < n; i++) {
        must_be_clean(parameters[i].name);
        must_be_clean(parameters[i].value);
    }
}
