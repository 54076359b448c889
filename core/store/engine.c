/* engine: the LMDB environment, its health and its transactions; see engine.h.
 *
 * Invariants:
 *   - LMDB must not have one file open twice in a process (closing one drops
 *     the locks of both), so all open engines are in one list.
 *   - A read transaction is tied to its slot, not to its thread (MDB_NOTLS),
 *     and ended ones are kept with their slot: renewing one takes no lock of LMDB's.
 *   - An environment whose file another process has grown (MDB_MAP_RESIZED), or
 *     whose meta page could not be written (MDB_PANIC), begins no transaction,
 *     not even a read. It is remapped or reopened as soon as no transaction is
 *     open. Until then writes fail, and so do reads after MDB_PANIC; after
 *     MDB_MAP_RESIZED writes wait a moment first, and reads go to a second
 *     environment (engine_aside.c).
 *
 * Read-ahead stays on: a register fits into memory, and is warm sooner with it. Pages are cleared
 * before use (no MDB_NOMEMINIT): a backup must not contain other memory of the process. */
#include "engine_lmdb.h"

#include "../base/clock.h"
#include "../base/heap.h"
#include "../observe/log.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define STEP          16384      /* pages that are written in a transaction of a draft, about */
#define ROOM_TO_WRITE (1u << 20) /* bytes; a disk with less is full */

/* ---- Opening ---- */

static ouse_rc fail_to_open(struct problem *problem, const struct engine *engine, int code)
{
    const char *directory = engine->directory;
    switch (code) {
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return problem_fail(problem, OUSE_E_UNAVAILABLE,
                            "%s/data.mdb is not a store: name another directory, or restore a backup",
                            directory);
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_INCOMPATIBLE:
        return problem_fail(problem, OUSE_E_UNAVAILABLE,
                            "%s/data.mdb is damaged: keep a copy of it, and restore a backup", directory);
    case EACCES:
    case EPERM:
    case EROFS:
        return problem_fail(problem, OUSE_E_UNAVAILABLE,
                            "%s cannot be written by this user: change its owner or mode", directory);
    case ENOMEM:
        return problem_fail(problem, OUSE_E_UNAVAILABLE,
                            "map_size %" PRIu64 " is more address space than the system gives: lower it",
                            engine->options.map_size);
    default:
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be opened: %s", directory,
                            mdb_strerror(code));
    }
}

static int sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    if (fd >= 0)
        close(fd);
    return failed;
}

/* A new file is on the disk only when its folder is, and a new folder only when its parent is. */
static ouse_rc sync_new(const struct engine *engine, struct problem *problem)
{
    const char *directory = engine->directory;
    if (sync_path(directory) || sync_path(arena_printf(problem->arena, "%s/..", directory).p))
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be synced to the disk: %s", directory,
                            strerror(errno));
    return OUSE_OK;
}

static bool has_file(const struct engine *engine, struct arena *arena)
{
    return access(arena_printf(arena, "%s/data.mdb", engine->directory).p, F_OK) == 0;
}

static ouse_rc prepare_directory(struct engine *engine, struct problem *problem)
{
    const char *directory = engine->directory;
    struct stat status;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "directory %s cannot be made: %s", directory,
                            strerror(errno));
    if (stat(directory, &status) != 0)
        return fail_to_open(problem, engine, errno);
    if (!S_ISDIR(status.st_mode))
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s is not a directory", directory);
    if (access(directory, R_OK | W_OK | X_OK) != 0)
        return fail_to_open(problem, engine, errno);
    engine->device = status.st_dev;
    engine->inode = status.st_ino;
    return OUSE_OK;
}

/* Rejects a map size that LMDB would silently increase. */
static ouse_rc check_map_size(const struct engine *engine, struct problem *problem)
{
    struct stat status;
    struct ouse_str path = arena_printf(problem->arena, "%s/data.mdb", engine->directory);
    if (stat(path.p, &status) != 0 || (uint64_t)status.st_size <= engine->options.map_size)
        return OUSE_OK;
    return problem_fail(problem, OUSE_E_UNAVAILABLE,
                        "map_size is %" PRIu64 ", but %s has %jd bytes already: raise map_size",
                        engine->options.map_size, path.p, (intmax_t)status.st_size);
}

