/* client: the resources of each client: its connections, and its places in lanes.
 *
 * A client is an IPv4 address or an IPv6 network of 64 bits, because one host can use any address
 * of such a network. Thread-safe. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "../base/address.h"
#include "http.h"
#include <stdatomic.h>

struct client {
    struct client *next;
    struct address address;
    uint32_t holders; /* under the table's lock */
    atomic_uint open; /* connections */
    atomic_uint lanes[HTTP_LANES];
};

struct clients;

struct clients *clients_create(void);
void clients_destroy(struct clients *clients); /* legal on NULL */

/* The client of an address. It lives until it was released as often as it was held. */
struct client *client_hold(struct clients *clients, const struct address *address);
void client_release(struct clients *clients, struct client *client); /* legal on NULL */

#endif
