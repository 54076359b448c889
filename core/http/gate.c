/* gate: the descriptors of the connections, which CivetWeb keeps to itself.
 *
 * The accept of this file takes the place of the C library's in the whole
 * program. On CivetWeb's accepting thread it puts the descriptor in the place
 * of the client's port, where the worker finds it (remote_port). On any other
 * thread it is the plain call.
 */
#include "server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local int accepting;

void gate_thread_begins(void)
{
    accepting = 1;
}

/* A descriptor that does not fit a port is not kept: the limit of open files is far lower. */
static int accept_known(int listener, struct sockaddr *address, socklen_t *n)
{
    int fd = (int)syscall(SYS_accept4, listener, address, n, SOCK_CLOEXEC);
    if (fd > UINT16_MAX) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    if (fd >= 0 && address->sa_family == AF_INET)
        ((struct sockaddr_in *)(void *)address)->sin_port = htons((uint16_t)fd);
    else if (fd >= 0 && address->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)address)->sin6_port = htons((uint16_t)fd);
    return fd;
}

int gate_accept(int listener, struct sockaddr *address, socklen_t *n) __asm__("accept")
    __attribute__((visibility("default")));

int gate_accept(int listener, struct sockaddr *address, socklen_t *n)
{
    return accepting ? accept_known(listener, address, n)
                     : (int)syscall(SYS_accept4, listener, address, n, 0);
}

int http_gone(const struct http_request *request)
{
    const struct exchange *exchange = request->connection;
    if (!exchange)
        return 0;
    struct pollfd client = {.fd = exchange->worker->fd, .events = POLLRDHUP};
    return poll(&client, 1, 0) > 0;
}
