/* ouse export: writes the records of the register, all of them from one snapshot, as the office
 * sees them. `ouse import` reads its NDJSON. */
#include "commands.h"

#include "../features/bulk/csv.h"
#include "../record/record.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define ROW_MAX ((size_t)64 << 20)

struct format {
    const char *name;
    void (*header)(const struct collection *collection, struct buffer *out); /* or NULL */
    ouse_rc (*record)(const struct record *record, struct arena *arena, struct buffer *out);
    int mixes; /* collections may follow each other in one stream */
};

static ouse_rc write_ndjson(const struct record *record, struct arena *arena, struct buffer *out)
{
    (void)arena;
    buffer_str(out, record->json);
    buffer_byte(out, '\n');
    return OUSE_OK;
}

static ouse_rc write_csv(const struct record *record, struct arena *arena, struct buffer *out)
{
    const cJSON *tree = json_parse_trusted(arena, record->json);
    if (!tree)
        return OUSE_E_INTERNAL;
    csv_record(record->collection, OUSE_OFFICE, tree, out);
    return OUSE_OK;
}

static void head_csv(const struct collection *collection, struct buffer *out)
{
    csv_header(collection, OUSE_OFFICE, out);
}

static const struct format formats[] = {{"ndjson", NULL, write_ndjson, 1}, {"csv", head_csv, write_csv, 0}};
enum { FORMATS = sizeof formats / sizeof formats[0] };

struct export
{
    const struct format *format;
    const char *folder; /* NULL: standard output */
    struct txn *txn;
    struct problem *problem;
    struct arena *arena;
};

/* ---- Writing ------------------------------------------------------------------- */

static ouse_rc cannot_write(struct export *export, const char *path)
{
    return problem_fail(export->problem, OUSE_E_UNAVAILABLE, "%s cannot be written: %s", path,
                        strerror(errno));
}

static ouse_rc flush(struct export *export, struct buffer *row, FILE *file, const char *path)
{
    if (row->overflow)
        return problem_fail(export->problem, OUSE_E_TOO_LARGE, "%s: a record is too large to write", path);
    if (fwrite(row->at, 1, row->n, file) != row->n)
        return cannot_write(export, path);
    buffer_empty(row);
    return OUSE_OK;
}

static ouse_rc write_rows(struct export *export, struct rows *rows, struct buffer *row, FILE *file,
                          const char *path)
{
    struct record record;
    ouse_rc rc;
    while (!(rc = rows_next(rows, &record))) {
        struct arena arena = {0}; /* of one row, so that memory does not grow with the register */
        rc = export->format->record(&record, &arena, row);
        arena_finish(&arena);
        if (rc)
            return problem_fail(export->problem, rc, "%s/%.*s is damaged in the store; run `ouse verify`",
                                record.collection->is.name, OUSE_F(record.id));
        rc = flush(export, row, file, path);
        if (rc)
            return rc;
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : problem_fail(export->problem, rc, "The store cannot be read");
}

static ouse_rc write_collection(struct export *export, const struct collection *collection, FILE *file,
                                const char *path)
{
    struct buffer row;
    struct query query;
    struct rows *rows;
    query_init(&query, collection, OUSE_OFFICE);
    ouse_rc rc = rows_open(export->txn, &query, export->arena, &rows);
    if (rc)
        return problem_fail(export->problem, rc, "The store cannot be read");
    buffer_init(&row, ROW_MAX);
    if (export->format->header) {
        export->format->header(collection, &row);
        rc = flush(export, &row, file, path);
    }
    if (!rc)
        rc = write_rows(export, rows, &row, file, path);
    buffer_finish(&row);
    return rc;
}

static ouse_rc write_file(struct export *export, const struct collection *collection)
{
    const char *path =
        arena_printf(export->arena, "%s/%s.%s", export->folder, collection->is.name, export->format->name).p;
    FILE *file = fopen(path, "wb");
    if (!file)
        return cannot_write(export, path);
    ouse_rc rc = write_collection(export, collection, file, path);
    if (fclose(file) != 0 && !rc)
        rc = cannot_write(export, path);
    return rc;
}

static ouse_rc write_out(struct export *export, const struct collection *collection)
{
    ouse_rc rc;
    if (export->folder)
        return write_file(export, collection);
    rc = write_collection(export, collection, stdout, "standard output");
    if (!rc && fflush(stdout) != 0)
        rc = cannot_write(export, "standard output");
    return rc;
}

/* ---- Selection --------------------------------------------------------------------- */

static ouse_rc choose_format(const struct cli *cli, struct export *export)
{
    const char *wanted = cli_value(cli, "format");
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(wanted ? wanted : "ndjson", formats[i].name) == 0)
            export->format = &formats[i];
    if (!export->format->mixes && !export->folder && cli->n_arguments != 1)
        return problem_fail(export->problem, OUSE_E_REQUEST,
                            "%s has one header: name one collection, or a folder by --output",
                            export->format->name);
    return OUSE_OK;
}

