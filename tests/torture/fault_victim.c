/* fault_victim: writes to a store while the disk fails, and says what came of it.
 *
 *     fault_victim DIRECTORY write KIND ERRNO CALL LASTING
 *     fault_victim DIRECTORY check
 *
 * Prints one event a line; fault.test.mjs judges them:
 *     refused TEXT        the store could not be opened
 *     job N ok|failed     what writer_run answered
 *     reads ok|broken     whether all that was answered ok can be read, after each job
 *     poisoned TEXT       at the end, when the engine is
 *     fired               at the end, when the fault has struck
 *     has N whole|torn    check: what of a job is there
 *     writes ok|broken    check: whether the store takes a write again
 */
#include "fault.h"
#include "store/writer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { JOBS = 5, PARTS = 4, PART_BYTES = 9000 };

struct job {
    uint32_t number;
    bool ok;
};

static struct ouse_str key_of(char text[24], uint32_t job, uint32_t part)
{
    return (struct ouse_str){text, (uint32_t)snprintf(text, 24, "%03u/%03u", job, part)};
}

/* Small values that share pages and large ones that have their own. */
static struct ouse_str value_of(char text[PART_BYTES], uint32_t job, uint32_t part)
{
    uint32_t n = part % 2 ? PART_BYTES : 50;
    memset(text, (int)('a' + job), n);
    return (struct ouse_str){text, n};
}

static ouse_rc write_parts(struct txn *txn, void *arg)
{
    const struct job *job = arg;
    char key[24], value[PART_BYTES];
    for (uint32_t part = 0; part < PARTS; part++) {
        ouse_rc rc =
            txn_put(txn, DB_RECORDS, key_of(key, job->number, part), value_of(value, job->number, part));
        if (rc)
            return rc;
    }
    return OUSE_OK;
}

/* How many parts of a job are there, as they were written. */
static uint32_t count_parts(struct txn *txn, uint32_t job)
{
    uint32_t n = 0;
    char key[24], expected[PART_BYTES];
    struct ouse_str value;
    for (uint32_t part = 0; part < PARTS; part++)
        n += txn_get(txn, DB_RECORDS, key_of(key, job, part), &value) == OUSE_OK &&
             ouse_same(value, value_of(expected, job, part));
    return n;
}

static bool reads_go_on(struct engine *engine, const struct job *jobs, uint32_t n)
{
    struct txn *txn;
    if (engine_read(engine, &txn))
        return false;
    bool ok = true;
    for (uint32_t i = 0; i < n; i++)
        ok = ok && (!jobs[i].ok || count_parts(txn, i) == PARTS);
    txn_end(txn);
    return ok;
}

static void write_jobs(struct engine *engine)
{
    struct writer *writer;
    struct job jobs[JOBS];
    writer_create(engine, JOBS, &writer);
    for (uint32_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){i, false};
        jobs[i].ok = writer_run(writer, write_parts, &jobs[i], PARTS * PART_BYTES) == OUSE_OK;
        printf("job %u %s\n", i, jobs[i].ok ? "ok" : "failed");
        printf("reads %s\n", reads_go_on(engine, jobs, i + 1) ? "ok" : "broken");
    }
    writer_destroy(writer);
    if (engine_poisoned(engine))
        printf("poisoned %s\n", engine_poisoned(engine));
}

static void check_jobs(struct engine *engine)
{
    struct txn *txn;
    if (engine_read(engine, &txn))
        abort();
    for (uint32_t i = 0; i < JOBS; i++) {
        uint32_t parts = count_parts(txn, i);
        if (parts)
            printf("has %u %s\n", i, parts == PARTS ? "whole" : "torn");
    }
    txn_end(txn);
    struct job one_more = {JOBS, false};
    printf("writes %s\n", writer_run_alone(engine, write_parts, &one_more) ? "broken" : "ok");
}

int main(int argc, char **argv)
{
    bool writes = argc == 7 && strcmp(argv[2], "write") == 0;
    if (!writes && (argc != 3 || strcmp(argv[2], "check") != 0)) {
        fputs("usage: fault_victim DIRECTORY check | write KIND ERRNO CALL LASTING\n", stderr);
        return 2;
    }
    if (writes)
        fault_set(&(struct fault){(enum fault_kind)atoi(argv[3]), atoi(argv[4]), (unsigned)atoi(argv[5]),
                                  atoi(argv[6])});
    struct engine_options options = {.directory = argv[1], .map_size = 8 << 20, .max_readers = 8};
    struct arena arena = {0};
    struct problem problem;
    struct engine *engine;
    problem_init(&problem, &arena);
    if (engine_open(&options, &engine, &problem)) {
        printf("refused %s\n", problem.detail.p);
    } else {
        (writes ? write_jobs : check_jobs)(engine);
        engine_close(engine);
    }
    if (fault_fired())
        puts("fired");
    arena_finish(&arena);
    return 0;
}
