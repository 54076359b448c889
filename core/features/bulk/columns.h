/* columns: maps the parts of a row to fields.
 *
 * A column of CSV is named by the header. Of a JSON row it is a pointer into it (or the name of a
 * member):
 *
 *     /title                      a member
 *     /fundingOrganization/0/id   an entry of a list
 *     /names/types=label/value    of the first entry whose `types` is or contains "label"
 *     /aliases/ *                  every entry, for a field that is a list (without the space);
 *     /names/ *types=alias/value   every such entry
 *
 * In a mapping, a column leads to a field, by its name or by an object:
 *
 *     "Code": "identifiers.ods"       a field; identifiers.SCHEME; FIELD.MEMBER of a quantity; id;
 *                                     meta.visibility; null ignores the column
 *     "Status": {"field": "status", "values": {"A": "open", "*": "closed"}}
 *                                     the values of the column, and their replacements; "*" is any other
 *     "Parent": {"field": "part_of", "scheme": "ods"}
 *                                     codes of a scheme, of the referenced record
 *     "Name": ["name", "short_name"]  several of them
 */
#ifndef BULK_COLUMNS_H
#define BULK_COLUMNS_H

#include "../../schema/schema.h"
#include "mapping.h"

enum { COLUMNS_MAX = 1000 };

struct column {
    struct ouse_str source;    /* as the file names it; no text: a constant */
    uint32_t cell;             /* of CSV */
    const char *name;          /* of the member of the document: a field, id or meta.visibility */
    const struct field *field; /* NULL: id or meta.visibility */
    const char *part;          /* the scheme of identifiers, the member of a quantity; or NULL */
    const char *scheme;        /* of the codes of a reference; or NULL */
    const cJSON *values;       /* replacements of values; or NULL */
    const cJSON *constant;     /* the value in all rows; or NULL */
};

struct columns {
    const struct collection *collection;
    struct column *at;
    uint32_t n, room;
    uint32_t n_cells;       /* of the header */
    struct ouse_str *names; /* of the header: those that no column has are ignored, if they have one */
    int exported;           /* our export wrote the file: cells have its guard, and no spaces to trim */
};

/* Makes the columns of CSV from the names in its header, those of JSON (names NULL) from the mapping, if it
 * has fields. Reports every column that is wrong. The columns last as long as the arena. */
ouse_rc columns_make(struct arena *arena, const struct collection *collection, const struct mapping *mapping,
                     const struct ouse_str *names, uint32_t n_names, struct columns *columns,
                     struct problem *problem);

/* Returns whether one of the names is the name of a column or nearly so: whether a row may be a header. */
int columns_are_named(const struct collection *collection, const struct mapping *mapping,
                      const struct ouse_str *names, uint32_t n_names);

/* Returns the document of a row of CSV, or of JSON; the arena keeps it. */
cJSON *columns_of_cells(struct arena *arena, const struct columns *columns, const struct ouse_str *cells,
                        struct problem *problem);
cJSON *columns_of_json(struct arena *arena, const struct columns *columns, const cJSON *row,
                       struct problem *problem);

/* Returns the name in the file of the column that a pointer into the document leads to; no text if it is the
 * whole document. */
struct ouse_str columns_named(const struct columns *columns, struct ouse_str pointer, struct arena *arena);

/* Returns whether a column gives a member of the document; a part of it, if `part` is not NULL. */
int columns_have(const struct columns *columns, const char *name, const char *part);

/* Appends a name to a JSON pointer, with ~ and / escaped. */
struct ouse_str pointer_to(struct arena *arena, struct ouse_str name);

#endif
