/* resource: finds mounted collections, and what handlers share; see resource.h. */
#include "resource.h"

const struct resource *rest_resource(const struct rest *rest, struct ouse_str collection)
{
    const struct schema *schema = records_schema(rest->records);
    const struct collection *found = schema_find_renamed(schema, collection);
    for (uint32_t i = 0; found && i < schema_count(schema); i++)
        if (rest->resources[i].collection == found)
            return &rest->resources[i];
    return NULL;
}

const struct collection *rest_collection(const struct rest *rest, struct http_request *request,
                                         struct ouse_str name, ouse_rc rc)
{
    const struct schema *schema = records_schema(rest->records);
    const struct collection *found = NULL;
    const char **known = arena_alloc(request->arena, (schema_count(schema) + 1) * sizeof *known);
    uint32_t n = 0;
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        const struct collection *collection = schema_at(schema, i);
        if (!schema_told(collection, request->role))
            continue;
        known[n++] = collection->is.name;
    }
    const struct collection *named = schema_find_renamed(schema, name);
    if (named && schema_told(named, request->role))
        found = named;
    if (!found)
        problem_fail(request->problem, rc, "There is no collection \"%.*s\"%s", OUSE_F(name),
                     problem_hint(request->arena, name, known, n));
    return found;
}

ouse_rc rest_require(struct http_request *request, uint32_t role)
{
    if (request->role >= role)
        return OUSE_OK;
    if (!request->actor.n)
        return problem_fail(request->problem, OUSE_E_UNAUTHENTICATED,
                            "This needs a token (Authorization: Bearer), or a person who is signed in");
    return problem_fail(request->problem, OUSE_E_FORBIDDEN, "This needs the role %s; your role is %s",
                        schema_role_name(role), schema_role_name(request->role));
}

static void end_buffer(void *buffer)
{
    buffer_finish(buffer);
}

struct buffer *rest_buffer(struct arena *arena)
{
    struct buffer *buffer = arena_alloc(arena, sizeof *buffer);
    buffer_init(buffer, REST_BODY_BYTES);
    arena_defer(arena, end_buffer, buffer);
    return buffer;
}
