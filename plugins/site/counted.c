/* counted: how many records filtered lists have. A count reads each record that matches: 5 ms for 1,000. So
 * it is kept for the lists that were asked for last, by their queries, until a record changes; a count that
 * took long stays longer, as the figures of stock.c do. Lists of very large collections are counted only if a
 * few keys tell.
 */
#include "counted.h"
#include "stock.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    ENTRIES = 64,
    LARGEST = 200000, /* records of a collection that are counted while a reader waits */
    STAY = 600,       /* times as long as it took to count, in ms, a count stays, */
    LONGEST = 600000  /* but not longer */
};

struct entry {
    char *list; /* NULL: empty */
    double count, last;
    int64_t until;
};

struct counted {
    pthread_mutex_t lock;
    struct entry entries[ENTRIES];
    uint32_t next; /* the oldest */
};

struct counted *counted_create(void)
{
    struct counted *counted = calloc(1, sizeof *counted);
    if (!counted)
        abort();
    pthread_mutex_init(&counted->lock, NULL);
    return counted;
}

void counted_destroy(struct counted *counted)
{
    if (!counted)
        return;
    for (uint32_t i = 0; i < ENTRIES; i++)
        free(counted->entries[i].list);
    pthread_mutex_destroy(&counted->lock);
    free(counted);
}

static int64_t now_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Under the lock. */
static struct entry *find(struct counted *counted, struct ouse_str list)
{
    for (uint32_t i = 0; i < ENTRIES; i++)
        if (counted->entries[i].list && ouse_is(list, counted->entries[i].list))
            return &counted->entries[i];
    return NULL;
}

static void keep(struct counted *counted, struct ouse_str list, double count, double last, int64_t until)
{
    char *text = strndup(list.p, list.n);
    pthread_mutex_lock(&counted->lock);
    struct entry *entry = find(counted, list);
    if (!entry)
        entry = &counted->entries[counted->next++ % ENTRIES];
    free(entry->list);
    *entry = (struct entry){text, count, last, until};
    pthread_mutex_unlock(&counted->lock);
}

static double look_up(struct counted *counted, struct ouse_str list, double last)
{
    double count = -1;
    pthread_mutex_lock(&counted->lock);
    const struct entry *entry = find(counted, list);
    if (entry && (entry->last == last || now_ms(CLOCK_MONOTONIC) < entry->until))
        count = entry->count;
    pthread_mutex_unlock(&counted->lock);
    return count;
}

/* The count of a list with one filter, if that was counted as a choice of a large collection; else below 0.
 */
static double count_of_choice(struct view *view, const struct collection *of, const struct query *query)
{
    const struct field *field = query->n == 1 && !view->as_of.p ? model_field(of, query->at[0].name) : NULL;
    const struct ouse_doc *counts =
        field ? ouse_member(view->ctx, stock_choices(view, of, 1), field->name) : NULL;
    return ouse_number(view->ctx, counts,
                       ouse_format(view->ctx, "%.*s", OUSE_F(field ? query->at[0].value : ouse_s(""))).p, -1);
}

double counted_list(struct view *view, const struct collection *of, const struct query *query)
{
    struct ouse_ctx *ctx = view->ctx;
    struct counted *counted = view->model->counted;
    struct query only = *query;
    double all = stock_count(view, of), count, last = stock_last(view);
    static const char *const others[] = {"cursor", "limit", "row", "sort", "facet", "count"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        query_set(&only, ouse_s(others[i]), ouse_s(NULL));
    count = count_of_choice(view, of, &only);
    if (count >= 0)
        return count;
    struct ouse_str text = query_text(ctx, &only);
    struct ouse_str list = ouse_format(ctx, "%s?%.*s&%.*s", of->name, OUSE_F(text), OUSE_F(view->as_of));
    count = look_up(counted, list, last);
    if (count >= 0 || all < 0 || all > LARGEST)
        return count;
    int64_t began = now_ms(CLOCK_THREAD_CPUTIME_ID);
    count = ouse_number(
        ctx, ouse_member(ctx, view_try(view, "%s?limit=1&count=exact&%.*s", of->name, OUSE_F(text)), "page"),
        "count", -1);
    int64_t stay = (now_ms(CLOCK_THREAD_CPUTIME_ID) - began) * STAY;
    if (count >= 0)
        keep(counted, list, count, last, now_ms(CLOCK_MONOTONIC) + (stay > LONGEST ? LONGEST : stay));
    return count;
}
