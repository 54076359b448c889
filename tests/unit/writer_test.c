/* writer: whatever fails around it, a job that was answered OK is there whole,
 * and of one that failed there is nothing. */
#include "base/clock.h"
#include "store/writer.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 16 }; /* jobs that may wait */

struct fixture {
    char directory[64];
    struct arena arena;
    struct engine *engine;
    struct writer *writer;
};

static void open_store(struct fixture *f, uint64_t map_size)
{
    struct engine_options wanted = {
        .directory = f->directory, .map_size = map_size, .max_readers = 16, .no_sync = 1};
    struct problem problem;
    problem_init(&problem, &f->arena);
    if (engine_open(&wanted, &f->engine, &problem))
        fail_msg("open: %s", problem.detail.p);
    writer_create(f->engine, MOST, &f->writer);
}

static void close_store(struct fixture *f)
{
    writer_destroy(f->writer);
    engine_close(f->engine);
    f->writer = NULL;
    f->engine = NULL;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->directory, "/tmp/ouse-writer-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    open_store(f, 64 << 20);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    close_store(f);
    arena_finish(&f->arena);
    static const char *const names[] = {"/data.mdb", "/lock.mdb", ""};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->directory, names[i]);
        remove(path);
    }
    free(f);
    return 0;
}

/* A change: two keys that belong together, and how it shall fail. */
struct change {
    uint32_t number;
    enum { SUCCEED, FAIL_AT_ONCE, FAIL_HALF_WAY, FAIL_AT_THE_END } mode;
    uint32_t calls;
};

static struct ouse_str key_of(char text[16], char kind, uint32_t number)
{
    return (struct ouse_str){text, (uint32_t)snprintf(text, 16, "%c%08u", kind, number)};
}

static ouse_rc apply(struct txn *txn, void *arg)
{
    struct change *change = arg;
    char left[16], right[16];
    change->calls++;
    if (change->mode == FAIL_AT_ONCE)
        return OUSE_E_INVALID;
    ouse_rc rc = txn_put(txn, DB_RECORDS, key_of(left, 'l', change->number), ouse_s("v"));
    if (!rc && change->mode == FAIL_HALF_WAY)
        return OUSE_E_CONFLICT;
    if (!rc)
        rc = txn_put(txn, DB_REFERENCES, key_of(right, 'r', change->number), ouse_s("v"));
    if (!rc && change->mode == FAIL_AT_THE_END)
        return OUSE_E_STALE;
    return rc;
}

static const ouse_rc expected_rc[] = {OUSE_OK, OUSE_E_INVALID, OUSE_E_CONFLICT, OUSE_E_STALE};

static int holds(struct txn *txn, uint32_t number)
{
    char left[16], right[16];
    struct ouse_str value;
    int has_left = txn_get(txn, DB_RECORDS, key_of(left, 'l', number), &value) == OUSE_OK;
    int has_right = txn_get(txn, DB_REFERENCES, key_of(right, 'r', number), &value) == OUSE_OK;
    assert_int_equal(has_left, has_right);
    return has_left;
}

static uint64_t count_of(struct txn *txn, enum engine_db db)
{
    uint64_t n = 0;
    assert_int_equal(txn_count(txn, db, &n), OUSE_OK);
    return n;
}

enum { THREADS = 16, EACH = 400 };

struct client {
    struct fixture *f;
    uint32_t first;
    const char *complaint;
};

static int mode_of(uint32_t number)
{
    return number % 7 == 3 ? FAIL_HALF_WAY : number % 11 == 5 ? FAIL_AT_THE_END : number % 5 == 1;
}

static void *write_many(void *arg)
{
    struct client *client = arg;
    for (uint32_t i = 0; i < EACH; i++) {
        struct change change = {client->first + i, mode_of(client->first + i), 0};
        ouse_rc rc = writer_run(client->f->writer, apply, &change, 100);
        if (rc != expected_rc[change.mode])
            client->complaint = "the status is not what the job answered";
    }
    return NULL;
}

