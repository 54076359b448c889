/* cursor: the opaque text by which a list goes on where a page ended.
 *
 *     base64url( hash(8) sealed position )        hash over the query and the position
 *
 * A position is the key that the page ended with (what it is sorted by, and an id), so a list
 * stays stable while records come and go. A page that was cut short may end with
 * a record that its caller may not see: so the position is sealed, by a key from
 * the query with the hash as the nonce. Who asks for a query hashes the register's
 * secret into it; then nobody else reads a cursor, or makes one.
 */
#ifndef API_CURSOR_H
#define API_CURSOR_H

#include "../base/arena.h"

#define CURSOR_POSITION_MAX 1600

/* The cursor behind `position` (1 to CURSOR_POSITION_MAX bytes), for a query by its hash: the same query has
 * the same cursors after a restart, and behind another server. */
struct ouse_str cursor_make(struct arena *arena, uint64_t query, struct ouse_str position);

/* Reads what cursor_make wrote for the same query: 0, or -1. */
int cursor_read(struct arena *arena, struct ouse_str cursor, uint64_t query, struct ouse_str *position);

#endif
