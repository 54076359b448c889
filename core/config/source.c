/* source: see source.h. */
#include "source.h"

#include "../base/json.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

static ouse_rc read_all(FILE *file, const char *name, struct arena *arena, struct ouse_str *text,
                        struct problem *problem)
{
    struct stat is;
    if (fstat(fileno(file), &is) != 0 || !S_ISREG(is.st_mode))
        return problem_fail(problem, OUSE_E_INVALID, "%s: it is not a file", name);
    if (is.st_size > SOURCE_MAX)
        return problem_fail(problem, OUSE_E_INVALID, "%s: it is larger than 1 MiB", name);
    char *read = arena_alloc(arena, (size_t)is.st_size + 1);
    size_t n = fread(read, 1, (size_t)is.st_size, file);
    read[n] = '\0';
    if (ferror(file))
        return problem_fail(problem, OUSE_E_INVALID, "%s: %s", name, strerror(errno));
    *text = (struct ouse_str){read, (uint32_t)n};
    return OUSE_OK;
}

/* The line of the byte at `n`. */
static int line_of(struct ouse_str text, size_t n)
{
    int line = 1;
    for (size_t i = 0; i < n && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static size_t find_bad_line(struct ouse_str text)
{
    size_t at = 0;
    while (at < text.n) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
        if (!utf8_valid((struct ouse_str){text.p + at, (uint32_t)n}))
            return at;
        at += n + 1;
    }
    return at;
}

static size_t find_lone_return(struct ouse_str text)
{
    size_t at = 0;
    while (at < text.n && !(text.p[at] == '\r' && text.p[at + 1] != '\n'))
        at++;
    return at;
}

static size_t find_control(struct ouse_str text)
{
    size_t at = 0;
    while (at < text.n && (text.p[at] == '\n' || text.p[at] == '\r' || text.p[at] == '\t' ||
                           (unsigned char)text.p[at] >= ' '))
        at++;
    return at;
}

static int begins(struct ouse_str text, const char *bytes)
{
    size_t n = strlen(bytes);
    return text.n >= n && memcmp(text.p, bytes, n) == 0;
}

/* A config file is UTF-8 text without a byte order mark; lines end in LF or CR LF. */
static ouse_rc check_encoding(struct ouse_str text, const char *file, struct problem *problem)
{
    static const struct {
        size_t (*find)(struct ouse_str text);
        const char *why;
    } rules[] = {
        {find_bad_line, "this line is not UTF-8; save the file as UTF-8"},
        {find_lone_return, "a carriage return without a line feed; save the file with Unix line ends"},
        {find_control, "a control character; only tabs and line ends are accepted"},
    };
    if (begins(text, "\xff\xfe") || begins(text, "\xfe\xff"))
        return problem_add(problem, OUSE_E_INVALID, "", "config",
                           "%s:1: the file is UTF-16; save it as UTF-8 without a byte order mark", file);
    if (begins(text, "\xef\xbb\xbf"))
        problem_add(problem, OUSE_E_INVALID, "", "config",
                    "%s:1: the file begins with a byte order mark (BOM); save it as UTF-8 without one", file);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        size_t at = rules[i].find(text);
        if (at < text.n)
            return problem_add(problem, OUSE_E_INVALID, "", "config", "%s:%d: %s", file, line_of(text, at),
                               rules[i].why);
    }
    return OUSE_OK;
}

ouse_rc source_read(struct arena *arena, struct source *source, struct problem *problem)
{
    struct ouse_str text = {"", 0};
    if (source->file) {
        FILE *file = fopen(source->file, "re");
        if (!file)
            return problem_fail(problem, OUSE_E_INVALID, "%s: %s", source->file, strerror(errno));
        ouse_rc rc = read_all(file, source->file, arena, &text, problem);
        fclose(file);
        if (!rc)
            rc = check_encoding(text, source->file, problem);
        if (rc)
            return rc;
    }
    source->text = text.p + (begins(text, "\xef\xbb\xbf") ? 3 : 0);
    return OUSE_OK;
}
