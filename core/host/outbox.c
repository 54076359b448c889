/* outbox: see outbox.h. */
#include "outbox.h"

#include "../observe/log.h"

enum { ADOPTED = 1000 /* entries in one transaction */ };

/* The keys of a plugin, of one of its queues, or, after the queue, up to those of the next. */
static void begin_key(struct key *key, const struct worker *worker, struct ouse_str queue, uint8_t end)
{
    key_init(key);
    key_bytes(key, ouse_s(worker->plugin->is.name));
    key_byte(key, 0);
    if (!queue.p)
        return;
    key_bytes(key, queue);
    key_byte(key, end);
}

ouse_rc outbox_put(struct txn *txn, const struct bound_hook *hook, uint64_t sequence,
                   const struct change *change)
{
    struct key key, value;
    begin_key(&key, hook->worker, ouse_s(hook->queue), 0);
    key_u64(&key, sequence);
    key_u32(&key, change->collection->number);
    key_bytes(&key, change->id);
    key_init(&value);
    key_u32(&value, change->op);
    key_u32(&value, change->revision);
    key_bytes(&value, change->set->caller.actor);
    return txn_put(txn, DB_OUTBOX, key_str(&key), key_str(&value));
}

/* The first key from `from` on that begins with `prefix`. */
static ouse_rc seek(struct txn *txn, const struct key *from, const struct key *prefix, struct ouse_str *found,
                    struct ouse_str *value)
{
    struct cursor *cursor;
    ouse_rc rc = cursor_open(txn, DB_OUTBOX, &cursor);
    if (rc)
        return rc;
    rc = cursor_seek(cursor, key_str(from), found, value);
    cursor_close(cursor);
    return !rc && !key_has_prefix(*found, key_str(prefix)) ? OUSE_E_NOT_FOUND : rc;
}

ouse_rc outbox_first(struct txn *txn, const struct bound_hook *hook, struct arena *arena,
                     struct outbox_entry *entry)
{
    struct ouse_str found, value;
    struct key prefix;
    begin_key(&prefix, hook->worker, ouse_s(hook->queue), 0);
    ouse_rc rc = seek(txn, &prefix, &prefix, &found, &value);
    if (rc)
        return rc;
    if (found.n < prefix.n + 13 || value.n < 8)
        return OUSE_E_INTERNAL;
    const char *at = found.p + prefix.n + 8;
    key_init(&entry->key);
    key_bytes(&entry->key, found);
    entry->collection = key_read_u32(at);
    entry->op = key_read_u32(value.p);
    entry->revision = key_read_u32(value.p + 4);
    entry->id = arena_copy(arena, (struct ouse_str){at + 4, found.n - prefix.n - 12});
    entry->actor = arena_copy(arena, (struct ouse_str){value.p + 8, value.n - 8});
    return OUSE_OK;
}