/* 0: it is not the text of a format. */
static uint32_t read_format(struct ouse_str text)
{
    int number = text.n > 0 && text.n <= 4 ? clock_digits(text.p, (int)text.n) : 0;
    return number > 0 ? (uint32_t)number : 0;
}

static ouse_rc refuse_format(const struct engine *engine, struct ouse_str text, struct problem *problem)
{
    const char *advice =
        read_format(text) ? "a newer program wrote it; use that program, or a newer one" : "restore a backup";
    return problem_fail(problem, OUSE_E_UNAVAILABLE,
                        "%s/data.mdb has the store format \"%.*s\", and this program accepts 1 to %d: %s",
                        engine->directory, text.n > 20 ? 20 : (int)text.n, text.p, ENGINE_FORMAT, advice);
}

static struct ouse_str present_format(char text[8])
{
    return (struct ouse_str){text, (uint32_t)snprintf(text, 8, "%d", ENGINE_FORMAT)};
}

/* Reads the format of the store; a new one gets the present format. */
static ouse_rc check_format(struct engine *engine, MDB_txn *txn, int is_new, struct problem *problem)
{
    char text[8];
    struct ouse_str present = present_format(text);
    MDB_val key = {strlen("format"), "format"}, value = {present.n, text};
    int code = is_new ? mdb_put(txn, engine->dbs[DB_META], &key, &value, 0)
                      : mdb_get(txn, engine->dbs[DB_META], &key, &value);
    if (code == MDB_NOTFOUND)
        return fail_to_open(problem, engine, MDB_INVALID);
    if (code)
        return fail_to_open(problem, engine, code);
    struct ouse_str format = {value.mv_data, (uint32_t)value.mv_size};
    engine->format = read_format(format);
    if (engine->format < 1 || engine->format > ENGINE_FORMAT)
        return refuse_format(engine, format, problem);
    return OUSE_OK;
}

uint32_t engine_format(const struct engine *engine)
{
    return engine->format;
}

ouse_rc txn_format(struct txn *txn, uint32_t *format)
{
    struct ouse_str text;
    ouse_rc rc = txn_get(txn, DB_META, ouse_s("format"), &text);
    if (!rc)
        *format = read_format(text);
    return rc;
}

ouse_rc txn_put_format(struct txn *txn)
{
    char text[8];
    return txn_put(txn, DB_META, ouse_s("format"), present_format(text));
}

static ouse_rc open_dbs(struct engine *engine, MDB_txn *txn, struct problem *problem)
{
    MDB_dbi root;
    MDB_stat stat = {0};
    int code = mdb_dbi_open(txn, NULL, 0, &root);
    if (!code)
        code = mdb_stat(txn, root, &stat);
    int is_new = stat.ms_entries == 0 && !engine->options.copied;
    if (!code)
        code = mdb_dbi_open(txn, engine_db_names[DB_META], is_new ? MDB_CREATE : 0, &engine->dbs[DB_META]);
    if (code)
        return fail_to_open(problem, engine, code == MDB_NOTFOUND ? MDB_INVALID : code);
    ouse_rc rc = check_format(engine, txn, is_new, problem);
    for (int db = 0; db < DB_COUNT && !rc; db++) {
        code = mdb_dbi_open(txn, engine_db_names[db], MDB_CREATE, &engine->dbs[db]);
        if (code)
            rc = fail_to_open(problem, engine, code);
    }
    return rc;
}

/* LMDB found its own pages in disagreement, and would abort. */
static void end_damaged(MDB_env *env, const char *what)
{
    const struct engine *engine = mdb_env_get_userctx(env);
    log_error("store", "%s/data.mdb is damaged (%s): keep a copy of it, and restore a backup",
              engine->directory, what);
    _exit(1);
}

static int make_env(struct engine *engine, MDB_env **env)
{
    const struct engine_options *options = &engine->options;
    unsigned flags = MDB_NOTLS | (options->no_sync || options->draft ? MDB_NOSYNC : 0);
    MDB_env *made = NULL;
    int code = mdb_env_create(&made);
    if (!code) {
        mdb_env_set_userctx(made, engine);
        mdb_env_set_assert(made, end_damaged);
    }
    if (!code)
        code = mdb_env_set_mapsize(made, options->map_size);
    if (!code)
        code = mdb_env_set_maxreaders(made, options->max_readers);
    if (!code)
        code = mdb_env_set_maxdbs(made, DB_COUNT);
    if (!code)
        code = mdb_env_open(made, engine->directory, flags, 0600);
    if (code && made)
        mdb_env_close(made);
    else
        *env = made;
    return code;
}

