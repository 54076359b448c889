/* ouse plugin show.
 *
 * The plugin is loaded in a child process with a time limit: its
 * constructors run at loading, and may crash or hang.
 */
#include "../commands.h"

#include "../../host/show.h"
#include "../../observe/crash.h"
#include "../child.h"
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

enum { CHILD_MS = 10000, TEXT_MAX = 1 << 24 };

/* In the child. */
static ouse_rc show_file(const char *path, int as_json, struct problem *problem)
{
    struct loaded_plugin *plugin;
    cJSON *description;
    if (plugin_load(problem->arena, path, NULL, NULL, &plugin, problem) != OUSE_OK ||
        show_describe(plugin, &description, problem) != OUSE_OK)
        return problem->rc;
    struct buffer out;
    buffer_init(&out, TEXT_MAX);
    if (as_json)
        json_print(&out, description);
    else
        show_print(description, &out);
    fwrite(out.at, 1, out.n, stdout);
    fputs(as_json ? "\n" : "", stdout);
    buffer_finish(&out);
    return OUSE_OK;
}

struct showing {
    const char *path;
    int as_json;
    struct problem *problem;
};

static int show_in_child(void *arg, int out)
{
    const struct showing *showing = arg;
    (void)out;
    crash_in_child(1);
    if (show_file(showing->path, showing->as_json, showing->problem) == OUSE_OK)
        return CLI_OK;
    return cli_fail(showing->problem);
}

static ouse_rc show_safely(struct showing *showing)
{
    struct problem *problem = showing->problem;
    struct buffer nothing;
    int status;
    buffer_init(&nothing, 1);
    ouse_rc rc = child_run(show_in_child, showing, CHILD_MS, &nothing, &status, problem);
    buffer_finish(&nothing);
    if (rc)
        return rc;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE)
        return OUSE_OK; /* the reader of the output has seen enough */
    const char *ending = child_ending(problem->arena, status, CHILD_MS);
    if (ending)
        return problem_fail(problem, OUSE_E_INVALID, "%s: loading it %s", showing->path, ending);
    return WEXITSTATUS(status) == CLI_OK ? OUSE_OK : OUSE_E_INVALID; /* the child has reported the reason */
}

const char *cli_plugin_file(struct server_register *opened, const char *what)
{
    if (strchr(what, '/'))
        return what;
    if (strstr(what, ".so")) /* without a slash, the dynamic linker would search elsewhere */
        return arena_printf(&opened->arena, "./%s", what).p;
    return arena_printf(&opened->arena, "%s/%s.so", opened->config->plugin_path, what).p;
}

static int show(const struct cli *cli)
{
    struct server_register opened;
    const char *what = cli->arguments[0];
    ouse_rc rc = cli_open(cli, 0, &opened);
    if (rc == OUSE_OK) {
        struct showing showing = {cli_plugin_file(&opened, what), cli_value(cli, "json") != NULL,
                                  &opened.problem};
        rc = show_safely(&showing);
    }
    if (opened.problem.rc)
        cli_fail(&opened.problem);
    server_close(&opened);
    return rc == OUSE_OK ? CLI_OK : CLI_FAILED;
}

static const struct cli_option show_options[] = {
    {"json", NULL, "as one JSON document", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct cli_command cli_plugin_show = {
    .name = "plugin show",
    .arguments = "NAME|FILE",
    .least = 1,
    .most = 1,
    .summary = "show what a plugin is, needs and adds",
    .help = "NAME is looked up in plugin_path. The plugin is loaded in a separate process, and not started.",
    .options = show_options,
    .run = show,
};
