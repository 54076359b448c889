/* intake: rows of NDJSON or CSV, on their way into the register.
 *
 *     {"id":"blmk","name":…}   ─┐
 *     id,name,…                 ├─> row { place, collection, document } ─> load.h
 *     blmk,"Bedfordshire, …"   ─┘
 *
 * Rows belong to one collection, or (NDJSON only) each says in meta.collection
 * which. What is wrong with a row is kept as a fault, and reading goes on, so
 * that all faults of all rows are told at once. A row's number is its line in
 * NDJSON; in CSV it is what a spreadsheet shows: the header is row 1.
 */
#ifndef EXCHANGE_INTAKE_H
#define EXCHANGE_INTAKE_H

#include "../schema/schema.h"

#define INTAKE_ROW_MAX  (4u << 20) /* bytes of one row */
#define INTAKE_CELL_MAX (1u << 20) /* bytes of one cell of CSV */

struct row {
    struct ouse_str place; /* "hubs.ndjson:3: ", or "/rows/3": in front of the pointers of its errors */
    const struct collection *collection;
    cJSON *document;
};

struct intake {
    struct arena *arena; /* of all that is here, and of the text that is read */
    const struct schema *schema;
    struct row *at;
    size_t n, room, bytes;
    uint32_t most; /* the number of the last row that is read of a text; 0: all are */
    int cut;       /* there were more */
    struct problem faults;
};

void intake_init(struct intake *intake, struct arena *arena, const struct schema *schema);

/* What is being read: of which file (NULL: of none that has a name) and of
 * which collection (NULL: each row says it). */
struct intake_source {
    const char *file;
    const struct collection *collection;
};

/* One format of rows: its name is the suffix of its files, too. */
struct intake_format {
    const char *name, *media_type;
    void (*read)(struct intake *intake, const struct intake_source *source, struct ouse_str text);
};

const struct intake_format *intake_format_named(struct ouse_str name);         /* or NULL */
const struct intake_format *intake_format_of_type(struct ouse_str media_type); /* or NULL */

/* ---- For formats ---------------------------------------------------------- */

void intake_ndjson(struct intake *intake, const struct intake_source *source, struct ouse_str text);
void intake_csv(struct intake *intake, const struct intake_source *source, struct ouse_str text);

/* The place of row `number`. */
struct ouse_str intake_place(const struct intake *intake, const struct intake_source *source,
                             uint32_t number);

/* Whether reading ends in front of row `number`. */
int intake_ends(struct intake *intake, uint32_t number);

/* Takes one row in; `problem` says what was wrong with it so far. */
void intake_add(struct intake *intake, const struct intake_source *source, uint32_t number, cJSON *document,
                struct problem *problem);

#endif
