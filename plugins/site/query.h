/* query: the query of a page's address, taken apart, and put together again with
 * something else in it: the next page, another order, one filter less.
 */
#ifndef SITE_QUERY_H
#define SITE_QUERY_H

#include <ouse/host.h>

#define QUERY_MAX 64 /* parameters; the host lets no more through */

struct pair {
    struct ouse_str name, value; /* decoded */
};

struct query {
    struct pair at[QUERY_MAX];
    uint32_t n;
};

/* Reads a query as a form sends it: drops empty inputs, and joins a repeated choice into one of
 * several, "state[in]=a,b". */
void query_read(struct ouse_ctx *ctx, struct ouse_str text, struct query *query);

/* Adds a parameter in the same way; an empty name or value adds nothing. */
void query_add(struct ouse_ctx *ctx, struct query *query, struct ouse_str name, struct ouse_str value);

/* Puts the three fields of a date together: "ends-day=1&ends-month=6&ends-year=2025" becomes "ends=1/6/2025".
 * Without a day it is "6/2025"; any other missing part stays empty, as in "1//2025". */
void query_join_dates(struct ouse_ctx *ctx, struct query *query);

/* The value of a parameter, or no text. */
struct ouse_str query_value(const struct query *query, const char *name);

/* Sets a parameter; no text takes it out. */
void query_set(struct query *query, struct ouse_str name, struct ouse_str value);

/* "a=1&b=2", percent-encoded; "" when there is nothing. */
struct ouse_str query_text(struct ouse_ctx *ctx, const struct query *query);

/* Percent-encodes all but unreserved characters. */
struct ouse_str query_encode(struct ouse_ctx *ctx, struct ouse_str text);

#endif
