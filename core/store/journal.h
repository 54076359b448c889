/* journal: one gap-free sequence of all changes, in commit order.
 *
 * Written in the transaction of the change that it tells of; the change feed,
 * the audit log and `ouse verify` read it. An entry is
 *
 *     at(8) op(1) visibility(1) collection(4) revision(4) n-id(1) id n-actor(1) actor
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "keys.h"

enum journal_op {
    JOURNAL_CREATE = 1,
    JOURNAL_UPDATE,
    JOURNAL_MOVE,
    JOURNAL_REMOVE,
    JOURNAL_MERGE,
    JOURNAL_RECHECK
};

struct journal_entry {
    int64_t at; /* ms */
    uint8_t op;
    uint8_t visibility; /* the least role that is told: who could see the record before or can now */
    uint32_t collection, revision;
    struct ouse_str id, actor; /* actor is cut at 255 bytes */
};

/* The sequence of the last entry; 0 when there is none. */
ouse_rc journal_last(struct txn *txn, uint64_t *sequence);

/* Appends under the given sequence, which is the last one's successor. */
ouse_rc journal_append(struct txn *txn, uint64_t sequence, const struct journal_entry *entry);

/* Takes a stored entry to pieces, which point into it; 0, or -1 when it is damaged. */
int journal_read(struct ouse_str stored, struct journal_entry *entry);

const char *journal_op_name(uint8_t op); /* "create" …; "unknown" */

#endif
