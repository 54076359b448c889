/* address: matches addresses against a list. An IPv4 address in IPv6 form (::ffff:10.0.0.1) counts
 * as IPv4. */
#include "metrics.h"

#include <arpa/inet.h>

struct network {
    int family;
    unsigned char bytes[16];
    unsigned bits;
};

static int read_address(const char *text, struct network *network)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    network->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    network->bits = network->family == AF_INET6 ? 128 : 32;
    if (inet_pton(network->family, text, network->bytes) != 1)
        return 0;
    if (network->family == AF_INET6 && memcmp(network->bytes, mapped, sizeof mapped) == 0) {
        memcpy(network->bytes, network->bytes + sizeof mapped, 4);
        network->family = AF_INET;
        network->bits = 32;
    }
    return 1;
}

/* How many bits are the network's; those of an address alone are all of them. */
static int read_bits(const char *text, struct network *network)
{
    unsigned bits = 0;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9' || bits > 128)
            return 0;
        bits = bits * 10 + (unsigned)(*at - '0');
    }
    if (!*text || bits > network->bits)
        return 0;
    network->bits = bits;
    return 1;
}

static int read_network(struct ouse_str entry, struct network *network)
{
    char text[64], *slash;
    if (entry.n == 0 || entry.n >= sizeof text)
        return 0;
    memcpy(text, entry.p, entry.n);
    text[entry.n] = '\0';
    slash = strchr(text, '/');
    if (slash)
        *slash = '\0';
    return read_address(text, network) && (!slash || read_bits(slash + 1, network));
}

static int contains(const struct network *network, const struct network *address)
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    return network->family == address->family && memcmp(network->bytes, address->bytes, whole) == 0 &&
           (rest == 0 || (network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0);
}

/* Removes the next entry from a list; returns false at the end. */
static int next_entry(const char **list, struct ouse_str *entry)
{
    const char *at = *list + strspn(*list, " ,");
    *entry = (struct ouse_str){at, (uint32_t)strcspn(at, " ,")};
    *list = at + entry->n;
    return entry->n > 0;
}

static const char *networks(const char *list)
{
    return strcmp(list, "loopback") == 0 ? "127.0.0.0/8, ::1" : list;
}

int address_in(struct ouse_str address, const char *list)
{
    struct network asked, network;
    struct ouse_str entry;
    list = networks(list);
    if (!read_network(address, &asked))
        return 0;
    while (next_entry(&list, &entry))
        if (read_network(entry, &network) && contains(&network, &asked))
            return 1;
    return 0;
}

int address_list(const char *list, struct ouse_str *wrong)
{
    struct network network;
    int n = 0;
    list = networks(list);
    for (*wrong = ouse_s(list); next_entry(&list, wrong); n++)
        if (!read_network(*wrong, &network))
            return 0;
    return n > 0;
}
