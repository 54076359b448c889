/* callback: see callback.h.
 *
 * A serial number guards each call: it is odd while the thread writes the call. A reader takes the
 * number, copies the call and takes the number again; if the two differ, the copy is void. The
 * number also distinguishes two calls. */
#include "callback.h"

#include "../base/clock.h"
#include "../base/heap.h"
#include "log.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { DEPTH = 32, ID_WORDS = CALLBACK_ID / 8, SIGNAL_STACK = 64 << 10 };

struct call {
    _Atomic(uint64_t) serial;
    _Atomic(const char *) plugin, kind, name, collection;
    _Atomic(uint64_t) id[ID_WORDS];
    _Atomic(uint32_t) tick, writes;
};

/* The calls of one thread. Slots are never freed: if a thread ends, another thread takes its slot. */
struct slot {
    struct call calls[DEPTH];
    _Atomic(uint32_t) depth;
    uint64_t serial;
    atomic_int taken;
    struct slot *next; /* of all slots; constant once the slot is in the list */
    /* Of the watchdog: the call that it logged last, and when to log it again. */
    uint64_t reported;
    uint32_t report_tick;
    struct callback said;
    char stack[SIGNAL_STACK]; /* for signal handlers, so that they run after a stack overflow too */
};

static _Atomic(struct slot *) slots;
static _Thread_local struct slot *mine;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_end;

static _Atomic(uint32_t) now; /* ticks */
static _Atomic(int64_t) tick_length;
static _Atomic(uint32_t) limit; /* in ticks; 0: nothing is late */

/* ---- Slots --------------------------------------------------------------------- */

static void use_stack(struct slot *slot, int flags)
{
    stack_t stack = {.ss_sp = slot->stack, .ss_size = sizeof slot->stack, .ss_flags = flags}, old;
    if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE || old.ss_sp == slot->stack))
        sigaltstack(&stack, NULL);
}

static void give_back(void *arg)
{
    struct slot *slot = arg;
    use_stack(slot, SS_DISABLE);
    mine = NULL;
    atomic_store(&slot->taken, 0);
}

static void make_key(void)
{
    pthread_key_create(&thread_end, give_back);
}

static struct slot *find_free(void)
{
    for (struct slot *slot = atomic_load(&slots); slot; slot = slot->next) {
        int free = 0;
        if (atomic_compare_exchange_strong(&slot->taken, &free, 1))
            return slot;
    }
    return NULL;
}

static struct slot *add_slot(void)
{
    struct slot *slot = heap_zero(sizeof *slot);
    atomic_store(&slot->taken, 1);
    slot->next = atomic_load(&slots);
    while (!atomic_compare_exchange_weak(&slots, &slot->next, slot))
        ;
    return slot;
}

static struct slot *take_slot(void)
{
    pthread_once(&once, make_key);
    struct slot *slot = find_free();
    mine = slot ? slot : add_slot();
    use_stack(mine, 0);
    pthread_setspecific(thread_end, mine);
    return mine;
}

/* ---- Calls --------------------------------------------------------------------- */

#define STORE(to, value) atomic_store_explicit(&(to), (value), memory_order_relaxed)
#define LOAD(from)       atomic_load_explicit(&(from), memory_order_relaxed)

static void begin_change(struct slot *slot, struct call *call)
{
    STORE(call->serial, ++slot->serial);
    atomic_thread_fence(memory_order_release);
}

static void end_change(struct slot *slot, struct call *call)
{
    atomic_store_explicit(&call->serial, ++slot->serial, memory_order_release);
}

void callback_enter(const char *plugin, const char *kind, const char *name)
{
    struct slot *slot = mine ? mine : take_slot();
    uint32_t depth = LOAD(slot->depth);
    if (depth < DEPTH) {
        struct call *call = &slot->calls[depth];
        begin_change(slot, call);
        STORE(call->plugin, plugin);
        STORE(call->kind, kind);
        STORE(call->name, name);
        STORE(call->collection, NULL);
        STORE(call->id[0], 0);
        STORE(call->tick, LOAD(now));
        STORE(call->writes, 0);
        end_change(slot, call);
    }
    atomic_store_explicit(&slot->depth, depth + 1, memory_order_release);
}

void callback_about(const char *collection, struct ouse_str id)
{
    struct slot *slot = mine;
    uint32_t depth = slot ? LOAD(slot->depth) : 0;
    uint64_t words[ID_WORDS + 1] = {0};
    size_t n = id.n < CALLBACK_ID ? id.n : CALLBACK_ID;
    if (depth == 0 || depth > DEPTH || !id.p)
        return;
    struct call *call = &slot->calls[depth - 1];
    memcpy(words, id.p, n);
    begin_change(slot, call);
    STORE(call->collection, collection);
    for (size_t i = 0; i < ID_WORDS && i <= n / 8; i++)
        STORE(call->id[i], words[i]);
    end_change(slot, call);
}

