/* options: a plugin's table of options, from its declaration to its struct. */
#ifndef PLUGIN_OPTIONS_H
#define PLUGIN_OPTIONS_H

#include "loader.h"

/* Reads the declared table into plugin->options, once each row makes sense:
 * name, type, a member inside the struct, a default that is a value. */
ouse_rc options_declare(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem);

/* A new struct of the plugin's, filled from its section of the config; NULL
 * when the plugin has none. */
ouse_rc options_fill(const struct loaded_plugin *plugin, const struct config *config, struct arena *keep,
                     void **self, struct problem *problem);

/* Takes the reloadable options over from a fresh struct. When one has changed,
 * the plugin gets a new struct (allocated in `keep`), else keeps the one it has.
 * Gives the names of the others that have changed, "hubs.pages", or no text. */
struct ouse_str options_adopt(struct loaded_plugin *plugin, const void *fresh, struct arena *keep,
                              struct arena *arena);

#endif
