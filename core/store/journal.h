/* journal: one gap-free sequence of all changes, in commit order.
 *
 * Written in the transaction of the change that it records; the change feed, the audit log and
 * `ouse verify` read it. An entry is
 *
 *     at(8) op(1) audiences(1) collection(4) revision(4) n-id(1) id n-actor(1) actor content(32) link(32)
 *
 * The entries form a hash chain (BLAKE2b of 32 bytes):
 *
 *     content   hash of the version that the entry created: its head and its full view (header.c)
 *     link      hash of the link before, the sequence and the entry up to and including content;
 *               the link before the first entry is 32 zero bytes
 *
 * So a change to a stored version disagrees with its content, and a change to an entry disagrees
 * with its link. `ouse verify` recomputes both. The link can always be recomputed; the content only
 * while the version is stored:
 *   - RECHECK replaces the bytes of a revision without a new revision. The version belongs
 *     to the last entry of its revision, which its head names by sequence; the contents of
 *     the entries before it are part of the chain, but nothing is left to compare them with.
 *   - Zero bytes as content mean that the version was gone when the chain was begun: a store
 *     of format 3 or older gets its chain at the first start (migrate.c).
 *   - A replaced revision keeps its head and its full view, so its content stays the same.
 * A backup, a restore and the draft of a large import copy the whole store and so its chain. An
 * import with --mode exact makes new entries, as any other import. A later field goes between actor
 * and content, where the link covers it; a restore can be recorded as an entry with an op of its
 * own.
 *
 * `audiences` is 0x80, with two bits for the public and two for the partners: the meaning of the
 * change for each (enum journal_told). In an entry of an older program it is the lowest role that
 * may see the entry. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "keys.h"

enum journal_op {
    JOURNAL_CREATE = 1,
    JOURNAL_UPDATE,
    JOURNAL_MOVE,
    JOURNAL_REMOVE,
    JOURNAL_MERGE,
    JOURNAL_RECHECK,
    JOURNAL_HIDE /* not stored: the view of an audience of the change that hid a record from it */
};

/* The meaning of a change for an audience below the office. The office sees all changes. */
enum journal_told {
    JOURNAL_NOT_TOLD,     /* the audience sees nothing different */
    JOURNAL_TOLD,         /* its view of the record changed */
    JOURNAL_TOLD_HIDDEN,  /* the record was hidden from it */
    JOURNAL_TOLD_CHANGED, /* as JOURNAL_TOLD, but the operation is hidden: it appears as an update */
};

#define JOURNAL_HASH 32

struct journal_entry {
    int64_t at; /* ms */
    uint8_t op;
    uint8_t audiences; /* journal_audiences */
    uint32_t collection, revision;
    struct ouse_str id, actor; /* actor is cut at 255 bytes */
    unsigned char content[JOURNAL_HASH];
    unsigned char link[JOURNAL_HASH]; /* read, not written: journal_append computes it */
};

/* Reports the sequence of the last entry; 0 if the journal is empty. */
ouse_rc journal_last(struct txn *txn, uint64_t *sequence);

/* The same with its link, for those that append. */
ouse_rc journal_end(struct txn *txn, uint64_t *sequence, unsigned char link[JOURNAL_HASH]);

/* Returns the byte of an entry for the meaning of a change for the public and for the partners. */
static inline uint8_t journal_audiences(enum journal_told to_public, enum journal_told to_partner)
{
    return (uint8_t)(0x80u | (uint32_t)to_partner << 2 | (uint32_t)to_public);
}

/* Returns the meaning of a change for a role. */
enum journal_told journal_told(const struct journal_entry *entry, uint32_t role);

/* Appends under the given sequence, the successor of the last one. `link` is that of the
 * last entry and becomes that of the new one. */
ouse_rc journal_append(struct txn *txn, uint64_t sequence, const struct journal_entry *entry,
                       unsigned char link[JOURNAL_HASH]);

/* Rewrites an existing entry: adds the parts that a store of format 3 lacks. */
ouse_rc journal_rewrite(struct txn *txn, uint64_t sequence, const struct journal_entry *entry,
                        unsigned char link[JOURNAL_HASH]);

/* Computes the link of a stored entry from the one before it. */
void journal_link(const unsigned char before[JOURNAL_HASH], uint64_t sequence, struct ouse_str stored,
                  unsigned char link[JOURNAL_HASH]);

/* Takes a stored entry to pieces; its texts point into it. Returns 0, or -1 if it is damaged. */
int journal_read(struct ouse_str stored, struct journal_entry *entry);

/* The same for an entry of store format 3 or older, which has no hashes. */
int journal_read_plain(struct ouse_str stored, struct journal_entry *entry);

const char *journal_op_name(uint8_t op); /* "create" …; "unknown" */

#endif
