/* Probes of routes: every request that a client can make to them, and some senseless ones.
 *
 * An answer must be valid: not a 500, a failure with its reason, JSON of the shape that the route's
 * reply_schema promises. */
#include "sample.h"

enum { PROMISES = 5 }; /* reported for one answer */

/* ---- Promises of the schema ------------------------------------------------------ */

struct promise {
    struct trial *trial;
    const char *path; /* the path of the request */
    int told;
};

static void break_promise(struct promise *promise, const char *where, const char *what, const char *name)
{
    if (promise->told++ < PROMISES)
        probe_tell(promise->trial->probe, PROBE_FAIL, "GET %s: by its reply_schema %s%s %s", promise->path,
                   *where ? where : "the answer", what, name);
}

static int has_type(const cJSON *value, const char *type)
{
    static const struct {
        const char *name;
        int (*is)(const cJSON *value);
    } types[] = {{"object", cJSON_IsObject}, {"array", cJSON_IsArray},    {"string", cJSON_IsString},
                 {"number", cJSON_IsNumber}, {"integer", cJSON_IsNumber}, {"boolean", cJSON_IsBool},
                 {"null", cJSON_IsNull}};
    for (size_t i = 0; type && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, type) == 0)
            return types[i].is(value);
    return 1;
}

/* "type" is a name, or a list of them. */
static int has_one_of(const cJSON *value, const cJSON *type)
{
    const cJSON *name;
    if (!cJSON_IsArray(type))
        return has_type(value, cJSON_GetStringValue(type));
    cJSON_ArrayForEach(name, type)
    {
        if (has_type(value, cJSON_GetStringValue(name)))
            return 1;
    }
    return 0;
}

/* Checks types, required members and their contents: the most frequent mistakes. */
static void hold(struct promise *promise, const cJSON *schema, const cJSON *value, const char *where)
{
    struct arena *arena = &promise->trial->probe->arena;
    const cJSON *name, *entry, *type = json_member(schema, "type"), *items = json_member(schema, "items"),
                               *properties = json_member(schema, "properties");
    if (!has_one_of(value, type)) {
        char *text = cJSON_PrintUnformatted(type);
        break_promise(promise, where, " is of type", text);
        cJSON_free(text);
        return;
    }
    cJSON_ArrayForEach(name, json_member(schema, "required"))
    {
        if (cJSON_IsObject(value) && !json_member(value, cJSON_GetStringValue(name)))
            break_promise(promise, where, " has a member", cJSON_GetStringValue(name));
    }
    cJSON_ArrayForEach(entry, value)
    {
        int named = cJSON_IsObject(value);
        hold(promise, named ? json_member(properties, entry->string) : items, entry,
             arena_printf(arena, "%s/%s", where, named ? entry->string : "-").p);
    }
}

/* ---- Questions ------------------------------------------------------------------- */

/* A route, and a path and query for it. */
struct asking {
    struct trial *trial;
    const struct ouse_route *route;
    const char *path, *query;
    uint32_t role;
};

static void ask(const struct asking *asking, const char *further, struct ouse_str body)
{
    struct trial *trial = asking->trial;
    struct arena *arena = &trial->probe->arena;
    const struct ouse_route *route = asking->route;
    const char *mark = *asking->query || *further ? "?" : "";
    const struct question question = {
        .method = route->method,
        .path = arena_printf(arena, "%s%s%s%s", asking->path, mark, asking->query, further).p,
        .role = asking->role,
        .body = body};
    struct answer answer;
    trial_ask(trial, &question, &answer);
    if (!route->reply_schema || answer.status != 200 || strcmp(route->method, "GET") != 0)
        return;
    const cJSON *value = trial_json(trial, &answer);
    if (value)
        hold(&(struct promise){trial, question.path, 0}, json_keep(arena, cJSON_Parse(route->reply_schema)),
             value, "");
}

static const char *good_value(const struct asking *asking, const struct ouse_parameter *parameter)
{
    struct arena *arena = &asking->trial->probe->arena;
    switch (parameter->type) {
    case OUSE_ENUM:
        return arena_printf(arena, "%.*s", (int)strcspn(parameter->choices, " "), parameter->choices).p;
    case OUSE_BOOL:
        return "true";
    case OUSE_INT:
        return "1";
    case OUSE_DATE:
        return "2026-01-31";
    case OUSE_PDATE:
        return "2026-01";
    default:
        return "specimen-0001";
    }
}

static const struct ouse_parameter *parameters_of(const struct asking *asking)
{
    return TABLE_ROWS(&asking->trial->probe->arena, asking->route->parameters, struct ouse_parameter);
}

/* "name=value&" of all parameters, or of those that are required. */
static const char *query_of(const struct asking *asking, int all)
{
    const struct ouse_parameter *parameters = parameters_of(asking);
    const char *query = "";
    for (uint32_t i = 0; i < asking->route->parameters.n; i++) {
        const struct ouse_parameter *parameter = &parameters[i];
        if ((all || parameter->flags & OUSE_REQUIRED) && strcmp(parameter->name, "*") != 0)
            query = arena_printf(&asking->trial->probe->arena, "%s%s=%s&", query, parameter->name,
                                 good_value(asking, parameter))
                        .p;
    }
    return query;
}

