/* stock: the number of records of a collection, and the counts of its choices. No page waits for
 * figures.
 *
 *     page ─── of a small collection, at once ───┐
 *                                                ├──> figures, for each role ──> pages
 *     task ─── of others, in the background ─────┘
 *
 * Figures are valid until the register changes. A change adds one record at most, so the code
 * knows, without counting, how long a small collection certainly stays small. Until then the first
 * page after a change, or with a new filter, counts it, and the figures of pages are exact. A task
 * counts all others, one figure after another, for each role that has made a request; pages show
 * the last figure, or nothing. A figure that took long to make stays valid longer. */
#include "stock.h"
#include "filters.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    SMALL = 1000,
    SPELL = 200, /* ms, after which the task begins no further figure: others wait for it, so does the end */
    STAY = 600,  /* times as long as it took to make it a figure stays, */
    LONGEST = 600000, /* ms, but not longer; and one that cannot be made is not tried again before */
    VALUE_MAX = 164   /* bytes of a reference */
};

/* When a figure was made. */
struct made {
    double last;   /* the change that it includes; below 0: unknown */
    int64_t until; /* when the task may make it again, in ms; 0: it has never tried */
};

struct choices {
    const struct field *field;
    struct made made;
    uint32_t n;
    char values[STOCK_CHOICES][VALUE_MAX + 1];
    double counts[STOCK_CHOICES];
};

/* The sums of the amounts of all records, in each currency. */
struct sums {
    struct made made;
    uint32_t n;
    struct stock_sum at[STOCK_SUMS];
};

