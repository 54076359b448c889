/* threads: CivetWeb's threads, known while they run, so that an end need not be waited for.
 *
 * They look for the end every two seconds only: the one that accepts connections, and those that
 * wait for the next request on one. A signal breaks off what they wait in.
 */
#include "server.h"
#include <civetweb.h>
#include <signal.h>
#include <time.h>

void thread_begins(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->threads[server->n_threads++] = pthread_self();
    pthread_mutex_unlock(&server->lock);
}

void thread_ends(struct http_server *server)
{
    uint32_t i = 0;
    pthread_mutex_lock(&server->lock);
    while (!pthread_equal(server->threads[i], pthread_self()))
        i++;
    server->threads[i] = server->threads[--server->n_threads];
    pthread_mutex_unlock(&server->lock);
}

/* Is there to interrupt, which a signal that is ignored does not. */
static void handle(int signal)
{
    (void)signal;
}

/* Until all have ended, as one may begin to wait just behind a signal. */
static void *wake(void *arg)
{
    static const struct timespec pause = {.tv_nsec = 5000000};
    struct http_server *server = arg;
    uint32_t n;
    do {
        pthread_mutex_lock(&server->lock);
        n = server->n_threads;
        for (uint32_t i = 0; i < n; i++)
            pthread_kill(server->threads[i], SIGUSR1);
        pthread_mutex_unlock(&server->lock);
        nanosleep(&pause, NULL);
    } while (n);
    return NULL;
}

void threads_stop(struct http_server *server)
{
    struct sigaction action = {.sa_handler = handle};
    pthread_t waker;
    int wakes;
    sigaction(SIGUSR1, &action, NULL);
    wakes = pthread_create(&waker, NULL, wake, server) == 0;
    mg_stop(server->context);
    if (wakes)
        pthread_join(waker, NULL);
}
