/* command: the commands of `ouse`.
 *
 * A command is a row that says its name, arguments, options and help; the
 * parser, `ouse --help` and `ouse COMMAND --help` are made from the rows. A
 * command writes results to standard output and, when it fails, says why on
 * standard error with cli_fail.
 *
 * Adding a command: define a `const struct cli_command cli_NAME` in a file of its
 * own, declare it below, and add it to the list in command.c.
 */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include "../host/plugin_host.h"
#include "../store/folder.h"

enum cli_status { CLI_OK, CLI_FAILED, CLI_USAGE }; /* exit codes */

enum { CLI_OPTIONS_MAX = 16, CLI_SETS_MAX = 64 };

struct cli_option {
    const char *name;  /* "expires": --expires; NULL ends a list */
    const char *value; /* what stands for its value in help: "90d"; NULL: it takes none */
    const char *help;
    const char *choices; /* what the value may be, "ndjson csv"; NULL: the command looks itself */
};

/* What was asked for. */
struct cli {
    const struct cli_command *command;
    const char *config; /* -c, or NULL */
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
};

/* The commands. */
extern const struct cli_command cli_serve, cli_import, cli_export, cli_backup, cli_restore, cli_verify,
    cli_check, cli_token_create, cli_token_list, cli_token_revoke, cli_account_create, cli_account_list,
    cli_account_show, cli_account_invite, cli_account_suspend, cli_account_restore, cli_account_reset,
    cli_account_grant, cli_account_revoke, cli_account_sign_out, cli_plugin_list, cli_plugin_show,
    cli_plugin_new, cli_plugin_check, cli_keys, cli_version;

/* Runs the command that argv asks for; returns the exit code. */
int cli_main(int argc, char **argv);

/* The value of one of the command's options; NULL when it was not given. */
const char *cli_value(const struct cli *cli, const char *option);

/* Says why something failed; returns CLI_FAILED. */
int cli_fail(const struct problem *problem);

/* ---- What commands work on: open.c ---------------------------------------- */

/* Parts of the register, besides the config, which is always read. */
#define CLI_SCHEMA 0x1u /* plugins and their collections, linked */
#define CLI_STORE  0x2u
#define CLI_RULES  0x4u /* the records, with all rules of the plugins; brings the two above */
#define CLI_WRITER 0x8u /* many threads may write: a server, which claims the folder (folder_serve) */
#define CLI_READS \
    0x10u /* a store that is not there, or that the rules would have to change first, is refused */

#define CLI_DRAFT \
    0x20u /* where nobody has the store open: a draft of it (folder.h), which cli_keep puts in its place */

/* All of it lives until cli_close. */
struct cli_register {
    struct arena arena;
    struct problem problem;
    struct config *config;
    struct plugins *plugins;
    struct schema *schema;
    struct runtime *runtime; /* with CLI_SCHEMA; started with CLI_RULES */
    struct ticker *watchdog; /* with CLI_RULES */
    struct folder folder;    /* held while the store is open */
    struct engine *engine;
    struct writer *writer;
    struct records *records;
};

/* Reads the config and opens the parts. On failure the register's problem says
 * why. cli_close is due either way. */
ouse_rc cli_open(const struct cli *cli, uint32_t parts, struct cli_register *opened);
void cli_close(struct cli_register *opened);

/* Closes the draft, if that is what was opened, and makes it the register. */
ouse_rc cli_keep(struct cli_register *opened);

/* Opens parts of a register that was opened without. */
ouse_rc cli_open_parts(struct cli_register *opened, uint32_t parts);

/* The routes of the register and of its plugins, when its rules are open. What is in *rest
 * and *router is to be freed by cli_unmount, however this ends. */
ouse_rc cli_mount(struct cli_register *opened, struct rest *rest, struct router **router);
void cli_unmount(struct rest *rest, struct router *router);

/* The file of a plugin: `what` when that is a path, else what is called so in plugin_path. */
const char *cli_plugin_file(struct cli_register *opened, const char *what);

#endif
