/* view: see view.h. */
#include "view.h"

#define LABELS 200 /* requested at a time */

/* ---- Requests -------------------------------------------------------------------------------- */

static struct ouse_doc *ask(struct view *view, const char *format, va_list args, uint32_t *status)
{
    struct ouse_str path = view->ctx->host->vformat(view->ctx, format, args);
    if (view->as_of.p)
        path =
            ouse_format(view->ctx, "%.*s%sas_of=%.*s", OUSE_F(path), memchr(path.p, '?', path.n) ? "&" : "?",
                        OUSE_F(query_encode(view->ctx, view->as_of)));
    return ouse_ask(view->ctx, path, status);
}

/* "/register/api/v1/people/ada" is "/register/people/ada". */
static struct ouse_str out_of_api(struct view *view, struct ouse_str location)
{
    struct ouse_str before = ouse_format(view->ctx, "%s/api/v1", view->model->base);
    if (location.n > before.n && memcmp(location.p, before.p, before.n) == 0)
        return ouse_format(view->ctx, "%s%.*s", view->model->base, (int)(location.n - before.n),
                           location.p + before.n);
    return ouse_s(NULL);
}

struct ouse_doc *view_ask(struct view *view, const char *format, ...)
{
    struct ouse_doc *answer;
    uint32_t status = 0;
    va_list args;
    va_start(args, format);
    answer = ask(view, format, args, &status);
    va_end(args);
    if (status == 200)
        return answer;
    view->status = status;
    view->location = out_of_api(view, ouse_text(view->ctx, answer, "location"));
    view->problem = answer;
    return NULL;
}

struct ouse_doc *view_try(struct view *view, const char *format, ...)
{
    struct ouse_doc *answer;
    uint32_t status = 0;
    va_list args;
    va_start(args, format);
    answer = ask(view, format, args, &status);
    va_end(args);
    return status == 200 ? answer : NULL;
}

int view_fail(struct view *view, uint32_t status, const char *format, ...)
{
    struct ouse_ctx *ctx = view->ctx;
    va_list args;
    view->status = status;
    view->problem = ouse_object(ctx);
    va_start(args, format);
    ouse_set_text(ctx, view->problem, "detail", ctx->host->vformat(ctx, format, args));
    va_end(args);
    return -1;
}

/* ---- Addresses -------------------------------------------------------------------------------- */

/* Returns an address below `root`, with base_path before it and the parameters that all addresses
 * keep after it. */
static struct ouse_str address(struct view *view, const char *root, const struct query *query,
                               struct ouse_str path)
{
    static const struct query none;
    struct query all = query ? *query : none;
    struct ouse_str text;
    query_set(&all, ouse_s("as_of"), view->as_of);
    text = query_text(view->ctx, &all);
    return ouse_format(view->ctx, "%s%s%.*s%s%.*s", view->model->base, root, OUSE_F(path), text.n ? "?" : "",
                       OUSE_F(text));
}

struct ouse_str view_href(struct view *view, const struct query *query, const char *format, ...)
{
    struct ouse_str path;
    va_list args;
    va_start(args, format);
    path = view->ctx->host->vformat(view->ctx, format, args);
    va_end(args);
    return address(view, "", query, path);
}

struct ouse_str view_api(struct view *view, const struct query *query, const char *format, ...)
{
    struct ouse_str path;
    va_list args;
    va_start(args, format);
    path = view->ctx->host->vformat(view->ctx, format, args);
    va_end(args);
    return address(view, "/api/v1", query, path);
}

struct ouse_str view_keep(struct view *view)
{
    struct ouse_str bare = ouse_s(view->model->base), with = address(view, "", NULL, ouse_s(""));
    return (struct ouse_str){with.p + bare.n, with.n - bare.n};
}

struct ouse_str view_href_now(struct view *view)
{
    struct ouse_str as_of = view->as_of, href;
    view->as_of = ouse_s(NULL);
    href = address(view, "", &view->query, view->request->path);
    view->as_of = as_of;
    return href;
}

