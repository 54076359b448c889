/* options: see options.h. */
#include "options.h"

#include "../config/tree.h"
#include "../observe/log.h"

/* Returns the mistake of a row, or NULL. */
static const char *mistake(const struct loaded_plugin *plugin, const struct ouse_option *option, uint32_t i)
{
    uint32_t size = value_size(option->type);
    if (!option->name || !*option->name ||
        option->name[strspn(option->name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return "its name must be of the form [a-z0-9_]+";
    if (strcmp(option->name, TREE_PIN) == 0)
        return "that name is the host's (it pins the build)";
    for (uint32_t before = 0; before < i; before++)
        if (strcmp(plugin->options[before].name, option->name) == 0)
            return "it is declared twice";
    if (!size)
        return "this host does not know its type; update Ouse";
    if ((uint64_t)option->offset + size > plugin->is.self_size)
        return "its member lies outside of the struct (self_size)";
    if (option->min > option->max)
        return "its min is above its max";
    return NULL;
}

static ouse_rc check_default(const struct loaded_plugin *plugin, const struct ouse_option *option,
                             struct problem *problem)
{
    if (!option->dflt)
        return OUSE_OK;
    struct setting dflt = {
        .origin = arena_printf(problem->arena, "%s: the default of an option", plugin->path).p,
        .section = plugin->is.name,
        .text = option->dflt,
    };
    return value_set(option, &dflt, arena_zero(problem->arena, plugin->is.self_size), problem->arena,
                     problem);
}

ouse_rc options_declare(struct loaded_plugin *plugin, struct arena *arena, struct problem *problem)
{
    plugin->options = arena_rows(arena, plugin->is.options.at, plugin->is.options.n,
                                 plugin->is.options.stride, sizeof *plugin->options);
    for (uint32_t i = 0; i < plugin->is.options.n; i++) {
        const struct ouse_option *option = &plugin->options[i];
        const char *wrong = mistake(plugin, option, i);
        if (wrong)
            return plugin_refuse(plugin, problem, "option %u (%s): %s", i + 1,
                                 option->name ? option->name : "no name", wrong);
        if (check_default(plugin, option, problem) != OUSE_OK)
            return problem->rc;
    }
    plugin->n_options = plugin->is.options.n;
    return OUSE_OK;
}

ouse_rc options_fill(const struct loaded_plugin *plugin, const struct config *config, struct arena *keep,
                     void **self, struct problem *problem)
{
    void *filled = plugin->is.self_size ? arena_zero(keep, plugin->is.self_size) : NULL;
    if (config_section(config, plugin->is.name, plugin->options, plugin->n_options, filled, keep, problem) !=
        OUSE_OK)
        return problem->rc;
    *self = filled;
    return OUSE_OK;
}

/* All mistakes of all plugins. */
ouse_rc options_fill_all(struct plugins *plugins, const struct config *config, void **selves,
                         struct problem *problem)
{
    ouse_rc rc = OUSE_OK, failed;
    for (uint32_t i = 0; i < plugins->n; i++) {
        failed = options_fill(plugins->at[i], config, &plugins->arena, &selves[i], problem);
        rc = rc ? rc : failed;
    }
    return rc;
}

/* ---- Reading the config again ------------------------------------------------- */

/* Returns the struct of a plugin with the reloadable options of a fresh one; NULL if they have not
 * changed. Stores the names of the others that have changed in `waiting`, "hubs.pages", or no text. */
static void *merge(const struct loaded_plugin *plugin, const void *fresh, struct arena *keep,
                   struct arena *arena, struct ouse_str *waiting)
{
    void *next = NULL, *self = plugin->self;
    for (uint32_t i = 0; i < plugin->n_options; i++) {
        const struct ouse_option *option = &plugin->options[i];
        if (value_same(option, self, fresh))
            continue;
        if (!(option->flags & OUSE_RELOADABLE)) {
            *waiting = arena_printf(arena, "%.*s%s%s.%s", OUSE_F(*waiting), waiting->n ? ", " : "",
                                    plugin->is.name, option->name);
            continue;
        }
        if (!next) /* a copy, with the members that start has set */
            next = memcpy(arena_alloc(keep, plugin->is.self_size), self, plugin->is.self_size);
        value_copy(option, next, fresh);
    }
    return next;
}

ouse_rc reload_prepare(struct plugins *plugins, const struct config *running, struct reload *reload,
                       struct problem *problem)
{
    struct arena *arena = problem->arena;
    const struct source *source = &running->source;
    *reload = (struct reload){.fresh = arena_zero(arena, (plugins->n + 1) * sizeof *reload->fresh),
                              .next = arena_zero(arena, (plugins->n + 1) * sizeof *reload->next),
                              .waiting = arena_zero(arena, (plugins->n + 1) * sizeof *reload->waiting)};
    if (config_read(arena, source->file, source->sets, source->n_sets, &reload->config, problem) != OUSE_OK ||
        options_fill_all(plugins, reload->config, reload->fresh, problem) != OUSE_OK)
        return problem->rc;
    for (uint32_t i = 0; i < plugins->n; i++)
        reload->next[i] =
            merge(plugins->at[i], reload->fresh[i], &plugins->arena, arena, &reload->waiting[i]);
    return OUSE_OK;
}

static void say_waiting(struct ouse_str names)
{
    if (names.n)
        log_warn("config", "%.*s: changed in the file, takes effect at restart", OUSE_F(names));
}

void reload_adopt(struct plugins *plugins, struct config *running, const struct reload *reload,
                  struct arena *arena)
{
    say_waiting(config_adopt(running, reload->config, arena));
    for (uint32_t i = 0; i < plugins->n; i++) {
        say_waiting(reload->waiting[i]);
        if (reload->next[i])
            plugins->at[i]->self = reload->next[i];
    }
}
