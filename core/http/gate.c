/* gate: keeps connections until a worker can answer them; see gate.h.
 *
 * The lists and their connections are under the gate's lock. Only CivetWeb's
 * accepting thread accepts, looks and hands over; workers leave.
 */
#include "gate.h"

#include "../base/clock.h"
#include "../base/heap.h"
#include "../observe/log.h"
#include "request_check.h"
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    LISTENERS = 64,
    EVENTS = 64,
    BURST = 64,           /* connections that are accepted per event */
    TICK_MS = 100,        /* interval of the deadline check while any connection waits */
    COMPLAINT_MS = 60000, /* between two lines about the same trouble */
    RESERVE = 128,        /* descriptors for all but connections */
    FILES = 8192,         /* descriptors that the program requests, if it may raise its limit */
    CROWD = 8             /* connections over the cap of an address that still get an answer (429) */
};

enum stage { SILENT, PARTIAL, READY, SERVED, STAGES };

struct list {
    struct connection *first, *last;
    uint32_t n;
};

struct gate {
    struct gate_options options;
    struct clients *clients;
    pthread_mutex_t lock;
    struct list lists[STAGES];
    uint32_t n_cut; /* of those that are served */
    uint32_t most;  /* number of connections */
    int shut, paused;
    int64_t now;

    int epoll, timer, bell;
    int ticks;                /* the timer is set */
    int listeners[LISTENERS]; /* the real ones */
    int replaced[LISTENERS];  /* CivetWeb's descriptors */
    uint32_t n_listeners;

    counter closed[GATE_REASONS];
    int64_t complained_at;
    uint32_t refused; /* times that accept failed since then */

    char head[HYGIENE_HEAD_MAX + 1];
    struct connection *by_fd[UINT16_MAX + 1];
};

static _Thread_local struct gate *learning, *attending;

/* ---- Lists ---- */

static void unlink_from(struct gate *gate, struct connection *c)
{
    struct list *list = &gate->lists[c->stage];
    *(c->previous ? &c->previous->next : &list->first) = c->next;
    *(c->next ? &c->next->previous : &list->last) = c->previous;
    list->n--;
}

static void append_to(struct gate *gate, struct connection *c, enum stage stage)
{
    struct list *list = &gate->lists[stage];
    c->stage = stage;
    c->since = gate->now;
    c->previous = list->last;
    c->next = NULL;
    *(list->last ? &list->last->next : &list->first) = c;
    list->last = c;
    list->n++;
}

static void move_to(struct gate *gate, struct connection *c, enum stage stage)
{
    unlink_from(gate, c);
    append_to(gate, c, stage);
}

static uint32_t count_open(const struct gate *gate)
{
    uint32_t n = 0;
    for (int stage = 0; stage < STAGES; stage++)
        n += gate->lists[stage].n;
    return n;
}

/* The end of a connection; its descriptor is closed by the caller. */
static void forget(struct gate *gate, struct connection *c)
{
    assert(gate->by_fd[c->fd] == c);
    gate->by_fd[c->fd] = NULL;
    unlink_from(gate, c);
    atomic_fetch_sub(&c->client->open, 1);
    client_release(gate->clients, c->client);
    free(c);
}

static void drop(struct gate *gate, struct connection *c)
{
    int fd = c->fd;
    forget(gate, c);
    close(fd);
}

/* ---- Events ---- */

static void watch(struct gate *gate, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(gate->epoll, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST)
        epoll_ctl(gate->epoll, EPOLL_CTL_MOD, fd, &event);
}

static void ring(const struct gate *gate)
{
    uint64_t one = 1;
    ssize_t written = write(gate->bell, &one, sizeof one);
    (void)written; /* it fails only if it rings already */
}

/* Starts or stops the timer. It runs until it finds that no connection waits. */
static void set_timer(struct gate *gate, int on)
{
    struct itimerspec every = {0};
    if (on)
        every.it_interval.tv_nsec = every.it_value.tv_nsec = TICK_MS * 1000000L;
    if (gate->ticks != on)
        timerfd_settime(gate->timer, 0, &every, NULL);
    gate->ticks = on;
}

/* A listener that is not watched does not wake the accepting thread. */
static void pause_accepting(struct gate *gate, int paused)
{
    if (gate->paused == paused)
        return;
    gate->paused = paused;
    for (uint32_t i = 0; i < gate->n_listeners; i++)
        watch(gate, gate->listeners[i], paused ? 0 : EPOLLIN);
}

/* ---- Making room ---- */