static void many_clients_are_answered_rightly(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[THREADS];
    struct client clients[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        clients[i] = (struct client){f, i * EACH, NULL};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &clients[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        if (clients[i].complaint)
            fail_msg("%s", clients[i].complaint);
    }
    uint64_t succeeded = 0;
    struct txn *txn;
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK);
    for (uint32_t number = 0; number < THREADS * EACH; number++) {
        assert_int_equal(holds(txn, number), mode_of(number) == SUCCEED);
        succeeded += mode_of(number) == SUCCEED;
    }
    assert_int_equal(count_of(txn, DB_RECORDS), succeeded);
    assert_int_equal(count_of(txn, DB_REFERENCES), succeeded);
    txn_end(txn);

    struct writer_counts counts;
    writer_read_counts(f->writer, &counts);
    assert_int_equal(counts.jobs, THREADS * EACH);
    assert_int_equal(counts.failed, THREADS * EACH - succeeded);
    assert_in_range(counts.batches, 1, counts.jobs);
    assert_int_equal(writer_waiting(f->writer), 0);
}

static ouse_rc note_thread(struct txn *txn, void *arg)
{
    (void)txn;
    *(pthread_t *)arg = pthread_self();
    return OUSE_OK;
}

static void a_lone_job_is_handed_to_nobody(void **state)
{
    struct fixture *f = *state;
    pthread_t ran;
    assert_int_equal(writer_run(f->writer, note_thread, &ran, 0), OUSE_OK);
    assert_true(pthread_equal(ran, pthread_self()));
}

/* A job that holds the writer until it is let go, so that a queue forms. */
struct gate {
    sem_t entered, opened;
};

static ouse_rc wait_at(struct txn *txn, void *arg)
{
    (void)txn;
    struct gate *gate = arg;
    sem_post(&gate->entered);
    sem_wait(&gate->opened);
    return OUSE_OK;
}

struct call {
    struct fixture *f;
    writer_fn fn;
    void *arg;
    size_t bytes;
    ouse_rc rc;
    pthread_t thread;
};

static void *make_call(void *arg)
{
    struct call *call = arg;
    call->rc = writer_run(call->f->writer, call->fn, call->arg, call->bytes);
    return NULL;
}

static void start_call(struct call *call)
{
    uint32_t before = writer_waiting(call->f->writer);
    assert_int_equal(pthread_create(&call->thread, NULL, make_call, call), 0);
    while (writer_waiting(call->f->writer) == before)
        sched_yield();
}

static void close_gate(struct fixture *f, struct gate *gate, struct call *keeper)
{
    sem_init(&gate->entered, 0, 0);
    sem_init(&gate->opened, 0, 0);
    *keeper = (struct call){.f = f, .fn = wait_at, .arg = gate};
    start_call(keeper);
    sem_wait(&gate->entered);
}

static void open_gate(struct gate *gate, struct call *keeper)
{
    sem_post(&gate->opened);
    pthread_join(keeper->thread, NULL);
    sem_destroy(&gate->entered);
    sem_destroy(&gate->opened);
}

enum { QUEUED = 9 };

/* Queues jobs of the given modes and sizes behind a closed gate, so that they
 * meet in one batch, and lets them go. */
static void run_together(struct fixture *f, struct change changes[QUEUED], const size_t bytes[QUEUED],
                         struct writer_counts *done)
{
    struct gate gate;
    struct call keeper, calls[QUEUED];
    struct writer_counts before, after;
    close_gate(f, &gate, &keeper);
    writer_read_counts(f->writer, &before);
    for (int i = 0; i < QUEUED; i++) {
        calls[i] = (struct call){.f = f, .fn = apply, .arg = &changes[i], .bytes = bytes[i]};
        start_call(&calls[i]);
    }
    assert_int_equal(writer_waiting(f->writer), QUEUED + 1);
    open_gate(&gate, &keeper);
    for (int i = 0; i < QUEUED; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].rc, expected_rc[changes[i].mode]);
    }
    writer_read_counts(f->writer, &after);
    /* The keeper's own batch and job count only once it is let go. */
    *done = (struct writer_counts){after.batches - before.batches - 1, after.jobs - before.jobs - 1,
                                   after.failed - before.failed, after.replays - before.replays};
}