static ouse_rc open_env(struct engine *engine, struct problem *problem)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    if (!engine->options.copied && engine_begin_again(engine, problem->arena))
        log_warn("store", "%s/data.mdb is incomplete and empty: creating it again", engine->directory);
    ouse_rc rc = engine_check_header(engine, problem);
    if (rc)
        return rc;
    int code = make_env(engine, &env);
    if (!code)
        rc = engine_check_pages(engine, env, problem);
    if (!code && !rc)
        code = mdb_txn_begin(env, NULL, 0, &txn);
    if (!rc)
        rc = code ? fail_to_open(problem, engine, code) : open_dbs(engine, txn, problem);
    if (!rc) {
        code = mdb_txn_commit(txn);
        txn = NULL;
        rc = code ? fail_to_open(problem, engine, code) : OUSE_OK;
    }
    if (!rc) {
        engine->env = env;
        return OUSE_OK;
    }
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return rc;
}

static pthread_mutex_t opened_lock = PTHREAD_MUTEX_INITIALIZER;
static struct engine *opened;

static ouse_rc enlist(struct engine *engine, struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    pthread_mutex_lock(&opened_lock);
    for (const struct engine *other = opened; other && !rc; other = other->next)
        if (other->device == engine->device && other->inode == engine->inode)
            rc = problem_fail(problem, OUSE_E_UNAVAILABLE, "%s is open in this process already",
                              engine->directory);
    if (!rc) {
        engine->next = opened;
        opened = engine;
    }
    pthread_mutex_unlock(&opened_lock);
    return rc;
}

static void strike_off(struct engine *engine)
{
    pthread_mutex_lock(&opened_lock);
    struct engine **link = &opened;
    while (*link && *link != engine)
        link = &(*link)->next;
    if (*link)
        *link = engine->next;
    pthread_mutex_unlock(&opened_lock);
}

static void init_calm(pthread_cond_t *calm)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(calm, &attributes);
    pthread_condattr_destroy(&attributes);
}

ouse_rc engine_open(const struct engine_options *options, struct engine **engine, struct problem *problem)
{
    struct engine *made = heap_zero(sizeof *made);
    made->directory = strcpy(heap_alloc(strlen(options->directory) + 1), options->directory);
    made->options = *options;
    made->options.directory = made->directory;
    pthread_mutex_init(&made->lock, NULL);
    init_calm(&made->calm);
    ouse_rc rc = prepare_directory(made, problem);
    bool is_new = !has_file(made, problem->arena);
    if (!rc)
        rc = check_map_size(made, problem);
    if (!rc)
        rc = enlist(made, problem);
    if (!rc)
        rc = open_env(made, problem);
    if (!rc && is_new && !made->options.no_sync)
        rc = sync_new(made, problem);
    if (rc) {
        engine_close(made);
        return rc;
    }
    engine_clear_stale(made);
    *engine = made;
    return OUSE_OK;
}

static void discard(struct txn *txn)
{
    mdb_txn_abort(txn->at);
    free(txn);
}

static void close_env(struct engine *engine)
{
    while (engine->idle) {
        struct txn *txn = engine->idle;
        engine->idle = txn->next;
        discard(txn);
    }
    engine->n_idle = 0;
    engine_close_aside(engine);
    mdb_env_close(engine->env);
    engine->env = NULL;
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    close_env(engine);
    strike_off(engine);
    pthread_cond_destroy(&engine->calm);
    pthread_mutex_destroy(&engine->lock);
    free(engine->directory);
    free(engine);
}

/* ---- Health ---- */

int64_t engine_failing_since(const struct engine *engine)
{
    return atomic_load(&engine->failing_since);
}

