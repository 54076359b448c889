/* arena: bump allocation in blocks; see arena.h.
 *
 * `next` and `end` bound the free part of the current block. A piece that is too large to share a
 * block gets a separate one, and `next` and `end` do not change. */
#include "arena.h"

#include "heap.h"
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_PIECEWISE 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_PIECEWISE 1
#endif

enum {
    BLOCK = 8192,      /* bytes of a shared block */
    LARGE = BLOCK / 4, /* pieces from here on get a block of their own */
    ALIGN = 8
};

struct arena_block {
    struct arena_block *next;
    _Alignas(ALIGN) char bytes[];
};

struct arena_deferred {
    struct arena_deferred *next;
    void (*fn)(void *);
    void *arg;
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

void arena_finish(struct arena *arena)
{
    while (arena->deferred) {
        struct arena_deferred *last = arena->deferred;
        arena->deferred = last->next;
        last->fn(last->arg);
    }
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
    arena_init(arena);
}

static char *new_block(struct arena *arena, size_t n)
{
    struct arena_block *block = heap_alloc(n < SIZE_MAX - sizeof *block ? sizeof *block + n : SIZE_MAX);
    block->next = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

#ifdef ARENA_PIECEWISE

void *arena_alloc(struct arena *arena, size_t n)
{
    return new_block(arena, n);
}

#else

void *arena_alloc(struct arena *arena, size_t n)
{
    if (n >= LARGE)
        return new_block(arena, n);
    n = n ? (n + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
    if (!arena->next || n > (size_t)(arena->end - arena->next)) {
        arena->next = new_block(arena, BLOCK);
        arena->end = arena->next + BLOCK;
    }
    char *piece = arena->next;
    arena->next += n;
    return piece;
}

#endif

void *arena_zero(struct arena *arena, size_t n)
{
    return memset(arena_alloc(arena, n), 0, n);
}

struct ouse_str arena_copy(struct arena *arena, struct ouse_str text)
{
    if (!text.p)
        return text;
    char *copy = arena_alloc(arena, (size_t)text.n + 1);
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    return (struct ouse_str){copy, text.n};
}

void *arena_rows(struct arena *arena, const void *rows, uint32_t n, uint32_t stride, size_t size)
{
    char *copy = arena_zero(arena, n * size);
    for (uint32_t i = 0; i < n; i++)
        memcpy(copy + i * size, (const char *)rows + (size_t)i * stride, stride < size ? stride : size);
    return copy;
}

void *arena_more(struct arena *arena, void *rows, uint32_t n, uint32_t *room, size_t size)
{
    if (n < *room)
        return rows;
    *room = *room ? *room * 2 : 16;
    char *grown = arena_alloc(arena, *room * size);
    if (n)
        memcpy(grown, rows, n * size);
    return grown;
}

struct ouse_str arena_join(struct arena *arena, const char *const *names, uint32_t n)
{
    struct ouse_str list = ouse_s("");
    for (uint32_t i = 0; i < n; i++)
        list = arena_printf(arena, "%.*s%s%s", OUSE_F(list), i ? ", " : "", names[i]);
    return list;
}

struct ouse_str arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    char brief[256]; /* most are, and are formatted once */
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(brief, sizeof brief, format, again);
    va_end(again);
    if (n < 0)
        brief[n = 0] = 0;
    char *text = arena_alloc(arena, (size_t)n + 1);
    if ((size_t)n < sizeof brief)
        memcpy(text, brief, (size_t)n + 1);
    else
        vsnprintf(text, (size_t)n + 1, format, args);
    return (struct ouse_str){text, (uint32_t)n};
}

struct ouse_str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *arg)
{
    struct arena_deferred *deferred = arena_alloc(arena, sizeof *deferred);
    *deferred = (struct arena_deferred){arena->deferred, fn, arg};
    arena->deferred = deferred;
}
