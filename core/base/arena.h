/* arena: memory that lives as long as one request and is freed at once.
 *
 *     arena -> [block] -> [block] -> …      bump allocation, 8-byte aligned
 *           -> deferred calls               run in reverse order by arena_finish
 *
 * Under AddressSanitizer every piece is a separate malloc, so that an overrun is detected.
 * Allocation never returns NULL: if the process is out of memory, it logs this and aborts. Changes
 * that were answered are durable, and others have no effect. An arena belongs to one thread at a
 * time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <ouse/abi.h>
#include <stdarg.h>

struct arena {
    struct arena_block *blocks;
    struct arena_deferred *deferred;
    char *next, *end;
};

/* An arena needs no heap until it is first used. `{0}` is an empty arena too. */
void arena_init(struct arena *arena);

/* Runs the deferred calls, last first, then frees all memory. The arena is empty afterwards and can
 * be used again. */
void arena_finish(struct arena *arena);

/* n bytes, 8-byte aligned, not cleared; n == 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t n);

/* n bytes, zeroed. */
void *arena_zero(struct arena *arena, size_t n);

/* Returns a copy with a NUL after its n bytes. If the text is NULL, returns NULL. */
struct ouse_str arena_copy(struct arena *arena, struct ouse_str text);

/* Returns a copy of a table of n rows, `stride` bytes apart, in rows of `size` bytes. If the rows
 * are shorter, the rest is zero; if they are longer, the rest is dropped. */
void *arena_rows(struct arena *arena, const void *rows, uint32_t n, uint32_t stride, size_t size);

/* Rows with room for one more than the n that there are: these, or a larger copy. */
void *arena_more(struct arena *arena, void *rows, uint32_t n, uint32_t *room, size_t size);

/* "a, b, c" */
struct ouse_str arena_join(struct arena *arena, const char *const *names, uint32_t n);

/* Formatted text, NUL-terminated. */
struct ouse_str arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct ouse_str arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Calls fn(arg) when the arena finishes. */
void arena_defer(struct arena *arena, void (*fn)(void *), void *arg);

#endif
