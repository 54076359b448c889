/* alike: see alike.h. Entries are found by a hash of the bytes, in short lists. */
#include "alike.h"

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

/* Which list bytes are in: FNV-1a. */
static uint32_t place_of(struct ouse_str bytes)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < bytes.n; i++)
        hash = (hash ^ (unsigned char)bytes.p[i]) * 16777619u;
    return (hash ^ hash >> 16) % HEADS;
}

const struct alike_entry *alike_find(const struct alike *alike, struct ouse_str had)
{
    const struct alike_entry *entry = alike->heads[place_of(had)];
    while (entry && !ouse_same(entry->had, had))
        entry = entry->next;
    return entry;
}

void alike_add(struct alike *alike, struct ouse_str had, struct tally_row *const *rows, uint32_t n_rows)
{
    struct alike_entry **head = &alike->heads[place_of(had)], *entry;
    if (alike->n == ALIKE_MOST)
        return;
    entry = arena_alloc(alike->arena, sizeof *entry);
    *entry = (struct alike_entry){.next = *head, .had = arena_copy(alike->arena, had), .n_rows = n_rows};
    memcpy(entry->rows, rows, n_rows * sizeof *rows);
    *head = entry;
    alike->n++;
}
