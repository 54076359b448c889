/* operations: one operation of the server, as an operation object. */
#include "openapi.h"
#include <strings.h>

#define ORDERED TEXTS " enum int money date pdate qty"
#define TEXTS   "text url email list"
#define ANY     ORDERED " bool ref refs ids"
#define TIME    " time" /* when a record was made, or changed last */

/* Whether a list can be filtered by a field. */
static int can_filter(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    static const char *const always[] = {"ref", "refs", "ids"};
    struct ouse_str type = ouse_text(ctx, field, "type");

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (ouse_is(type, always[i]))
            return 1;
    return records_flag(ctx, field, "indexed") || records_flag(ctx, field, "unique");
}

/* The operators of a field in addition to equality; an operator follows the name: "starts[gte]". */
static const struct {
    const char *name;
    const char *types; /* of which fields */
} operators[] = {
    {"eq", ANY TIME},      {"ne", ANY TIME},     {"lt", ORDERED TIME},
    {"lte", ORDERED TIME}, {"gt", ORDERED TIME}, {"gte", ORDERED TIME},
    {"in", ANY},           {"prefix", TEXTS},    {"exists", ANY},
};

/* Returns whether a word is in a list, without regard to case. */
static int is_one_of(struct ouse_str word, const char *words)
{
    for (const char *at = words; *(at += strspn(at, " ")); at += strcspn(at, " "))
        if (word.n == strcspn(at, " ") && strncasecmp(word.p, at, word.n) == 0)
            return 1;
    return 0;
}

static void add_operator(struct text *text, struct ouse_str name, const char *operator)
{
    text_next(text);
    text_fill(text, "{\"name\":\"@", name);
    text_add(text, "[%s]\",\"in\":\"query\",\"schema\":{\"type\":\"%s\"}}", operator,
             strcmp(operator, "exists") == 0 ? "boolean" : "string");
}

static void add_operators(struct text *text, struct ouse_str name, struct ouse_str type)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (is_one_of(type, operators[i].types))
            add_operator(text, name, operators[i].name);
}

/* Adds a filter for equality. If the field has the name of a parameter, only the forms with an
 * operator exist. */
static void add_plain(struct text *text, struct ouse_str name, struct ouse_str doc, const char *parameters)
{
    if (is_one_of(name, parameters))
        return;
    text_next(text);
    text_fill(text, "{\"name\":\"@\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}", name);
    text_member(text, "description", doc);
    text_add(text, "}");
}

/* Adds the filters of every record: its id, dates and instants. */
static void add_own(struct text *text, const char *parameters)
{
    static const char *const times[][2] = {
        {"created", "The creation of the record: on a date, or at an instant."},
        {"updated", "When the record was changed last: on a date, or at an instant."},
    };

    add_operator(text, ouse_s("id"), "in");
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        add_plain(text, ouse_s(times[i][0]), ouse_s(times[i][1]), parameters);
        add_operators(text, ouse_s(times[i][0]), ouse_s("time"));
    }
}

static void add_filters(struct text *text, const struct ouse_doc *collection, const char *parameters)
{
    const struct ouse_doc *fields = ouse_member(text->ctx, collection, "fields");
    int words = records_flag(text->ctx, collection, "words");

    if (words)
        components_parameters(text, "Words");
    for (uint32_t i = 0; i < ouse_count(text->ctx, fields); i++) {
        const struct ouse_doc *field = ouse_at(text->ctx, fields, i);
        struct ouse_str name = ouse_text(text->ctx, field, "name"),
                        type = ouse_text(text->ctx, field, "type");
        if (words && records_flag(text->ctx, field, "searchable"))
            add_operator(text, name, "contains");
        if (!can_filter(text->ctx, field))
            continue;
        if (ouse_is(type, "list") && ouse_member(text->ctx, field, "choices"))
            type = ouse_s("enum");
        add_plain(text, name, ouse_text(text->ctx, field, "doc"), parameters);
        add_operators(text, name, type);
    }
    add_own(text, parameters);
}

static void add_type(struct text *text, struct ouse_str media_type)
{
    text_fill(text, ",\"@\":{\"schema\":{\"type\":\"string\"}}", media_type);
}

static int applies_to(struct ouse_ctx *ctx, const struct ouse_doc *format, const struct subject *subject,
                      const char *of)
{
    const struct ouse_doc *shapes = ouse_member(ctx, format, "of");
    struct ouse_str only = ouse_text(ctx, format, "collection");

    for (uint32_t i = 0; i < ouse_count(ctx, shapes); i++)
        if (ouse_is(ouse_as_text(ctx, ouse_at(ctx, shapes, i)), of))
            return !only.p || ouse_same(only, subject->name);
    return 0;
}