static void assert_phase(struct fixture *f, enum writer_phase phase)
{
    assert_int_equal(writer_state(f->writer).phase, phase);
}

static void the_state_names_the_phase_and_its_start(void **state)
{
    struct fixture *f = *state;
    struct gate gate;
    struct call keeper, waiter;
    struct change change = {.number = 1};
    struct txn *held;
    int64_t before = clock_now();
    assert_phase(f, WRITER_IDLE);
    close_gate(f, &gate, &keeper);
    assert_phase(f, WRITER_RUNS);
    assert_in_range(writer_state(f->writer).since, before, clock_now());
    open_gate(&gate, &keeper);
    assert_phase(f, WRITER_IDLE);

    assert_int_equal(engine_write(f->engine, &held), OUSE_OK);
    waiter = (struct call){.f = f, .fn = apply, .arg = &change};
    start_call(&waiter);
    while (writer_state(f->writer).phase == WRITER_IDLE)
        sched_yield();
    assert_phase(f, WRITER_BEGINS);
    txn_end(held);
    pthread_join(waiter.thread, NULL);
    assert_int_equal(waiter.rc, OUSE_OK);
    assert_phase(f, WRITER_IDLE);
}

struct entry {
    char letter, *log;
};

static ouse_rc write_letter(struct txn *txn, void *arg)
{
    const struct entry *entry = arg;
    (void)txn;
    strncat(entry->log, &entry->letter, 1);
    return OUSE_OK;
}

/* Capital letters are large jobs. */
static void a_small_job_waits_for_one_large_one_at_most(void **state)
{
    static const char queue[] = "ABcDde", ran[] = "AcdeBD";
    struct fixture *f = *state;
    struct gate gate;
    struct call keeper, calls[sizeof queue - 1];
    struct entry entries[sizeof queue - 1];
    char log[sizeof queue] = "";
    close_gate(f, &gate, &keeper);
    for (uint32_t i = 0; i < sizeof queue - 1; i++) {
        entries[i] = (struct entry){queue[i], log};
        calls[i] = (struct call){
            .f = f, .fn = write_letter, .arg = &entries[i], .bytes = queue[i] < 'a' ? 1 << 20 : 100};
        start_call(&calls[i]);
        while (writer_waiting(f->writer) < i + 2)
            sched_yield();
    }
    open_gate(&gate, &keeper);
    for (uint32_t i = 0; i < sizeof queue - 1; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].rc, OUSE_OK);
    }
    assert_string_equal(log, ran);
    assert_int_equal(writer_waiting(f->writer), 0);
}

static void more_than_may_wait_are_refused(void **state)
{
    struct fixture *f = *state;
    struct gate gate;
    struct call keeper, calls[MOST - 1];
    struct change changes[MOST] = {{0}};
    close_gate(f, &gate, &keeper);
    for (uint32_t i = 0; i < MOST - 1; i++) {
        changes[i].number = i;
        calls[i] = (struct call){.f = f, .fn = apply, .arg = &changes[i]};
        start_call(&calls[i]);
    }
    changes[MOST - 1].number = MOST - 1;
    assert_int_equal(writer_run(f->writer, apply, &changes[MOST - 1], 0), OUSE_E_UNAVAILABLE);
    assert_int_equal(changes[MOST - 1].calls, 0);
    open_gate(&gate, &keeper);
    for (uint32_t i = 0; i < MOST - 1; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].rc, OUSE_OK);
    }
    assert_int_equal(writer_run(f->writer, apply, &changes[MOST - 1], 0), OUSE_OK);
}

