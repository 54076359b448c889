/* client: the table of clients, by address; see client.h. */
#include "client.h"

#include "../base/clock.h"
#include "../base/hash.h"
#include "../base/heap.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct clients {
    pthread_mutex_t lock;
    uint64_t key; /* random: a client cannot choose its bucket */
    struct client *buckets[BUCKETS];
};

struct clients *clients_create(void)
{
    struct clients *clients = heap_zero(sizeof *clients);
    pthread_mutex_init(&clients->lock, NULL);
    random_fill(&clients->key, sizeof clients->key);
    return clients;
}

void clients_destroy(struct clients *clients)
{
    if (!clients)
        return;
    for (uint32_t i = 0; i < BUCKETS; i++)
        assert(!clients->buckets[i]);
    pthread_mutex_destroy(&clients->lock);
    free(clients);
}

static struct client **bucket(struct clients *clients, const struct address *address)
{
    unsigned char hash[HASH_BYTES];
    uint32_t at;
    hash_write(clients->key, (struct ouse_str){(const char *)address->bytes, sizeof address->bytes}, hash);
    memcpy(&at, hash, sizeof at);
    return &clients->buckets[at % BUCKETS];
}

struct client *client_hold(struct clients *clients, const struct address *address)
{
    struct address of = address_client(*address);
    pthread_mutex_lock(&clients->lock);
    struct client **slot = bucket(clients, &of);
    struct client *client = *slot;
    while (client && memcmp(&client->address, &of, sizeof of) != 0)
        client = client->next;
    if (!client) {
        client = heap_zero(sizeof *client);
        client->address = of;
        client->next = *slot;
        *slot = client;
    }
    client->holders++;
    pthread_mutex_unlock(&clients->lock);
    return client;
}

void client_release(struct clients *clients, struct client *client)
{
    if (!client)
        return;
    pthread_mutex_lock(&clients->lock);
    assert(client->holders > 0);
    if (--client->holders == 0) {
        struct client **slot = bucket(clients, &client->address);
        while (*slot != client)
            slot = &(*slot)->next;
        *slot = client->next;
        free(client);
    }
    pthread_mutex_unlock(&clients->lock);
}
