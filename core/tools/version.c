/* ouse version. */
#include "commands.h"
#include <stdio.h>

static int version(const struct cli *cli)
{
    (void)cli;
    printf("ouse %s, plugin ABI %d.%d\n", OUSE_VERSION, OUSE_ABI_MAJOR, OUSE_ABI_MINOR);
    return CLI_OK;
}

const struct cli_command cli_version = {.name = "version",
                                        .arguments = "",
                                        .summary = "print the version of the program and of the plugin ABI",
                                        .run = version};
