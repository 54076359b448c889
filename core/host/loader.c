/* loader: see loader.h. */
#include "loader.h"

#include "../base/heap.h"
#include "../observe/callback.h"
#include "elf.h"
#include "migration.h"
#include "options.h"
#include "order.h"
#include "tables.h"
#include "trust.h"
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { DESCRIPTION_MAX = 1 << 16 };

/* ABI 1.0 ended here: no plugin has a smaller description. */
static const uint32_t least_size = offsetof(struct ouse_plugin, analyse) + sizeof(ouse_analyse_fn);

static ouse_rc check_abi(const struct loaded_plugin *plugin, const struct ouse_abi *abi,
                         struct problem *problem)
{
    if (abi->magic != OUSE_ABI_MAGIC)
        return plugin_refuse(
            plugin, problem,
            "ouse_plugin() returns something that begins with 0x%08x, not with 0x%08x; define it "
            "with OUSE_PLUGIN(…) of <ouse/plugin.h>",
            (unsigned)abi->magic, (unsigned)OUSE_ABI_MAGIC);
    if (abi->major != OUSE_ABI_MAJOR)
        return plugin_refuse(
            plugin, problem,
            "it is built for plugin ABI %u.%u, this server has %d.%d; build it with this server's "
            "headers",
            abi->major, abi->minor, OUSE_ABI_MAJOR, OUSE_ABI_MINOR);
    if (abi->needs_minor > OUSE_ABI_MINOR)
        return plugin_refuse(
            plugin, problem,
            "it needs plugin ABI %d.%u, this server has %d.%d; update Ouse, or install an older "
            "build of it",
            OUSE_ABI_MAJOR, abi->needs_minor, OUSE_ABI_MAJOR, OUSE_ABI_MINOR);
    if (abi->size < least_size || abi->size > DESCRIPTION_MAX)
        return plugin_refuse(plugin, problem,
                             "its description says it has %u bytes, that of ABI 1.0 has %u; define it with "
                             "OUSE_PLUGIN(…) of <ouse/plugin.h>",
                             (unsigned)abi->size, (unsigned)least_size);
    return OUSE_OK;
}

/* The plugin is called as its file, which is called as the config names it. */
static ouse_rc check_identity(struct loaded_plugin *plugin, struct problem *problem)
{
    const char *name = plugin->is.name ? plugin->is.name : "", *slash = strrchr(plugin->path, '/');
    const char *file = slash ? slash + 1 : plugin->path;
    size_t n = strlen(name);
    if (strncmp(file, name, n) != 0 || strcmp(file + n, ".so") != 0)
        return plugin_refuse(plugin, problem, "the plugin in it is called \"%s\"; name the file %s.so", name,
                             name);
    plugin->major = order_major(plugin->is.version ? plugin->is.version : "");
    if (plugin->major < 0)
        return plugin_refuse(plugin, problem, "its version is \"%s\"; it must be semantic, as in 1.4.0",
                             plugin->is.version ? plugin->is.version : "");
    return OUSE_OK;
}

static ouse_rc open_code(const struct loaded_plugin *plugin, const struct ouse_plugin *(**entry)(void),
                         struct problem *problem)
{
    void *code = dlopen(plugin->path, RTLD_NOW | RTLD_LOCAL);
    if (!code)
        return plugin_refuse(plugin, problem, "the dynamic linker refuses it: %s", dlerror());
    void *symbol = dlsym(code, "ouse_plugin");
    if (!symbol)
        return plugin_refuse(
            plugin, problem,
            "it has no function ouse_plugin; define it with OUSE_PLUGIN(…) of <ouse/plugin.h>");
    memcpy(entry, &symbol, sizeof symbol); /* ISO C has no cast for this */
    return OUSE_OK;
}

static ouse_rc describe(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem)
{
    const struct ouse_plugin *(*entry)(void) = NULL, *declared = NULL;
    callback_enter(plugin->path, NULL, "loading it");
    ouse_rc rc = open_code(plugin, &entry, problem);
    if (!rc)
        declared = entry();
    callback_leave();
    if (rc)
        return rc;
    if (!declared)
        return plugin_refuse(plugin, problem, "ouse_plugin() returns NULL; define it with OUSE_PLUGIN(…)");
    if (check_abi(plugin, &declared->abi, problem) != OUSE_OK)
        return problem->rc;
    memcpy(&plugin->is, declared,
           declared->abi.size < sizeof plugin->is ? declared->abi.size : sizeof plugin->is);
    if (check_identity(plugin, problem) != OUSE_OK || tables_copy(plugin, arena, problem) != OUSE_OK ||
        migrations_check(plugin, problem) != OUSE_OK)
        return problem->rc;
    return options_declare(plugin, arena, problem);
}

