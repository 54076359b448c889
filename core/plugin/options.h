/* options: a plugin's table of options, from its declaration to its struct; and to the
 * struct that a reload puts in its place. */
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

/* The same for all plugins: selves[i] is that of the i-th. */
ouse_rc options_fill_all(struct plugins *plugins, const struct config *config, void **selves,
                         struct problem *problem);

/* Reads the config file again, on SIGHUP. The whole file is checked, with the options
 * of all plugins, before anything changes. Then the keys and options marked reloadable
 * take effect; others that have changed are named in the log. What a plugin has got
 * stays allocated until the end: a request may still hold the struct before. Main
 * thread; nothing of a plugin runs: the host calls `reconfigure` of those that are
 * marked reconfigured. */
ouse_rc plugins_reload(struct plugins *plugins, struct config *running, struct problem *problem);

#endif
