/* ouse: a register server for health partnerships. The one file that names the features and commands that the
 * program has. */
#include "features/features.h"
#include "observe/crash.h"
#include "tools/commands.h"

static const struct feature *const features[] = {
    &feature_aggregate, &feature_expand,      &feature_history, &feature_bulk,     &feature_feed,
    &feature_batch,     &feature_idempotency, &feature_search,  &feature_accounts, NULL,
};

/* In the order of the help. */
static const struct cli_command *const commands[] = {
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
    &cli_plugin_show,
    &cli_plugin_new,
    &cli_plugin_check,
    &cli_keys,
    &cli_version,
    NULL,
};

int main(int argc, char **argv)
{
    crash_install();
    int status = cli_main(argc, argv, commands, features);
    crash_expect_exit();
    return status;
}
