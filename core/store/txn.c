/* txn: operations in a transaction: get, put, delete, walk; see engine.h. */
#include "engine_lmdb.h"

#include "../base/heap.h"
#include "keys.h"
#include <assert.h>
#include <stdlib.h>

enum { PAGE = 4096 };

struct cursor {
    struct txn *txn;
    MDB_cursor *at;
    enum engine_db db;
    struct key *here;            /* in a rehearsal: the last key; empty before the first. NULL otherwise */
    struct cursor *next, **link; /* `link` is the pointer to this one */
};

static MDB_val val_of(struct ouse_str text)
{
    return (MDB_val){text.n, (void *)(uintptr_t)text.p};
}

static struct ouse_str str_of(MDB_val val)
{
    return (struct ouse_str){val.mv_data, (uint32_t)val.mv_size};
}

/* Whether the transaction can take a call on this key. */
static ouse_rc check(const struct txn *txn, struct ouse_str key)
{
    if (txn->failed)
        return txn->failed;
    return key.n > ENGINE_KEY_MAX ? OUSE_E_TOO_LARGE : OUSE_OK;
}

ouse_rc txn_get(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str *value)
{
    ouse_rc rc = check(txn, key);
    if (rc)
        return rc;
    const struct overlay_entry *entry = txn->overlay ? overlay_find(txn->overlay, db, key) : NULL;
    if (entry) {
        *value = entry->value;
        return entry->deleted ? OUSE_E_NOT_FOUND : OUSE_OK;
    }
    MDB_val k = val_of(key), v;
    int code = mdb_get(txn->at, txn->engine->dbs[db], &k, &v);
    if (code)
        return engine_status(code, "get");
    *value = str_of(v);
    return OUSE_OK;
}

/* A snapshot that has the number of an earlier one is that one, at the same place of the map. */
ouse_rc txn_recall(struct txn *txn, struct ouse_str name, struct ouse_str *value)
{
    size_t at = txn->writing || txn->overlay ? 0 : mdb_txn_id(txn->at);
    if (!at || at != txn->recalled_at || !txn->recalled.p) {
        ouse_rc rc = txn_get(txn, DB_META, name, &txn->recalled);
        if (rc)
            return rc;
        txn->recalled_at = at;
    }
    *value = txn->recalled;
    return OUSE_OK;
}

/* The answer of a write. One that LMDB refused leaves its transaction unfit
 * for anything but giving it up. */
static ouse_rc written(struct txn *txn, int code, const char *doing)
{
    if (code == 0)
        return OUSE_OK;
    ouse_rc rc = engine_status(code, doing);
    if (rc != OUSE_E_NOT_FOUND) {
        txn->failed = rc;
        txn->full = engine_note_room(txn->engine, code);
    }
    return rc;
}

static ouse_rc overlaid(struct txn *txn, const struct overlay_entry *entry)
{
    if (!entry)
        txn->failed = OUSE_E_UNAVAILABLE;
    return txn->failed;
}

/* Sets value->mv_data, if that is NULL, to the room for the value. */
static ouse_rc put_over(struct txn *txn, enum engine_db db, struct ouse_str key, MDB_val *value)
{
    const struct overlay_entry *entry = overlay_put(txn->overlay, db, key, (uint32_t)value->mv_size);
    void *room = entry ? (void *)(uintptr_t)entry->value.p : NULL;
    if (room && value->mv_data)
        memcpy(room, value->mv_data, value->mv_size);
    value->mv_data = room;
    return overlaid(txn, entry);
}

/* A write is counted before it is tried, so that one that failed half-way shows. */
static ouse_rc put(struct txn *txn, enum engine_db db, struct ouse_str key, MDB_val *value, unsigned flags)
{
    ouse_rc rc = check(txn, key);
    if (rc)
        return rc;
    txn->writes++;
    txn->dirtied += 1 + value->mv_size / PAGE;
    if (txn->overlay)
        return put_over(txn, db, key, value);
    MDB_val k = val_of(key);
    return written(txn, mdb_put(txn->at, txn->engine->dbs[db], &k, value, flags), "put");
}

ouse_rc txn_put(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str value)
{
    MDB_val v = val_of(value);
    return put(txn, db, key, &v, 0);
}

ouse_rc txn_append(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str value)
{
    MDB_val v = val_of(value);
    return put(txn, db, key, &v, MDB_APPEND);
}

ouse_rc txn_reserve(struct txn *txn, enum engine_db db, struct ouse_str key, uint32_t n, void **room)
{
    MDB_val v = {n, NULL};
    ouse_rc rc = put(txn, db, key, &v, MDB_RESERVE);
    if (rc)
        return rc;
    *room = v.mv_data;
    return OUSE_OK;
}

ouse_rc txn_delete(struct txn *txn, enum engine_db db, struct ouse_str key)
{
    ouse_rc rc = check(txn, key);
    if (rc)
        return rc;
    txn->writes++;
    txn->dirtied++;
    if (txn->overlay) {
        struct ouse_str value;
        rc = txn_get(txn, db, key, &value);
        return rc ? rc : overlaid(txn, overlay_delete(txn->overlay, db, key));
    }
    MDB_val k = val_of(key);
    return written(txn, mdb_del(txn->at, txn->engine->dbs[db], &k, NULL), "delete");
}

