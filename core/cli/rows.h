/* rows: the records of NDJSON files, on their way into the register.
 *
 *     hubs.ndjson:3   {"id":"blmk","name":…}  ─> row { file, line, collection, document }
 *
 * A file belongs to the collection that its name says. Where the name says
 * nothing (standard input, "all.ndjson") each line says it: meta.collection.
 * What is wrong with a line is kept as a fault, and reading goes on, so that
 * all faults of all files are told at once.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "../record/record.h"

#define FAULTS_TOLD   100
#define ROWS_FILE_MAX ((size_t)1 << 30) /* bytes of one file */

struct row {
    const char *file;
    uint32_t line;
    const struct collection *collection;
    cJSON *document;
};

struct faults {
    struct ouse_str at[FAULTS_TOLD]; /* "hubs.ndjson:3: /name: It is required" */
    uint64_t n;                      /* all, also those that are not told */
};

struct rows_read {
    struct arena *arena; /* of all that is here */
    const struct schema *schema;
    struct row *at;
    size_t n, room, bytes;
    struct faults faults;
};

/* Reads a file, every *.ndjson of a folder in the order of their names, or
 * standard input for "-". Fails only when the files cannot be read. */
ouse_rc rows_read_path(struct rows_read *rows, const char *path, struct problem *problem);

/* Keeps what a problem says about a row. */
void faults_add(struct faults *faults, struct arena *arena, const struct row *row,
                const struct problem *problem);

#endif
