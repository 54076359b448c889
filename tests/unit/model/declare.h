/* declare: a few collections as a plugin might declare them, by chance. Each has a
 * name, fields of many types and flags, references among all of them, and now and then
 * a state machine, dates of which one is after the other, and an index over two fields.
 */
#ifndef TESTS_MODEL_DECLARE_H
#define TESTS_MODEL_DECLARE_H

#include "../record_fixture.h"
#include "values.h"

enum { COLLECTIONS = 4, FIELDS = 12, STATE = 1 /* the field that a flow has */ };

/* The declarations; all of it lives until the next ones. */
static struct {
    struct arena arena;
    struct ouse_collection is[COLLECTIONS];
    struct ouse_field fields[COLLECTIONS][FIELDS];
    struct ouse_index pair[COLLECTIONS];
    struct ouse_flow flow[COLLECTIONS];
    struct ouse_move moves[COLLECTIONS][3];
    uint32_t n;
} d;

static const char *const collection_names[COLLECTIONS] = {"alphas", "betas", "deltas", "gammas"};
static const char *const singulars[COLLECTIONS] = {"alpha", "beta", "delta", "gamma"};
static const uint32_t seen_by[] = {OUSE_PUBLIC, OUSE_PUBLIC, OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE};

static uint32_t any_visibility(void)
{
    return seen_by[chance(sizeof seen_by / sizeof *seen_by)];
}

static const char *text(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str made = arena_vprintf(&d.arena, format, args);
    va_end(args);
    return made.p;
}

static int has_keys(const struct ouse_field *field)
{
    return field->type != OUSE_LONG && field->type != OUSE_SERIES;
}

static const char *any_targets(void)
{
    const char *all = "";
    uint32_t which = 1 + chance((1u << d.n) - 1);
    if (!chance(8))
        return "*";
    for (uint32_t i = 0; i < d.n; i++)
        if (which & 1u << i)
            all = text("%s%s%s", all, *all ? " " : "", collection_names[i]);
    return all;
}

static void declare_reference(struct ouse_field *field, uint32_t collection)
{
    field->refers_to = any_targets();
    field->on_delete = chance(3);
    /* What must refer to something refers to collections in front, so that there is a first record. */
    if (field->type == OUSE_REF && collection && field->on_delete != OUSE_NULLIFY && chance(2)) {
        field->refers_to = collection_names[chance(collection)];
        field->flags |= OUSE_REQUIRED;
    }
}

static void declare_field(uint32_t collection, uint32_t i)
{
    struct ouse_field *field = &d.fields[collection][i];
    *field = (struct ouse_field){
        .name = text("f%u", i), .type = OUSE_TEXT + chance(OUSE_SERIES), .visibility = any_visibility()};
    if (has_keys(field) && chance(2))
        field->flags |= OUSE_INDEXED;
    if (has_keys(field) && field->type != OUSE_BOOL && field->type != OUSE_ENUM && !chance(7))
        field->flags |= OUSE_UNIQUE;
    if (field->type == OUSE_ENUM || field->type == OUSE_IDS || (field->type == OUSE_LIST && chance(2)))
        field->choices = field->type == OUSE_IDS ? "ods orcid" : "draft open shut";
    if (is_reference(field))
        declare_reference(field, collection);
    else if (!chance(8))
        field->flags |= OUSE_REQUIRED;
    else if (!chance(8))
        field->flags |= OUSE_SYSTEM;
    else if (!chance(8) && !is_list(field))
        field->dflt = any_good(field)->json;
    if (!chance(8))
        field->flags |= OUSE_FIXED;
}

/* Dates beside each other: the second may not be before the first. */
static void declare_dates(uint32_t collection, uint32_t i)
{
    struct ouse_field *field = &d.fields[collection][i];
    uint32_t visibility = any_visibility();
    field[0] = (struct ouse_field){.name = text("f%u", i), .type = OUSE_PDATE, .flags = OUSE_INDEXED};
    field[1] = (struct ouse_field){.name = text("f%u", i + 1), .type = OUSE_DATE, .after = field->name};
    field[0].visibility = field[1].visibility = visibility;
}

