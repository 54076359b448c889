/* power_record: a preload library that records what a program writes to the
 * files below a folder, and when it syncs them.
 *
 *     OUSE_POWER_FOLDER   the folder; its own entry counts as synced
 *     OUSE_POWER_LOG      the file that the record is appended to
 *
 * The record is one struct entry for each call, followed by the path (`path`
 * bytes) and the data (`data` bytes). An entry is appended when its call is
 * done; calls and entries are in one order, as a lock covers both. Responses
 * are in the record, too, as the first bytes that a program sends: an answered
 * write is one whose response comes before the power goes.
 *
 * Calls are made by number, since the names are taken. copy_file_range fails
 * with ENOSYS, so that programs copy with read and write.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum kind { OPENED = 1, WRITTEN, SYNCED, TRUNCATED, RENAMED, UNLINKED, MADE_FOLDER, SENT };
enum { NEW = 1, DURABLE = 2 }; /* flags: the file was created; the write is synced when it returns */
enum { FILES = 65536, SENT_MAX = 1024 };

struct entry {
    uint32_t kind, flags;
    uint64_t inode, offset;
    uint32_t path, data;
};

/* Per descriptor; inode 0: it is of no file below the folder. */
static struct {
    uint64_t inode;
    uint32_t flags;
} files[FILES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static int record = -1;

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("OUSE_POWER_LOG");
    folder = getenv("OUSE_POWER_FOLDER");
    if (!folder || !path)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    record = fcntl(fd, F_DUPFD_CLOEXEC, 1000); /* out of the way of descriptors that are counted from 3 */
    syscall(SYS_close, fd);
    if (record < 0)
        abort();
}

static void append(struct entry entry, const char *path, const void *data)
{
    struct iovec pieces[] = {{&entry, sizeof entry}, {(void *)path, entry.path}, {(void *)data, entry.data}};
    size_t size = sizeof entry + entry.path + entry.data;
    if (syscall(SYS_writev, record, pieces, 3) != (ssize_t)size)
        abort(); /* a record with a hole proves nothing */
}

static int is_below(const char *path)
{
    size_t n = folder ? strlen(folder) : 0;
    return record >= 0 && n && strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == 0);
}

static const char *path_of(int fd, char path[4096])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
    path[n > 0 ? n : 0] = 0;
    return path;
}

/* The absolute path of a name in a folder. */
static const char *absolute(int at, const char *name, char path[4096])
{
    char base[4096];
    if (name[0] == '/')
        snprintf(path, 4096, "%s", name);
    else if (at != AT_FDCWD)
        snprintf(path, 4096, "%.2000s/%.2000s", path_of(at, base), name);
    else if (syscall(SYS_getcwd, base, sizeof base) > 0)
        snprintf(path, 4096, "%.2000s/%.2000s", base, name);
    else
        path[0] = 0;
    return path;
}

static int note_open(int fd, int flags, int is_new)
{
    char path[4096];
    struct stat status;
    if (fd < 0 || fd >= FILES || record < 0)
        return fd;
    files[fd].inode = 0;
    path_of(fd, path);
    if (!is_below(path) || fstat(fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
        return fd;
    files[fd].inode = status.st_ino;
    files[fd].flags = flags & (O_DSYNC | O_SYNC) ? DURABLE : 0;
    append((struct entry){.kind = OPENED,
                          .flags = is_new ? NEW : 0,
                          .inode = status.st_ino,
                          .path = (uint32_t)strlen(path)},
           path, NULL);
    return fd;
}

static int open_at(int at, const char *name, int flags, mode_t mode)
{
    struct stat status;
    pthread_mutex_lock(&lock);
    int is_new = flags & O_CREAT && fstatat(at, name, &status, 0) != 0;
    int fd = note_open((int)syscall(SYS_openat, at, name, flags, mode), flags, is_new);
    int error = errno;
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

static mode_t mode_of(int flags, va_list more)
{
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

EXPORTED int openat(int at, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_at(at, path, flags, mode);
}

EXPORTED int openat64(int at, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_at(at, path, flags, mode);
}

EXPORTED int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_at(AT_FDCWD, path, flags, mode);
}

EXPORTED int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_at(AT_FDCWD, path, flags, mode);
}

EXPORTED int close(int fd)
{
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < FILES)
        files[fd].inode = 0;
    int rc = fd == record && fd >= 0 ? 0 : (int)syscall(SYS_close, fd);
    pthread_mutex_unlock(&lock);
    return rc;
}

static uint64_t inode_of(int fd)
{
    return record >= 0 && fd >= 0 && fd < FILES ? files[fd].inode : 0;
}

static void note_written(int fd, const void *bytes, ssize_t n, off_t at)
{
    if (n > 0)
        append((struct entry){.kind = WRITTEN,
                              .flags = files[fd].flags,
                              .inode = files[fd].inode,
                              .offset = (uint64_t)at,
                              .data = (uint32_t)n},
               NULL, bytes);
}

EXPORTED ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    if (!inode_of(fd))
        return syscall(SYS_pwrite64, fd, bytes, n, at);
    pthread_mutex_lock(&lock);
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, n, at);
    int error = errno;
    note_written(fd, bytes, done, at);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

