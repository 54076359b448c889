/* tables: the tables of a plugin's description, bounded.
 *
 * A plugin hands over addresses, counts and strides. Before the host reads a row, the table must make
 * sense: no more rows than the cap, an address, rows that hold at least what ABI 1.0 has and are
 * aligned, and in each row the pointers that the host follows without asking. The tables in rows
 * (fields of collections, moves of flows, parameters of routes) are held to the same rules.
 */
#ifndef HOST_TABLES_H
#define HOST_TABLES_H

#include "loader.h"

/* Checks the tables of plugin->is, and replaces each by a copy with the host's rows. Reports every
 * table that makes no sense, and what is expected. */
ouse_rc tables_copy(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem);

#endif
