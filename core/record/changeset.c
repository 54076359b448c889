/* changeset: one change set from a request thread through the writer and back. */
#include "../base/clock.h"
#include "internal.h"

struct write {
    struct change_set *set;
    change_fn fn, after;
    void *arg;
    int rehearsed; /* a dry run came to its end */
    int full;      /* a write found no room */
};

/* Reports a full store. Replaces earlier errors: a change that found no room failed for this reason
 * only. */
static ouse_rc store_full(struct change_set *set)
{
    struct problem *problem = set->problem;
    problem_init(problem, set->arena);
    problem_fail(problem, OUSE_E_UNAVAILABLE,
                 "The store is full; nothing was changed. Raise map_size or make room on the disk. Reading "
                 "continues.");
    problem->extra_name = ouse_s("code");
    problem->extra_json = ouse_s("\"store_full\"");
    return problem_add(problem, OUSE_E_UNAVAILABLE, "", "store_full", "there is no room for this change");
}

ouse_rc records_current(struct records *records, struct txn *txn, struct problem *problem)
{
    uint64_t generation;
    ouse_rc rc = meta_get(txn, "generation", &generation, sizeof generation);
    if (rc)
        return store_failed(problem, rc);
    if (generation != records->generation)
        return problem_fail(problem, OUSE_E_UNAVAILABLE,
                            "The register's plugins were changed by another process; restart the server");
    return OUSE_OK;
}

static const struct deadline_owner set_owner = {.what = "The change",
                                                .advice = "nothing was changed; change less at a time"};

static ouse_rc begin(struct change_set *set, struct txn *txn)
{
    ouse_rc rc;
    deadline_begin(&set->deadline, set->budget, &set_owner, NULL);
    problem_init(set->problem, set->arena);
    set->txn = txn;
    set->now = clock_now();
    set->depth = 0;
    set->pending = pending_create(set);
    rc = records_current(set->records, txn, set->problem);
    if (rc)
        return rc;
    rc = journal_end(txn, &set->sequence, set->link);
    return rc ? store_failed(set->problem, rc) : OUSE_OK;
}

static ouse_rc run(struct txn *txn, void *arg)
{
    struct write *write = arg;
    struct change_set *set = write->set;
    ouse_rc rc = begin(set, txn);
    write->rehearsed = 0;
    if (!rc)
        rc = write->fn(set, write->arg);
    if (!rc)
        rc = pending_settle(set);
    if (!rc)
        rc = set->problem->rc;
    if (!rc && write->after)
        rc = write->after(set, write->arg);
    if (!rc) /* hooks that ran for their warnings alone do not fail the set, but lack some */
        rc = change_charge(set, 0);
    write->full = txn_full(txn);
    set->txn = NULL;
    pending_finish(set->pending);
    if (!rc && set->dry_run) {
        write->rehearsed = 1;
        rc = OUSE_E_CONFLICT; /* returns the room of the rehearsal's writes to the transaction */
    }
    return rc;
}

/* No write could begin. */
static ouse_rc not_begun(struct change_set *set, ouse_rc rc)
{
    if (rc != OUSE_E_UNAVAILABLE || !engine_outgrown_since(set->records->engine))
        return store_failed(set->problem, rc);
    return problem_fail(set->problem, rc,
                        "Another process has enlarged the store, and an export or another read that began "
                        "before it is still open; nothing was changed. Writing goes on when that has ended. "
                        "Reading goes on.");
}

ouse_rc records_write(struct change_set *set, change_fn fn, change_fn after, void *arg, size_t bytes)
{
    struct write write = {.set = set, .fn = fn, .after = after, .arg = arg};
    struct records *records = set->records;
    ouse_rc rc = records->writer ? writer_run(records->writer, run, &write, bytes)
                                 : writer_run_alone(records->engine, run, &write);
    if (write.rehearsed)
        return OUSE_OK;
    if (rc == ENGINE_FULL || (rc && write.full))
        return store_full(set);
    return rc && !set->problem->rc ? not_begun(set, rc) : rc;
}

ouse_rc records_rehearse(struct change_set *set, change_fn fn, change_fn after, void *arg)
{
    struct write write = {.set = set, .fn = fn, .after = after, .arg = arg};
    struct records *records = set->records;
    struct txn *txn;
    pthread_mutex_lock(&records->rehearsing);
    ouse_rc rc = engine_rehearse(records->engine, &txn);
    if (!rc) {
        rc = run(txn, &write);
        txn_end(txn);
    }
    pthread_mutex_unlock(&records->rehearsing);
    if (write.rehearsed)
        return OUSE_OK;
    return rc && !set->problem->rc ? store_failed(set->problem, rc) : rc;
}

ouse_rc records_maintain(struct records *records, writer_fn fn, void *arg)
{
    ouse_rc rc = records->writer ? writer_run(records->writer, fn, arg, 0)
                                 : writer_run_alone(records->engine, fn, arg);
    return rc == ENGINE_FULL ? OUSE_E_UNAVAILABLE : rc;
}

/* ---- Readiness ---------------------------------------------------------------- */

enum { PATIENCE = 2000 /* ms that a batch may take while the server is called ready */ };

static const struct {
    const char *code, *detail;
} phases[] = {
    [WRITER_BEGINS] = {"writer_waits", "Writes wait for another process, which holds the write transaction: "
                                       "wait until that command ends, or end it"},
    [WRITER_RUNS] = {"writer_busy", "Writes wait for a change that is still running: a large import, or a "
                                    "hook of a plugin that does not return"},
    [WRITER_COMMITS] = {"writer_commits", "Writes wait for the disk, which has not confirmed a commit"},
};

static void report_writer(const struct records *records, struct readiness *readiness)
{
    struct writer_state state = records->writer ? writer_state(records->writer) : (struct writer_state){0};
    if (state.phase != WRITER_IDLE && clock_now() - state.since > PATIENCE)
        readiness_add(readiness, phases[state.phase].code, state.since, "%s", phases[state.phase].detail);
}

void records_ready(struct records *records, struct txn *txn, struct readiness *readiness)
{
    const char *poisoned = engine_poisoned(records->engine);
    int64_t since = engine_failing_since(records->engine);
    int64_t outgrown = engine_outgrown_since(records->engine);
    struct problem problem;
    problem_init(&problem, readiness->arena);
    if (outgrown && clock_now() - outgrown > PATIENCE)
        readiness_add(readiness, "store_enlarged", outgrown,
                      "Another process has enlarged the store; writes wait for an export or another read "
                      "that began before it");
    if (poisoned)
        readiness_add(readiness, "store_failed", since, "Nothing can be written until a restart: %s",
                      poisoned);
    else if (engine_full(records->engine))
        readiness_add(readiness, "store_full", since,
                      "The last write found no room: raise map_size, or make room on the disk");
    if (records_current(records, txn, &problem) != OUSE_OK)
        readiness_add(readiness, "plugins_changed", 0, "%.*s", OUSE_F(problem.detail));
    report_writer(records, readiness);
}
