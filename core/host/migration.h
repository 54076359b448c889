/* migration: which migrations a plugin brings, checked when it is loaded. */
#ifndef HOST_MIGRATION_H
#define HOST_MIGRATION_H

#include "loader.h"

/* Checks that each migration is of a collection of the plugin, goes to the next version up to that of
 * the collection, and is the only one of its step. */
ouse_rc migrations_check(const struct loaded_plugin *plugin, struct problem *problem);

#endif
