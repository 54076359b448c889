/* intake: rows of NDJSON or CSV, on their way into the register.
 *
 *     {"id":"blmk","name":…}   ─┐
 *     id,name,…                 ├─> row { place, collection, document } ─> load.h
 *     blmk,"Bedfordshire, …"   ─┘
 *
 * Rows come one at a time, and memory is that of one row, whatever the size of
 * what is read. They belong to one collection, or (NDJSON only) each says in
 * meta.collection which. What is wrong with a row is its problem, and reading goes on
 * behind it. A row's number is its line in NDJSON; in CSV it is what a
 * spreadsheet shows: the header is row 1.
 */
#ifndef EXCHANGE_INTAKE_H
#define EXCHANGE_INTAKE_H

#include "../schema/schema.h"
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
};

/* Until the next one is read. */
struct row {
    struct ouse_str place; /* "hubs.ndjson:3: ", or "/rows/3": in front of the pointers of its errors */
    const struct collection *collection; /* NULL, as the document, where the problem is that there is none */
    cJSON *document;
};

struct csv_column {
    const char *name;
    const struct field *field; /* NULL: id or meta.visibility */
};
enum { CSV_COLUMNS_MAX = SCHEMA_FIELDS_MAX + 3 };

struct intake {
    const struct schema *schema;
    const struct intake_source *sources;
    uint32_t n_sources, source; /* the one that is being read */
    uint32_t number;            /* in it, of the row that came last */
    struct arena arena;         /* of that row */
    char *window;               /* of the source's bytes: those of the next rows begin at `at` */
    size_t at, n, room;
    uint64_t position; /* in the source, behind the window */
    int ended;         /* there is nothing behind the window */
    struct csv_column columns[CSV_COLUMNS_MAX];
    uint32_t n_columns;
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

static inline const struct intake_source *intake_source(const struct intake *intake)
{
    return &intake->sources[intake->source];
}

#endif
