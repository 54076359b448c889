/* sheet: text that grows, for pictures and files. */
#ifndef SITE_SHEET_H
#define SITE_SHEET_H

#include <ouse/host.h>

#define SHEET_MAX (4 << 20) /* bytes; a sheet that would be larger has no text */

struct sheet {
    char *at;
    size_t n, room;
};

/* Appends bytes. `sheet` is a struct sheet: this is the `put` of a chart_sink. */
void sheet_put(void *sheet, const char *bytes, size_t n);

/* Appends a cell of a CSV row, in quotes: the first of a row, or a further one. A cell that a spreadsheet
 * would run as a formula begins with an apostrophe, as in the lists of the API. */
void sheet_cell(struct sheet *sheet, int first, struct ouse_str text);

/* Returns the text, which is as old as the callback, and frees the sheet; no text if it is too large. */
struct ouse_str sheet_take(struct ouse_ctx *ctx, struct sheet *sheet);

#endif
