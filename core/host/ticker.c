/* ticker: see ticker.h. */
#include "ticker.h"
#include "../base/clock.h"
#include "../base/heap.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct tick {
    int64_t every, due; /* ms, on the monotonic clock */
    void (*fn)(void *);
    void *arg;
};

struct ticker {
    struct tick jobs[TICKER_JOBS];
    uint32_t n;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_int ending;
    int running;
};

struct ticker *ticker_create(void)
{
    struct ticker *ticker = heap_zero(sizeof *ticker);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ticker->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&ticker->lock, NULL);
    return ticker;
}

int ticker_add_first(struct ticker *ticker, int64_t first_ms, int64_t every_ms, void (*fn)(void *), void *arg)
{
    if (ticker->n == TICKER_JOBS)
        return -1;
    ticker->jobs[ticker->n++] = (struct tick){every_ms, clock_monotonic() + first_ms, fn, arg};
    return 0;
}

int ticker_add(struct ticker *ticker, int64_t every_ms, void (*fn)(void *), void *arg)
{
    return ticker_add_first(ticker, every_ms, every_ms, fn, arg);
}

static struct tick *next_due(struct ticker *ticker)
{
    struct tick *first = &ticker->jobs[0];
    for (uint32_t i = 1; i < ticker->n; i++)
        if (ticker->jobs[i].due < first->due)
            first = &ticker->jobs[i];
    return first;
}

static void wait_until(struct ticker *ticker, int64_t due)
{
    struct timespec at = {due / 1000, due % 1000 * 1000000};
    pthread_mutex_lock(&ticker->lock);
    while (!ticker->ending && clock_monotonic() < due)
        pthread_cond_timedwait(&ticker->wake, &ticker->lock, &at);
    pthread_mutex_unlock(&ticker->lock);
}

static void *run(void *arg)
{
    struct ticker *ticker = arg;
    for (;;) {
        struct tick *job = next_due(ticker);
        wait_until(ticker, job->due);
        if (ticker->ending)
            return NULL;
        job->fn(job->arg);
        job->due = clock_monotonic() + job->every;
    }
}

int ticker_run(struct ticker *ticker)
{
    if (!ticker->n)
        return 0;
    ticker->running = pthread_create(&ticker->thread, NULL, run, ticker) == 0;
    return ticker->running ? 0 : -1;
}

int ticker_ending(const struct ticker *ticker)
{
    return ticker->ending;
}

void ticker_end(struct ticker *ticker)
{
    if (!ticker)
        return;
    pthread_mutex_lock(&ticker->lock);
    ticker->ending = 1;
    pthread_cond_signal(&ticker->wake);
    pthread_mutex_unlock(&ticker->lock);
}

void ticker_destroy(struct ticker *ticker)
{
    if (!ticker)
        return;
    ticker_end(ticker);
    if (ticker->running)
        pthread_join(ticker->thread, NULL);
    pthread_cond_destroy(&ticker->wake);
    pthread_mutex_destroy(&ticker->lock);
    free(ticker);
}
