/* ouse plugin list. */
#include "commands.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int is_plugin(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 3 && strcmp(entry->d_name + n - 3, ".so") == 0;
}

static int is_enabled(const struct config *config, const char *name)
{
    for (uint32_t i = 0; i < config->n_plugins; i++)
        if (strcmp(config->plugins[i].name, name) == 0)
            return 1;
    return 0;
}

static ouse_rc list_folder(const struct config *config, struct problem *problem)
{
    struct dirent **entries;
    int n = scandir(config->plugin_path, &entries, is_plugin, alphasort);
    if (n < 0)
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s; set plugin_path", config->plugin_path,
                            strerror(errno));
    for (int i = 0; i < n; i++) {
        char *name = entries[i]->d_name;
        name[strlen(name) - 3] = '\0';
        printf("%-20s %s\n", name, is_enabled(config, name) ? "enabled" : "installed");
        free(entries[i]);
    }
    free(entries);
    return OUSE_OK;
}

static int list(const struct cli *cli)
{
    struct server_register opened;
    int status = CLI_OK;
    if (cli_open(cli, 0, &opened) != OUSE_OK || list_folder(opened.config, &opened.problem) != OUSE_OK)
        status = cli_fail(&opened.problem);
    server_close(&opened);
    return status;
}

const struct cli_command cli_plugin_list = {
    .name = "plugin list", .arguments = "", .summary = "list the plugins that are installed", .run = list};
