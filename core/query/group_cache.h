/* group_cache: the groups of records whose fields have the same bytes.
 *
 *     {…,"state":"open","kind":"grant",…} ──> "open"·"grant"· ──> [open, grant]
 *
 * Most records have the same values as an earlier one, so only those bytes are read. Values that
 * are equal but written differently have separate entries, which lead to the same group. */
#ifndef QUERY_GROUP_CACHE_H
#define QUERY_GROUP_CACHE_H

#include "../features/aggregate/aggregate.h"

#define ALIKE_MOST  10000 /* entries; other records are parsed, each */
#define ALIKE_ROWS  8     /* of an entry */
#define ALIKE_BYTES 256   /* that records of an entry have in the fields */

struct alike_entry {
    struct alike_entry *next;
    struct ouse_str had; /* JSON of each field, with a zero after it; a missing value is the zero alone */
    uint32_t n_rows;
    struct tally_row *rows[ALIKE_ROWS];
};

/* As old as the arena. */
struct alike *alike_create(struct arena *arena);

/* Returns the entry for the bytes, or NULL. */
const struct alike_entry *alike_find(const struct alike *alike, struct ouse_str had);

/* Adds an entry that does not exist yet, unless there are ALIKE_MOST, with at most ALIKE_ROWS
 * groups. */
void alike_add(struct alike *alike, struct ouse_str had, struct tally_row *const *rows, uint32_t n_rows);

#endif