void callback_writes(void)
{
    struct slot *slot = mine;
    uint32_t depth = LOAD(slot->depth);
    if (depth <= DEPTH)
        STORE(slot->calls[depth - 1].writes, 1);
}

void callback_leave(void)
{
    struct slot *slot = mine;
    atomic_store_explicit(&slot->depth, LOAD(slot->depth) - 1, memory_order_release);
}

static void copy(struct call *call, struct callback *callback)
{
    uint64_t words[ID_WORDS];
    for (size_t i = 0; i < ID_WORDS; i++)
        words[i] = LOAD(call->id[i]);
    callback->plugin = LOAD(call->plugin);
    callback->kind = LOAD(call->kind);
    callback->name = LOAD(call->name);
    callback->collection = LOAD(call->collection);
    memcpy(callback->id, words, CALLBACK_ID);
    callback->id[CALLBACK_ID] = '\0';
    callback->writes = LOAD(call->writes);
    callback->since = 0;
}

int callback_current(struct callback *callback)
{
    struct slot *slot = mine;
    uint32_t depth = slot ? LOAD(slot->depth) : 0;
    if (!depth)
        return 0;
    copy(&slot->calls[(depth < DEPTH ? depth : DEPTH) - 1], callback);
    return 1;
}

/* ---- Late calls ------------------------------------------------------------------ */

void callback_limit(int64_t limit_ms, int64_t tick_ms)
{
    STORE(tick_length, tick_ms);
    STORE(limit, limit_ms ? (uint32_t)((limit_ms + tick_ms - 1) / tick_ms) : 0);
}

/* Copies a call if it is late and is not changed meanwhile. Returns its serial number, else 0. */
static uint64_t read_late(struct call *call, struct callback *callback)
{
    uint64_t serial = atomic_load_explicit(&call->serial, memory_order_acquire);
    uint32_t ticks = LOAD(now) - LOAD(call->tick);
    if (serial % 2 || ticks < LOAD(limit))
        return 0;
    copy(call, callback);
    atomic_thread_fence(memory_order_acquire);
    callback->since = clock_now() - ticks * LOAD(tick_length);
    return LOAD(call->serial) == serial ? serial : 0;
}

/* The innermost late call of a thread. */
static uint64_t find_late(struct slot *slot, struct callback *callback)
{
    uint32_t depth = atomic_load_explicit(&slot->depth, memory_order_acquire);
    for (uint32_t i = depth < DEPTH ? depth : DEPTH; i-- > 0;) {
        uint64_t serial = read_late(&slot->calls[i], callback);
        if (serial && i < atomic_load_explicit(&slot->depth, memory_order_acquire))
            return serial;
    }
    return 0;
}

uint32_t callback_late(struct callback *late, uint32_t most)
{
    uint32_t n = 0;
    if (!LOAD(limit))
        return 0;
    for (struct slot *slot = atomic_load(&slots); slot && n < most; slot = slot->next)
        n += find_late(slot, &late[n]) != 0;
    return n;
}

static void report(const struct callback *said, const char *what)
{
    const char *of = said->collection && said->id[0] ? said->collection : "";
    log_warn(said->plugin, "%s%s%s%s%s%s%s %s %lld s", said->kind ? said->kind : "", said->kind ? " " : "",
             said->name, said->id[0] ? " on " : "", of, *of ? "/" : "", said->id, what,
             (long long)(clock_now() - said->since) / 1000);
}

static void look_at(struct slot *slot)
{
    struct callback late;
    uint64_t serial = find_late(slot, &late);
    uint32_t tick = LOAD(now);
    if (slot->reported && serial != slot->reported) {
        report(&slot->said, "has returned after");
        slot->reported = 0;
    }
    if (!serial || (slot->reported && (int32_t)(tick - slot->report_tick) < 0))
        return;
    report(&late, "has not returned for");
    slot->reported = serial;
    slot->said = late;
    slot->report_tick = tick + (uint32_t)((clock_now() - late.since) / LOAD(tick_length));
}

void callback_tick(void)
{
    atomic_fetch_add_explicit(&now, 1, memory_order_relaxed);
    if (!LOAD(limit))
        return;
    for (struct slot *slot = atomic_load(&slots); slot; slot = slot->next)
        look_at(slot);
}
