/* show: see show.h. The tables of a plugin are shown by columns: which member of
 * a row, and how it is said.
 */
#include "show.h"

#include "../schema/schema.h"
#include <stddef.h>

enum cell { CELL_TEXT, CELL_NUMBER, CELL_MS, CELL_WORD, CELL_BITS };

struct word {
    uint32_t value;
    const char *name;
};

struct column {
    const char *name; /* NULL ends a list */
    enum cell cell;
    size_t offset;
    const struct word *words; /* of WORD and BITS, ended by a NULL name */
};

static const struct word option_types[] = {{OUSE_OPTION_TEXT, "text"}, {OUSE_OPTION_INT, "int"},
                                           {OUSE_OPTION_BOOL, "bool"}, {OUSE_OPTION_DURATION, "duration"},
                                           {OUSE_OPTION_SIZE, "size"}, {0, NULL}};
static const struct word option_flags[] = {
    {OUSE_SECRET, "secret"}, {OUSE_RELOADABLE, "reloadable"}, {0, NULL}};
static const struct word roles[] = {{OUSE_PUBLIC, "public"},
                                    {OUSE_PARTNER, "partner"},
                                    {OUSE_OFFICE, "office"},
                                    {OUSE_MANAGER, "manager"},
                                    {0, NULL}};
static const struct word accesses[] = {
    {OUSE_NONE, "none"}, {OUSE_READ, "read"}, {OUSE_WRITE, "write"}, {0, NULL}};
static const struct word operations[] = {{OUSE_ON_CREATE, "create"}, {OUSE_ON_UPDATE, "update"},
                                         {OUSE_ON_MOVE, "move"},     {OUSE_ON_REMOVE, "remove"},
                                         {OUSE_ON_MERGE, "merge"},   {0, NULL}};
static const struct word phases[] = {{OUSE_FILL, "fill"},       {OUSE_CHECK, "check"},
                                     {OUSE_FOLLOW, "follow"},   {OUSE_SETTLE, "settle"},
                                     {OUSE_DELIVER, "deliver"}, {0, NULL}};
static const struct word shapes[] = {
    {OUSE_OF_RECORD, "record"}, {OUSE_OF_LIST, "list"}, {OUSE_OF_PROBLEM, "problem"}, {0, NULL}};
static const struct word models[] = {
    {0, "serial"}, {OUSE_SERIAL, "serial"}, {OUSE_PARALLEL, "parallel"}, {0, NULL}};

#define END                      \
    {                            \
        NULL, CELL_TEXT, 0, NULL \
    }
#define OPTION(member)    offsetof(struct ouse_option, member)
#define ROUTE(member)     offsetof(struct ouse_route, member)
#define HOOK(member)      offsetof(struct ouse_hook, member)
#define FORMAT(member)    offsetof(struct ouse_format, member)
#define TASK(member)      offsetof(struct ouse_task, member)
#define MIGRATION(member) offsetof(struct ouse_migration, member)
#define PLUGIN(member)    offsetof(struct ouse_plugin, member)

static const struct column option_columns[] = {
    {"name", CELL_TEXT, OPTION(name), NULL},    {"type", CELL_WORD, OPTION(type), option_types},
    {"default", CELL_TEXT, OPTION(dflt), NULL}, {"flags", CELL_BITS, OPTION(flags), option_flags},
    {"help", CELL_TEXT, OPTION(help), NULL},    END};
static const struct column route_columns[] = {
    {"method", CELL_TEXT, ROUTE(method), NULL},   {"path", CELL_TEXT, ROUTE(path), NULL},
    {"role", CELL_WORD, ROUTE(role), roles},      {"access", CELL_WORD, ROUTE(access), accesses},
    {"summary", CELL_TEXT, ROUTE(summary), NULL}, END};
static const struct column hook_columns[] = {{"collection", CELL_TEXT, HOOK(collection), NULL},
                                             {"phase", CELL_WORD, HOOK(phase), phases},
                                             {"operations", CELL_BITS, HOOK(ops), operations},
                                             END};
static const struct column format_columns[] = {{"media_type", CELL_TEXT, FORMAT(media_type), NULL},
                                               {"suffix", CELL_TEXT, FORMAT(suffix), NULL},
                                               {"collection", CELL_TEXT, FORMAT(collection), NULL},
                                               {"of", CELL_BITS, FORMAT(applies_to), shapes},
                                               {"doc", CELL_TEXT, FORMAT(doc), NULL},
                                               END};
static const struct column task_columns[] = {{"name", CELL_TEXT, TASK(name), NULL},
                                             {"every_ms", CELL_MS, TASK(every_ms), NULL},
                                             {"access", CELL_WORD, TASK(access), accesses},
                                             END};
