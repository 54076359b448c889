/* explorer_operation: one operation of an OpenAPI document in the explorer: its inputs, its
 * answers, and its roles. */
#include "explorer.h"
#include "json.h"
#include "schema.h"

/* ---- Parameters --------------------------------------------------------------------------------- */

/* Returns the row of `name` or `name[operator]`, a new one if it does not exist yet. */
static struct ouse_doc *row_of(const struct explorer *e, struct ouse_doc *rows, struct ouse_str base,
                               struct ouse_str where)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_doc *row = NULL;
    for (uint32_t i = 0; i < ouse_count(ctx, rows); i++) {
        row = ouse_at(ctx, rows, i);
        if (ouse_same(ouse_text(ctx, row, "base"), base) && ouse_same(ouse_text(ctx, row, "where"), where))
            return row;
    }
    row = ouse_object(ctx);
    ouse_set_text(ctx, row, "base", base);
    ouse_set_text(ctx, row, "where", where);
    ouse_set(ctx, row, "operators", ouse_list(ctx));
    ouse_add(ctx, rows, row);
    return row;
}

static struct ouse_doc *describe_choices(const struct explorer *e, const struct ouse_doc *schema)
{
    static const char *const truths[] = {"true", "false"};
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *of = ouse_member(ctx, schema, "enum"), *only = ouse_member(ctx, schema, "const");
    struct ouse_doc *choices = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, of); i++)
        ouse_add_text(ctx, choices, ouse_as_text(ctx, ouse_at(ctx, of, i)));
    if (only)
        ouse_add_text(ctx, choices, ouse_as_text(ctx, only));
    for (size_t i = 0; i < 2 && ouse_is(ouse_text(ctx, schema, "type"), "boolean"); i++)
        ouse_add_text(ctx, choices, ouse_s(truths[i]));
    return choices;
}

/* Returns the part of a name before the operator. */
static struct ouse_str base_of(struct ouse_str name)
{
    return (struct ouse_str){name.p, (uint32_t)strcspn(name.p, "[")};
}

/* A value as it is written in an address. */
static struct ouse_str as_written(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    struct ouse_str text = ouse_as_text(ctx, value);
    return text.p || !value ? text : json_text(ctx, value);
}

/* Fills a row except for its operators: from its first parameter, or the one without an operator. */
static void describe_input(const struct explorer *e, struct ouse_doc *row, const struct ouse_doc *parameter)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *schema = schema_follow(ctx, e->document, ouse_member(ctx, parameter, "schema"));
    const struct ouse_doc *example = ouse_member(ctx, parameter, "example");
    struct ouse_str name = ouse_text(ctx, parameter, "name"), where = ouse_text(ctx, row, "where");
    struct ouse_doc *choices = describe_choices(e, schema);
    ouse_set_text(ctx, row, "name", name);
    ouse_set_text(ctx, row, "input",
                  ouse_is(where, "path") ? ouse_format(ctx, "{%.*s}", OUSE_F(name)) : name);
    ouse_set_bool(ctx, row, "header", ouse_is(where, "header"));
    ouse_set_text(ctx, row, "type", schema_words(ctx, schema));
    ouse_set_bool(ctx, row, "required", ouse_number(ctx, parameter, "required", 0) != 0);
    ouse_set_text(ctx, row, "doc", ouse_text(ctx, parameter, "description"));
    ouse_set_text(ctx, row, "example", as_written(ctx, example));
    ouse_set_bool(ctx, row, "sure", ouse_is(name, "dry_run")); /* is preset: by default, nothing is stored */
    ouse_set_bool(ctx, row, "choice", ouse_count(ctx, choices) > 0);
    ouse_set(ctx, row, "choices", choices);
}

static void add_parameter(const struct explorer *e, struct ouse_doc *rows, const struct ouse_doc *parameter)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_str name = ouse_text(ctx, parameter, "name"), base = base_of(name);
    struct ouse_doc *row = row_of(e, rows, base, ouse_text(ctx, parameter, "in"));
    struct ouse_str before = ouse_text(ctx, row, "name"), further = base.n < name.n ? name : before;
    if (before.p && further.n > base.n)
        ouse_add_text(ctx, ouse_member(ctx, row, "operators"),
                      (struct ouse_str){further.p + base.n, further.n - base.n});
    if (!before.p || base.n == name.n)
        describe_input(e, row, parameter);
}

static struct ouse_doc *describe_parameters(const struct explorer *e, const struct operation *operation)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *all = ouse_member(ctx, operation->says, "parameters");
    struct ouse_doc *rows = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, all); i++)
        add_parameter(e, rows, schema_follow(ctx, e->document, ouse_at(ctx, all, i)));
    return rows;
}

/* ---- Bodies and answers ------------------------------------------------------------------------- */

/* "application/json", "application/problem+json"; not "application/x-ndjson", which is lines. */
static int is_json_type(struct ouse_str type)
{
    return type.n > 5 && memcmp(type.p + type.n - 4, "json", 4) == 0 && strchr("/+", type.p[type.n - 5]);
}

