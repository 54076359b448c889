/* usage: size, free space and state of the store, for monitoring. It counts the free pages, at the
 * cost of a step for each transaction that freed pages which are not used yet: at most
 * COUNTED_MOST. */
#include "engine_lmdb.h"

#include <string.h>

enum { FREE_DBI = 0, COUNTED_MOST = 100000 };

/* A value of the list of free pages begins with how many it has. */
static uint64_t free_pages(MDB_txn *txn)
{
    MDB_cursor *cursor;
    MDB_val key, value;
    uint64_t pages = 0;
    size_t n;
    if (mdb_cursor_open(txn, FREE_DBI, &cursor) != 0)
        return 0;
    for (int i = 0; i < COUNTED_MOST && mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0; i++) {
        memcpy(&n, value.mv_data, sizeof n);
        pages += n;
    }
    mdb_cursor_close(cursor);
    return pages;
}

static void tell(struct measures *out, const char *name, const char *unit, const char *help, double value)
{
    measure_gauge(out, name, unit, NULL, help);
    measure_value(out, value, NULL);
}

void engine_measure(struct txn *txn, struct measures *out)
{
    const struct engine *engine = txn->engine;
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(engine->env, &info);
    mdb_env_stat(engine->env, &stat);
    double page = stat.ms_psize;
    tell(out, "store_map", "bytes", "Most that the store may grow to (map_size).", (double)info.me_mapsize);
    tell(out, "store_used", "bytes", "Part of that which has been used so far.",
         ((double)info.me_last_pgno + 1) * page);
    tell(out, "store_free", "bytes", "Part of the used space that is free for further writes.",
         (double)free_pages(txn->at) * page);
    tell(out, "store_reader_slots", NULL, "Largest number of concurrent snapshots so far.",
         info.me_numreaders);
    tell(out, "store_reader_slots_limit", NULL, "Slots that there are (max_readers).", info.me_maxreaders);
    tell(out, "store_full", NULL, "1 while the last write found no room, in the map or on the disk.",
         engine_full(engine));
    tell(out, "store_poisoned", NULL,
         "1 after a write to the disk failed: nothing is written until a restart.",
         engine_poisoned(engine) != NULL);
}
