/* callback: which callback of a plugin each thread runs.
 *
 *     callback_enter ─> callback_about ─> the plugin's function ─> callback_leave
 *
 * Callbacks nest: a hook writes, and so another plugin's hook runs. Each thread has
 * a stack of calls, which it alone changes; other threads may read it at any time.
 * Three readers use it:
 *   - the crash report (crash.h), on the thread that crashes,
 *   - the watchdog, which logs callbacks that run longer than a limit,
 *   - /readyz, which names the same callbacks.
 *
 * A call is only stores to memory of the thread: no lock, no clock. The watchdog has
 * a counter of ticks, and each call keeps the tick in which it began.
 */
#ifndef OBSERVE_CALLBACK_H
#define OBSERVE_CALLBACK_H

#include <ouse/abi.h>

#define CALLBACK_ID 80 /* bytes of an id; a longer one is cut */

/* Pushes a call: "task" "figures". The kind may be NULL if the name includes it, as in "hook 3".
 * The texts must stay valid as long as the watchdog runs. */
void callback_enter(const char *plugin, const char *kind, const char *name);

/* Names the record of the innermost call. Copies the id. The name of the collection, which may be
 * NULL, must stay valid as above. */
void callback_about(const char *collection, struct ouse_str id);

/* Marks the innermost call: it holds the write transaction, so all other changes wait for it. */
void callback_writes(void);

/* Pops a call. */
void callback_leave(void);

/* One call, as it is reported. */
struct callback {
    const char *plugin;
    const char *kind; /* NULL: the name includes it */
    const char *name;
    const char *collection; /* NULL: it concerns no record */
    char id[CALLBACK_ID + 1];
    uint32_t writes;
    int64_t since; /* wall clock, ms; 0 in callback_current */
};

/* Copies the innermost call of this thread. Returns 0 if there is no call. Async-signal-safe. */
int callback_current(struct callback *callback);

/* Starts to count ticks of `tick_ms`; calls are late after `limit_ms`. 0 ends it: no call is late. */
void callback_limit(int64_t limit_ms, int64_t tick_ms);

/* Counts a tick, and logs calls that have become late, that have been late for twice as long as
 * at the last report, and that have returned since. One thread only. */
void callback_tick(void);

/* Copies the late calls, the innermost of each thread, and returns how many there are, at most `most`. */
uint32_t callback_late(struct callback *late, uint32_t most);

#endif
