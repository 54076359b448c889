/* merge: steps of a cursor in a rehearsal, over its overlay and its snapshot.
 *
 * Each step finds the next key on both sides and uses the nearer one. If a key of the snapshot has
 * an entry in the overlay, it is skipped: the entry replaces it, as a value or as a deletion. A
 * step depends on the last key only, so writes between two steps do no harm. */
#include "engine_lmdb.h"

static ouse_rc lend(int code, MDB_val k, MDB_val v, const struct overlay_entry *entry, int entry_is_nearer,
                    struct ouse_str *found, struct ouse_str *value)
{
    if (code && code != MDB_NOTFOUND)
        return engine_status(code, "walk");
    if (code && !entry)
        return OUSE_E_NOT_FOUND;
    if (entry && (code || entry_is_nearer)) {
        *found = entry->key;
        *value = entry->value;
    } else {
        *found = (struct ouse_str){k.mv_data, (uint32_t)k.mv_size};
        *value = (struct ouse_str){v.mv_data, (uint32_t)v.mv_size};
    }
    return OUSE_OK;
}

static struct ouse_str key_of(MDB_val k)
{
    return (struct ouse_str){k.mv_data, (uint32_t)k.mv_size};
}

ouse_rc store_merge_forward(const struct txn *txn, enum engine_db db, MDB_cursor *at, struct ouse_str from,
                            int only_after, struct ouse_str *found, struct ouse_str *value)
{
    const struct overlay_entry *entry = overlay_from(txn->overlay, db, from, only_after);
    MDB_val k = {from.n, (void *)(uintptr_t)from.p}, v = {0};
    int code = mdb_cursor_get(at, &k, &v, from.n ? MDB_SET_RANGE : MDB_FIRST);
    while (!code && ((only_after && ouse_same(key_of(k), from)) || overlay_find(txn->overlay, db, key_of(k))))
        code = mdb_cursor_get(at, &k, &v, MDB_NEXT);
    int nearer = !code && entry && overlay_order(entry->key, key_of(k)) < 0;
    return lend(code, k, v, entry, nearer, found, value);
}

ouse_rc store_merge_back(const struct txn *txn, enum engine_db db, MDB_cursor *at, struct ouse_str before,
                         struct ouse_str *found, struct ouse_str *value)
{
    const struct overlay_entry *entry = overlay_before(txn->overlay, db, before);
    MDB_val k = {before.n, (void *)(uintptr_t)before.p}, v = {0};
    int code = before.p ? mdb_cursor_get(at, &k, &v, MDB_SET_RANGE) : MDB_NOTFOUND;
    code = mdb_cursor_get(at, &k, &v, code ? MDB_LAST : MDB_PREV);
    while (!code && overlay_find(txn->overlay, db, key_of(k)))
        code = mdb_cursor_get(at, &k, &v, MDB_PREV);
    int nearer = !code && entry && overlay_order(entry->key, key_of(k)) > 0;
    return lend(code, k, v, entry, nearer, found, value);
}