int txn_full(const struct txn *txn)
{
    return txn->full;
}

/* As many pages as a small record and its keys take, each put on its own. */
ouse_rc engine_test_write(struct txn *txn, void *arg)
{
    enum { PIECES = 24, PIECE = PAGE / 2 };
    static const char piece[PIECE];
    ouse_rc rc = OUSE_OK;
    char key[] = "test-write/?";
    (void)arg;
    for (int i = 0; i < 2 * PIECES && !rc; i++) {
        key[sizeof key - 2] = (char)('a' + i % PIECES);
        rc = i < PIECES ? txn_put(txn, DB_META, ouse_s(key), (struct ouse_str){piece, PIECE})
                        : txn_delete(txn, DB_META, ouse_s(key));
    }
    return rc;
}

uint64_t txn_writes(const struct txn *txn)
{
    return txn->writes;
}

ouse_rc txn_count(struct txn *txn, enum engine_db db, uint64_t *n)
{
    assert(!txn->overlay);
    if (txn->failed)
        return txn->failed;
    MDB_stat stat;
    int code = mdb_stat(txn->at, txn->engine->dbs[db], &stat);
    if (code)
        return engine_status(code, "count");
    *n = stat.ms_entries;
    return OUSE_OK;
}

ouse_rc cursor_open(struct txn *txn, enum engine_db db, struct cursor **cursor)
{
    if (txn->failed)
        return txn->failed;
    MDB_cursor *at;
    int code = mdb_cursor_open(txn->at, txn->engine->dbs[db], &at);
    if (code)
        return engine_status(code, "open a cursor");
    struct cursor *opened = heap_alloc(sizeof *opened);
    *opened = (struct cursor){txn, at, db, NULL, txn->cursors, &txn->cursors};
    if (txn->overlay)
        opened->here = heap_zero(sizeof *opened->here);
    if (opened->next)
        opened->next->link = &opened->next;
    txn->cursors = opened;
    *cursor = opened;
    return OUSE_OK;
}

void cursor_close(struct cursor *cursor)
{
    if (!cursor)
        return;
    *cursor->link = cursor->next;
    if (cursor->next)
        cursor->next->link = cursor->link;
    mdb_cursor_close(cursor->at);
    free(cursor->here);
    free(cursor);
}

void txn_close_cursors(struct txn *txn)
{
    while (txn->cursors)
        cursor_close(txn->cursors);
}

/* The same step in a rehearsal. */
static ouse_rc step_over(struct cursor *cursor, MDB_cursor_op op, struct ouse_str key, struct ouse_str *found,
                         struct ouse_str *value)
{
    const struct txn *txn = cursor->txn;
    struct ouse_str here = key_str(cursor->here), end = {NULL, 0};
    int is_on = here.n > 0;
    ouse_rc rc = op == MDB_PREV || op == MDB_LAST
                     ? store_merge_back(txn, cursor->db, cursor->at, op == MDB_PREV && is_on ? here : end,
                                        found, value)
                     : store_merge_forward(txn, cursor->db, cursor->at, op == MDB_NEXT ? here : key,
                                           op == MDB_NEXT && is_on, found, value);
    if (!rc) {
        key_init(cursor->here);
        key_bytes(cursor->here, *found);
    }
    return rc;
}

/* One step of LMDB's; `key` is where it starts, for those that start at a key. */
static ouse_rc step(struct cursor *cursor, MDB_cursor_op op, struct ouse_str key, struct ouse_str *found,
                    struct ouse_str *value)
{
    ouse_rc rc = check(cursor->txn, key);
    if (rc)
        return rc;
    if (cursor->here)
        return step_over(cursor, op, key, found, value);
    MDB_val k = val_of(key), v;
    int code = mdb_cursor_get(cursor->at, &k, &v, op);
    if (code)
        return engine_status(code, "walk");
    *found = str_of(k);
    *value = str_of(v);
    return OUSE_OK;
}

static const struct ouse_str anywhere = {"", 0};

ouse_rc cursor_seek(struct cursor *cursor, struct ouse_str key, struct ouse_str *found,
                    struct ouse_str *value)
{
    /* LMDB has no empty keys, not even to compare with. */
    return step(cursor, key.n ? MDB_SET_RANGE : MDB_FIRST, key, found, value);
}

ouse_rc cursor_before(struct cursor *cursor, struct ouse_str key, struct ouse_str *found,
                      struct ouse_str *value)
{
    struct ouse_str behind, unused;
    ouse_rc rc = cursor_seek(cursor, key, &behind, &unused);
    if (rc == OUSE_E_NOT_FOUND)
        return cursor_last(cursor, found, value);
    return rc ? rc : cursor_prev(cursor, found, value);
}

ouse_rc cursor_next(struct cursor *cursor, struct ouse_str *found, struct ouse_str *value)
{
    return step(cursor, MDB_NEXT, anywhere, found, value);
}

ouse_rc cursor_prev(struct cursor *cursor, struct ouse_str *found, struct ouse_str *value)
{
    return step(cursor, MDB_PREV, anywhere, found, value);
}

ouse_rc cursor_last(struct cursor *cursor, struct ouse_str *found, struct ouse_str *value)
{
    return step(cursor, MDB_LAST, anywhere, found, value);
}