static void assert_holds_those_that_succeeded(struct fixture *f, const struct change *changes)
{
    struct txn *txn;
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK);
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(holds(txn, changes[i].number), changes[i].mode == SUCCEED);
    txn_end(txn);
}

static void what_queued_is_one_batch(void **state)
{
    struct fixture *f = *state;
    struct change changes[QUEUED] = {{0}};
    size_t bytes[QUEUED] = {0};
    struct writer_counts done;
    for (uint32_t i = 0; i < QUEUED; i++)
        changes[i] = (struct change){i, i == 4 ? FAIL_AT_ONCE : SUCCEED, 0};
    run_together(f, changes, bytes, &done);
    assert_int_equal(done.batches, 1);
    assert_int_equal(done.jobs, QUEUED);
    assert_int_equal(done.failed, 1);
    assert_int_equal(done.replays, 0);
    assert_holds_those_that_succeeded(f, changes);
}

static void a_job_that_fails_after_it_wrote_is_taken_out(void **state)
{
    struct fixture *f = *state;
    static const int modes[QUEUED] = {FAIL_HALF_WAY, SUCCEED, SUCCEED,      FAIL_AT_THE_END, FAIL_HALF_WAY,
                                      SUCCEED,       SUCCEED, FAIL_AT_ONCE, FAIL_AT_THE_END};
    struct change changes[QUEUED] = {{0}};
    size_t bytes[QUEUED] = {0};
    struct writer_counts done;
    for (uint32_t i = 0; i < QUEUED; i++)
        changes[i] = (struct change){i, modes[i], 0};
    run_together(f, changes, bytes, &done);
    assert_holds_those_that_succeeded(f, changes);
    assert_int_equal(done.failed, 5);
    assert_int_equal(done.replays, 2); /* those before 3, those before 8 */
    assert_int_equal(done.batches, 2);
    for (int i = 0; i < QUEUED; i++)
        assert_in_range(changes[i].calls, 1, 2);
}

static void large_jobs_have_a_batch_of_their_own(void **state)
{
    struct fixture *f = *state;
    struct change changes[QUEUED] = {{0}};
    struct writer_counts done;
    for (uint32_t i = 0; i < QUEUED; i++)
        changes[i] = (struct change){i, SUCCEED, 0};
    size_t large[QUEUED] = {10, 10, 2 << 20, 10, 10, 10, 3 << 20, 4 << 20, 10};
    run_together(f, changes, large, &done);
    assert_int_equal(done.batches, 4); /* six small ones, and three large ones */
    assert_holds_those_that_succeeded(f, changes);

    size_t full[QUEUED]; /* eight of 256 KiB are a batch; the ninth is another */
    for (int i = 0; i < QUEUED; i++)
        full[i] = 256 << 10;
    run_together(f, changes, full, &done);
    assert_int_equal(done.batches, 2);
}

static ouse_rc put_large(struct txn *txn, void *arg)
{
    static char piece[1 << 20];
    char key[16];
    return txn_put(txn, DB_RECORDS, key_of(key, 'x', *(uint32_t *)arg),
                   (struct ouse_str){piece, sizeof piece});
}

static ouse_rc delete_large(struct txn *txn, void *arg)
{
    char key[16];
    return txn_delete(txn, DB_RECORDS, key_of(key, 'x', *(uint32_t *)arg));
}