struct ouse_str view_href_here(struct view *view, const struct query *query)
{
    return address(view, "", query, view->request->path);
}

/* ---- Links ------------------------------------------------------------------------------------- */

static void await_label(struct view *view, struct ouse_doc *link, struct ouse_str reference)
{
    if (view->n_pending == view->room) {
        struct pending *grown;
        view->room = view->room ? view->room * 2 : 64;
        grown = ouse_alloc(view->ctx, view->room * sizeof *grown);
        if (view->n_pending)
            memcpy(grown, view->pending, view->n_pending * sizeof *grown);
        view->pending = grown;
    }
    view->pending[view->n_pending++] = (struct pending){link, reference};
}

struct ouse_doc *view_link(struct view *view, const char *collection, struct ouse_str id)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *link = ouse_object(ctx);
    ouse_set_text(ctx, link, "href", view_href(view, NULL, "/%s/%.*s", collection, OUSE_F(id)));
    ouse_set_text(ctx, link, "collection", ouse_s(collection));
    ouse_set_text(ctx, link, "id", id);
    await_label(view, link, ouse_format(ctx, "%s/%.*s", collection, OUSE_F(id)));
    return link;
}

struct ouse_doc *view_reference(struct view *view, const struct field *field, struct ouse_str reference)
{
    const char *slash = reference.p ? memchr(reference.p, '/', reference.n) : NULL;
    struct ouse_str collection;
    if (!slash)
        return view_link(view, field->targets.at[0], reference);
    collection = ouse_format(view->ctx, "%.*s", (int)(slash - reference.p), reference.p);
    return view_link(view, collection.p,
                     (struct ouse_str){slash + 1, (uint32_t)(reference.p + reference.n - slash - 1)});
}

/* Returns "people/ada,hubs/a": the references of links from `first` on. */
static struct ouse_str list_references(struct view *view, uint32_t first, uint32_t behind)
{
    uint32_t n = 0;
    for (uint32_t i = first; i < behind; i++)
        n += view->pending[i].reference.n + 1;
    char *list = ouse_alloc(view->ctx, n), *at = list;
    for (uint32_t i = first; i < behind; i++) {
        struct ouse_str reference = view->pending[i].reference;
        memcpy(at, reference.p, reference.n);
        at[reference.n] = ',';
        at += reference.n + 1;
    }
    return (struct ouse_str){list, n - 1};
}

/* Sets the labels of links from `first` on, up to the maximum of one request. */
static void label_some(struct view *view, uint32_t first, uint32_t behind)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *labels = ouse_member(
        ctx, view_try(view, "-/labels?of=%.*s", OUSE_F(list_references(view, first, behind))), "data");
    for (uint32_t i = first; i < behind; i++) {
        const struct pending *is = &view->pending[i];
        struct ouse_str label = ouse_text(ctx, labels, is->reference.p);
        ouse_set_text(ctx, is->link, "label", label.p ? label : ouse_text(ctx, is->link, "id"));
        if (!label.p)
            ouse_set_null(ctx, is->link, "href"); /* the caller may not see the record */
    }
}

void view_label(struct view *view)
{
    for (uint32_t i = 0; i < view->n_pending; i += LABELS)
        label_some(view, i, i + LABELS < view->n_pending ? i + LABELS : view->n_pending);
    view->n_pending = 0;
}

void view_add_link(struct view *view, struct ouse_doc *list, struct ouse_str title, struct ouse_str href)
{
    struct ouse_doc *link = ouse_object(view->ctx);
    ouse_set_text(view->ctx, link, "title", title);
    ouse_set_text(view->ctx, link, "href", href);
    ouse_add(view->ctx, list, link);
}

void view_crumb(struct view *view, struct ouse_str title, struct ouse_str href)
{
    view_add_link(view, ouse_member(view->ctx, view->page, "crumbs"), title, href);
}

void view_title(struct view *view, struct ouse_str title)
{
    ouse_set_text(view->ctx, view->page, "title", title);
}
