/* engine: ordered keys, snapshots and one atomic write transaction.
 *
 * The only access to the storage library. Code above does not depend on it, so that another engine
 * with ordered keys and transactions can replace it.
 *
 *     engine ── db (a few named key spaces, enum engine_db)
 *        ├── read transaction: a snapshot; its slices are valid until txn_end
 *        ├── rehearsal: the same, with its own writes in front of it
 *        └── write transaction: one at a time over all processes; its slices
 *            are valid until the next write in it
 *
 * Statuses: OUSE_OK · OUSE_E_NOT_FOUND (no such key; end of a cursor) · OUSE_E_UNAVAILABLE (map or
 * disk full, no reader slot, or the store is poisoned: after a failed sync or meta-page write,
 * nothing is written until a restart; reads continue) · OUSE_E_TOO_LARGE (key over 511 bytes) ·
 * OUSE_E_INTERNAL (logged). engine_* is thread-safe; a transaction and its cursors belong to one
 * thread at a time. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "../base/error.h"
#include "../observe/metrics.h"

enum engine_db {
    DB_META,
    DB_RECORDS,
    DB_INDEXES,
    DB_REFERENCES,
    DB_PAST_INDEXES,
    DB_PAST_REFERENCES,
    DB_REVISIONS,
    DB_JOURNAL,
    DB_TOKENS,
    DB_OUTBOX,
    DB_IDEMPOTENCY,
    DB_ACCOUNTS,
    DB_COUNT
};

#define ENGINE_KEY_MAX 511

/* The format of the data of record/ in the dbs, a number in DB_META. Every format is migrated at
 * the next start (record/migrate.c):
 *   1   each version is among the revisions, the present one too
 *   2   a version goes to the revisions when it is replaced
 *   3   keys that a record has lost are kept (past-indexes, past-references)
 *   4   journal entries are chained by hashes (journal.h)
 *   5   keys of texts are in the order of the Unicode Collation Algorithm (schema/key.c)
 */
#define ENGINE_FORMAT 5

struct engine;
struct txn;
struct cursor;

struct engine_options {
    const char *directory; /* made (mode 0700) when it is missing */
    uint64_t map_size;     /* bytes of address space */
    uint32_t max_readers;
    int no_sync; /* tests of things that are not durability */
    int draft;   /* no other process has it open, and it is discarded unless everything succeeds: see txn_step
                  */
    int copied;  /* engine_copy made the file: one that is empty is refused */
    int check;   /* look at every page, however large the file is: for those that read all of it anyway */
};

/* Opens the store; clears reader slots of dead processes. On failure the problem states the
 * mistake, the path and the remedy. */
ouse_rc engine_open(const struct engine_options *options, struct engine **engine, struct problem *problem);

/* Legal on NULL. No transaction may be open. */
void engine_close(struct engine *engine);

/* Returns why writes are refused until a restart; NULL while they are accepted. */
const char *engine_poisoned(const struct engine *engine);

/* Returns whether the last write found no room, in the map or on the disk. Writes are
 * still tried; the first that succeeds resets it. */
int engine_full(const struct engine *engine);

/* Returns since when (wall clock, ms) the store has been full or poisoned; 0: it is neither. */
int64_t engine_failing_since(const struct engine *engine);

/* Returns since when (wall clock, ms) no write can begin because another process has enlarged the file and
 * snapshots from before are still open; 0: writes can begin. Reads continue. Writes wait two seconds for the
 * snapshots to end; if that is not enough, they fail at once for some seconds. */
int64_t engine_outgrown_since(struct engine *engine);

/* Tests whether a small write finds room: puts a few pages and takes them out again. A
 * writer_fn; `arg` is not used. Its commit resets engine_full. */
ouse_rc engine_test_write(struct txn *txn, void *arg);

/* Clears the slots of ended processes. Returns their number. */
int engine_clear_stale(struct engine *engine);

const char *engine_directory(const struct engine *engine);

/* Returns the format of the store when it was opened: 1 to ENGINE_FORMAT. */
uint32_t engine_format(const struct engine *engine);