/* Closes the connection that has been silent longest before its first request. Returns whether
 * there was one. */
static int displace(struct gate *gate)
{
    struct connection *c = gate->lists[SILENT].first;
    c = c ? c : gate->lists[PARTIAL].first;
    if (!c)
        return 0;
    counter_add(&gate->closed[GATE_DISPLACED], 1);
    drop(gate, c);
    return 1;
}

static struct connection *find_longest_silent(const struct gate *gate)
{
    struct connection *longest = NULL;
    int64_t least = gate->now + 1;
    for (struct connection *c = gate->lists[SERVED].first; c; c = c->next) {
        int64_t at = atomic_load_explicit(&c->yields_at, memory_order_relaxed);
        if (!c->cut && at && at < least) {
            longest = c;
            least = at;
        }
    }
    return longest;
}

/* Its worker sees the end of the connection, and leaves it. */
static void cut(struct gate *gate, struct connection *c)
{
    if (c->cut)
        return;
    c->cut = 1;
    gate->n_cut++;
    shutdown(c->fd, SHUT_RDWR);
}

/* Frees a worker for each of `wanted` connections, as far as clients keep workers waiting. */
static void reclaim(struct gate *gate, uint32_t wanted)
{
    while (gate->n_cut < wanted) {
        struct connection *c = find_longest_silent(gate);
        if (!c)
            return;
        counter_add(&gate->closed[GATE_DISPLACED], 1);
        cut(gate, c);
    }
}

/* ---- Accepting ---- */

static void complain(struct gate *gate, int error)
{
    struct rlimit files = {0};
    gate->refused++;
    if (gate->complained_at && gate->now - gate->complained_at < COMPLAINT_MS)
        return;
    getrlimit(RLIMIT_NOFILE, &files);
    log_error("http",
              "cannot accept connections: %s (%u times since the last such line); %u connections are open, "
              "and the limit of open files is %llu: raise it (LimitNOFILE= of the service)",
              strerror(error), gate->refused, count_open(gate), (unsigned long long)files.rlim_cur);
    gate->complained_at = gate->now;
    gate->refused = 0;
}

/* Returns whether a connection is above the cap of its address but still gets an answer. A few are
 * kept to report the reason. */
static int is_crowd(const struct gate *gate, uint32_t open)
{
    return gate->options.per_address && open > gate->options.per_address + CROWD;
}

static struct connection *enroll(struct gate *gate, int fd, const struct sockaddr *peer)
{
    struct address address = address_of(peer);
    struct client *client = client_hold(gate->clients, &address);
    uint32_t open = atomic_fetch_add(&client->open, 1) + 1;
    if (fd > UINT16_MAX || is_crowd(gate, open)) {
        counter_add(&gate->closed[GATE_CROWDED], 1);
        atomic_fetch_sub(&client->open, 1);
        client_release(gate->clients, client);
        close(fd);
        return NULL;
    }
    struct connection *c = heap_zero(sizeof *c);
    c->fd = fd;
    c->client = client;
    c->crowded = gate->options.per_address && open > gate->options.per_address;
    c->address = address;
    address_write(&address, c->text);
    gate->by_fd[fd] = c;
    append_to(gate, c, SILENT);
    return c;
}

/* Whether CivetWeb would end reading a head here: at its end, or at a byte that no head has. */
static int ends_head(const char *head, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)head[i];
        if (c < 128 && c != '\r' && c != '\n' && !isprint(c))
            return 1;
        if (c == '\n' && i > 0 &&
            (head[i - 1] == '\n' || (i > 2 && memcmp(head + i - 3, "\r\n\r\n", 4) == 0)))
            return 1;
    }
    return n > HYGIENE_HEAD_MAX;
}

