/* explorer: the API by what can be done with it, made of the document that the plugin openapi
 * answers the same caller. The index has the groups, which are the document's tags; the page of a group
 * has its operations, and at its end the problems and schemas that these mention.
 *
 * A form that reads leads to the page itself with the operation and what was filled in, and that
 * leads on to the API: what was left empty has to be left out of an address, and ids go into its path.
 */
#include "json.h"
#include "schema.h"
#include "view.h"
#include <stdlib.h>

#define OPERATION "{operation}" /* no parameter is called so */

struct explorer {
    struct view *view;
    struct ouse_ctx *ctx;
    const struct ouse_doc *document;
    struct ouse_doc *schemas, *problems; /* sets of names that the page mentions */
};

/* One entry of a path: what is done by a method. */
struct operation {
    struct ouse_str path, method;
    const struct ouse_doc *says;
};

/* ---- Operations --------------------------------------------------------------------------------- */

typedef void (*operation_fn)(const struct explorer *e, const struct operation *is, void *arg);

/* Calls `fn` for each operation of the document. */
static void each_operation(const struct explorer *e, operation_fn fn, void *arg)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *paths = ouse_member(ctx, e->document, "paths");
    uint32_t n = ouse_count(ctx, paths);
    for (uint32_t i = 0; i < n; i++) {
        const struct ouse_doc *path = ouse_at(ctx, paths, i);
        for (uint32_t j = 0; j < ouse_count(ctx, path); j++) {
            const struct ouse_doc *says = ouse_at(ctx, path, j);
            fn(e, &(struct operation){ouse_name(ctx, path), ouse_name(ctx, says), says}, arg);
        }
    }
}

/* The group that an operation is in. */
static struct ouse_str group_of(const struct explorer *e, const struct operation *operation)
{
    return ouse_as_text(e->ctx, ouse_at(e->ctx, ouse_member(e->ctx, operation->says, "tags"), 0));
}

static int is_of_page(const struct explorer *e, const struct operation *operation)
{
    return ouse_same(group_of(e, operation), e->view->name);
}

static int reads(const struct operation *operation)
{
    return ouse_is(operation->method, "get");
}

/* ---- Parameters --------------------------------------------------------------------------------- */

/* The row of `name` or `name[operator]`, new where there is none yet. */
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

/* What goes before the operators of a name. */
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

/* What a row says but its operators: as its first parameter does, or the one without an operator. */
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
    ouse_set_bool(ctx, row, "sure", ouse_is(name, "dry_run")); /* is said: at first, nothing is kept */
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
        schema_collect(ctx, schema, e->schemas);
        ouse_set_text(ctx, row, "type", type);
        ouse_set_text(ctx, row, "schema_name", name);
        ouse_set_text(ctx, row, "schema", name.p || !is_json ? ouse_s(NULL) : json_text(ctx, schema));
        ouse_set_text(ctx, row, "example", example ? json_text(ctx, example) : ouse_s(NULL));
        ouse_add(ctx, rows, row);
    }
    return rows;
}

/* {"content", "example"}: of the first media type; NULL where none is taken. */
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

static struct ouse_doc *describe_answer(const struct explorer *e, struct ouse_str status,
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
        if (!ouse_text(ctx, answer, "$ref").p) {
            ouse_add(ctx, own, describe_answer(e, status, answer));
            continue;
        }
        ouse_add_text(ctx, others, status);
        ouse_set_bool(ctx, e->problems, status.p, 1);
    }
    ouse_set(ctx, shown, "answers", own);
    ouse_set(ctx, shown, "problems", others);
}

/* ---- The page of a group ------------------------------------------------------------------------- */

/* Who may: everybody, or the roles that the token has to have. */
static struct ouse_str describe_access(const struct explorer *e, const struct operation *operation)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *security = ouse_member(ctx, operation->says, "security");
    const struct ouse_doc *roles = ouse_member(ctx, ouse_at(ctx, security, 0), "bearer");
    struct ouse_str role = ouse_as_text(ctx, ouse_at(ctx, roles, 0));
    if (!ouse_count(ctx, security))
        return ouse_s("everybody");
    return role.p ? ouse_format(ctx, "those who have a token of the role %.*s", OUSE_F(role))
                  : ouse_s("those who have a token");
}

static struct ouse_str upper(struct ouse_ctx *ctx, struct ouse_str text)
{
    char *to = ouse_alloc(ctx, text.n + 1);
    for (uint32_t i = 0; i < text.n; i++)
        to[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 32 : text.p[i]);
    return (struct ouse_str){to, text.n};
}

