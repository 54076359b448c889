/* source: see source.h. Comments are blanked out here because libconfuse 3.3
 * counts each of them as two lines, and our messages name lines.
 */
#include "source.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* Blanks the rest of the line; returns its end. */
static char *blank_line(char *at)
{
    size_t n = strcspn(at, "\n");
    memset(at, ' ', n);
    return at + n;
}

/* A comment runs from "#" to the end of the line, but not in a quoted text.
 * Returns the line of a quote that is never closed (which would leave the
 * scanner of libconfuse inside it for good), or 0. */
static int blank_comments(char *text)
{
    char quote = 0;
    int line = 1, opened = 0;
    for (char *at = text; *at; at++) {
        if (*at == '\n')
            line++;
        else if (quote && *at == '\\' && at[1] != '\n' && at[1])
            at++;
        else if (*at == quote)
            quote = 0;
        else if (!quote && (*at == '"' || *at == '\''))
            quote = *at, opened = line;
        else if (!quote && *at == '#')
            at = blank_line(at) - 1;
    }
    return quote ? opened : 0;
}

static ouse_rc read_all(FILE *file, const char *name, struct arena *arena, char **text,
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
    if (strlen(read) != n)
        return problem_fail(problem, OUSE_E_INVALID, "%s: it is not a text: there is a NUL in it", name);
    *text = read;
    return OUSE_OK;
}

ouse_rc source_read(struct arena *arena, struct source *source, struct problem *problem)
{
    char *text = "";
    if (source->file) {
        FILE *file = fopen(source->file, "re");
        if (!file)
            return problem_fail(problem, OUSE_E_INVALID, "%s: %s", source->file, strerror(errno));
        ouse_rc rc = read_all(file, source->file, arena, &text, problem);
        fclose(file);
        if (rc != OUSE_OK)
            return rc;
        int open = blank_comments(text);
        if (open)
            return problem_fail(problem, OUSE_E_INVALID, "%s:%d: a text is not closed by its quote",
                                source->file, open);
    }
    source->text = text;
    return OUSE_OK;
}
