/* group_cache: in which rows of a tally records are counted that have the same in its fields, byte for byte.
 *
 *     {…,"state":"open","kind":"grant",…} ──> "open"·"grant"· ──> [open, grant]
 *
 * Most records have what some other had before them, so nothing of them is read but those bytes. What means
 * the same and is written otherwise is another entry here, and leads to the same row.
 */
#ifndef QUERY_GROUP_CACHE_H
#define QUERY_GROUP_CACHE_H

#include "../features/aggregate/aggregate.h"

#define ALIKE_MOST  10000 /* entries; records that are like none of them are read, each */
#define ALIKE_ROWS  8     /* of an entry */
#define ALIKE_BYTES 256   /* that records of an entry have in the fields */

struct alike_entry {
    struct alike_entry *next;
    struct ouse_str had; /* JSON of each field, with a zero behind it; nothing: the zero alone */
    uint32_t n_rows;
    struct tally_row *rows[ALIKE_ROWS];
};

/* As old as the arena. */
struct alike *alike_create(struct arena *arena);

/* The entry of what records had; NULL: there was none. */
const struct alike_entry *alike_find(const struct alike *alike, struct ouse_str had);

/* Adds one that is not there, unless there are ALIKE_MOST, with at most ALIKE_ROWS rows. */
void alike_add(struct alike *alike, struct ouse_str had, struct tally_row *const *rows, uint32_t n_rows);

#endif
