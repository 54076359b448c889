/* loader: loads the plugins that the config file names, if they can be trusted.
 *
 *   path ─> owner, mode, pin (trust.h) ─> ELF (elf.h) ─> dlopen ─> description
 *        ─> tables and options checked ─> order of needs (order.h) ─> self filled
 *
 * The only code of a plugin that runs here is its `ouse_plugin` (and, by dlopen, its constructors).
 * A plugin is rejected with one line: the file, its value, the value that the host expects, and the
 * remedy. Code is never unloaded.
 *
 * A plugin may have been built against older or newer headers. Its description and the rows of its
 * tables are copied into the host's structs; members that an older plugin lacks are zero. A table
 * in a row stays in the form of the plugin. */
#ifndef HOST_LOADER_H
#define HOST_LOADER_H

#include "../config/config.h"

struct loaded_plugin {
    struct ouse_plugin is;             /* the host's own copy */
    const char *path;                  /* of the .so */
    int major;                         /* of its version */
    const struct ouse_option *options; /* checked */
    uint32_t n_options;
    void *_Atomic self; /* options filled in; NULL if self_size is 0. A reload replaces it, and the old struct
                           stays as it is */
};

struct plugins {
    struct arena arena;        /* lives as long as the plugins */
    struct loaded_plugin **at; /* each after those it needs; else in the order of the config file */
    uint32_t n;
};

/* Loads all that the config enables. Reports every plugin that cannot be loaded. On failure
 * everything is undone but the code, which stays mapped. */
ouse_rc plugins_load(const struct config *config, struct plugins **plugins, struct problem *problem);
void plugins_free(struct plugins *plugins); /* legal on NULL */

/* The plugin of that name, or NULL. */
struct loaded_plugin *plugins_find(const struct plugins *plugins, const char *name);

/* Loads one file, without its needs and options: self stays NULL. The plugin lives in `arena`.
 * `sha256` may be NULL; `pinned_at` is its place in the file. */
ouse_rc plugin_load(struct arena *arena, const char *path, const char *sha256, const char *pinned_at,
                    struct loaded_plugin **plugin, struct problem *problem);

/* Reports a mistake of the plugin, after the name of its file. */
ouse_rc plugin_refuse(const struct loaded_plugin *plugin, struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
