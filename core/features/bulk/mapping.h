/* mapping: how a file from another source becomes rows of a collection.
 *
 * A mapping is a JSON object. It has settings, or it is the object `fields` alone:
 *
 *     {"collection": "organisations",     the collection, if the name of the file does not say it
 *      "encoding": "windows-1252",        any that iconv knows; else UTF-8
 *      "delimiter": ";",                  one character; else a comma
 *      "header": 4,                       the row that names the columns; 0: none does; else 1
 *      "columns": ["code", null, …],      the names of the columns, if no row names them
 *      "rows": "/grants",                 where a JSON document has its array of rows
 *      "fields": {"Amount": "amount", …}, column → field: see columns.h
 *      "constants": {"kind": "grant"},    fields that have one value in all rows that do not bring another
 *      "match": "identifiers.ods",        as the parameter and the option of this name
 *      "references": "code"}
 */
#ifndef BULK_MAPPING_H
#define BULK_MAPPING_H

#include "../../base/json.h"

struct mapping {
    struct ouse_str collection, encoding, rows, match, references; /* no text: not given */
    char delimiter;                                                /* 0: not given */
    int64_t header;                                                /* -1: not given */
    const cJSON *columns, *fields, *constants;                     /* NULL: not given */
};

extern const struct mapping mapping_none;

/* Reads a mapping from JSON text. OUSE_E_REQUEST names the setting that is wrong and what it accepts. The
 * mapping lasts as long as the arena. */
ouse_rc mapping_read(struct arena *arena, struct ouse_str text, struct mapping *mapping,
                     struct problem *problem);

#endif
