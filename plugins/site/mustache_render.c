/* mustache_render: a program over a document.
 *
 * A section runs its steps once for each value, with that value on top of the
 * stack.
 */
#include "markup.h"
#include "mustache_program.h"
#include <stdio.h>
#include <stdlib.h>

struct rendering {
    const struct mustache *set;
    const struct ouse_host *host;
    char *at; /* the output so far */
    size_t n, room;
    int failed; /* a cap was reached */
    const struct ouse_doc *stack[MUSTACHE_DEPTH];
    uint32_t depth;
    uint32_t calls;
    char indent[MUSTACHE_NAME_MAX]; /* of the partial that is running */
    uint32_t n_indent;
};

/* ---- Output ------------------------------------------------------------------------ */

static int make_room(struct rendering *r, size_t n)
{
    if (r->failed || r->n + n > MUSTACHE_OUTPUT_MAX)
        return !(r->failed = 1);
    if (r->n + n > r->room) {
        size_t room = (r->room ? r->room * 2 : 16384) + n;
        char *grown = realloc(r->at, room);
        if (!grown)
            return !(r->failed = 1);
        r->at = grown;
        r->room = room;
    }
    return 1;
}

static void put(struct rendering *r, const char *bytes, size_t n)
{
    if (n == 0 || !make_room(r, n))
        return;
    memcpy(r->at + r->n, bytes, n);
    r->n += n;
}

static void put_escaped(struct rendering *r, struct ouse_str text)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        const char *instead = markup_reference(text.p[i]);
        if (!instead)
            continue;
        put(r, text.p + from, i - from);
        put(r, instead, strlen(instead));
        from = i + 1;
    }
    put(r, text.p + from, text.n - from);
}

/* Text of the template; each line that begins in it is indented as its partial is. */
static void put_lines(struct rendering *r, struct ouse_str text, int begins)
{
    const char *at = text.p, *end = text.p + text.n;
    if (begins)
        put(r, r->indent, r->n_indent);
    while (r->n_indent && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline ? newline + 1 : end;
        put(r, at, (size_t)(next - at));
        at = next;
        if (at < end)
            put(r, r->indent, r->n_indent);
    }
    put(r, at, (size_t)(end - at));
}

/* ---- Values ------------------------------------------------------------------------ */

/* Returns the innermost object. A section over a text, a number or true is a condition: names in it
 * belong to the object around it. */
static const struct ouse_doc *innermost(const struct rendering *r)
{
    uint32_t i = r->depth - 1;
    while (i > 0 && r->host->doc_kind(r->stack[i]) != OUSE_JSON_OBJECT)
        i--;
    return r->stack[i];
}

/* A name is a member of the innermost object, and of no object around it. A path may also begin at a
 * member of the document. */
static const struct ouse_doc *find(const struct rendering *r, const struct mustache_step *step)
{
    const char *piece = step->name;
    const struct ouse_doc *value;
    if (step->pieces == 0)
        return r->stack[r->depth - 1];
    value = r->host->doc_member(innermost(r), piece);
    if (!value && step->pieces > 1)
        value = r->host->doc_member(r->stack[0], piece);
    for (uint32_t i = 1; i < step->pieces; i++) {
        piece += strlen(piece) + 1;
        value = r->host->doc_member(value, piece);
    }
    return value;
}

static int is_something(const struct rendering *r, const struct ouse_doc *value)
{
    switch (r->host->doc_kind(value)) {
    case OUSE_JSON_NULL:
        return 0;
    case OUSE_JSON_BOOL:
        return r->host->doc_as_number(value, 0) != 0;
    case OUSE_JSON_TEXT:
        return r->host->doc_as_text(value).n > 0;
    case OUSE_JSON_LIST:
        return r->host->doc_count(value) > 0;
    default:
        return 1;
    }
}

/* Formats a number in its shortest form. */
static struct ouse_str number(double value, char text[32])
{
    int n = 0;
    for (int digits = 15; digits <= 17 && (n == 0 || strtod(text, NULL) != value); digits++)
        n = snprintf(text, 32, "%.*g", digits, value);
    return (struct ouse_str){text, (uint32_t)n};
}

