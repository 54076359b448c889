/* writer: group commit; see writer.h.
 *
 * A job lives on the stack of the thread that waits for it, so it must not be touched after that
 * thread was woken. A batch runs up to the first job that failed after it wrote. Then the
 * transaction is aborted, the jobs before that job run again and are committed, and the batch
 * continues after it: no job runs more than twice, however many fail.
 *
 * Each woken thread wakes the next one, and the last of a batch wakes the next leader. So the
 * leader does not pay for all the waking, and the threads that were woken first have their next
 * jobs in the queue when the next batch begins. */
#include "writer.h"

#include "../base/clock.h"
#include "../base/heap.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    BATCH_JOBS = 512,
    BATCH_BYTES = 2 << 20,
    ALONE_BYTES = 256 << 10 /* a job over this size shares a transaction with no other */
};

struct job {
    writer_fn fn;
    void *arg;
    size_t bytes;
    ouse_rc rc;
    bool answered;
    sem_t turn; /* posted when it is answered, or is to lead */
    struct job *next;
};

struct writer {
    struct engine *engine;
    pthread_mutex_t lock; /* guards the queue, `led` and `stopping` */
    pthread_cond_t finished;
    struct bell bell;
    struct job *first, **last; /* the queue; last is where the next one is linked in */
    bool led, stopping;
    bool in_company; /* the last batch had several jobs; for the leader */
    bool went_alone; /* the last batch was one large job */
    uint32_t most;
    atomic_uint waiting;
    _Atomic(uint64_t) state; /* since << 2 | phase */
    counter batches, jobs, failed, replays;
    counter refused, lost;           /* jobs that found no place in the queue; failed commits */
    struct histogram sizes, commits; /* jobs in a batch that was committed; how long that took */
};

/* Returns the status of a failed commit: ENGINE_FULL if there is no room, otherwise
 * OUSE_E_UNAVAILABLE, whatever the cause. */
static ouse_rc commit_status(ouse_rc rc)
{
    return rc && rc != ENGINE_FULL ? OUSE_E_UNAVAILABLE : rc;
}

static void enter(struct writer *writer, enum writer_phase phase)
{
    uint64_t since = phase == WRITER_IDLE ? 0 : (uint64_t)clock_now();
    atomic_store_explicit(&writer->state, since << 2 | phase, memory_order_relaxed);
}

struct writer_state writer_state(const struct writer *writer)
{
    uint64_t state = atomic_load_explicit(&writer->state, memory_order_relaxed);
    return (struct writer_state){(enum writer_phase)(state & 3), (int64_t)(state >> 2)};
}

/* The commit of the jobs from `job` to before `end`. */
static ouse_rc commit(struct writer *writer, struct txn *txn, const struct job *job, const struct job *end)
{
    int64_t began = clock_micros();
    uint64_t n = 0;
    enter(writer, WRITER_COMMITS);
    ouse_rc rc = commit_status(txn_commit(txn));
    for (; job != end; job = job->next)
        n++;
    counter_add(&writer->batches, 1);
    counter_add(&writer->lost, rc != OUSE_OK);
    histogram_add(&writer->sizes, &scale_numbers, n);
    histogram_add(&writer->commits, &scale_seconds, (uint64_t)(clock_micros() - began));
    return rc;
}

/* Runs jobs in one transaction; if the transaction fails, all of them fail. If a job fails after it
 * wrote, aborts the transaction and returns that job. */
static struct job *attempt(struct writer *writer, struct job *first, const struct job *end)
{
    struct txn *txn;
    enter(writer, WRITER_BEGINS);
    ouse_rc rc = engine_write(writer->engine, &txn);
    enter(writer, WRITER_RUNS);
    for (struct job *job = first; job != end && !rc; job = job->next) {
        uint64_t before = txn_writes(txn);
        job->rc = job->fn(txn, job->arg);
        if (job->rc && txn_writes(txn) != before) {
            txn_end(txn);
            return job;
        }
    }
    if (!rc) {
        rc = commit(writer, txn, first, end);
        bell_ring(&writer->bell);
    }
    for (struct job *job = first; job != end && rc; job = job->next)
        job->rc = job->rc ? job->rc : rc;
    return NULL;
}

static void run(struct writer *writer, struct job *first, const struct job *end)
{
    while (first != end) {
        struct job *spoiler = attempt(writer, first, end);
        if (!spoiler)
            return;
        if (first != spoiler) {
            counter_add(&writer->replays, 1);
            run(writer, first, spoiler);
        }
        first = spoiler->next;
    }
}

static bool is_large(const struct job *job)
{
    return job->bytes > ALONE_BYTES;
}

static bool has_small(const struct writer *writer)
{
    const struct job *job = writer->first;
    while (job && is_large(job))
        job = job->next;
    return job != NULL;
}

/* Takes the jobs of one transaction from the queue: one large job, or small ones. Two large ones
 * never follow each other while small ones wait, so a small one waits for at most one large one.
 * Under the lock. */
static struct job *take_batch(struct writer *writer)
{
    bool large = is_large(writer->first) && !(writer->went_alone && has_small(writer));
    struct job *batch = NULL, **end = &batch, **link = &writer->first;
    size_t jobs = 0, bytes = 0, most = large ? 1 : BATCH_JOBS;
    while (*link && jobs < most && bytes < BATCH_BYTES) {
        struct job *job = *link;
        if (is_large(job) != large) {
            link = &job->next;
            continue;
        }
        *link = job->next;
        *end = job;
        end = &job->next;
        bytes += job->bytes;
        jobs++;
    }
    *end = NULL;
    while (*link)
        link = &(*link)->next;
    writer->last = link;
    writer->went_alone = large;
    return batch;
}

