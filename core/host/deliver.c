/* deliver: DELIVER hooks, from a durable outbox (outbox.h).
 *
 * Each plugin has a thread for its deliveries, so a slow plugin does not delay the others. Its hooks
 * take turns, each in commit order. A turn is one entry, or as many as take no longer than the slowest
 * call of another hook: a slow hook takes its share of the time, not of the entries. Two hooks of one
 * plugin never run at once, as a plugin may keep state for its deliveries without a lock.
 *
 * An entry is removed after its call; a crash in between delivers it again: at least once. If a hook
 * fails with OUSE_E_UNAVAILABLE, its own entries wait, longer each time.
 */
#include "../base/clock.h"
#include "../observe/callback.h"
#include "../observe/log.h"
#include "outbox.h"

#define DELIVER_EVERY 200    /* ms */
#define RETRY_FIRST   1000   /* ms */
#define RETRY_MOST    300000 /* ms */
#define QUEUE_MAX     64     /* bytes of a name */

ouse_rc deliver_later(struct change *change, void *arg)
{
    /* If the record was only hidden or shown, there is nothing to deliver. */
    return change->audience ? OUSE_OK : outbox_put(change->set->txn, arg, change->set->sequence, change);
}

/* ---- Queues -------------------------------------------------------------------------- */

/* "things#0": the first DELIVER hook of things; "*#0": the first of all collections. */
static const char *name_unnamed(struct worker *worker, const char *collection)
{
    const char *of = collection ? collection : "*";
    uint32_t n = 0;
    for (const struct bound_hook *hook = worker->deliveries; hook; hook = hook->next)
        n += strcmp(of, hook->is->collection ? hook->is->collection : "*") == 0;
    return arena_printf(&worker->runtime->memory, "%s#%u", of, n).p;
}

ouse_rc deliver_bind(struct bound_hook *hook, struct problem *problem)
{
    struct worker *worker = hook->worker;
    const char *name = hook->is->name;
    struct bound_hook **last = &worker->deliveries;
    if (name && (!schema_name_valid(name, '-') || strlen(name) > QUEUE_MAX))
        return plugin_refuse(worker->plugin, problem, "the name of %s is \"%s\"; it must be [a-z][a-z0-9-]*",
                             hook->label, name);
    hook->queue_unnamed = name_unnamed(worker, hook->is->collection);
    hook->queue = name ? name : hook->queue_unnamed;
    for (; *last; last = &(*last)->next)
        if (strcmp((*last)->queue, hook->queue) == 0)
            return plugin_refuse(worker->plugin, problem, "%s and %s are both named \"%s\"", (*last)->label,
                                 hook->label, name);
    *last = hook;
    return OUSE_OK;
}

/* ---- Calls --------------------------------------------------------------------------- */

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

/* Calls the hook. If the collection of an entry is no longer loaded, does nothing. */
static ouse_rc call(const struct bound_hook *hook, const struct outbox_entry *entry, struct txn *txn,
                    struct problem *problem)
{
    const struct worker *worker = hook->worker;
    const struct collection *collection =
        schema_numbered(records_schema(worker->runtime->records), entry->collection);
    struct context context;
    struct ouse_change seen = {.size = sizeof seen,
                               .op = entry->op,
                               .phase = OUSE_DELIVER,
                               .revision = entry->revision,
                               .id = entry->id,
                               .actor = entry->actor};
    if (!collection)
        return OUSE_OK;
    context_begin(&context, worker, "DELIVER", hook->label, problem->arena, problem);
    context.txn = txn;
    seen.collection = collection->is.name;
    callback_about(seen.collection, seen.id);
    seen.before = revision(&context, collection, entry->id, entry->revision - 1);
    seen.after = revision(&context, collection, entry->id, entry->revision);
    return context_end(&context, hook->is->fn(&context.visible, &seen));
}

/* Interprets the result of the hook: logs a failure for which the entry does not wait. */
static ouse_rc judge(const struct bound_hook *hook, const struct outbox_entry *entry, ouse_rc rc,
                     const struct problem *problem)
{
    const char *plugin = hook->worker->plugin->is.name;
    if (rc == OUSE_E_UNAVAILABLE)
        log_warn(plugin, "delivery of %.*s is postponed: %.*s", OUSE_F(entry->id),
                 OUSE_F(context_reason(problem)));
    else if (rc)
        log_error(plugin, "delivery of %.*s failed and is dropped: %.*s", OUSE_F(entry->id),
                  OUSE_F(context_reason(problem)));
    return rc == OUSE_E_UNAVAILABLE ? rc : OUSE_OK;
}

/* Delivers the first entry of a hook. Returns OUSE_E_NOT_FOUND if it does not exist,
 * OUSE_E_UNAVAILABLE if it must wait. */
static ouse_rc deliver_first(const struct bound_hook *hook)
{
    struct records *records = hook->worker->runtime->records;
    struct arena arena;
    struct problem problem;
    struct outbox_entry entry;
    struct txn *txn;
    arena_init(&arena);
    problem_init(&problem, &arena);
    ouse_rc rc = engine_read(records_engine(records), &txn);
    if (!rc) {
        rc = outbox_first(txn, hook, &arena, &entry);
        if (!rc)
            rc = judge(hook, &entry, call(hook, &entry, txn, &problem), &problem);
        txn_end(txn);
        if (!rc)
            rc = records_maintain(records, outbox_remove, &entry);
    }
    arena_finish(&arena);
    return rc;
}

static void wait_longer(struct bound_hook *hook)
{
    hook->retry = hook->retry ? hook->retry * 2 : RETRY_FIRST;
    if (hook->retry > RETRY_MOST)
        hook->retry = RETRY_MOST;
    hook->retry_at = clock_monotonic() + hook->retry;
}

/* The turn of a hook, which ends after `ms`. Raises `slowest` to the time of its slowest call. Returns how
 * many entries were delivered. */
static uint32_t take_turn(struct bound_hook *hook, int64_t ms, int64_t *slowest)
{
    const struct ticker *ticker = hook->worker->delivering;
    int64_t begun = clock_monotonic(), now = begun, call = begun;
    uint32_t n = 0;
    ouse_rc rc = OUSE_OK;
    if (now < hook->retry_at)
        return 0;
    do {
        rc = deliver_first(hook);
        n += !rc;
        now = clock_monotonic();
        *slowest = now - call > *slowest ? now - call : *slowest;
        call = now;
    } while (!rc && now - begun < ms && !ticker_ending(ticker));
    if (rc == OUSE_E_UNAVAILABLE)
        wait_longer(hook);
    else
        hook->retry = 0;
    return n;
}

static void deliver(void *arg)
{
    struct worker *worker = arg;
    int64_t last = 0, slowest; /* ms, of the calls of the last round and of this one */
    uint32_t n;
    do {
        n = 0;
        slowest = 0;
        for (struct bound_hook *hook = worker->deliveries; hook && !ticker_ending(worker->delivering);
             hook = hook->next)
            n += take_turn(hook, last > slowest ? last : slowest, &slowest);
        last = slowest;
    } while (n);
}

ouse_rc deliver_start(struct worker *worker, struct problem *problem)
{
    ouse_rc rc = outbox_adopt(worker, problem);
    if (rc || !worker->deliveries)
        return rc;
    worker->delivering = ticker_create();
    ticker_add(worker->delivering, DELIVER_EVERY, deliver, worker);
    return ticker_run(worker->delivering)
               ? problem_fail(problem, OUSE_E_INTERNAL, "No thread could be started")
               : OUSE_OK;
}
