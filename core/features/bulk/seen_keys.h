/* seen_keys: the keys of the rows so far, as hashes, to find duplicates. */
#ifndef BULK_SEEN_KEYS_H
#define BULK_SEEN_KEYS_H

#include <ouse/abi.h>

struct keys {
    struct keys_entry *at; /* open addressing; room is a power of two */
    uint32_t n, room;
};

/* Adds the key of a row on a line. Returns the line of an earlier row with this key, or 0. */
uint32_t keys_add(struct keys *keys, uint32_t collection, struct ouse_str key, uint32_t line);

/* Forgets all keys and frees their memory. */
void keys_finish(struct keys *keys);

#endif
