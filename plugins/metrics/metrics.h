/* metrics: what the files of this plugin share. */
#ifndef METRICS_METRICS_H
#define METRICS_METRICS_H

#include <ouse/plugin.h>

/* Text that grows, in memory of the callback. */
struct text {
    struct ouse_ctx *ctx;
    char *at;
    uint32_t n, room;
};

OUSE_PRINTF(2, 3) void text_add(struct text *text, const char *format, ...);

/* exposition.c: families as ouse_measures has them, in the Prometheus text format. Names are
 * `prefix`, what the family is called, its unit, and "total" for a counter. */
void exposition_add(struct text *text, const char *prefix, const struct ouse_doc *families);

/* process.c: the same of what the system knows of this process. */
struct ouse_doc *process_measures(struct ouse_ctx *ctx, int64_t started);

/* address.c: whether an address is in a list, "loopback" or "10.0.0.0/8, fd00::/8". A list that
 * cannot be read has nothing in it; address_list says whether one can, or what in it cannot. */
int address_in(struct ouse_str address, const char *list);
int address_list(const char *list, struct ouse_str *wrong);

#endif
