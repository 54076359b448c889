/* explorer: see explorer.h. The index has the groups, which are the document's tags; the page of a
 * group has its operations, and at its end the problems and schemas that these mention. The
 * document describes the present, whatever the day of the page.
 *
 * A form of a read submits to the page itself, which redirects to the API: empty inputs must be
 * omitted from the address, and ids go into its path. */
#include "explorer.h"
#include "json.h"
#include <stdlib.h>

#define WHOLE     "register"    /* the group of operations without a collection */
#define OPERATION "{operation}" /* no parameter is called so */

static int fail_missing(struct view *view)
{
    return view_fail(view, 404, "There is nothing at %.*s", OUSE_F(view->request->path));
}

/* Reads a group of the document. Returns 0, or -1 if the page has failed. */
static int begin(struct explorer *e, struct view *view, struct ouse_str group)
{
    struct ouse_ctx *ctx = view->ctx;
    uint32_t status = 404;
    struct ouse_doc *document = NULL;
    if (model_has_plugin(view->model, "openapi"))
        document = ouse_ask(ctx, ouse_format(ctx, "openapi.json?tag=%.*s", OUSE_F(query_encode(ctx, group))),
                            &status);
    *e = (struct explorer){view, ctx, document};
    return status == 200 ? 0 : fail_missing(view);
}

/* Calls `fn` for each operation of the document. */
static void each_operation(const struct explorer *e,
                           void (*fn)(const struct explorer *e, const struct operation *is, void *arg),
                           void *arg)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct ouse_doc *paths = ouse_member(ctx, e->document, "paths");
    for (uint32_t i = 0; i < ouse_count(ctx, paths); i++) {
        const struct ouse_doc *path = ouse_at(ctx, paths, i);
        for (uint32_t j = 0; j < ouse_count(ctx, path); j++) {
            const struct ouse_doc *says = ouse_at(ctx, path, j);
            fn(e, &(struct operation){ouse_name(ctx, path), ouse_name(ctx, says), says}, arg);
        }
    }
}

/* ---- Groups ------------------------------------------------------------------------------------- */

static struct ouse_str title_of(struct view *view, struct ouse_str group)
{
    const struct collection *collection = model_collection(view->model, group);
    return collection ? ouse_s(collection->title) : ouse_title(view->ctx, group);
}

static struct ouse_doc *describe_group(const struct explorer *e, const struct ouse_doc *tag)
{
    struct ouse_ctx *ctx = e->ctx;
    struct ouse_str name = ouse_text(ctx, tag, "name");
    struct ouse_doc *group = ouse_object(ctx);
    ouse_set_text(ctx, group, "name", name);
    ouse_set_text(ctx, group, "title", title_of(e->view, name));
    ouse_set_text(ctx, group, "doc", ouse_text(ctx, tag, "description"));
    ouse_set_text(ctx, group, "href", view_href(e->view, NULL, "/data/api/%.*s", OUSE_F(name)));
    return group;
}

static struct ouse_doc *describe_groups(const struct explorer *e)
{
    const struct ouse_doc *tags = ouse_member(e->ctx, e->document, "tags");
    struct ouse_doc *groups = ouse_list(e->ctx);
    for (uint32_t i = 0; i < ouse_count(e->ctx, tags); i++)
        ouse_add(e->ctx, groups, describe_group(e, ouse_at(e->ctx, tags, i)));
    return groups;
}

static void add_operation(const struct explorer *e, const struct operation *is, void *list)
{
    ouse_add(e->ctx, list, explorer_operation(e, is));
}

static struct ouse_doc *describe_operations(const struct explorer *e)
{
    struct ouse_doc *operations = ouse_list(e->ctx);
    each_operation(e, add_operation, operations);
    return operations;
}

/* Components of a kind. */
static const struct ouse_doc *components(const struct explorer *e, const char *kind)
{
    return ouse_member(e->ctx, ouse_member(e->ctx, e->document, "components"), kind);
}

static struct ouse_doc *describe_problems(const struct explorer *e)
{
    const struct ouse_doc *all = components(e, "responses");
    struct ouse_doc *problems = ouse_list(e->ctx);
    for (uint32_t i = 0; i < ouse_count(e->ctx, all); i++) {
        const struct ouse_doc *is = ouse_at(e->ctx, all, i);
        ouse_add(e->ctx, problems, explorer_answer(e, ouse_name(e->ctx, is), is));
    }
    return problems;
}

