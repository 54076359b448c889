/* heap: memory that is there or the process is not.
 *
 * A process that is out of memory says so and aborts: what was answered is
 * durable, and what was not is not half done. So nobody above looks for NULL.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>

/* n bytes, not cleared; free() them. n is not 0. */
void *heap_alloc(size_t n);

/* n bytes, zeroed; free() them. n is not 0. */
void *heap_zero(size_t n);

/* The same piece, now of n bytes; NULL is a piece of none. n is not 0. */
void *heap_grow(void *piece, size_t n);

#endif
