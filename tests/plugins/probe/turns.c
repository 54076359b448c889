/* turns: how many callers are inside at a time. Built as a SERIAL and as a PARALLEL
 * plugin (THREADS). GET NAME/turn goes in, lets others have their chance, and goes
 * out; GET NAME/meet waits inside for a second caller; GET NAME/most says how many
 * there were at the most. */
#include <ouse/plugin.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#define PATIENCE 20 /* s: how long one waits inside for another */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static int inside, most;

static void enter(void)
{
    pthread_mutex_lock(&lock);
    inside++;
    most = inside > most ? inside : most;
    pthread_cond_broadcast(&came);
    pthread_mutex_unlock(&lock);
}

static void leave(void)
{
    pthread_mutex_lock(&lock);
    inside--;
    pthread_mutex_unlock(&lock);
}

static ouse_rc turn(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    enter();
    for (int i = 0; i < 200; i++)
        sched_yield();
    leave();
    ouse_reply(ctx, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc meet(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct timespec until;
    (void)request;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE;
    enter();
    pthread_mutex_lock(&lock);
    while (most < 2 && pthread_cond_timedwait(&came, &lock, &until) == 0)
        ;
    pthread_mutex_unlock(&lock);
    leave();
    ouse_reply(ctx, ouse_object(ctx));
    return OUSE_OK;
}

static ouse_rc show_most(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *seen = ouse_object(ctx);
    (void)request;
    pthread_mutex_lock(&lock);
    ouse_set_number(ctx, seen, "most", most);
    pthread_mutex_unlock(&lock);
    ouse_reply(ctx, seen);
    return OUSE_OK;
}

static const struct ouse_route routes[] = {
    {.method = "GET", .path = NAME "/turn", .access = OUSE_READ, .fn = turn, .summary = "In and out."},
    {.method = "POST", .path = NAME "/turn", .access = OUSE_WRITE, .fn = turn, .summary = "In and out."},
    {.method = "GET", .path = NAME "/meet", .access = OUSE_NONE, .fn = meet, .summary = "Waits."},
    {.method = "GET", .path = "/" NAME "/most", .access = OUSE_NONE, .fn = show_most, .summary = "How many."},
};

OUSE_PLUGIN(.name = NAME, .version = "1.0.0", .title = "Turns", .threads = THREADS,
            .routes = OUSE_ROWS(routes))
