/* home: the contents of the register, the answers it can give, undisclosed amounts, and the latest
 * changes.
 *
 * A collection that is not shown costs no request: its number of records is known. A template shows
 * all of them by plugin (`groups`), or those that it knows by name (`of.projects`,
 * `answers.awards_breakdown`). */
#include "stock.h"
#include <math.h>

enum { RECORDS = 4, LATEST = 6, PASSED = 4, UNDISCLOSED = 5 };

struct holding {
    const struct collection *is;
    const struct ouse_doc *records; /* the latest first */
    double count;                   /* below 0: not known */
};

/* Whether plugins compute something of the records of a collection. */
static int is_answered(const struct model *model, const struct collection *is)
{
    for (uint32_t e = 0; e < model->n_endpoints; e++)
        if (model->endpoints[e].of_record && strcmp(model->endpoints[e].collection, is->name) == 0)
            return 1;
    return 0;
}

/* Collects the data of a collection. A past day needs all of it; today needs only the records that
 * lead to an answer. */
static struct holding hold(struct view *view, const struct collection *is)
{
    struct ouse_ctx *ctx = view->ctx;
    double count = view->as_of.p ? -1 : stock_count(view, is);
    const struct ouse_doc *answer = NULL;
    if (view->as_of.p || (count != 0 && is_answered(view->model, is)))
        answer = view_try(view, "%s?sort=-updated&limit=%d%s", is->name, RECORDS,
                          view->as_of.p ? "&count=exact" : "");
    return (struct holding){is, ouse_member(ctx, answer, "data"),
                            ouse_number(ctx, ouse_member(ctx, answer, "page"), "count", count)};
}

/* ---- Collections --------------------------------------------------------------------------------- */

/* Returns the sum of each currency, one after the other; no text if no amount is known. Adds
 * nothing for the past. */
static struct ouse_str sum_of(struct view *view, const struct holding *holding)
{
    struct stock_sum sums[STOCK_SUMS];
    struct ouse_str said = ouse_s(NULL);
    uint32_t n = holding->count == 0 ? 0 : stock_sums(view, holding->is, holding->count, sums);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_str number = value_number(view->ctx, fabs(sums[i].amount), 1);
        struct ouse_str before = value_currency(view->ctx, ouse_s(sums[i].currency));
        said = ouse_format(view->ctx, "%.*s%s%s%.*s%.*s", OUSE_F(said), i ? ", " : "",
                           sums[i].amount < 0 ? "−" : "", OUSE_F(before), OUSE_F(number));
    }
    return said;
}

static struct ouse_doc *describe_collection(struct view *view, const struct holding *holding)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_object(ctx);
    ouse_set_text(ctx, shown, "name", ouse_s(holding->is->name));
    ouse_set_text(ctx, shown, "title", ouse_s(holding->is->title));
    ouse_set_text(ctx, shown, "doc", ouse_s(holding->is->doc));
    ouse_set_text(ctx, shown, "href", view_href(view, NULL, "/%s", holding->is->name));
    ouse_set_text(ctx, shown, "count",
                  holding->count < 0 ? ouse_s(NULL) : value_number(ctx, holding->count, 0));
    ouse_set_text(ctx, shown, "sum", sum_of(view, holding));
    return shown;
}

/* The collections of each plugin, and those that hold something by their names. */
static void describe_groups(struct view *view, struct ouse_doc *home, const struct holding *holdings)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct model *model = view->model;
    struct ouse_doc *groups = ouse_list(ctx), *of = ouse_object(ctx);
    for (uint32_t p = 0; p < model->n_plugins; p++) {
        struct ouse_doc *group = ouse_object(ctx), *collections = ouse_list(ctx);
        for (uint32_t i = 0; i < model->n_collections; i++) {
            if (strcmp(holdings[i].is->plugin, model->plugins[p].name) != 0)
                continue;
            struct ouse_doc *shown = describe_collection(view, &holdings[i]);
            ouse_add(ctx, collections, shown);
            if (holdings[i].count != 0)
                ouse_set(ctx, of, holdings[i].is->name, shown);
        }
        if (ouse_count(ctx, collections) == 0)
            continue;
        ouse_set_text(ctx, group, "title", ouse_s(model->plugins[p].title));
        ouse_set_text(ctx, group, "doc", ouse_s(model->plugins[p].doc));
        ouse_set(ctx, group, "collections", collections);
        ouse_add(ctx, groups, group);
    }
    ouse_set(ctx, home, "groups", groups);
    ouse_set(ctx, home, "of", of);
    ouse_set_bool(ctx, home, "any", ouse_count(ctx, of) > 0);
    ouse_set_text(ctx, home, "used", value_number(ctx, ouse_count(ctx, of), 0));
}