ouse_rc outbox_remove(struct txn *txn, void *arg)
{
    const struct outbox_entry *entry = arg;
    ouse_rc rc = txn_delete(txn, DB_OUTBOX, key_str(&entry->key));
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* ---- Entries of other versions ----------------------------------------------------- */

/* A key without its plugin. */
struct stray {
    struct ouse_str queue; /* no text: of the older layout */
    uint32_t row;          /* of that */
    struct ouse_str rest;  /* sequence(8) collection(4) id, or of the older layout collection(4) id */
    const char *sequence;
};

/* Returns -1 if the key is damaged. */
static int take_apart(struct ouse_str rest, struct stray *stray)
{
    const char *end = rest.n ? memchr(rest.p, 0, rest.n) : NULL;
    if (!end)
        return -1;
    uint32_t n = (uint32_t)(end - rest.p);
    uint32_t head = n ? n + 1 : 12;
    if (rest.n < head + 4)
        return -1;
    stray->queue = n ? (struct ouse_str){rest.p, n} : (struct ouse_str){NULL, 0};
    stray->row = n ? 0 : key_read_u32(rest.p + 8);
    stray->sequence = n ? NULL : rest.p;
    stray->rest = (struct ouse_str){rest.p + head, rest.n - head};
    return 0;
}

static int fits(const struct bound_hook *hook, const struct collection *collection, uint32_t op)
{
    const char *of = hook->is->collection;
    return (!of || (collection && strcmp(of, collection->is.name) == 0)) && hook->is->ops & op;
}

/* By its row, if the hook there can have queued it; else the only one that can. */
static const struct bound_hook *find_by_row(const struct worker *worker, const struct stray *stray,
                                            uint32_t op)
{
    const struct collection *collection =
        schema_numbered(records_schema(worker->runtime->records), key_read_u32(stray->rest.p));
    const struct bound_hook *only = NULL;
    int n = 0;
    for (const struct bound_hook *hook = worker->deliveries; hook; hook = hook->next) {
        if (!fits(hook, collection, op))
            continue;
        if (hook->row == stray->row)
            return hook;
        only = hook;
        n++;
    }
    return n == 1 ? only : NULL;
}

static const struct bound_hook *find_by_name(const struct worker *worker, struct ouse_str queue, int unnamed)
{
    for (const struct bound_hook *hook = worker->deliveries; hook; hook = hook->next)
        if (ouse_is(queue, unnamed ? hook->queue_unnamed : hook->queue))
            return hook;
    return NULL;
}

/* Moves the entry into the queue of the hook (NULL: only removes it) and removes it from its place. */
static ouse_rc move(struct txn *txn, const struct worker *worker, const struct bound_hook *hook,
                    struct ouse_str found, const struct stray *stray, struct ouse_str value)
{
    struct key old, key, kept;
    key_init(&old);
    key_bytes(&old, found);
    if (hook) {
        begin_key(&key, worker, ouse_s(hook->queue), 0);
        if (stray->sequence)
            key_bytes(&key, (struct ouse_str){stray->sequence, 8});
        key_bytes(&key, stray->rest);
        key_init(&kept);
        key_bytes(&kept, value);
        ouse_rc rc = txn_put(txn, DB_OUTBOX, key_str(&key), key_str(&kept));
        if (rc)
            return rc;
    }
    return txn_delete(txn, DB_OUTBOX, key_str(&old));
}

struct adoption {
    const struct worker *worker;
    uint32_t moved, dropped; /* by the last transaction */
};

/* Queues of hooks that are there are stepped over. */
static ouse_rc adopt_some(struct txn *txn, void *arg)
{
    struct adoption *adoption = arg;
    const struct worker *worker = adoption->worker;
    struct ouse_str found, value;
    struct key prefix, from;
    ouse_rc rc;
    begin_key(&prefix, worker, ouse_s(NULL), 0);
    from = prefix;
    adoption->moved = adoption->dropped = 0;
    while (adoption->moved + adoption->dropped < ADOPTED &&
           !(rc = seek(txn, &from, &prefix, &found, &value))) {
        struct stray stray = {0};
        const struct bound_hook *hook = NULL;
        int damaged =
            take_apart((struct ouse_str){found.p + prefix.n, found.n - prefix.n}, &stray) != 0 || value.n < 8;
        if (!damaged && stray.queue.p && find_by_name(worker, stray.queue, 0)) {
            begin_key(&from, worker, stray.queue, 1);
            continue;
        }
        if (!damaged)
            hook = stray.queue.p ? find_by_name(worker, stray.queue, 1)
                                 : find_by_row(worker, &stray, key_read_u32(value.p));
        adoption->moved += hook != NULL;
        adoption->dropped += hook == NULL;
        if ((rc = move(txn, worker, hook, found, &stray, value)))
            return rc;
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Whether anything is queued for the plugin: without this, each start would make a commit for each plugin. */
static ouse_rc has_entries(const struct worker *worker, int *has)
{
    struct ouse_str found, value;
    struct key prefix, from;
    struct txn *txn;
    ouse_rc rc = engine_read(records_engine(worker->runtime->records), &txn);
    if (rc)
        return rc;
    begin_key(&prefix, worker, ouse_s(NULL), 0);
    from = prefix;
    rc = seek(txn, &from, &prefix, &found, &value);
    txn_end(txn);
    *has = rc == OUSE_OK;
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc outbox_adopt(struct worker *worker, struct problem *problem)
{
    struct adoption adoption = {.worker = worker};
    uint64_t dropped = 0;
    int has = 0;
    ouse_rc rc = has_entries(worker, &has);
    while (has && !rc) {
        rc = records_maintain(worker->runtime->records, adopt_some, &adoption);
        dropped += adoption.dropped;
        has = adoption.moved + adoption.dropped == ADOPTED;
    }
    if (dropped)
        log_warn(worker->plugin->is.name,
                 "%llu deliveries waited for hooks that it does not have any more; they are dropped",
                 (unsigned long long)dropped);
    return rc ? problem_fail(problem, rc, "The outbox of the plugin %s cannot be read",
                             worker->plugin->is.name)
              : OUSE_OK;
}
