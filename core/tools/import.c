/* ouse import: loads records from files, all or nothing.
 *
 * Memory does not grow with the files. A small import is one transaction, and so is a large one
 * while a server runs: the store then keeps its changes in memory, half a gigabyte at most. If no
 * other process uses the register, a large import goes into a draft of it, which replaces it at the
 * end. */
#include "commands.h"

#include "../base/spool.h"
#include "../features/bulk/bulk_apply.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FAULTS_TOLD = 100, LARGE = 8 << 20 /* bytes from which on there is a draft */ };

/* The input files, in order. */
struct file {
    const char *path;
    int fd; /* -1: not open at present */
    struct file *next;
};

struct files {
    struct arena *arena;
    struct problem *problem;
    struct file *first, **end;
    uint32_t n;
    uint64_t bytes;
    struct spool input; /* the content of standard input */
};

/* ---- Finding the files -------------------------------------------------------------- */

static ouse_rc cannot_read(const struct files *files, const char *path)
{
    return problem_fail(files->problem, OUSE_E_REQUEST, "%s cannot be read: %s", path, strerror(errno));
}

static const char *suffix_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    return dot ? dot + 1 : "";
}

static ouse_rc add_file(struct files *files, const char *path)
{
    struct file *file = arena_zero(files->arena, sizeof *file);
    struct stat about;
    if (access(path, R_OK) != 0 || stat(path, &about) != 0)
        return cannot_read(files, path);
    file->path = path;
    file->fd = -1;
    files->bytes += (uint64_t)about.st_size;
    files->n++;
    *files->end = file;
    files->end = &file->next;
    return OUSE_OK;
}

static int has_rows(const struct dirent *entry)
{
    return intake_format_named(ouse_s(suffix_of(entry->d_name))) != NULL;
}

static ouse_rc add_folder(struct files *files, const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, has_rows, alphasort);
    ouse_rc rc = OUSE_OK;
    if (n < 0)
        return cannot_read(files, path);
    if (!n)
        rc =
            problem_fail(files->problem, OUSE_E_REQUEST, "There is no *.ndjson, *.csv or *.json in %s", path);
    for (int i = 0; i < n; i++) {
        if (!rc)
            rc = add_file(files, arena_printf(files->arena, "%s/%s", path, entries[i]->d_name).p);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

/* Standard input comes once, and how much it is shows at its end. */
static ouse_rc add_input(struct files *files)
{
    static char bytes[1 << 16];
    struct file *file = arena_zero(files->arena, sizeof *file);
    ssize_t n;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
        if (spool_add(&files->input, bytes, (size_t)n) != 0)
            return cannot_read(files, "-");
    if (n < 0)
        return cannot_read(files, "-");
    file->path = "-";
    files->bytes += spool_size(&files->input);
    files->n++;
    *files->end = file;
    files->end = &file->next;
    return OUSE_OK;
}

static ouse_rc find_files(const struct cli *cli, struct files *files)
{
    const char *temporary = getenv("TMPDIR");
    ouse_rc rc = OUSE_OK;
    files->end = &files->first;
    spool_init(&files->input, temporary ? temporary : "/tmp");
    for (int i = 0; i < cli->n_arguments && !rc; i++) {
        const char *path = cli->arguments[i];
        struct stat about;
        if (strcmp(path, "-") == 0)
            rc = add_input(files);
        else if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
            rc = add_folder(files, path);
        else
            rc = add_file(files, path);
    }
    return rc;
}

/* ---- Reading them ------------------------------------------------------------------- */

/* Reads a file. Only one is open at a time: it is opened for its first byte, and closed at its end. */
static ssize_t read_file(void *arg, uint64_t from, void *bytes, size_t n)
{
    struct file *file = arg;
    size_t done = 0;
    ssize_t got = 1;
    if (file->fd < 0 && (file->fd = open(file->path, O_RDONLY | O_CLOEXEC)) < 0)
        return -1;
    while (done < n && got > 0) {
        got = pread(file->fd, (char *)bytes + done, n - done, (off_t)(from + done));
        done += got > 0 ? (size_t)got : 0;
    }
    if (done < n) {
        close(file->fd);
        file->fd = -1;
    }
    return got < 0 ? -1 : (ssize_t)done;
}

static ssize_t read_input(void *arg, uint64_t from, void *bytes, size_t n)
{
    const struct files *files = arg;
    return spool_read(&files->input, from, bytes, n);
}

/* "conf/sample/hubs.ndjson" is of hubs. */
static const struct collection *collection_of(const struct schema *schema, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strchr(name, '.');
    return schema_find_renamed(
        schema, (struct ouse_str){name, (uint32_t)(dot ? (size_t)(dot - name) : strlen(name))});
}

/* Returns the sources. A file with another suffix, or without one, is NDJSON. The mapping applies
 * to every file, and may name the collection. */
static struct intake_source *sources_of(struct files *files, const struct schema *schema,
                                        const struct mapping *mapping)
{
    const struct collection *named =
        mapping->collection.p ? schema_find_renamed(schema, mapping->collection) : NULL;
    struct intake_source *sources = arena_zero(files->arena, files->n * sizeof *sources), *source = sources;
    for (struct file *file = files->first; file; file = file->next, source++) {
        const struct intake_format *format = intake_format_named(ouse_s(suffix_of(file->path)));
        int is_input = strcmp(file->path, "-") == 0;
        *source = (struct intake_source){.file = file->path,
                                         .collection = named ? named : collection_of(schema, file->path),
                                         .format = format ? format : &intake_ndjson,
                                         .read = is_input ? read_input : read_file,
                                         .arg = is_input ? (void *)files : file,
                                         .mapping = mapping};
    }
    return sources;
}

/* ---- The command --------------------------------------------------------------- */

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
        puts("dry run: nothing was stored");
}

