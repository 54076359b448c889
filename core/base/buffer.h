/* buffer: bytes that grow up to a cap, which is set when the buffer is created.
 *
 * If an append exceeds the cap, it sets `overflow` and drops the rest; the owner checks `overflow`
 * once, at the end. A buffer can be emptied and filled again without a new allocation. Not shared
 * between threads. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <ouse/abi.h>
#include <stdarg.h>
#include <string.h>

struct buffer {
    char *at;
    size_t n, room, cap;
    int overflow;
};

void buffer_init(struct buffer *buffer, size_t cap);
void buffer_finish(struct buffer *buffer);

/* Forgets the contents (and an overflow), keeps the memory. */
void buffer_empty(struct buffer *buffer);

/* Makes room for n more bytes; false (and overflow) when that is over the cap. */
int buffer_reserve(struct buffer *buffer, size_t n);

/* These are inline because an answer is made of many short texts, often with constant length. */
static inline void buffer_add(struct buffer *buffer, const void *bytes, size_t n)
{
    int has_room = buffer->at && !buffer->overflow && n <= buffer->room - buffer->n;
    if (n == 0 || !(has_room || buffer_reserve(buffer, n)))
        return;
    memcpy(buffer->at + buffer->n, bytes, n);
    buffer->n += n;
}

/* The text ends with NUL. */
static inline void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

static inline void buffer_str(struct buffer *buffer, struct ouse_str text)
{
    buffer_add(buffer, text.p, text.n);
}

static inline void buffer_byte(struct buffer *buffer, char c)
{
    buffer_add(buffer, &c, 1);
}

void buffer_uint(struct buffer *buffer, uint64_t value); /* decimal */
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct ouse_str buffer_view(const struct buffer *buffer)
{
    struct ouse_str s = {buffer->at ? buffer->at : "", (uint32_t)buffer->n};
    return s;
}

#endif
