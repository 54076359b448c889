/* Epochs: each is larger than all positions before it, whatever the clock says. */
#include "record_fixture.h"
#include "store/epoch.h"

#define IN_2026 INT64_C(1790000000000)
#define IN_2094 INT64_C(3930000000000)

static uint64_t begin(int64_t now)
{
    uint64_t epoch;
    struct txn *txn;
    assert_int_equal(engine_write(f.engine, &txn), OUSE_OK);
    assert_int_equal(epoch_begin(txn, now), OUSE_OK);
    assert_int_equal(epoch_read(txn, &epoch), OUSE_OK);
    assert_int_equal(txn_commit(txn), OUSE_OK);
    return epoch;
}

static void a_store_that_was_never_restored_has_none(void **state)
{
    uint64_t epoch = 1;
    struct txn *txn;
    (void)state;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(epoch_read(txn, &epoch), OUSE_OK);
    txn_end(txn);
    assert_int_equal(epoch, 0);
    assert_int_equal(records_epoch(f.records), 0);
}

static void epochs_grow(void **state)
{
    static const int64_t clocks[] = {0, 0, IN_2026, IN_2026, IN_2026 + 1, IN_2026 - 1, 0, -1, IN_2094, 0};
    uint64_t before = 0;
    (void)state;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        uint64_t epoch = begin(clocks[i]);
        assert_true(epoch > before + last_change());
        assert_true(epoch < UINT64_C(1) << 53);
        before = epoch;
    }
}

static void epochs_of_one_backup_differ(void **state)
{
    uint64_t one = begin(IN_2026);
    (void)state;
    assert_true(begin(IN_2026 + 1000) - one > 1000 * 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_store_that_was_never_restored_has_none, setup, teardown),
        cmocka_unit_test_setup_teardown(epochs_grow, setup, teardown),
        cmocka_unit_test_setup_teardown(epochs_of_one_backup_differ, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
