/* rows: see rows.h. */
#include "rows.h"

#include <dirent.h>
#include <errno.h>
#include <ouse/host.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void keep(struct faults *faults, struct arena *arena, const struct row *row, struct ouse_str pointer,
                 struct ouse_str detail)
{
    if (faults->n < FAULTS_TOLD)
        faults->at[faults->n] = arena_printf(arena, "%s:%u: %.*s%s%.*s", row->file, row->line,
                                             OUSE_F(pointer), pointer.n ? ": " : "", OUSE_F(detail));
    faults->n++;
}

void faults_add(struct faults *faults, struct arena *arena, const struct row *row,
                const struct problem *problem)
{
    uint32_t told = problem->n_errors < PROBLEM_ERRORS ? problem->n_errors : PROBLEM_ERRORS;
    for (uint32_t i = 0; i < told; i++)
        keep(faults, arena, row, problem->errors[i].pointer, problem->errors[i].detail);
    faults->n += problem->n_errors - told;
    if (!problem->n_errors)
        keep(faults, arena, row, ouse_s(""),
             problem->detail.p ? problem->detail : ouse_s(problem_kind(problem->rc)->title));
}

static ouse_rc find_collection(const struct rows_read *rows, const struct collection *of_file,
                               struct row *row, struct problem *problem)
{
    struct ouse_str named = json_text(json_member(json_member(row->document, "meta"), "collection"));
    row->collection = named.p ? schema_find(rows->schema, named) : of_file;
    if (named.p && !row->collection)
        return problem_add(problem, OUSE_E_INVALID, "/meta/collection", "not_found",
                           "There is no collection \"%.*s\"", OUSE_F(named));
    if (!row->collection)
        return problem_add(
            problem, OUSE_E_INVALID, "/meta/collection", "required",
            "This register has no collection that is named as the file is: enable its plugin (\"ouse plugin "
            "list\"), or say in meta.collection which one is meant");
    if (of_file && row->collection != of_file)
        return problem_add(problem, OUSE_E_INVALID, "/meta/collection", "mismatch",
                           "The file is of %s, the line of %s", of_file->is.name, row->collection->is.name);
    return OUSE_OK;
}

/* A row that leaves out a field with a default means the default, whether the
 * record is new or not: so an import that is repeated finds nothing to do. */
static void set_defaults(struct row *row)
{
    for (uint32_t i = 0; i < row->collection->n_fields; i++) {
        const struct field *field = &row->collection->fields[i];
        cJSON *value = json_member(row->document, field->is.name);
        if (!field->dflt || !cJSON_IsObject(row->document) || (value && !cJSON_IsNull(value)))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(row->document, field->is.name);
        cJSON_AddItemToObject(row->document, field->is.name, cJSON_Duplicate(field->dflt, 1));
    }
}

static void push(struct rows_read *rows, const struct row *row)
{
    if (rows->n == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 256;
        struct row *grown = arena_alloc(rows->arena, room * sizeof *grown);
        if (rows->n)
            memcpy(grown, rows->at, rows->n * sizeof *grown);
        rows->at = grown;
        rows->room = room;
    }
    rows->at[rows->n++] = *row;
}

static void read_line(struct rows_read *rows, const struct collection *of_file, struct row *row,
                      struct ouse_str text)
{
    struct problem problem;
    problem_init(&problem, rows->arena);
    ouse_rc rc = json_parse(rows->arena, text, &row->document, &problem);
    if (!rc)
        rc = find_collection(rows, of_file, row, &problem);
    if (rc) {
        faults_add(&rows->faults, rows->arena, row, &problem);
        return;
    }
    set_defaults(row);
    push(rows, row);
}

static int is_blank(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (!strchr(" \t\r", text.p[i]))
            return 0;
    return 1;
}

/* "conf/sample/hubs.ndjson" is of hubs. */
static const struct collection *collection_of(const struct rows_read *rows, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strchr(name, '.');
    return schema_find(rows->schema,
                       (struct ouse_str){name, (uint32_t)(dot ? (size_t)(dot - name) : strlen(name))});
}

static void read_lines(struct rows_read *rows, const char *path, struct ouse_str text)
{
    const struct collection *of_file = collection_of(rows, path);
    const char *at = text.p, *end = text.p + text.n;
    for (uint32_t line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct row row = {.file = path, .line = line};
        struct ouse_str one = {at, (uint32_t)((stop ? stop : end) - at)};
        if (!is_blank(one))
            read_line(rows, of_file, &row, one);
        at = stop ? stop + 1 : end;
    }
}

static ouse_rc cannot_read(struct problem *problem, const char *path)
{
    return problem_fail(problem, OUSE_E_REQUEST, "%s cannot be read: %s", path, strerror(errno));
}

static ouse_rc read_stream(struct rows_read *rows, const char *path, FILE *file, struct problem *problem)
{
    struct buffer bytes;
    struct ouse_str text;
    char chunk[65536];
    size_t n;
    buffer_init(&bytes, ROWS_FILE_MAX);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        buffer_add(&bytes, chunk, n);
    int failed = ferror(file), too_large = bytes.overflow;
    text = failed || too_large ? ouse_s("") : arena_copy(rows->arena, buffer_view(&bytes));
    buffer_finish(&bytes);
    if (failed)
        return cannot_read(problem, path);
    if (too_large)
        return problem_fail(problem, OUSE_E_TOO_LARGE, "%s is over %zu bytes; split it", path, ROWS_FILE_MAX);
    rows->bytes += text.n;
    read_lines(rows, path, text);
    return OUSE_OK;
}

static ouse_rc read_file(struct rows_read *rows, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return cannot_read(problem, path);
    ouse_rc rc = read_stream(rows, path, file, problem);
    fclose(file);
    return rc;
}

static int is_ndjson(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".ndjson") == 0;
}

static ouse_rc read_folder(struct rows_read *rows, const char *path, struct problem *problem)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_ndjson, alphasort);
    ouse_rc rc = OUSE_OK;
    if (n < 0)
        return cannot_read(problem, path);
    if (!n)
        rc = problem_fail(problem, OUSE_E_REQUEST, "There is no *.ndjson in %s", path);
    for (int i = 0; i < n; i++) {
        if (!rc)
            rc = read_file(rows, arena_printf(rows->arena, "%s/%s", path, entries[i]->d_name).p, problem);
        free(entries[i]);
    }
    free(entries);
    return rc;
}

ouse_rc rows_read_path(struct rows_read *rows, const char *path, struct problem *problem)
{
    struct stat about;
    if (strcmp(path, "-") == 0)
        return read_stream(rows, path, stdin, problem);
    if (stat(path, &about) != 0)
        return cannot_read(problem, path);
    return S_ISDIR(about.st_mode) ? read_folder(rows, path, problem) : read_file(rows, path, problem);
}
