/* address: see address.h. */
#include "address.h"

#include "text.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum { NETWORK = 8 /* bytes of an IPv6 address that name the network */ };

static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

int address_is_ipv4(const struct address *address)
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

void address_write(const struct address *address, char text[ADDRESS_TEXT])
{
    if (address_is_ipv4(address))
        inet_ntop(AF_INET, address->bytes + sizeof mapped, text, ADDRESS_TEXT);
    else
        inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT);
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

struct address address_client(struct address address)
{
    if (!address_is_ipv4(&address))
        memset(address.bytes + NETWORK, 0, sizeof address.bytes - NETWORK);
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
    uint32_t most = address_is_ipv4(network) ? 32 : 128, wanted = 0;
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
            return text_trim(one).n ? text_trim(one) : ouse_s(",");
    return (struct ouse_str){0};
}
