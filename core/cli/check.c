/* ouse check, ouse keys: what the deployer wrote, judged and explained. */
#include "cli.h"

#include <stdio.h>
#include <unistd.h>

static void print_register(const struct cli_register *opened, int has_data)
{
    const struct config *config = opened->config;
    printf("config       %s\n", config->source.file ? config->source.file : "none: all by default");
    printf("data         %s%s\n", config->data, has_data ? "" : " (not there yet; serve makes it)");
    printf("listen       %s%s\n", config->listen, config->base_path);
    printf("plugins      %u", (unsigned)opened->plugins->n);
    for (uint32_t i = 0; i < opened->plugins->n; i++)
        printf("%s %s %s", i ? "," : ":", opened->plugins->at[i]->is.name,
               opened->plugins->at[i]->is.version);
    printf("\ncollections  %u\n", (unsigned)schema_count(opened->schema));
}

/* The store is opened only where there is one: check leaves nothing behind. */
static ouse_rc open_all(const struct cli *cli, struct cli_register *opened, int *has_data)
{
    if (cli_open(cli, CLI_SCHEMA, opened) != OUSE_OK)
        return opened->problem.rc;
    *has_data = access(opened->config->data, F_OK) == 0;
    return *has_data ? cli_open_parts(opened, CLI_STORE) : OUSE_OK;
}

static int check(const struct cli *cli)
{
    struct cli_register opened;
    int status = CLI_OK, has_data = 0;
    if (open_all(cli, &opened, &has_data) == OUSE_OK)
        print_register(&opened, has_data);
    else
        status = cli_fail(&opened.problem);
    cli_close(&opened);
    return status;
}

const struct cli_command cli_check = {
    .name = "check",
    .arguments = "",
    .summary = "say whether the config, the plugins and the store are right",
    .help = "Refuses what serve would refuse, with the same words, and changes nothing.",
    .run = check,
};

static int keys(const struct cli *cli)
{
    (void)cli;
    struct arena arena = {0};
    for (uint32_t i = 0; i < config_n_keys; i++) {
        const struct config_key *key = &config_keys[i];
        struct ouse_str dflt = config_default(key, &arena);
        printf("%-16s %-20.*s %s%s%s%s\n", key->is.name, OUSE_F(dflt), key->is.help, key->choices ? ": " : "",
               key->choices ? key->choices : "", key->is.flags & OUSE_RELOADABLE ? " (reload)" : "");
    }
    arena_finish(&arena);
    return CLI_OK;
}

const struct cli_command cli_keys = {
    .name = "keys",
    .arguments = "",
    .summary = "list the keys of the config file, with their defaults",
    .help = "conf/ouse.conf explains them. Those marked (reload) are read again on SIGHUP.\n"
            "The options of a plugin are shown by \"ouse plugin show NAME\".",
    .run = keys,
};
