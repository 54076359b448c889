/* cell: the text of a cell as the value of a field.
 *
 * Accepts the forms in which spreadsheets and data frames write booleans, numbers, dates and lists,
 * if they have only one meaning. Any other text stays a text: the check of the field then rejects
 * it, with the accepted forms. */
#ifndef BULK_CELL_H
#define BULK_CELL_H

#include "../../schema/schema.h"

/* Returns the text without the spaces around it, those of Unicode included. A text in which nothing is
 * visible, but has more than plain spaces and line ends, stays as it is: its field rejects it. */
struct ouse_str cell_trim(struct ouse_str text);

/* Returns the value of a cell, which the caller owns; NULL if it is empty or a missing value.
 * `field` is NULL for text that belongs to no field. */
cJSON *cell_value(struct arena *arena, const struct field *field, struct ouse_str cell);

/* Splits a code into its scheme and its value: "ods:RWK", "https://ror.org/00pjdza24", "GB-CHC-1089893".
 * Returns whether it is one. */
int cell_code(struct ouse_str text, struct ouse_str *scheme, struct ouse_str *value);

/* Returns the value of an identifier of a scheme without the address or prefix that some sources write
 * before it. */
struct ouse_str cell_identifier(const char *scheme, struct ouse_str text);

#endif
