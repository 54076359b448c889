/* csv: records as rows of RFC 4180, for spreadsheets and back.
 *
 * The columns are id, the declared fields in their order, as far as the reader may see them, sources
 * (if the collection is handed over with any) and meta.visibility. A list of plain texts is one cell,
 * joined by "; "; other lists and objects are their JSON.
 *
 * Text that a spreadsheet may run as a formula is guarded by an apostrophe in front of it, and so is
 * text that looks guarded already. Reading takes one apostrophe away, so an export imports unchanged.
 * Cells with a separator of any spreadsheet (comma, semicolon, tab), "=" or a byte order mark are quoted.
 */
#ifndef BULK_CSV_H
#define BULK_CSV_H

#include "../../schema/schema.h"

#define CSV_VISIBILITY "meta.visibility"

void csv_header(const struct collection *collection, uint32_t role, struct buffer *out);
void csv_record(const struct collection *collection, uint32_t role, const cJSON *record, struct buffer *out);

/* One cell: guarded, and quoted where it must be. */
void csv_text(struct ouse_str text, struct buffer *out);

/* The text of a cell without its guard. */
struct ouse_str csv_unguard(struct ouse_str cell);

#endif
