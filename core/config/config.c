/* config: the keys of the core; see config.h. */
#include "config.h"

#include "../base/address.h"
#include "tree.h"
#include <assert.h>
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
    {{"address", OUSE_OPTION_TEXT, 0, "", 0, 0, AT(address), 0,
      "where people reach the register, without base_path: https://register.example.org"},
     NULL},
    {{"base_path", OUSE_OPTION_TEXT, 0, "", 0, 0, AT(base_path), 0, "path prefix behind a proxy"}, NULL},
    {{"log_level", CONFIG_CHOICE, RELOADABLE, "info", 0, 0, AT(log_level), 0,
      "least severe level that is logged"},
     "error warn info debug"},
    {{"access_log", OUSE_OPTION_BOOL, RELOADABLE, "false", 0, 0, AT(access_log), 0, "log a line a request"},
     NULL},
    {{"map_size", OUSE_OPTION_SIZE, 0, "16GiB", 1 << 20, INT64_C(1) << 46, AT(map_size), 0,
      "most that the register may grow to"},
     NULL},
    {{"max_readers", OUSE_OPTION_INT, 0, "512", 12, 65536, AT(max_readers), 0,
      "concurrent snapshots: at least threads + 8"},
     NULL},
    {{"threads", OUSE_OPTION_INT, 0, "256", 4, 4096, AT(threads), 0, "concurrent connections"}, NULL},
    {{"max_per_address", OUSE_OPTION_INT, 0, "0", 0, 4096, AT(max_per_address), 0,
      "connections of one client address; 0: no cap"},
     NULL},
    {{"trusted_proxies", OUSE_OPTION_TEXT, 0, "127.0.0.1, ::1", 0, 0, AT(trusted_proxies), 0,
      "addresses of proxies, whose X-Forwarded-For names the client"},
     NULL},
    {{"address_share", OUSE_OPTION_INT, 0, "50", 1, 100, AT(address_share), 0,
      "per cent of each concurrency limit that one client address may use"},
     NULL},
    {{"idle_timeout", OUSE_OPTION_DURATION, 0, "15s", 100, 3600000, AT(idle_timeout), 0,
      "how long a connection may wait for its next request"},
     NULL},
    {{"request_timeout", OUSE_OPTION_DURATION, 0, "10s", 100, 3600000, AT(request_timeout), 0,
      "how long a request may take to arrive"},
     NULL},
    {{"anonymous_writes", OUSE_OPTION_INT, 0, "60", 0, 1000000, AT(anonymous_writes), 0,
      "records that one client address may make without a token in an hour; 0: no limit"},
     NULL},
    {{"body_memory", OUSE_OPTION_SIZE, 0, "128MiB", 1 << 20, INT64_C(1) << 40, AT(body_memory), 0,
      "memory for the parsed bodies of all requests"},
     NULL},
    {{"cpu_budget", OUSE_OPTION_DURATION, 0, "2s", 1, 3600000, AT(cpu_budget), 0,
      "processor time that one request may take"},
     NULL},
    {{"min_send_rate", OUSE_OPTION_SIZE, 0, "16KiB", 0, 1 << 30, AT(min_send_rate), 0,
      "bytes a second of a response that a client must take"},
     NULL},
    {{"stop_timeout", OUSE_OPTION_DURATION, 0, "10s", 0, 3600000, AT(stop_timeout), 0,
      "how long a stop waits for requests to be answered"},
     NULL},
    {{"export_timeout", OUSE_OPTION_DURATION, 0, "5min", 1, 3600000, AT(export_timeout), 0,
      "how long the export of a whole list may take"},
     NULL},
    {{"stream_comment", OUSE_OPTION_DURATION, 0, "15s", 100, 3600000, AT(stream_comment), 0,
      "interval of comments in a stream of changes without changes"},
     NULL},
    {{"slow_callback", OUSE_OPTION_DURATION, 0, "10s", 50, 3600000, AT(slow_callback), 0,
      "after how long the log and /readyz name a callback of a plugin that still runs"},
     NULL},
};
const uint32_t config_n_keys = sizeof config_keys / sizeof config_keys[0];

/* Reports a mistake: its place, then its description. */
__attribute__((format(printf, 3, 4))) static ouse_rc mistake(struct problem *problem, const char *origin,
                                                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str what = arena_vprintf(problem->arena, format, args);
    va_end(args);
    return problem_add(problem, OUSE_E_INVALID, "", "config", "%s: %s", origin, what.p);
}

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
    return mistake(problem, setting->origin, "%s must be one of %s; it is \"%s\"", key->is.name, key->choices,
                   setting->text);
}

