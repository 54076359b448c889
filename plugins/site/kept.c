/* kept: see kept.h. */
#include "kept.h"
#include <pthread.h>
#include <stdlib.h>

struct part {
    struct part *next;
    struct ouse_str name, bytes; /* malloc'd */
};

struct kept {
    pthread_mutex_t lock;
    struct part *first;
};

struct kept *kept_create(void)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (!kept)
        abort();
    pthread_mutex_init(&kept->lock, NULL);
    return kept;
}

void kept_destroy(struct kept *kept)
{
    while (kept && kept->first) {
        struct part *part = kept->first;
        kept->first = part->next;
        free((void *)(uintptr_t)part->name.p);
        free((void *)(uintptr_t)part->bytes.p);
        free(part);
    }
    if (kept)
        pthread_mutex_destroy(&kept->lock);
    free(kept);
}

/* Under the lock. */
static const struct part *find(const struct kept *kept, struct ouse_str name)
{
    const struct part *part = kept->first;
    while (part && !ouse_same(part->name, name))
        part = part->next;
    return part;
}

struct ouse_str kept_get(struct kept *kept, struct ouse_str name)
{
    const struct part *part;
    pthread_mutex_lock(&kept->lock);
    part = find(kept, name);
    pthread_mutex_unlock(&kept->lock);
    return part ? part->bytes : ouse_s(NULL);
}

static struct ouse_str copy(struct ouse_str text)
{
    char *bytes = strndup(text.p, text.n);
    if (!bytes)
        abort();
    return (struct ouse_str){bytes, text.n};
}

void kept_put(struct kept *kept, struct ouse_str name, struct ouse_str bytes)
{
    pthread_mutex_lock(&kept->lock);
    if (!find(kept, name)) {
        struct part *part = malloc(sizeof *part);
        if (!part)
            abort();
        *part = (struct part){kept->first, copy(name), copy(bytes)};
        kept->first = part;
    }
    pthread_mutex_unlock(&kept->lock);
}
