/* etag: identifies a version of a record and its representation.
 *
 *     "1f"                    the stored bytes, for callers that may see all
 *     "1f-5d0c7a9b3e4f8021"   other bytes, with a hash of them
 *
 * The number is the position (store/epoch.h) of the last change that the caller saw. A write
 * compares the number alone. The tag of a restricted caller always has a hash: its form must not
 * reveal whether anything is hidden, and if a referenced record is hidden, the bytes change
 * although the record does not. Each audience has its own tags, and so has each version of the
 * past. */
#include "../base/hash.h"
#include "../base/hex.h"
#include "internal.h"

enum { PAST = 4 };

static char *write_position(const struct record *record, char *at)
{
    return hex_write(at, record->collection->epoch + record->sequence);
}

/* Without the quote at its end. */
static char *begin(const struct record *record, char *at)
{
    *at++ = '"';
    return write_position(record, at);
}

static void write_tag(const struct record *record, uint64_t hash, char etag[RECORD_ETAG])
{
    static const char digits[] = "0123456789abcdef";
    char *at = begin(record, etag);
    *at++ = '-';
    for (int i = 15; i >= 0; i--, hash >>= 4)
        at[i] = digits[hash & 15];
    memcpy(at + 16, "\"", 2);
}

void record_etag_of(const struct record *record, struct ouse_str body, char etag[RECORD_ETAG])
{
    write_tag(record, hash_of(body), etag);
}

void record_etag(const struct record *record, char etag[RECORD_ETAG])
{
    if (record->as_of || record->restricted)
        write_tag(record, hash_of(record->json) + record->restricted + (record->as_of ? PAST : 0), etag);
    else
        strcpy(begin(record, etag), "\"");
}

static const char *skip(const char *at, const char *end, const char *what)
{
    while (at < end && *at && strchr(what, *at))
        at++;
    return at;
}

/* Removes the next entity-tag from a list. Returns 1, 0 at the end, or -1 if it is malformed. A
 * weak one never matches, as If-Match compares strongly (RFC 9110 13.1.1). */
static int next_tag(struct ouse_str *list, struct ouse_str *tag, int *is_weak)
{
    const char *end = list->p + list->n, *at = skip(list->p, end, " \t,"), *quote;
    int weak = end - at > 2 && memcmp(at, "W/", 2) == 0;
    if (at == end)
        return 0;
    at += weak ? 2 : 0;
    quote = *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
    if (!quote)
        return -1;
    *tag = (struct ouse_str){at, (uint32_t)(quote + 1 - at)};
    *is_weak = weak;
    at = skip(quote + 1, end, " \t");
    *list = (struct ouse_str){at, (uint32_t)(end - at)};
    return at == end || *at == ',' ? 1 : -1;
}

/* Returns whether a tag names the record: "<position>[r|p][-<16 digits>]". The part after the
 * position identifies the representation, which is irrelevant for a write. Older programs wrote the
 * letter. */
static int names(struct ouse_str tag, const struct record *record)
{
    char digits[HEX_DIGITS];
    uint32_t n = (uint32_t)(write_position(record, digits) - digits);
    if (tag.n < n + 2 || memcmp(tag.p + 1, digits, n) != 0)
        return 0;
    const char *at = tag.p + 1 + n, *end = tag.p + tag.n;
    at += *at == 'r' || *at == 'p';
    return end - at == 1 || (*at == '-' && end - at == 2 + HEX_DIGITS);
}

/* Whether a list has a tag of the record that is weak, or one that is not. */
static int has_tag(struct ouse_str list, const struct record *record, int weak)
{
    struct ouse_str tag;
    int more, is_weak, found = 0;
    while (!found && (more = next_tag(&list, &tag, &is_weak)) != 0) {
        if (more < 0)
            return 0;
        found = is_weak == weak && names(tag, record);
    }
    return found;
}

int record_matches(struct ouse_str if_match, const struct record *record)
{
    return ouse_is(if_match, "*") || has_tag(if_match, record, 0);
}

int record_matches_weakly(struct ouse_str if_match, const struct record *record)
{
    return has_tag(if_match, record, 1);
}
