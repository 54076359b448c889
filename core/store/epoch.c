/* epoch: see epoch.h. */
#include "epoch.h"

#include "../base/clock.h"
#include "journal.h"

#define BEGINNING  INT64_C(1735689600000) /* 2025-01-01, in ms */
#define OF_A_MS    4096
#define CLOCK_LATE (1u << 30) /* the distance to the last position is below it */

static const char name[] = "epoch";

ouse_rc epoch_read(struct txn *txn, uint64_t *epoch)
{
    struct ouse_str stored;
    ouse_rc rc = txn_get(txn, DB_META, ouse_s(name), &stored);
    *epoch = 0;
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
    if (stored.n != 8)
        return OUSE_E_INTERNAL;
    *epoch = key_read_u64(stored.p);
    return OUSE_OK;
}

static uint64_t choose(uint64_t last_position, int64_t now)
{
    uint32_t random;
    random_fill(&random, sizeof random);
    uint64_t by_clock =
        now > BEGINNING ? (uint64_t)(now - BEGINNING) * OF_A_MS + 1 + random % (OF_A_MS - 1) : 0;
    return by_clock > last_position ? by_clock : last_position + 1 + random % CLOCK_LATE;
}

ouse_rc epoch_begin(struct txn *txn, int64_t now)
{
    uint64_t epoch, sequence;
    struct key value;
    ouse_rc rc = epoch_read(txn, &epoch);
    if (!rc)
        rc = journal_last(txn, &sequence);
    if (rc)
        return rc;
    key_init(&value);
    key_u64(&value, choose(epoch + sequence, now));
    return txn_put(txn, DB_META, ouse_s(name), key_str(&value));
}
