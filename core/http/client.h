/* client: what each client holds: its connections, and its places in lanes.
 *
 * A client is an IPv4 address or an IPv6 network of 64 bits, since one host can
 * use any address of such a network. Thread-safe.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http.h"
#include <stdatomic.h>

struct sockaddr;

/* An IPv6 address; IPv4 is mapped into it (::ffff:192.0.2.1). */
struct address {
    unsigned char bytes[16];
};

struct client {
    struct client *next;
    struct address address;
    uint32_t holders; /* under the table's lock */
    atomic_uint open; /* connections */
    atomic_uint lanes[HTTP_LANES];
};

/* Reads "192.0.2.1" or "2001:db8::1". Returns 0, or -1 if the text is no address. */
int address_read(struct ouse_str text, struct address *address);

/* Takes the address out of what accept returned. */
struct address address_of(const struct sockaddr *peer);

/* Whether a list of addresses and networks ("127.0.0.1, fd00::/8") has an address. */
int address_in(const struct address *address, struct ouse_str list);

/* Finds the wrong part of such a list: no text if the list is right. */
struct ouse_str address_list_wrong(struct ouse_str list);

struct clients;

struct clients *clients_create(void);
void clients_destroy(struct clients *clients); /* legal on NULL */

/* The client of an address. It lives until it was released as often as it was held. */
struct client *client_hold(struct clients *clients, const struct address *address);
void client_release(struct clients *clients, struct client *client); /* legal on NULL */

#endif