static void make_ready(struct gate *gate, struct connection *c)
{
    if (c->watched)
        epoll_ctl(gate->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    c->watched = 0;
    move_to(gate, c, READY);
}

/* Checks the input of a client. If the client has ended after a part of a head, a worker rejects
 * that. Drops a connection that has ended without a byte. */
static void look(struct gate *gate, struct connection *c, int ended)
{
    ssize_t n = recv(c->fd, gate->head, sizeof gate->head, MSG_PEEK | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(gate, c);
        return;
    }
    if (n > 0 && (ended || ends_head(gate->head, (size_t)n))) {
        make_ready(gate, c);
        return;
    }
    if (n > 0 && c->stage == SILENT)
        move_to(gate, c, PARTIAL);
    if (!c->watched)
        watch(gate, c->fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
    c->watched = 1;
}

/* Returns a connection, or -1 if no connection is ready. */
static int accept_one(struct gate *gate, int listener, struct sockaddr_storage *peer, socklen_t *n)
{
    if (count_open(gate) >= gate->most && !displace(gate)) {
        reclaim(gate, 1);
        complain(gate, EMFILE);
        pause_accepting(gate, 1);
        return -1;
    }
    int fd = accept4(listener, (struct sockaddr *)(void *)peer, n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        complain(gate, errno);
        if (displace(gate))
            return accept4(listener, (struct sockaddr *)(void *)peer, n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        reclaim(gate, 1);
        pause_accepting(gate, 1);
    }
    return fd;
}

static void accept_all(struct gate *gate, int listener)
{
    for (int i = 0; i < BURST; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t n = sizeof peer;
        int fd = accept_one(gate, listener, &peer, &n);
        if (fd < 0)
            return;
        struct connection *c = enroll(gate, fd, (const struct sockaddr *)(const void *)&peer);
        if (c)
            look(gate, c, 0);
    }
}

/* ---- Handing over ---- */

static void expire(struct gate *gate)
{
    struct connection *c;
    int64_t patience = gate->options.request_ms;
    int64_t silence = patience < GATE_SILENT_MS ? patience : GATE_SILENT_MS;
    while ((c = gate->lists[SILENT].first) && gate->now - c->since >= silence) {
        counter_add(&gate->closed[GATE_SILENT], 1);
        drop(gate, c);
    }
    while ((c = gate->lists[PARTIAL].first) && gate->now - c->since >= patience) {
        c->expired = 1;
        shutdown(c->fd, SHUT_RD); /* CivetWeb rejects the data so far as a whole message */
        make_ready(gate, c);
    }
}

static void attend(struct gate *gate, const struct epoll_event *event)
{
    uint64_t n;
    int fd = event->data.fd;
    for (uint32_t i = 0; i < gate->n_listeners; i++)
        if (fd == gate->listeners[i]) {
            accept_all(gate, fd);
            return;
        }
    if (fd == gate->bell || fd == gate->timer) {
        ssize_t got = read(fd, &n, sizeof n);
        (void)got;
        pause_accepting(gate, 0);
    } else if (gate->by_fd[fd] && gate->by_fd[fd]->stage < READY) {
        look(gate, gate->by_fd[fd], (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
    }
}

/* The next connection that a worker can have. */
static struct connection *next_served(struct gate *gate)
{
    struct connection *c = gate->lists[READY].first;
    if (!c)
        return NULL;
    if (gate->lists[SERVED].n >= gate->options.threads) {
        reclaim(gate, gate->lists[READY].n);
        return NULL;
    }
    move_to(gate, c, SERVED);
    connection_waits(c, gate->now, GATE_YIELD_MS);
    if (gate->lists[READY].n)
        ring(gate);
    return c;
}

/* One turn of the accepting thread. */
static struct connection *turn(struct gate *gate)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(gate->epoll, events, EVENTS, 0);
    gate->now = clock_monotonic();
    for (int i = 0; i < n; i++)
        attend(gate, &events[i]);
    expire(gate);
    struct connection *c = next_served(gate);
    uint32_t waiting = gate->lists[SILENT].n + gate->lists[PARTIAL].n + gate->lists[READY].n;
    set_timer(gate, waiting > 0 || gate->paused);
    return c;
}

static int hand_over(struct gate *gate, struct sockaddr *address)
{
    int fd = -1;
    pthread_mutex_lock(&gate->lock);
    struct connection *c = gate->shut ? NULL : turn(gate);
    if (c) {
        fd = c->fd;
        *(struct sockaddr_in *)(void *)address =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)fd)};
    }
    pthread_mutex_unlock(&gate->lock);
    errno = EAGAIN;
    return fd;
}

/* ---- In the place of the C library's ---- */

#define EXPORTED __attribute__((visibility("default")))

int gate_accept(int listener, struct sockaddr *address, socklen_t *n) __asm__("accept") EXPORTED;
int gate_listen(int fd, int backlog) __asm__("listen") EXPORTED;

int gate_accept(int listener, struct sockaddr *address, socklen_t *n)
{
    return attending ? hand_over(attending, address) : accept4(listener, address, n, 0);
}

int gate_listen(int fd, int backlog)
{
    if (learning && learning->n_listeners < LISTENERS)
        learning->replaced[learning->n_listeners++] = fd;
    return (int)syscall(SYS_listen, fd, backlog);
}

/* ---- The gate as a whole ---- */

/* Returns the number of descriptors that connections may use. Raises the limit if the system
 * permits. */
static uint32_t count_descriptors(void)
{
    struct rlimit files = {0};
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < FILES && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max < FILES ? files.rlim_max : FILES;
        setrlimit(RLIMIT_NOFILE, &files);
        getrlimit(RLIMIT_NOFILE, &files);
    }
    uint64_t n = files.rlim_cur < UINT16_MAX ? files.rlim_cur : UINT16_MAX;
    return (uint32_t)(n > 2 * RESERVE ? n - RESERVE : n / 2);
}

