/* mustache: see mustache.h. From the text of a template to its program.
 *
 * A tag other than a variable that has its line to itself takes the whole line with
 * it, so that templates can be laid out. Whether it does is read off the source.
 */
#include "mustache_program.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPEN_MAX = 32 };

struct delimiter {
    char text[MUSTACHE_NAME_MAX];
    uint32_t n;
};

struct parsing {
    struct mustache_template *to;
    uint32_t steps_room;
    char *next_name; /* in to->names */
    const char *at, *end;
    struct delimiter open, close;
    struct {
        uint32_t step;
        struct ouse_str name;
    } open_sections[OPEN_MAX];
    uint32_t n_sections;
    int begins; /* nothing was made of this line yet */
    char *error;
};

/* One tag: {{#name}}. */
struct tag {
    const char *begin,
        *behind;             /* the start of the tag; the end, or the end of its line if it is alone there */
    char sigil;              /* 'v' for a variable */
    struct ouse_str content; /* without white space around it */
    struct ouse_str indent;  /* white space before it, when it has its line to itself */
    int alone;
};

__attribute__((format(printf, 2, 3))) static int fail(struct parsing *p, const char *format, ...)
{
    uint32_t line = 1;
    va_list args;
    for (const char *at = p->to->source; at < p->at; at++)
        line += *at == '\n';
    int n = snprintf(p->error, MUSTACHE_ERROR, "%s:%u: ", p->to->name, line);
    va_start(args, format);
    if (n > 0 && n < MUSTACHE_ERROR)
        vsnprintf(p->error + n, (size_t)(MUSTACHE_ERROR - n), format, args);
    va_end(args);
    return -1;
}

/* ---- Steps ------------------------------------------------------------------------- */

static struct mustache_step *add_step(struct parsing *p, enum mustache_op op)
{
    struct mustache_template *to = p->to;
    if (to->n_steps == p->steps_room) {
        p->steps_room = p->steps_room ? p->steps_room * 2 : 32;
        struct mustache_step *grown = realloc(to->steps, p->steps_room * sizeof *grown);
        if (!grown)
            abort();
        to->steps = grown;
    }
    struct mustache_step *step = &to->steps[to->n_steps++];
    *step = (struct mustache_step){.op = op, .program = -1, .begins = p->begins};
    p->begins = 0;
    return step;
}

static void add_text(struct parsing *p, const char *from, const char *to)
{
    if (from == to)
        return;
    add_step(p, TEXT)->text = (struct ouse_str){from, (uint32_t)(to - from)};
    p->begins = to[-1] == '\n';
}

/* Stores a name as NUL-terminated pieces. */
static int keep_name(struct parsing *p, struct mustache_step *step, struct ouse_str name)
{
    if (name.n == 0 || name.n > MUSTACHE_NAME_MAX || memchr(name.p, '\n', name.n))
        return fail(p, "a tag needs a name of at most %d bytes", MUSTACHE_NAME_MAX);
    step->name = p->next_name;
    memcpy(p->next_name, name.p, name.n);
    p->next_name[name.n] = 0;
    p->next_name += name.n + 1;
    if (step->op == PARTIAL)
        return 0;
    step->pieces = !ouse_is(name, ".");
    for (char *dot = p->next_name - name.n - 1; step->pieces && (dot = strchr(dot, '.')); step->pieces++)
        *dot++ = 0;
    return 0;
}

static int add_named(struct parsing *p, enum mustache_op op, struct ouse_str name)
{
    return keep_name(p, add_step(p, op), name);
}

/* ---- Tags -------------------------------------------------------------------------- */

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct ouse_str trim(const char *from, const char *to)
{
    while (from < to && (is_blank(*from) || *from == '\n'))
        from++;
    while (to > from && (is_blank(to[-1]) || to[-1] == '\n'))
        to--;
    return (struct ouse_str){from, (uint32_t)(to - from)};
}

static const char *search(const char *from, const char *end, struct ouse_str wanted)
{
    return from < end ? memmem(from, (size_t)(end - from), wanted.p, wanted.n) : NULL;
}

static struct ouse_str delimiter(const struct delimiter *is)
{
    return (struct ouse_str){is->text, is->n};
}

