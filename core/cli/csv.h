/* csv: records as rows of RFC 4180, for spreadsheets.
 *
 * The columns are id and the declared fields, in their order. A list becomes
 * one cell, joined by "; "; an object is its JSON. Text that a spreadsheet
 * would run as a formula is guarded by a leading apostrophe.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include "../schema/schema.h"

void csv_header(const struct collection *collection, struct buffer *out);
void csv_record(const struct collection *collection, const cJSON *record, struct buffer *out);

/* One cell: quoted where it must be. */
void csv_text(struct ouse_str text, struct buffer *out);

#endif
