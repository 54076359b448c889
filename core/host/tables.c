/* tables: see tables.h. All OUSE_TABLEs have the same layout. */
#include "tables.h"

#include <stdalign.h>

enum { ROWS_MAX = 4096, ROW_MAX = 1 << 16 };

/* Bytes of a struct up to a member and with it: its size in ABI 1.0, of which it was the last. */
#define UP_TO(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))

typedef OUSE_TABLE(void)
any_table;

/* A pointer that each row must have. */
struct pointer {
    const char *name; /* NULL ends a list */
    size_t offset;
};

struct table {
    const char *name; /* NULL ends a list */
    size_t offset;    /* in the description, or in the row that the table is in */
    uint32_t row;     /* bytes that this host has of a row */
    uint32_t least;   /* size of a row in ABI 1.0, in bytes */
    const struct pointer *pointers;
    const struct table *inner; /* tables in its rows; NULL: no tables */
};

#define TABLE(outer, member, type, last) \
#member, offsetof(struct outer, member), sizeof(struct type), UP_TO(type, last)
#define POINTER(type, member)                  \
    {                                          \
#member, offsetof(struct type, member) \
    }

static const struct pointer no_pointers[] = {{NULL, 0}};
static const struct pointer move_pointers[] = {POINTER(ouse_move, from), POINTER(ouse_move, to), {NULL, 0}};
static const struct pointer field_pointers[] = {POINTER(ouse_field, name), {NULL, 0}};
static const struct pointer index_pointers[] = {
    POINTER(ouse_index, name), POINTER(ouse_index, keys), {NULL, 0}};
static const struct pointer flow_pointers[] = {
    POINTER(ouse_flow, field), POINTER(ouse_flow, initial), {NULL, 0}};
static const struct pointer derived_pointers[] = {
    POINTER(ouse_derived, name), POINTER(ouse_derived, fn), {NULL, 0}};
static const struct pointer collection_pointers[] = {
    POINTER(ouse_collection, name), POINTER(ouse_collection, singular), {NULL, 0}};
static const struct pointer format_pointers[] = {
    POINTER(ouse_format, media_type), POINTER(ouse_format, fn), {NULL, 0}};
static const struct pointer migration_pointers[] = {
    POINTER(ouse_migration, collection), POINTER(ouse_migration, fn), {NULL, 0}};

static const struct table moves[] = {{TABLE(ouse_flow, moves, ouse_move, doc), move_pointers, NULL},
                                     {.name = NULL}};
static const struct table parts_of_collections[] = {
    {TABLE(ouse_collection, fields, ouse_field, doc), field_pointers, NULL},
    {TABLE(ouse_collection, indexes, ouse_index, flags), index_pointers, NULL},
    {TABLE(ouse_collection, flows, ouse_flow, moves), flow_pointers, moves},
    {TABLE(ouse_collection, derived, ouse_derived, doc), derived_pointers, NULL},
    {.name = NULL}};
static const struct table parts_of_routes[] = {
    {TABLE(ouse_route, parameters, ouse_parameter, doc), no_pointers, NULL}, {.name = NULL}};

/* Names of options and functions of hooks, routes and tasks are checked with their rows
 * (options.c, hooks.c, plugin_routes.c, tasks.c), in better words. */
static const struct table tables[] = {
    {TABLE(ouse_plugin, options, ouse_option, help), no_pointers, NULL},
    {TABLE(ouse_plugin, collections, ouse_collection, derived), collection_pointers, parts_of_collections},
    {TABLE(ouse_plugin, routes, ouse_route, reply_schema), no_pointers, parts_of_routes},
    {TABLE(ouse_plugin, hooks, ouse_hook, fn), no_pointers, NULL},
    {TABLE(ouse_plugin, formats, ouse_format, doc), format_pointers, NULL},
    {TABLE(ouse_plugin, tasks, ouse_task, fn), no_pointers, NULL},
    {TABLE(ouse_plugin, migrations, ouse_migration, fn), migration_pointers, NULL},
    {.name = NULL}};

/* One table of a plugin, on its way through the checks. */
struct checking {
    const struct loaded_plugin *plugin;
    struct problem *problem;
};

__attribute__((format(printf, 2, 3))) static void report(struct checking *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str why = arena_vprintf(at->problem->arena, format, args);
    va_end(args);
    problem_add(at->problem, OUSE_E_INVALID, "", "plugin", "%s: %s", at->plugin->path, why.p);
}

/* Whether the rows can be read. `called` is "its hooks", "the fields of row 0 of its collections". */
static int is_bounded(struct checking *at, const struct table *is, const any_table *table, const char *called)
{
    static const char how[] = "write them with OUSE_ROWS(…)";
    unsigned stride = table->stride, alignment = alignof(void *);
    uint32_t before = at->problem->n_errors;
    if (table->n == 0)
        return 1;
    if (table->n > ROWS_MAX)
        report(at, "%s are %u rows; at most %d are accepted", called, (unsigned)table->n, ROWS_MAX);
    else if (!table->at)
        report(at, "%s are %u rows at the address NULL; %s", called, (unsigned)table->n, how);
    else if (stride < is->least)
        report(at, "%s have rows of %u bytes; those of ABI 1.0 have %u; %s", called, stride,
               (unsigned)is->least, how);
    else if (stride > ROW_MAX)
        report(at, "%s have rows of %u bytes; at most %d are accepted; %s", called, stride, ROW_MAX, how);
    else if (stride % alignment || (uintptr_t)table->at % alignment)
        report(at, "%s have rows of %u bytes from the address %p; both must be multiples of %u; %s", called,
               stride, table->at, alignment, how);
    return at->problem->n_errors == before;
}

static void check_pointers(struct checking *at, const struct table *is, const char *row, uint32_t i,
                           const char *called)
{
    for (const struct pointer *pointer = is->pointers; pointer->name; pointer++) {
        const void *value;
        memcpy(&value, row + pointer->offset, sizeof value);
        if (!value)
            report(at, "row %u of %s has no %s; every row needs one", (unsigned)i, called, pointer->name);
    }
}

/* A table and those in its rows. */
static void check(struct checking *at, const struct table *is, const char *holder, const char *called)
{
    any_table table;
    memcpy(&table, holder + is->offset, sizeof table);
    if (!is_bounded(at, is, &table, called))
        return;
    for (uint32_t i = 0; i < table.n; i++) {
        const char *row = (const char *)table.at + (size_t)i * table.stride;
        check_pointers(at, is, row, i, called);
        for (const struct table *inner = is->inner; inner && inner->name; inner++)
            check(at, inner, row,
                  arena_printf(at->problem->arena, "the %s of row %u of %s", inner->name, (unsigned)i, called)
                      .p);
    }
}

ouse_rc tables_copy(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem)
{
    struct checking at = {plugin, problem};
    uint32_t before = problem->n_errors;
    for (const struct table *is = tables; is->name; is++)
        check(&at, is, (const char *)&plugin->is, arena_printf(problem->arena, "its %s", is->name).p);
    if (problem->n_errors > before)
        return problem->rc;
    for (const struct table *is = tables; is->name; is++) {
        char *holder = (char *)&plugin->is + is->offset;
        any_table table;
        memcpy(&table, holder, sizeof table);
        table.at = arena_rows(arena, table.at, table.n, table.stride, is->row);
        table.stride = is->row;
        memcpy(holder, &table, sizeof table);
    }
    return OUSE_OK;
}
