/* show: see show.h. One function per table describes its rows. */
#include "show.h"

#include "../schema/schema.h"
#include <stddef.h>

struct word {
    uint32_t value;
    const char *name; /* NULL ends a list */
};

static const struct word option_types[] = {{OUSE_OPTION_TEXT, "text"}, {OUSE_OPTION_INT, "int"},
                                           {OUSE_OPTION_BOOL, "bool"}, {OUSE_OPTION_DURATION, "duration"},
                                           {OUSE_OPTION_SIZE, "size"}, {0, NULL}};
static const struct word option_flags[] = {
    {OUSE_SECRET, "secret"}, {OUSE_RELOADABLE, "reloadable"}, {0, NULL}};
static const struct word accesses[] = {
    {OUSE_NONE, "none"}, {OUSE_READ, "read"}, {OUSE_WRITE, "write"}, {0, NULL}};
static const struct word route_flags[] = {{OUSE_MAIN_PAGE, "main_page"}, {0, NULL}};
static const struct word operations[] = {{OUSE_ON_CREATE, "create"}, {OUSE_ON_UPDATE, "update"},
                                         {OUSE_ON_MOVE, "move"},     {OUSE_ON_REMOVE, "remove"},
                                         {OUSE_ON_MERGE, "merge"},   {0, NULL}};
static const struct word phases[] = {{OUSE_FILL, "fill"},       {OUSE_CHECK, "check"},
                                     {OUSE_FOLLOW, "follow"},   {OUSE_SETTLE, "settle"},
                                     {OUSE_DELIVER, "deliver"}, {0, NULL}};
static const struct word shapes[] = {{OUSE_OF_RECORD, "record"},
                                     {OUSE_OF_LIST, "list"},
                                     {OUSE_OF_PROBLEM, "problem"},
                                     {OUSE_OF_CHANGES, "changes"},
                                     {OUSE_OF_PAGE, "page"},
                                     {0, NULL}};
static const struct word models[] = {
    {0, "serial"}, {OUSE_SERIAL, "serial"}, {OUSE_PARALLEL, "parallel"}, {0, NULL}};

static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddStringToObject(object, name, text); /* omitted if the text is NULL */
}

static void add_number(cJSON *object, const char *name, int64_t number)
{
    cJSON_AddNumberToObject(object, name, (double)number);
}

/* Adds a word, or the number itself if there is no word for it: it is of a newer ABI. */
static void add_word(cJSON *object, const char *name, const struct word *words, uint32_t value)
{
    while (words->name && words->value != value)
        words++;
    if (words->name)
        add_text(object, name, words->name);
    else
        add_number(object, name, value);
}

static void add_bits(cJSON *object, const char *name, const struct word *words, uint32_t bits)
{
    cJSON *list = cJSON_AddArrayToObject(object, name);
    for (; words->name; words++)
        if (bits & words->value)
            cJSON_AddItemToArray(list, cJSON_CreateString(words->name));
}

static void add_option(cJSON *row, const void *at)
{
    const struct ouse_option *option = at;
    add_text(row, "name", option->name);
    add_word(row, "type", option_types, option->type);
    add_text(row, "default", option->dflt);
    add_bits(row, "flags", option_flags, option->flags);
    add_text(row, "help", option->help);
}

static void add_route(cJSON *row, const void *at)
{
    const struct ouse_route *route = at;
    add_text(row, "method", route->method);
    add_text(row, "path", route->path);
    add_text(row, "role", schema_role_name(route->role));
    add_word(row, "access", accesses, route->access);
    add_text(row, "summary", route->summary);
    add_bits(row, "flags", route_flags, route->flags);
}

static void add_hook(cJSON *row, const void *at)
{
    const struct ouse_hook *hook = at;
    add_text(row, "collection", hook->collection);
    add_word(row, "phase", phases, hook->phase);
    add_bits(row, "operations", operations, hook->ops);
}

static void add_format(cJSON *row, const void *at)
{
    const struct ouse_format *format = at;
    add_text(row, "media_type", format->media_type);
    add_text(row, "suffix", format->suffix);
    add_text(row, "collection", format->collection);
    add_bits(row, "of", shapes, format->applies_to);
    add_text(row, "doc", format->doc);
}

static void add_task(cJSON *row, const void *at)
{
    const struct ouse_task *task = at;
    add_text(row, "name", task->name);
    add_number(row, "every_ms", task->every_ms);
    add_word(row, "access", accesses, task->access);
}

static void add_migration(cJSON *row, const void *at)
{
    const struct ouse_migration *migration = at;
    add_text(row, "collection", migration->collection);
    add_number(row, "from", migration->from);
    add_number(row, "to", migration->to);
}

static const struct section {
    const char *name;
    size_t offset;
    void (*add)(cJSON *row, const void *at);
} sections[] = {
    {"options", offsetof(struct ouse_plugin, options), add_option},
    {"routes", offsetof(struct ouse_plugin, routes), add_route},
    {"hooks", offsetof(struct ouse_plugin, hooks), add_hook},
    {"formats", offsetof(struct ouse_plugin, formats), add_format},
    {"tasks", offsetof(struct ouse_plugin, tasks), add_task},
    {"migrations", offsetof(struct ouse_plugin, migrations), add_migration},
};

