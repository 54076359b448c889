/* folder: see folder.h. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE "data.mdb"
#define DRAFT "draft"
#define LOCK  "serve.lock"

static ouse_rc cannot(struct problem *problem, const char *do_what, const char *path)
{
    return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be %s: %s", path, do_what, strerror(errno));
}

/* The folder that a folder lies in. */
static const char *parent_of(const char *path, struct arena *arena)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    return n ? arena_printf(arena, "%.*s", (int)n, path).p : ".";
}

ouse_rc folder_check(const char *path, struct problem *problem)
{
    struct stat is;
    if (stat(path, &is) != 0) {
        int absent = errno == ENOENT;
        return absent && access(parent_of(path, problem->arena), W_OK | X_OK) == 0
                   ? OUSE_OK
                   : cannot(problem, "made", path);
    }
    if (!S_ISDIR(is.st_mode)) {
        errno = ENOTDIR;
        return cannot(problem, "opened", path);
    }
    return access(path, R_OK | W_OK | X_OK) == 0 ? OUSE_OK : cannot(problem, "opened", path);
}

ouse_rc folder_hold(const char *path, int alone, struct folder *folder, struct problem *problem)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return cannot(problem, "made", path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return cannot(problem, "opened", path);
    if (flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        close(fd);
        return problem_fail(
            problem, OUSE_E_UNAVAILABLE,
            alone ? "%s is in use by another process" : "%s is being replaced by another process", path);
    }
    *folder = (struct folder){.path = path, .fd = fd, .alone = alone};
    return OUSE_OK;
}

static ouse_rc is_served(const struct folder *folder, int lock, struct problem *problem)
{
    char pid[16];
    ssize_t n = pread(lock, pid, sizeof pid - 1, 0);
    pid[n > 0 ? n : 0] = 0;
    pid[strcspn(pid, "\n")] = 0;
    return problem_fail(problem, OUSE_E_CONFLICT,
                        "%s is served by process %s already: stop that server first, or name another folder "
                        "with --data",
                        folder->path, *pid ? pid : "(unknown)");
}

/* Whether the name still leads to the file that was locked: a server that ends removes it. */
static int is_current(const struct folder *folder, int lock)
{
    struct stat named, locked;
    return fstatat(folder->fd, LOCK, &named, 0) == 0 && fstat(lock, &locked) == 0 &&
           named.st_ino == locked.st_ino && named.st_dev == locked.st_dev;
}

static ouse_rc take_lock(const struct folder *folder, int *lock, struct problem *problem)
{
    const char *path = arena_printf(problem->arena, "%s/" LOCK, folder->path).p;
    ouse_rc rc = OUSE_OK;
    int fd = openat(folder->fd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return cannot(problem, "opened", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        rc = errno == EWOULDBLOCK ? is_served(folder, fd, problem) : cannot(problem, "locked", path);
    else if (ftruncate(fd, 0) != 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
        rc = cannot(problem, "written", path);
    if (rc)
        close(fd);
    else
        *lock = fd;
    return rc;
}

ouse_rc folder_serve(struct folder *folder, struct problem *problem)
{
    ouse_rc rc = take_lock(folder, &folder->lock, problem);
    while (!rc && !is_current(folder, folder->lock)) {
        close(folder->lock);
        folder->lock = 0;
        rc = take_lock(folder, &folder->lock, problem);
    }
    return rc;
}

int folder_claim(const struct folder *folder)
{
    return flock(folder->fd, LOCK_EX | LOCK_NB) == 0;
}

void folder_share(const struct folder *folder)
{
    if (folder->path && !folder->alone)
        flock(folder->fd, LOCK_SH);
}

void folder_release(struct folder *folder)
{
    if (folder->lock) {
        unlinkat(folder->fd, LOCK, 0);
        close(folder->lock);
    }
    if (folder->path)
        close(folder->fd);
    *folder = (struct folder){0};
}

int folder_has_store(const struct folder *folder)
{
    return faccessat(folder->fd, STORE, F_OK, 0) == 0;
}

struct ouse_str folder_draft(const struct folder *folder, struct arena *arena)
{
    return arena_printf(arena, "%s/" DRAFT, folder->path);
}

void folder_drop(const struct folder *folder)
{
    unlinkat(folder->fd, DRAFT "/" STORE, 0);
    unlinkat(folder->fd, DRAFT "/lock.mdb", 0);
    unlinkat(folder->fd, DRAFT, AT_REMOVEDIR);
}

static int copy_bytes(int from, int to)
{
    static const size_t MOST = 1u << 30;
    char bytes[1 << 16];
    ssize_t n;
    while ((n = copy_file_range(from, NULL, to, NULL, MOST, 0)) > 0)
        continue;
    if (n == 0)
        return 0;
    while ((n = read(from, bytes, sizeof bytes)) > 0) /* of a file system that does not do it */
        if (write(to, bytes, (size_t)n) != n)
            return -1;
    return n < 0 ? -1 : 0;
}

static ouse_rc copy_file(const char *from, const char *to, struct problem *problem)
{
    int in = open(from, O_RDONLY | O_CLOEXEC), out;
    ouse_rc rc = in < 0 ? cannot(problem, "read", from) : OUSE_OK;
    if (rc)
        return rc;
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0 || copy_bytes(in, out) != 0)
        rc = cannot(problem, "written", to);
    if (out >= 0 && close(out) != 0 && !rc)
        rc = cannot(problem, "written", to);
    close(in);
    return rc;
}

ouse_rc folder_begin(const struct folder *folder, const char *from, struct problem *problem)
{
    const char *draft = folder_draft(folder, problem->arena).p;
    folder_drop(folder);
    if (mkdirat(folder->fd, DRAFT, 0700) != 0)
        return cannot(problem, "made", draft);
    ouse_rc rc =
        from ? copy_file(from, arena_printf(problem->arena, "%s/" STORE, draft).p, problem) : OUSE_OK;
    if (rc)
        folder_drop(folder);
    return rc;
}

static int sync_draft(const struct folder *folder)
{
    int fd = openat(folder->fd, DRAFT "/" STORE, O_RDONLY | O_CLOEXEC), failed;
    if (fd < 0)
        return -1;
    failed = fsync(fd);
    close(fd);
    return failed;
}

ouse_rc folder_keep(const struct folder *folder, struct problem *problem)
{
    if (sync_draft(folder) != 0 || renameat(folder->fd, DRAFT "/" STORE, folder->fd, STORE) != 0 ||
        fsync(folder->fd) != 0)
        return cannot(problem, "replaced", arena_printf(problem->arena, "%s/" STORE, folder->path).p);
    folder_drop(folder);
    return OUSE_OK;
}
