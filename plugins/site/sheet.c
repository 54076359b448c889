/* sheet: see sheet.h. */
#include "sheet.h"
#include <stdlib.h>

void sheet_put(void *arg, const char *bytes, size_t n)
{
    struct sheet *sheet = arg;
    if (n > SHEET_MAX - sheet->n) /* it is no longer well-formed */
        n = 0, sheet->n = SHEET_MAX;
    if (sheet->n + n > sheet->room) {
        size_t room = (sheet->n + n) * 2;
        char *grown = realloc(sheet->at, room);
        if (!grown)
            abort();
        sheet->at = grown;
        sheet->room = room;
    }
    memcpy(sheet->at + sheet->n, bytes, n);
    sheet->n += n;
}

void sheet_cell(struct sheet *sheet, int first, struct ouse_str text)
{
    sheet_put(sheet, first ? "\"" : ",\"", first ? 1 : 2);
    if (text.n && strchr("=+-@\t\r", text.p[0]))
        sheet_put(sheet, "'", 1);
    for (uint32_t i = 0; i < text.n; i++)
        sheet_put(sheet, text.p[i] == '"' ? "\"\"" : text.p + i, text.p[i] == '"' ? 2 : 1);
    sheet_put(sheet, "\"", 1);
}

struct ouse_str sheet_take(struct ouse_ctx *ctx, struct sheet *sheet)
{
    struct ouse_str text = {NULL, 0};
    if (sheet->n < SHEET_MAX)
        text = ouse_format(ctx, "%.*s", (int)sheet->n, sheet->n ? sheet->at : "");
    free(sheet->at);
    return text;
}
