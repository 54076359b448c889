/* eventcount: see eventcount.h. */
#include "eventcount.h"
#include <time.h>

void bell_init(struct bell *bell)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&bell->lock, NULL);
    pthread_cond_init(&bell->rung, &monotonic);
    pthread_condattr_destroy(&monotonic);
    bell->count = 0;
    bell->closed = 0;
}

void bell_finish(struct bell *bell)
{
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->lock);
}

uint64_t bell_count(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    uint64_t count = bell->count;
    pthread_mutex_unlock(&bell->lock);
    return count;
}

void bell_ring(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    bell->count++;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

void bell_close(struct bell *bell)
{
    pthread_mutex_lock(&bell->lock);
    bell->closed = 1;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

enum bell_heard bell_wait(struct bell *bell, uint64_t count, int64_t until)
{
    const struct timespec end = {until / 1000, until % 1000 * 1000000};
    int late = 0;
    pthread_mutex_lock(&bell->lock);
    while (!bell->closed && bell->count == count && !late)
        late = pthread_cond_timedwait(&bell->rung, &bell->lock, &end) != 0;
    enum bell_heard heard = bell->closed ? BELL_CLOSED : bell->count != count ? BELL_RUNG : BELL_SILENT;
    pthread_mutex_unlock(&bell->lock);
    return heard;
}
