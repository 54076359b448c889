/* ouse check, ouse keys: checks and explains the configuration.
 *
 *   config ─> a child process: plugins, options, collections
 *                 ─> data folder, store compared with the collections
 *                 ─> a trial register: rules, start-up, routes, tasks
 *
 * The trial register is an empty one in a temporary folder or, with --migrate, a draft: a copy of
 * the store next to it. In both, the plugins start as they do for `serve`, so the messages are the
 * same. If a step fails, the steps that do not need it still run. */
#include "child.h"
#include "commands.h"

#include "../observe/crash.h"
#include "../observe/log.h"
#include "../store/journal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 60000, MIGRATE_MS = 4 * 3600 * 1000, TRIAL_MAP = 64 << 20, SAID_MAX = 16 };

#define DRAFT_MAP (UINT64_C(1) << 34) /* at least, as a migration makes the copy grow */

struct checking {
    struct server_register *opened; /* the config; the child opens the rest */
    int migrate;
    int has_store;
    const char *folder;    /* of the trial register */
    struct engine *engine; /* of the store itself; opened->engine is that of the trial */
    uint64_t changes;      /* that the migrations made */
};

/* ---- Steps, in the child -------------------------------------------------------------- */

typedef ouse_rc (*step_fn)(struct checking *checking, struct problem *problem);

static ouse_rc check_plugins(struct checking *checking, struct problem *problem)
{
    (void)problem;
    return server_open_parts(checking->opened, SERVER_SCHEMA);
}

static ouse_rc check_store(struct checking *checking, struct problem *problem)
{
    struct server_register *opened = checking->opened;
    const struct record_migration *migrations;
    uint32_t n;
    ouse_rc rc = folder_check(opened->config->data, problem);
    if (rc || !checking->has_store)
        return rc;
    rc = server_open_parts(opened, SERVER_STORE);
    checking->engine = opened->engine;
    opened->engine = NULL;
    migrations = runtime_migrations(opened->runtime, &n);
    return rc ? rc : records_compare(checking->engine, opened->schema, migrations, n, problem);
}

static ouse_rc copy_store(const struct checking *checking, struct problem *problem)
{
    const char *path = arena_printf(problem->arena, "%s/data.mdb", checking->folder).p;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ouse_rc rc = fd < 0 ? OUSE_E_UNAVAILABLE : engine_copy(checking->engine, fd);
    if (fd >= 0 && close(fd) != 0)
        rc = OUSE_E_UNAVAILABLE;
    return rc ? problem_fail(problem, rc, "%s cannot be written: %s", path, strerror(errno)) : OUSE_OK;
}

static uint64_t count_changes(struct engine *engine)
{
    struct txn *txn;
    uint64_t sequence = 0;
    if (engine_read(engine, &txn))
        return 0;
    journal_last(txn, &sequence);
    txn_end(txn);
    return sequence;
}

static ouse_rc open_trial(struct checking *checking, struct problem *problem)
{
    struct server_register *opened = checking->opened;
    uint64_t size = (uint64_t)opened->config->map_size;
    int copied = checking->migrate && checking->has_store;
    ouse_rc rc = copied ? copy_store(checking, problem) : OUSE_OK;
    const struct engine_options options = {.directory = checking->folder,
                                           .map_size = !copied            ? TRIAL_MAP
                                                       : size > DRAFT_MAP ? size
                                                                          : DRAFT_MAP,
                                           .max_readers = (uint32_t)opened->config->max_readers,
                                           .no_sync = 1,
                                           .draft = 1};
    return rc ? rc : engine_open(&options, &opened->engine, problem);
}

static ouse_rc check_migrations(struct checking *checking, struct problem *problem)
{
    struct server_register *opened = checking->opened;
    uint32_t n;
    const struct record_migration *migrations = runtime_migrations(opened->runtime, &n);
    ouse_rc rc = open_trial(checking, problem);
    if (rc)
        return rc;
    uint64_t before = count_changes(opened->engine);
    rc = records_open(opened->engine, NULL, opened->schema, migrations, n, 0, &opened->records, problem);
    if (!rc)
        checking->changes = count_changes(opened->engine) - before;
    return rc;
}

static ouse_rc check_hooks(struct checking *checking, struct problem *problem)
{
    return runtime_bind(checking->opened->runtime, checking->opened->records, problem);
}

static ouse_rc check_start(struct checking *checking, struct problem *problem)
{
    return runtime_start(checking->opened->runtime, problem);
}

static ouse_rc check_routes(struct checking *checking, struct problem *problem)
{
    struct rest rest = {0};
    struct router *router = NULL;
    (void)problem;
    ouse_rc rc = server_mount(checking->opened, &rest, &router);
    server_unmount(&rest, router);
    return rc;
}

static ouse_rc check_tasks(struct checking *checking, struct problem *problem)
{
    return runtime_check_tasks(checking->opened->runtime, problem);
}

/* In the order of serving. A step that others `need` ends the check if it fails. */
static const struct {
    step_fn run;
    int needed;
} steps[] = {
    {check_plugins, 1}, {check_store, 0},  {check_migrations, 1}, {check_hooks, 0},
    {check_start, 0},   {check_routes, 0}, {check_tasks, 0},
};

/* ---- The report ------------------------------------------------------------------------ */

