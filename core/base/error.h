/* error: why something failed, as it will be told to the caller.
 *
 * A function that can fail for the caller's reasons takes a `struct problem *`
 * and returns `problem_fail(…)`: one line records the code and the detail and
 * yields the status. All errors of a record are gathered with problem_add, so
 * that a client hears of them at once. One place (http/problem.c) writes it as
 * application/problem+json (RFC 9457). All text lives in the problem's arena.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "arena.h"

#define PROBLEM_ERRORS 64 /* the most that are told, where nothing else is said; the rest are counted */

struct problem_error {
    struct ouse_str pointer; /* JSON pointer (RFC 6901) into the body; "" is the whole */
    struct ouse_str code;    /* stable, snake_case: "required", "not_found", "over_allocated" */
    struct ouse_str detail;  /* for people: what is wrong, with which values, what would be accepted */
    /* Of a row of an import: its file, its line as an editor counts it, its number (0: the error is of no
     * row), and the name of its column in the file; no text if it is of the whole row. */
    struct ouse_str file, column;
    uint32_t line, row;
};

struct problem {
    struct arena *arena;
    ouse_rc rc;                      /* OUSE_OK while nothing failed */
    const struct problem_kind *kind; /* NULL: by rc */
    struct ouse_str type;            /* slug behind /problems/; empty: by rc */
    struct ouse_str title;           /* empty: by rc */
    struct ouse_str detail;          /* one sentence; empty: counted from the errors */
    struct problem_error *errors;    /* problem_told of them */
    uint32_t n_errors, room;
    uint32_t most; /* to be told; 0: PROBLEM_ERRORS */
    /* A further member of the document: its name and its JSON text, such as
     * "current" with the record as it is (412) or "moves" (409). */
    struct ouse_str extra_name, extra_json;
    struct ouse_str etag; /* of the record that is told as `current`; empty: none is */
};

void problem_init(struct problem *problem, struct arena *arena);

/* Sets status and detail, and returns the status. A status set earlier stays. */
ouse_rc problem_fail(struct problem *problem, ouse_rc rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds one error about one place, sets the status if none is set yet, and
 * returns the problem's status. Pointer and code are copied. */
ouse_rc problem_add(struct problem *problem, ouse_rc rc, const char *pointer, const char *code,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
ouse_rc problem_vadd(struct problem *problem, ouse_rc rc, const char *pointer, const char *code,
                     const char *format, va_list args) __attribute__((format(printf, 5, 0)));

/* How many of the errors are told. */
uint32_t problem_told(const struct problem *problem);

/* Adds what `from` says about one part of something larger: its errors, or its
 * detail where it has none, with `place` in front of their pointers. */
void problem_gather(struct problem *problem, ouse_rc rc, const struct problem *from, struct ouse_str place);

/* Appends what `from` reports, its detail first, as errors of `problem`: for failures of several
 * parts that are reported together. Returns the status of `from`. */
ouse_rc problem_append(struct problem *problem, const struct problem *from);

/* Puts `place` in front of the pointers of the errors from number `from` on, for
 * what was found in a part of the body: "/operations/3/data". */
void problem_place(struct problem *problem, uint32_t from, struct ouse_str place);

/* HTTP status, problem type slug and title of a status: one table. */
struct problem_kind {
    ouse_rc rc;
    int status;
    const char *type, *title;
};
const struct problem_kind *problem_kind(ouse_rc rc);

/* The nearest of n names to what was typed, for "did you mean"; NULL when
 * none is near (optimal string alignment distance, at most a third of the length). */
const char *problem_nearest(struct ouse_str typed, const char *const *names, size_t n);

/* The same to put behind a message: "; did you mean \"open\"", or "". In the arena. */
const char *problem_hint(struct arena *arena, struct ouse_str typed, const char *const *names, size_t n);

#endif
