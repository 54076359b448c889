/* spool: see spool.h. */
#include "spool.h"

#include "heap.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 1 << 10, TAIL = 1 << 20 };

void spool_init(struct spool *spool, const char *folder)
{
    *spool = (struct spool){.folder = folder, .fd = -1};
}

void spool_finish(struct spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    free(spool->tail);
    spool_init(spool, spool->folder);
}

/* Not every file system has files without a name. */
static int open_file(const char *folder)
{
    char path[4096];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || snprintf(path, sizeof path, "%s/spool-XXXXXX", folder) >= (int)sizeof path)
        return fd;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static int write_out(struct spool *spool)
{
    if (spool->fd < 0 && (spool->fd = open_file(spool->folder)) < 0)
        return -1;
    for (size_t at = 0; at < spool->n_tail;) {
        ssize_t n = pwrite(spool->fd, spool->tail + at, spool->n_tail - at, (off_t)(spool->n_file + at));
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? (size_t)n : 0;
    }
    spool->n_file += spool->n_tail;
    spool->n_tail = 0;
    return 0;
}

/* Most spools stay small. */
static void make_room(struct spool *spool, size_t n)
{
    size_t room = spool->room ? spool->room : FIRST;
    while (room < TAIL && room - spool->n_tail < n)
        room *= 2;
    if (room > spool->room)
        spool->tail = heap_grow(spool->tail, spool->room = room);
}

int spool_add(struct spool *spool, const void *bytes, size_t n)
{
    make_room(spool, n);
    while (n > 0) {
        size_t part = n < TAIL - spool->n_tail ? n : TAIL - spool->n_tail;
        memcpy(spool->tail + spool->n_tail, bytes, part);
        spool->n_tail += part;
        bytes = (const char *)bytes + part;
        n -= part;
        if (spool->n_tail == TAIL && write_out(spool) != 0)
            return -1;
    }
    return 0;
}

ssize_t spool_read(const struct spool *spool, uint64_t from, void *bytes, size_t n)
{
    char *to = bytes;
    size_t done = 0;
    while (done < n && from + done < spool->n_file) {
        uint64_t left = spool->n_file - from - done;
        size_t part = n - done < left ? n - done : (size_t)left;
        ssize_t got = pread(spool->fd, to + done, part, (off_t)(from + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        done += (size_t)got;
    }
    if (done < n && from + done < spool_size(spool)) {
        size_t at = (size_t)(from + done - spool->n_file);
        size_t part = n - done < spool->n_tail - at ? n - done : spool->n_tail - at;
        memcpy(to + done, spool->tail + at, part);
        done += part;
    }
    return (ssize_t)done;
}
