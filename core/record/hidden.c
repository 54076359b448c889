/* hidden: the collections that have, or ever had, a record with restricted visibility.
 *
 *   meta  "hiding"   their numbers, ascending, four bytes each
 *
 * Most registers hide little: if a field refers to no such collection, its references need no check
 * when a record is read. A collection is added by the transaction of its first hidden record. It is
 * never removed, because a record that was hidden once is hidden in the past. If a store is older
 * than this list, a scan creates it once. */
#include "internal.h"

#define NAME   ouse_s("hiding")
#define NUMBER sizeof(uint32_t)

ouse_rc hiding_read(struct txn *txn, struct ouse_str *hiding)
{
    ouse_rc rc = txn_recall(txn, NAME, hiding);
    return rc == OUSE_E_NOT_FOUND ? OUSE_E_INTERNAL : rc;
}

/* Where a number is, or would be. */
static uint32_t place_of(struct ouse_str hiding, uint32_t number)
{
    uint32_t at = 0;
    while (at < hiding.n && key_read_u32(hiding.p + at) < number)
        at += NUMBER;
    return at;
}

int hiding_has(struct ouse_str hiding, uint32_t number)
{
    uint32_t at = place_of(hiding, number);
    return at < hiding.n && key_read_u32(hiding.p + at) == number;
}

int hiding_veils(struct ouse_str hiding, const struct field *field)
{
    for (uint32_t i = 0; hiding.n && i < field->n_targets; i++)
        if (hiding_has(hiding, field->targets[i].number))
            return 1;
    return 0;
}

ouse_rc hiding_add(struct txn *txn, uint32_t number)
{
    struct ouse_str hiding;
    struct buffer more;
    struct key key;
    ouse_rc rc = hiding_read(txn, &hiding);
    if (rc || hiding_has(hiding, number))
        return rc;
    uint32_t at = place_of(hiding, number);
    key_init(&key);
    key_u32(&key, number);
    buffer_init(&more, UINT16_MAX);
    buffer_add(&more, hiding.p, at);
    buffer_str(&more, key_str(&key));
    buffer_add(&more, hiding.p + at, hiding.n - at);
    rc = txn_put(txn, DB_META, NAME, buffer_view(&more));
    buffer_finish(&more);
    return rc;
}

/* ---- Looking through a store --------------------------------------------------- */

/* Advances the key past all keys that begin with a number. */
static void skip_number(struct key *key, uint32_t number)
{
    key_init(key);
    key_u32(key, number + 1);
}

/* Adds the collections that hide something in a db of records: one is enough of each. */
static ouse_rc look_through(struct txn *txn, enum engine_db db)
{
    struct ouse_str found, stored;
    struct cursor *cursor;
    struct key at;
    ouse_rc rc = cursor_open(txn, db, &cursor);
    if (rc)
        return rc;
    key_init(&at);
    while (!(rc = cursor_seek(cursor, key_str(&at), &found, &stored))) {
        uint32_t number = key_read_u32(found.p);
        while (!rc && key_read_u32(found.p) == number && !head_hides(stored))
            rc = cursor_next(cursor, &found, &stored);
        if (!rc && key_read_u32(found.p) == number)
            rc = hiding_add(txn, number);
        if (rc)
            break;
        skip_number(&at, number);
    }
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc hiding_fill(struct txn *txn)
{
    const struct ouse_str none = {"", 0};
    struct ouse_str hiding;
    ouse_rc rc = txn_get(txn, DB_META, NAME, &hiding);
    if (rc != OUSE_E_NOT_FOUND)
        return rc;
    rc = txn_put(txn, DB_META, NAME, none);
    if (!rc)
        rc = look_through(txn, DB_RECORDS);
    return rc ? rc : look_through(txn, DB_REVISIONS);
}