static void describe_operation(const struct explorer *e, const struct operation *is, void *list)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_doc *shown, *parameters;
    if (!is_of_page(e, is))
        return;
    shown = ouse_object(ctx);
    parameters = describe_parameters(e, is);
    ouse_set_text(ctx, shown, "id", ouse_text(ctx, is->says, "operationId"));
    ouse_set_text(ctx, shown, "summary", ouse_text(ctx, is->says, "summary"));
    ouse_set_text(ctx, shown, "method", upper(ctx, is->method));
    ouse_set_text(ctx, shown, "path", ouse_format(ctx, "%s%.*s", e->view->model->base, OUSE_F(is->path)));
    ouse_set_text(ctx, shown, "access", describe_access(e, is));
    ouse_set_bool(ctx, shown, "reads", reads(is));
    ouse_set_bool(ctx, shown, "any", ouse_count(ctx, parameters) > 0);
    ouse_set(ctx, shown, "parameters", parameters);
    ouse_set_or_null(ctx, shown, "body", describe_body(e, is));
    describe_answers(e, is, shown);
    ouse_add(ctx, list, shown);
}

/* Describes what the operations mention: problems, then schemas, which mention further ones. */
static void describe_mentioned(const struct explorer *e, struct ouse_doc *group)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *components = ouse_member(ctx, e->document, "components");
    struct ouse_doc *problems = ouse_list(ctx), *schemas = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, e->problems); i++) {
        struct ouse_str status = ouse_name(ctx, ouse_at(ctx, e->problems, i));
        ouse_add(ctx, problems,
                 describe_answer(e, status,
                                 ouse_member(ctx, ouse_member(ctx, components, "responses"), status.p)));
    }
    for (uint32_t i = 0; i < ouse_count(ctx, e->schemas); i++) {
        struct ouse_str name = ouse_name(ctx, ouse_at(ctx, e->schemas, i));
        const struct ouse_doc *schema = ouse_member(ctx, ouse_member(ctx, components, "schemas"), name.p);
        struct ouse_doc *shown = ouse_object(ctx);
        schema_collect(ctx, schema, e->schemas);
        ouse_set_text(ctx, shown, "name", name);
        ouse_set_text(ctx, shown, "text", json_text(ctx, schema));
        ouse_add(ctx, schemas, shown);
    }
    ouse_sort(ctx, problems, "status");
    ouse_sort(ctx, schemas, "name");
    ouse_set(ctx, group, "problems", problems);
    ouse_set(ctx, group, "schemas", schemas);
}

/* ---- Leading on ----------------------------------------------------------------------------------- */

struct sought {
    struct ouse_str id, path;
};

static void find_reading(const struct explorer *e, const struct operation *is, void *arg)
{
    struct sought *sought = arg;
    if (is_of_page(e, is) && reads(is) && ouse_same(ouse_text(e->ctx, is->says, "operationId"), sought->id))
        sought->path = is->path;
}

/* The path with its placeholders filled from the query, which they are taken out of; no text where
 * one is not there. */
static struct ouse_str fill_path(struct view *view, struct ouse_str pattern, struct query *query)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str path = ouse_s("");
    for (const char *at = pattern.p; *at;) {
        uint32_t plain = (uint32_t)strcspn(at, "{"), n = (uint32_t)strcspn(at + plain, "}");
        struct ouse_str name = ouse_format(ctx, "%.*s", (int)n + (at[plain] != 0), at + plain);
        struct ouse_str value = at[plain] ? query_value(query, name.p) : ouse_s("");
        if (!value.p)
            return value;
        query_set(query, name, ouse_s(NULL));
        path =
            ouse_format(ctx, "%.*s%.*s%.*s", OUSE_F(path), (int)plain, at, OUSE_F(query_encode(ctx, value)));
        at += plain + name.n;
    }
    return path;
}

/* Returns -1, for there is no page to show. */
static int lead_on(const struct explorer *e, struct ouse_str id)
{
    struct view *view = e->view;
    struct query query = view->query;
    struct sought sought = {.id = id};
    struct ouse_str path;
    each_operation(e, find_reading, &sought);
    if (!sought.path.p)
        return view_fail(view, 404, "There is no reading operation %.*s here", OUSE_F(id));
    query_set(&query, ouse_s(OPERATION), ouse_s(NULL));
    path = fill_path(view, sought.path, &query);
    if (!path.p)
        return view_fail(view, 400, "The address %.*s has more parts than were filled in",
                         OUSE_F(sought.path));
    view->location = view_href(view, &query, "%.*s", OUSE_F(path));
    return -1;
}

/* ---- Pages ------------------------------------------------------------------------------------------ */

static struct ouse_str title_of(struct view *view, struct ouse_str group)
{
    const struct collection *collection = model_collection(view->model, group);
    return collection ? ouse_s(collection->title) : ouse_title(view->ctx, group);
}

/* What the document says of a group, or NULL. */
static const struct ouse_doc *find_tag(const struct explorer *e, struct ouse_str group)
{
    const struct ouse_doc *tags = ouse_member(e->ctx, e->document, "tags"), *tag = NULL;
    for (uint32_t i = 0; i < ouse_count(e->ctx, tags); i++) {
        tag = ouse_at(e->ctx, tags, i);
        if (ouse_same(ouse_text(e->ctx, tag, "name"), group))
            return tag;
    }
    return NULL;
}