/* ---- Answers --------------------------------------------------------------------------------------- */

/* Returns links to the answers of an endpoint for the records that changed last. */
static struct ouse_doc *describe_records(struct view *view, const struct endpoint *endpoint,
                                         const struct holding *holding)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *links = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, holding->records); i++) {
        struct ouse_str id = ouse_text(ctx, ouse_at(ctx, holding->records, i), "id");
        struct ouse_doc *link = view_link(view, endpoint->collection, id);
        if (!endpoint->is_main) /* the record has it on its own page */
            ouse_set_text(
                ctx, link, "href",
                view_href(view, NULL, "/%s/%.*s/%s", endpoint->collection, OUSE_F(id), endpoint->name));
        ouse_add(ctx, links, link);
    }
    return links;
}

/* Adds the computed answers that have a subject, as COLLECTION_NAME. */
static void describe_answers(struct view *view, struct ouse_doc *home, const struct holding *holdings)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *answers = ouse_object(ctx);
    for (uint32_t e = 0; e < view->model->n_endpoints; e++) {
        const struct endpoint *endpoint = &view->model->endpoints[e];
        for (uint32_t i = 0; i < view->model->n_collections; i++) {
            struct ouse_doc *shown;
            if (strcmp(holdings[i].is->name, endpoint->collection) != 0 || holdings[i].count == 0)
                continue;
            shown = ouse_object(ctx);
            if (endpoint->of_record)
                ouse_set(ctx, shown, "records", describe_records(view, endpoint, &holdings[i]));
            else
                ouse_set_text(ctx, shown, "href",
                              view_href(view, NULL, "/%s/-/%s", endpoint->collection, endpoint->name));
            ouse_set_text(ctx, shown, "summary", ouse_s(endpoint->summary));
            ouse_set(ctx, answers, ouse_format(ctx, "%s_%s", endpoint->collection, endpoint->name).p, shown);
        }
    }
    ouse_set(ctx, home, "answers", answers);
    ouse_set_bool(ctx, home, "answered", ouse_count(ctx, answers) > 0);
}

/* ---- Undisclosed amounts
 * ----------------------------------------------------------------------------- */

/* Returns links to the records of a collection without an amount; NULL if all have one. */
static struct ouse_doc *describe_unknown(struct view *view, const struct collection *of,
                                         const struct field *money)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *answer =
        view_try(view, "%s?%s[exists]=false&limit=%d", of->name, money->name, UNDISCLOSED);
    const struct ouse_doc *records = ouse_member(ctx, answer, "data");
    struct ouse_doc *shown = ouse_object(ctx), *links = ouse_list(ctx);
    struct query unknown = {.n = 0};
    query_set(&unknown, ouse_format(ctx, "%s[exists]", money->name), ouse_s("false"));
    if (ouse_count(ctx, records) == 0)
        return NULL;
    for (uint32_t i = 0; i < ouse_count(ctx, records); i++)
        ouse_add(ctx, links, view_link(view, of->name, ouse_text(ctx, ouse_at(ctx, records, i), "id")));
    ouse_set_text(ctx, shown, "title", ouse_s(of->title));
    ouse_set_text(ctx, shown, "field", ouse_s(money->title));
    ouse_set_text(ctx, shown, "href", view_href(view, &unknown, "/%s", of->name));
    ouse_set(ctx, shown, "records", links);
    return shown;
}