/* Sees whether a tag has its line to itself, and gives it the line. */
static void take_line(const struct parsing *p, struct tag *tag)
{
    const char *first = tag->begin, *last = tag->behind;
    while (first > p->to->source && is_blank(first[-1]))
        first--;
    while (last < p->end && is_blank(*last))
        last++;
    if ((first > p->to->source && first[-1] != '\n') || (last < p->end && *last != '\n'))
        return;
    tag->alone = 1;
    tag->indent = (struct ouse_str){first, (uint32_t)(tag->begin - first)};
    tag->behind = last < p->end ? last + 1 : last;
}

/* The tag that begins at p->at. */
static int read_tag(struct parsing *p, struct tag *tag)
{
    const char *from = p->at + p->open.n;
    char closing[MUSTACHE_NAME_MAX + 1] = "";
    size_t extra;
    *tag = (struct tag){.begin = p->at, .sigil = 'v'};
    if (from < p->end && strchr("#^/!>={&", *from))
        tag->sigil = *from++;
    if (tag->sigil == '{' || tag->sigil == '=')
        closing[0] = tag->sigil == '{' ? '}' : '=';
    extra = strlen(closing);
    memcpy(closing + extra, p->close.text, p->close.n);
    const char *to = search(from, p->end, (struct ouse_str){closing, (uint32_t)(extra + p->close.n)});
    if (!to)
        return fail(p, "this tag is not closed");
    tag->content = trim(from, to);
    tag->behind = to + extra + p->close.n;
    if (strchr("#^/!>=", tag->sigil))
        take_line(p, tag);
    return 0;
}

static int open_section(struct parsing *p, const struct tag *tag)
{
    if (p->n_sections == OPEN_MAX)
        return fail(p, "more than %d sections lie in each other", OPEN_MAX);
    p->open_sections[p->n_sections].step = p->to->n_steps;
    p->open_sections[p->n_sections++].name = tag->content;
    return add_named(p, tag->sigil == '#' ? SECTION : INVERTED, tag->content);
}

static int close_section(struct parsing *p, const struct tag *tag)
{
    if (p->n_sections == 0)
        return fail(p, "{{/%.*s}} closes no section", OUSE_F(tag->content));
    struct ouse_str name = p->open_sections[--p->n_sections].name;
    if (!ouse_same(tag->content, name))
        return fail(p, "{{/%.*s}} closes the section %.*s", OUSE_F(tag->content), OUSE_F(name));
    p->to->steps[p->open_sections[p->n_sections].step].past = p->to->n_steps;
    return 0;
}

static int add_partial(struct parsing *p, const struct tag *tag)
{
    struct mustache_step *step = add_step(p, PARTIAL);
    step->begins = step->begins && !tag->alone; /* its own lines are indented */
    step->alone = tag->alone;
    step->text = tag->indent;
    return keep_name(p, step, tag->content);
}

static int take_delimiter(struct delimiter *to, struct ouse_str text)
{
    if (text.n == 0 || text.n >= sizeof to->text || memchr(text.p, '=', text.n))
        return -1;
    memcpy(to->text, text.p, text.n);
    to->n = text.n;
    return 0;
}

static int set_delimiters(struct parsing *p, const struct tag *tag)
{
    const char *at = tag->content.p, *end = at + tag->content.n, *blank = at;
    while (blank < end && !is_blank(*blank) && *blank != '\n')
        blank++;
    if (take_delimiter(&p->open, trim(at, blank)) || take_delimiter(&p->close, trim(blank, end)))
        return fail(p, "delimiters are set by {{=<%% %%>=}}");
    return 0;
}

static int add_tag(struct parsing *p, const struct tag *tag)
{
    if (!tag->alone && p->begins && strchr("#^/", tag->sigil))
        add_step(p, TEXT)->text = ouse_s(""); /* the line begins before the section, not in it */
    switch (tag->sigil) {
    case '!':
        return 0;
    case '=':
        return set_delimiters(p, tag);
    case '#':
    case '^':
        return open_section(p, tag);
    case '/':
        return close_section(p, tag);
    case '>':
        return add_partial(p, tag);
    case 'v':
        return add_named(p, VARIABLE, tag->content);
    default:
        return add_named(p, RAW, tag->content);
    }
}