static void a_full_store_refuses_one_job_only(void **state)
{
    struct fixture *f = *state;
    close_store(f);
    open_store(f, 4 << 20);
    uint32_t n = 0;
    while (writer_run(f->writer, put_large, &n, 1) == OUSE_OK)
        n++;
    assert_in_range(n, 2, 4);
    assert_false(engine_full(f->engine)); /* a small write still finds room */

    /* In one batch with a job that does not fit, small ones still go through. */
    struct gate gate;
    struct call keeper, small[2], large;
    struct change changes[2] = {{.number = 100}, {.number = 101}};
    close_gate(f, &gate, &keeper);
    small[0] = (struct call){.f = f, .fn = apply, .arg = &changes[0]};
    large = (struct call){.f = f, .fn = put_large, .arg = &n};
    small[1] = (struct call){.f = f, .fn = apply, .arg = &changes[1]};
    start_call(&small[0]);
    start_call(&large);
    start_call(&small[1]);
    open_gate(&gate, &keeper);
    pthread_join(small[0].thread, NULL);
    pthread_join(large.thread, NULL);
    pthread_join(small[1].thread, NULL);
    assert_int_equal(small[0].rc, OUSE_OK);
    assert_int_equal(large.rc, OUSE_E_UNAVAILABLE);
    assert_int_equal(small[1].rc, OUSE_OK);
    assert_null(engine_poisoned(f->engine));

    struct txn *txn;
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK);
    assert_true(holds(txn, 100));
    assert_true(holds(txn, 101));
    assert_int_equal(count_of(txn, DB_RECORDS), n + 2);
    txn_end(txn);

    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(writer_run(f->writer, delete_large, &i, 1), OUSE_OK);
    assert_int_equal(writer_run(f->writer, put_large, &n, 1), OUSE_OK);
}

static void *write_until_refused(void *arg)
{
    struct client *client = arg;
    struct change change = {client->first, SUCCEED, 0};
    ouse_rc rc;
    while ((rc = writer_run(client->f->writer, apply, &change, 1)) == OUSE_OK)
        change.number++;
    if (rc != OUSE_E_UNAVAILABLE)
        client->complaint = "refused with another status than expected";
    client->first = change.number; /* one behind the last that succeeded */
    return NULL;
}

static void stopping_finishes_what_was_queued(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[4];
    struct client clients[4];
    struct writer_counts counts = {0};
    for (uint32_t i = 0; i < 4; i++) {
        clients[i] = (struct client){f, i * 1000000, NULL};
        assert_int_equal(pthread_create(&threads[i], NULL, write_until_refused, &clients[i]), 0);
    }
    while (counts.jobs < 50) {
        writer_read_counts(f->writer, &counts);
        sched_yield();
    }
    writer_stop(f->writer);
    struct txn *txn;
    uint64_t expected = 0;
    for (uint32_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        if (clients[i].complaint)
            fail_msg("%s", clients[i].complaint);
        expected += clients[i].first - i * 1000000;
    }
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK);
    assert_int_equal(count_of(txn, DB_RECORDS), expected);
    txn_end(txn);
    struct change late = {1, SUCCEED, 0};
    assert_int_equal(writer_run(f->writer, apply, &late, 1), OUSE_E_UNAVAILABLE);
    assert_int_equal(late.calls, 0);
    writer_destroy(NULL);
}

static void alone_is_the_same_without_a_writer(void **state)
{
    struct fixture *f = *state;
    struct change changes[] = {{1, SUCCEED, 0}, {2, FAIL_AT_ONCE, 0}, {3, FAIL_HALF_WAY, 0}, {4, SUCCEED, 0}};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(writer_run_alone(f->engine, apply, &changes[i]), expected_rc[changes[i].mode]);
        assert_int_equal(changes[i].calls, 1);
    }
    struct txn *txn;
    assert_int_equal(engine_read(f->engine, &txn), OUSE_OK);
    assert_int_equal(count_of(txn, DB_RECORDS), 2);
    assert_true(holds(txn, 4));
    txn_end(txn);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_lone_job_is_handed_to_nobody),
        TEST(the_state_names_the_phase_and_its_start),
        TEST(a_small_job_waits_for_one_large_one_at_most),
        TEST(more_than_may_wait_are_refused),
        TEST(many_clients_are_answered_rightly),
        TEST(what_queued_is_one_batch),
        TEST(a_job_that_fails_after_it_wrote_is_taken_out),
        TEST(large_jobs_have_a_batch_of_their_own),
        TEST(a_full_store_refuses_one_job_only),
        TEST(stopping_finishes_what_was_queued),
        TEST(alone_is_the_same_without_a_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
