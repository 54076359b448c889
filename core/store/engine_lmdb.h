/* engine_lmdb: shared by engine.c, txn.c and usage.c; only they include it, so only they depend on
 * LMDB.
 *
 *     engine ── env, one handle a db
 *        ├── idle ──> txn ──> txn        reset read transactions, each with its reader slot
 *        └── n_open                      open transactions; the environment can be
 *                                        remapped or reopened only if there are none
 */
#ifndef STORE_ENGINE_LMDB_H
#define STORE_ENGINE_LMDB_H

#include "overlay.h"
#include <lmdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

struct engine {
    char *directory;
    struct engine_options options; /* its directory is the one above */
    struct engine *next;           /* in the list of all that this process has open */
    uint32_t format;               /* of the store when it was opened */
    dev_t device;
    ino_t inode;

    _Atomic(const char *) poison; /* why writes are refused; set once, to poison_text */
    char poison_text[160];
    _Atomic(int) full;              /* the last write found no room */
    _Atomic(int64_t) failing_since; /* wall clock, ms; 0: neither full nor poisoned */

    pthread_mutex_t lock; /* guards the following members; env and dbs change only while n_open is 0 */
    MDB_env *env;
    MDB_dbi dbs[DB_COUNT];
    int ailing; /* MDB_MAP_RESIZED or MDB_PANIC: no transaction may begin before it is healed */
    uint32_t n_open, n_idle;
    struct txn *idle;
    struct txn *out; /* those that are out, of `env` */

    /* While the file was grown and snapshots of `env` are out: engine_aside.c. */
    MDB_env *aside; /* NULL: not open */
    uint32_t n_aside;
    struct txn *pin;         /* ended, but kept while n_aside is not 0; counts in n_open */
    pthread_cond_t calm;     /* the environment was healed */
    int64_t drain, no_drain; /* monotonic ms: new snapshots wait until then for the others to end; from then
                                on they may wait again */
    int64_t wait, no_wait;   /* the same for writes, which wait for all snapshots */
    int64_t outgrown;        /* wall clock, ms: when it was noticed that the file was grown */
};

struct txn {
    struct engine *engine;
    MDB_txn *at;              /* NULL in a transaction that is not yet, or no longer, one of LMDB's */
    struct txn *next, **link; /* in `idle`, without a link; or in `out` */
    struct cursor *cursors;
    bool writing;
    struct overlay *overlay; /* the writes of a rehearsal; NULL otherwise */
    bool aside;              /* of the second environment */
    _Atomic(bool) is_held;   /* it has its snapshot */
    ouse_rc failed;          /* a failed write spoils an LMDB transaction; all later calls return this */
    bool full;               /* it failed because there was no room */
    struct ouse_str
        recalled; /* the value of txn_recall, for the snapshot recalled_at; no text: not read yet */
    size_t recalled_at;
    uint64_t writes;
    uint64_t dirtied; /* pages, at most, since the last txn_step that did anything: one for a key, and its
                         value's */
};

/* A condition that fails one transaction and does no harm, with advice. */
struct refusal {
    int code; /* of LMDB, or an errno */
    int full; /* there is no room for the write */
    const char *advice;
};

/* Returns the condition of a code; NULL for another one. */
const struct refusal *engine_refusal(int code);

/* Returns the status for an LMDB code or an errno, and logs what an operator needs. `doing`
 * completes the line: "put", "commit". */
ouse_rc engine_status(int code, const char *doing);

/* Remembers since when writes fail. */
void engine_note_failing(struct engine *engine, bool failing);

/* Remembers whether a write found room, by its LMDB code, and returns whether it did not. */
bool engine_note_room(struct engine *engine, int code);

/* Checks the header of the store's file before it is mapped: OUSE_E_UNAVAILABLE if it is damaged. */
ouse_rc engine_check_header(const struct engine *engine, struct problem *problem);

/* Empties the store's file if its making was cut short, by a full disk or a power cut, before the first
 * commit: nothing was ever stored in it, but LMDB rejects it. Returns whether it did. */
int engine_begin_again(const struct engine *engine, struct arena *arena);

/* Checks that no page that is in use is missing at the end of the file; and, of a store that is small or
 * opened with options.check, that all pages form trees. The same status. */
ouse_rc engine_check_pages(const struct engine *engine, MDB_env *env, struct problem *problem);

/* merge.c: the first key at or after `from`, or only after it; and the last one before `before`, where no
 * text is the end; of the snapshot and the overlay together. `at` is a cursor of the snapshot. */
ouse_rc store_merge_forward(const struct txn *txn, enum engine_db db, MDB_cursor *at, struct ouse_str from,
                            int only_after, struct ouse_str *found, struct ouse_str *value);
ouse_rc store_merge_back(const struct txn *txn, enum engine_db db, MDB_cursor *at, struct ouse_str before,
                         struct ouse_str *found, struct ouse_str *value);
extern const char *const engine_db_names[DB_COUNT];

/* Opens the second environment, under the lock. Returns 0 or an LMDB code, which is logged. */
int engine_open_aside(struct engine *engine);

/* Closes it; no transaction of it may be out. Legal if it is not open. */
void engine_close_aside(struct engine *engine);

/* Closes all cursors of a transaction. */
void txn_close_cursors(struct txn *txn);

#endif
