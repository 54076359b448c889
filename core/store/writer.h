/* writer: group commit: one thread at a time writes, for all that wait.
 *
 *   request threads ──job──> queue ──> the first of them: begin, run job, run job, …,
 *        ^                              commit (one sync) ── wake the next ones
 *        └──────────────── status ─────────────┘
 *
 * The writer has no thread. If no thread writes, the caller writes. Jobs that are queued meanwhile
 * form the next batch, up to a cap in number and bytes, and the thread of its first job writes it.
 * So a single writer never waits for others.
 *
 * If a job fails before it wrote, it costs nothing. If it fails after it wrote, it is removed: the
 * jobs before it run again and are committed, and the jobs after it follow in the next transaction.
 * So the function of a job may run several times for one call of writer_run, each time as if it
 * were the first. It must have no effect outside the transaction and the data of `arg`, and must
 * reset what an earlier run left there.
 *
 * If a commit fails, all of its jobs return OUSE_E_UNAVAILABLE, or ENGINE_FULL. After a batch that
 * found no room, the leader tests whether a small write succeeds, so engine_full is about the store
 * and not about one large change. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "../base/eventcount.h"
#include "engine.h"

struct writer;

/* Applies one change set. Runs on the thread that writes, which may be another than the caller's;
 * never two at a time. If it does not return OUSE_OK, everything that it wrote is undone. */
typedef ouse_rc (*writer_fn)(struct txn *txn, void *arg);

struct writer_counts {
    uint64_t batches, jobs, failed, replays;
};

/* Creates a writer. If `most` jobs wait already, further ones fail (OUSE_E_UNAVAILABLE). For
 * example, while another process holds the write transaction, waiting writers must not occupy every
 * thread that readers need. */
void writer_create(struct engine *engine, uint32_t most, struct writer **writer);

/* Returns when all queued jobs are finished. Later calls of writer_run return OUSE_E_UNAVAILABLE.
 * Call it once, from one thread. */
void writer_stop(struct writer *writer);

/* Stops, if that was not done, and frees. No thread may be in writer_run, or
 * call it later. Legal on NULL. */
void writer_destroy(struct writer *writer);

/* Runs fn in the write transaction and returns after the commit, or with the
 * status with which fn failed. `bytes` is a rough size of the change, for the
 * batch's cap. Any thread, but not from within a job. */
ouse_rc writer_run(struct writer *writer, writer_fn fn, void *arg, size_t bytes);

/* Rung after each commit of the writer's. */
struct bell *writer_bell(struct writer *writer);

/* Jobs that wait now, or run. */
uint32_t writer_waiting(const struct writer *writer);

/* The phase of the writer, and its start (wall clock, ms). */
enum writer_phase {
    WRITER_IDLE,
    WRITER_BEGINS, /* waits for the write transaction, which another process may hold */
    WRITER_RUNS,   /* runs the jobs of a batch */
    WRITER_COMMITS /* waits for the disk */
};
struct writer_state {
    enum writer_phase phase;
    int64_t since;
};
struct writer_state writer_state(const struct writer *writer);

void writer_read_counts(const struct writer *writer, struct writer_counts *counts);
void writer_measure(const struct writer *writer, struct measures *measures);

/* The same for a process without a writer (CLI): one job, one transaction. */
ouse_rc writer_run_alone(struct engine *engine, writer_fn fn, void *arg);

#endif
