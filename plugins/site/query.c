/* query: see query.h. */
#include "query.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

/* Decodes a text. The host has already rejected malformed ones. */
static struct ouse_str decode(struct ouse_ctx *ctx, const char *from, const char *to)
{
    char *text = ouse_alloc(ctx, (size_t)(to - from) + 1);
    uint32_t n = 0;
    for (const char *at = from; at < to; at++) {
        text[n++] = *at == '+' ? ' ' : *at;
        if (*at != '%' || to - at < 3)
            continue;
        text[n - 1] = (char)(hex(at[1]) * 16 + hex(at[2]));
        at += 2;
    }
    return (struct ouse_str){text, n};
}

static int is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || strchr("-._~", c);
}

struct ouse_str query_encode(struct ouse_ctx *ctx, struct ouse_str text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = ouse_alloc(ctx, (size_t)text.n * 3 + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c && is_unreserved((char)c)) {
            to[n++] = (char)c;
            continue;
        }
        to[n++] = '%';
        to[n++] = digits[c >> 4];
        to[n++] = digits[c & 15];
    }
    return (struct ouse_str){to, n};
}

static struct pair *find(struct query *query, struct ouse_str name)
{
    for (uint32_t i = 0; i < query->n; i++)
        if (ouse_same(query->at[i].name, name))
            return &query->at[i];
    return NULL;
}

static struct ouse_str with_comma(struct ouse_ctx *ctx, struct ouse_str before, struct ouse_str value)
{
    return ouse_format(ctx, "%.*s,%.*s", OUSE_F(before), OUSE_F(value));
}

/* "state" chosen again becomes, or extends, "state[in]". */
void query_add(struct ouse_ctx *ctx, struct query *query, struct ouse_str name, struct ouse_str value)
{
    static const char several[] = "[in]";
    uint32_t n = (uint32_t)strlen(several);
    int is_several = name.n > n && memcmp(name.p + name.n - n, several, n) == 0;
    struct ouse_str base = {name.p, is_several ? name.n - n : name.n};
    struct ouse_str of_several = ouse_format(ctx, "%.*s%s", OUSE_F(base), several);
    struct pair *one = find(query, base), *all = find(query, of_several);
    if (name.n == 0 || value.n == 0)
        return;
    if (all)
        all->value = with_comma(ctx, all->value, value);
    else if (one)
        *one = (struct pair){of_several, with_comma(ctx, one->value, value)};
    else if (query->n < QUERY_MAX)
        query->at[query->n++] = (struct pair){name, value};
}

void query_read(struct ouse_ctx *ctx, struct ouse_str text, struct query *query)
{
    const char *at = text.p, *end = at + text.n;
    query->n = 0;
    while (at && at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        query_add(ctx, query, decode(ctx, at, equals ? equals : stop),
                  decode(ctx, equals ? equals + 1 : stop, stop));
        at = stop + 1;
    }
}

struct ouse_str query_value(const struct query *query, const char *name)
{
    for (uint32_t i = 0; i < query->n; i++)
        if (ouse_is(query->at[i].name, name))
            return query->at[i].value;
    return ouse_s(NULL);
}

static void take_out(struct query *query, struct pair *pair)
{
    uint32_t i = (uint32_t)(pair - query->at);
    memmove(pair, pair + 1, (query->n - i - 1) * sizeof *pair);
    query->n--;
}

void query_set(struct query *query, struct ouse_str name, struct ouse_str value)
{
    struct pair *pair = find(query, name);
    if (pair && !value.p)
        take_out(query, pair);
    else if (pair)
        pair->value = value;
    else if (value.p && query->n < QUERY_MAX)
        query->at[query->n++] = (struct pair){name, value};
}

struct ouse_str query_text(struct ouse_ctx *ctx, const struct query *query)
{
    struct ouse_str text = ouse_s("");
    for (uint32_t i = 0; i < query->n; i++)
        text = ouse_format(ctx, "%.*s%s%.*s=%.*s", OUSE_F(text), i ? "&" : "",
                           OUSE_F(query_encode(ctx, query->at[i].name)),
                           OUSE_F(query_encode(ctx, query->at[i].value)));
    return text;
}

static const char *const date_parts[] = {"-day", "-month", "-year"};

/* Whether a parameter is a part of a date; then `*base` is what the date is called. */
static int is_part(struct ouse_str name, struct ouse_str *base)
{
    for (size_t i = 0; i < sizeof date_parts / sizeof *date_parts; i++) {
        uint32_t n = (uint32_t)strlen(date_parts[i]);
        if (name.n > n && memcmp(name.p + name.n - n, date_parts[i], n) == 0) {
            *base = (struct ouse_str){name.p, name.n - n};
            return 1;
        }
    }
    return 0;
}

void query_join_dates(struct ouse_ctx *ctx, struct query *query)
{
    struct ouse_str base;
    for (uint32_t i = 0; i < query->n; i++) {
        struct ouse_str date = ouse_s("");
        if (!is_part(query->at[i].name, &base))
            continue;
        for (size_t k = 0; k < sizeof date_parts / sizeof *date_parts; k++) {
            struct ouse_str name = ouse_format(ctx, "%.*s%s", OUSE_F(base), date_parts[k]);
            struct ouse_str part = query_value(query, name.p);
            if (part.p || date.n)
                date = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(date), date.n ? "/" : "", OUSE_F(part));
            query_set(query, name, ouse_s(NULL));
        }
        query_set(query, ouse_format(ctx, "%.*s", OUSE_F(base)), date);
        i = UINT32_MAX; /* the parameters have moved */
    }
}
