/* command: the commands of `ouse`.
 *
 * A command is a row that says its name, arguments, options and help; the
 * parser, `ouse --help` and `ouse COMMAND --help` are made from the rows. A
 * command writes results to standard output and, when it fails, says why on
 * standard error with cli_fail.
 *
 * Adding a command: define a `const struct cli_command cli_NAME` in a file of its own, declare it in
 * commands.h, and add it to the list in main.c.
 */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include "../server/open.h"

enum cli_status { CLI_OK, CLI_FAILED, CLI_USAGE }; /* exit codes */

enum { CLI_OPTIONS_MAX = 16, CLI_SETS_MAX = 64 };

struct cli_option {
    const char *name;  /* "expires": --expires; NULL ends a list */
    const char *value; /* placeholder of its value in help: "90d"; NULL: it has no value */
    const char *help;
    const char *choices; /* accepted values, "ndjson csv"; NULL: the command checks the value */
};

/* The parsed command line. */
struct cli {
    const struct cli_command *command;
    const struct feature *const *features; /* of the program, ended by NULL */
    const char *config;                    /* -c, or NULL */
    const char *sets[CLI_SETS_MAX];
    uint32_t n_sets;
    const char
        *values[CLI_OPTIONS_MAX]; /* of the command's options; "" for one without value; NULL: not given */
    char **arguments;
    int n_arguments;
};

struct cli_command {
    const char *name;                  /* "check", or of two words, "token create" */
    const char *arguments;             /* as help shows them: "NAME", "" */
    int least, most;                   /* how many arguments; most -1: any number */
    const char *summary;               /* one line */
    const char *help;                  /* more, or NULL */
    const struct cli_option *options;  /* its own, ended by a row without name; or NULL */
    int (*run)(const struct cli *cli); /* returns an enum cli_status */
    const char *program; /* in place of `run`: another program next to this one, which has the command */
};

/* Runs the command that argv asks for; returns the exit code. Both lists end with NULL; the commands are in
 * the order of the help. */
int cli_main(int argc, char **argv, const struct cli_command *const *commands,
             const struct feature *const *features);

/* The value of one of the command's options; NULL when it was not given. */
const char *cli_value(const struct cli *cli, const char *option);

/* Reports why something failed; returns CLI_FAILED. */
int cli_fail(const struct problem *problem);

/* ---- For commands ------------------------------------------------------------ */

/* Opens the parts of the register that a command works on, by the config and settings that were given. On
 * failure the register's problem says why. server_close is due either way. */
ouse_rc cli_open(const struct cli *cli, uint32_t parts, struct server_register *opened);

/* Returns the file of a plugin: `what` if it is a path, otherwise the file of that name in
 * plugin_path. */
const char *cli_plugin_file(struct server_register *opened, const char *what);

#endif