struct stock {
    double count; /* below 0: not known */
    struct made made;
    struct sums sums;        /* of one that is or was large, and has amounts */
    struct choices *choices; /* of one that is or was large; only the task changes them */
    uint32_t n_choices;
    struct choices *facets; /* of one that is or was small, as of a change; NULL: not counted yet */
    uint32_t n_facets;
    double facets_last;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for all stocks */

struct stock *stock_create(void)
{
    struct stock *stock = calloc(1, sizeof *stock);
    if (!stock)
        abort();
    stock->count = stock->made.last = stock->sums.made.last = -1;
    return stock;
}

void stock_destroy(struct stock *stock)
{
    if (stock) {
        free(stock->choices);
        free(stock->facets);
    }
    free(stock);
}

/* Under the lock. */
static int is_surely_small(const struct stock *stock, double last)
{
    return stock->count >= 0 && stock->count + (last - stock->made.last) <= SMALL;
}

/* ---- Requests -------------------------------------------------------------------------------- */

/* Returns the last change; below 0 if it is unknown. */
static double last_change(struct ouse_ctx *ctx)
{
    const struct ouse_doc *answer = ouse_ask_as(ctx, OUSE_PUBLIC, ouse_s("-/changes?limit=1"), NULL);
    return ouse_number(ctx, ouse_member(ctx, answer, "page"), "last", -1);
}

static struct ouse_doc *ask(struct ouse_ctx *ctx, uint32_t role, const struct collection *of,
                            const char *what, const char *name)
{
    return ouse_ask_as(ctx, role, ouse_format(ctx, "%s?limit=1&%s=%s", of->name, what, name), NULL);
}

/* Returns the number of records; below 0 if it is unknown. */
static double count(struct ouse_ctx *ctx, uint32_t role, const struct collection *of, const char *how)
{
    const struct ouse_doc *answer = ask(ctx, role, of, "count", how);
    return ouse_number(ctx, ouse_member(ctx, answer, "page"), "count", -1);
}

/* The values of one field that are most frequent; whether it was counted by them. */
static int choose(struct ouse_ctx *ctx, const struct ouse_doc *facets, struct choices *choices)
{
    const struct ouse_doc *counts = ouse_member(ctx, facets, choices->field->name);
    choices->n = 0;
    for (uint32_t i = 0; i < ouse_count(ctx, counts) && choices->n < STOCK_CHOICES; i++) {
        const struct ouse_doc *is = ouse_at(ctx, counts, i);
        struct ouse_str value = ouse_name(ctx, is);
        if (value.n > VALUE_MAX)
            continue;
        memcpy(choices->values[choices->n], value.p, value.n + 1u);
        choices->counts[choices->n++] = ctx->host->doc_as_number(is, 0);
    }
    return counts != NULL;
}

/* The sums of an answer of the API; in pounds if the amounts have no currency. */
static uint32_t read_sums(struct ouse_ctx *ctx, const struct ouse_doc *total, const char *money,
                          struct stock_sum sums[STOCK_SUMS])
{
    const struct ouse_doc *all = ouse_member(ctx, ouse_member(ctx, total, "currencies"), money);
    const struct ouse_doc *sum = ouse_member(ctx, ouse_member(ctx, total, "sum"), money);
    uint32_t n = ouse_count(ctx, all);
    if (!all && ouse_kind(ctx, sum) == OUSE_JSON_NUMBER) {
        sums[0] = (struct stock_sum){"GBP", ctx->host->doc_as_number(sum, 0)};
        return 1;
    }
    for (uint32_t i = 0; i < n && i < STOCK_SUMS; i++) {
        const struct ouse_doc *one = ouse_at(ctx, all, i);
        struct ouse_str currency = ouse_name(ctx, one);
        sums[i].amount = ctx->host->doc_as_number(one, 0);
        snprintf(sums[i].currency, sizeof sums[i].currency, "%.*s", OUSE_F(currency));
    }
    return n <= STOCK_SUMS ? n : 0;
}

/* ---- Pages ---------------------------------------------------------------------------------- */

/* Returns the last change, with one request per page. */
double stock_last(struct view *view)
{
    if (view->last == 0)
        view->last = last_change(view->ctx);
    return view->last;
}

double stock_count(struct view *view, const struct collection *of)
{
    struct stock *stock = of->stock;
    double last = stock_last(view), counted;
    pthread_mutex_lock(&lock);
    int fresh = stock->made.last == last, small = is_surely_small(stock, last);
    counted = stock->count;
    pthread_mutex_unlock(&lock);
    if (fresh)
        return counted;
    double now = count(view->ctx, view->model->role, of, small ? "exact" : "few");
    if (now < 0)
        return counted > SMALL ? counted : -1; /* it is small no more */
    pthread_mutex_lock(&lock);
    if (stock->made.last < last) {
        stock->count = now;
        stock->made.last = last;
    }
    pthread_mutex_unlock(&lock);
    return now;
}

uint32_t stock_sums(struct view *view, const struct collection *of, double count,
                    struct stock_sum sums[STOCK_SUMS])
{
    const struct field *money = model_money(of);
    struct stock *stock = of->stock;
    uint32_t n;
    if (!money || (view->as_of.p && count > SMALL))
        return 0;
    if (view->as_of.p || stock_is_small(view, of))
        return read_sums(
            view->ctx,
            ouse_member(view->ctx, view_try(view, "%s/-/summary?sum=%s", of->name, money->name), "total"),
            money->name, sums);
    pthread_mutex_lock(&lock);
    n = stock->sums.n;
    memcpy(sums, stock->sums.at, sizeof stock->sums.at);
    pthread_mutex_unlock(&lock);
    return n;
}

int stock_is_small(struct view *view, const struct collection *of)
{
    stock_count(view, of);
    pthread_mutex_lock(&lock);
    int small = is_surely_small(of->stock, stock_last(view));
    pthread_mutex_unlock(&lock);
    return small;
}

/* Describes the choices. Under the lock. The numbers are of the whole collection: next to a filter
 * they would mislead. */
static struct ouse_doc *describe(struct ouse_ctx *ctx, const struct choices *choices, uint32_t n, int counted)
{
    struct ouse_doc *facets = ouse_object(ctx);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *values = ouse_object(ctx);
        for (uint32_t k = 0; k < choices[i].n; k++)
            if (counted)
                ouse_set_number(ctx, values, choices[i].values[k], choices[i].counts[k]);
            else
                ouse_set_null(ctx, values, choices[i].values[k]);
        ouse_set(ctx, facets, choices[i].field->name, values);
    }
    return facets;
}