/* Reports the format in a transaction, and writes the present one. */
ouse_rc txn_format(struct txn *txn, uint32_t *format);
ouse_rc txn_put_format(struct txn *txn);

/* Bytes of the store in use, and of the map. */
void engine_size(struct engine *engine, uint64_t *used, uint64_t *map);

/* How full the store is, as a read transaction sees it, and how it is. */
void engine_measure(struct txn *txn, struct measures *measures);

/* Writes a snapshot of the store, without its free pages, to a file that is open at its
 * beginning. Others write on meanwhile. */
ouse_rc engine_copy(struct engine *engine, int fd);

/* Begins a snapshot. Cheap: ended read transactions are kept for re-use. */
ouse_rc engine_read(struct engine *engine, struct txn **txn);

/* Begins a rehearsal: a snapshot with writes. Only the rehearsal sees its writes, and txn_end
 * discards them. It takes no lock and never waits for the writer. Writes over OVERLAY_MAX bytes
 * fail with OUSE_E_UNAVAILABLE. Do not use txn_commit and txn_count with it. */
ouse_rc engine_rehearse(struct engine *engine, struct txn **txn);

/* Begins the write transaction; waits for another process's. */
ouse_rc engine_write(struct engine *engine, struct txn **txn);

/* Ends a read transaction, or aborts a write transaction. Closes its cursors. Legal on NULL. */
void txn_end(struct txn *txn);

/* Makes everything durable, then visible, or nothing. Ends the transaction
 * either way. ENGINE_FULL if there was no room for it. */
ouse_rc txn_commit(struct txn *txn);

/* The status of a commit that found no room. No other function returns it, and it never
 * leaves store/ and record/: callers above see OUSE_E_UNAVAILABLE. */
#define ENGINE_FULL (OUSE_E_UNAVAILABLE + 1)

/* Returns whether a write in the transaction failed because there was no room. */
int txn_full(const struct txn *txn);

/* Commits the changes so far, between two changes of a draft, so that a transaction of any size
 * takes little memory. They are lost if the draft is discarded. Closes cursors. */
ouse_rc txn_step(struct txn *txn);

/* How many puts and deletes the transaction has done. */
uint64_t txn_writes(const struct txn *txn);

ouse_rc txn_get(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str *value);
/* The same in DB_META, for the one name that all transactions look up: kept as long as nothing is committed.
 */
ouse_rc txn_recall(struct txn *txn, struct ouse_str name, struct ouse_str *value);
ouse_rc txn_put(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str value);
/* Writes as txn_put does, for a key that sorts after all others of its db. */
ouse_rc txn_append(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str value);
/* Room for n bytes of value, to be filled before the next call on txn. */
ouse_rc txn_reserve(struct txn *txn, enum engine_db db, struct ouse_str key, uint32_t n, void **room);
ouse_rc txn_delete(struct txn *txn, enum engine_db db, struct ouse_str key);
/* Number of keys in a db. */
ouse_rc txn_count(struct txn *txn, enum engine_db db, uint64_t *n);

/* Opens a cursor. It ends with its transaction at the latest. A write through the transaction keeps
 * a cursor valid, but not the slices that it returned. */
ouse_rc cursor_open(struct txn *txn, enum engine_db db, struct cursor **cursor);
void cursor_close(struct cursor *cursor);
/* First entry with key >= the given one. */
ouse_rc cursor_seek(struct cursor *cursor, struct ouse_str key, struct ouse_str *found,
                    struct ouse_str *value);
/* Last entry with key < the given one. */
ouse_rc cursor_before(struct cursor *cursor, struct ouse_str key, struct ouse_str *found,
                      struct ouse_str *value);
ouse_rc cursor_next(struct cursor *cursor, struct ouse_str *found, struct ouse_str *value);
ouse_rc cursor_prev(struct cursor *cursor, struct ouse_str *found, struct ouse_str *value);
ouse_rc cursor_last(struct cursor *cursor, struct ouse_str *found, struct ouse_str *value);

#endif
