/* ouse serve. */
#include "../server/serve.h"
#include "commands.h"
#include <stdio.h>

/* --listen is the key of that name. */
static struct cli with_listen(const struct cli *cli, char setting[300])
{
    struct cli with = *cli;
    const char *listen = cli_value(cli, "listen");
    if (listen && with.n_sets < CLI_SETS_MAX) {
        snprintf(setting, 300, "listen=%s", listen);
        with.sets[with.n_sets++] = setting;
    }
    return with;
}

static int run(const struct cli *cli)
{
    struct server_register opened;
    char setting[300];
    const struct cli with = with_listen(cli, setting);
    const struct server_choice choice = {with.config, with.sets, with.n_sets, with.features};
    ouse_rc rc = server_serve(&choice, &opened);
    if (rc)
        cli_fail(&opened.problem);
    server_close(&opened);
    return rc ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
    {"listen", "ADDR:PORT", "listen address; short for --set listen=ADDR:PORT; port 0 uses a free port",
     NULL},
    {NULL, NULL, NULL, NULL},
};

const struct cli_command cli_serve = {
    .name = "serve",
    .arguments = "",
    .summary = "serve the register over HTTP until SIGTERM",
    .help = "Writes its log to standard error. SIGHUP reads the config file again; SIGTERM and SIGINT finish "
            "accepted\nrequests and stop.",
    .options = options,
    .run = run,
};