static ouse_rc make_folder(struct export *export)
{
    if (export->folder && mkdir(export->folder, 0777) != 0 && errno != EEXIST)
        return cannot_write(export, export->folder);
    return OUSE_OK;
}

static ouse_rc find_collection(const struct server_register *opened, const char *name, struct export *export,
                               const struct collection **collection)
{
    *collection = schema_find_renamed(opened->schema, ouse_s(name));
    return *collection
               ? OUSE_OK
               : problem_fail(export->problem, OUSE_E_NOT_FOUND, "There is no collection \"%s\"", name);
}

static ouse_rc write_all(const struct cli *cli, const struct server_register *opened, struct export *export)
{
    const struct collection *collection;
    uint32_t n = cli->n_arguments ? (uint32_t)cli->n_arguments : schema_count(opened->schema);
    ouse_rc rc = OUSE_OK;
    for (int i = 0; i < cli->n_arguments && !rc; i++) /* an unknown name writes nothing */
        rc = find_collection(opened, cli->arguments[i], export, &collection);
    if (!rc)
        rc = make_folder(export);
    for (uint32_t i = 0; i < n && !rc; i++) {
        const char *name = cli->n_arguments ? cli->arguments[i] : schema_at(opened->schema, i)->is.name;
        rc = find_collection(opened, name, export, &collection);
        if (!rc)
            rc = write_out(export, collection);
    }
    return rc;
}

static ouse_rc export_all(const struct cli *cli, struct server_register *opened)
{
    struct export export = {
        .folder = cli_value(cli, "output"), .problem = &opened->problem, .arena = &opened->arena};
    ouse_rc rc = choose_format(cli, &export);
    if (rc)
        return rc;
    rc = engine_read(opened->engine, &export.txn);
    if (rc)
        return problem_fail(&opened->problem, rc, "%s: the store cannot be read", opened->config->data);
    rc = write_all(cli, opened, &export);
    txn_end(export.txn);
    return rc;
}

static int run(const struct cli *cli)
{
    struct server_register opened;
    int status = CLI_OK;
    if (cli_open(cli, SERVER_RULES | SERVER_READS, &opened) != OUSE_OK || export_all(cli, &opened) != OUSE_OK)
        status = cli_fail(&opened.problem);
    server_close(&opened);
    return status;
}

static const struct cli_option options[] = {
    {"format", "FORMAT", "ndjson, which is the default and can be imported again, or csv", "ndjson csv"},
    {"output", "DIR", "write a file a collection into this folder, not everything to standard output", NULL},
    {.name = NULL},
};

const struct cli_command cli_export = {
    .name = "export",
    .arguments = "[COLLECTION…]",
    .least = 0,
    .most = -1,
    .summary = "write records out, of all collections or of those named",
    .options = options,
    .run = run,
};
