/* reload: the config file read again, on SIGHUP.
 *
 * The whole file is checked, with the options of all plugins, before anything
 * changes. Then the keys and options marked reloadable take effect; others that
 * have changed are named in the log. Main thread; nothing of a plugin runs: the
 * host calls `reconfigure` of those that are marked reconfigured.
 */
#ifndef PLUGIN_RELOAD_H
#define PLUGIN_RELOAD_H

#include "loader.h"

ouse_rc plugins_reload(struct plugins *plugins, struct config *running, struct problem *problem);

#endif
