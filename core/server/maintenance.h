/* maintenance: regular work on the store while the server runs, on a separate thread. */
#ifndef SERVER_MAINTENANCE_H
#define SERVER_MAINTENANCE_H

#include "../api/feature.h"
#include "../host/ticker.h"

struct maintenance {
    struct records *records;
    const struct feature *const *features; /* ended by NULL */
    struct ticker *ticker;
};

/* Starts it; `maintenance` must stay valid until maintenance_stop. */
ouse_rc maintenance_start(struct maintenance *maintenance, struct records *records,
                          const struct feature *const *features, struct problem *problem);

/* Ends it, after the step that runs; legal on one that was not started. */
void maintenance_stop(struct maintenance *maintenance);

#endif
