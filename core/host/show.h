/* show: describes a plugin without starting it.
 *
 * The description is one JSON document; for people it is printed as indented lines. It contains the
 * declarations of options, but not their values. */
#ifndef HOST_SHOW_H
#define HOST_SHOW_H

#include "../base/json.h"
#include "loader.h"

/* The description; fails like schema_add when a collection has a mistake. The
 * tree is freed with the problem's arena. */
ouse_rc show_describe(const struct loaded_plugin *plugin, cJSON **description, struct problem *problem);

/* Adds one table of the plugin to an object, as it stands in the description: "routes",
 * "formats", … Returns the table. */
cJSON *show_table(cJSON *object, const struct loaded_plugin *plugin, const char *name);

void show_print(const cJSON *description, struct buffer *out);

#endif