static void print_register(const struct checking *checking)
{
    const struct server_register *opened = checking->opened;
    const struct config *config = opened->config;
    printf("config       %s\n", config->source.file ? config->source.file : "none: all by default");
    printf("data         %s%s\n", config->data,
           checking->has_store ? "" : " (not there yet; serve makes it)");
    printf("listen       %s%s\n", config->listen, config->base_path);
    printf("plugins      %u", (unsigned)opened->plugins->n);
    for (uint32_t i = 0; i < opened->plugins->n; i++)
        printf("%s %s %s", i ? "," : ":", opened->plugins->at[i]->is.name,
               opened->plugins->at[i]->is.version);
    printf("\ncollections  %u\n", (unsigned)schema_count(opened->schema));
    if (config_warning(config))
        printf("warning      %s\n", config_warning(config));
    if (checking->migrate && checking->has_store)
        printf("migrations   %llu changes, made on a draft\n", (unsigned long long)checking->changes);
}

static int run_steps(struct checking *checking)
{
    struct problem *problem = &checking->opened->problem;
    int status = CLI_OK;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        problem_init(problem, &checking->opened->arena);
        if (steps[i].run(checking, problem) == OUSE_OK)
            continue;
        status = cli_fail(problem);
        if (steps[i].needed)
            break;
    }
    return status;
}

/* Plugins log while they start; here only their warnings and errors are of interest. */
static int check_in_child(void *arg, int out)
{
    struct checking *checking = arg;
    crash_in_child(0);
    log_set_level(LOG_WARN);
    int status = run_steps(checking);
    if (status == CLI_OK)
        print_register(checking);
    server_close(checking->opened);
    engine_close(checking->engine);
    return write(out, ".", 1) == 1 ? status : CLI_FAILED;
}

/* ---- In the parent ------------------------------------------------------------------------ */

/* A draft lies on the disk that the register is on, and is as private. */
static ouse_rc make_folder(struct checking *checking)
{
    struct problem *problem = &checking->opened->problem;
    const char *temporary = getenv("TMPDIR");
    const char *parent = checking->migrate && checking->has_store ? checking->opened->config->data
                         : temporary                              ? temporary
                                                                  : "/tmp";
    char *folder = (char *)arena_printf(problem->arena, "%s/ouse-check-XXXXXX", parent).p;
    if (!mkdtemp(folder))
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be made: %s", folder, strerror(errno));
    checking->folder = folder;
    return OUSE_OK;
}

static void remove_folder(struct arena *arena, const char *folder)
{
    unlink(arena_printf(arena, "%s/data.mdb", folder).p);
    unlink(arena_printf(arena, "%s/lock.mdb", folder).p);
    rmdir(folder);
}

/* How the child ended, if it did not come to the end. */
static ouse_rc fail_ending(struct problem *problem, int status, int64_t ms)
{
    const char *ending = child_ending(problem->arena, status, ms);
    if (ending)
        return problem_fail(problem, OUSE_E_INVALID, "the start of the plugins %s", ending);
    return problem_fail(problem, OUSE_E_INVALID, "a plugin ends the process, with status %d, while it starts",
                        WEXITSTATUS(status));
}

static ouse_rc check_all(struct checking *checking)
{
    struct problem *problem = &checking->opened->problem;
    int64_t ms = checking->migrate ? MIGRATE_MS : START_MS;
    struct buffer said;
    int status;
    ouse_rc rc = make_folder(checking);
    if (rc)
        return rc;
    buffer_init(&said, SAID_MAX);
    rc = child_run(check_in_child, checking, ms, &said, &status, problem);
    remove_folder(problem->arena, checking->folder);
    if (!rc && said.n == 0)
        rc = fail_ending(problem, status, ms);
    else if (!rc && WEXITSTATUS(status) != CLI_OK)
        rc = OUSE_E_INVALID; /* the child has reported the reason */
    buffer_finish(&said);
    return rc;
}

static int check(const struct cli *cli)
{
    struct server_register opened;
    struct checking checking = {.opened = &opened, .migrate = cli_value(cli, "migrate") != NULL};
    ouse_rc rc = cli_open(cli, 0, &opened);
    if (!rc) {
        checking.has_store =
            access(arena_printf(&opened.arena, "%s/data.mdb", opened.config->data).p, F_OK) == 0;
        rc = check_all(&checking);
    }
    if (rc && opened.problem.rc)
        cli_fail(&opened.problem);
    server_close(&opened);
    return rc ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
    {"migrate", NULL, "run the migrations, on a draft copy of the register", NULL},
    {.name = NULL},
};

const struct cli_command cli_check = {
    .name = "check",
    .arguments = "",
    .summary = "check the config, the plugins and the store before you serve them",
    .help = "Reports every mistake that would stop serve, with the same messages, and changes nothing. The "
            "check\n  1. reads the config file;\n  2. loads the plugins, in a child process with a time "
            "limit, and checks their options;\n  3. compares the store with the collections that the plugins "
            "declare;\n  4. starts the plugins on an empty register in a temporary folder: hooks, options, "
            "templates,\n     routes and tasks.\nWith --migrate, step 4 uses a copy of the register, in its "
            "data folder, and migrates it. The copy\nis removed afterwards. It can run while the server "
            "runs. Exit code: 0 if serve would start, else 1.",
    .options = options,
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
