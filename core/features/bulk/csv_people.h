/* csv_people: records as rows of a spreadsheet for people, which is not read back.
 *
 * The columns are the titles of the fields, as far as the reader may see them, and of derived values. A
 * reference is a label, a choice its title, a date "31 January 2026", a list is joined by "; "; a number
 * stays one, so that it can be added up. Cells are guarded and quoted as in csv.h. A byte order mark comes
 * first, by which spreadsheets know UTF-8.
 */
#ifndef BULK_CSV_PEOPLE_H
#define BULK_CSV_PEOPLE_H

#include "../../record/label.h"

void csv_people_header(const struct label_source *labels, const struct collection *collection, uint32_t role,
                       struct buffer *out);
void csv_people_record(const struct label_source *labels, const struct collection *collection, uint32_t role,
                       const cJSON *record, struct buffer *out);

#endif
