/* row_reader: reads rows of NDJSON, a JSON array or CSV.
 *
 *     {"id":"blmk","name":…}   ─┐
 *     id,name,…                 ├─> row { place, collection, document } ─> bulk_apply.h
 *     blmk,"Bedfordshire, …"   ─┘
 *
 * Rows are read one at a time, and memory is that of one row, whatever the size of the source. They
 * belong to one collection, or (NDJSON and JSON only) each names it in meta.collection. A mistake
 * in a row is its problem, and reading continues after it. The number of a row is its line in
 * NDJSON, its position in a JSON array, and in CSV the number that a spreadsheet shows: the first
 * row is 1. Its line is counted as an editor counts lines.
 *
 * A mapping (mapping.h) describes how to read a file of another source. A file that cannot be read
 * as it is (file_kinds.c) has one problem, and no rows. */
#ifndef BULK_ROW_READER_H
#define BULK_ROW_READER_H

#include "columns.h"
#include <iconv.h>
#include <sys/types.h>

#define INTAKE_ROW_MAX  (4u << 20) /* bytes of one row */
#define INTAKE_CELL_MAX (1u << 20) /* bytes of one cell of CSV */

/* A source: its file (NULL: without a name) and its collection (NULL: each row names it). */
struct intake_source {
    const char *file;
    const struct collection *collection;
    const struct intake_format *format;
    /* Reads n bytes from a position, fewer only at the end; -1 with errno. */
    ssize_t (*read)(void *arg, uint64_t from, void *bytes, size_t n);
    void *arg;
    const struct mapping *mapping; /* NULL: no mapping */
};

/* Until the next one is read. */
struct row {
    struct ouse_str place; /* in front of the pointers of its errors: see intake_locate */
    uint32_t source, number, line;
    const struct collection *collection; /* NULL, like the document, if the problem is a missing collection */
    cJSON *document;
    const struct columns *columns; /* the columns that it was read by; NULL: no columns */
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
    uint64_t position; /* in the source, after the window */
    int ended;         /* there is no data after the window */
    int unreadable;    /* a source could not be read as it is */
    int is_columned;   /* the columns of the source are known */
    enum intake_array array;
    iconv_t converter; /* of its encoding, if `converts` */
    int converts;
    uint32_t led;             /* bytes before the row that a format has read */
    struct columns **columns; /* of each source; NULL: not read yet */
};

/* The sources last as long as the intake. */
void intake_init(struct intake *intake, const struct schema *schema, const struct intake_source *sources,
                 uint32_t n);
void intake_finish(struct intake *intake);

/* Begins again with the first row. */
void intake_rewind(struct intake *intake);

/* Reads the next row and its mistakes. Returns OUSE_E_NOT_FOUND at the end, OUSE_E_UNAVAILABLE
 * (also in the problem) if a source cannot be read. */
ouse_rc intake_next(struct intake *intake, struct row *row, struct problem *problem);

/* Takes the places of rows off the pointers of the errors: sets file, line, row and column of each, and makes
 * its pointer "/rows/ROW/…". */
void intake_locate(const struct intake *intake, struct problem *problem);

/* One format of rows: its name is the suffix of its files, too. */
struct intake_format {
    const char *name, *media_type;
    int headed; /* the first row must be there */
    /* Reads the row at the beginning of a text, and returns its length: 0 if the text does not
     * contain its end, unless it is the `last` of the source. A row without a document and a
     * problem is skipped. */
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

/* Skips the rest of the source. */
void intake_skip(struct intake *intake);

/* Reports that the source cannot be read as it is, in one sentence, and skips its rest. */
void intake_refuse(struct intake *intake, struct problem *problem, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Rejects a source if its first bytes show another kind than its format: file_kinds.c. */
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
