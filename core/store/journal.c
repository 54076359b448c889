/* journal: see journal.h. */
#include "journal.h"

#include <assert.h>
#include <sodium.h>

static_assert(JOURNAL_HASH == crypto_generichash_BYTES, "a link has 32 bytes");

/* Finds the last entry. Returns OUSE_OK with sequence 0 if the journal is empty. `stored` is valid
 * during the transaction. */
static ouse_rc find_last(struct txn *txn, uint64_t *sequence, struct ouse_str *stored)
{
    struct cursor *cursor;
    struct ouse_str key;
    ouse_rc rc = cursor_open(txn, DB_JOURNAL, &cursor);
    if (rc)
        return rc;
    rc = cursor_last(cursor, &key, stored);
    if (!rc || rc == OUSE_E_NOT_FOUND)
        *sequence = !rc && key.n == 8 ? key_read_u64(key.p) : 0;
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc journal_last(struct txn *txn, uint64_t *sequence)
{
    struct ouse_str stored;
    return find_last(txn, sequence, &stored);
}

ouse_rc journal_end(struct txn *txn, uint64_t *sequence, unsigned char link[JOURNAL_HASH])
{
    struct journal_entry last = {0};
    struct ouse_str stored;
    ouse_rc rc = find_last(txn, sequence, &stored);
    if (!rc && *sequence && journal_read(stored, &last))
        return OUSE_E_INTERNAL;
    if (!rc)
        memcpy(link, last.link, JOURNAL_HASH);
    return rc;
}

static void put_short(struct key *out, struct ouse_str text)
{
    if (text.n > 255)
        text.n = 255;
    key_byte(out, (uint8_t)text.n);
    key_bytes(out, text);
}

/* struct key serves as a small byte builder: an entry has at most 19+80+255+64 bytes. */
static void write_entry(struct key *value, const struct journal_entry *entry)
{
    key_init(value);
    key_u64(value, (uint64_t)entry->at);
    key_byte(value, entry->op);
    key_byte(value, entry->audiences);
    key_u32(value, entry->collection);
    key_u32(value, entry->revision);
    put_short(value, entry->id);
    put_short(value, entry->actor);
    key_bytes(value, (struct ouse_str){(const char *)entry->content, JOURNAL_HASH});
}

static void hash_link(const unsigned char before[JOURNAL_HASH], uint64_t sequence, struct ouse_str covered,
                      unsigned char link[JOURNAL_HASH])
{
    crypto_generichash_state state;
    struct key number;
    key_init(&number);
    key_u64(&number, sequence);
    crypto_generichash_init(&state, NULL, 0, JOURNAL_HASH);
    crypto_generichash_update(&state, before, JOURNAL_HASH);
    crypto_generichash_update(&state, (const unsigned char *)number.at, number.n);
    crypto_generichash_update(&state, (const unsigned char *)covered.p, covered.n);
    crypto_generichash_final(&state, link, JOURNAL_HASH);
}

void journal_link(const unsigned char before[JOURNAL_HASH], uint64_t sequence, struct ouse_str stored,
                  unsigned char link[JOURNAL_HASH])
{
    struct ouse_str covered = {stored.p, stored.n < JOURNAL_HASH ? 0 : stored.n - JOURNAL_HASH};
    hash_link(before, sequence, covered, link);
}

typedef ouse_rc (*put_fn)(struct txn *txn, enum engine_db db, struct ouse_str key, struct ouse_str value);

static ouse_rc put_entry(struct txn *txn, uint64_t sequence, const struct journal_entry *entry,
                         unsigned char link[JOURNAL_HASH], put_fn put)
{
    struct key key, value;
    key_init(&key);
    key_u64(&key, sequence);
    write_entry(&value, entry);
    hash_link(link, sequence, key_str(&value), link);
    key_bytes(&value, (struct ouse_str){(const char *)link, JOURNAL_HASH});
    return put(txn, DB_JOURNAL, key_str(&key), key_str(&value));
}

ouse_rc journal_append(struct txn *txn, uint64_t sequence, const struct journal_entry *entry,
                       unsigned char link[JOURNAL_HASH])
{
    return put_entry(txn, sequence, entry, link, txn_append);
}

ouse_rc journal_rewrite(struct txn *txn, uint64_t sequence, const struct journal_entry *entry,
                        unsigned char link[JOURNAL_HASH])
{
    return put_entry(txn, sequence, entry, link, txn_put);
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

/* Reads an entry without its hashes; `rest` is the remainder. */
static int read_plain(struct ouse_str stored, struct journal_entry *entry, struct ouse_str *rest)
{
    struct journal_entry read = {0};
    if (stored.n < 20)
        return -1;
    *rest = (struct ouse_str){stored.p + 18, stored.n - 18};
    read.at = (int64_t)key_read_u64(stored.p);
    read.op = (uint8_t)stored.p[8];
    read.audiences = (uint8_t)stored.p[9];
    read.collection = key_read_u32(stored.p + 10);
    read.revision = key_read_u32(stored.p + 14);
    if (get_short(rest, &read.id) || get_short(rest, &read.actor))
        return -1;
    *entry = read;
    return 0;
}

int journal_read_plain(struct ouse_str stored, struct journal_entry *entry)
{
    struct ouse_str rest;
    return read_plain(stored, entry, &rest) || rest.n ? -1 : 0;
}

int journal_read(struct ouse_str stored, struct journal_entry *entry)
{
    struct ouse_str rest;
    if (read_plain(stored, entry, &rest) || rest.n != 2 * JOURNAL_HASH)
        return -1;
    memcpy(entry->content, rest.p, JOURNAL_HASH);
    memcpy(entry->link, rest.p + JOURNAL_HASH, JOURNAL_HASH);
    return 0;
}

enum journal_told journal_told(const struct journal_entry *entry, uint32_t role)
{
    if (role >= OUSE_OFFICE)
        return JOURNAL_TOLD;
    if (!(entry->audiences & 0x80u))
        return entry->audiences <= role ? JOURNAL_TOLD : JOURNAL_NOT_TOLD;
    return (enum journal_told)(entry->audiences >> (role >= OUSE_PARTNER ? 2 : 0) & 3u);
}

const char *journal_op_name(uint8_t op)
{
    static const char *const names[] = {"unknown", "create", "update",  "move",
                                        "remove",  "merge",  "recheck", "hide"};
    return op < sizeof names / sizeof *names ? names[op] : names[0];
}
