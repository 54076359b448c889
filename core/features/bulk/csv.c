/* csv: see csv.h. */
#include "csv.h"
#include "../../base/text.h"

#define CELL_MAX ((size_t)16 << 20)
#define MARK     3 /* bytes of a byte order mark */

static int is_any(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

/* Returns the number of bytes at `at` that a spreadsheet may skip before it looks for a formula: an
 * apostrophe, a space, a byte order mark, or 0. */
static uint32_t skipped(struct ouse_str text, uint32_t at)
{
    if (text.p[at] == '\'' || text.p[at] == ' ')
        return 1;
    return text.n - at >= MARK && memcmp(text.p + at, "\xef\xbb\xbf", MARK) == 0 ? MARK : 0;
}

/* Returns whether a spreadsheet may take the text for a formula. Some read the full-width forms of
 * = + - @ as well: U+FF1D, U+FF0B, U+FF0D, U+FF20. */
static int is_risky(struct ouse_str text)
{
    uint32_t at = 0, n;
    while (at < text.n && (n = skipped(text, at)))
        at += n;
    if (at < text.n && is_any(text.p[at], "=+-@\t\r\n"))
        return 1;
    return text.n - at >= 3 && memcmp(text.p + at, "\xef\xbc", 2) == 0 &&
           is_any(text.p[at + 2], "\x9d\x8b\x8d\xa0");
}

/* Returns whether a text needs quotes. RFC 4180 requires them only around commas, quotes and line
 * ends. But spreadsheets also split at semicolons and tabs, and a formula may follow there. */
static int needs_quotes(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (is_any(text.p[i], "\",;=\t\r\n") || skipped(text, i) == MARK)
            return 1;
    return 0;
}

void csv_text(struct ouse_str text, struct buffer *out)
{
    int quoted = needs_quotes(text);
    if (quoted)
        buffer_byte(out, '"');
    if (is_risky(text))
        buffer_byte(out, '\'');
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, text.p[i]);
    }
    if (quoted)
        buffer_byte(out, '"');
}

struct ouse_str csv_unguard(struct ouse_str cell)
{
    int guarded = cell.n && cell.p[0] == '\'' && is_risky(cell);
    return guarded ? (struct ouse_str){cell.p + 1, cell.n - 1} : cell;
}

/* Whether a list reads back from its entries joined by "; ". */
static int joins(const cJSON *list)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, list)
    {
        struct ouse_str text = json_text(entry);
        if (!text.n || memchr(text.p, ';', text.n) || text_trim(text).n != text.n ||
            (entry == list->child && text.p[0] == '['))
            return 0;
    }
    return 1;
}

static void add_value(const cJSON *value, struct buffer *cell)
{
    const cJSON *entry;
    if (cJSON_IsString(value)) {
        buffer_text(cell, value->valuestring);
    } else if (cJSON_IsArray(value) && joins(value)) {
        cJSON_ArrayForEach(entry, value)
        {
            if (entry != value->child)
                buffer_text(cell, "; ");
            buffer_text(cell, entry->valuestring);
        }
    } else if (value) {
        json_print(cell, value);
    }
}

/* Numbers are no formulas, negative ones neither. */
static void write_cell(const cJSON *value, struct buffer *cell, struct buffer *out)
{
    buffer_empty(cell);
    add_value(value, cell);
    buffer_byte(out, ',');
    if (cJSON_IsNumber(value))
        buffer_str(out, buffer_view(cell));
    else
        csv_text(buffer_view(cell), out);
}

void csv_header(const struct collection *collection, uint32_t role, struct buffer *out)
{
    buffer_text(out, "id");
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role)
            buffer_printf(out, ",%s", collection->fields[i].is.name);
    buffer_printf(out, "%s," CSV_VISIBILITY "\r\n", collection->sources ? ",sources" : "");
}

void csv_record(const struct collection *collection, uint32_t role, const cJSON *record, struct buffer *out)
{
    struct buffer cell;
    buffer_init(&cell, CELL_MAX);
    csv_text(json_text(json_member(record, "id")), out);
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role)
            write_cell(json_member(record, collection->fields[i].is.name), &cell, out);
    if (collection->sources)
        write_cell(json_member(record, "sources"), &cell, out);
    write_cell(json_member(json_member(record, "meta"), "visibility"), &cell, out);
    buffer_text(out, "\r\n");
    buffer_finish(&cell);
}
