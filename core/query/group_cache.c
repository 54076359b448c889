/* group_cache: see group_cache.h. Entries are found by a hash of the bytes, in short lists. */
#include "group_cache.h"
#include "../base/hash.h"

#define HEADS 1024

struct alike {
    struct arena *arena;
    uint32_t n;
    struct alike_entry *heads[HEADS];
};

struct alike *alike_create(struct arena *arena)
{
    struct alike *alike = arena_zero(arena, sizeof *alike);
    alike->arena = arena;
    return alike;
}

const struct alike_entry *alike_find(const struct alike *alike, struct ouse_str had)
{
    const struct alike_entry *entry = alike->heads[hash_of(had) % HEADS];
    while (entry && !ouse_same(entry->had, had))
        entry = entry->next;
    return entry;
}

void alike_add(struct alike *alike, struct ouse_str had, struct tally_row *const *rows, uint32_t n_rows)
{
    struct alike_entry **head = &alike->heads[hash_of(had) % HEADS], *entry;
    if (alike->n == ALIKE_MOST)
        return;
    entry = arena_alloc(alike->arena, sizeof *entry);
    *entry = (struct alike_entry){.next = *head, .had = arena_copy(alike->arena, had), .n_rows = n_rows};
    memcpy(entry->rows, rows, n_rows * sizeof *rows);
    *head = entry;
    alike->n++;
}
