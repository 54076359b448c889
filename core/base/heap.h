/* heap: allocation that never fails.
 *
 * If the process is out of memory, it logs this and aborts. Changes that were answered are durable,
 * and others have no effect. So callers need not check for NULL. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>

/* n bytes, not cleared; free() them. n is not 0. */
void *heap_alloc(size_t n);

/* n bytes, zeroed; free() them. n is not 0. */
void *heap_zero(size_t n);

/* Resizes a piece to n bytes, which is not 0. NULL counts as an empty piece. */
void *heap_grow(void *piece, size_t n);

#endif
