/* readiness: why the server is not ready, as /readyz reports it.
 *
 * A list of reasons. It is empty while the server is ready. Each part of the
 * server that can stop writes adds its own reason; nothing here takes a lock.
 */
#ifndef OBSERVE_READINESS_H
#define OBSERVE_READINESS_H

#include "../base/arena.h"

struct readiness_reason {
    const char *code;       /* stable, snake_case: "store_full" */
    struct ouse_str detail; /* one sentence: the problem and the remedy */
    int64_t since;          /* wall clock, ms; 0: not known */
};

#define READINESS_REASONS 8

struct readiness {
    struct arena *arena; /* of the texts */
    struct readiness_reason reasons[READINESS_REASONS];
    uint32_t n; /* 0: ready */
};

/* Adds a reason. `code` must outlive the list. Reasons over READINESS_REASONS are dropped. */
void readiness_add(struct readiness *readiness, const char *code, int64_t since, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
