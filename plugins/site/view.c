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

static void await(struct view *view, struct waiting *waiting, struct ouse_doc *link,
                  struct ouse_str reference)
{
    if (waiting->n == waiting->room) {
        struct pending *grown;
        waiting->room = waiting->room ? waiting->room * 2 : 64;
        grown = ouse_alloc(view->ctx, waiting->room * sizeof *grown);
        if (waiting->n)
            memcpy(grown, waiting->at, waiting->n * sizeof *grown);
        waiting->at = grown;
    }
    waiting->at[waiting->n++] = (struct pending){link, reference, 0};
}

struct ouse_doc *view_link(struct view *view, const char *collection, struct ouse_str id)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *link = ouse_object(ctx);
    ouse_set_text(ctx, link, "href", view_href(view, NULL, "/%s/%.*s", collection, OUSE_F(id)));
    ouse_set_text(ctx, link, "collection", ouse_s(collection));
    ouse_set_text(ctx, link, "id", id);
    await(view, &view->links, link, ouse_format(ctx, "%s/%.*s", collection, OUSE_F(id)));
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

void view_explain(struct view *view, const struct ouse_doc *link)
{
    for (uint32_t i = view->links.n; i > 0; i--)
        if (view->links.at[i - 1].link == link) {
            view->links.at[i - 1].explained = 1;
            return;
        }
}

void view_lead_on(struct view *view, const struct collection *collection, struct ouse_doc *row)
{
    await(view, &view->rows, row,
          ouse_format(view->ctx, "%s/%.*s", collection->name, OUSE_F(ouse_text(view->ctx, row, "id"))));
}

/* Returns "people/ada,hubs/a": the references of those from `first` on. */
static struct ouse_str list_references(struct view *view, const struct waiting *waiting, uint32_t first,
                                       uint32_t behind)
{
    uint32_t n = 0;
    for (uint32_t i = first; i < behind; i++)
        n += waiting->at[i].reference.n + 1;
    char *list = ouse_alloc(view->ctx, n), *at = list;
    for (uint32_t i = first; i < behind; i++) {
        struct ouse_str reference = waiting->at[i].reference;
        memcpy(at, reference.p, reference.n);
        at[reference.n] = ',';
        at += reference.n + 1;
    }
    return (struct ouse_str){list, n - 1};
}

/* Returns the answer of an endpoint of the site about those from `first` on, up to the maximum of
 * one request. */
static const struct ouse_doc *ask_about(struct view *view, const char *endpoint,
                                        const struct waiting *waiting, uint32_t first, uint32_t behind)
{
    struct ouse_str of = list_references(view, waiting, first, behind);
    return ouse_member(view->ctx, view_try(view, "-/%s?of=%.*s", endpoint, OUSE_F(of)), "data");
}

static void label_some(struct view *view, uint32_t first, uint32_t behind)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *labels = ask_about(view, "labels", &view->links, first, behind);
    for (uint32_t i = first; i < behind; i++) {
        const struct pending *is = &view->links.at[i];
        struct ouse_str label = ouse_text(ctx, labels, is->reference.p);
        ouse_set_text(ctx, is->link, "label", label.p ? label : ouse_text(ctx, is->link, "id"));
        if (!label.p)
            ouse_set_null(ctx, is->link, "href"); /* the caller may not see the record */
    }
}

/* Contexts for the links that want one. */
static void explain_some(struct view *view, uint32_t first, uint32_t behind)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *contexts = NULL;
    for (uint32_t i = first; i < behind; i++) {
        const struct pending *is = &view->links.at[i];
        if (is->explained && !contexts)
            contexts = ask_about(view, "contexts", &view->links, first, behind);
        if (is->explained)
            ouse_set_text(ctx, is->link, "context", ouse_text(ctx, contexts, is->reference.p));
    }
}

/* The first end of a row that is not the record of the page. */
static struct ouse_str other_end(struct view *view, const struct ouse_doc *ends)
{
    struct ouse_ctx *ctx = view->ctx;
    for (uint32_t i = 0; i < ouse_count(ctx, ends); i++) {
        struct ouse_str end = ouse_as_text(ctx, ouse_at(ctx, ends, i));
        if (!view->record_of || !ouse_same(ouse_reference_to(end, view->record_of->name), view->id))
            return end;
    }
    return ouse_s(NULL);
}

static void lead_on_some(struct view *view, uint32_t first, uint32_t behind)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *all = ask_about(view, "ends", &view->rows, first, behind);
    for (uint32_t i = first; i < behind; i++) {
        const struct pending *is = &view->rows.at[i];
        struct ouse_str end = other_end(view, ouse_member(ctx, all, is->reference.p));
        ouse_set_text(ctx, is->link, "href",
                      end.p ? view_href(view, NULL, "/%.*s", OUSE_F(end)) : ouse_s(NULL));
    }
}

/* Requests everything that is waiting, LABELS at a time. */
static void each_batch(struct view *view, struct waiting *waiting,
                       void (*fn)(struct view *view, uint32_t first, uint32_t behind))
{
    for (uint32_t i = 0; i < waiting->n; i += LABELS)
        fn(view, i, i + LABELS < waiting->n ? i + LABELS : waiting->n);
}

void view_label(struct view *view)
{
    each_batch(view, &view->links, label_some);
    each_batch(view, &view->links, explain_some);
    each_batch(view, &view->rows, lead_on_some);
    view->links.n = view->rows.n = 0;
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
