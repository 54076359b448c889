/* cursor: the opaque text with which a list continues after a page.
 *
 *     base64url( hash(8) sealed position )        hash over the query and the position
 *
 * A position is the key of the end of a page (the values of its order, and an id), so a list stays
 * stable while records are created and removed. A page that was cut short may end with a record
 * that its caller may not see. So the position is sealed, by a key from the query with the hash as
 * the nonce. The hash of a query includes the secret of the register; so only the register can read
 * or create a cursor. */
#ifndef API_CURSOR_H
#define API_CURSOR_H

#include "../base/arena.h"

#define CURSOR_POSITION_MAX 1600

/* Returns the cursor after `position` (1 to CURSOR_POSITION_MAX bytes), for a query by its hash.
 * The same query has the same cursors after a restart, and on another server. */
struct ouse_str cursor_make(struct arena *arena, uint64_t query, struct ouse_str position);

/* Reads a cursor of cursor_make for the same query. Returns 0, or -1 if it is not one. */
int cursor_read(struct arena *arena, struct ouse_str cursor, uint64_t query, struct ouse_str *position);

#endif
