/* row_reader: rows of NDJSON, a JSON array or CSV, on their way into the register.
 *
 *     {"id":"blmk","name":…}   ─┐
 *     id,name,…                 ├─> row { place, collection, document } ─> bulk_apply.h
 *     blmk,"Bedfordshire, …"   ─┘
 *
 * Rows come one at a time, and memory is that of one row, whatever the size of
 * what is read. They belong to one collection, or (NDJSON and JSON only) each names it in
 * meta.collection. What is wrong with a row is its problem, and reading continues
 * after it. A row's number is its line in NDJSON, its position in a JSON array, and in CSV what a
 * spreadsheet shows: the first row is 1. Its line is counted as an editor counts lines.
 *
 * A mapping (mapping.h) says how to read a file of another source. A file that cannot be read as it is
 * (file_kinds.c) has one problem, and no rows.
 */
#ifndef BULK_ROW_READER_H
#define BULK_ROW_READER_H

#include "columns.h"
#include <iconv.h>
#include <sys/types.h>

#define INTAKE_ROW_MAX  (4u << 20) /* bytes of one row */
#define INTAKE_CELL_MAX (1u << 20) /* bytes of one cell of CSV */

/* What is being read: of which file (NULL: of none that has a name) and of
 * which collection (NULL: each row says it). */
struct intake_source {
    const char *file;
    const struct collection *collection;
    const struct intake_format *format;
    /* Reads n bytes from a position, fewer only at the end; -1 with errno. */
    ssize_t (*read)(void *arg, uint64_t from, void *bytes, size_t n);
    void *arg;
    const struct mapping *mapping; /* NULL: none */
};

/* Until the next one is read. */
struct row {
    struct ouse_str place; /* in front of the pointers of its errors: see intake_locate */
    uint32_t source, number, line;
    const struct collection *collection; /* NULL, as the document, where the problem is that there is none */
    cJSON *document;
    const struct columns *columns; /* that it was made by; NULL: by none */
};

/* Where JSON rows are being read: before their array, in it, after it. */
enum intake_array { ARRAY_BEFORE, ARRAY_BEGUN, ARRAY_GOES_ON, ARRAY_AFTER };

struct intake {
    const struct schema *schema;
    const struct intake_source *sources;
    uint32_t n_sources, source; /* the one that is being read */
    uint32_t number;            /* in it, of the row that came last */
    uint32_t line, next_line;   /* on which that row begins; on which the next bytes begin */
    struct arena arena;         /* of that row */
    struct arena memory;        /* until the end */
    char *window;               /* of the source's bytes: those of the next rows begin at `at` */
    size_t at, n, room;
    uint64_t position; /* in the source, behind the window */
    int ended;         /* there is nothing behind the window */
    int unreadable;    /* a source could not be read as it is */
    int is_columned;   /* the columns of the source are known */
    enum intake_array array;
    iconv_t converter; /* of its encoding, if `converts` */
    int converts;
    uint32_t led;             /* bytes before the row that a format has read */
    struct columns **columns; /* of each source; NULL: none yet */
};

/* The sources last as long as the intake. */
void intake_init(struct intake *intake, const struct schema *schema, const struct intake_source *sources,
                 uint32_t n);
void intake_finish(struct intake *intake);

/* Begins again with the first row. */
void intake_rewind(struct intake *intake);

/* The next row, and what is wrong with it. OUSE_E_NOT_FOUND at the end,
 * OUSE_E_UNAVAILABLE (and so the problem) where a source cannot be read. */
ouse_rc intake_next(struct intake *intake, struct row *row, struct problem *problem);

/* Takes the places of rows off the pointers of the errors: sets file, line, row and column of each, and makes
 * its pointer "/rows/ROW/…". */
void intake_locate(const struct intake *intake, struct problem *problem);

/* One format of rows: its name is the suffix of its files, too. */
struct intake_format {
    const char *name, *media_type;
    int headed; /* the first row must be there */
    /* Reads the row that a text begins with, and tells its length: 0 where it does not end in it,
     * unless that is the `last` of the source. One without a document and a problem is passed over. */
    uint32_t (*read)(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                     struct problem *problem);
};

const struct intake_format *intake_format_named(struct ouse_str name);         /* or NULL */
const struct intake_format *intake_format_of_type(struct ouse_str media_type); /* or NULL */
extern const struct intake_format intake_ndjson;

/* ---- For formats ---------------------------------------------------------- */

uint32_t csv_read(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                  struct problem *problem);
uint32_t json_rows_read(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                        struct problem *problem);

/* Leaves out what the source still has. */
void intake_skip(struct intake *intake);

/* Reports that the source cannot be read as it is, in one sentence, and leaves out what it still has. */
void intake_refuse(struct intake *intake, struct problem *problem, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Refuses a source whose first bytes show that it is of another kind than its format: file_kinds.c. */
void intake_check_kind(struct intake *intake, struct ouse_str first, struct problem *problem);

/* The document of a JSON row, by the mapping if there is one. */
void intake_take_json(struct intake *intake, struct ouse_str text, cJSON **document, struct problem *problem);

static inline const struct intake_source *intake_source(const struct intake *intake)
{
    return &intake->sources[intake->source];
}

static inline const struct mapping *intake_mapping(const struct intake *intake)
{
    const struct mapping *mapping = intake_source(intake)->mapping;
    return mapping ? mapping : &mapping_none;
}

#endif
