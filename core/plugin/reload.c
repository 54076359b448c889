/* reload: see reload.h. What a plugin has got stays allocated until the end: a
 * request may still hold the struct before.
 */
#include "reload.h"

#include "../observe/log.h"
#include "options.h"

static void say_waiting(struct ouse_str names)
{
    if (names.n)
        log_warn("config", "%.*s: changed in the file, takes effect at restart", OUSE_F(names));
}

static ouse_rc fill_all(struct plugins *plugins, const struct config *fresh, void **selves,
                        struct problem *problem)
{
    for (uint32_t i = 0; i < plugins->n; i++)
        if (options_fill(plugins->at[i], fresh, &plugins->arena, &selves[i], problem) != OUSE_OK)
            return problem->rc;
    return OUSE_OK;
}

ouse_rc plugins_reload(struct plugins *plugins, struct config *running, struct problem *problem)
{
    struct arena *arena = problem->arena;
    const struct source *source = &running->source;
    struct config *fresh;
    void **selves = arena_zero(arena, (plugins->n + 1) * sizeof *selves);
    if (config_read(arena, source->file, source->sets, source->n_sets, &fresh, problem) != OUSE_OK ||
        fill_all(plugins, fresh, selves, problem) != OUSE_OK)
        return problem->rc;
    say_waiting(config_adopt(running, fresh, arena));
    for (uint32_t i = 0; i < plugins->n; i++)
        say_waiting(options_adopt(plugins->at[i], selves[i], &plugins->arena, arena));
    return OUSE_OK;
}