static const struct column migration_columns[] = {{"collection", CELL_TEXT, MIGRATION(collection), NULL},
                                                  {"from", CELL_NUMBER, MIGRATION(from), NULL},
                                                  {"to", CELL_NUMBER, MIGRATION(to), NULL},
                                                  END};
static const struct column plugin_columns[] = {
    {"name", CELL_TEXT, PLUGIN(name), NULL},           {"version", CELL_TEXT, PLUGIN(version), NULL},
    {"title", CELL_TEXT, PLUGIN(title), NULL},         {"doc", CELL_TEXT, PLUGIN(doc), NULL},
    {"needs", CELL_TEXT, PLUGIN(needs), NULL},         {"threads", CELL_WORD, PLUGIN(threads), models},
    {"analysis", CELL_NUMBER, PLUGIN(analysis), NULL}, END};

/* A table of a plugin. */
static const struct section {
    const char *name;
    size_t offset;
    const struct column *columns;
} sections[] = {
    {"options", PLUGIN(options), option_columns}, {"routes", PLUGIN(routes), route_columns},
    {"hooks", PLUGIN(hooks), hook_columns},       {"formats", PLUGIN(formats), format_columns},
    {"tasks", PLUGIN(tasks), task_columns},       {"migrations", PLUGIN(migrations), migration_columns},
};

typedef OUSE_TABLE(char)
any_table;

/* ---- A row as an object ------------------------------------------------------- */

static uint32_t number_at(const void *at)
{
    uint32_t number;
    memcpy(&number, at, sizeof number);
    return number;
}

static void add_text(cJSON *object, const char *name, const void *at)
{
    const char *text;
    memcpy(&text, at, sizeof text);
    if (text)
        cJSON_AddStringToObject(object, name, text);
}

static void add_ms(cJSON *object, const char *name, const void *at)
{
    int64_t ms;
    memcpy(&ms, at, sizeof ms);
    cJSON_AddNumberToObject(object, name, (double)ms);
}

static void add_word(cJSON *object, const struct column *column, uint32_t value)
{
    const struct word *word = column->words;
    while (word->name && word->value != value)
        word++;
    if (word->name)
        cJSON_AddStringToObject(object, column->name, word->name);
    else /* of a newer ABI */
        cJSON_AddNumberToObject(object, column->name, value);
}

static void add_bits(cJSON *object, const struct column *column, uint32_t bits)
{
    cJSON *list = cJSON_AddArrayToObject(object, column->name);
    for (const struct word *word = column->words; word->name; word++)
        if (bits & word->value)
            cJSON_AddItemToArray(list, cJSON_CreateString(word->name));
}

static void add_cell(cJSON *object, const struct column *column, const char *row)
{
    const char *at = row + column->offset;
    switch (column->cell) {
    case CELL_TEXT:
        add_text(object, column->name, at);
        break;
    case CELL_NUMBER:
        cJSON_AddNumberToObject(object, column->name, number_at(at));
        break;
    case CELL_MS:
        add_ms(object, column->name, at);
        break;
    case CELL_WORD:
        add_word(object, column, number_at(at));
        break;
    case CELL_BITS:
        add_bits(object, column, number_at(at));
        break;
    }
}

static void add_cells(cJSON *object, const struct column *column, const void *row)
{
    for (; column->name; column++)
        add_cell(object, column, row);
}

/* ---- The whole ------------------------------------------------------------------- */

static cJSON *add_section(cJSON *description, const struct loaded_plugin *plugin,
                          const struct section *section)
{
    any_table table;
    memcpy(&table, (const char *)&plugin->is + section->offset, sizeof table);
    cJSON *rows = cJSON_AddArrayToObject(description, section->name);
    for (uint32_t i = 0; i < table.n; i++) {
        cJSON *object = cJSON_CreateObject();
        add_cells(object, section->columns, table.at + (size_t)i * table.stride);
        cJSON_AddItemToArray(rows, object);
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

/* References may lead to plugins that are not there: nothing is linked. */
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
    add_cells(made, plugin_columns, &plugin->is);
    cJSON_AddStringToObject(
        made, "abi", arena_printf(problem->arena, "%u.%u", plugin->is.abi.major, plugin->is.abi.minor).p);
    cJSON_AddNumberToObject(made, "needs_minor", plugin->is.abi.needs_minor);
    cJSON_AddStringToObject(made, "file", plugin->path);
    if (add_collections(made, plugin, problem) != OUSE_OK)
        return problem->rc;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        add_section(made, plugin, &sections[i]);
    *description = made;
    return OUSE_OK;
}

/* ---- For people --------------------------------------------------------------------- */

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

/* Whether there is something to say of a value, in the line of its row. */
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
