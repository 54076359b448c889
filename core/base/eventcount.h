/* eventcount: wakes threads that wait for an event. It does not carry the event itself.
 *
 *     waits:  heard = bell_count ─> looks, finds nothing ─> bell_wait(heard) ─> looks again
 *     rings:  does it ─> bell_ring
 *
 * An event before bell_count is visible after it, so no event is missed between the look and the
 * wait. Thread-safe. */
#ifndef BASE_EVENTCOUNT_H
#define BASE_EVENTCOUNT_H

#include <pthread.h>
#include <stdint.h>

struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    uint64_t count;
    int closed;
};

enum bell_heard { BELL_RUNG, BELL_SILENT, BELL_CLOSED };

void bell_init(struct bell *bell);
void bell_finish(struct bell *bell); /* nobody waits any more */

uint64_t bell_count(struct bell *bell);
void bell_ring(struct bell *bell);

/* Wakes all waiting threads. Later waits return at once. */
void bell_close(struct bell *bell);

/* Waits until it was rung since `count` was taken, at most until a time of the monotonic clock, in ms. */
enum bell_heard bell_wait(struct bell *bell, uint64_t count, int64_t until);

#endif