EXPORTED ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite(fd, bytes, n, at);
}

/* Where a write without an offset begins. */
static off_t place(int fd)
{
    return syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND ? syscall(SYS_lseek, fd, 0, SEEK_END)
                                                      : syscall(SYS_lseek, fd, 0, SEEK_CUR);
}

EXPORTED ssize_t writev(int fd, const struct iovec *pieces, int n)
{
    if (!inode_of(fd))
        return syscall(SYS_writev, fd, pieces, n);
    pthread_mutex_lock(&lock);
    off_t at = place(fd);
    ssize_t done = syscall(SYS_writev, fd, pieces, n), left = done;
    int error = errno;
    for (int i = 0; i < n && left > 0; i++) {
        ssize_t part = left < (ssize_t)pieces[i].iov_len ? left : (ssize_t)pieces[i].iov_len;
        note_written(fd, pieces[i].iov_base, part, at);
        at += part;
        left -= part;
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

EXPORTED ssize_t write(int fd, const void *bytes, size_t n)
{
    struct iovec piece = {(void *)bytes, n};
    return inode_of(fd) ? writev(fd, &piece, 1) : syscall(SYS_write, fd, bytes, n);
}

static int sync_file(long number, int fd)
{
    if (!inode_of(fd))
        return (int)syscall(number, fd);
    pthread_mutex_lock(&lock);
    int rc = (int)syscall(number, fd), error = errno;
    if (rc == 0)
        append((struct entry){.kind = SYNCED, .inode = files[fd].inode}, NULL, NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return rc;
}

EXPORTED int fdatasync(int fd)
{
    return sync_file(SYS_fdatasync, fd);
}

EXPORTED int fsync(int fd)
{
    return sync_file(SYS_fsync, fd);
}

EXPORTED int ftruncate(int fd, off_t size)
{
    pthread_mutex_lock(&lock);
    int rc = (int)syscall(SYS_ftruncate, fd, size), error = errno;
    if (rc == 0 && inode_of(fd))
        append((struct entry){.kind = TRUNCATED, .inode = files[fd].inode, .offset = (uint64_t)size}, NULL,
               NULL);
    pthread_mutex_unlock(&lock);
    errno = error;
    return rc;
}

EXPORTED int ftruncate64(int fd, off_t size)
{
    return ftruncate(fd, size);
}

/* Makes a call that changes entries of folders; `to` is NULL unless it renames. */
static int change(enum kind kind, const char *path, const char *to, long rc)
{
    int error = errno;
    if (rc == 0 && (is_below(path) || (to && is_below(to))))
        append((struct entry){.kind = kind,
                              .path = (uint32_t)strlen(path),
                              .data = to ? (uint32_t)strlen(to) : 0},
               path, to);
    errno = error;
    return (int)rc;
}

EXPORTED int renameat(int from, const char *old, int to, const char *new)
{
    char path[4096], other[4096];
    pthread_mutex_lock(&lock);
    absolute(from, old, path);
    absolute(to, new, other);
    int rc = change(RENAMED, path, other, syscall(SYS_renameat, from, old, to, new));
    pthread_mutex_unlock(&lock);
    return rc;
}

EXPORTED int rename(const char *old, const char *new)
{
    return renameat(AT_FDCWD, old, AT_FDCWD, new);
}

EXPORTED int unlinkat(int at, const char *name, int flags)
{
    char path[4096];
    pthread_mutex_lock(&lock);
    absolute(at, name, path);
    int rc = change(UNLINKED, path, NULL, syscall(SYS_unlinkat, at, name, flags));
    pthread_mutex_unlock(&lock);
    return rc;
}

EXPORTED int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

EXPORTED int mkdirat(int at, const char *name, mode_t mode)
{
    char path[4096];
    pthread_mutex_lock(&lock);
    absolute(at, name, path);
    int rc = change(MADE_FOLDER, path, NULL, syscall(SYS_mkdirat, at, name, mode));
    pthread_mutex_unlock(&lock);
    return rc;
}

EXPORTED int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

EXPORTED ssize_t copy_file_range(int from, off_t *at, int to, off_t *there, size_t n, unsigned flags)
{
    (void)from, (void)at, (void)to, (void)there, (void)n, (void)flags;
    errno = ENOSYS;
    return -1;
}

/* The head of a response, before any of it is sent. */
EXPORTED ssize_t send(int socket, const void *bytes, size_t n, int flags)
{
    if (record >= 0 && n >= 9 && memcmp(bytes, "HTTP/1.1 ", 9) == 0) {
        pthread_mutex_lock(&lock);
        append((struct entry){.kind = SENT, .data = n < SENT_MAX ? (uint32_t)n : SENT_MAX}, NULL, bytes);
        pthread_mutex_unlock(&lock);
    }
    return syscall(SYS_sendto, socket, bytes, n, flags, NULL, 0);
}
