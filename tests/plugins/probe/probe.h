/* probe: a plugin for tests that does everything a plugin can do, and says what it saw.
 *
 *   probe.c    collections, options, formats, derived values, tasks, life
 *   hooks.c    rules in every phase
 *   routes.c   computed endpoints, one behaviour each
 *
 * Where a test must see what a callback saw, the callback writes a line into the
 * trail, which GET probe/trail shows and empties.
 */
#ifndef PROBE_H
#define PROBE_H

#include <ouse/plugin.h>

struct settings {
    const char *text, *secret, *file, *refuse;
    int64_t number, patience, room;
    int32_t truth;
};

#define PROBE_HOOKS  12
#define PROBE_ROUTES 20

extern const struct ouse_hook probe_hooks[PROBE_HOOKS];
extern const struct ouse_route probe_routes[PROBE_ROUTES];

/* Appends a line to the trail; any thread. */
void trail_add(struct ouse_str line);

/* The lines since the last call. */
struct ouse_doc *trail_take(struct ouse_ctx *ctx);

#endif
