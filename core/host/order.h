/* order: sorts plugins by their needs.
 *
 * If a plugin declares "directory>=1 funding>=1", each named plugin must be enabled, with at least
 * that major version, and starts before it. Otherwise the order of the config file stays. Pure
 * functions over texts. */
#ifndef HOST_ORDER_H
#define HOST_ORDER_H

#include "../base/error.h"

struct order_item {
    const char *name, *version; /* the version is semantic */
    const char *needs;          /* or NULL */
};

/* Puts the indexes of the items into order[n]. OUSE_E_INVALID names the missing plugin and the one
 * that needs it, or the cycle. */
ouse_rc order_by_needs(const struct order_item *items, uint32_t n, uint32_t *order, struct problem *problem);

/* The major number of a semantic version ("1.4.0", "2.0.0-rc.1"), or -1. */
int order_major(const char *version);

#endif
