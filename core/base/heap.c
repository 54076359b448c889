/* heap: the three ways to the C library's allocator, each checked once. */
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>

static void *checked(void *piece)
{
    if (!piece) {
        fputs("ouse: out of memory\n", stderr);
        abort();
    }
    return piece;
}

void *heap_alloc(size_t n)
{
    return checked(malloc(n));
}

void *heap_zero(size_t n)
{
    return checked(calloc(1, n));
}

void *heap_grow(void *piece, size_t n)
{
    return checked(realloc(piece, n));
}
