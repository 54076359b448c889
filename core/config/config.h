/* config: the configuration, validated.
 *
 *   file ──┐
 *   --set ─┴─> config_read ─────> struct config: the keys of the core
 *                   │
 *                   └─ plugins, once they are loaded: config_section for each,
 *                      with the plugin's own table of options
 *
 * Every key of the core is a row of config_keys; parsing, defaults, help and conf/ouse.conf follow
 * that table. Every mistake is one line, "ouse.conf:12: unknown key …", and all of them are
 * reported. Only the sections of plugins that are installed and not enabled are ignored.
 *
 * A relative path in the file starts from the folder of the file; one from --set, from the working
 * directory. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "setting.h"
#include "source.h"

#define CONFIG_PLUGINS 256 /* the most that can be enabled */
#define CONFIG_SPARE \
    8 /* concurrent snapshots for commands, tasks and maintenance, in addition to those of the threads */

/* One enabled plugin, in the order of the list. */
struct config_plugin {
    const char *name;
    const char *path;   /* of its file; NULL: NAME.so in plugin_path */
    const char *origin; /* where it was enabled, for messages */
    const char *sha256; /* the pinned build, 64 hexadecimal digits; NULL if it is not pinned */
    const char *sha256_origin;
};

struct config {
    struct arena *arena; /* all texts live in it */
    struct source source;
    const struct tree *tree; /* the values */

    const char *listen, *address, *base_path, *data, *plugin_path, *trusted_proxies;
    int32_t log_level; /* enum log_level, by its number */
    int32_t access_log;
    int64_t map_size, max_readers, threads, max_per_address, address_share, min_send_rate, anonymous_writes,
        body_memory;
    int64_t idle_timeout, request_timeout, cpu_budget, stop_timeout, export_timeout, stream_comment; /* ms */
    int64_t slow_callback;                                                                           /* ms */
    struct config_plugin *plugins;
    uint32_t n_plugins;
};

/* Types of the core's keys that plugins do not have. */
#define CONFIG_CHOICE 100 /* int32_t: the position among `choices` */
#define CONFIG_PATH   101 /* const char *: see above */
#define CONFIG_NAMES  102 /* the list of plugins */

struct config_key {
    struct ouse_option is; /* offset into struct config */
    const char *choices;   /* of CONFIG_CHOICE, separated by spaces */
};

/* The table of keys, and how many there are. */
extern const struct config_key config_keys[];
extern const uint32_t config_n_keys;

/* The default of a key, as it would be written. */
struct ouse_str config_default(const struct config_key *key, struct arena *arena);

/* Returns the config file if the command line does not name one: "conf/ouse.conf" if it exists;
 * otherwise the installed one, "/etc/ouse/ouse.conf" (OUSE_CONF), if it exists; otherwise NULL. */
const char *config_find(void);

/* Reads file (NULL: no file) and then the settings "key=value" of --set, which take precedence. The
 * arguments must live as long as the config. Returns OUSE_E_INVALID, and reports every mistake with
 * its line. */
ouse_rc config_read(struct arena *arena, const char *file, const char *const *sets, uint32_t n_sets,
                    struct config **config, struct problem *problem);

/* Returns a warning, in one line, about a valid but probably unintended value, such as an empty
 * list of plugins; NULL if there is nothing to warn about. */
const char *config_warning(const struct config *config);

/* Reads the section of a plugin into `self` by its options: defaults first. Reports
 * every option that is unknown, wrong or missing. Texts go into `keep`. `self` may
 * be half filled on failure. */
ouse_rc config_section(const struct config *config, const char *plugin, const struct ouse_option *options,
                       uint32_t n, void *self, struct arena *keep, struct problem *problem);

/* Takes the reloadable keys over from a fresh reading. Gives the names of the
 * others that have changed, "threads, listen", or no text: they take effect at
 * a restart. */
struct ouse_str config_adopt(struct config *running, const struct config *fresh, struct arena *arena);

#endif