/* The document is of now, whatever day the page looks at. Returns 0, or -1 when the page has failed. */
static int begin(struct explorer *e, struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    *e = (struct explorer){view, ctx, NULL, ouse_object(ctx), ouse_object(ctx)};
    if (!model_has_plugin(view->model, "openapi"))
        return view_fail(view, 404, "There is nothing at %.*s", OUSE_F(view->request->path));
    e->document = ouse_ask(ctx, ouse_s("openapi.json"), &view->status);
    if (view->status == 200)
        return 0;
    view->problem = ouse_copy(ctx, e->document);
    return -1;
}

static void crumb_data(struct view *view)
{
    view_crumb(view, ouse_s("Data and API"), view_href(view, NULL, "/data"));
}

static struct ouse_doc *describe_tag(const struct explorer *e, const struct ouse_doc *tag)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_str name = ouse_text(ctx, tag, "name");
    struct ouse_doc *shown = ouse_object(ctx);
    ouse_set_text(ctx, shown, "name", name);
    ouse_set_text(ctx, shown, "title", title_of(e->view, name));
    ouse_set_text(ctx, shown, "doc", ouse_text(ctx, tag, "description"));
    ouse_set_text(ctx, shown, "href", view_href(e->view, NULL, "/data/api/%.*s", OUSE_F(name)));
    return shown;
}

static void count(const struct explorer *e, const struct operation *is, void *counts)
{
    struct ouse_str group = group_of(e, is);
    ouse_set_number(e->ctx, counts, group.p, ouse_number(e->ctx, counts, group.p, 0) + 1);
}

static struct ouse_doc *describe_index(const struct explorer *e)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *tags = ouse_member(ctx, e->document, "tags");
    struct ouse_doc *index = ouse_object(ctx), *groups = ouse_list(ctx), *counts = ouse_object(ctx);
    each_operation(e, count, counts);
    for (uint32_t i = 0; i < ouse_count(ctx, tags); i++) {
        struct ouse_doc *group = describe_tag(e, ouse_at(ctx, tags, i));
        ouse_set(ctx, group, "count", ouse_member(ctx, counts, ouse_text(ctx, group, "name").p));
        ouse_add(ctx, groups, group);
    }
    ouse_set(ctx, index, "groups", groups);
    return index;
}

/* NULL where there is no such group. */
static struct ouse_doc *describe_group(const struct explorer *e)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *tag = find_tag(e, e->view->name);
    struct ouse_doc *group, *operations = ouse_list(ctx);
    if (!tag)
        return NULL;
    group = describe_tag(e, tag);
    each_operation(e, describe_operation, operations);
    ouse_set(ctx, group, "operations", operations);
    describe_mentioned(e, group);
    return group;
}

/* A part of a page; no text when it would be too large. */
static struct ouse_str render(struct view *view, const char *template, struct ouse_doc *is)
{
    const struct mustache *templates = view->site->templates;
    struct ouse_doc *root = ouse_object(view->ctx);
    struct ouse_str html, part;
    ouse_set(view->ctx, root, template, is);
    html = mustache_render(templates, mustache_find(templates, template), view->ctx->host, root);
    part = html.p ? ouse_format(view->ctx, "%.*s", OUSE_F(html)) : html;
    free((void *)(uintptr_t)html.p);
    return part;
}

/* Sets "explorer": {"html"}. To read the document costs a hundred times what the rest of a page does, so
 * what was made of it is kept; but for the index of another day, whose links lead to that day. */
static int fill(struct view *view, const char *template,
                struct ouse_doc *(*describe)(const struct explorer *e))
{
    struct ouse_doc *shown = ouse_object(view->ctx), *is = NULL;
    struct ouse_str name = view->name.p ? view->name : ouse_s("");
    int stays = view->name.p || !view->as_of.p;
    struct ouse_str html = stays ? kept_get(view->model->kept, name) : ouse_s(NULL);
    struct explorer e;
    if (!html.p) {
        if (begin(&e, view))
            return -1;
        is = describe(&e);
        if (!is)
            return view_fail(view, 404, "There is nothing at %.*s", OUSE_F(view->request->path));
        html = render(view, template, is);
        if (!html.p)
            return view_fail(view, 500, "This page is too large to be shown");
        if (stays)
            kept_put(view->model->kept, name, html);
    }
    ouse_set_text(view->ctx, shown, "html", html);
    ouse_set(view->ctx, view->root, "explorer", shown);
    return 0;
}

int explorer_fill(struct view *view)
{
    crumb_data(view);
    return fill(view, "explorer-index", describe_index);
}

int explorer_group_fill(struct view *view)
{
    struct ouse_str operation = query_value(&view->query, OPERATION);
    struct explorer e;
    if (operation.p)
        return begin(&e, view) ? -1 : lead_on(&e, operation);
    crumb_data(view);
    view_crumb(view, ouse_s("Explore the API"), view_href(view, NULL, "/data/api"));
    view_title(view, ouse_format(view->ctx, "API: %.*s", OUSE_F(title_of(view, view->name))));
    return fill(view, "explorer-operations", describe_group);
}