static void poison(struct engine *engine, int code)
{
    pthread_mutex_lock(&engine->lock);
    if (!engine_poisoned(engine)) {
        snprintf(engine->poison_text, sizeof engine->poison_text,
                 "a write to the disk failed (%s): check the disk, then restart", mdb_strerror(code));
        log_error("store", "%s: %s", engine->directory, engine->poison_text);
        engine_note_failing(engine, true);
        atomic_store_explicit(&engine->poison, engine->poison_text, memory_order_release);
    }
    pthread_mutex_unlock(&engine->lock);
}

int engine_full(const struct engine *engine)
{
    return atomic_load(&engine->full);
}

/* A disk that fills up in the middle of a write shows as a short write, which
 * LMDB reports as EIO. */
static int disk_is_full(const struct engine *engine)
{
    struct statvfs disk;
    return statvfs(engine->directory, &disk) == 0 && disk.f_bavail * disk.f_frsize < ROOM_TO_WRITE;
}

/* Returns the status of a failed commit. Pages that were written before the meta page are not in
 * use yet: if room runs out there, nothing is lost. If the meta page failed, LMDB reports this when
 * the next transaction begins. Any other failure may have damaged more. */
static ouse_rc fail_to_commit(struct engine *engine, int code)
{
    if (code == EIO && disk_is_full(engine))
        code = ENOSPC;
    bool full = engine_note_room(engine, code);
    if (!engine_refusal(code)) {
        poison(engine, code);
        return OUSE_E_UNAVAILABLE;
    }
    ouse_rc rc = engine_status(code, "commit");
    return full ? ENGINE_FULL : rc;
}

static int reopen(struct engine *engine)
{
    struct arena arena = {0};
    struct problem problem;
    problem_init(&problem, &arena);
    close_env(engine);
    if (open_env(engine, &problem))
        log_error("store", "%s", problem.detail.p);
    arena_finish(&arena);
    return engine->env != NULL;
}

static int remap(struct engine *engine)
{
    int code = mdb_env_set_mapsize(engine->env, 0);
    if (code)
        log_error("store", "%s cannot be mapped again: %s", engine->directory, mdb_strerror(code));
    return code == 0;
}

/* Repairs the environment. Under the lock. If it cannot be reopened, it stays unusable, and the
 * next caller tries again. */
static void heal(struct engine *engine)
{
    if (engine->n_open == 0 && (engine->ailing == MDB_PANIC ? reopen(engine) : remap(engine))) {
        engine->ailing = 0;
        engine->no_wait = 0;
        engine_close_aside(engine);
        pthread_cond_broadcast(&engine->calm);
    }
}

int64_t engine_outgrown_since(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    int64_t since = engine->ailing == MDB_MAP_RESIZED ? engine->outgrown : 0;
    pthread_mutex_unlock(&engine->lock);
    return since;
}

int engine_clear_stale(struct engine *engine)
{
    int cleared = 0;
    pthread_mutex_lock(&engine->lock);
    if (engine->env)
        mdb_reader_check(engine->env, &cleared);
    pthread_mutex_unlock(&engine->lock);
    return cleared;
}

void engine_size(struct engine *engine, uint64_t *used, uint64_t *map)
{
    MDB_envinfo info = {0};
    MDB_stat stat = {0};
    pthread_mutex_lock(&engine->lock);
    if (engine->env) {
        mdb_env_info(engine->env, &info);
        mdb_env_stat(engine->env, &stat);
    }
    pthread_mutex_unlock(&engine->lock);
    *used = stat.ms_psize ? ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize : 0;
    *map = info.me_mapsize;
}

/* ---- Transactions ---- */

static struct txn *make_txn(struct engine *engine, bool writing, bool aside)
{
    struct txn *txn = heap_zero(sizeof *txn);
    txn->engine = engine;
    txn->writing = writing;
    txn->aside = aside;
    return txn;
}

/* ---- A file that was grown, under the lock ---- */

enum { DRAIN = 50, DRAIN_EVERY = 1000, WRITE_WAIT = 2000, WRITE_WAIT_EVERY = 10000 /* ms */ };

/* Whether a snapshot of the first environment is out, so that those of the second are safe. */
static bool has_snapshot(const struct engine *engine)
{
    const struct txn *txn = engine->out;
    while (txn && (txn->writing || !atomic_load(&txn->is_held)))
        txn = txn->next;
    return engine->pin || txn;
}

