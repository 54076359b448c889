/* overlay: the writes of a rehearsal, in memory, in front of its snapshot.
 *
 *     overlay ── one sorted list of entries for each db
 *                   an entry has a value, or marks a key of the snapshot as deleted
 *
 * The overlay frees its memory only as a whole, so its keys and values stay valid as long. One
 * thread at a time. */
#ifndef STORE_OVERLAY_H
#define STORE_OVERLAY_H

#include "engine.h"

#define OVERLAY_MAX (16u << 20) /* bytes; a rehearsal that writes more fails */

struct overlay_entry {
    struct ouse_str key, value;
    int deleted;
};

struct overlay *overlay_create(void);
void overlay_destroy(struct overlay *overlay); /* legal on NULL */

/* Returns the entry of a key, or NULL. */
const struct overlay_entry *overlay_find(const struct overlay *overlay, enum engine_db db,
                                         struct ouse_str key);

/* Returns the first entry that is not deleted at or after a key, or only after it; NULL if there is
 * no such entry. */
const struct overlay_entry *overlay_from(const struct overlay *overlay, enum engine_db db,
                                         struct ouse_str key, int only_after);

/* Returns the last entry that is not deleted before a key; a key without text is the end. */
const struct overlay_entry *overlay_before(const struct overlay *overlay, enum engine_db db,
                                           struct ouse_str key);

/* Returns the entry of a key, with room for n bytes of value; or marks the key as deleted. NULL if the
 * overlay would have more than OVERLAY_MAX bytes. */
struct overlay_entry *overlay_put(struct overlay *overlay, enum engine_db db, struct ouse_str key,
                                  uint32_t n);
struct overlay_entry *overlay_delete(struct overlay *overlay, enum engine_db db, struct ouse_str key);

/* The order of keys: that of LMDB. */
int overlay_order(struct ouse_str a, struct ouse_str b);

#endif