static int parse(struct parsing *p)
{
    while (p->at < p->end) {
        const char *found = search(p->at, p->end, delimiter(&p->open));
        const char *text = p->at;
        struct tag tag;
        p->at = found ? found : p->end;
        if (found && read_tag(p, &tag))
            return -1;
        add_text(p, text, found ? tag.begin - tag.indent.n : p->end);
        if (!found)
            break;
        if (add_tag(p, &tag))
            return -1;
        p->begins = tag.alone || p->begins;
        p->at = tag.behind;
    }
    if (p->n_sections)
        return fail(p, "the section %.*s is not closed", OUSE_F(p->open_sections[p->n_sections - 1].name));
    return 0;
}

/* ---- The set ----------------------------------------------------------------------- */

struct mustache *mustache_create(void)
{
    return calloc(1, sizeof(struct mustache));
}

static void finish_template(struct mustache_template *is)
{
    free(is->name);
    free(is->source);
    free(is->names);
    free(is->steps);
}

void mustache_destroy(struct mustache *set)
{
    if (!set)
        return;
    for (uint32_t i = 0; i < set->n; i++)
        finish_template(&set->templates[i]);
    free(set->templates);
    free(set);
}

int mustache_find(const struct mustache *set, const char *name)
{
    for (uint32_t i = 0; i < set->n; i++)
        if (strcmp(set->templates[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void keep_template(struct mustache *set, const struct mustache_template *is)
{
    int there = mustache_find(set, is->name);
    if (there >= 0) {
        finish_template(&set->templates[there]);
        set->templates[there] = *is;
        return;
    }
    struct mustache_template *grown = realloc(set->templates, (set->n + 1) * sizeof *grown);
    if (!grown)
        abort();
    set->templates = grown;
    set->templates[set->n++] = *is;
}

int mustache_add(struct mustache *set, const char *name, struct ouse_str source, char error[MUSTACHE_ERROR])
{
    struct mustache_template is = {strdup(name), strndup(source.p, source.n), malloc(source.n + 1), NULL, 0};
    if (!is.name || !is.source || !is.names)
        abort();
    struct parsing p = {.to = &is,
                        .next_name = is.names,
                        .at = is.source,
                        .end = is.source + source.n,
                        .open = {"{{", 2},
                        .close = {"}}", 2},
                        .begins = 1,
                        .error = error};
    int failed = source.n > MUSTACHE_TEMPLATE_MAX
                     ? fail(&p, "a template has at most %u bytes", MUSTACHE_TEMPLATE_MAX)
                 : strlen(is.source) < source.n ? fail(&p, "a template has no NUL in it")
                                                : parse(&p);
    if (failed)
        finish_template(&is);
    else
        keep_template(set, &is);
    return failed;
}

/* Finds the partials of one template; returns the name of a missing one, or NULL. */
static const char *link_partials(const struct mustache *set, struct mustache_template *is)
{
    const char *missing = NULL;
    for (uint32_t i = 0; i < is->n_steps; i++) {
        struct mustache_step *step = &is->steps[i];
        if (step->op != PARTIAL)
            continue;
        step->program = mustache_find(set, step->name);
        missing = step->program < 0 ? step->name : missing;
    }
    return missing;
}

int mustache_link(struct mustache *set, char error[MUSTACHE_ERROR])
{
    int failed = 0;
    for (uint32_t i = 0; i < set->n; i++) {
        const char *missing = link_partials(set, &set->templates[i]);
        if (missing)
            failed = snprintf(error, MUSTACHE_ERROR, "%s: there is no template %s", set->templates[i].name,
                              missing);
    }
    return failed ? -1 : 0;
}

/* Returns whether a template shows a name. `seen` marks visited templates: partials may call each
 * other in a cycle. */
static int shows(const struct mustache *set, int number, const char *name, char *seen)
{
    const struct mustache_template *is = &set->templates[number];
    int found = 0;
    if (seen[number]++)
        return 0;
    for (uint32_t i = 0; i < is->n_steps && !found; i++) {
        const struct mustache_step *step = &is->steps[i];
        if (step->op == PARTIAL)
            found = step->program >= 0 && shows(set, step->program, name, seen);
        else
            found = step->pieces > 0 && strcmp(step->name, name) == 0;
    }
    return found;
}

int mustache_shows(const struct mustache *set, int number, const char *name)
{
    char *seen = calloc(set->n, 1);
    int found = seen && shows(set, number, name, seen);
    free(seen);
    return found;
}
