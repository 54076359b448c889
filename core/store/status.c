/* status: the names of the databases, and what a code of LMDB means for callers and operators. */
#include "engine_lmdb.h"

#include "../base/clock.h"
#include "../observe/log.h"
#include <errno.h>
#include <stdatomic.h>

const char *const engine_db_names[DB_COUNT] = {
    [DB_META] = "meta",
    [DB_RECORDS] = "records",
    [DB_INDEXES] = "indexes",
    [DB_REFERENCES] = "references",
    [DB_PAST_INDEXES] = "past-indexes",
    [DB_PAST_REFERENCES] = "past-references",
    [DB_REVISIONS] = "revisions",
    [DB_JOURNAL] = "journal",
    [DB_TOKENS] = "tokens",
    [DB_OUTBOX] = "outbox",
    [DB_IDEMPOTENCY] = "idempotency",
    [DB_ACCOUNTS] = "accounts",
};

/* Conditions that fail one transaction and do no harm, with advice. */
static const struct refusal refusals[] = {
    {MDB_MAP_FULL, 1, "the store is full: raise map_size"},
    {MDB_TXN_FULL, 0, "the transaction is too large: split the write"},
    {MDB_READERS_FULL, 0, "no reader slot is free: raise max_readers"},
    {ENOSPC, 1, "the disk is full: make room"},
    {EDQUOT, 1, "the disk quota is used up: make room"},
    {EFBIG, 1, "the file may not grow: raise the limit on the size of files"},
    {ENOMEM, 0, "memory is short"},
};

const struct refusal *engine_refusal(int code)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (refusals[i].code == code)
            return &refusals[i];
    return NULL;
}

#define DAMAGED ": data.mdb is damaged; keep a copy of it, and restore a backup"

static bool is_damage(int code)
{
    return code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_CURSOR_FULL ||
           code == MDB_INCOMPATIBLE;
}

ouse_rc engine_status(int code, const char *doing)
{
    if (code == 0)
        return OUSE_OK;
    if (code == MDB_NOTFOUND)
        return OUSE_E_NOT_FOUND;
    const struct refusal *refusal = engine_refusal(code);
    if (refusal) {
        log_warn("store", "%s: %s", doing, refusal->advice);
        return OUSE_E_UNAVAILABLE;
    }
    log_error("store", "%s: %s%s", doing, mdb_strerror(code), is_damage(code) ? DAMAGED : "");
    return OUSE_E_INTERNAL;
}

/* Keeps the first instant of a failure that lasts. */
void engine_note_failing(struct engine *engine, bool failing)
{
    int64_t never = 0;
    if (failing)
        atomic_compare_exchange_strong(&engine->failing_since, &never, clock_now());
    else
        atomic_store(&engine->failing_since, 0);
}

const char *engine_poisoned(const struct engine *engine)
{
    return atomic_load_explicit(&engine->poison, memory_order_acquire);
}

bool engine_note_room(struct engine *engine, int code)
{
    const struct refusal *refusal = engine_refusal(code);
    bool full = refusal && refusal->full;
    atomic_store(&engine->full, full);
    if (!engine_poisoned(engine))
        engine_note_failing(engine, full);
    return full;
}