static struct ouse_doc *describe_schemas(const struct explorer *e)
{
    const struct ouse_doc *all = components(e, "schemas");
    struct ouse_doc *schemas = ouse_list(e->ctx);
    for (uint32_t i = 0; i < ouse_count(e->ctx, all); i++) {
        const struct ouse_doc *is = ouse_at(e->ctx, all, i);
        struct ouse_doc *shown = ouse_object(e->ctx);
        ouse_set_text(e->ctx, shown, "name", ouse_name(e->ctx, is));
        ouse_set_text(e->ctx, shown, "text", json_text(e->ctx, is));
        ouse_add(e->ctx, schemas, shown);
    }
    ouse_sort(e->ctx, schemas, "name");
    return schemas;
}

/* ---- Leading on --------------------------------------------------------------------------------- */

struct sought {
    struct ouse_str id, path;
};

static void find_reading(const struct explorer *e, const struct operation *is, void *arg)
{
    struct sought *sought = arg;
    if (operation_reads(is) && ouse_same(ouse_text(e->ctx, is->says, "operationId"), sought->id))
        sought->path = is->path;
}

/* Returns the path with its placeholders filled from the query, and removes them from the query; no
 * text if one is missing. */
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

/* ---- Pages --------------------------------------------------------------------------------------- */

static void crumb_data(struct view *view)
{
    view_crumb(view, ouse_s("Data and API"), view_href(view, NULL, "/data"));
}

int explorer_fill(struct view *view)
{
    struct explorer e;
    crumb_data(view);
    if (begin(&e, view, ouse_s(WHOLE)))
        return -1;
    ouse_set(view->ctx, view->root, "groups", describe_groups(&e));
    return 0;
}

/* The tag that the document is about. */
static const struct ouse_doc *find_tag(const struct explorer *e, struct ouse_str group)
{
    const struct ouse_doc *tags = ouse_member(e->ctx, e->document, "tags");
    uint32_t i = 0, n = ouse_count(e->ctx, tags);
    while (i < n && !ouse_same(ouse_text(e->ctx, ouse_at(e->ctx, tags, i), "name"), group))
        i++;
    return ouse_at(e->ctx, tags, i);
}

/* The operations of a group as markup; no text when they are too much to be shown. */
static struct ouse_str render_group(const struct explorer *e)
{
    struct ouse_ctx *ctx = e->ctx;
    const struct mustache *templates = e->view->site->templates;
    struct ouse_doc *root = ouse_object(ctx), *group = describe_group(e, find_tag(e, e->view->name));
    struct ouse_str html, part;
    ouse_set(ctx, root, "group", group);
    ouse_set(ctx, group, "operations", describe_operations(e));
    ouse_set(ctx, group, "problems", describe_problems(e));
    ouse_set(ctx, group, "schemas", describe_schemas(e));
    html = mustache_render(templates, mustache_find(templates, "explorer-operations"), ctx->host, root);
    part = html.p ? ouse_format(ctx, "%.*s", OUSE_F(html)) : html;
    free((void *)(uintptr_t)html.p);
    return part;
}

/* They stay the same for a role, so they are made once. */
static int show_group(struct view *view)
{
    struct ouse_str html = kept_get(view->model->kept, view->name);
    struct explorer e;
    if (!html.p) {
        if (begin(&e, view, view->name))
            return -1;
        html = render_group(&e);
        if (!html.p)
            return view_fail(view, 500, "This page is too large to be shown");
        kept_put(view->model->kept, view->name, html);
    }
    ouse_set_text(view->ctx, view->root, "operations", html);
    return 0;
}

int explorer_group_fill(struct view *view)
{
    struct ouse_str operation = query_value(&view->query, OPERATION);
    struct explorer e;
    if (operation.p)
        return begin(&e, view, view->name) ? -1 : lead_on(&e, operation);
    crumb_data(view);
    view_crumb(view, ouse_s("Explore the API"), view_href(view, NULL, "/data/api"));
    view_title(view, ouse_format(view->ctx, "API: %.*s", OUSE_F(title_of(view, view->name))));
    return show_group(view);
}
