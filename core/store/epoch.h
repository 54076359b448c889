/* epoch: distinguishes data that clients received before a restore from later data.
 *
 * A restore takes the journal back to the backup, so sequences are used a second time, for other
 * changes. Therefore the server does not issue sequences, but positions:
 *
 *     position = epoch + sequence
 *
 * The epoch is 0 until the first `ouse restore`: a register that was never restored shows its
 * sequences. Each restore begins a new epoch, larger than every position that the register issued
 * before: 4,096 for each millisecond since 2025, of which the last 4,095 are random. So no number
 * is a position of two epochs, and a position stays below 2^53, exact as a JSON number, until 2094.
 *
 * Change positions, event ids and ETags are positions; cursors, idempotency keys, UUIDs of plugins
 * and ETags of lists hash the epoch. The journal itself stays gap-free.
 *
 * If an old data.mdb was put back by other means than `ouse restore`, the store cannot show this,
 * and continues its epoch. */
#ifndef STORE_EPOCH_H
#define STORE_EPOCH_H

#include "engine.h"

/* Reports the epoch of the store; 0 if it was never restored. */
ouse_rc epoch_read(struct txn *txn, uint64_t *epoch);

/* Begins a new epoch in a write transaction. `now` is the wall clock. If the clock is earlier than
 * the last epoch, the new one follows the last position, at a random distance. */
ouse_rc epoch_begin(struct txn *txn, int64_t now);

#endif