struct gate *gate_create(const struct gate_options *options, struct clients *clients)
{
    struct gate *gate = heap_zero(sizeof *gate);
    gate->options = *options;
    gate->clients = clients;
    gate->most = count_descriptors();
    gate->epoll = epoll_create1(EPOLL_CLOEXEC);
    gate->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    gate->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pthread_mutex_init(&gate->lock, NULL);
    return gate;
}

void gate_learn(struct gate *gate)
{
    learning = gate;
}

void gate_attend(struct gate *gate)
{
    attending = gate;
}

/* Keeps a listener under another descriptor, and puts the epoll instance in its place. */
static int take_listener(struct gate *gate, uint32_t i)
{
    gate->listeners[i] = fcntl(gate->replaced[i], F_DUPFD_CLOEXEC, 3);
    if (gate->listeners[i] < 0 || fcntl(gate->listeners[i], F_SETFL, O_NONBLOCK) != 0)
        return -1;
    watch(gate, gate->listeners[i], EPOLLIN);
    return dup3(gate->epoll, gate->replaced[i], O_CLOEXEC) < 0 ? -1 : 0;
}

int gate_take_over(struct gate *gate)
{
    int rc = gate->n_listeners ? 0 : -1;
    pthread_mutex_lock(&gate->lock);
    errno = ENOTSOCK;
    if (gate->epoll < 0 || gate->timer < 0 || gate->bell < 0) {
        errno = EMFILE;
        rc = -1;
    }
    for (uint32_t i = 0; !rc && i < gate->n_listeners; i++)
        rc = take_listener(gate, i);
    if (!rc) {
        watch(gate, gate->timer, EPOLLIN);
        watch(gate, gate->bell, EPOLLIN);
    }
    pthread_mutex_unlock(&gate->lock);
    return rc;
}

struct connection *gate_find(struct gate *gate, int port)
{
    struct connection *c = gate->by_fd[port];
    assert(c && c->stage == SERVED && c->fd == port);
    return c;
}

void gate_leave(struct gate *gate, struct connection *connection)
{
    pthread_mutex_lock(&gate->lock);
    gate->n_cut -= (uint32_t)connection->cut;
    forget(gate, connection);
    if (gate->lists[READY].n || gate->paused)
        ring(gate);
    pthread_mutex_unlock(&gate->lock);
}

static void cut_all(struct gate *gate)
{
    for (struct connection *c = gate->lists[SERVED].first; c; c = c->next)
        cut(gate, c);
}

void gate_cut(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    cut_all(gate);
    pthread_mutex_unlock(&gate->lock);
}

void gate_shut(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->shut = 1; /* the bell is not read any more: the accepting thread looks for its end */
    cut_all(gate);
    ring(gate);
    pthread_mutex_unlock(&gate->lock);
}

void gate_destroy(struct gate *gate)
{
    if (!gate)
        return;
    for (int stage = SILENT; stage < SERVED; stage++)
        while (gate->lists[stage].first)
            drop(gate, gate->lists[stage].first);
    while (gate->lists[SERVED].first) /* CivetWeb's to close: they were in its queue when it stopped */
        forget(gate, gate->lists[SERVED].first);
    for (uint32_t i = 0; i < gate->n_listeners; i++)
        if (gate->listeners[i] > 0)
            close(gate->listeners[i]);
    close(gate->epoll);
    close(gate->timer);
    close(gate->bell);
    pthread_mutex_destroy(&gate->lock);
    free(gate);
}

uint32_t gate_waiting(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    uint32_t n = gate->lists[SILENT].n + gate->lists[PARTIAL].n + gate->lists[READY].n;
    pthread_mutex_unlock(&gate->lock);
    return n;
}

uint64_t gate_closed(struct gate *gate, enum gate_reason reason)
{
    return counter_read(&gate->closed[reason]);
}