static void declare_flow(uint32_t collection)
{
    static const uint32_t roles[] = {OUSE_PARTNER, OUSE_OFFICE, 0};
    d.fields[collection][STATE] = (struct ouse_field){
        .name = "state", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "draft open shut"};
    if (!chance(4))
        d.fields[collection][STATE].visibility = any_visibility();
    d.moves[collection][0] = (struct ouse_move){.from = "draft", .to = "open", .role = roles[chance(3)]};
    d.moves[collection][1] = (struct ouse_move){.from = "draft open", .to = "shut", .role = roles[chance(3)]};
    d.moves[collection][2] = (struct ouse_move){.from = "shut", .to = "draft", .role = roles[chance(3)]};
    d.flow[collection] =
        (struct ouse_flow){"state", "draft", {d.moves[collection], 3, sizeof(struct ouse_move)}};
    d.is[collection].flows.at = &d.flow[collection];
    d.is[collection].flows.n = 1;
    d.is[collection].flows.stride = sizeof(struct ouse_flow);
}

static void declare_pair(uint32_t collection)
{
    const struct ouse_field *a = &d.fields[collection][2 + chance(5)],
                            *b = &d.fields[collection][7 + chance(5)];
    if (!has_keys(a) || !has_keys(b) || (is_list(a) && is_list(b)))
        return;
    d.pair[collection] =
        (struct ouse_index){"pair", text("%s %s", a->name, b->name), chance(3) ? OUSE_UNIQUE : 0};
    d.is[collection].indexes.at = &d.pair[collection];
    d.is[collection].indexes.n = 1;
    d.is[collection].indexes.stride = sizeof(struct ouse_index);
}

static void declare_collection(uint32_t collection)
{
    struct ouse_collection *is = &d.is[collection];
    *is = (struct ouse_collection){.name = collection_names[collection],
                                   .singular = singulars[collection],
                                   .version = 1,
                                   .label_field = "name",
                                   .visibility = chance(4) ? OUSE_PUBLIC : any_visibility()};
    for (uint32_t i = 1; i < FIELDS; i++)
        declare_field(collection, i);
    d.fields[collection][0] = (struct ouse_field){
        .name = "name", .type = OUSE_TEXT, .flags = OUSE_INDEXED | (chance(2) ? OUSE_REQUIRED : 0)};
    if (chance(3))
        declare_flow(collection);
    if (chance(2))
        declare_dates(collection, 4);
    if (chance(2))
        declare_pair(collection);
    is->fields.at = d.fields[collection];
    is->fields.n = FIELDS;
    is->fields.stride = sizeof(struct ouse_field);
}

static void declare(void)
{
    memset(&d, 0, sizeof d);
    d.n = 2 + chance(COLLECTIONS - 1);
    for (uint32_t i = 0; i < d.n; i++)
        declare_collection(i);
}

static const struct ouse_field *field_named(uint32_t collection, const char *name)
{
    for (uint32_t i = 0; name && i < FIELDS; i++)
        if (strcmp(d.fields[collection][i].name, name) == 0)
            return &d.fields[collection][i];
    return NULL;
}

static const struct ouse_flow *flow_of(uint32_t collection, const struct ouse_field *field)
{
    const struct ouse_collection *is = &d.is[collection];
    return is->flows.n && (!field || field == &d.fields[collection][STATE]) ? is->flows.at : NULL;
}

static int in_words(const char *words, const char *word, size_t n)
{
    for (const char *at = words; (at = strstr(at, word)); at += n)
        if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return 1;
    return 0;
}

/* The collections that a reference may lead to; whether it says which. */
static int refers_to(const struct ouse_field *field, uint32_t collection)
{
    const char *name = collection_names[collection];
    return strcmp(field->refers_to, "*") == 0 || in_words(field->refers_to, name, strlen(name));
}

static int is_qualified(const struct ouse_field *field)
{
    return strpbrk(field->refers_to, "* ") != NULL;
}

#endif
