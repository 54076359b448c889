/* deliver: DELIVER hooks, from a durable outbox.
 *
 *   outbox  plugin 0 sequence(8) hook(4) collection(4) id -> op(4) revision(4) actor
 *
 * A FOLLOW hook puts an entry into the transaction of the change itself, so an
 * entry is there exactly when the change is. The upkeep thread takes the entries
 * of a plugin in commit order, calls the hook and takes the entry out; where the
 * hook answers OUSE_E_UNAVAILABLE the plugin's entries wait, longer each time.
 * A crash between call and taking out delivers again: at least once.
 */
#include "../base/clock.h"
#include "../observe/callback.h"
#include "../observe/log.h"
#include "runtime_internal.h"

#define RETRY_FIRST 1000   /* ms */
#define RETRY_MOST  300000 /* ms */
#define AT_A_TIME   100    /* entries of a plugin in one tick */

ouse_rc deliver_later(struct change *change, void *arg)
{
    const struct bound_hook *hook = arg;
    struct change_set *set = change->set;
    struct key key, value;
    struct ouse_str actor = set->caller.actor;
    key_init(&key);
    key_bytes(&key, ouse_s(hook->worker->plugin->is.name));
    key_byte(&key, 0);
    key_u64(&key, set->sequence);
    key_u32(&key, hook->row);
    key_u32(&key, change->collection->number);
    key_bytes(&key, change->id);
    key_init(&value);
    key_u32(&value, change->op);
    key_u32(&value, change->revision);
    key_bytes(&value, actor);
    return txn_put(set->txn, DB_OUTBOX, key_str(&key), key_str(&value));
}

struct entry {
    struct key key;
    uint32_t row, collection, op, revision;
    struct ouse_str id, actor;
};

/* The first entry of a plugin; its texts are in `arena`. */
static ouse_rc first_entry(struct txn *txn, const char *plugin, struct arena *arena, struct entry *entry)
{
    struct ouse_str found, value;
    struct cursor *cursor;
    struct key prefix;
    ouse_rc rc = cursor_open(txn, DB_OUTBOX, &cursor);
    if (rc)
        return rc;
    key_init(&prefix);
    key_bytes(&prefix, ouse_s(plugin));
    key_byte(&prefix, 0);
    rc = cursor_seek(cursor, key_str(&prefix), &found, &value);
    if (!rc && (!key_has_prefix(found, key_str(&prefix)) || found.n < prefix.n + 17 || value.n < 8))
        rc = OUSE_E_NOT_FOUND;
    if (!rc) {
        const char *at = found.p + prefix.n + 8;
        struct ouse_str id = {at + 8, found.n - prefix.n - 16}, actor = {value.p + 8, value.n - 8};
        key_init(&entry->key);
        key_bytes(&entry->key, found);
        entry->row = key_read_u32(at);
        entry->collection = key_read_u32(at + 4);
        entry->op = key_read_u32(value.p);
        entry->revision = key_read_u32(value.p + 4);
        entry->id = arena_copy(arena, id);
        entry->actor = arena_copy(arena, actor);
    }
    cursor_close(cursor);
    return rc;
}

static struct ouse_doc *revision(struct context *context, const struct collection *collection,
                                 struct ouse_str id, uint32_t number)
{
    struct record record;
    if (!number ||
        record_revision(context->txn, collection, id, number, OUSE_MANAGER, context->arena, &record) ||
        record.kind != RECORD_LIVE)
        return NULL;
    return doc_of(record_document(context->arena, &record, NULL));
}

/* Calls the hook that an entry is for. One whose hook or collection is not there
 * any more has nobody to go to. */
static ouse_rc deliver(struct worker *worker, const struct entry *entry, struct txn *txn,
                       struct problem *problem)
{
    const struct ouse_plugin *plugin = &worker->plugin->is;
    const struct ouse_hook *hook = entry->row < plugin->hooks.n ? &plugin->hooks.at[entry->row] : NULL;
    const struct collection *collection =
        schema_numbered(records_schema(worker->runtime->records), entry->collection);
    struct context context;
    struct ouse_change seen = {.size = sizeof seen,
                               .op = entry->op,
                               .phase = OUSE_DELIVER,
                               .revision = entry->revision,
                               .id = entry->id,
                               .actor = entry->actor};
    if (!hook || hook->phase != OUSE_DELIVER || !collection)
        return OUSE_OK;
    context_begin(&context, worker, NULL, "DELIVER hook", problem->arena, problem);
    context.txn = txn;
    seen.collection = collection->is.name;
    callback_about(seen.collection, seen.id);
    seen.before = revision(&context, collection, entry->id, entry->revision - 1);
    seen.after = revision(&context, collection, entry->id, entry->revision);
    return context_end(&context, hook->fn(&context.visible, &seen));
}

static ouse_rc take_out(struct txn *txn, void *arg)
{
    const struct entry *entry = arg;
    ouse_rc rc = txn_delete(txn, DB_OUTBOX, key_str(&entry->key));
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* The first entry of a plugin: OUSE_E_NOT_FOUND when there is none,
 * OUSE_E_UNAVAILABLE when it has to wait. */
static ouse_rc deliver_first(struct worker *worker)
{
    struct records *records = worker->runtime->records;
    struct arena arena;
    struct problem problem;
    struct entry entry;
    struct txn *txn;
    arena_init(&arena);
    problem_init(&problem, &arena);
    ouse_rc rc = engine_read(records_engine(records), &txn);
    if (!rc) {
        ouse_rc there = first_entry(txn, worker->plugin->is.name, &arena, &entry);
        rc = there ? there : deliver(worker, &entry, txn, &problem);
        txn_end(txn);
        if (!there && rc == OUSE_E_UNAVAILABLE)
            log_warn(worker->plugin->is.name, "will be told of %.*s later: %.*s", OUSE_F(entry.id),
                     OUSE_F(context_reason(&problem)));
        if (!there && rc && rc != OUSE_E_UNAVAILABLE) {
            log_error(worker->plugin->is.name, "could not be told of %.*s, and will not be again: %.*s",
                      OUSE_F(entry.id), OUSE_F(context_reason(&problem)));
            rc = OUSE_OK;
        }
        if (!rc)
            rc = records_maintain(records, take_out, &entry);
    }
    arena_finish(&arena);
    return rc;
}

void deliver_all(void *arg)
{
    struct runtime *runtime = arg;
    for (uint32_t i = 0; i < runtime->n; i++) {
        struct worker *worker = &runtime->workers[i];
        ouse_rc rc = OUSE_OK;
        if (!worker->delivers || clock_monotonic() < worker->retry_at)
            continue;
        for (int n = 0; n < AT_A_TIME && !rc && !ticker_ending(runtime->upkeep); n++)
            rc = deliver_first(worker);
        if (rc == OUSE_E_UNAVAILABLE) {
            worker->retry = worker->retry ? worker->retry * 2 : RETRY_FIRST;
            if (worker->retry > RETRY_MOST)
                worker->retry = RETRY_MOST;
            worker->retry_at = clock_monotonic() + worker->retry;
        } else {
            worker->retry = 0;
        }
    }
}
