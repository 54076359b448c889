/* fault: see fault.h. The real calls are made by number, since the names are
 * taken. Calls are counted over all threads in the order in which they come. */
#include "fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

/* Only `at` changes while calls are made. */
static struct fault fault;
static atomic_uint at, calls;

void fault_set(const struct fault *wanted)
{
    fault = *wanted;
    fault_turn(wanted->at);
}

void fault_turn(unsigned call)
{
    atomic_store(&at, call);
}

static int fails(unsigned call)
{
    unsigned from = atomic_load(&at);
    return from != 0 && (fault.lasting ? call >= from : call == from);
}

int fault_fired(void)
{
    unsigned from = atomic_load(&at);
    return from != 0 && atomic_load(&calls) >= from;
}

static int next_call_fails(void)
{
    return fails(atomic_fetch_add(&calls, 1) + 1);
}

static ssize_t write_some(int fd, const void *bytes, size_t n, off_t offset)
{
    return syscall(SYS_pwrite64, fd, bytes, n, offset);
}

static ssize_t fail_to_write(int fd, const void *bytes, size_t n, off_t offset)
{
    ssize_t done = 0;
    if (fault.kind != FAULT_BEFORE)
        done = write_some(fd, bytes, fault.kind == FAULT_AFTER ? n : n / 2, offset);
    if (fault.kind == FAULT_SHORT || fault.kind == FAULT_FULL)
        return done;
    errno = fault.error;
    return -1;
}

EXPORTED ssize_t pwrite(int fd, const void *bytes, size_t n, off_t offset)
{
    return next_call_fails() ? fail_to_write(fd, bytes, n, offset) : write_some(fd, bytes, n, offset);
}

EXPORTED ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t offset)
{
    return pwrite(fd, bytes, n, offset);
}

EXPORTED ssize_t writev(int fd, const struct iovec *pieces, int n)
{
    if (!next_call_fails())
        return syscall(SYS_writev, fd, pieces, n);
    ssize_t done = 0;
    if (fault.kind != FAULT_BEFORE)
        done = syscall(SYS_writev, fd, pieces, fault.kind == FAULT_AFTER ? n : n / 2);
    if (fault.kind == FAULT_SHORT || fault.kind == FAULT_FULL)
        return done;
    errno = fault.error;
    return -1;
}

/* A sync writes no part of anything: all kinds of fault tell the error. */
static int sync_file(long number, int fd)
{
    int failing = next_call_fails();
    if (failing && fault.kind != FAULT_AFTER) {
        errno = fault.error;
        return -1;
    }
    int rc = (int)syscall(number, fd);
    if (!failing)
        return rc;
    errno = fault.error;
    return -1;
}

EXPORTED int fdatasync(int fd)
{
    return sync_file(SYS_fdatasync, fd);
}

EXPORTED int fsync(int fd)
{
    return sync_file(SYS_fsync, fd);
}

EXPORTED int statvfs(const char *path, struct statvfs *disk)
{
    (void)path;
    *disk = (struct statvfs){.f_frsize = 4096, .f_bavail = fault.kind == FAULT_FULL ? 0 : 1 << 20};
    return 0;
}
