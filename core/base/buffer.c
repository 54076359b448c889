/* buffer: bytes that grow up to a cap; see buffer.h.
 *
 * n <= room <= cap, and one byte after `room` is always allocated for the NUL of printf. A piece is
 * appended whole or not at all, so an overflow never cuts a character. */
#include "buffer.h"

#include "heap.h"
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_ROOM = 256 };

void buffer_init(struct buffer *buffer, size_t cap)
{
    /* A view counts its bytes in 32 bits. */
    *buffer = (struct buffer){.cap = cap < UINT32_MAX ? cap : UINT32_MAX};
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->at);
    buffer_init(buffer, buffer->cap);
}

void buffer_empty(struct buffer *buffer)
{
    buffer->n = 0;
    buffer->overflow = 0;
}

int buffer_reserve(struct buffer *buffer, size_t n)
{
    if (buffer->overflow || n > buffer->cap - buffer->n) {
        buffer->overflow = 1;
        return 0;
    }
    if (buffer->at && n <= buffer->room - buffer->n)
        return 1;
    size_t room = buffer->room ? buffer->room * 2 : FIRST_ROOM;
    if (room < buffer->n + n)
        room = buffer->n + n;
    if (room > buffer->cap)
        room = buffer->cap;
    buffer->at = heap_grow(buffer->at, room + 1);
    buffer->room = room;
    return 1;
}

void buffer_uint(struct buffer *buffer, uint64_t value)
{
    char digits[20];
    char *first = digits + sizeof digits;
    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buffer_add(buffer, first, (size_t)(digits + sizeof digits - first));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n > 0 && buffer_reserve(buffer, (size_t)n)) {
        vsnprintf(buffer->at + buffer->n, (size_t)n + 1, format, again);
        buffer->n += (size_t)n;
    }
    va_end(again);
    va_end(args);
}
