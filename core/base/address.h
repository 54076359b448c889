/* address: IP addresses, and lists of addresses and networks. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <ouse/abi.h>

struct sockaddr;

/* An IPv6 address; IPv4 is mapped into it (::ffff:192.0.2.1). */
struct address {
    unsigned char bytes[16];
};

#define ADDRESS_TEXT 46 /* bytes of an address as text, with the NUL */

/* Reads "192.0.2.1" or "2001:db8::1". Returns 0, or -1 if the text is no address. */
int address_read(struct ouse_str text, struct address *address);

/* Writes it as text, IPv4 without the mapping. */
void address_write(const struct address *address, char text[ADDRESS_TEXT]);

/* Reads the address that accept returned; all zero for another family. */
struct address address_of(const struct sockaddr *peer);

int address_is_ipv4(const struct address *address);

/* Returns the client that limits count: an IPv4 address, or an IPv6 network of 64 bits, because one
 * host can use any address of it. */
struct address address_client(struct address address);

/* Whether a list of addresses and networks ("127.0.0.1, fd00::/8") has an address. */
int address_in(const struct address *address, struct ouse_str list);

/* Returns the first part of such a list that is neither; no text if the list is right. */
struct ouse_str address_list_wrong(struct ouse_str list);

#endif
