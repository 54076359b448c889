/* write: one change set from a request thread through the writer and back. */
#include "../base/clock.h"
#include "internal.h"

struct write {
    struct change_set *set;
    change_fn fn, after;
    void *arg;
    int rehearsed; /* a dry run came to its end */
};

ouse_rc store_failed(struct problem *problem, ouse_rc rc)
{
    if (problem->rc)
        return problem->rc;
    if (rc == OUSE_E_UNAVAILABLE)
        return problem_fail(problem, rc,
                            "The store takes no writes now; nothing was changed. Reading goes on.");
    return problem_fail(problem, OUSE_E_INTERNAL, "The store could not do it; nothing was changed.");
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

static ouse_rc begin(struct change_set *set, struct txn *txn)
{
    ouse_rc rc;
    problem_init(set->problem, set->arena);
    set->txn = txn;
    set->now = clock_now();
    set->depth = 0;
    set->pending = pending_create(set);
    rc = records_current(set->records, txn, set->problem);
    if (rc)
        return rc;
    rc = journal_last(txn, &set->sequence);
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
    set->txn = NULL;
    pending_finish(set->pending);
    if (!rc && set->dry_run) {
        write->rehearsed = 1;
        rc = OUSE_E_CONFLICT; /* gives the transaction back what the rehearsal wrote */
    }
    return rc;
}

ouse_rc records_write(struct change_set *set, change_fn fn, change_fn after, void *arg, size_t bytes)
{
    struct write write = {set, fn, after, arg, 0};
    struct records *records = set->records;
    ouse_rc rc = records->writer ? writer_run(records->writer, run, &write, bytes)
                                 : writer_run_alone(records->engine, run, &write);
    if (write.rehearsed)
        return OUSE_OK;
    return rc && !set->problem->rc ? store_failed(set->problem, rc) : rc;
}

ouse_rc records_maintain(struct records *records, writer_fn fn, void *arg)
{
    return records->writer ? writer_run(records->writer, fn, arg, 0)
                           : writer_run_alone(records->engine, fn, arg);
}
