/* ouse import: records from files into the register, all or none. */
#include "cli.h"

#include "../exchange/load.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_MAX    ((size_t)1 << 30) /* bytes of one file */
#define FAULTS_TOLD 100

/* ---- Files ------------------------------------------------------------------------ */

static ouse_rc cannot_read(struct problem *problem, const char *path)
{
    return problem_fail(problem, OUSE_E_REQUEST, "%s cannot be read: %s", path, strerror(errno));
}

static const char *suffix_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    return dot ? dot + 1 : "";
}

/* "conf/sample/hubs.ndjson" is of hubs. */
static const struct collection *collection_of(const struct schema *schema, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strchr(name, '.');
    return schema_find(schema,
                       (struct ouse_str){name, (uint32_t)(dot ? (size_t)(dot - name) : strlen(name))});
}

/* What has another suffix, or none, is NDJSON. */
static void take_text(struct intake *intake, const char *path, struct ouse_str text)
{
    const struct intake_source source = {path, collection_of(intake->schema, path)};
    const struct intake_format *format = intake_format_named(ouse_s(suffix_of(path)));
    if (format)
        format->read(intake, &source, text);
    else
        intake_ndjson(intake, &source, text);
}

static ouse_rc read_stream(struct intake *intake, const char *path, FILE *file, struct problem *problem)
{
    struct buffer bytes;
    struct ouse_str text;
    char chunk[65536];
    size_t n;
    buffer_init(&bytes, FILE_MAX);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        buffer_add(&bytes, chunk, n);
    int failed = ferror(file), too_large = bytes.overflow;
    text = failed || too_large ? ouse_s("") : arena_copy(intake->arena, buffer_view(&bytes));
    buffer_finish(&bytes);
    if (failed)
        return cannot_read(problem, path);
    if (too_large)
        return problem_fail(problem, OUSE_E_TOO_LARGE, "%s is over %zu bytes; split it", path, FILE_MAX);
    take_text(intake, path, text);
    return OUSE_OK;
}

static ouse_rc read_file(struct intake *intake, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return cannot_read(problem, path);
    ouse_rc rc = read_stream(intake, path, file, problem);
    fclose(file);
    return rc;
}

static int has_rows(const struct dirent *entry)
{
    return intake_format_named(ouse_s(suffix_of(entry->d_name))) != NULL;
}

static ouse_rc read_folder(struct intake *intake, const char *path, struct problem *problem)
{
    struct dirent **entries;
    int n = scandir(path, &entries, has_rows, alphasort);
    ouse_rc rc = OUSE_OK;
    if (n < 0)
        return cannot_read(problem, path);
    if (!n)
        rc = problem_fail(problem, OUSE_E_REQUEST, "There is no *.ndjson and no *.csv in %s", path);
    for (int i = 0; i < n; i++) {
        if (!rc)
            rc = read_file(intake, arena_printf(intake->arena, "%s/%s", path, entries[i]->d_name).p, problem);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

static ouse_rc read_path(struct intake *intake, const char *path, struct problem *problem)
{
    struct stat about;
    if (strcmp(path, "-") == 0)
        return read_stream(intake, path, stdin, problem);
    if (stat(path, &about) != 0)
        return cannot_read(problem, path);
    return S_ISDIR(about.st_mode) ? read_folder(intake, path, problem) : read_file(intake, path, problem);
}

/* ---- The command --------------------------------------------------------------- */

static ouse_rc read_paths(const struct cli *cli, struct intake *intake, struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (int i = 0; i < cli->n_arguments && !rc; i++)
        rc = read_path(intake, cli->arguments[i], problem);
    return rc;
}

static void tell_counts(const struct load *load, int dry_run)
{
    const struct schema *schema = load->intake->schema;
    for (uint32_t i = 0; i < schema_count(schema); i++) {
        uint64_t counts[LOAD_OUTCOMES];
        load_counts(load, schema_at(schema, i), counts);
        if (counts[LOAD_CREATED] + counts[LOAD_UPDATED] + counts[LOAD_UNCHANGED])
            printf("%s: %llu created, %llu updated, %llu unchanged\n", schema_at(schema, i)->is.name,
                   (unsigned long long)counts[LOAD_CREATED], (unsigned long long)counts[LOAD_UPDATED],
                   (unsigned long long)counts[LOAD_UNCHANGED]);
    }
    if (dry_run)
        puts("dry run: nothing was kept");
}

static ouse_rc import_all(const struct cli *cli, struct cli_register *opened)
{
    struct intake intake;
    const char *mode = cli_value(cli, "mode");
    int exact = mode && strcmp(mode, "exact") == 0;
    struct load load = {.intake = &intake, .mode = load_mode(ouse_s(exact ? "create" : mode))};
    struct change_set set = {.records = opened->records,
                             .caller = {OUSE_MANAGER, ouse_s("ouse import")},
                             .mode = exact ? CHANGE_EXACT : CHANGE_IMPORT,
                             .dry_run = cli_value(cli, "dry-run") != NULL,
                             .arena = &opened->arena,
                             .problem = &opened->problem};
    intake_init(&intake, &opened->arena, opened->schema);
    intake.faults.most = FAULTS_TOLD;
    ouse_rc rc = read_paths(cli, &intake, &opened->problem);
    if (!rc)
        rc = records_write(&set, load_rows, NULL, &load, intake.bytes);
    if (!rc)
        tell_counts(&load, set.dry_run);
    return rc;
}

static int run(const struct cli *cli)
{
    struct cli_register opened;
    int status = CLI_OK;
    if (cli_open(cli, CLI_RULES, &opened) != OUSE_OK || import_all(cli, &opened) != OUSE_OK)
        status = cli_fail(&opened.problem);
    cli_close(&opened);
    return status;
}

static const struct cli_option options[] = {
    {"mode", "MODE",
     "create (none may be there), update (all must be), exact (create, as meta says), or upsert, the default",
     "create update upsert exact"},
    {"dry-run", NULL, "check everything and tell what would be done; keep nothing", NULL},
    {.name = NULL},
};

const struct cli_command cli_import = {
    .name = "import",
    .arguments = "FILE|DIR…",
    .least = 1,
    .most = -1,
    .summary = "bring in records from NDJSON or CSV files, all or none",
    .help =
        "A file is of the collection that its name says (hubs.ndjson, hubs.csv); where it says none, each\n"
        "line of NDJSON names it in meta.collection. Of a folder, every *.ndjson and *.csv is taken; - is\n"
        "standard input. Records may refer to each other in any order. A row without an id gets one made\n"
        "from its label. What \"ouse export\" wrote, the mode exact brings into an empty register with the\n"
        "revisions and times that its records had, but without their histories.",
    .options = options,
    .run = run,
};
