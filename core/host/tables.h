/* tables: validates the tables of a plugin's description.
 *
 * A plugin provides addresses, counts and strides. Before the host reads a row, it checks the
 * table: at most the maximum of rows, an address, rows that are aligned and have at least the size
 * of ABI 1.0, and in each row the pointers that the host uses without a check. The same rules hold
 * for tables in rows (fields of collections, moves of flows, parameters of routes). */
#ifndef HOST_TABLES_H
#define HOST_TABLES_H

#include "loader.h"

/* Checks the tables of plugin->is, and replaces each by a copy with the host's rows. Reports every
 * invalid table, and the expected form. */
ouse_rc tables_copy(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem);

#endif
