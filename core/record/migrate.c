/* migrate: converts a store of an older format to the present one, at the first start of a newer
 * program; engine.h describes the formats.
 *
 * All steps run in the one transaction of the start, so an interrupted start changes nothing. The
 * steps for data that depends on declarations (views, indexes, past keys) are not here: the layout
 * or the order of text that is stored with each collection of such a format differs from the present
 * one, so catalog.c rebuilds them. */
#include "../base/clock.h"
#include "../observe/log.h"
#include "internal.h"

#include <inttypes.h>

typedef ouse_rc (*entry_fn)(struct txn *txn, struct ouse_str key, struct ouse_str value, void *arg);

/* Calls fn with a copy of each entry of a db in turn; fn may write. */
static ouse_rc each_entry(struct txn *txn, enum engine_db db, entry_fn fn, void *arg)
{
    struct ouse_str found, value;
    struct cursor *cursor;
    struct key at;
    ouse_rc rc = cursor_open(txn, db, &cursor);
    if (rc)
        return rc;
    key_init(&at);
    while (!(rc = cursor_seek(cursor, key_str(&at), &found, &value))) {
        struct arena arena = {0};
        key_init(&at);
        key_bytes(&at, found);
        rc = fn(txn, key_str(&at), arena_copy(&arena, value), arg);
        key_byte(&at, 0); /* the least key after it */
        arena_finish(&arena);
        if (rc)
            break;
    }
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* ---- 1 to 2: the present version is not among the revisions ---------------------- */

static ouse_rc drop_present(struct txn *txn, struct ouse_str key, struct ouse_str value, void *arg)
{
    struct head head;
    struct key revision;
    (void)arg;
    if (key.n <= 4 || value.n < sizeof head)
        return OUSE_E_INTERNAL;
    memcpy(&head, value.p, sizeof head);
    key_revision(&revision, key_read_u32(key.p), (struct ouse_str){key.p + 4, key.n - 4}, head.revision);
    ouse_rc rc = txn_delete(txn, DB_REVISIONS, key_str(&revision));
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

static ouse_rc drop_present_revisions(struct txn *txn)
{
    return each_entry(txn, DB_RECORDS, drop_present, NULL);
}

/* ---- 2 to 3: a head names the first revision -------------------------------------- */

static ouse_rc name_first(struct txn *txn, struct ouse_str key, struct ouse_str value, void *arg)
{
    const enum engine_db *db = arg;
    struct head head;
    if (value.n < sizeof head)
        return OUSE_E_INTERNAL;
    memcpy(&head, value.p, sizeof head);
    if (head.first)
        return OUSE_OK;
    head.first = 1;
    memcpy((char *)(uintptr_t)value.p, &head, sizeof head);
    return txn_put(txn, *db, key, value);
}

static ouse_rc name_first_revisions(struct txn *txn)
{
    enum engine_db records = DB_RECORDS, revisions = DB_REVISIONS;
    ouse_rc rc = each_entry(txn, DB_RECORDS, name_first, &records);
    return rc ? rc : each_entry(txn, DB_REVISIONS, name_first, &revisions);
}

/* ---- 3 to 4: journal entries are chained ------------------------------------------ */

struct chain {
    uint64_t n;
    unsigned char link[JOURNAL_HASH];
};

/* The version that an entry created, if it is still stored under the entry's sequence. */
static ouse_rc find_version(struct txn *txn, uint64_t sequence, const struct journal_entry *entry,
                            struct ouse_str *stored)
{
    struct key keys[2];
    const enum engine_db dbs[2] = {DB_RECORDS, DB_REVISIONS};
    key_record(&keys[0], entry->collection, entry->id);
    key_revision(&keys[1], entry->collection, entry->id, entry->revision);
    for (int i = 0; i < 2; i++) {
        struct head head;
        ouse_rc rc = txn_get(txn, dbs[i], key_str(&keys[i]), stored);
        if (rc && rc != OUSE_E_NOT_FOUND)
            return rc;
        if (rc || stored->n < sizeof head)
            continue;
        memcpy(&head, stored->p, sizeof head);
        if (head.sequence == sequence)
            return OUSE_OK;
    }
    return OUSE_E_NOT_FOUND;
}

static ouse_rc chain_entry(struct txn *txn, struct ouse_str key, struct ouse_str value, void *arg)
{
    struct chain *chain = arg;
    struct journal_entry entry;
    struct ouse_str stored;
    uint64_t sequence = key.n == 8 ? key_read_u64(key.p) : 0;
    if (!sequence || journal_read_plain(value, &entry)) {
        log_error(AREA, "journal: entry %" PRIu64 " is damaged; restore a backup", sequence);
        return OUSE_E_INTERNAL;
    }
    ouse_rc rc = find_version(txn, sequence, &entry, &stored);
    if (!rc && head_hash_stored(stored, entry.content))
        rc = OUSE_E_INTERNAL;
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    chain->n++;
    return journal_rewrite(txn, sequence, &entry, chain->link);
}

static ouse_rc chain_journal(struct txn *txn)
{
    struct chain chain = {0};
    int64_t began = clock_monotonic();
    ouse_rc rc = each_entry(txn, DB_JOURNAL, chain_entry, &chain);
    if (!rc)
        log_info(AREA, "chained %" PRIu64 " journal entries in %" PRId64 " ms", chain.n,
                 clock_monotonic() - began);
    return rc;
}

/* ---- All of them ------------------------------------------------------------------ */

/* steps[n] leads from format n + 1 to the next; NULL: catalog.c has all there is to do. */
static ouse_rc (*const steps[ENGINE_FORMAT - 1])(struct txn *txn) = {
    drop_present_revisions,
    name_first_revisions,
    chain_journal,
    NULL,
};

ouse_rc migrate_store(struct txn *txn)
{
    uint32_t format;
    ouse_rc rc = txn_format(txn, &format);
    if (rc || format == ENGINE_FORMAT)
        return rc;
    log_info(AREA, "migrating the store from format %u to %d", format, ENGINE_FORMAT);
    for (; format < ENGINE_FORMAT && !rc; format++)
        rc = steps[format - 1] ? steps[format - 1](txn) : OUSE_OK;
    return rc ? rc : txn_put_format(txn);
}
