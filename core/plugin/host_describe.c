/* host_describe: all that is loaded, as one document, for a plugin that shows it in
 * another form.
 *
 * A caller is told of what it may see. What is hidden is taken out of the declaration
 * of a collection together with whatever else names it: labels, indexes, state
 * machines, bounds of dates, references.
 */
#include "../base/json.h"
#include "runtime_internal.h"
#include "show.h"

#define DESCRIPTION_MAX (1u << 20) /* bytes, of one collection */

/* ---- Collections ------------------------------------------------------------------ */

static int is_told(const struct collection *collection, uint32_t role)
{
    return collection->is.visibility <= role || collection->is.flags & OUSE_OPEN_CREATE;
}

static int shows_field(const struct collection *collection, struct ouse_str name, uint32_t role)
{
    const struct field *field = schema_field(collection, name);
    return !field || field->is.visibility <= role;
}

/* What an entry of a list is about: itself, or the text of a member. */
static struct ouse_str named(const cJSON *entry, const char *member)
{
    return json_text(member ? json_member(entry, member) : entry);
}

/* Takes the entries out that are about a field which the role does not see. */
static void trim(const struct collection *collection, cJSON *list, const char *member, uint32_t role)
{
    for (cJSON *entry = list ? list->child : NULL, *next; entry; entry = next) {
        next = entry->next;
        if (!shows_field(collection, named(entry, member), role))
            cJSON_Delete(cJSON_DetachItemViaPointer(list, entry));
    }
}

static void trim_indexes(const struct collection *collection, cJSON *indexes, uint32_t role)
{
    for (cJSON *index = indexes->child, *next; index; index = next) {
        cJSON *keys = json_member(index, "keys");
        int n = cJSON_GetArraySize(keys);
        next = index->next;
        trim(collection, keys, NULL, role);
        if (cJSON_GetArraySize(keys) < n)
            cJSON_Delete(cJSON_DetachItemViaPointer(indexes, index));
    }
}

/* How a reference is written depends on all that it may point to, hidden or not. */
static void trim_field(const struct schema *schema, const struct collection *collection, cJSON *field,
                       uint32_t role)
{
    const struct field *declared = schema_field(collection, json_text(json_member(field, "name")));
    cJSON *targets = json_member(field, "refers_to");
    if (targets)
        cJSON_AddBoolToObject(field, "qualified", declared->qualified);
    if (!shows_field(collection, json_text(json_member(field, "after")), role))
        cJSON_DeleteItemFromObjectCaseSensitive(field, "after");
    for (cJSON *target = targets ? targets->child : NULL, *next; target; target = next) {
        const struct collection *to = schema_find(schema, json_text(target));
        next = target->next;
        if (to && !is_told(to, role))
            cJSON_Delete(cJSON_DetachItemViaPointer(targets, target));
    }
}

static cJSON *describe_collection(const struct schema *schema, const struct collection *collection,
                                  uint32_t role)
{
    struct buffer text;
    cJSON *described, *fields;
    buffer_init(&text, DESCRIPTION_MAX);
    schema_describe(collection, &text);
    described = cJSON_ParseWithLength(text.at, text.n);
    buffer_finish(&text);
    fields = json_member(described, "fields");
    trim(collection, fields, "name", role);
    trim(collection, json_member(described, "labels"), NULL, role);
    trim(collection, json_member(described, "flows"), "field", role);
    trim_indexes(collection, json_member(described, "indexes"), role);
    for (cJSON *field = fields->child; field; field = field->next)
        trim_field(schema, collection, field, role);
    cJSON_AddBoolToObject(described, "open_create", (collection->is.flags & OUSE_OPEN_CREATE) != 0);
    cJSON_AddBoolToObject(described, "words", collection->words != NULL);
    return described;
}

static void add_collections(cJSON *whole, const struct schema *schema, uint32_t role)
{
    cJSON *list = cJSON_AddArrayToObject(whole, "collections");
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        const struct collection *collection = schema_at(schema, i);
        if (is_told(collection, role))
            cJSON_AddItemToArray(list, describe_collection(schema, collection, role));
    }
}

/* ---- Plugins ------------------------------------------------------------------------ */

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text)
        cJSON_AddStringToObject(object, name, text);
}

/* Words of a text, as a list. */
static void add_words(cJSON *object, const char *name, const char *words, struct arena *arena)
{
    cJSON *list = words ? cJSON_AddArrayToObject(object, name) : NULL;
    for (const char *at = words; at && *(at += strspn(at, " ")); at += strcspn(at, " ")) {
        struct ouse_str word = {at, (uint32_t)strcspn(at, " ")};
        cJSON_AddItemToArray(list, cJSON_CreateString(arena_copy(arena, word).p));
    }
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
    for (uint32_t i = 0; i < route->parameters.n; i++) {
        struct ouse_parameter parameter;
        PLUGIN_ROW(route->parameters, i, &parameter);
        add_parameter(list, &parameter, arena);
    }
    if (parameter_besides(route))
        add_parameter(list, parameter_besides(route), arena);
}

/* Completes the rows that show_table made, and takes out those of hidden collections. */
static void complete_routes(cJSON *rows, const struct worker *worker, const struct context *context)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    cJSON *row = rows->child, *next;
    for (uint32_t i = 0; i < plugin->routes.n; i++, row = next) {
        const struct collection *under;
        struct ouse_route route;
        PLUGIN_ROW(plugin->routes, i, &route);
        next = row->next;
        under = route_under(worker->runtime, route.path);
        if (under && !is_told(under, context->role)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(rows, row));
            continue;
        }
        cJSON_ReplaceItemInObjectCaseSensitive(row, "path",
                                               cJSON_CreateString(route_path(context->arena, route.path)));
        add_parameters(row, &route, context->arena);
        add_json(row, "body_schema", route.body_schema);
        add_json(row, "reply_schema", route.reply_schema);
    }
}

static cJSON *describe_plugin(const struct worker *worker, const struct context *context)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    cJSON *described = cJSON_CreateObject();
    add_text(described, "name", plugin->name);
    add_text(described, "version", plugin->version);
    add_text(described, "title", plugin->title);
    add_text(described, "doc", plugin->doc);
    complete_routes(show_table(described, worker->plugin, "routes"), worker, context);
    show_table(described, worker->plugin, "formats");
    return described;
}

struct ouse_doc *host_describe(struct ouse_ctx *ctx)
{
    struct context *context = context_of(ctx);
    const struct runtime *runtime = context->runtime;
    cJSON *whole, *plugins;
    if (!runtime) {
        context_defect(context,
                       "ouse_describe: only a route, or the format of problems, is told what is loaded");
        return NULL;
    }
    whole = cJSON_CreateObject();
    add_text(whole, "version", OUSE_VERSION);
    add_text(whole, "base_path", runtime->base_path);
    add_collections(whole, records_schema(runtime->records), context->role);
    plugins = cJSON_AddArrayToObject(whole, "plugins");
    for (uint32_t i = 0; i < runtime->n; i++)
        cJSON_AddItemToArray(plugins, describe_plugin(&runtime->workers[i], context));
    return doc_hold(context, whole);
}