ouse_rc plugin_load(struct arena *arena, const char *path, const char *sha256, const char *pinned_at,
                    struct loaded_plugin **plugin, struct problem *problem)
{
    struct loaded_plugin *made = arena_zero(arena, sizeof *made);
    made->path = arena_copy(arena, ouse_s(path)).p;
    if (trust_file(path, problem) != OUSE_OK ||
        (sha256 && trust_pin(path, sha256, pinned_at, problem) != OUSE_OK) ||
        elf_check(path, problem) != OUSE_OK || describe(made, arena, problem) != OUSE_OK)
        return problem->rc;
    *plugin = made;
    return OUSE_OK;
}

static ouse_rc load_enabled(const struct config *config, const struct config_plugin *enabled,
                            struct arena *arena, struct loaded_plugin **plugin, struct problem *problem)
{
    const char *path =
        enabled->path ? enabled->path : arena_printf(arena, "%s/%s.so", config->plugin_path, enabled->name).p;
    FILE *file = fopen(path, "re");
    if (!file)
        return problem_fail(
            problem, OUSE_E_INVALID,
            "%s: %s is enabled, but %s: %s; install it there, set plugin_path, or take it out of "
            "\"plugins\"",
            enabled->origin, enabled->name, path, strerror(errno));
    fclose(file);
    return plugin_load(arena, path, enabled->sha256, enabled->sha256_origin, plugin, problem);
}

static ouse_rc load_all(const struct config *config, struct plugins *plugins, struct loaded_plugin **loaded,
                        struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < config->n_plugins; i++) {
        struct problem own;
        problem_init(&own, problem->arena);
        if (load_enabled(config, &config->plugins[i], &plugins->arena, &loaded[i], &own))
            rc = problem_append(problem, &own);
    }
    return rc;
}

static ouse_rc sort(struct plugins *plugins, struct loaded_plugin **loaded, struct problem *problem)
{
    struct order_item *items = arena_zero(problem->arena, (plugins->n + 1) * sizeof *items);
    uint32_t *order = arena_zero(problem->arena, (plugins->n + 1) * sizeof *order);
    for (uint32_t i = 0; i < plugins->n; i++)
        items[i] = (struct order_item){loaded[i]->is.name, loaded[i]->is.version, loaded[i]->is.needs};
    if (order_by_needs(items, plugins->n, order, problem) != OUSE_OK)
        return problem->rc;
    plugins->at = arena_zero(&plugins->arena, (plugins->n + 1) * sizeof *plugins->at);
    for (uint32_t i = 0; i < plugins->n; i++)
        plugins->at[i] = loaded[order[i]];
    return OUSE_OK;
}

static ouse_rc fill_all(const struct config *config, struct plugins *plugins, struct problem *problem)
{
    void **selves = arena_zero(problem->arena, plugins->n * sizeof *selves);
    ouse_rc rc = options_fill_all(plugins, config, selves, problem);
    for (uint32_t i = 0; i < plugins->n && !rc; i++)
        plugins->at[i]->self = selves[i];
    return rc;
}

ouse_rc plugins_load(const struct config *config, struct plugins **plugins, struct problem *problem)
{
    struct plugins *made = heap_zero(sizeof *made);
    made->n = config->n_plugins;
    struct loaded_plugin **loaded = arena_zero(problem->arena, (made->n + 1) * sizeof *loaded);
    if (load_all(config, made, loaded, problem) != OUSE_OK || sort(made, loaded, problem) != OUSE_OK ||
        fill_all(config, made, problem) != OUSE_OK) {
        plugins_free(made);
        return problem->rc;
    }
    *plugins = made;
    return OUSE_OK;
}

void plugins_free(struct plugins *plugins)
{
    if (!plugins)
        return;
    arena_finish(&plugins->arena);
    free(plugins);
}

struct loaded_plugin *plugins_find(const struct plugins *plugins, const char *name)
{
    for (uint32_t i = 0; i < plugins->n; i++)
        if (strcmp(plugins->at[i]->is.name, name) == 0)
            return plugins->at[i];
    return NULL;
}
