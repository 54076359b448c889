/* journal: see journal.h. */
#include "journal.h"

ouse_rc journal_last(struct txn *txn, uint64_t *sequence)
{
    struct cursor *cursor;
    struct ouse_str key, value;
    ouse_rc rc = cursor_open(txn, DB_JOURNAL, &cursor);
    if (rc)
        return rc;
    rc = cursor_last(cursor, &key, &value);
    if (rc == OUSE_OK)
        *sequence = key.n == 8 ? key_read_u64(key.p) : 0;
    else if (rc == OUSE_E_NOT_FOUND) {
        *sequence = 0;
        rc = OUSE_OK;
    }
    cursor_close(cursor);
    return rc;
}

static void put_short(struct key *out, struct ouse_str text)
{
    if (text.n > 255)
        text.n = 255;
    key_byte(out, (uint8_t)text.n);
    key_bytes(out, text);
}

/* struct key serves as a small byte builder: an entry is at most 19+80+255 bytes. */
ouse_rc journal_append(struct txn *txn, uint64_t sequence, const struct journal_entry *entry)
{
    struct key key, value;
    key_init(&key);
    key_u64(&key, sequence);
    key_init(&value);
    key_u64(&value, (uint64_t)entry->at);
    key_byte(&value, entry->op);
    key_byte(&value, entry->visibility);
    key_u32(&value, entry->collection);
    key_u32(&value, entry->revision);
    put_short(&value, entry->id);
    put_short(&value, entry->actor);
    return txn_append(txn, DB_JOURNAL, key_str(&key), key_str(&value));
}

static int get_short(struct ouse_str *rest, struct ouse_str *text)
{
    uint32_t n = rest->n ? (uint8_t)rest->p[0] : 0;
    if (rest->n < 1 + n)
        return -1;
    text->p = rest->p + 1;
    text->n = n;
    rest->p += 1 + n;
    rest->n -= 1 + n;
    return 0;
}

int journal_read(struct ouse_str stored, struct journal_entry *entry)
{
    struct journal_entry read;
    struct ouse_str rest = {stored.p + 18, stored.n - 18};
    if (stored.n < 20)
        return -1;
    read.at = (int64_t)key_read_u64(stored.p);
    read.op = (uint8_t)stored.p[8];
    read.visibility = (uint8_t)stored.p[9];
    read.collection = key_read_u32(stored.p + 10);
    read.revision = key_read_u32(stored.p + 14);
    if (get_short(&rest, &read.id) || get_short(&rest, &read.actor) || rest.n)
        return -1;
    *entry = read;
    return 0;
}

const char *journal_op_name(uint8_t op)
{
    static const char *const names[] = {"unknown", "create", "update", "move", "remove", "merge", "recheck"};
    return op < sizeof names / sizeof *names ? names[op] : names[0];
}
