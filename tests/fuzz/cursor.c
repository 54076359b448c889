/* cursor: what is no cursor is refused, what is one comes back to the byte, and
 * any position has a cursor that leads to it and to no other query. */
#include "api/cursor.h"
#include "fuzz.h"

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    struct ouse_str position;
    (void)problem;
    if (cursor_read(arena, text, 7, &position) == 0)
        must(ouse_same(cursor_make(arena, 7, position), text));
    if (text.n < 1 || text.n > CURSOR_POSITION_MAX)
        return;
    struct ouse_str cursor = cursor_make(arena, 7, text);
    must(cursor_read(arena, cursor, 7, &position) == 0 && ouse_same(position, text));
    must(cursor_read(arena, cursor, 8, &position) != 0);
}
