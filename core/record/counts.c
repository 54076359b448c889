/* counts: the number of records in each collection, for monitoring.
 *
 * Records are counted by following the journal: each creation adds one to its collection, each
 * removal and merge subtracts one, whether this server or a command wrote it. So the first count
 * reads the whole journal, in steps with separate snapshots, and each later one only the new
 * changes. */
#include "internal.h"

#include "../base/heap.h"
#include <stdlib.h>

enum { STEP = 20000 /* entries in one snapshot */ };

struct census *census_create(const struct schema *schema)
{
    struct census *census = heap_zero(sizeof *census);
    census->live = heap_zero((schema_count(schema) + 1) * sizeof *census->live);
    pthread_mutex_init(&census->lock, NULL);
    return census;
}

void census_destroy(struct census *census)
{
    if (!census)
        return;
    pthread_mutex_destroy(&census->lock);
    free(census->live);
    free(census);
}

/* Skips collections that are not loaded. */
static void count(struct census *census, const struct schema *schema, const struct journal_entry *entry)
{
    static const int changes[] = {[JOURNAL_CREATE] = 1, [JOURNAL_REMOVE] = -1, [JOURNAL_MERGE] = -1};
    int change = entry->op < sizeof changes / sizeof *changes ? changes[entry->op] : 0;
    uint32_t n = schema_count(schema), i = 0;
    if (!change)
        return;
    while (i < n && schema_at(schema, i)->number != entry->collection)
        i++;
    census->live[i] += change;
}

/* Follows the journal a step further; whether there is more of it. */
static ouse_rc follow(struct census *census, const struct schema *schema, struct txn *txn, int *more)
{
    struct ouse_str found, stored;
    struct journal_entry entry;
    struct cursor *cursor;
    struct key key;
    key_init(&key);
    key_u64(&key, census->sequence + 1);
    ouse_rc rc = cursor_open(txn, DB_JOURNAL, &cursor);
    if (!rc)
        rc = cursor_seek(cursor, key_str(&key), &found, &stored);
    for (int n = 0; !rc && n < STEP; n++) {
        census->sequence = key_read_u64(found.p);
        if (journal_read(stored, &entry) == 0)
            count(census, schema, &entry);
        rc = cursor_next(cursor, &found, &stored);
    }
    *more = !rc;
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

static ouse_rc catch_up(struct records *records)
{
    int more = 1;
    ouse_rc rc = OUSE_OK;
    while (!rc && more) {
        struct txn *txn;
        rc = engine_read(records->engine, &txn);
        if (rc)
            return rc;
        rc = follow(records->census, records->schema, txn, &more);
        txn_end(txn);
    }
    return rc;
}

static ouse_rc tell_records(struct records *records, struct measures *out)
{
    struct census *census = records->census;
    pthread_mutex_lock(&census->lock);
    ouse_rc rc = catch_up(records);
    measure_gauge(out, "records", NULL, "collection", "Records, whatever their visibility.");
    for (uint32_t i = 0; !rc && i < schema_count(records->schema); i++)
        measure_value(out, (double)census->live[i], (const char *[]){schema_at(records->schema, i)->is.name});
    pthread_mutex_unlock(&census->lock);
    return rc;
}

static int is_ready(struct records *records, struct txn *txn)
{
    struct arena arena = {0};
    struct readiness readiness = {.arena = &arena};
    records_ready(records, txn, &readiness);
    arena_finish(&arena);
    return readiness.n == 0;
}

static ouse_rc tell_store(struct records *records, struct measures *out)
{
    uint64_t last = 0, waiting = 0;
    struct txn *txn;
    ouse_rc rc = engine_read(records->engine, &txn);
    if (rc)
        return rc;
    rc = journal_last(txn, &last);
    if (!rc)
        rc = txn_count(txn, DB_OUTBOX, &waiting);
    measure_gauge(out, "ready", NULL, NULL, "1 while /readyz reports ready.");
    measure_value(out, !rc && is_ready(records, txn), NULL);
    measure_gauge(out, "last_change", NULL, NULL, "The position of the last change.");
    measure_value(out, (double)(records->epoch + last), NULL);
    measure_gauge(out, "outbox_entries", NULL, NULL, "Changes that are still to be delivered to plugins.");
    measure_value(out, (double)waiting, NULL);
    engine_measure(txn, out);
    txn_end(txn);
    return rc;
}

ouse_rc records_measure(struct records *records, struct measures *out)
{
    ouse_rc rc = tell_records(records, out);
    if (!rc)
        rc = tell_store(records, out);
    if (records->writer)
        writer_measure(records->writer, out);
    return rc;
}