struct ouse_doc *stock_choices(struct view *view, const struct collection *of, int counted)
{
    const struct stock *stock = of->stock;
    pthread_mutex_lock(&lock);
    struct ouse_doc *facets =
        describe(view->ctx, stock->choices, stock->count > SMALL ? stock->n_choices : 0, counted);
    pthread_mutex_unlock(&lock);
    return facets;
}

static void keep_facets(struct ouse_ctx *ctx, const struct collection *of, const struct ouse_doc *facets,
                        double last)
{
    const struct field *fields[FILTERS_CHOSEN];
    uint32_t n = filters_fields(of, fields);
    struct stock *stock = of->stock;
    struct choices *fresh = calloc(n, sizeof *fresh), *old = fresh;
    for (uint32_t i = 0; fresh && i < n; i++) {
        fresh[i].field = fields[i];
        choose(ctx, facets, &fresh[i]);
    }
    pthread_mutex_lock(&lock);
    if (fresh && (!stock->facets || stock->facets_last < last)) {
        old = stock->facets;
        stock->facets = fresh;
        stock->n_facets = n;
        stock->facets_last = last;
    }
    pthread_mutex_unlock(&lock);
    free(old);
}

static const struct ouse_doc *count_facets(struct view *view, const struct collection *of)
{
    struct ouse_str names = filters_names(view->ctx, of);
    const struct ouse_doc *facets;
    if (!names.p)
        return ouse_object(view->ctx);
    facets = ouse_member(view->ctx, ask(view->ctx, view->model->role, of, "facet", names.p), "facets");
    if (facets)
        keep_facets(view->ctx, of, facets, stock_last(view));
    return facets;
}

const struct ouse_doc *stock_facets(struct view *view, const struct collection *of)
{
    const struct stock *stock = of->stock;
    double last = stock_last(view);
    const struct ouse_doc *facets = NULL;
    pthread_mutex_lock(&lock);
    if (stock->facets && stock->facets_last == last)
        facets = describe(view->ctx, stock->facets, stock->n_facets, 1);
    pthread_mutex_unlock(&lock);
    return facets ? facets : count_facets(view, of);
}

struct ouse_doc *stock_values(struct view *view, const struct collection *of, const char *field)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *facets =
        stock_is_small(view, of) ? stock_facets(view, of) : stock_choices(view, of, 0);
    const struct ouse_doc *counts = ouse_member(ctx, facets, field);
    struct ouse_doc *values = ouse_object(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, counts); i++) {
        struct ouse_str value = ouse_name(ctx, ouse_at(ctx, counts, i));
        ouse_set_null(ctx, values, ouse_format(ctx, "%.*s", OUSE_F(value)).p);
    }
    return values;
}

/* ---- The task ------------------------------------------------------------------------------- */

/* One figure that is old: of all records, by the values of a field, or of amounts. */
struct job {
    const struct model *model;
    const struct collection *of;
    struct choices *choices; /* NULL: all records */
    struct sums *sums;       /* NULL: a count */
    struct made *made;       /* NULL: there is no job */
};

static int64_t ms_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(void)
{
    return ms_of(CLOCK_MONOTONIC);
}

/* Of the processor, on which others may keep the task waiting. */
static int64_t spent_ms(void)
{
    return ms_of(CLOCK_THREAD_CPUTIME_ID);
}

/* Takes the job that has been due for longest. */
static void consider(struct job *best, struct job job, double last, int64_t now)
{
    if (job.made->last != last && job.made->until <= now &&
        (!best->made || job.made->until < best->made->until))
        *best = job;
}

