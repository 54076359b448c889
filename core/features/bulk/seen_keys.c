/* seen_keys: see seen_keys.h. */
#include "seen_keys.h"

#include "../../base/heap.h"
#include <sodium.h>
#include <stdlib.h>

enum { HASH = 16 }; /* bytes: so many that two keys do not have the same */

struct keys_entry {
    unsigned char hash[HASH];
    uint32_t line; /* 0: free */
};

static struct keys_entry *find(struct keys_entry *at, uint32_t room, const unsigned char hash[HASH])
{
    uint32_t i;
    memcpy(&i, hash, sizeof i);
    for (i &= room - 1; at[i].line && memcmp(at[i].hash, hash, HASH) != 0;)
        i = (i + 1) & (room - 1);
    return &at[i];
}

static void grow(struct keys *keys)
{
    uint32_t room = keys->room ? keys->room * 2 : 64;
    struct keys_entry *at = heap_zero(room * sizeof *at);
    for (uint32_t i = 0; i < keys->room; i++)
        if (keys->at[i].line)
            *find(at, room, keys->at[i].hash) = keys->at[i];
    free(keys->at);
    keys->at = at;
    keys->room = room;
}

uint32_t keys_add(struct keys *keys, uint32_t collection, struct ouse_str key, uint32_t line)
{
    unsigned char hash[HASH];
    if (keys->n * 4 >= keys->room * 3)
        grow(keys);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)key.p, key.n,
                       (const unsigned char *)&(unsigned char[16]){(unsigned char)collection,
                                                                   (unsigned char)(collection >> 8)},
                       16);
    struct keys_entry *entry = find(keys->at, keys->room, hash);
    if (entry->line)
        return entry->line;
    memcpy(entry->hash, hash, sizeof hash);
    entry->line = line;
    keys->n++;
    return 0;
}

void keys_finish(struct keys *keys)
{
    free(keys->at);
    *keys = (struct keys){NULL, 0, 0};
}
