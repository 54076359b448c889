/* negotiate: selects the offered media type that the client prefers.
 *
 * The quality of an offer is that of the most specific range that covers it (RFC 9110 12.5.1).
 * Parameters other than q are ignored: no offer has any. */
#include "http.h"

#include <strings.h>

struct range {
    struct ouse_str type; /* "text/csv", "text/\*", "*\/\*" without the backslashes */
    int quality;          /* in thousandths */
};

static int is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Returns the end of the part that begins at `at`: the next of `stops` outside quotes. */
static const char *find_stop(const char *at, const char *end, const char *stops)
{
    int quoted = 0;
    for (; at < end; at++) {
        if (*at == '"')
            quoted = !quoted;
        else if (quoted && *at == '\\' && at + 1 < end)
            at++;
        else if (!quoted && strchr(stops, *at))
            break;
    }
    return at;
}

static struct ouse_str trim(const char *at, const char *end)
{
    while (at < end && is_space(*at))
        at++;
    while (end > at && is_space(end[-1]))
        end--;
    return (struct ouse_str){at, (uint32_t)(end - at)};
}

/* Returns the quality: "0.25" is 250. Returns 0 for an invalid one, as if the range were missing. */
static int read_quality(struct ouse_str text)
{
    if (text.n == 0 || text.n > 5 || (text.p[0] != '0' && text.p[0] != '1') ||
        (text.n > 1 && text.p[1] != '.'))
        return 0;
    int quality = (text.p[0] - '0') * 1000;
    for (uint32_t i = 2, unit = 100; i < text.n; i++, unit /= 10) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        quality += (text.p[i] - '0') * (int)unit;
    }
    return quality <= 1000 ? quality : 0;
}

/* Reads one member of Accept. */
static struct range read_range(const char *at, const char *end)
{
    const char *stop = find_stop(at, end, ";");
    struct range range = {trim(at, stop), 1000};
    while (stop < end) {
        at = stop + 1;
        stop = find_stop(at, end, ";");
        struct ouse_str parameter = trim(at, stop);
        if (parameter.n >= 2 && strncasecmp(parameter.p, "q=", 2) == 0)
            range.quality = read_quality((struct ouse_str){parameter.p + 2, parameter.n - 2});
    }
    return range;
}

/* How closely a range covers an offer: 3 by name, 2 by its first half, 1 as anything, 0 not. */
static int closeness(struct ouse_str range, const char *offer)
{
    size_t n = strlen(offer), half = strcspn(offer, "/") + 1;
    if (range.n == n && strncasecmp(range.p, offer, n) == 0)
        return 3;
    if (range.n == half + 1 && range.p[half] == '*' && strncasecmp(range.p, offer, half) == 0)
        return 2;
    return ouse_is(range, "*/*");
}

static int quality_of(struct ouse_str accept, const char *offer)
{
    int closest = 0, quality = 0;
    for (const char *at = accept.p, *end = at + accept.n, *stop; at < end; at = stop + 1) {
        stop = find_stop(at, end, ",");
        struct range range = read_range(at, stop);
        int close = closeness(range.type, offer);
        if (close > closest) {
            closest = close;
            quality = range.quality;
        }
    }
    return quality;
}

int http_negotiate(struct ouse_str accept, const char *const *offers, int n)
{
    if (!accept.p || accept.n == 0)
        return n > 0 ? 0 : -1;
    int best = -1, most = 0;
    for (int i = 0; i < n; i++) {
        int quality = quality_of(accept, offers[i]);
        if (quality > most) {
            most = quality;
            best = i;
        }
    }
    return best;
}
