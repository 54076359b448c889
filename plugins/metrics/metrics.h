/* metrics: shared by the files of this plugin. */
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

/* exposition.c: writes families of ouse_measures in the Prometheus text format. A name is `prefix`,
 * the name of the family, its unit, and "total" for a counter. */
void exposition_add(struct text *text, const char *prefix, const struct ouse_doc *families);

/* process.c: returns the metrics of the system about this process. */
struct ouse_doc *process_measures(struct ouse_ctx *ctx, int64_t started);

/* address.c: returns whether an address is in a list, "loopback" or "10.0.0.0/8, fd00::/8". A
 * malformed list contains no address; address_list returns its mistake. */
int address_in(struct ouse_str address, const char *list);
int address_list(const char *list, struct ouse_str *wrong);

#endif
