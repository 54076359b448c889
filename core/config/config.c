/* config: the keys of the core; see config.h. */
#include "config.h"

#include "tree.h"
#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#define AT(member) offsetof(struct config, member)
#define RELOADABLE OUSE_RELOADABLE

/* In the order of conf/ouse.conf. */
const struct config_key config_keys[] = {
    {{"plugins", CONFIG_NAMES, 0, "{}", 0, 0, AT(plugins), 0, "plugins to load"}, NULL},
    {{"plugin_path", CONFIG_PATH, 0, NULL, 0, 0, AT(plugin_path), 0, "folder of the plugins' .so files"},
     NULL},
    {{"data", CONFIG_PATH, 0, "/var/lib/ouse", 0, 0, AT(data), 0, "folder of the register"}, NULL},
    {{"listen", OUSE_OPTION_TEXT, 0, "127.0.0.1:8080", 0, 0, AT(listen), 0, "addresses to listen on"}, NULL},
    {{"base_path", OUSE_OPTION_TEXT, 0, "", 0, 0, AT(base_path), 0, "path prefix behind a proxy"}, NULL},
    {{"log_level", CONFIG_CHOICE, RELOADABLE, "info", 0, 0, AT(log_level), 0, "what is logged"},
     "error warn info debug"},
    {{"access_log", OUSE_OPTION_BOOL, RELOADABLE, "false", 0, 0, AT(access_log), 0, "log a line a request"},
     NULL},
    {{"map_size", OUSE_OPTION_SIZE, 0, "16GiB", 1 << 20, INT64_C(1) << 46, AT(map_size), 0,
      "most that the register may grow to"},
     NULL},
    {{"max_readers", OUSE_OPTION_INT, 0, "512", 8, 65536, AT(max_readers), 0, "snapshots open at a time"},
     NULL},
    {{"threads", OUSE_OPTION_INT, 0, "256", 4, 4096, AT(threads), 0, "connections served at a time"}, NULL},
    {{"max_per_address", OUSE_OPTION_INT, 0, "0", 0, 4096, AT(max_per_address), 0,
      "connections of one client address; 0: no cap"},
     NULL},
    {{"idle_timeout", OUSE_OPTION_DURATION, 0, "15s", 100, 3600000, AT(idle_timeout), 0,
      "how long a connection may wait for its next request"},
     NULL},
    {{"request_timeout", OUSE_OPTION_DURATION, 0, "10s", 100, 3600000, AT(request_timeout), 0,
      "how long a request may take to arrive"},
     NULL},
    {{"body_memory", OUSE_OPTION_SIZE, 0, "128MiB", 1 << 20, INT64_C(1) << 40, AT(body_memory), 0,
      "memory for the parsed bodies of all requests"},
     NULL},
    {{"export_timeout", OUSE_OPTION_DURATION, 0, "5min", 1, 3600000, AT(export_timeout), 0,
      "how long an export of a whole list may take: it is of one moment, which the store keeps for it"},
     NULL},
    {{"stream_comment", OUSE_OPTION_DURATION, 0, "15s", 100, 3600000, AT(stream_comment), 0,
      "after how long a stream of changes says that there is nothing new"},
     NULL},
    {{"slow_callback", OUSE_OPTION_DURATION, 0, "10s", 50, 3600000, AT(slow_callback), 0,
      "after how long the log and /readyz name a callback of a plugin that still runs"},
     NULL},
};
const uint32_t config_n_keys = sizeof config_keys / sizeof config_keys[0];

/* ---- Values of the core's own types -------------------------------------- */

static ouse_rc put_choice(const struct config_key *key, const struct setting *setting, struct config *config,
                          struct problem *problem)
{
    const char *at = key->choices;
    for (int32_t i = 0; at; i++, at = strchr(at, ' ')) {
        at += *at == ' ';
        size_t n = strcspn(at, " ");
        if (strlen(setting->text) == n && strncmp(at, setting->text, n) == 0) {
            memcpy((char *)config + key->is.offset, &i, sizeof i);
            return OUSE_OK;
        }
    }
    return problem_fail(problem, OUSE_E_INVALID, "%s: %s must be one of %s; it is \"%s\"", setting->origin,
                        key->is.name, key->choices, setting->text);
}