static void describe_undisclosed(struct view *view, struct ouse_doc *home, const struct holding *holdings)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *undisclosed = ouse_object(ctx), *collections = ouse_list(ctx);
    for (uint32_t i = 0; i < view->model->n_collections; i++) {
        const struct field *money = model_money(holdings[i].is);
        struct ouse_doc *shown = NULL;
        if (money && money->indexed && holdings[i].count != 0)
            shown = describe_unknown(view, holdings[i].is, money);
        if (shown)
            ouse_add(ctx, collections, shown);
    }
    if (ouse_count(ctx, collections) == 0)
        return;
    ouse_set(ctx, undisclosed, "collections", collections);
    ouse_set(ctx, home, "undisclosed", undisclosed);
}

/* ---- Latest changes
 * ---------------------------------------------------------------------------------- */

/* Returns the existing records that changed last. Skips pages that a budget ended early. */
static struct ouse_doc *latest_now(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    struct ouse_str next = ouse_s("");
    for (int pages = 0; pages < PASSED && next.p && ouse_count(ctx, list) < LATEST; pages++) {
        const struct ouse_doc *answer = view_try(view, "-/changes/summary?since=1970-01-01&limit=%d%s%.*s",
                                                 LATEST, next.n ? "&cursor=" : "", OUSE_F(next));
        const struct ouse_doc *rows = ouse_member(ctx, answer, "data");
        for (uint32_t i = 0; i < ouse_count(ctx, rows) && ouse_count(ctx, list) < LATEST; i++)
            ouse_add(ctx, list, change_describe(view, ouse_at(ctx, rows, i)));
        next = ouse_text(ctx, ouse_member(ctx, answer, "page"), "next");
    }
    return list;
}

static struct ouse_str updated(struct view *view, const struct ouse_doc *record)
{
    return ouse_text(view->ctx, ouse_member(view->ctx, record, "meta"), "updated");
}

/* Returns the collection with the latest next record; NULL if all are shown. `shown` counts those
 * of each. */
static const struct holding *latest(struct view *view, const struct holding *holdings, const uint32_t *shown)
{
    const struct holding *found = NULL;
    struct ouse_str at = ouse_s("");
    for (uint32_t i = 0; i < view->model->n_collections; i++) {
        struct ouse_str other = updated(view, ouse_at(view->ctx, holdings[i].records, shown[i]));
        if (other.n && (!found || strncmp(other.p, at.p, other.n) > 0)) {
            found = &holdings[i];
            at = other;
        }
    }
    return found;
}

/* Of an instant there are records, and no changes. */
static struct ouse_doc *latest_then(struct view *view, const struct holding *holdings)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    uint32_t *shown = ouse_alloc(ctx, view->model->n_collections * sizeof *shown);
    const struct holding *of;
    while (ouse_count(ctx, list) < LATEST && (of = latest(view, holdings, shown))) {
        const struct ouse_doc *record = ouse_at(ctx, of->records, shown[of - holdings]++);
        struct ouse_doc *change = view_link(view, of->is->name, ouse_text(ctx, record, "id"));
        ouse_set_text(ctx, change, "singular", ouse_title(ctx, ouse_s(of->is->singular)));
        ouse_set_text(ctx, change, "at", updated(view, record));
        ouse_set_text(ctx, change, "at_text", value_date(ctx, updated(view, record)));
        ouse_add(ctx, list, change);
    }
    return list;
}

int home_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *home = ouse_object(ctx);
    struct holding *holdings = ouse_alloc(ctx, view->model->n_collections * sizeof *holdings);
    for (uint32_t i = 0; i < view->model->n_collections; i++)
        holdings[i] = hold(view, &view->model->collections[i]);
    describe_groups(view, home, holdings);
    describe_answers(view, home, holdings);
    describe_undisclosed(view, home, holdings);
    ouse_set(ctx, home, "latest", view->as_of.p ? latest_then(view, holdings) : latest_now(view));
    ouse_set(ctx, view->root, "home", home);
    view_title(view, ouse_s(view->site->name));
    return 0;
}