static cJSON *add_section(cJSON *description, const struct loaded_plugin *plugin,
                          const struct section *section)
{
    OUSE_TABLE(char)
    table;
    memcpy(&table, (const char *)&plugin->is + section->offset, sizeof table);
    cJSON *rows = cJSON_AddArrayToObject(description, section->name);
    for (uint32_t i = 0; i < table.n; i++) {
        cJSON *row = cJSON_CreateObject();
        section->add(row, table.at + (size_t)i * table.stride);
        cJSON_AddItemToArray(rows, row);
    }
    return rows;
}

cJSON *show_table(cJSON *object, const struct loaded_plugin *plugin, const char *name)
{
    const struct section *section = sections;
    while (strcmp(section->name, name) != 0)
        section++;
    return add_section(object, plugin, section);
}

/* Adds the collections. References may lead to plugins that are not loaded: nothing is linked. */
static ouse_rc add_collections(cJSON *description, const struct loaded_plugin *plugin,
                               struct problem *problem)
{
    cJSON *list = cJSON_AddArrayToObject(description, "collections");
    struct schema *schema = schema_create();
    ouse_rc rc = OUSE_OK;
    schema_spell(schema, plugin->is.spellings);
    for (uint32_t i = 0; i < plugin->is.collections.n && !rc; i++) {
        const struct ouse_collection *declared = &plugin->is.collections.at[i];
        rc = schema_add(schema, plugin->is.name, declared, sizeof *declared, problem);
        if (!rc)
            cJSON_AddItemToArray(
                list, schema_declaration(schema_find(schema, ouse_s(declared->name)), OUSE_MANAGER));
    }
    schema_destroy(schema);
    return rc;
}

ouse_rc show_describe(const struct loaded_plugin *plugin, cJSON **description, struct problem *problem)
{
    cJSON *made = json_keep(problem->arena, cJSON_CreateObject());
    const struct ouse_plugin *is = &plugin->is;
    add_text(made, "name", is->name);
    add_text(made, "version", is->version);
    add_text(made, "title", is->title);
    add_text(made, "doc", is->doc);
    add_text(made, "needs", is->needs);
    add_word(made, "threads", models, is->threads);
    add_number(made, "analysis", is->analysis);
    add_text(made, "abi", arena_printf(problem->arena, "%u.%u", is->abi.major, is->abi.minor).p);
    add_number(made, "needs_minor", is->abi.needs_minor);
    add_text(made, "file", plugin->path);
    if (add_collections(made, plugin, problem) != OUSE_OK)
        return problem->rc;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        add_section(made, plugin, &sections[i]);
    *description = made;
    return OUSE_OK;
}

static int is_words(const cJSON *value)
{
    return cJSON_IsArray(value) && (!value->child || cJSON_IsString(value->child));
}

static void print_value(const cJSON *value, struct buffer *out)
{
    if (cJSON_IsString(value))
        buffer_text(out, value->valuestring);
    else if (is_words(value))
        for (const cJSON *word = value->child; word; word = word->next)
            buffer_printf(out, "%s%s", word->valuestring, word->next ? " " : "");
    else if (cJSON_IsTrue(value))
        buffer_text(out, value->string);
    else if (cJSON_IsNumber(value))
        buffer_printf(out, "%s %.0f", value->string, value->valuedouble);
}

/* Returns whether a value is shown in the line of its row. */
static int is_said(const cJSON *value)
{
    return !cJSON_IsFalse(value) && (!cJSON_IsArray(value) || (is_words(value) && value->child));
}

/* A row: its values on one line, then the tables in it. */
static void print_row(const cJSON *row, int indent, struct buffer *out);

static void print_table(const cJSON *table, int indent, struct buffer *out)
{
    if (!table->child)
        return;
    buffer_printf(out, "%*s%s\n", indent, "", table->string);
    for (const cJSON *row = table->child; row; row = row->next)
        print_row(row, indent + 2, out);
}

static void print_row(const cJSON *row, int indent, struct buffer *out)
{
    const char *gap = "";
    buffer_printf(out, "%*s", indent, "");
    for (const cJSON *value = row->child; value; value = value->next)
        if (is_said(value)) {
            buffer_text(out, gap);
            print_value(value, out);
            gap = "  ";
        }
    buffer_byte(out, '\n');
    for (const cJSON *value = row->child; value; value = value->next)
        if (cJSON_IsArray(value) && !is_words(value))
            print_table(value, indent + 2, out);
}

void show_print(const cJSON *description, struct buffer *out)
{
    for (const cJSON *value = description->child; value; value = value->next) {
        if (cJSON_IsArray(value)) {
            print_table(value, 0, out);
            continue;
        }
        if (cJSON_IsString(value))
            buffer_printf(out, "%-12s %s\n", value->string, value->valuestring);
        else
            buffer_printf(out, "%-12s %.0f\n", value->string, value->valuedouble);
    }
}
