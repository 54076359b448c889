/* host_describe: describes everything that is loaded as one document, for a plugin that shows it in
 * another form. Omits the parts that the caller may not see. */
#include "../base/json.h"
#include "instance.h"
#include "show.h"

/* How a reference is written depends on all that it may point to, hidden or not. */
cJSON *describe_collection(const struct collection *collection, uint32_t role)
{
    cJSON *described = schema_declaration(collection, role), *field;
    cJSON_ArrayForEach(field, json_member(described, "fields"))
    {
        const struct field *declared = schema_field(collection, json_text(json_member(field, "name")));
        if (declared->is.refers_to)
            cJSON_AddBoolToObject(field, "qualified", declared->qualified);
    }
    cJSON_AddBoolToObject(described, "open_create", (collection->is.flags & OUSE_OPEN_CREATE) != 0);
    cJSON_AddBoolToObject(described, "words", collection->words != NULL);
    return described;
}

static void add_collections(cJSON *whole, const struct schema *schema, uint32_t role)
{
    cJSON *list = cJSON_AddArrayToObject(whole, "collections");
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        const struct collection *collection = schema_at(schema, i);
        if (schema_told(collection, role))
            cJSON_AddItemToArray(list, describe_collection(collection, role));
    }
}

/* Leaves a text out that is NULL, as cJSON does. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddStringToObject(object, name, text);
}

/* Words of a text, as a list. */
static void add_words(cJSON *object, const char *name, const char *words, struct arena *arena)
{
    uint32_t n;
    const char **list = schema_words(arena, words, &n);
    if (words)
        cJSON_AddItemToObject(object, name, cJSON_CreateStringArray(list, (int)n));
}

/* A text that was read as JSON when its route was mounted. */
static void add_json(cJSON *object, const char *name, const char *text)
{
    if (text)
        cJSON_AddItemToObject(object, name, cJSON_Parse(text));
}

static void add_parameter(cJSON *list, const struct ouse_parameter *parameter, struct arena *arena)
{
    cJSON *row = cJSON_CreateObject();
    add_text(row, "name", parameter->name);
    add_text(row, "type", parameter_type_name(parameter->type));
    cJSON_AddBoolToObject(row, "required", (parameter->flags & OUSE_REQUIRED) != 0);
    add_words(row, "choices", parameter->choices, arena);
    add_text(row, "doc", parameter->doc);
    cJSON_AddItemToArray(list, row);
}

static void add_parameters(cJSON *object, const struct ouse_route *route, struct arena *arena)
{
    cJSON *list = cJSON_AddArrayToObject(object, "parameters");
    const struct ouse_parameter *rows =
        arena_rows(arena, route->parameters.at, route->parameters.n, route->parameters.stride, sizeof *rows);
    for (uint32_t i = 0; i < route->parameters.n; i++)
        add_parameter(list, &rows[i], arena);
    if (parameter_besides(route))
        add_parameter(list, parameter_besides(route), arena);
}

/* Completes the rows that show_table made, and takes out those of hidden collections. */
static void complete_routes(cJSON *rows, const struct worker *worker, uint32_t role, struct arena *arena)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    cJSON *row = rows->child, *next;
    for (uint32_t i = 0; i < plugin->routes.n; i++, row = next) {
        const struct ouse_route *route = &plugin->routes.at[i];
        const struct collection *under = route_under(worker->runtime, route->path);
        next = row->next;
        if (under && !schema_told(under, role)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(rows, row));
            continue;
        }
        cJSON_ReplaceItemInObjectCaseSensitive(row, "path",
                                               cJSON_CreateString(route_path(arena, route->path)));
        add_parameters(row, route, arena);
        add_json(row, "body_schema", route->body_schema);
        add_json(row, "reply_schema", route->reply_schema);
    }
}

static cJSON *describe_plugin(const struct worker *worker, uint32_t role, struct arena *arena)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    cJSON *described = cJSON_CreateObject();
    add_text(described, "name", plugin->name);
    add_text(described, "version", plugin->version);
    add_text(described, "title", plugin->title);
    add_text(described, "doc", plugin->doc);
    complete_routes(show_table(described, worker->plugin, "routes"), worker, role, arena);
    show_table(described, worker->plugin, "formats");
    return described;
}

struct ouse_doc *host_describe(struct ouse_ctx *ctx, uint32_t role)
{
    struct context *context = context_of(ctx);
    const struct runtime *runtime = context->worker->runtime;
    cJSON *whole, *plugins;
    if (role > context->role) {
        context_defect(context, "ouse_describe: the role must not be above that of the caller");
        return NULL;
    }
    whole = cJSON_CreateObject();
    add_text(whole, "version", OUSE_VERSION);
    add_text(whole, "base_path", runtime->base_path);
    add_collections(whole, records_schema(runtime->records), role);
    plugins = cJSON_AddArrayToObject(whole, "plugins");
    for (uint32_t i = 0; i < runtime->n; i++)
        cJSON_AddItemToArray(plugins, describe_plugin(&runtime->workers[i], role, context->arena));
    return doc_hold(context, whole);
}