/* Adds the formats of records, lists and changes in addition to JSON: of the server, and of
 * plugins. */
static void add_formats(struct text *text, const struct subject *subject, const char *of)
{
    static const char *const rows[] = {"text/csv", "application/x-ndjson", NULL};
    static const char *const events[] = {"text/event-stream", NULL};
    struct ouse_ctx *ctx = text->ctx;

    for (const char *const *own = strcmp(of, "changes") == 0 ? events : rows; *own; own++)
        add_type(text, ouse_s(*own));
    for (uint32_t i = 0; i < ouse_count(ctx, subject->plugins); i++) {
        const struct ouse_doc *formats = ouse_member(ctx, ouse_at(ctx, subject->plugins, i), "formats");
        for (uint32_t j = 0; j < ouse_count(ctx, formats); j++)
            if (applies_to(ctx, ouse_at(ctx, formats, j), subject, of))
                add_type(text, ouse_text(ctx, ouse_at(ctx, formats, j), "media_type"));
    }
}

static void add_answer(struct text *text, const struct operation *operation, const struct subject *subject)
{
    text_add(text, "\"%s\":{", operation->status);
    text_member(text, "description", ouse_s(operation->answer));
    if (*operation->headers) {
        text_add(text, ",\"headers\":{");
        components_headers(text, operation->headers);
        text_add(text, "}");
    }
    if (operation->schema) {
        text_add(text, ",\"content\":{\"application/json\":{\"schema\":{");
        text_fill(text, operation->schema, subject->name);
        text_add(text, "}}");
        if (operation->of)
            add_formats(text, subject, operation->of);
        text_add(text, "}");
    }
    text_add(text, "}");
}

static void add_filled(struct text *text, const char *name, const char *template, struct ouse_str subject)
{
    text_next(text);
    text_add(text, "\"%s\":\"", name);
    text_fill(text, template, subject);
    text_add(text, "\"");
}

/* "`state`: planned to active (manager); active or paused to stopped (office)" */
static struct ouse_str describe_flow(struct ouse_ctx *ctx, const struct ouse_doc *flow)
{
    const struct ouse_doc *moves = ouse_member(ctx, flow, "moves");
    struct ouse_str words = ouse_format(ctx, "`%.*s`", OUSE_F(ouse_text(ctx, flow, "field")));

    for (uint32_t i = 0; i < ouse_count(ctx, moves); i++) {
        const struct ouse_doc *move = ouse_at(ctx, moves, i), *from = ouse_member(ctx, move, "from");
        for (uint32_t k = 0; k < ouse_count(ctx, from); k++)
            words = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(words),
                                k   ? " or "
                                : i ? "; "
                                    : ": ",
                                OUSE_F(ouse_as_text(ctx, ouse_at(ctx, from, k))));
        words = ouse_format(ctx, "%.*s to %.*s (%.*s)", OUSE_F(words), OUSE_F(ouse_text(ctx, move, "to")),
                            OUSE_F(ouse_text(ctx, move, "role")));
    }
    return words;
}

/* The moves of all state machines, and the least role that each takes. */
static struct ouse_str describe_moves(struct ouse_ctx *ctx, const struct ouse_doc *collection)
{
    const struct ouse_doc *flows = ouse_member(ctx, collection, "flows");
    struct ouse_str words = ouse_s("");

    for (uint32_t i = 0; i < ouse_count(ctx, flows); i++)
        words = ouse_format(ctx, "%.*s%s%.*s.", OUSE_F(words), i ? " " : "",
                            OUSE_F(describe_flow(ctx, ouse_at(ctx, flows, i))));
    return words;
}

void operation_write(struct text *text, const struct operation *operation, const struct subject *subject)
{
    text_next(text);
    text_add(text, "\"%s\":{", operation->method);
    add_filled(text, "operationId", operation->id, subject->name);
    add_filled(text, "summary", operation->summary, subject->name);
    if (operation->flags & MOVING)
        text_member(text, "description", describe_moves(text->ctx, subject->collection));
    text_add(text, ",\"tags\":[");
    text_string(text, subject->name.p ? subject->name : ouse_s("register"));
    text_add(text, "]");
    roles_security(text, operation->role);
    text_add(text, ",\"parameters\":[");
    components_parameters(text, operation->parameters);
    if (operation->flags & FILTERED)
        add_filters(text, subject->collection, operation->parameters);
    text_add(text, "]");
    if (operation->body) {
        text_add(text, ",\"requestBody\":{\"required\":true,\"content\":{");
        text_fill(text, operation->body, subject->name);
        text_add(text, "}}");
    }
    text_add(text, ",\"responses\":{");
    add_answer(text, operation, subject);
    components_problems(text, operation->problems);
    text_add(text, "}}");
}
