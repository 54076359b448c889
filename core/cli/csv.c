/* csv: see csv.h. */
#include "csv.h"

#define CELL_MAX ((size_t)16 << 20)

static int is_any(char c, const char *set)
{
    return c && strchr(set, c) != NULL;
}

void csv_text(struct ouse_str text, struct buffer *out)
{
    int guarded = text.n && is_any(text.p[0], "=+-@\t\r"), quoted = 0;
    for (uint32_t i = 0; i < text.n; i++)
        quoted |= is_any(text.p[i], "\",\r\n");
    if (quoted)
        buffer_byte(out, '"');
    if (guarded)
        buffer_byte(out, '\'');
    for (uint32_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, text.p[i]);
    }
    if (quoted)
        buffer_byte(out, '"');
}

static void add_value(const cJSON *value, struct buffer *cell)
{
    const cJSON *entry;
    if (cJSON_IsString(value)) {
        buffer_text(cell, value->valuestring);
    } else if (cJSON_IsArray(value)) {
        cJSON_ArrayForEach(entry, value)
        {
            if (entry != value->child)
                buffer_text(cell, "; ");
            add_value(entry, cell);
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
    if (cJSON_IsNumber(value))
        buffer_str(out, buffer_view(cell));
    else
        csv_text(buffer_view(cell), out);
}

void csv_header(const struct collection *collection, struct buffer *out)
{
    buffer_text(out, "id");
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        buffer_byte(out, ',');
        buffer_text(out, collection->fields[i].is.name);
    }
    buffer_text(out, "\r\n");
}

void csv_record(const struct collection *collection, const cJSON *record, struct buffer *out)
{
    struct buffer cell;
    buffer_init(&cell, CELL_MAX);
    write_cell(json_member(record, "id"), &cell, out);
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        buffer_byte(out, ',');
        write_cell(json_member(record, collection->fields[i].is.name), &cell, out);
    }
    buffer_text(out, "\r\n");
    buffer_finish(&cell);
}
