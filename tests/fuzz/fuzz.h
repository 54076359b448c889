/* fuzz: what every target has: the bytes as a text, and memory for one input.
 *
 * A target includes this and defines `try`. Under the sanitizers a text has no
 * byte behind it, and nothing outlives its input.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/json.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try(struct ouse_str text, struct arena *arena, struct problem *problem);

/* What must hold whatever the input. */
static inline void must(int holds)
{
    if (!holds)
        abort();
}

/* Cuts the first line off a text. */
static inline struct ouse_str first_line(struct ouse_str *text)
{
    const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
    uint32_t n = end ? (uint32_t)(end - text->p) : text->n;
    struct ouse_str line = {text->p, n};
    text->p += n + (end != NULL);
    text->n -= n + (end != NULL);
    return line;
}

/* Writes a value and reads it back. */
static inline void must_read_back(const cJSON *value, struct arena *arena, struct problem *problem)
{
    struct buffer out;
    cJSON *again;
    buffer_init(&out, 64u << 20);
    json_print(&out, value);
    must(!out.overflow && json_parse(arena, buffer_view(&out), &again, problem) == OUSE_OK);
    must(json_equal(value, again));
    buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct problem problem;
    arena_init(&arena);
    problem_init(&problem, &arena);
    try((struct ouse_str){size ? (const char *)data : "", (uint32_t)size}, &arena, &problem);
    arena_finish(&arena);
    return 0;
}

#endif
