/* error: collects the errors of a request; see error.h.
 *
 * The first failure is the cause: its status and its detail are final. */
#include "error.h"

static const struct problem_kind kinds[] = {
    {OUSE_E_REQUEST, 400, "bad-request", "The request is malformed"},
    {OUSE_E_UNAUTHENTICATED, 401, "unauthenticated", "Valid credentials are required"},
    {OUSE_E_FORBIDDEN, 403, "forbidden", "The caller may not do this"},
    {OUSE_E_NOT_FOUND, 404, "not-found", "There is no such resource"},
    {OUSE_E_METHOD, 405, "method-not-allowed", "The resource does not have this method"},
    {OUSE_E_NOT_ACCEPTABLE, 406, "not-acceptable", "There is no acceptable representation"},
    {OUSE_E_CONFLICT, 409, "conflict", "The change conflicts with the state of the register"},
    {OUSE_E_GONE, 410, "gone", "The record was deleted"},
    {OUSE_E_STALE, 412, "precondition-failed", "The record has changed since it was read"},
    {OUSE_E_TOO_LARGE, 413, "too-large", "The request is too large"},
    {OUSE_E_MEDIA_TYPE, 415, "unsupported-media-type", "The media type of the body is not accepted here"},
    {OUSE_E_INVALID, 422, "validation", "The record is not valid"},
    {OUSE_E_UNCONDITIONAL, 428, "precondition-required", "The change must name the revision that it is for"},
    {OUSE_E_BUSY, 429, "too-many-requests", "There are too many concurrent requests"},
    {OUSE_E_INTERNAL, 500, "internal", "The server has made a mistake"},
    {OUSE_E_UNAVAILABLE, 503, "unavailable", "The service is not available at present"},
};

const struct problem_kind *problem_kind(ouse_rc rc)
{
    const struct problem_kind *internal = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].rc == rc)
            return &kinds[i];
        if (kinds[i].rc == OUSE_E_INTERNAL)
            internal = &kinds[i];
    }
    return internal;
}

void problem_init(struct problem *problem, struct arena *arena)
{
    *problem = (struct problem){.arena = arena};
}

ouse_rc problem_fail(struct problem *problem, ouse_rc rc, const char *format, ...)
{
    if (!problem->rc)
        problem->rc = rc;
    if (!problem->detail.p) {
        va_list args;
        va_start(args, format);
        problem->detail = arena_vprintf(problem->arena, format, args);
        va_end(args);
    }
    return problem->rc;
}

static uint32_t most(const struct problem *problem)
{
    return problem->most ? problem->most : PROBLEM_ERRORS;
}

uint32_t problem_told(const struct problem *problem)
{
    return problem->n_errors < most(problem) ? problem->n_errors : most(problem);
}

ouse_rc problem_vadd(struct problem *problem, ouse_rc rc, const char *pointer, const char *code,
                     const char *format, va_list args)
{
    if (!problem->rc)
        problem->rc = rc;
    if (problem->n_errors < most(problem)) {
        problem->errors = arena_more(problem->arena, problem->errors, problem->n_errors, &problem->room,
                                     sizeof *problem->errors);
        problem->errors[problem->n_errors] = (struct problem_error){
            .pointer = arena_copy(problem->arena, ouse_s(pointer)),
            .code = arena_copy(problem->arena, ouse_s(code)),
            .detail = arena_vprintf(problem->arena, format, args),
        };
    }
    problem->n_errors++;
    return problem->rc;
}

ouse_rc problem_add(struct problem *problem, ouse_rc rc, const char *pointer, const char *code,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    rc = problem_vadd(problem, rc, pointer, code, format, args);
    va_end(args);
    return rc;
}

void problem_place(struct problem *problem, uint32_t from, struct ouse_str place)
{
    for (uint32_t i = from; i < problem_told(problem); i++) {
        struct ouse_str *pointer = &problem->errors[i].pointer;
        *pointer = arena_printf(problem->arena, "%.*s%.*s", OUSE_F(place), OUSE_F(*pointer));
    }
}

void problem_gather(struct problem *problem, ouse_rc rc, const struct problem *from, struct ouse_str place)
{
    uint32_t n = problem->n_errors, told = problem_told(from);
    for (uint32_t i = 0; i < told; i++) {
        const struct problem_error *error = &from->errors[i];
        problem_add(problem, rc, error->pointer.p, error->code.p, "%.*s", OUSE_F(error->detail));
    }
    if (!told)
        problem_add(problem, rc, "", "failed", "%.*s",
                    OUSE_F(from->detail.p ? from->detail : ouse_s(problem_kind(from->rc)->title)));
    problem_place(problem, n, place);
    problem->n_errors += from->n_errors - told;
}

ouse_rc problem_append(struct problem *problem, const struct problem *from)
{
    uint32_t told = problem_told(from);
    if (from->detail.p)
        problem_add(problem, from->rc, "", "failed", "%.*s", OUSE_F(from->detail));
    for (uint32_t i = 0; i < told; i++)
        problem_add(problem, from->rc, from->errors[i].pointer.p, from->errors[i].code.p, "%.*s",
                    OUSE_F(from->errors[i].detail));
    problem->n_errors += from->n_errors - told;
    return from->rc;
}

enum { NAME_MAX_LENGTH = 64 }; /* longer names are near to nothing */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, substitutions and swaps of neighbours that lead from
 * a to b, no place edited twice. Neither is longer than NAME_MAX_LENGTH. */
static size_t distance(struct ouse_str a, struct ouse_str b)
{
    size_t rows[3][NAME_MAX_LENGTH + 1]; /* row i of the table is rows[i % 3] */
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *over = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + (a.p[i - 1] != b.p[j - 1]));
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                row[j] = least(row[j], over[j - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}

const char *problem_nearest(struct ouse_str typed, const char *const *names, size_t n)
{
    if (typed.n > NAME_MAX_LENGTH)
        return NULL;
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        struct ouse_str name = ouse_s(names[i]);
        if (name.n > NAME_MAX_LENGTH)
            continue;
        size_t longer = typed.n > name.n ? typed.n : name.n, shorter = typed.n + name.n - longer;
        if ((longer - shorter) * 3 > longer) /* as many edits at the least */
            continue;
        size_t edits = distance(typed, name);
        if (edits < best && edits * 3 <= longer) {
            nearest = names[i];
            best = edits;
        }
    }
    return nearest;
}

const char *problem_hint(struct arena *arena, struct ouse_str typed, const char *const *names, size_t n)
{
    const char *nearest = problem_nearest(typed, names, n);
    return nearest ? arena_printf(arena, "; did you mean \"%s\"", nearest).p : "";
}
