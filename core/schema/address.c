/* address: well-formed URLs and e-mail addresses.
 *
 * Narrower than the RFCs where these allow what nobody means: a URL has a host
 * and no user, an address has no quoted local part and no bare host.
 */
#include "types.h"
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

/* host[:port], where the host may be an IPv6 address in brackets. */
static int authority(const char *at, const char *end)
{
    const char *colon = memrchr(at, ':', (size_t)(end - at)), *bracket = memrchr(at, ']', (size_t)(end - at));
    const char *host_end = colon && (!bracket || colon > bracket) ? colon : end;
    for (const char *p = host_end + 1; p < end; p++)
        if (*p < '0' || *p > '9')
            return 0;
    if (!bracket)
        return host_labels(at, host_end, 1);
    if (*at != '[' || bracket + 1 != host_end || bracket - at < 3)
        return 0;
    for (const char *p = at + 1; p < bracket; p++)
        if (!hex(*p) && *p != ':' && *p != '.')
            return 0;
    return 1;
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
    if (!authority(host, path))
        return 0;
    for (const char *p = path; p < end; p++) {
        if (*p == '%' ? end - p < 3 || !hex(p[1]) || !hex(p[2])
                      : !alnum(*p) && !among(*p, "-._~:/?#[]@!$&'()*+,;="))
            return 0;
    }
    return 1;
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