/* ---- How they are read ----------------------------------------------------------------- */

/* Reads the file of a mapping, which is small. */
static ouse_rc read_map(const char *path, struct arena *arena, struct mapping *mapping,
                        struct problem *problem)
{
    enum { MAP_MAX = 1 << 20 };
    struct problem flaw;
    char *text = arena_alloc(arena, MAP_MAX);
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(text, 1, MAP_MAX, file) : 0;
    int failed = !file || ferror(file);
    if (file)
        fclose(file);
    if (failed)
        return problem_fail(problem, OUSE_E_REQUEST, "%s cannot be read: %s", path, strerror(errno));
    if (n == MAP_MAX)
        return problem_fail(problem, OUSE_E_REQUEST, "%s is larger than a mapping may be (1 MiB)", path);
    problem_init(&flaw, arena);
    if (mapping_read(arena, (struct ouse_str){text, (uint32_t)n}, mapping, &flaw))
        return problem_fail(problem, OUSE_E_REQUEST, "%s: %.*s", path, OUSE_F(flaw.detail));
    return OUSE_OK;
}

/* Returns the value of the option, or else that of the mapping. */
static struct ouse_str choice(const struct cli *cli, const char *option, struct ouse_str mapped)
{
    const char *value = cli_value(cli, option);
    return value ? ouse_s(value) : mapped;
}

static ouse_rc read_options(const struct cli *cli, struct server_register *opened, struct mapping *mapping,
                            struct load *load)
{
    const char *map = cli_value(cli, "map");
    ouse_rc rc = map ? read_map(map, &opened->arena, mapping, &opened->problem) : OUSE_OK;
    if (rc)
        return rc;
    if (mapping->collection.p && !schema_find_renamed(opened->schema, mapping->collection))
        return problem_fail(&opened->problem, OUSE_E_REQUEST,
                            "This register has no collection \"%.*s\", which the mapping names",
                            OUSE_F(mapping->collection));
    load->match = choice(cli, "match", mapping->match);
    load->references = reference_form(choice(cli, "references", mapping->references));
    return load->references ? OUSE_OK
                            : problem_fail(&opened->problem, OUSE_E_REQUEST,
                                           "references is id, code or label, not \"%.*s\"",
                                           OUSE_F(choice(cli, "references", mapping->references)));
}

static void report_ignored(const struct load *load, struct arena *arena)
{
    struct ouse_str ignored = load_ignored(load, arena);
    if (ignored.p)
        printf("ignored columns: %.*s\n", (int)ignored.n - 2, ignored.p + 1);
}

