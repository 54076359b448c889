/* ticker: a thread that runs a few jobs at intervals, one at a time. */
#ifndef HOST_TICKER_H
#define HOST_TICKER_H

#include <stdint.h>

#define TICKER_JOBS 64

struct ticker;

struct ticker *ticker_create(void);

/* Adds a job, before the ticker runs: fn(arg) first after `every_ms`, then
 * `every_ms` after each return. 0, or -1 when there are TICKER_JOBS already. */
int ticker_add(struct ticker *ticker, int64_t every_ms, void (*fn)(void *), void *arg);

/* The same, with another time before the first call. */
int ticker_add_first(struct ticker *ticker, int64_t first_ms, int64_t every_ms, void (*fn)(void *),
                     void *arg);

/* Starts the thread, unless there is no job. 0, or -1. */
int ticker_run(struct ticker *ticker);

/* Whether the ticker is about to end: for long jobs. */
int ticker_ending(const struct ticker *ticker);

/* Makes the thread end after the running job, without waiting for it. Legal on NULL. */
void ticker_end(struct ticker *ticker);

/* Ends the thread after the job that runs, and frees the ticker. Legal on NULL. */
void ticker_destroy(struct ticker *ticker);

#endif
