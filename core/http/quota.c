/* quota: see quota.h. */
#include "quota.h"

#include "../base/clock.h"
#include "../base/hash.h"
#include "../base/heap.h"
#include <pthread.h>
#include <stdlib.h>

enum { SETS = 1024, WAYS = 8 };

struct place {
    uint64_t client; /* the hash of its name, under the table's key */
    int64_t began;   /* the window */
    uint32_t used;   /* 0: the place is free */
};

struct quota {
    pthread_mutex_t lock;
    uint32_t most;
    int64_t window;
    uint64_t key; /* so that clients cannot choose addresses that share a set */
    struct place places[SETS][WAYS];
};

struct quota *quota_create(uint32_t most, int64_t window)
{
    struct quota *quota = heap_zero(sizeof *quota);
    pthread_mutex_init(&quota->lock, NULL);
    random_fill(&quota->key, sizeof quota->key);
    quota->most = most;
    quota->window = window;
    return quota;
}

void quota_destroy(struct quota *quota)
{
    if (!quota)
        return;
    pthread_mutex_destroy(&quota->lock);
    free(quota);
}

/* The place of a client, emptied if it was another one's or its window is over. */
static struct place *place_of(struct quota *quota, uint64_t client, int64_t now)
{
    struct place *set = quota->places[client % SETS], *chosen = NULL;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].used && now - set[i].began >= quota->window)
            set[i].used = 0;
        if (set[i].used && set[i].client == client)
            return &set[i];
        if (!chosen || set[i].used < chosen->used)
            chosen = &set[i];
    }
    *chosen = (struct place){.client = client, .began = now};
    return chosen;
}

int quota_take(struct quota *quota, struct ouse_str client, int64_t now, struct quota_state *state)
{
    uint64_t hash;
    unsigned char bytes[HASH_BYTES];
    hash_write(quota->key, client, bytes);
    memcpy(&hash, bytes, sizeof hash);
    pthread_mutex_lock(&quota->lock);
    struct place *place = place_of(quota, hash, now);
    int within = place->used < quota->most;
    place->used += (uint32_t)within;
    *state = (struct quota_state){.most = quota->most,
                                  .left = quota->most - place->used,
                                  .window = quota->window,
                                  .reset = place->began + quota->window - now};
    pthread_mutex_unlock(&quota->lock);
    return within;
}
