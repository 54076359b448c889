/* quota: counts the actions of a client in a window of time.
 *
 * The table has a fixed size, whatever the number of clients. A full set of places reuses the place
 * of the client that has used least. So many addresses can make the table forget each other, but
 * they take no more memory. Thread-safe. */
#ifndef HTTP_QUOTA_H
#define HTTP_QUOTA_H

#include <ouse/abi.h>

struct quota;

/* `most` times in a window of so many milliseconds; most 0: no limit. */
struct quota *quota_create(uint32_t most, int64_t window);
void quota_destroy(struct quota *quota); /* legal on NULL */

struct quota_state {
    uint32_t most, left;
    int64_t window, reset; /* ms: of the window; until it ends */
};

/* Counts one use by a client, at a time of the monotonic clock. Returns whether it was within the
 * quota, and stores the state after it. */
int quota_take(struct quota *quota, struct ouse_str client, int64_t now, struct quota_state *state);

#endif
