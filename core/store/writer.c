/* writer: group commit; see writer.h.
 *
 * A job lives on the stack of the thread that waits for it, so it must not be
 * touched once it is answered. The thread runs a batch as far as the first job
 * that failed after it wrote, gives the transaction up, runs those before that
 * job again and commits them, and goes on behind it: no job is run more than
 * twice, however many of a batch fail.
 */
#include "writer.h"

#include "../base/clock.h"
#include "../base/heap.h"
#include "../observe/log.h"
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    BATCH_JOBS = 512,
    BATCH_BYTES = 8 << 20,
    ALONE_BYTES = 1 << 20 /* a job over this size shares a transaction with no other */
};

struct job {
    writer_fn fn;
    void *arg;
    size_t bytes;
    ouse_rc rc;
    sem_t answered;
    struct job *next;
};

struct writer {
    struct engine *engine;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the queue and `stopping` */
    pthread_cond_t arrived;
    struct bell bell;
    struct job *first, **last; /* the queue; last is where the next one is linked in */
    bool stopping;
    uint32_t most;
    atomic_uint waiting;
    counter batches, jobs, failed, replays;
    counter refused, lost;           /* jobs that found no place in the queue; batches whose commit failed */
    struct histogram sizes, commits; /* jobs in a batch that was committed; how long that took */
};

static void answer(struct writer *writer, struct job *job)
{
    atomic_fetch_sub(&writer->waiting, 1);
    counter_add(&writer->jobs, 1);
    if (job->rc)
        counter_add(&writer->failed, 1);
    sem_post(&job->answered);
}

/* Answers the jobs from `job` to before `end`. A failure of them all takes the
 * place of their success. */
static void answer_all(struct writer *writer, struct job *job, const struct job *end, ouse_rc rc)
{
    while (job != end) {
        struct job *next = job->next;
        if (!job->rc)
            job->rc = rc;
        answer(writer, job);
        job = next;
    }
}

/* The commit of the jobs from `job` to before `end`. */
static ouse_rc commit(struct writer *writer, struct txn *txn, const struct job *job, const struct job *end)
{
    int64_t began = clock_micros();
    uint64_t n = 0;
    ouse_rc rc = txn_commit(txn) ? OUSE_E_UNAVAILABLE : OUSE_OK;
    for (; job != end; job = job->next)
        n++;
    counter_add(&writer->batches, 1);
    counter_add(&writer->lost, rc != OUSE_OK);
    histogram_add(&writer->sizes, &scale_numbers, n);
    histogram_add(&writer->commits, &scale_seconds, (uint64_t)(clock_micros() - began));
    return rc;
}

/* Runs jobs in one transaction and answers them all. Or, where one fails after
 * it wrote, stops at that one, answers none and returns it. */
static struct job *attempt(struct writer *writer, struct job *first, struct job *end)
{
    struct txn *txn;
    ouse_rc rc = engine_write(writer->engine, &txn);
    for (struct job *job = first; job != end; job = job->next) {
        job->rc = rc;
        if (rc)
            continue;
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
    answer_all(writer, first, end, rc);
    return NULL;
}

static void run(struct writer *writer, struct job *first, struct job *end)
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
        answer(writer, spoiler);
    }
}

/* Under the lock. Takes from the queue what one transaction may hold. */
static struct job *take_batch(struct writer *writer)
{
    struct job *first = writer->first, **link = &writer->first;
    size_t jobs = 0, bytes = 0;
    while (*link && jobs < BATCH_JOBS && bytes < BATCH_BYTES) {
        bool alone = (*link)->bytes > ALONE_BYTES;
        if (alone && jobs > 0)
            break;
        bytes += (*link)->bytes;
        jobs++;
        link = &(*link)->next;
        if (alone)
            break;
    }
    writer->first = *link;
    *link = NULL;
    if (!writer->first)
        writer->last = &writer->first;
    return first;
}

static void *serve(void *arg)
{
    struct writer *writer = arg;
    pthread_mutex_lock(&writer->lock);
    for (;;) {
        while (!writer->first && !writer->stopping)
            pthread_cond_wait(&writer->arrived, &writer->lock);
        if (!writer->first)
            break;
        struct job *batch = take_batch(writer);
        pthread_mutex_unlock(&writer->lock);
        run(writer, batch, NULL);
        pthread_mutex_lock(&writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* Signals are for the main thread. */
static int start_thread(struct writer *writer)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&writer->thread, NULL, serve, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static void discard(struct writer *writer)
{
    bell_finish(&writer->bell);
    pthread_cond_destroy(&writer->arrived);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

ouse_rc writer_create(struct engine *engine, uint32_t most, struct writer **writer)
{
    struct writer *made = heap_zero(sizeof *made);
    made->engine = engine;
    made->most = most;
    made->last = &made->first;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->arrived, NULL);
    bell_init(&made->bell);
    int code = start_thread(made);
    if (code) {
        log_error("store", "the writer thread cannot be started: %s", strerror(code));
        discard(made);
        return OUSE_E_UNAVAILABLE;
    }
    *writer = made;
    return OUSE_OK;
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool stopped = writer->stopping;
    writer->stopping = true;
    pthread_cond_signal(&writer->arrived);
    pthread_mutex_unlock(&writer->lock);
    if (!stopped)
        pthread_join(writer->thread, NULL);
}

void writer_destroy(struct writer *writer)
{
    if (!writer)
        return;
    writer_stop(writer);
    discard(writer);
}

/* Queues a job; false when the writer stops, or too many wait. */
static bool enqueue(struct writer *writer, struct job *job)
{
    pthread_mutex_lock(&writer->lock);
    bool queued = !writer->stopping && atomic_load(&writer->waiting) < writer->most;
    if (queued) {
        atomic_fetch_add(&writer->waiting, 1);
        if (!writer->first)
            pthread_cond_signal(&writer->arrived);
        *writer->last = job;
        writer->last = &job->next;
    }
    pthread_mutex_unlock(&writer->lock);
    return queued;
}

ouse_rc writer_run(struct writer *writer, writer_fn fn, void *arg, size_t bytes)
{
    assert(!pthread_equal(pthread_self(), writer->thread));
    struct job job = {.fn = fn, .arg = arg, .bytes = bytes, .rc = OUSE_E_UNAVAILABLE};
    sem_init(&job.answered, 0, 0);
    if (!enqueue(writer, &job))
        counter_add(&writer->refused, 1);
    else
        while (sem_wait(&job.answered) != 0 && errno == EINTR)
            continue;
    sem_destroy(&job.answered);
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
    measure_histogram(out, "writer_commit", "seconds", NULL, "How long commits took.");
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
        return txn_commit(txn) ? OUSE_E_UNAVAILABLE : OUSE_OK;
    txn_end(txn);
    return rc;
}
