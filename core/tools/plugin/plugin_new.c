/* ouse plugin new: writes a plugin to start from, which builds, passes its tests and serves.
 *
 * It is a copy of core/tools/plugin/template, with words of the name in its @PLACES@. The folder
 * appears whole or not at all: it is made next to its place, under another name. */
#include "../commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct model {
    const char *path; /* in the folder; NAME is the plugin's */
    const unsigned char *text;
} templates[] = {
#include "template.inc"
};
enum { TEMPLATES = sizeof templates / sizeof templates[0], TEXT_MAX = 1 << 20 };

/* ---- Names ------------------------------------------------------------------ */

/* How a plural ends, and the singular of it; the first that fits counts. */
static const struct ending {
    const char *plural, *singular; /* NULL: it is no plural */
} endings[] = {
    {"ies", "y"}, {"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"},
    {"ss", NULL}, {"us", NULL},   {"is", NULL},   {"s", ""},
};

static const struct ending *ending_of(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t length = strlen(endings[i].plural);
        if (n > length && strcmp(name + n - length, endings[i].plural) == 0)
            return &endings[i];
    }
    return NULL;
}

/* Returns the kebab-case of a name: "Reading Groups" as reading-groups. */
static const char *kebab(struct arena *arena, const char *name)
{
    char *made = (char *)arena_copy(arena, ouse_s(name)).p, *to = made;
    for (const char *c = name; *c; c++) {
        char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        int word = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9' && to > made);
        if (word)
            *to++ = lower;
        else if (to > made && to[-1] != '-')
            *to++ = '-';
    }
    while (to > made && to[-1] == '-')
        to--;
    *to = 0;
    return *made ? made : "reading-groups";
}

static ouse_rc check_name(const char *name, struct problem *problem)
{
    if (schema_name_valid(name, '-'))
        return OUSE_OK;
    return problem_fail(problem, OUSE_E_REQUEST,
                        "\"%s\" is no name of a collection: it must be kebab-case of "
                        "at most %d characters, such as %s",
                        name, SCHEMA_NAME_MAX, kebab(problem->arena, name));
}

/* The singular that was given, or else the one that the name ends in. */
static ouse_rc find_singular(const char *name, const char *given, const char **singular,
                             struct problem *problem)
{
    const struct ending *ending = ending_of(name);
    if (given) {
        *singular = given;
        return check_name(given, problem);
    }
    if (!ending || !ending->singular)
        return problem_fail(problem, OUSE_E_REQUEST,
                            "\"%s\" is not a plural, as the name of a collection must be, such as "
                            "reading-groups; if it is one, give its singular: --singular NAME",
                            name);
    size_t stem = strlen(name) - strlen(ending->plural);
    *singular = arena_printf(problem->arena, "%.*s%s", (int)stem, name, ending->singular).p;
    return OUSE_OK;
}

/* ---- Texts ------------------------------------------------------------------ */

struct words {
    const char *place, *text;
};
enum { WORDS = 5 };

static char *spaced(struct arena *arena, const char *name)
{
    char *made = (char *)arena_copy(arena, ouse_s(name)).p;
    for (char *c = made; *c; c++)
        *c = *c == '-' ? ' ' : *c;
    return made;
}

static void find_words(struct arena *arena, const char *name, const char *singular, struct words words[WORDS])
{
    char *title = spaced(arena, name);
    title[0] = (char)(title[0] - 32); /* a name begins with a small letter */
    words[0] = (struct words){"@NAME@", name};
    words[1] = (struct words){"@SINGULAR@", singular};
    words[2] = (struct words){"@TITLE@", title};
    words[3] = (struct words){"@WORDS@", spaced(arena, name)};
    words[4] = (struct words){"@WORD@", spaced(arena, singular)};
}

static int begins(const char *text, const char *place)
{
    return strncmp(text, place, strlen(place)) == 0;
}

static void fill(const char *text, const struct words words[WORDS], struct buffer *out)
{
    while (*text) {
        const struct words *word = words;
        while (word < words + WORDS && !begins(text, word->place))
            word++;
        if (word < words + WORDS) {
            buffer_text(out, word->text);
            text += strlen(word->place);
        } else {
            buffer_byte(out, *text++);
        }
    }
}

/* ---- Files ------------------------------------------------------------------- */

static ouse_rc cannot_write(const char *path, struct problem *problem)
{
    return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be written: %s", path, strerror(errno));
}

/* The folder of a file, which is one deep at most: "tests/NAME.test.mjs". */
static ouse_rc make_folder_of(const char *path, struct problem *problem)
{
    const char *slash = strrchr(path, '/');
    const char *folder = arena_printf(problem->arena, "%.*s", (int)(slash - path), path).p;
    return mkdir(folder, 0777) == 0 || errno == EEXIST ? OUSE_OK : cannot_write(folder, problem);
}