static void wait_calm(struct engine *engine, int64_t end)
{
    struct timespec until = {end / 1000, end % 1000 * 1000000};
    pthread_cond_timedwait(&engine->calm, &engine->lock, &until);
}

/* Waits for the snapshots that are out to end, so that the file can be mapped again. If one stays out for
 * longer, such as that of an export, writes fail without a wait for some seconds. */
static void await_writable(struct engine *engine)
{
    int64_t now = clock_monotonic();
    if (now >= engine->no_wait) {
        engine->wait = now + WRITE_WAIT;
        engine->no_wait = now + WRITE_WAIT_EVERY;
    }
    while (engine->ailing == MDB_MAP_RESIZED && clock_monotonic() < engine->wait)
        wait_calm(engine, engine->wait);
}

/* When only the pin is left, lets the snapshots of the second environment end, for a moment now and then:
 * with more and more of them, the file could not be mapped again. */
static void let_drain(struct engine *engine)
{
    int64_t now = clock_monotonic();
    if (now >= engine->no_drain) {
        engine->drain = now + DRAIN;
        engine->no_drain = now + DRAIN_EVERY;
    }
    while (engine->ailing && engine->pin && engine->n_open == 1 && clock_monotonic() < engine->drain)
        wait_calm(engine, engine->drain);
}

/* A transaction of the second environment; NULL if the first was healed, or there is no second one. */
static struct txn *admit_aside(struct engine *engine)
{
    let_drain(engine);
    while (engine->ailing == MDB_MAP_RESIZED && !has_snapshot(engine)) {
        pthread_mutex_unlock(&engine->lock); /* those that are out have failed to begin: they end at once */
        sched_yield();
        pthread_mutex_lock(&engine->lock);
        heal(engine);
    }
    if (engine->ailing != MDB_MAP_RESIZED || (!engine->aside && engine_open_aside(engine)))
        return NULL;
    engine->n_aside++;
    return make_txn(engine, false, true);
}

static void dismiss_aside(struct txn *txn)
{
    struct engine *engine = txn->engine;
    discard(txn);
    if (--engine->n_aside || !engine->pin)
        return;
    discard(engine->pin);
    engine->pin = NULL;
    engine->n_open--;
    if (engine->ailing)
        heal(engine);
}

/* ---- In and out ---- */

static void link_out(struct engine *engine, struct txn *txn)
{
    txn->next = engine->out;
    txn->link = &engine->out;
    if (txn->next)
        txn->next->link = &txn->next;
    engine->out = txn;
    engine->n_open++;
}

static void unlink_out(struct txn *txn)
{
    *txn->link = txn->next;
    if (txn->next)
        txn->next->link = txn->link;
}

/* Counts a transaction in; a read takes a kept one, if there is one. NULL while the environment cannot
 * begin any. */
static struct txn *admit(struct engine *engine, bool writing)
{
    struct txn *txn = NULL;
    pthread_mutex_lock(&engine->lock);
    if (engine->ailing)
        heal(engine);
    if (engine->ailing == MDB_MAP_RESIZED && writing)
        await_writable(engine);
    else if (engine->ailing == MDB_MAP_RESIZED)
        txn = admit_aside(engine);
    if (!engine->ailing && !txn) {
        if (!writing && engine->idle) {
            txn = engine->idle;
            engine->idle = txn->next;
            engine->n_idle--;
        } else {
            txn = make_txn(engine, writing, false);
        }
        link_out(engine, txn);
    }
    pthread_mutex_unlock(&engine->lock);
    return txn;
}

/* Counts a transaction out. A read that is worth keeping is kept, but half of
 * the slots are left to others, such as the command line. */
static void dismiss(struct txn *txn, bool keep)
{
    struct engine *engine = txn->engine;
    pthread_mutex_lock(&engine->lock);
    if (txn->aside) {
        dismiss_aside(txn);
    } else if (engine->n_aside && !engine->pin && keep) {
        unlink_out(txn);
        engine->pin = txn;
    } else {
        unlink_out(txn);
        atomic_store(&txn->is_held, false);
        if (keep)
            mdb_txn_reset(txn->at);
        if (keep && engine->n_idle < engine->options.max_readers / 2) {
            txn->next = engine->idle;
            engine->idle = txn;
            engine->n_idle++;
        } else {
            discard(txn);
        }
        engine->n_open--;
        if (engine->ailing == MDB_MAP_RESIZED)
            heal(engine);
    }
    pthread_mutex_unlock(&engine->lock);
}

