/* watchdog: see watchdog.h. It looks eight times in the limit, so that the time it reports is right
 * within an eighth of it; at most each second and at least each 10 ms. */
#include "watchdog.h"

#include "../observe/callback.h"
#include "ticker.h"
#include <stddef.h>

static void look(void *arg)
{
    (void)arg;
    callback_tick();
}

struct ticker *watchdog_start(int64_t limit_ms)
{
    struct ticker *watchdog = ticker_create();
    int64_t tick = limit_ms / 8 < 10 ? 10 : limit_ms / 8 > 1000 ? 1000 : limit_ms / 8;
    ticker_add(watchdog, tick, look, NULL);
    callback_limit(limit_ms, tick);
    if (ticker_run(watchdog) == 0)
        return watchdog;
    watchdog_stop(watchdog);
    return NULL;
}

void watchdog_stop(struct ticker *watchdog)
{
    callback_limit(0, 1);
    ticker_destroy(watchdog);
}
