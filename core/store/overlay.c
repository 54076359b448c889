/* overlay: see overlay.h. */
#include "overlay.h"

#include "../base/heap.h"
#include <stdlib.h>

struct list {
    struct overlay_entry *at;
    uint32_t n, room;
};

struct overlay {
    struct arena arena; /* keys and values */
    size_t bytes;
    struct list lists[DB_COUNT];
};

struct overlay *overlay_create(void)
{
    return heap_zero(sizeof(struct overlay));
}

void overlay_destroy(struct overlay *overlay)
{
    if (!overlay)
        return;
    for (int db = 0; db < DB_COUNT; db++)
        free(overlay->lists[db].at);
    arena_finish(&overlay->arena);
    free(overlay);
}

int overlay_order(struct ouse_str a, struct ouse_str b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* The number of entries before a key. */
static uint32_t rank(const struct list *list, struct ouse_str key)
{
    uint32_t low = 0, high = list->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (overlay_order(list->at[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct overlay_entry *entry_of(const struct list *list, uint32_t i, struct ouse_str key)
{
    return i < list->n && ouse_same(list->at[i].key, key) ? &list->at[i] : NULL;
}

const struct overlay_entry *overlay_find(const struct overlay *overlay, enum engine_db db,
                                         struct ouse_str key)
{
    const struct list *list = &overlay->lists[db];
    return entry_of(list, rank(list, key), key);
}

const struct overlay_entry *overlay_from(const struct overlay *overlay, enum engine_db db,
                                         struct ouse_str key, int only_after)
{
    const struct list *list = &overlay->lists[db];
    uint32_t i = rank(list, key);
    if (only_after && entry_of(list, i, key))
        i++;
    while (i < list->n && list->at[i].deleted)
        i++;
    return i < list->n ? &list->at[i] : NULL;
}

const struct overlay_entry *overlay_before(const struct overlay *overlay, enum engine_db db,
                                           struct ouse_str key)
{
    const struct list *list = &overlay->lists[db];
    uint32_t i = key.p ? rank(list, key) : list->n;
    while (i > 0 && list->at[i - 1].deleted)
        i--;
    return i > 0 ? &list->at[i - 1] : NULL;
}

static struct overlay_entry *insert(struct overlay *overlay, struct list *list, uint32_t i,
                                    struct ouse_str key)
{
    if (list->n == list->room) {
        list->room = list->room ? list->room * 2 : 16;
        list->at = heap_grow(list->at, list->room * sizeof *list->at);
    }
    memmove(&list->at[i + 1], &list->at[i], (list->n - i) * sizeof *list->at);
    list->at[i] = (struct overlay_entry){.key = arena_copy(&overlay->arena, key)};
    list->n++;
    return &list->at[i];
}

static struct overlay_entry *change(struct overlay *overlay, enum engine_db db, struct ouse_str key, size_t n)
{
    struct list *list = &overlay->lists[db];
    uint32_t i = rank(list, key);
    struct overlay_entry *entry = entry_of(list, i, key);
    overlay->bytes += sizeof *entry + key.n + n;
    if (overlay->bytes > OVERLAY_MAX)
        return NULL;
    return entry ? entry : insert(overlay, list, i, key);
}

struct overlay_entry *overlay_put(struct overlay *overlay, enum engine_db db, struct ouse_str key, uint32_t n)
{
    struct overlay_entry *entry = change(overlay, db, key, n);
    if (entry) {
        entry->value = (struct ouse_str){arena_alloc(&overlay->arena, n), n};
        entry->deleted = 0;
    }
    return entry;
}

struct overlay_entry *overlay_delete(struct overlay *overlay, enum engine_db db, struct ouse_str key)
{
    struct overlay_entry *entry = change(overlay, db, key, 0);
    if (entry)
        entry->deleted = 1;
    return entry;
}
