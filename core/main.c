/* ouse: a register server for health partnerships; and, with OUSE_PLUGIN_PROGRAM, ouse-plugin, which authors
 * of plugins use. The one file that names the features and commands that they have. */
#include "features/features.h"
#include "observe/crash.h"
#include "tools/commands.h"
#include <stdlib.h>

static const struct feature *const features[] = {
    &feature_aggregate, &feature_expand,      &feature_history, &feature_bulk,     &feature_feed,
    &feature_batch,     &feature_idempotency, &feature_search,  &feature_accounts, NULL,
};

/* In the order of the help. */
static const struct cli_command *const commands[] = {
#ifdef OUSE_PLUGIN_PROGRAM
    &cli_plugin_show,
    &cli_plugin_new,
    &cli_plugin_check,
#else
    &cli_serve,
    &cli_import,
    &cli_export,
    &cli_backup,
    &cli_restore,
    &cli_verify,
    &cli_check,
    &cli_token_create,
    &cli_token_list,
    &cli_token_revoke,
    &cli_account_create,
    &cli_account_list,
    &cli_account_show,
    &cli_account_invite,
    &cli_account_suspend,
    &cli_account_restore,
    &cli_account_reset,
    &cli_account_grant,
    &cli_account_revoke,
    &cli_account_sign_out,
    &cli_plugin_list,
    &cli_run_plugin_show,
    &cli_run_plugin_new,
    &cli_run_plugin_check,
    &cli_keys,
    &cli_version,
#endif
    NULL,
};

#ifdef OUSE_PLUGIN_PROGRAM
/* The words of `ouse plugin …`, which lack "plugin" here. */
static int run(int argc, char **argv)
{
    static char plugin[] = "plugin";
    char **words = calloc((size_t)argc + 2, sizeof *words);
    if (!words)
        return CLI_FAILED;
    words[0] = argv[0];
    words[1] = plugin;
    for (int i = 1; i < argc; i++)
        words[i + 1] = argv[i];
    int status = cli_main(argc + 1, words, commands, features);
    free(words);
    return status;
}
#else
static int run(int argc, char **argv)
{
    return cli_main(argc, argv, commands, features);
}
#endif

int main(int argc, char **argv)
{
    crash_install();
    int status = run(argc, argv);
    crash_expect_exit();
    return status;
}