static ouse_rc import_all(const struct cli *cli, struct files *files, struct server_register *opened)
{
    const char *mode = cli_value(cli, "mode");
    int exact = mode && strcmp(mode, "exact") == 0;
    struct intake intake;
    struct load load = {
        .intake = &intake, .mode = load_mode(ouse_s(exact ? "create" : mode)), .most = FAULTS_TOLD};
    struct change_set set = {.records = opened->records,
                             .caller = {OUSE_MANAGER, ouse_s("ouse import")},
                             .mode = exact ? CHANGE_EXACT : CHANGE_IMPORT,
                             .dry_run = cli_value(cli, "dry-run") != NULL,
                             .arena = &opened->arena,
                             .problem = &opened->problem};
    struct mapping mapping = mapping_none;
    ouse_rc rc = read_options(cli, opened, &mapping, &load);
    if (rc)
        return rc;
    intake_init(&intake, opened->schema, sources_of(files, opened->schema, &mapping), files->n);
    rc = records_write(&set, load_rows, NULL, &load, files->bytes);
    if (rc)
        load_locate(&load, &opened->problem);
    if (!rc && !set.dry_run)
        rc = server_keep(opened);
    if (!rc)
        report_ignored(&load, &opened->arena);
    if (!rc)
        tell_counts(&load, set.dry_run);
    intake_finish(&intake);
    return rc;
}

static ouse_rc open_and_import(const struct cli *cli, struct files *files, struct server_register *opened)
{
    ouse_rc rc = cli_open(cli, SERVER_RULES | (files->bytes >= LARGE ? SERVER_DRAFT : 0), opened);
    if (!rc)
        rc = import_all(cli, files, opened);
    if (rc)
        cli_fail(&opened->problem);
    server_close(opened);
    return rc;
}

static int run(const struct cli *cli)
{
    struct arena arena = {0};
    struct problem problem;
    struct server_register opened;
    problem_init(&problem, &arena);
    struct files files = {.arena = &arena, .problem = &problem};
    ouse_rc rc = find_files(cli, &files);
    if (rc)
        cli_fail(&problem);
    else
        rc = open_and_import(cli, &files, &opened);
    spool_finish(&files.input);
    arena_finish(&arena);
    return rc ? CLI_FAILED : CLI_OK;
}

static const struct cli_option options[] = {
    {"mode", "MODE",
     "create (no record may exist), update (all must exist), exact (create, with the meta of the rows), or "
     "upsert, the default",
     "create update upsert exact"},
    {"match", "BY", "the key of a row: id, the default, identifiers.SCHEME, a unique field, label", NULL},
    {"references", "FORM", "how records are referred to: id, code (ods:RWK) or label; else ids and codes",
     "id code label"},
    {"map", "FILE", "a JSON file that describes how to read files of another source; see below", NULL},
    {"dry-run", NULL, "check everything and report the result; store nothing", NULL},
    {.name = NULL},
};

const struct cli_command cli_import = {
    .name = "import",
    .arguments = "FILE|DIR…",
    .least = 1,
    .most = -1,
    .summary = "import records from NDJSON, JSON or CSV files, all or nothing",
    .help =
        "The name of a file gives its collection (hubs.ndjson, hubs.csv, hubs.json); otherwise the "
        "mapping\ndoes, or each line of NDJSON in meta.collection. In a folder, every *.ndjson, *.csv and "
        "*.json is\nread; - is standard input. Records can refer to each other in any order. A row without "
        "an id gets\none from its label; a table without ids needs --match, or the mode create. The mode "
        "exact loads\nthe output of \"ouse export\" into an empty register, with the revisions and times of "
        "the records,\nbut without their histories.\n\nA mapping is a JSON object of columns and fields, or "
        "has these settings, all of which are optional:\n  collection  \"organisations\"\n  encoding    "
        "\"windows-1252\", \"utf-16\", …; default UTF-8\n  delimiter   \";\" or another character; default a "
        "comma\n  header      the number of the row with the column names; 0: there is no such row\n  "
        "columns     [\"id\", null, \"name\"]: the column names, if no row has them\n  rows        "
        "\"/grants\": the place of the array of rows in a JSON document\n  fields      {\"Code\": "
        "\"identifiers.ods\", \"/amount/0\": \"amount\",\n               \"Status\": {\"field\": \"status\", "
        "\"values\": {\"A\": \"open\", \"*\": \"closed\"}},\n               \"Parent\": {\"field\": "
        "\"part_of\", \"scheme\": \"ods\"}, \"Notes\": null}\n  constants   {\"kind\": \"gp_practice\"}: "
        "values for fields that a row does not have\n  match, references   as the options",
    .options = options,
    .run = run,
};