static int start(struct txn *txn)
{
    struct engine *engine = txn->engine;
    int code = txn->at ? mdb_txn_renew(txn->at)
                       : mdb_txn_begin(txn->aside ? engine->aside : engine->env, NULL,
                                       txn->writing ? 0 : MDB_RDONLY, &txn->at);
    if (!code)
        atomic_store(&txn->is_held, true);
    return code;
}

static void mark_ailing(struct engine *engine, int code)
{
    if (code == MDB_PANIC)
        poison(engine, EIO);
    else
        log_info("store", "%s was enlarged by another process: it is mapped again", engine->directory);
    pthread_mutex_lock(&engine->lock);
    if (code == MDB_MAP_RESIZED && engine->ailing != code)
        engine->outgrown = clock_now();
    engine->ailing = code;
    pthread_mutex_unlock(&engine->lock);
}

static ouse_rc begin(struct engine *engine, bool writing, struct txn **txn)
{
    for (;;) {
        struct txn *admitted = writing && engine_poisoned(engine) ? NULL : admit(engine, writing);
        if (!admitted)
            return OUSE_E_UNAVAILABLE;
        int code = start(admitted);
        if (!code) {
            *txn = admitted;
            return OUSE_OK;
        }
        bool aside = admitted->aside, ails = code == MDB_MAP_RESIZED || code == MDB_PANIC;
        if (ails && !aside)
            mark_ailing(engine, code);
        dismiss(admitted, false);
        if (aside && ails)
            return OUSE_E_UNAVAILABLE;
        if (!ails)
            return engine_status(code, "begin");
    }
}

ouse_rc engine_read(struct engine *engine, struct txn **txn)
{
    return begin(engine, false, txn);
}

ouse_rc engine_rehearse(struct engine *engine, struct txn **txn)
{
    ouse_rc rc = begin(engine, false, txn);
    if (rc)
        return rc;
    (*txn)->overlay = overlay_create();
    (*txn)->writes = 0;
    return OUSE_OK;
}

ouse_rc engine_write(struct engine *engine, struct txn **txn)
{
    return begin(engine, true, txn);
}

void txn_end(struct txn *txn)
{
    if (!txn)
        return;
    txn_close_cursors(txn);
    txn->failed = OUSE_OK;
    txn->full = false;
    overlay_destroy(txn->overlay);
    txn->overlay = NULL;
    dismiss(txn, !txn->writing);
}

ouse_rc txn_commit(struct txn *txn)
{
    ouse_rc rc = txn->failed;
    assert(!txn->overlay);
    if (txn->writing && !rc) {
        txn_close_cursors(txn);
        int code = mdb_txn_commit(txn->at);
        txn->at = NULL; /* LMDB has freed it either way */
        rc = code ? fail_to_commit(txn->engine, code) : OUSE_OK;
        if (!code && txn->writes)
            engine_note_room(txn->engine, code);
    }
    txn_end(txn);
    return rc;
}

const char *engine_directory(const struct engine *engine)
{
    return engine->directory;
}

ouse_rc txn_step(struct txn *txn)
{
    if (!txn->engine->options.draft || txn->failed || txn->dirtied < STEP)
        return txn->failed;
    txn_close_cursors(txn);
    txn->dirtied = 0;
    int code = mdb_txn_commit(txn->at);
    txn->at = NULL;
    if (!code)
        code = start(txn);
    if (code) {
        txn->full = fail_to_commit(txn->engine, code) == ENGINE_FULL;
        txn->failed = OUSE_E_UNAVAILABLE;
    }
    return txn->failed;
}

/* The open snapshot prevents a reopening of the environment: LMDB takes another snapshot for the
 * copy. */
ouse_rc engine_copy(struct engine *engine, int fd)
{
    struct txn *held;
    ouse_rc rc = engine_read(engine, &held);
    if (rc)
        return rc;
    rc = engine_status(mdb_env_copyfd2(engine->env, fd, MDB_CP_COMPACT), "copy");
    txn_end(held);
    return rc;
}