/* Writes a batch and returns it. If several wrote last time, it first yields to threads that are
 * about to queue; it does not wait if the processor is idle. */
static struct job *lead(struct writer *writer)
{
    if (writer->in_company)
        sched_yield();
    pthread_mutex_lock(&writer->lock);
    struct job *batch = take_batch(writer);
    pthread_mutex_unlock(&writer->lock);
    run(writer, batch, NULL);
    if (engine_full(writer->engine))
        writer_run_alone(writer->engine, engine_test_write, NULL);
    enter(writer, WRITER_IDLE);
    writer->in_company = batch->next != NULL;
    for (struct job *job = batch; job; job = job->next)
        job->answered = true;
    return batch;
}

/* Makes the first waiting thread the leader. */
static void pass_on(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->led = writer->first != NULL;
    if (writer->led)
        sem_post(&writer->first->turn);
    else
        pthread_cond_signal(&writer->finished);
    pthread_mutex_unlock(&writer->lock);
}

void writer_create(struct engine *engine, uint32_t most, struct writer **writer)
{
    struct writer *made = heap_zero(sizeof *made);
    made->engine = engine;
    made->most = most;
    made->last = &made->first;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->finished, NULL);
    bell_init(&made->bell);
    *writer = made;
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    while (writer->led)
        pthread_cond_wait(&writer->finished, &writer->lock);
    pthread_mutex_unlock(&writer->lock);
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    writer_stop(writer);
    bell_finish(&writer->bell);
    pthread_cond_destroy(&writer->finished);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

/* Queues a job. Returns false if the writer stops, or if too many jobs wait. If there is no leader,
 * this thread leads. */
static bool enqueue(struct writer *writer, struct job *job, bool *leads)
{
    pthread_mutex_lock(&writer->lock);
    bool queued = !writer->stopping && atomic_load(&writer->waiting) < writer->most;
    if (queued) {
        atomic_fetch_add(&writer->waiting, 1);
        sem_init(&job->turn, 0, 0);
        *writer->last = job;
        writer->last = &job->next;
        *leads = !writer->led;
        writer->led = true;
    }
    pthread_mutex_unlock(&writer->lock);
    return queued;
}

static void wait_for_turn(struct job *job)
{
    while (sem_wait(&job->turn) != 0 && errno == EINTR)
        continue;
}

ouse_rc writer_run(struct writer *writer, writer_fn fn, void *arg, size_t bytes)
{
    struct job job = {.fn = fn, .arg = arg, .bytes = bytes};
    bool leads;
    if (!enqueue(writer, &job, &leads)) {
        counter_add(&writer->refused, 1);
        return OUSE_E_UNAVAILABLE;
    }
    if (!leads)
        wait_for_turn(&job);
    while (!job.answered) {
        struct job *batch = lead(writer);
        if (job.answered)
            break;
        sem_post(
            &batch->turn); /* small jobs went first: they wake each other, and the last one this thread */
        wait_for_turn(&job);
    }
    atomic_fetch_sub(&writer->waiting, 1);
    counter_add(&writer->jobs, 1);
    counter_add(&writer->failed, job.rc != OUSE_OK);
    if (job.next)
        sem_post(&job.next->turn);
    else
        pass_on(writer);
    sem_destroy(&job.turn);
    return job.rc;
}

struct bell *writer_bell(struct writer *writer)
{
    return &writer->bell;
}

uint32_t writer_waiting(const struct writer *writer)
{
    return atomic_load(&writer->waiting);
}

void writer_read_counts(const struct writer *writer, struct writer_counts *counts)
{
    *counts = (struct writer_counts){
        .batches = counter_read(&writer->batches),
        .jobs = counter_read(&writer->jobs),
        .failed = counter_read(&writer->failed),
        .replays = counter_read(&writer->replays),
    };
}

void writer_measure(const struct writer *writer, struct measures *out)
{
    const struct {
        const char *name, *help;
        const counter *value;
    } counters[] = {
        {"writer_change_sets", "Change sets that were run, each whole or not at all.", &writer->jobs},
        {"writer_change_sets_failed", "Those that failed, most by a rule.", &writer->failed},
        {"writer_change_sets_refused", "Change sets that found no place in the queue.", &writer->refused},
        {"writer_commits", "Transactions of change sets, one sync each.", &writer->batches},
        {"writer_commits_failed", "Those that could not be committed.", &writer->lost},
        {"writer_replays", "Times that change sets were run again without one that failed among them.",
         &writer->replays},
    };
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        measure_counter(out, counters[i].name, NULL, NULL, counters[i].help);
        measure_value(out, (double)counter_read(counters[i].value), NULL);
    }
    measure_histogram(out, "writer_batch_size", NULL, NULL, "Change sets in a transaction.");
    measure_buckets(out, &writer->sizes, &scale_numbers, NULL);
    measure_histogram(out, "writer_commit", "seconds", NULL, "Duration of commits.");
    measure_buckets(out, &writer->commits, &scale_seconds, NULL);
    measure_gauge(out, "writer_queue", NULL, NULL, "Change sets that wait, or run.");
    measure_value(out, writer_waiting(writer), NULL);
    measure_gauge(out, "writer_queue_limit", NULL, NULL, "Change sets that may wait.");
    measure_value(out, writer->most, NULL);
}

ouse_rc writer_run_alone(struct engine *engine, writer_fn fn, void *arg)
{
    struct txn *txn;
    ouse_rc rc = engine_write(engine, &txn);
    if (rc)
        return rc;
    rc = fn(txn, arg);
    if (!rc)
        return commit_status(txn_commit(txn));
    txn_end(txn);
    return rc;
}