static ouse_rc put_path(const struct config_key *key, const struct setting *setting, struct config *config,
                        struct problem *problem)
{
    if (!*setting->text)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: %s must be a path; it is empty (a ${VARIABLE} that is not set is nothing)",
                            setting->origin, key->is.name);
    const char *slash = config->source.file ? strrchr(config->source.file, '/') : NULL;
    const char *path = slash && setting->in_file && *setting->text != '/'
                           ? arena_printf(config->arena, "%.*s/%s", (int)(slash - config->source.file),
                                          config->source.file, setting->text)
                                 .p
                           : setting->text;
    memcpy((char *)config + key->is.offset, &path, sizeof path);
    return OUSE_OK;
}

static int name_valid(const char *name)
{
    return islower((unsigned char)*name) &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static ouse_rc add_plugin(struct config *config, const struct setting *setting, struct problem *problem)
{
    if (!name_valid(setting->text))
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: plugins: \"%s\" is no name of a plugin ([a-z][a-z0-9-]*)", setting->origin,
                            setting->text);
    for (uint32_t i = 0; i < config->n_plugins; i++)
        if (strcmp(config->plugins[i].name, setting->text) == 0)
            return problem_fail(problem, OUSE_E_INVALID, "%s: plugins: %s is named twice", setting->origin,
                                setting->text);
    if (config->n_plugins == CONFIG_PLUGINS)
        return problem_fail(problem, OUSE_E_INVALID, "%s: plugins: more than %d", setting->origin,
                            CONFIG_PLUGINS);
    config->plugins[config->n_plugins++] =
        (struct config_plugin){.name = setting->text, .origin = setting->origin};
    return OUSE_OK;
}

static ouse_rc put_plugins(struct config *config, const struct tree *tree, struct problem *problem)
{
    config->plugins = arena_zero(config->arena, CONFIG_PLUGINS * sizeof *config->plugins);
    const struct setting *setting;
    for (uint32_t i = 0; (setting = tree_get(tree, NULL, "plugins", i)); i++)
        if (add_plugin(config, setting, problem) != OUSE_OK)
            return problem->rc;
    return OUSE_OK;
}

static ouse_rc put(const struct config_key *key, const struct setting *setting, struct config *config,
                   struct problem *problem)
{
    switch (key->is.type) {
    case CONFIG_CHOICE:
        return put_choice(key, setting, config, problem);
    case CONFIG_PATH:
        return put_path(key, setting, config, problem);
    default:
        return value_set(&key->is, setting, config, config->arena, problem);
    }
}

/* ---- Defaults ------------------------------------------------------------ */

/* Installed: bin/ouse and lib/ouse/plugins. Built: ouse and plugins. */
static struct ouse_str default_plugin_path(struct arena *arena)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program);
    while (n > 0 && program[n - 1] != '/')
        n--;
    if (n <= 0)
        return ouse_s("/usr/lib/ouse/plugins");
    struct ouse_str built = arena_printf(arena, "%.*splugins", (int)n, program);
    if (access(built.p, F_OK) == 0)
        return built;
    return arena_printf(arena, "%.*s../lib/ouse/plugins", (int)n, program);
}

struct ouse_str config_default(const struct config_key *key, struct arena *arena)
{
    return key->is.dflt ? ouse_s(key->is.dflt) : default_plugin_path(arena);
}

const char *config_find(void)
{
    static const char *const places[] = {"conf/ouse.conf", OUSE_CONF};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (access(places[i], F_OK) == 0)
            return places[i];
    return NULL;
}

/* ---- Checks over several keys --------------------------------------------- */

static const char *origin_of(const struct tree *tree, const char *key)
{
    const struct setting *setting = tree_get(tree, NULL, key, 0);
    return setting ? setting->origin : "the default";
}

/* Stripped from paths as it stands, so it has one form only. */
static ouse_rc check_base_path(const struct config *config, const struct tree *tree, struct problem *problem)
{
    const char *path = config->base_path;
    size_t n = strlen(path);
    if (n == 0 || (path[0] == '/' && path[n - 1] != '/'))
        return OUSE_OK;
    return problem_fail(problem, OUSE_E_INVALID,
                        "%s: base_path must be empty, or begin with a slash and not end in one; it is \"%s\"",
                        origin_of(tree, "base_path"), path);
}

