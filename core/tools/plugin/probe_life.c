/* Probes of a plugin's life: how it fits, starts, is reconfigured and stops. */
#include "sandbox.h"

#include "../../host/options.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- declaration ---------------------------------------------------------------- */

void probe_declaration(struct probe *probe)
{
    struct trial trial;
    if (trial_open(probe, SERVER_SCHEMA, NULL, &trial) != OUSE_OK)
        probe_tell_problem(probe, &trial.opened.problem);
    trial_close(&trial);
}

/* ---- neighbours ------------------------------------------------------------------ */

static int is_plugin(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 3 && strcmp(entry->d_name + n - 3, ".so") == 0;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Checks a neighbour. If two plugins fail together and not alone, they clash. */
static void look_at_neighbour(struct probe *probe, const char *path)
{
    const char *own = probe->path;
    struct trial both, alone;
    if (trial_open(probe, SERVER_RULES | SERVER_DRAFT, path, &both) != OUSE_OK) {
        const struct problem problem = both.opened.problem;
        probe->path = path;
        int fails_alone = trial_open(probe, SERVER_RULES | SERVER_DRAFT, NULL, &alone) != OUSE_OK;
        probe->path = own;
        trial_close(&alone);
        if (!fails_alone)
            probe_tell_problem(probe, &problem);
    }
    trial_close(&both);
}

void probe_neighbours(struct probe *probe)
{
    struct server_register opened;
    struct dirent **entries = NULL;
    int n = -1;
    if (cli_open(probe->cli, 0, &opened) == OUSE_OK)
        n = scandir(opened.config->plugin_path, &entries, is_plugin, alphasort);
    if (n < 0)
        probe_tell(probe, PROBE_SKIP, "no plugins are installed; set plugin_path to their folder");
    for (int i = 0; i < n; i++) {
        if (strcmp(entries[i]->d_name, name_of(probe->path)) != 0)
            look_at_neighbour(
                probe,
                arena_printf(&probe->arena, "%s/%s", opened.config->plugin_path, entries[i]->d_name).p);
        free(entries[i]);
    }
    free(entries);
    server_close(&opened);
}

/* ---- start ------------------------------------------------------------------------ */

static int entries_of(const char *folder)
{
    DIR *open = opendir(folder);
    int n = 0;
    while (open && readdir(open))
        n++;
    if (open)
        closedir(open);
    return n;
}

/* Starts and stops the plugin twice. The first time may open files that stay open; the second time
 * must not. */
void probe_start(struct probe *probe)
{
    int files[2], threads[2];
    for (int i = 0; i < 2; i++) {
        struct trial trial;
        int failed = trial_begin(probe, &trial);
        trial_close(&trial);
        if (failed)
            return;
        files[i] = entries_of("/proc/self/fd");
        threads[i] = entries_of("/proc/self/task");
    }
    if (files[1] > files[0])
        probe_tell(probe, PROBE_FAIL, "each start leaves %d open files; close them in stop",
                   files[1] - files[0]);
    if (threads[1] > threads[0])
        probe_tell(probe, PROBE_FAIL, "each start leaves %d threads; join them in stop",
                   threads[1] - threads[0]);
}

/* ---- reload ------------------------------------------------------------------------- */

/* Returns a value other than the default, as it is written, or NULL. */
static const char *other_value(struct probe *probe, const struct ouse_option *option)
{
    const char *dflt = option->dflt ? option->dflt : "";
    if (option->type == OUSE_OPTION_BOOL)
        return strcmp(dflt, "true") == 0 ? "false" : "true";
    if (option->type == OUSE_OPTION_TEXT)
        return NULL;
    int64_t value = option->max ? option->max : option->min + 1;
    if (atoll(dflt) == value)
        value = option->min;
    return arena_printf(&probe->arena, option->type == OUSE_OPTION_DURATION ? "%lldms" : "%lld",
                        (long long)value)
        .p;
}

/* The settings of before, with another value for each option that may change. */
static uint32_t change_options(struct trial *trial)
{
    struct config *config = trial->opened.config;
    const struct loaded_plugin *plugin = trial->plugin;
    const char **sets =
        arena_alloc(&trial->probe->arena, (config->source.n_sets + plugin->n_options) * sizeof *sets);
    uint32_t n = 0;
    for (uint32_t i = 0; i < plugin->n_options; i++) {
        const char *value = other_value(trial->probe, &plugin->options[i]);
        if (value && plugin->options[i].flags & OUSE_RELOADABLE)
            sets[config->source.n_sets + n++] = arena_printf(&trial->probe->arena, "%s.%s=%s",
                                                             plugin->is.name, plugin->options[i].name, value)
                                                    .p;
    }
    memcpy(sets, config->source.sets, config->source.n_sets * sizeof *sets);
    config->source.sets = sets;
    config->source.n_sets += n;
    return n;
}

static void tell_refusal(struct probe *probe, const struct problem *problem)
{
    const char *colon = problem->detail.p && problem->n_errors ? ": " : "";
    probe_tell(probe, PROBE_FAIL, "it cannot be reconfigured: %.*s%s%.*s", OUSE_F(problem->detail), colon,
               OUSE_F(problem->n_errors ? problem->errors[0].detail : ouse_s("")));
}

void probe_reload(struct probe *probe)
{
    struct trial trial;
    if (trial_begin(probe, &trial) == 0) {
        if (change_options(&trial) == 0)
            probe_tell(probe, PROBE_SKIP, "it has no option that is OUSE_RELOADABLE");
        else if (runtime_reload(trial.opened.runtime, trial.opened.config, &trial.opened.problem) != OUSE_OK)
            tell_refusal(probe, &trial.opened.problem);
        if (strncmp(probe_logged(probe), "error ", strlen("error ")) == 0)
            probe_tell(probe, PROBE_FAIL, "it cannot be reconfigured: %s", probe_logged(probe));
    }
    trial_close(&trial);
}