static ouse_rc write_file(const char *path, struct ouse_str text, struct problem *problem)
{
    FILE *file = fopen(path, "wx");
    if (!file)
        return cannot_write(path, problem);
    int failed = fwrite(text.p, 1, text.n, file) != text.n;
    failed |= fclose(file) != 0;
    return failed ? cannot_write(path, problem) : OUSE_OK;
}

static const char *path_of(struct arena *arena, const char *folder, const struct model *model,
                           const char *name)
{
    const char *path = model->path, *at = strstr(path, "NAME");
    return at ? arena_printf(arena, "%s/%.*s%s%s", folder, (int)(at - path), path, name, at + 4).p
              : arena_printf(arena, "%s/%s", folder, path).p;
}

static ouse_rc write_all(const char *folder, const struct words words[WORDS], struct problem *problem)
{
    struct buffer text;
    ouse_rc rc = OUSE_OK;
    buffer_init(&text, TEXT_MAX);
    for (int i = 0; i < TEMPLATES && !rc; i++) {
        const char *path = path_of(problem->arena, folder, &templates[i], words[0].text);
        buffer_empty(&text);
        fill((const char *)templates[i].text, words, &text);
        rc = make_folder_of(path, problem);
        rc = rc ? rc : write_file(path, buffer_view(&text), problem);
    }
    buffer_finish(&text);
    return rc;
}

/* Removes everything that write_all has made. */
static void remove_all(const char *folder, const char *name, struct arena *arena)
{
    for (int i = 0; i < TEMPLATES; i++) {
        const char *path = path_of(arena, folder, &templates[i], name);
        unlink(path);
        rmdir(arena_printf(arena, "%.*s", (int)(strrchr(path, '/') - path), path).p);
    }
    rmdir(folder);
}

/* A rename takes the place of an empty folder, and of nothing else. */
static ouse_rc put_in_place(const char *made, const char *folder, struct problem *problem)
{
    mode_t mask = umask(0);
    umask(mask);
    if (chmod(made, 0777 & ~mask) == 0 && rename(made, folder) == 0)
        return OUSE_OK;
    if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR)
        return problem_fail(problem, OUSE_E_CONFLICT,
                            "%s is there already; nothing was written. Name another folder", folder);
    return cannot_write(folder, problem);
}

static ouse_rc write_folder(const char *folder, const struct words words[WORDS], struct problem *problem)
{
    char *made = (char *)arena_printf(problem->arena, "%s.XXXXXX", folder).p;
    if (!mkdtemp(made))
        return cannot_write(folder, problem);
    ouse_rc rc = write_all(made, words, problem);
    if (!rc)
        rc = put_in_place(made, folder, problem);
    if (rc)
        remove_all(made, words[0].text, problem->arena);
    return rc;
}

/* ---- The command -------------------------------------------------------------- */

static const char *without_slash(struct arena *arena, const char *folder)
{
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/')
        n--;
    return arena_printf(arena, "%.*s", (int)n, folder).p;
}

static ouse_rc make(const struct cli *cli, struct problem *problem)
{
    const char *name = cli->arguments[0], *singular = NULL;
    const char *folder = without_slash(problem->arena, cli->n_arguments > 1 ? cli->arguments[1] : name);
    struct words words[WORDS];
    if (check_name(name, problem) != OUSE_OK ||
        find_singular(name, cli_value(cli, "singular"), &singular, problem) != OUSE_OK)
        return problem->rc;
    find_words(problem->arena, name, singular, words);
    if (write_folder(folder, words, problem) != OUSE_OK)
        return problem->rc;
    for (int i = 0; i < TEMPLATES; i++)
        puts(path_of(problem->arena, folder, &templates[i], name));
    printf("\n%s/README.md describes how to build, test and serve it.\n", folder);
    return OUSE_OK;
}

static int run(const struct cli *cli)
{
    struct arena arena = {0};
    struct problem problem;
    problem_init(&problem, &arena);
    int status = make(cli, &problem) == OUSE_OK ? CLI_OK : cli_fail(&problem);
    arena_finish(&arena);
    return status;
}

static const struct cli_option options[] = {
    {"singular", "NAME", "the singular, if the plural does not show it", NULL},
    {.name = NULL},
};

const struct cli_command cli_plugin_new = {
    .name = "plugin new",
    .arguments = "NAME [FOLDER]",
    .least = 1,
    .most = 2,
    .summary = "write a plugin to start from: code, build file, page, test",
    .help =
        "NAME is the name of the plugin and of its collection: plural and kebab-case, as in reading-groups. "
        "FOLDER,\nor else NAME, must not exist, or be empty. plugins/README.md explains the files.",
    .options = options,
    .run = run,
};