/* "127.0.0.1:8080", "[::1]:0" or "8080", n bytes. */
static int is_listener(const char *text, size_t n)
{
    const char *port = text + n;
    unsigned number = 0;
    while (port > text && isdigit((unsigned char)port[-1]))
        port--;
    for (const char *digit = port; digit < text + n && number <= 65535; digit++)
        number = number * 10 + (unsigned)(*digit - '0');
    return port < text + n && number <= 65535 && (port == text || (port[-1] == ':' && port > text + 1));
}

static ouse_rc check_listen(const struct config *config, const struct tree *tree, struct problem *problem)
{
    for (const char *at = config->listen;; at++) {
        size_t n = strcspn(at, ",");
        if (!is_listener(at, n))
            return problem_fail(problem, OUSE_E_INVALID,
                                "%s: listen must be ADDR:PORT, several separated by commas; \"%.*s\" is none",
                                origin_of(tree, "listen"), (int)n, at);
        at += n;
        if (!*at)
            return OUSE_OK;
    }
}

static ouse_rc check_pin(struct config_plugin *plugin, const struct tree *tree, struct problem *problem)
{
    const struct setting *pin = tree_get(tree, plugin->name, TREE_PIN, 0);
    if (!pin)
        return OUSE_OK;
    if (strlen(pin->text) != 64 || strspn(pin->text, "0123456789abcdef") != 64)
        return problem_fail(problem, OUSE_E_INVALID,
                            "%s: %s." TREE_PIN
                            " must be 64 hexadecimal digits (a-f), as sha256sum prints them; "
                            "it is \"%s\"",
                            pin->origin, plugin->name, pin->text);
    plugin->sha256 = pin->text;
    plugin->sha256_origin = pin->origin;
    return OUSE_OK;
}

/* A section is that of a plugin which is enabled, or at least installed. */
static ouse_rc check_section(const struct config *config, const char *name, const char *origin,
                             struct problem *problem)
{
    const char *names[CONFIG_PLUGINS];
    for (uint32_t i = 0; i < config->n_plugins; i++)
        if (strcmp(names[i] = config->plugins[i].name, name) == 0)
            return OUSE_OK;
    struct ouse_str so = arena_printf(problem->arena, "%s/%s.so", config->plugin_path, name);
    if (name_valid(name) && access(so.p, F_OK) == 0)
        return OUSE_OK;
    const char *nearest = problem_nearest(ouse_s(name), names, config->n_plugins);
    if (nearest)
        return problem_fail(problem, OUSE_E_INVALID, "%s: unknown section \"%s\"; did you mean \"%s\"?",
                            origin, name, nearest);
    return problem_fail(problem, OUSE_E_INVALID, "%s: unknown section \"%s\": there is no plugin %s", origin,
                        name, so.p);
}

static ouse_rc check_whole(struct config *config, const struct tree *tree, struct problem *problem)
{
    const char *name, *origin;
    for (uint32_t i = 0; (name = tree_section(tree, i, &origin)); i++)
        if (check_section(config, name, origin, problem) != OUSE_OK)
            return problem->rc;
    for (uint32_t i = 0; i < config->n_plugins; i++)
        if (check_pin(&config->plugins[i], tree, problem) != OUSE_OK)
            return problem->rc;
    if (check_listen(config, tree, problem) != OUSE_OK)
        return problem->rc;
    return check_base_path(config, tree, problem);
}

/* ---- Reading --------------------------------------------------------------- */

static const char **key_names(struct arena *arena)
{
    const char **names = arena_alloc(arena, config_n_keys * sizeof *names);
    for (uint32_t i = 0; i < config_n_keys; i++)
        names[i] = config_keys[i].is.name;
    return names;
}

static ouse_rc put_all(struct config *config, const struct tree *tree, struct problem *problem)
{
    for (uint32_t i = 0; i < config_n_keys; i++) {
        const struct config_key *key = &config_keys[i];
        if (key->is.type == CONFIG_NAMES)
            continue;
        struct setting dflt = {.origin = "the default", .text = config_default(key, config->arena).p};
        const struct setting *setting = tree_get(tree, NULL, key->is.name, 0);
        if (put(key, setting ? setting : &dflt, config, problem) != OUSE_OK)
            return problem->rc;
    }
    return put_plugins(config, tree, problem);
}