static void consider_stock(struct job *best, struct job job, double last, int64_t now)
{
    struct stock *stock = job.of->stock;
    job.made = &stock->made;
    if (!is_surely_small(stock, last))
        consider(best, job, last, now);
    if (stock->count > SMALL && model_money(job.of)) {
        job.sums = &stock->sums;
        job.made = &stock->sums.made;
        consider(best, job, last, now);
        job.sums = NULL;
    }
    for (uint32_t i = 0; i < stock->n_choices && stock->count > SMALL; i++) {
        job.choices = &stock->choices[i];
        job.made = &job.choices->made;
        consider(best, job, last, now);
    }
}

static struct job find_job(struct models *models, double last)
{
    const struct model *model;
    struct job best = {.made = NULL};
    int64_t now = now_ms();
    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; (model = models_at(models, i)); i++)
        for (uint32_t k = 0; k < model->n_collections; k++)
            consider_stock(&best, (struct job){.model = model, .of = &model->collections[k]}, last, now);
    pthread_mutex_unlock(&lock);
    return best;
}

/* Adds the choices of a collection; they are not counted yet, so they are due now. */
static void add_choices(struct stock *stock, const struct collection *of)
{
    const struct field *fields[FILTERS_CHOSEN];
    stock->n_choices = filters_fields(of, fields);
    stock->choices = calloc(stock->n_choices + 1, sizeof *stock->choices);
    if (!stock->choices)
        abort();
    for (uint32_t i = 0; i < stock->n_choices; i++)
        stock->choices[i] = (struct choices){.field = fields[i], .made = {-1, now_ms()}};
}

/* Each does a job, as far as it can be done: whether it could. */
static int count_all(struct ouse_ctx *ctx, const struct job *job)
{
    struct stock *stock = job->of->stock;
    double all = count(ctx, job->model->role, job->of, "exact");
    if (all < 0)
        return 0;
    pthread_mutex_lock(&lock);
    stock->count = all;
    if (all > SMALL && !stock->choices)
        add_choices(stock, job->of);
    pthread_mutex_unlock(&lock);
    return 1;
}

static int count_choices(struct ouse_ctx *ctx, const struct job *job)
{
    struct choices fresh = *job->choices;
    const struct ouse_doc *answer = ask(ctx, job->model->role, job->of, "facet", fresh.field->name);
    int done = choose(ctx, ouse_member(ctx, answer, "facets"), &fresh);
    pthread_mutex_lock(&lock);
    *job->choices = fresh;
    pthread_mutex_unlock(&lock);
    return done;
}

static int add_up(struct ouse_ctx *ctx, const struct job *job)
{
    const char *money = model_money(job->of)->name;
    const struct ouse_doc *answer = ouse_ask_as(
        ctx, job->model->role, ouse_format(ctx, "%s/-/summary?sum=%s", job->of->name, money), NULL);
    struct stock_sum sums[STOCK_SUMS] = {0};
    uint32_t n = read_sums(ctx, ouse_member(ctx, answer, "total"), money, sums);
    pthread_mutex_lock(&lock);
    memcpy(job->sums->at, sums, sizeof sums);
    job->sums->n = n;
    pthread_mutex_unlock(&lock);
    return answer != NULL;
}

static void do_job(struct ouse_ctx *ctx, const struct job *job, double last)
{
    int64_t began = spent_ms();
    int done = job->choices ? count_choices(ctx, job) : job->sums ? add_up(ctx, job) : count_all(ctx, job);
    int64_t stay = (spent_ms() - began) * STAY;
    if (!done || stay > LONGEST)
        stay = LONGEST;
    pthread_mutex_lock(&lock);
    *job->made = (struct made){done ? last : -1, now_ms() + stay};
    pthread_mutex_unlock(&lock);
}

ouse_rc stock_task(struct ouse_ctx *ctx)
{
    int64_t end = now_ms() + SPELL;
    double last = last_change(ctx);
    struct job job;
    while (now_ms() < end && (job = find_job(site_of(ctx)->models, last)).made)
        do_job(ctx, &job, last);
    return OUSE_OK;
}