static struct ouse_str text_of(const struct rendering *r, const struct ouse_doc *value, char room[32])
{
    switch (r->host->doc_kind(value)) {
    case OUSE_JSON_TEXT:
        return r->host->doc_as_text(value);
    case OUSE_JSON_NUMBER:
        return number(r->host->doc_as_number(value, 0), room);
    case OUSE_JSON_BOOL:
        return ouse_s(r->host->doc_as_number(value, 0) != 0 ? "true" : "false");
    default:
        return ouse_s("");
    }
}

/* ---- Steps ------------------------------------------------------------------------- */

static void run(struct rendering *r, const struct mustache_template *program, uint32_t from, uint32_t to);

static void run_with(struct rendering *r, const struct mustache_template *program, uint32_t step,
                     const struct ouse_doc *value)
{
    if (r->depth == MUSTACHE_DEPTH) {
        r->failed = 1;
        return;
    }
    r->stack[r->depth++] = value;
    run(r, program, step + 1, program->steps[step].past);
    r->depth--;
}

static void run_section(struct rendering *r, const struct mustache_template *program, uint32_t step)
{
    const struct ouse_doc *value = find(r, &program->steps[step]);
    int is_list = r->host->doc_kind(value) == OUSE_JSON_LIST;
    uint32_t n = is_list ? r->host->doc_count(value) : (uint32_t)is_something(r, value);
    for (uint32_t i = 0; i < n && !r->failed; i++)
        run_with(r, program, step, is_list ? r->host->doc_at(value, i) : value);
}

static void run_inverted(struct rendering *r, const struct mustache_template *program, uint32_t step)
{
    const struct mustache_step *is = &program->steps[step];
    if (!is_something(r, find(r, is)))
        run(r, program, step + 1, is->past);
}

/* In the line of something else a partial is not indented: its line has begun. */
static void run_partial(struct rendering *r, const struct mustache_step *step)
{
    char before[sizeof r->indent];
    uint32_t n_before = r->n_indent, n = step->alone ? r->n_indent + step->text.n : 0;
    if (step->program < 0)
        return;
    if (r->calls == MUSTACHE_CALLS || n > sizeof r->indent) {
        r->failed = 1;
        return;
    }
    memcpy(before, r->indent, n_before);
    if (step->alone && step->text.n)
        memcpy(r->indent + n_before, step->text.p, step->text.n);
    r->n_indent = n;
    r->calls++;
    const struct mustache_template *program = &r->set->templates[step->program];
    run(r, program, 0, program->n_steps);
    r->calls--;
    memcpy(r->indent, before, n_before);
    r->n_indent = n_before;
}

static void run(struct rendering *r, const struct mustache_template *program, uint32_t from, uint32_t to)
{
    char room[32];
    for (uint32_t i = from; i < to && !r->failed; i++) {
        const struct mustache_step *step = &program->steps[i];
        if (step->op != TEXT && step->begins)
            put(r, r->indent, r->n_indent);
        switch (step->op) {
        case TEXT:
            put_lines(r, step->text, step->begins);
            break;
        case VARIABLE:
            put_escaped(r, text_of(r, find(r, step), room));
            break;
        case RAW: {
            struct ouse_str text = text_of(r, find(r, step), room);
            put(r, text.p, text.n);
            break;
        }
        case SECTION:
            run_section(r, program, i);
            i = step->past - 1;
            break;
        case INVERTED:
            run_inverted(r, program, i);
            i = step->past - 1;
            break;
        case PARTIAL:
            run_partial(r, step);
            break;
        }
    }
}

struct ouse_str mustache_render(const struct mustache *set, int number_of, const struct ouse_host *host,
                                const struct ouse_doc *view)
{
    struct rendering r = {.set = set, .host = host, .stack = {view}, .depth = 1};
    const struct mustache_template *program = &set->templates[number_of];
    run(&r, program, 0, program->n_steps);
    if (!r.failed && make_room(&r, 1))
        return (struct ouse_str){r.at, (uint32_t)r.n};
    free(r.at);
    return ouse_s(NULL);
}
