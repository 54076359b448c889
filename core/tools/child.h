/* child: runs a function in a separate process, with a time limit, because its code may crash or
 * hang. Call it while the process has one thread. */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include "../base/buffer.h"
#include "../base/error.h"

#define CHILD_LATE (-1)

/* Runs fn, which may write to `out` and returns an exit code. Returns the wait status; or
 * CHILD_LATE if its time was over. `said` receives its output. */
ouse_rc child_run(int (*fn)(void *arg, int out), void *arg, int64_t ms, struct buffer *said, int *status,
                  struct problem *problem);

/* How it ended, where that was not by returning: "takes longer than 10 s", "crashes: Aborted";
 * else NULL. */
const char *child_ending(struct arena *arena, int status, int64_t ms);

#endif
