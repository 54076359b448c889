/* ouse plugin show | new | check: the program ouse-plugin, which is installed next to this one. */
#include "commands.h"

#define PROGRAM "ouse-plugin"

const struct cli_command cli_run_plugin_show = {.name = "plugin show",
                                                .arguments = "NAME|FILE",
                                                .summary = "show what a plugin is, needs and adds",
                                                .program = PROGRAM};
const struct cli_command cli_run_plugin_new = {
    .name = "plugin new",
    .arguments = "NAME [FOLDER]",
    .summary = "write a plugin to begin with: code, build file, page, test",
    .program = PROGRAM};
const struct cli_command cli_run_plugin_check = {.name = "plugin check",
                                                 .arguments = "NAME|FILE",
                                                 .summary = "try whether a plugin does what plugins must",
                                                 .program = PROGRAM};
