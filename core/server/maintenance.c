/* maintenance: see maintenance.h. */
#include "maintenance.h"

#include "../base/clock.h"
#include "../observe/log.h"

#define CLEAR_EVERY  60000 /* ms */
#define CLEAR_MOST   1000  /* entries in one transaction */
#define TEST_EVERY   60000 /* ms between tests of writing */
#define RETEST_EVERY 5000  /* the same while the store is full */

static void clear_stale(void *arg)
{
    const struct maintenance *maintenance = arg;
    int n = engine_clear_stale(records_engine(maintenance->records));
    if (n > 0)
        log_info("store", "cleared %d reader slots of ended processes", n);
}

/* Tests whether writes succeed, so that /readyz is about now and not about the last change. */
static void test_write(void *arg)
{
    const struct maintenance *maintenance = arg;
    if (records_maintain(maintenance->records, engine_test_write, NULL) != OUSE_OK)
        log_warn("store", "a test write failed; /readyz gives the reason");
}

static void retest_write(void *arg)
{
    const struct maintenance *maintenance = arg;
    if (engine_full(records_engine(maintenance->records)))
        test_write(arg);
}

struct clearing {
    const struct feature *feature;
    int64_t now;
    uint32_t n;
};

static ouse_rc clear_some(struct txn *txn, void *arg)
{
    struct clearing *clearing = arg;
    return clearing->feature->expire(txn, clearing->now, CLEAR_MOST, &clearing->n);
}

/* In bounded steps, so that no request waits long for the writer. */
static void clear_expired(void *arg)
{
    const struct maintenance *maintenance = arg;
    for (const struct feature *const *feature = maintenance->features; feature && *feature; feature++) {
        struct clearing clearing = {.feature = *feature, .now = clock_now()};
        ouse_rc rc = OUSE_OK;
        if (!(*feature)->expire)
            continue;
        do {
            rc = records_maintain(maintenance->records, clear_some, &clearing);
        } while (!rc && clearing.n == CLEAR_MOST && !ticker_ending(maintenance->ticker));
        if (rc)
            log_warn("store", "expired entries of %s could not be cleared", (*feature)->name);
    }
}

ouse_rc maintenance_start(struct maintenance *maintenance, struct records *records,
                          const struct feature *const *features, struct problem *problem)
{
    *maintenance = (struct maintenance){records, features, ticker_create()};
    ticker_add(maintenance->ticker, CLEAR_EVERY, clear_stale, maintenance);
    ticker_add(maintenance->ticker, CLEAR_EVERY, clear_expired, maintenance);
    ticker_add(maintenance->ticker, TEST_EVERY, test_write, maintenance);
    ticker_add(maintenance->ticker, RETEST_EVERY, retest_write, maintenance);
    return ticker_run(maintenance->ticker)
               ? problem_fail(problem, OUSE_E_INTERNAL, "No thread could be started")
               : OUSE_OK;
}

void maintenance_stop(struct maintenance *maintenance)
{
    ticker_end(maintenance->ticker);
    ticker_destroy(maintenance->ticker);
    maintenance->ticker = NULL;
}
