/* watchdog: a thread that logs callbacks which run longer than a limit; see observe/callback.h. */
#ifndef HOST_WATCHDOG_H
#define HOST_WATCHDOG_H

#include <stdint.h>

struct ticker;

/* Starts the thread; returns NULL if it cannot. */
struct ticker *watchdog_start(int64_t limit_ms);

/* Ends it; after the last callback. Legal on NULL. */
void watchdog_stop(struct ticker *watchdog);

#endif
