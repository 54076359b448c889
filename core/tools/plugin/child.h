/* child: a function in a process of its own, with a time limit: what it calls may
 * crash or hang. To be called while the process has one thread.
 */
#ifndef PLUGIN_CHILD_H
#define PLUGIN_CHILD_H

#include "../../base/buffer.h"
#include "../../base/error.h"

#define CHILD_LATE (-1)

/* Runs fn, which may write to `out`, and gives what it returned as an exit code: the wait status;
 * or CHILD_LATE when its time was over. What was written is in `said`. */
ouse_rc child_run(int (*fn)(void *arg, int out), void *arg, int64_t ms, struct buffer *said, int *status,
                  struct problem *problem);

/* How it ended, where that was not by returning: "takes longer than 10 s", "crashes: Aborted";
 * else NULL. */
const char *child_ending(struct arena *arena, int status, int64_t ms);

#endif
