/* client: the table of clients, by address; see client.h. */
#include "client.h"

#include "../base/clock.h"
#include "../base/hash.h"
#include "../base/heap.h"
#include "../base/text.h"
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, NETWORK = 8 /* bytes of an IPv6 address that name the network */ };

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

struct clients {
    pthread_mutex_t lock;
    uint64_t key; /* random: a client cannot choose its bucket */
    struct client *buckets[BUCKETS];
};

static int is_ipv4(const struct address *address)
{
    return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

int address_read(struct ouse_str text, struct address *address)
{
    char name[INET6_ADDRSTRLEN] = "";
    if (text.n == 0 || text.n >= sizeof name)
        return -1;
    memcpy(name, text.p, text.n);
    memcpy(address->bytes, mapped, sizeof mapped);
    if (inet_pton(AF_INET, name, address->bytes + sizeof mapped) == 1)
        return 0;
    return inet_pton(AF_INET6, name, address->bytes) == 1 ? 0 : -1;
}

struct address address_of(const struct sockaddr *peer)
{
    struct address address = {{0}};
    if (peer->sa_family == AF_INET) {
        memcpy(address.bytes, mapped, sizeof mapped);
        memcpy(address.bytes + sizeof mapped, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    } else if (peer->sa_family == AF_INET6) {
        memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
    }
    return address;
}

/* Reads an address, or a network with the number of its bits: "10.0.0.0/8". */
static int read_network(struct ouse_str text, struct address *network, uint32_t *bits)
{
    struct ouse_str name;
    text = text_trim(text);
    text_cut(&text, '/', &name);
    if (address_read(name, network))
        return -1;
    uint32_t most = is_ipv4(network) ? 32 : 128, wanted = 0;
    if (text.p && (text.n == 0 || text.n > 3))
        return -1;
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return -1;
        wanted = wanted * 10 + (uint32_t)(text.p[i] - '0');
    }
    if (wanted > most)
        return -1;
    *bits = (text.p ? wanted : most) + 128 - most;
    return 0;
}

int address_in(const struct address *address, struct ouse_str list)
{
    struct ouse_str one;
    while (text_cut(&list, ',', &one)) {
        struct address network;
        uint32_t bits;
        if (read_network(one, &network, &bits))
            continue;
        uint32_t whole = bits / 8, rest = bits % 8;
        if (memcmp(network.bytes, address->bytes, whole) == 0 &&
            (!rest || (network.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0))
            return 1;
    }
    return 0;
}

struct ouse_str address_list_wrong(struct ouse_str list)
{
    struct ouse_str one;
    struct address network;
    uint32_t bits;
    while (text_trim(list).n && text_cut(&list, ',', &one))
        if (read_network(one, &network, &bits))
            return one.n ? one : ouse_s(",");
    return (struct ouse_str){0};
}

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
    struct address of = *address;
    if (!is_ipv4(&of))
        memset(of.bytes + NETWORK, 0, sizeof of.bytes - NETWORK);
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
