/* memory: a bound on the memory for all parsed request bodies together.
 *
 * A tree of JSON takes up to a hundred times the memory of its text. So a handler reserves the
 * memory that it will need, and waits if other requests hold too much; the reservation ends with
 * the request. If nothing else is reserved, a request of any size proceeds.
 *
 * The C library keeps freed memory in each of its arenas. After a large body, free pages return to
 * the system. */
#include "server.h"
#include <assert.h>
#include <malloc.h>
#include <time.h>

enum { WAIT_MS = 2000, LARGE = 4 << 20, LARGE_BODY = 512 << 10 /* bytes that are worth giving back */ };

void memory_create(struct body_memory *memory, size_t most)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&memory->lock, NULL);
    pthread_cond_init(&memory->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    memory->most = most;
}

void memory_destroy(struct body_memory *memory)
{
    pthread_cond_destroy(&memory->freed);
    pthread_mutex_destroy(&memory->lock);
}

static int has_room(const struct body_memory *memory, size_t n)
{
    return !memory->most || !memory->held || (n <= memory->most && memory->held <= memory->most - n);
}

/* Under the lock. Waits for room; returns whether there is some. At most `waiters` threads wait. */
static int wait_for_room(struct body_memory *memory, size_t n, uint32_t waiters)
{
    struct timespec until;
    int late = memory->waiting >= waiters;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_MS / 1000;
    memory->waiting++;
    while (!has_room(memory, n) && !late)
        late = pthread_cond_timedwait(&memory->freed, &memory->lock, &until) != 0;
    memory->waiting--;
    return has_room(memory, n);
}

ouse_rc http_reserve(struct http_request *request, size_t n)
{
    struct exchange *exchange = request->connection;
    if (!exchange)
        return OUSE_OK;
    struct http_server *server = exchange->server;
    struct body_memory *memory = &server->memory;
    pthread_mutex_lock(&memory->lock);
    int admitted = has_room(memory, n) || wait_for_room(memory, n, server->options.threads / 4);
    if (admitted) {
        memory->held += n;
        exchange->reserved += n;
    }
    pthread_mutex_unlock(&memory->lock);
    if (admitted)
        return OUSE_OK;
    counter_add(&server->refused[REFUSED_MEMORY], 1);
    return problem_fail(request->problem, OUSE_E_BUSY,
                        "The server is parsing too many large bodies; send this one again later.");
}

static void give_back(struct body_memory *memory, size_t n)
{
    pthread_mutex_lock(&memory->lock);
    assert(memory->held >= n);
    memory->held -= n;
    if (memory->waiting)
        pthread_cond_broadcast(&memory->freed);
    pthread_mutex_unlock(&memory->lock);
}

void memory_release(struct exchange *exchange)
{
    if (exchange->reserved >= LARGE || exchange->received >= LARGE_BODY)
        malloc_trim(0);
    if (exchange->reserved)
        give_back(&exchange->server->memory, exchange->reserved);
    exchange->reserved = 0;
}

void memory_measure(struct body_memory *memory, struct measures *out)
{
    pthread_mutex_lock(&memory->lock);
    size_t held = memory->held, most = memory->most;
    pthread_mutex_unlock(&memory->lock);
    measure_gauge(out, "http_body_memory", "bytes", NULL,
                  "Memory that requests have reserved for their bodies.");
    measure_value(out, (double)held, NULL);
    measure_gauge(out, "http_body_memory_limit", "bytes", NULL,
                  "Memory that there is for the bodies of all requests (body_memory).");
    measure_value(out, (double)most, NULL);
}
