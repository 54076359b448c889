/* throttle: see throttle.h. */
#include "throttle.h"

#include "../../base/clock.h"
#include "../../base/hash.h"
#include "../../base/heap.h"
#include <pthread.h>
#include <stdlib.h>

enum { SETS = 1024, WAYS = 8, FIRST_MS = 1000 };

struct place {
    uint64_t key;
    uint32_t failures; /* 0: the place is free */
    uint32_t free;
    int64_t last; /* when it failed */
};

struct account_throttle {
    pthread_mutex_t lock;
    uint64_t secret; /* so that clients cannot choose keys that share a set */
    struct place places[SETS][WAYS];
};

struct account_throttle *accounts_throttle_create(void)
{
    struct account_throttle *throttle = heap_zero(sizeof *throttle);
    pthread_mutex_init(&throttle->lock, NULL);
    random_fill(&throttle->secret, sizeof throttle->secret);
    return throttle;
}

void accounts_throttle_destroy(struct account_throttle *throttle)
{
    if (!throttle)
        return;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

static uint64_t hash(const struct account_throttle *throttle, const struct account_throttle_key *key)
{
    uint64_t number;
    unsigned char bytes[HASH_BYTES];
    hash_write(throttle->secret ^ (uint64_t)key->kind, key->text, bytes);
    memcpy(&number, bytes, sizeof number);
    return number;
}

/* The place of a key, or NULL if it has not failed lately. */
static struct place *find(struct account_throttle *throttle, uint64_t key)
{
    struct place *set = throttle->places[key % SETS];
    for (int i = 0; i < WAYS; i++)
        if (set[i].failures && set[i].key == key)
            return &set[i];
    return NULL;
}

/* When the key of a place is free again. */
static int64_t free_from(const struct place *place)
{
    int64_t delay = place->failures < place->free ? 0 : FIRST_MS;
    for (uint32_t i = place->free; i < place->failures && delay < ACCOUNT_LONGEST_MS; i++)
        delay *= 2;
    return place->last + (delay < ACCOUNT_LONGEST_MS ? delay : ACCOUNT_LONGEST_MS);
}

static void count(struct account_throttle *throttle, uint64_t key, uint32_t allowed, int64_t now)
{
    struct place *set = throttle->places[key % SETS], *place = find(throttle, key);
    for (int i = 0; i < WAYS && !place; i++)
        if (!set[i].failures || now - set[i].last >= ACCOUNT_FORGET_MS) {
            set[i] = (struct place){.key = key};
            place = &set[i];
        }
    if (!place) {
        place = set;
        for (int i = 1; i < WAYS; i++)
            if (set[i].failures < place->failures)
                place = &set[i];
        *place = (struct place){.key = key};
    }
    place->failures += place->failures < UINT32_MAX;
    place->free = allowed;
    place->last = now;
}

int64_t accounts_throttle_begin(struct account_throttle *throttle, const struct account_throttle_key *keys,
                                uint32_t n, int64_t now)
{
    int64_t wait = 0;
    pthread_mutex_lock(&throttle->lock);
    for (uint32_t i = 0; i < n; i++) {
        struct place *place = find(throttle, hash(throttle, &keys[i]));
        if (place && now - place->last >= ACCOUNT_FORGET_MS)
            place->failures = 0;
        else if (place && free_from(place) - now > wait)
            wait = free_from(place) - now;
    }
    for (uint32_t i = 0; i < n && !wait; i++)
        count(throttle, hash(throttle, &keys[i]), keys[i].free, now);
    pthread_mutex_unlock(&throttle->lock);
    return wait;
}

static void lower(struct account_throttle *throttle, const struct account_throttle_key *key, int all)
{
    pthread_mutex_lock(&throttle->lock);
    struct place *place = find(throttle, hash(throttle, key));
    if (place)
        place->failures = all ? 0 : place->failures - 1;
    pthread_mutex_unlock(&throttle->lock);
}

void accounts_throttle_undo(struct account_throttle *throttle, const struct account_throttle_key *key)
{
    lower(throttle, key, 0);
}

void accounts_throttle_clear(struct account_throttle *throttle, const struct account_throttle_key *key)
{
    lower(throttle, key, 1);
}
