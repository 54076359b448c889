/* commands: the tables of the commands. main.c lists those that a program has. */
#ifndef TOOLS_COMMANDS_H
#define TOOLS_COMMANDS_H

#include "command.h"

extern const struct cli_command cli_serve, cli_import, cli_export, cli_backup, cli_restore, cli_verify,
    cli_check, cli_token_create, cli_token_list, cli_token_revoke, cli_account_create, cli_account_list,
    cli_account_show, cli_account_invite, cli_account_suspend, cli_account_restore, cli_account_reset,
    cli_account_grant, cli_account_revoke, cli_account_sign_out, cli_plugin_list, cli_plugin_show,
    cli_plugin_new, cli_plugin_check, cli_run_plugin_show, cli_run_plugin_new, cli_run_plugin_check, cli_keys,
    cli_version;

#endif