static ouse_rc put_path(const struct config_key *key, const struct setting *setting, struct config *config,
                        struct problem *problem)
{
    if (!*setting->text)
        return mistake(problem, setting->origin, "%s must be a path; it is empty", key->is.name);
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
    const char *text = setting->text;
    if (!name_valid(text))
        return mistake(problem, setting->origin, "plugins: \"%s\" is no name of a plugin ([a-z][a-z0-9-]*)%s",
                       text, strpbrk(text, " ,") ? "; write plugins = {first, second}" : "");
    for (uint32_t i = 0; i < config->n_plugins; i++)
        if (strcmp(config->plugins[i].name, text) == 0)
            return mistake(problem, setting->origin, "plugins: %s is named twice", text);
    if (config->n_plugins == CONFIG_PLUGINS)
        return mistake(problem, setting->origin, "plugins: more than %d", CONFIG_PLUGINS);
    config->plugins[config->n_plugins++] =
        (struct config_plugin){.name = setting->text, .origin = setting->origin};
    return OUSE_OK;
}

static void put_plugins(struct config *config, struct problem *problem)
{
    config->plugins = arena_zero(config->arena, CONFIG_PLUGINS * sizeof *config->plugins);
    const struct setting *setting;
    for (uint32_t i = 0; (setting = tree_get(config->tree, NULL, "plugins", i)); i++)
        add_plugin(config, setting, problem);
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

static const char *origin_of(const struct config *config, const char *key)
{
    const struct setting *setting = tree_get(config->tree, NULL, key, 0);
    return setting ? setting->origin : "the default";
}

/* Stripped from paths as it stands, so it has one form only. */
static void check_base_path(const struct config *config, struct problem *problem)
{
    const char *path = config->base_path;
    size_t n = strlen(path);
    if (n > 0 && (path[0] != '/' || path[n - 1] == '/'))
        mistake(problem, origin_of(config, "base_path"),
                "base_path must be empty, or begin with a slash and not end in one; it is \"%s\"", path);
}

/* Whether a text is a scheme and a host: "https://register.example.org", also with a port. */
static int is_address(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;
    return scheme && text[scheme] && !strpbrk(text + scheme, "/?# \\\"<>");
}

/* Without an address, that of the site holds. */
static void check_address(struct config *config, struct problem *problem)
{
    const struct setting *site = tree_get(config->tree, "site", "address", 0);
    if (!*config->address && site && is_address(site->text))
        config->address = site->text;
    else if (*config->address && !is_address(config->address))
        mistake(
            problem, origin_of(config, "address"),
            "address must be a scheme and a host, such as \"https://register.example.org\", without a path "
            "or a slash at the end; it is \"%s\"",
            config->address);
}

/* Why "127.0.0.1:8080" or "[::1]:0", n bytes, is not an address to listen on; NULL if it is. */
static const char *listen_mistake(const char *text, size_t n)
{
    const char *port = text + n;
    unsigned number = 0;
    while (port > text && isdigit((unsigned char)port[-1]))
        port--;
    for (const char *digit = port; digit < text + n && number <= 65535; digit++)
        number = number * 10 + (unsigned)(*digit - '0');
    if (port < text + n && (port == text || (port == text + 1 && *text == ':')))
        return "has no address; write 127.0.0.1:PORT for this machine alone, or 0.0.0.0:PORT for all its "
               "addresses";
    if (port == text + n || port[-1] != ':')
        return "has no port; write ADDR:PORT";
    if (number > 65535)
        return "has a port above 65535";
    if (memchr(text, ':', (size_t)(port - 1 - text)) && !(*text == '[' && port[-2] == ']'))
        return "is an IPv6 address without brackets; write [ADDR]:PORT";
    return NULL;
}

static void check_listen(const struct config *config, struct problem *problem)
{
    for (const char *at = config->listen;; at++) {
        at += strspn(at, " ");
        size_t n = strcspn(at, ",");
        const char *why = listen_mistake(at, n);
        if (why)
            mistake(problem, origin_of(config, "listen"),
                    "listen must be ADDR:PORT, several separated by commas; \"%.*s\" %s", (int)n, at, why);
        at += n;
        if (!*at)
            return;
    }
}

static void check_proxies(const struct config *config, struct problem *problem)
{
    struct ouse_str wrong = address_list_wrong(ouse_s(config->trusted_proxies));
    if (wrong.n)
        mistake(problem, origin_of(config, "trusted_proxies"),
                "trusted_proxies must be addresses and networks, separated by commas, such as \"127.0.0.1, "
                "10.0.0.0/8\"; \"%.*s\" is neither",
                OUSE_F(wrong));
}

/* Checks max_readers: each thread may hold a snapshot, and other readers of the store need slots
 * too. */
static void check_readers(const struct config *config, struct problem *problem)
{
    if (config->threads + CONFIG_SPARE > config->max_readers)
        mistake(problem,
                origin_of(config, tree_get(config->tree, NULL, "threads", 0) ? "threads" : "max_readers"),
                "threads is %lld and max_readers %lld; each thread may hold a snapshot, and commands need %d "
                "more: set max_readers to %lld or more, or threads to %lld or less",
                (long long)config->threads, (long long)config->max_readers, CONFIG_SPARE,
                (long long)config->threads + CONFIG_SPARE, (long long)config->max_readers - CONFIG_SPARE);
}

static void check_pin(struct config *config, struct config_plugin *plugin, struct problem *problem)
{
    const struct setting *pin = tree_get(config->tree, plugin->name, TREE_PIN, 0);
    if (!pin)
        return;
    if (strlen(pin->text) != 64 || strspn(pin->text, "0123456789abcdef") != 64)
        mistake(problem, pin->origin,
                "%s." TREE_PIN " must be 64 hexadecimal digits (a-f), as sha256sum prints them; it is \"%s\"",
                plugin->name, pin->text);
    plugin->sha256 = pin->text;
    plugin->sha256_origin = pin->origin;
}

static int is_enabled(const struct config *config, const char *name)
{
    uint32_t i = 0;
    while (i < config->n_plugins && strcmp(config->plugins[i].name, name) != 0)
        i++;
    return i < config->n_plugins;
}

/* A section is that of a plugin which is enabled, or at least installed. */
static void check_section(const struct config *config, const struct tree_section *section,
                          struct problem *problem)
{
    const char *names[CONFIG_PLUGINS], *name = section->name;
    struct ouse_str so = arena_printf(problem->arena, "%s/%s.so", config->plugin_path, name);
    if (is_enabled(config, name) || (name_valid(name) && access(so.p, F_OK) == 0))
        return;
    for (uint32_t i = 0; i < config->n_plugins; i++)
        names[i] = config->plugins[i].name;
    const char *nearest = problem_nearest(ouse_s(name), names, config->n_plugins);
    if (nearest)
        mistake(problem, section->origin, "unknown section \"%s\"; did you mean \"%s\"?", name, nearest);
    else if (strcmp(name, "server") == 0 || strcmp(name, "ouse") == 0)
        mistake(problem, section->origin,
                "unknown section \"%s\"; write keys of the server outside sections, without braces", name);
    else
        mistake(problem, section->origin, "unknown section \"%s\": there is no plugin %s", name, so.p);
}

/* ---- Unknown keys ------------------------------------------------------------ */

static const char **key_names(struct arena *arena)
{
    const char **names = arena_alloc(arena, config_n_keys * sizeof *names);
    for (uint32_t i = 0; i < config_n_keys; i++)
        names[i] = config_keys[i].is.name;
    return names;
}

static int is_one_of(const char *name, const char *const *names, uint32_t n)
{
    while (n > 0 && strcmp(names[n - 1], name) != 0)
        n--;
    return n > 0;
}

static void unknown_key(const struct config *config, const struct tree_entry *entry, const char *const *names,
                        struct problem *problem)
{
    const char *key = entry->key, *nearest = problem_nearest(ouse_s(key), names, config_n_keys);
    if (is_enabled(config, key) && entry->line == 0)
        mistake(problem, entry->origin, "%s is a plugin; write %s.key=value", key, key);
    else if (is_enabled(config, key))
        mistake(problem, entry->origin, "%s is a plugin; write %s { key = value }", key, key);
    else if (nearest)
        mistake(problem, entry->origin, "unknown key \"%s\"; did you mean \"%s\"?", key, nearest);
    else
        mistake(problem, entry->origin,
                "unknown key \"%s\"; an option of a plugin belongs in its section: PLUGIN { %s = … }", key,
                key);
}

static void check_keys(const struct config *config, struct problem *problem)
{
    const char **names = key_names(problem->arena);
    for (uint32_t i = 0; i < config->tree->n; i++) {
        const struct tree_entry *entry = &config->tree->entries[i];
        if (!entry->section && !is_one_of(entry->key, names, config_n_keys))
            unknown_key(config, entry, names, problem);
    }
}

static void unknown_option(const struct tree_entry *entry, const char *const *names, uint32_t n,
                           struct problem *problem)
{
    const char *nearest = problem_nearest(ouse_s(entry->key), names, n);
    int is_core = is_one_of(entry->key, key_names(problem->arena), config_n_keys);
    mistake(problem, entry->origin, "unknown key \"%s.%s\"%s%s%s", entry->section, entry->key,
            is_core   ? "; it is a key of the server: move it out of the section"
            : nearest ? "; did you mean \""
                      : "",
            !is_core && nearest ? nearest : "", !is_core && nearest ? "\"?" : "");
}

static void check_options(const struct tree *tree, const char *plugin, const struct ouse_option *options,
                          uint32_t n, struct problem *problem)
{
    const char **names = arena_alloc(problem->arena, (n + 1) * sizeof *names);
    for (uint32_t i = 0; i < n; i++)
        names[i] = options[i].name;
    for (uint32_t i = 0; i < tree->n; i++) {
        const struct tree_entry *entry = &tree->entries[i];
        if (entry->section && strcmp(entry->section, plugin) == 0 && strcmp(entry->key, TREE_PIN) != 0 &&
            !is_one_of(entry->key, names, n))
            unknown_option(entry, names, n, problem);
    }
}

/* ---- Reading --------------------------------------------------------------- */

static void put_all(struct config *config, struct problem *problem)
{
    for (uint32_t i = 0; i < config_n_keys; i++) {
        const struct config_key *key = &config_keys[i];
        if (key->is.type == CONFIG_NAMES)
            continue;
        struct setting dflt = {.origin = "the default", .text = config_default(key, config->arena).p};
        const struct setting *setting = tree_get(config->tree, NULL, key->is.name, 0);
        ouse_rc rc = put(key, &dflt, config, problem); /* so that later checks have a value */
        assert(!rc);
        if (setting && !rc)
            put(key, setting, config, problem);
    }
    put_plugins(config, problem);
}

static void check_whole(struct config *config, struct problem *problem)
{
    check_keys(config, problem);
    for (uint32_t i = 0; i < config->tree->n_sections; i++)
        check_section(config, &config->tree->sections[i], problem);
    for (uint32_t i = 0; i < config->n_plugins; i++)
        check_pin(config, &config->plugins[i], problem);
    check_listen(config, problem);
    check_proxies(config, problem);
    check_readers(config, problem);
    check_base_path(config, problem);
    check_address(config, problem);
}

ouse_rc config_read(struct arena *arena, const char *file, const char *const *sets, uint32_t n_sets,
                    struct config **config, struct problem *problem)
{
    struct config *made = arena_zero(arena, sizeof *made);
    uint32_t before = problem->n_errors;
    struct tree *tree;
    made->arena = arena;
    made->source = (struct source){.file = file, .sets = sets, .n_sets = n_sets};
    if (source_read(arena, &made->source, problem) != OUSE_OK ||
        tree_read(arena, &made->source, "plugins", &tree, problem) != OUSE_OK)
        return problem->rc;
    made->tree = tree;
    put_all(made, problem);
    check_whole(made, problem);
    if (problem->n_errors > before)
        return problem->rc;
    *config = made;
    return OUSE_OK;
}

const char *config_warning(const struct config *config)
{
    if (config->n_plugins > 0)
        return NULL;
    return config->source.file
               ? arena_printf(config->arena,
                              "%s: no plugin is enabled, so the register has no collections; write plugins = "
                              "{first, second} (\"ouse plugin list\" shows the installed ones)",
                              config->source.file)
                     .p
               : "there is no config file, so no plugin is enabled; name one with -c FILE";
}

static void put_option(const struct config *config, const char *plugin, const struct ouse_option *option,
                       void *self, struct arena *keep, struct problem *problem)
{
    struct setting dflt = {.origin = arena_printf(problem->arena, "the default of %s.so", plugin).p,
                           .section = plugin,
                           .text = option->dflt};
    const struct setting *setting = tree_get(config->tree, plugin, option->name, 0);
    if (setting || option->dflt)
        value_set(option, setting ? setting : &dflt, self, keep, problem);
    else if (option->type != OUSE_OPTION_TEXT)
        mistake(problem, config->source.file ? config->source.file : "no config file",
                "%s.%s is required: add  %s { %s = … }", plugin, option->name, plugin, option->name);
}

ouse_rc config_section(const struct config *config, const char *plugin, const struct ouse_option *options,
                       uint32_t n, void *self, struct arena *keep, struct problem *problem)
{
    uint32_t before = problem->n_errors;
    check_options(config->tree, plugin, options, n, problem);
    for (uint32_t i = 0; i < n; i++)
        put_option(config, plugin, &options[i], self, keep, problem);
    return problem->n_errors > before ? problem->rc : OUSE_OK;
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
