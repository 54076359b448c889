/* stock: how much there is of a collection, and what can be chosen from, without counting
 * it for every page.
 *
 * Figures hold until something changes in the register. Then a small collection is counted
 * anew: its figures are exact, and lists count it under every filter. To count a large one
 * costs as much as it holds, so that is done once in a while, by whichever request finds
 * the figures old; the others go on with those, or with none. Under filters a large one is
 * counted where these leave a few of it.
 */
#include "stock.h"
#include <pthread.h>
#include <stdlib.h>

enum { SMALL = 1000, KEPT_MS = 60000, VALUE_MAX = 164 /* bytes of a reference */ };

struct choices {
    const struct field *field;
    uint32_t n;
    char values[STOCK_CHOICES][VALUE_MAX + 1];
    double counts[STOCK_CHOICES];
};

struct stock {
    double count;            /* below 0: not known */
    double last;             /* change that it counts */
    int64_t counted, chosen; /* when, in ms */
    struct choices *choices;
    uint32_t n_choices;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for all stocks */

struct stock *stock_create(void)
{
    struct stock *stock = calloc(1, sizeof *stock);
    if (!stock)
        abort();
    stock->count = -1;
    return stock;
}

void stock_destroy(struct stock *stock)
{
    if (stock)
        free(stock->choices);
    free(stock);
}

/* Whether figures of that time are old; who is told so makes them anew. */
static int claim(struct view *view, int64_t *at, int64_t lasting)
{
    int64_t now = ouse_now(view->ctx);
    int old = *at == 0 || now - *at >= lasting;
    if (old)
        *at = now;
    return old;
}

/* The last change that there is; asked for once for a page. */
static double last_change(struct view *view)
{
    if (view->last == 0)
        view->last = ouse_number(
            view->ctx, ouse_member(view->ctx, view_try(view, "-/changes?limit=1"), "page"), "last", -1);
    return view->last;
}

/* The figures are of today, whatever day the page is of. */
static struct ouse_doc *ask(struct view *view, const struct collection *of, const char *what,
                            const char *name)
{
    struct ouse_str as_of = view->as_of;
    struct ouse_doc *answer;
    view->as_of = ouse_s(NULL);
    answer = view_try(view, "%s?limit=1&%s=%s", of->name, what, name);
    view->as_of = as_of;
    return answer;
}

static double count_now(struct view *view, const struct collection *of)
{
    const struct ouse_doc *answer = ask(view, of, "count", "exact");
    return ouse_number(view->ctx, ouse_member(view->ctx, answer, "page"), "count", -1);
}

double stock_count(struct view *view, const struct collection *of)
{
    struct stock *stock = of->stock;
    double count, last = last_change(view);
    int old;
    pthread_mutex_lock(&lock);
    count = stock->count;
    old = (last < 0 || stock->last != last) && claim(view, &stock->counted, count > SMALL ? KEPT_MS : 0);
    pthread_mutex_unlock(&lock);
    if (!old)
        return count;
    count = count_now(view, of);
    pthread_mutex_lock(&lock);
    stock->count = count;
    stock->last = last;
    pthread_mutex_unlock(&lock);
    return count;
}

int stock_is_small(struct view *view, const struct collection *of)
{
    double count = stock_count(view, of);
    return count >= 0 && count <= SMALL;
}

/* ---- Choices -------------------------------------------------------------------------------- */

/* The values of one field that are most frequent; none where there are too many to count. */
static void choose(struct view *view, const struct collection *of, struct choices *choices)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *answer = ask(view, of, "facet", choices->field->name);
    const struct ouse_doc *counts =
        ouse_member(ctx, ouse_member(ctx, answer, "facets"), choices->field->name);
    choices->n = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, counts) && choices->n < STOCK_CHOICES; i++) {
        const struct ouse_doc *count = ouse_at(ctx, counts, i);
        struct ouse_str value = ouse_name(ctx, count);
        if (value.n > VALUE_MAX)
            continue;
        memcpy(choices->values[choices->n], value.p, value.n + 1u);
        choices->counts[choices->n++] = ctx->host->doc_as_number(count, 0);
    }
}

static struct choices *choose_all(struct view *view, const struct collection *of,
                                  const struct field *const *fields, uint32_t n)
{
    struct choices *all = calloc(n, sizeof *all);
    for (uint32_t i = 0; all && i < n; i++) {
        all[i].field = fields[i];
        choose(view, of, &all[i]);
    }
    return all;
}

/* The numbers are of the collection as a whole: beside a filter they would mislead. */
static struct ouse_doc *describe(struct ouse_ctx *ctx, const struct stock *stock, int counted)
{
    struct ouse_doc *facets = ouse_object(ctx);
    for (uint32_t i = 0; i < stock->n_choices; i++) {
        struct ouse_doc *values = ouse_object(ctx);
        for (uint32_t k = 0; k < stock->choices[i].n; k++)
            if (counted)
                ouse_set_number(ctx, values, stock->choices[i].values[k], stock->choices[i].counts[k]);
            else
                ouse_set_null(ctx, values, stock->choices[i].values[k]);
        ouse_set(ctx, facets, stock->choices[i].field->name, values);
    }
    return facets;
}

struct ouse_doc *stock_choices(struct view *view, const struct collection *of,
                               const struct field *const *fields, uint32_t n, int counted)
{
    struct stock *stock = of->stock;
    struct ouse_doc *facets;
    int old;
    pthread_mutex_lock(&lock);
    old = n && claim(view, &stock->chosen, 10 * KEPT_MS);
    pthread_mutex_unlock(&lock);
    struct choices *fresh = old ? choose_all(view, of, fields, n) : NULL;
    pthread_mutex_lock(&lock);
    if (fresh) {
        free(stock->choices);
        stock->choices = fresh;
        stock->n_choices = n;
    }
    facets = describe(view->ctx, stock, counted);
    pthread_mutex_unlock(&lock);
    return facets;
}
