/* ouse backup, ouse restore: copies the whole register into one file, and back: records, histories,
 * changes, tokens, accounts. A backup is made from one snapshot while the server writes. It is a
 * store itself, so a restore is a copy, with a new epoch. Either file gets its name when it is
 * complete and on disk. */
#include "../base/clock.h"
#include "../features/accounts/account.h"
#include "../store/epoch.h"
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static ouse_rc cannot_write(struct problem *problem, const char *path)
{
    return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
}

/* ---- ouse backup ---------------------------------------------------------------- */

static ouse_rc write_copy(struct server_register *opened, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return cannot_write(&opened->problem, path);
    ouse_rc rc = engine_copy(opened->engine, fd);
    if (rc)
        problem_fail(&opened->problem, rc, "%s cannot be written whole; is there room?", path);
    else if (fsync(fd) != 0)
        rc = cannot_write(&opened->problem, path);
    close(fd);
    return rc;
}

/* A name is on the disk when the folder is that it stands in. */
static ouse_rc sync_name(struct problem *problem, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash ? arena_printf(problem->arena, "%.*s", (int)(slash - path + 1), path).p : ".";
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ouse_rc rc = fd < 0 || fsync(fd) != 0 ? cannot_write(problem, folder) : OUSE_OK;
    if (fd >= 0)
        close(fd);
    return rc;
}

static ouse_rc rename_durably(struct problem *problem, const char *from, const char *to)
{
    if (rename(from, to) != 0)
        return cannot_write(problem, to);
    ouse_rc rc = sync_name(problem, to);
    if (rc)
        unlink(to);
    return rc;
}

static ouse_rc back_up(struct server_register *opened, const char *path)
{
    struct problem *problem = &opened->problem;
    const char *part = arena_printf(&opened->arena, "%s.part", path).p;
    if (access(path, F_OK) == 0)
        return problem_fail(problem, OUSE_E_CONFLICT, "%s is there already; name another file", path);
    unlink(part);
    ouse_rc rc = write_copy(opened, part);
    if (!rc)
        rc = rename_durably(problem, part, path);
    if (rc)
        unlink(part);
    return rc;
}

static int run_backup(const struct cli *cli)
{
    struct server_register opened;
    int status = CLI_OK;
    if (cli_open(cli, SERVER_STORE | SERVER_READS, &opened) != OUSE_OK ||
        back_up(&opened, cli->arguments[0]) != OUSE_OK)
        status = cli_fail(&opened.problem);
    server_close(&opened);
    return status;
}

/* ---- ouse restore --------------------------------------------------------------- */

/* Links and sessions of accounts end: they may have been used, or ended, since the backup. */
static ouse_rc begin_epoch(struct engine *engine)
{
    uint32_t ended;
    struct txn *txn;
    ouse_rc rc = engine_write(engine, &txn);
    if (rc)
        return rc;
    rc = epoch_begin(txn, clock_now());
    if (!rc)
        rc = accounts_expire(txn, INT64_MAX, UINT32_MAX, &ended);
    if (!rc)
        return txn_commit(txn);
    txn_end(txn);
    return rc;
}

/* Checks that the copy is a complete store of this program, and gives it a new epoch. */
static ouse_rc prepare_draft(struct server_register *opened, const char *path)
{
    struct engine_options options = {.directory = folder_draft(&opened->folder, &opened->arena).p,
                                     .map_size = (uint64_t)opened->config->map_size,
                                     .max_readers = (uint32_t)opened->config->max_readers,
                                     .copied = 1,
                                     .check = 1};
    struct problem why;
    problem_init(&why, &opened->arena);
    if (engine_open(&options, &opened->engine, &why) != OUSE_OK)
        return problem_fail(&opened->problem, OUSE_E_INVALID, "%s cannot be restored: %.*s", path,
                            OUSE_F(why.detail));
    ouse_rc rc = begin_epoch(opened->engine);
    engine_close(opened->engine);
    opened->engine = NULL;
    return rc ? problem_fail(
                    &opened->problem, OUSE_E_UNAVAILABLE,
                    "%s cannot be restored: the copy cannot be written to; is there room on the disk "
                    "and in map_size?",
                    path)
              : OUSE_OK;
}

static ouse_rc restore(struct server_register *opened, const char *path)
{
    struct problem *problem = &opened->problem;
    ouse_rc rc = folder_hold(opened->config->data, 1, &opened->folder, problem);
    if (!rc && folder_has_store(&opened->folder))
        rc = problem_fail(problem, OUSE_E_CONFLICT,
                          "There is a register in %s; move it away, or name another folder with --data",
                          opened->config->data);
    if (!rc)
        rc = folder_begin(&opened->folder, path, problem);
    if (rc)
        return rc;
    rc = prepare_draft(opened, path);
    if (!rc)
        rc = folder_keep(&opened->folder, problem);
    if (rc)
        folder_drop(&opened->folder);
    return rc;
}

static int run_restore(const struct cli *cli)
{
    struct server_register opened;
    int status = CLI_OK;
    if (cli_open(cli, 0, &opened) != OUSE_OK || restore(&opened, cli->arguments[0]) != OUSE_OK)
        status = cli_fail(&opened.problem);
    server_close(&opened);
    return status;
}

const struct cli_command cli_backup = {
    .name = "backup",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "copy the whole register into one file, also while it is served",
    .help = "The file has everything as it was at one moment: records, their histories, changes, tokens and\n"
            "accounts. It is there when it is whole and on the disk, and not before.",
    .run = run_backup,
};

const struct cli_command cli_restore = {
    .name = "restore",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "create a register from a backup, in a folder that does not contain one",
    .help =
        "What clients received before (ETags, cursors, positions in the changes, idempotency keys) "
        "is\nrejected afterwards, because the numbers of lost changes are used again. People sign in again, "
        "and links\nto set a password no longer work. \"ouse verify\" checks the register, record by record.",
    .run = run_restore,
};
