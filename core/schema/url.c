/* url: well-formed URLs and e-mail addresses.
 *
 * A URL is one of RFC 3986 with the scheme http or https, a host and no user: a password in it would be
 * published. Its characters are ASCII; others are written percent-encoded. An e-mail address has no quoted
 * local part and no bare host.
 */
#include "types.h"
#include <arpa/inet.h>
#include <strings.h>

static int alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int among(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

static int hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Labels of letters, digits and inner hyphens, 63 at most, joined by single dots. */
static int host_labels(const char *at, const char *end, int least)
{
    int labels = 0;
    while (at < end) {
        const char *dot = memchr(at, '.', (size_t)(end - at)), *to = dot ? dot : end;
        if (to == at || to - at > 63 || !alnum(*at) || !alnum(to[-1]))
            return 0;
        for (; at < to; at++)
            if (!alnum(*at) && *at != '-')
                return 0;
        labels++;
        if (!dot)
            return labels >= least;
        at = dot + 1;
    }
    return 0;
}

/* Whether bytes are unreserved characters, sub-delimiters, percent-encoded bytes or among `more`. */
static int is_made_of(const char *at, const char *end, const char *more)
{
    for (; at < end; at++)
        if (*at == '%' ? end - at < 3 || !hex(at[1]) || !hex(at[2])
                       : !alnum(*at) && !among(*at, "-._~!$&'()*+,;=") && !among(*at, more))
            return 0;
    return 1;
}

static int is_ipv6(const char *at, const char *end)
{
    char text[INET6_ADDRSTRLEN + 1] = "";
    struct in6_addr read;
    if (end - at > INET6_ADDRSTRLEN)
        return 0;
    memcpy(text, at, (size_t)(end - at));
    return inet_pton(AF_INET6, text, &read) == 1;
}

/* host[:port], where the host is a name, an IPv4 address or an IPv6 address in brackets. */
static int authority(const char *at, const char *end)
{
    const char *bracket = memrchr(at, ']', (size_t)(end - at));
    const char *host_end = bracket ? bracket + 1 : memchr(at, ':', (size_t)(end - at));
    if (!host_end)
        host_end = end;
    if (host_end < end && *host_end != ':')
        return 0;
    for (const char *p = host_end + 1; p < end; p++)
        if (*p < '0' || *p > '9')
            return 0;
    if (bracket)
        return *at == '[' && is_ipv6(at + 1, bracket);
    return host_end > at && is_made_of(at, host_end, "");
}

int address_url(struct ouse_str text)
{
    const char *end = text.p + text.n, *host = text.p;
    if (text.n > 7 && strncasecmp(text.p, "http://", 7) == 0)
        host += 7;
    else if (text.n > 8 && strncasecmp(text.p, "https://", 8) == 0)
        host += 8;
    else
        return 0;
    const char *path = host;
    while (path < end && !among(*path, "/?#"))
        path++;
    const char *fragment = path; /* its "#", or the end */
    while (fragment < end && *fragment != '#')
        fragment++;
    return authority(host, path) && is_made_of(path, fragment, ":@/?") &&
           is_made_of(fragment < end ? fragment + 1 : end, end, ":@/?");
}

int address_email(struct ouse_str text)
{
    const char *at = memchr(text.p, '@', text.n), *end = text.p + text.n;
    if (!at || at == text.p || at - text.p > 64 || text.p[0] == '.' || at[-1] == '.')
        return 0;
    for (const char *p = text.p; p < at; p++)
        if (*p == '.' ? p[1] == '.' : !alnum(*p) && !among(*p, "!#$%&'*+/=?^_`{|}~-"))
            return 0;
    return host_labels(at + 1, end, 2);
}
