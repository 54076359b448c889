/* error: the reason of a failure, as the caller will receive it.
 *
 * A function that can fail because of the caller takes a `struct problem *` and returns
 * `problem_fail(…)`: one line records the code and the detail and returns the status. problem_add
 * collects all errors of a record, so that a client receives them together. One place
 * (http/problem.c) writes them as application/problem+json (RFC 9457). All text lives in the arena
 * of the problem. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "arena.h"

#define PROBLEM_ERRORS 64 /* the maximum in a response by default; further errors are only counted */

struct problem_error {
    struct ouse_str pointer; /* JSON pointer (RFC 6901) into the body; "" is the whole */
    struct ouse_str code;    /* stable, snake_case: "required", "not_found", "over_allocated" */
    struct ouse_str detail;  /* for people: the mistake, the wrong values, and the accepted ones */
    /* Of a row of an import: its file, its line as an editor counts it, its number (0: the error is of no
     * row), and the name of its column in the file; no text if it is of the whole row. */
    struct ouse_str file, column;
    uint32_t line, row;
};

struct problem {
    struct arena *arena;
    ouse_rc rc;                      /* OUSE_OK while nothing failed */
    const struct problem_kind *kind; /* NULL: by rc */
    struct ouse_str type;            /* slug after /problems/; empty: by rc */
    struct ouse_str title;           /* empty: by rc */
    struct ouse_str detail;          /* one sentence; empty: counted from the errors */
    struct problem_error *errors;    /* problem_told of them */
    uint32_t n_errors, room;
    uint32_t most; /* the maximum in the response; 0: PROBLEM_ERRORS */
    /* A further member of the document: its name and its JSON text, such as
     * "current" with the record as it is (412) or "moves" (409). */
    struct ouse_str extra_name, extra_json;
    struct ouse_str etag; /* id of the record that the response contains as `current`; empty: no record */
};

void problem_init(struct problem *problem, struct arena *arena);

/* Sets status and detail, and returns the status. A status set earlier stays. */
ouse_rc problem_fail(struct problem *problem, ouse_rc rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds one error about one place, sets the status if it is not set yet, and returns the status of
 * the problem. Copies pointer and code. */
ouse_rc problem_add(struct problem *problem, ouse_rc rc, const char *pointer, const char *code,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));
ouse_rc problem_vadd(struct problem *problem, ouse_rc rc, const char *pointer, const char *code,
                     const char *format, va_list args) __attribute__((format(printf, 5, 0)));

/* Returns the number of errors in the response. */
uint32_t problem_told(const struct problem *problem);

/* Adds the errors of `from`, which is about a part of something larger, with `place` before their
 * pointers. If `from` has no errors, adds its detail. */
void problem_gather(struct problem *problem, ouse_rc rc, const struct problem *from, struct ouse_str place);

/* Appends what `from` reports, its detail first, as errors of `problem`: for failures of several
 * parts that are reported together. Returns the status of `from`. */
ouse_rc problem_append(struct problem *problem, const struct problem *from);

/* Puts `place` before the pointers of the errors from number `from` on. Used for errors in a part
 * of the body: "/operations/3/data". */
void problem_place(struct problem *problem, uint32_t from, struct ouse_str place);

/* HTTP status, problem type slug and title of a status: one table. */
struct problem_kind {
    ouse_rc rc;
    int status;
    const char *type, *title;
};
const struct problem_kind *problem_kind(ouse_rc rc);

/* Returns the nearest of n names to the typed text, for "did you mean"; NULL if no name is near
 * (optimal string alignment distance, at most a third of the length). */
const char *problem_nearest(struct ouse_str typed, const char *const *names, size_t n);

/* Returns the same as a suffix of a message: "; did you mean \"open\"", or "". In the arena. */
const char *problem_hint(struct arena *arena, struct ouse_str typed, const char *const *names, size_t n);

#endif
