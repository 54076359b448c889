/* spool: bytes that are appended once and then read back.
 *
 * The last mebibyte is in memory; everything before it is in an unnamed file in the given folder,
 * which disappears with the spool or the process. Not shared between threads. */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct spool {
    const char *folder; /* the caller's; it lasts as long */
    char *tail;         /* the part that is not in the file */
    size_t n_tail, room;
    uint64_t n_file;
    int fd; /* -1: there is no file yet */
};

void spool_init(struct spool *spool, const char *folder);
void spool_finish(struct spool *spool);

/* 0, or -1 with errno. */
int spool_add(struct spool *spool, const void *bytes, size_t n);

static inline uint64_t spool_size(const struct spool *spool)
{
    return spool->n_file + spool->n_tail;
}

/* Reads n bytes from a position, fewer only where the spool ends; -1 with errno. */
ssize_t spool_read(const struct spool *spool, uint64_t from, void *bytes, size_t n);

#endif
