/* writer: one writes at a time, for all who wait (group commit).
 *
 *   request threads ──job──> queue ──> the first of them: begin, run job, run job, …,
 *        ^                              commit (one sync) ── wake those behind it
 *        └──────────────── status ─────────────┘
 *
 * There is no thread of the writer's own: who finds nobody writing writes, what has
 * queued meanwhile is the next batch, up to a cap in number and bytes, and its
 * first job's thread writes it. So a lone writer waits for nobody.
 * A job that fails before it wrote costs nothing; one that fails after it wrote
 * is taken out: those before it are run again and committed, those behind it
 * follow in the next transaction. So a job's function may be called several
 * times for one call of writer_run, each time as if it were the first; it has
 * no effect outside the transaction and what `arg` holds, and forgets what an
 * earlier call left there.
 * A commit that fails answers OUSE_E_UNAVAILABLE, or ENGINE_FULL, to all of its jobs.
 * After a batch that found no room, the leader tests whether a small write finds it,
 * so engine_full is about the store and not about one large change.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "../base/eventcount.h"
#include "engine.h"

struct writer;

/* Applies one change set. Runs on the thread that writes, which may be another than the one
 * that asked for it; never two at a time. Anything but OUSE_OK takes back all that it wrote. */
typedef ouse_rc (*writer_fn)(struct txn *txn, void *arg);

struct writer_counts {
    uint64_t batches, jobs, failed, replays;
};

/* Where `most` jobs wait already, more are refused (OUSE_E_UNAVAILABLE): while
 * another process holds the write transaction, say, those who wait must not take
 * every thread from those who read. */
void writer_create(struct engine *engine, uint32_t most, struct writer **writer);

/* Returns when what was queued is finished. Later calls of writer_run answer
 * OUSE_E_UNAVAILABLE. Once is enough; one thread calls it. */
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

/* What the writer does, and since when (wall clock, ms). */
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
