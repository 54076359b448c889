/* kept: a cache of parts of pages that stay the same, for one role, while the server runs. Entries
 * are never removed, so any thread can use them. */
#ifndef SITE_KEPT_H
#define SITE_KEPT_H

#include <ouse/host.h>

struct kept;

struct kept *kept_create(void);
void kept_destroy(struct kept *kept); /* legal on NULL */

/* The part of that name, or no text. */
struct ouse_str kept_get(struct kept *kept, struct ouse_str name);

/* Keeps a copy; of two parts of one name, the first. */
void kept_put(struct kept *kept, struct ouse_str name, struct ouse_str part);

#endif