/* [{"type", "schema" or "schema_name", "example"}], a row a media type. */
static struct ouse_doc *describe_content(const struct explorer *e, const struct ouse_doc *content)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_doc *rows = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, content); i++) {
        const struct ouse_doc *of = ouse_at(ctx, content, i), *schema = ouse_member(ctx, of, "schema");
        struct ouse_doc *row = ouse_object(ctx), *example = ouse_member(ctx, of, "example");
        struct ouse_str name = schema_name(ctx, schema), type = ouse_name(ctx, of);
        int is_json = is_json_type(type);
        if (!example && is_json)
            example = schema_example(ctx, e->document, schema);
        ouse_set_text(ctx, row, "type", type);
        ouse_set_text(ctx, row, "schema_name", name);
        ouse_set_text(ctx, row, "schema", name.p || !is_json ? ouse_s(NULL) : json_text(ctx, schema));
        ouse_set_text(ctx, row, "example", example ? json_text(ctx, example) : ouse_s(NULL));
        ouse_add(ctx, rows, row);
    }
    return rows;
}

/* Returns {"content", "example"} of the first media type; NULL if there is no body. */
static struct ouse_doc *describe_body(const struct explorer *e, const struct operation *operation)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *body = ouse_member(ctx, operation->says, "requestBody");
    struct ouse_doc *shown = ouse_object(ctx), *content;
    if (!body)
        return NULL;
    content = describe_content(e, ouse_member(ctx, body, "content"));
    ouse_set_text(ctx, shown, "example", ouse_text(ctx, ouse_at(ctx, content, 0), "example"));
    ouse_set(ctx, shown, "content", content);
    return shown;
}

struct ouse_doc *explorer_answer(const struct explorer *e, struct ouse_str status,
                                 const struct ouse_doc *answer)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_doc *shown = ouse_object(ctx);
    ouse_set_text(ctx, shown, "status", status);
    ouse_set_text(ctx, shown, "doc", ouse_text(ctx, answer, "description"));
    ouse_set(ctx, shown, "content", describe_content(e, ouse_member(ctx, answer, "content")));
    return shown;
}

/* Those that are the operation's own; the others are described once a page. */
static void describe_answers(const struct explorer *e, const struct operation *operation,
                             struct ouse_doc *shown)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *all = ouse_member(ctx, operation->says, "responses");
    struct ouse_doc *own = ouse_list(ctx), *others = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, all); i++) {
        const struct ouse_doc *answer = ouse_at(ctx, all, i);
        struct ouse_str status = ouse_name(ctx, answer);
        if (ouse_text(ctx, answer, "$ref").p)
            ouse_add_text(ctx, others, status);
        else
            ouse_add(ctx, own, explorer_answer(e, status, answer));
    }
    ouse_set(ctx, shown, "answers", own);
    ouse_set(ctx, shown, "problems", others);
}

/* ---- The operation ------------------------------------------------------------------------------- */

/* Returns the roles that may call it: one of them must be that of the token; or everyone. */
static struct ouse_str describe_access(const struct explorer *e, const struct operation *operation)
{
    static const char *const between[] = {"", " and ", ", "};
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *security = ouse_member(ctx, operation->says, "security");
    struct ouse_str words = ouse_s("anybody");
    uint32_t n = ouse_count(ctx, security);
    for (uint32_t i = n; i-- > 0;) {
        const struct ouse_doc *roles = ouse_member(ctx, ouse_at(ctx, security, i), "bearer");
        uint32_t behind = n - 1 - i;
        words = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(ouse_as_text(ctx, ouse_at(ctx, roles, 0))),
                            between[behind < 2 ? behind : 2], behind ? (int)words.n : 0, words.p);
    }
    return words;
}

static struct ouse_str upper(struct ouse_ctx *ctx, struct ouse_str text)
{
    char *to = ouse_alloc(ctx, text.n + 1);
    for (uint32_t i = 0; i < text.n; i++)
        to[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 32 : text.p[i]);
    return (struct ouse_str){to, text.n};
}

struct ouse_doc *explorer_operation(const struct explorer *e, const struct operation *is)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_doc *shown = ouse_object(ctx), *parameters = describe_parameters(e, is);
    ouse_set_text(ctx, shown, "id", ouse_text(ctx, is->says, "operationId"));
    ouse_set_text(ctx, shown, "summary", ouse_text(ctx, is->says, "summary"));
    ouse_set_text(ctx, shown, "doc", ouse_text(ctx, is->says, "description"));
    ouse_set_text(ctx, shown, "method", upper(ctx, is->method));
    ouse_set_text(ctx, shown, "path", ouse_format(ctx, "%s%.*s", e->view->model->base, OUSE_F(is->path)));
    ouse_set_text(ctx, shown, "access", describe_access(e, is));
    ouse_set_bool(ctx, shown, "reads", operation_reads(is));
    ouse_set_bool(ctx, shown, "any", ouse_count(ctx, parameters) > 0);
    ouse_set(ctx, shown, "parameters", parameters);
    ouse_set_or_null(ctx, shown, "body", describe_body(e, is));
    describe_answers(e, is, shown);
    return shown;
}
