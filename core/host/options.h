/* options: a plugin's table of options, from its declaration to its struct; and to the
 * struct that a reload puts in its place. */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

#include "loader.h"

/* Reads the declared table into plugin->options, once each row makes sense:
 * name, type, a member inside the struct, a default that is a value. */
ouse_rc options_declare(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem);

/* Returns a new struct of the plugin, filled from its section of the config, or NULL. */
ouse_rc options_fill(const struct loaded_plugin *plugin, const struct config *config, struct arena *keep,
                     void **self, struct problem *problem);

/* The same for all plugins: selves[i] is that of the i-th. */
ouse_rc options_fill_all(struct plugins *plugins, const struct config *config, void **selves,
                         struct problem *problem);

/* ---- Reading the config again --------------------------------------------------
 *
 *     reload_prepare ─> the plugins validate and take over (reload.c) ─> reload_adopt
 *
 * Nothing takes effect before reload_adopt. A struct that was replaced stays allocated
 * until the end: a request may still hold it. Main thread. */

struct reload {
    struct config *config;
    void **fresh; /* of each plugin: its struct as the file has it */
    void **next;  /* its struct with the reloadable options of that; NULL: they are as they were */
    struct ouse_str *waiting; /* the names of its other options that changed */
};

/* Reads the config file again and checks all of it, with the options of all plugins. Reports
 * every mistake. */
ouse_rc reload_prepare(struct plugins *plugins, const struct config *running, struct reload *reload,
                       struct problem *problem);

/* Puts the reloadable keys and options into force. Logs the names of others that have changed:
 * they take effect at a restart. */
void reload_adopt(struct plugins *plugins, struct config *running, const struct reload *reload,
                  struct arena *arena);

#endif
