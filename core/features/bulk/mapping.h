/* mapping: describes how a file from another source becomes rows of a collection.
 *
 * A mapping is a JSON object. It has settings, or it is the object `fields` alone:
 *
 *     {"collection": "organisations",     the collection, if the file name does not give it
 *      "encoding": "windows-1252",        any encoding of iconv; default UTF-8
 *      "delimiter": ";",                  one character; default a comma
 *      "header": 4,                       the row with the column names; 0: no row; default 1
 *      "columns": ["code", null, …],      the column names, if no row has them
 *      "rows": "/grants",                 the place of the array of rows in a JSON document
 *      "fields": {"Amount": "amount", …}, column → field: see columns.h
 *      "constants": {"kind": "grant"},    values for fields that a row does not have
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

/* Reads a mapping from JSON text. OUSE_E_REQUEST names the wrong setting and the accepted values.
 * The mapping lives as long as the arena. */
ouse_rc mapping_read(struct arena *arena, struct ouse_str text, struct mapping *mapping,
                     struct problem *problem);

#endif