ouse_rc config_read(struct arena *arena, const char *file, const char *const *sets, uint32_t n_sets,
                    struct config **config, struct problem *problem)
{
    struct config *made = arena_zero(arena, sizeof *made);
    made->arena = arena;
    made->source = (struct source){.file = file, .sets = sets, .n_sets = n_sets};
    struct tree_names names = {.keys = key_names(arena), .n_keys = config_n_keys, .list = "plugins"};
    struct tree *tree;
    if (source_read(arena, &made->source, problem) != OUSE_OK ||
        tree_read(arena, &made->source, &names, &tree, problem) != OUSE_OK)
        return problem->rc;
    if (put_all(made, tree, problem) != OUSE_OK || check_whole(made, tree, problem) != OUSE_OK)
        return problem->rc;
    *config = made;
    return OUSE_OK;
}

static ouse_rc put_option(const struct config *config, const char *plugin, const struct tree *tree,
                          const struct ouse_option *option, void *self, struct arena *keep,
                          struct problem *problem)
{
    struct setting dflt = {.origin = arena_printf(problem->arena, "the default of %s.so", plugin).p,
                           .section = plugin,
                           .text = option->dflt};
    const struct setting *setting = tree_get(tree, plugin, option->name, 0);
    if (setting || option->dflt)
        return value_set(option, setting ? setting : &dflt, self, keep, problem);
    if (option->type == OUSE_OPTION_TEXT)
        return OUSE_OK;
    return problem_fail(problem, OUSE_E_INVALID, "%s: %s.%s is required: add  %s { %s = … }",
                        config->source.file ? config->source.file : "no config file", plugin, option->name,
                        plugin, option->name);
}

ouse_rc config_section(const struct config *config, const char *plugin, const struct ouse_option *options,
                       uint32_t n, void *self, struct arena *keep, struct problem *problem)
{
    const char **inner = arena_alloc(problem->arena, (n + 1) * sizeof *inner);
    for (uint32_t i = 0; i < n; i++)
        inner[i] = options[i].name;
    struct tree_names names = {.keys = key_names(problem->arena),
                               .n_keys = config_n_keys,
                               .list = "plugins",
                               .section = plugin,
                               .inner = inner,
                               .n_inner = n};
    struct tree *tree;
    if (tree_read(problem->arena, &config->source, &names, &tree, problem) != OUSE_OK)
        return problem->rc;
    for (uint32_t i = 0; i < n; i++)
        if (put_option(config, plugin, tree, &options[i], self, keep, problem) != OUSE_OK)
            return problem->rc;
    return OUSE_OK;
}

/* ---- Reloading ------------------------------------------------------------- */

static int same_plugins(const struct config *a, const struct config *b)
{
    if (a->n_plugins != b->n_plugins)
        return 0;
    for (uint32_t i = 0; i < a->n_plugins; i++)
        if (strcmp(a->plugins[i].name, b->plugins[i].name) != 0)
            return 0;
    return 1;
}

/* The key as an option of a plugin that is kept in the same way. */
static struct ouse_option plain(const struct config_key *key)
{
    struct ouse_option option = key->is;
    if (option.type == CONFIG_PATH)
        option.type = OUSE_OPTION_TEXT;
    else if (option.type == CONFIG_CHOICE)
        option.type = OUSE_OPTION_BOOL;
    return option;
}

static int same(const struct config_key *key, const struct config *a, const struct config *b)
{
    struct ouse_option option = plain(key);
    return key->is.type == CONFIG_NAMES ? same_plugins(a, b) : value_same(&option, a, b);
}

struct ouse_str config_adopt(struct config *running, const struct config *fresh, struct arena *arena)
{
    struct ouse_str waiting = {0};
    for (uint32_t i = 0; i < config_n_keys; i++) {
        const struct config_key *key = &config_keys[i];
        struct ouse_option option = plain(key);
        if (same(key, running, fresh))
            continue;
        if (key->is.flags & OUSE_RELOADABLE)
            value_copy(&option, running, fresh);
        else
            waiting = arena_printf(arena, "%.*s%s%s", OUSE_F(waiting), waiting.n ? ", " : "", key->is.name);
    }
    return waiting;
}