/* Values that a client may send without meaning harm, or meaning it. */
static void ask_garbage(struct asking *asking)
{
    static const char *const values[] = {
        "", "%20", "%C3%A9%22%3C%27", "-1", "9999999999999999999", "../../x", "9999-12-31", "0001"};
    const struct ouse_parameter *parameters = parameters_of(asking);
    for (uint32_t i = 0; i < asking->route->parameters.n; i++) {
        const char *name = strcmp(parameters[i].name, "*") == 0 ? "anything" : parameters[i].name;
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++)
            ask(asking, arena_printf(&asking->trial->probe->arena, "%s=%s", name, values[k]).p, ouse_s(NULL));
    }
}

/* Bodies as JSON goes: the least, the wrong kind, and one with each member that is declared. */
static void ask_bodies(struct asking *asking)
{
    static const char *const bodies[] = {"{}", "[]", "null", "\"x\"", "{\"no\":{\"such\":[1]}}", "{"};
    struct arena *arena = &asking->trial->probe->arena;
    static const char *const values[] = {"\"x\"", "-1", "[]", "{}", "null", "[[{}]]"};
    const char *schema = asking->route->body_schema;
    const cJSON *member, *declared = schema ? json_keep(arena, cJSON_Parse(schema)) : NULL;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        ask(asking, "", ouse_s(bodies[i]));
    cJSON_ArrayForEach(member, json_member(declared, "properties"))
    {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
            ask(asking, "", arena_printf(arena, "{\"%s\":%s}", member->string, values[i]));
    }
}

static void ask_all(struct asking *asking)
{
    static const uint32_t roles[] = {OUSE_MANAGER, OUSE_PUBLIC};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        asking->role = roles[i];
        asking->query = query_of(asking, 1);
        ask(asking, "", ouse_s(NULL));
        asking->query = query_of(asking, 0);
        ask(asking, "", ouse_s(NULL));
    }
    asking->role = OUSE_MANAGER;
    if (asking->route->access == OUSE_READ && strcmp(asking->route->method, "GET") == 0)
        ask(asking, "as_of=2026-01-31", ouse_s(NULL));
    asking->query = "";
    ask_garbage(asking);
    if (strcmp(asking->route->method, "GET") != 0)
        ask_bodies(asking);
}

/* ---- Routes ----------------------------------------------------------------------- */

/* The path with an id in the place of {id}, and a word in that of others. */
static const char *filled(struct trial *trial, const char *path, struct ouse_str id)
{
    struct arena *arena = &trial->probe->arena;
    const char *made = path[0] == '/' ? "" : "/api/v1/", *at;
    while ((at = strchr(path, '{'))) {
        int is_id = strncmp(at, "{id}", 4) == 0;
        made = arena_printf(arena, "%s%.*s%.*s", made, (int)(at - path), path, is_id ? (int)id.n : 1,
                            is_id ? id.p : "x")
                   .p;
        path = at + strcspn(at, "}") + 1;
    }
    return arena_printf(arena, "%s%s", made, path).p;
}

static void ask_route(struct trial *trial, const struct ouse_route *route)
{
    struct asking asking = {.trial = trial, .route = route};
    const struct collection *under = schema_find(
        trial->opened.schema, (struct ouse_str){route->path, (uint32_t)strcspn(route->path, "/")});
    struct ouse_str id = under && strstr(route->path, "{id}") ? specimen_id(trial, under, 0) : ouse_s(NULL);
    asking.path = filled(trial, route->path, ouse_s("no-such-id"));
    ask_all(&asking);
    if (!id.p)
        return;
    asking.path = filled(trial, route->path, id);
    ask_all(&asking);
}

static void ask_routes(struct trial *trial, int only_get)
{
    const struct ouse_plugin *is = &trial->plugin->is;
    for (uint32_t i = 0; i < is->routes.n; i++)
        if (!only_get || strcmp(is->routes.at[i].method, "GET") == 0)
            ask_route(trial, &is->routes.at[i]);
}

void probe_empty(struct probe *probe)
{
    struct trial trial;
    if (trial_begin(probe, &trial) == 0) {
        const struct collection *collection;
        struct answer answer;
        for (uint32_t i = 0; (collection = trial_own(&trial, i)); i++)
            trial_get(&trial, &answer, "/api/v1/%s", collection->is.name);
        ask_routes(&trial, 1);
    }
    trial_close(&trial);
}

void probe_routes(struct probe *probe)
{
    struct trial trial;
    if (trial_begin(probe, &trial) == 0) {
        if (trial.plugin->is.routes.n == 0)
            probe_tell(probe, PROBE_SKIP, "it has no routes");
        specimen_fill(&trial);
        ask_routes(&trial, 0);
        trial_verify(&trial);
    }
    trial_close(&trial);
}
