/* csv_people: records as rows for people; see csv_people.h. */
#include "csv_people.h"
#include "csv.h"
#include <math.h>
#include <stdio.h>

enum { CELL_MAX = 16 << 20 };

/* The row that is written. */
struct row {
    const struct label_source *labels;
    struct buffer cell; /* the text of one value */
    struct buffer *out;
};

/* ---- Values as people read them ------------------------------------------------------- */

static void add_str(struct row *row, struct ouse_str text)
{
    buffer_str(&row->cell, text);
}

/* Adds a number with a comma after each three digits: 1234567.5 is "1,234,567.5". */
static void add_number(struct row *row, double number)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%.10g", fabs(number));
    int whole = (int)strcspn(digits, ".e");
    if (number < 0)
        buffer_byte(&row->cell, '-');
    for (int i = 0; i < n; i++) {
        if (i && i < whole && (whole - i) % 3 == 0)
            buffer_byte(&row->cell, ',');
        buffer_byte(&row->cell, digits[i]);
    }
}

/* Adds a date or a part of one: "31 January 2026", "January 2026", "2026". */
static void add_date(struct row *row, struct ouse_str date)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int month = date.n >= 7 ? (date.p[5] - '0') * 10 + date.p[6] - '0' : 0;
    if (month < 1 || month > 12) {
        add_str(row, date);
        return;
    }
    if (date.n >= 10)
        buffer_printf(&row->cell, "%d ", (date.p[8] - '0') * 10 + date.p[9] - '0');
    buffer_printf(&row->cell, "%s %.4s", months[month - 1], date.p);
}

/* Adds a quantity: "over 200,000 people", "30,000 to 50,000 people". */
static void add_quantity(struct row *row, const cJSON *value)
{
    static const struct {
        const char *qualifier, *word;
    } words[] = {{"approx", "about "}, {"over", "over "}, {"under", "under "}};
    struct ouse_str qualifier = json_text(json_member(value, "qualifier"));
    struct ouse_str unit = json_text(json_member(value, "unit"));
    const cJSON *one = json_member(value, "value");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (qualifier.p && ouse_is(qualifier, words[i].qualifier))
            buffer_text(&row->cell, words[i].word);
    add_number(row, (one ? one : json_member(value, "min"))->valuedouble);
    if (!one) {
        buffer_text(&row->cell, " to ");
        add_number(row, json_member(value, "max")->valuedouble);
    }
    if (unit.n)
        buffer_printf(&row->cell, " %.*s", OUSE_F(unit));
}

static void add_title(struct row *row, struct ouse_str name)
{
    add_str(row, schema_title(row->labels->schema, row->labels->arena, name));
}

/* Adds an entry of a list, or a single value, in words. Omits records that the caller may not see. */
static void add_entry(struct row *row, uint32_t type, const struct field *field, const cJSON *value)
{
    struct ouse_str text = json_text(value);
    if (type == OUSE_ENUM || (type == OUSE_LIST && field && field->n_choices))
        add_title(row, text);
    else if (field && field->n_targets)
        add_str(row, label_of_reference(row->labels, field, text));
    else if (type == OUSE_DATE || type == OUSE_PDATE)
        add_date(row, text);
    else if (type == OUSE_BOOL)
        buffer_text(&row->cell, cJSON_IsTrue(value) ? "Yes" : "No");
    else if (type == OUSE_QTY)
        add_quantity(row, value);
    else if (type == OUSE_IDS) {
        add_title(row, json_text(json_member(value, "scheme")));
        buffer_printf(&row->cell, " %.*s", OUSE_F(json_text(json_member(value, "value"))));
    } else if (type == OUSE_SERIES) {
        add_number(row, json_member(value, "value")->valuedouble);
        buffer_text(&row->cell, " on ");
        add_date(row, json_text(json_member(value, "on")));
    } else if (text.p)
        add_str(row, text);
    else
        json_print(&row->cell, value);
}

static void add_list(struct row *row, uint32_t type, const struct field *field, const cJSON *list)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, list)
    {
        size_t before = row->cell.n;
        if (before)
            buffer_text(&row->cell, "; ");
        size_t after = row->cell.n;
        add_entry(row, type, field, entry);
        if (row->cell.n == after)
            row->cell.n = before;
    }
}

/* ---- Rows ------------------------------------------------------------------------------ */

/* A number stays a number, so that a spreadsheet can add it up; all else is a text. */
static void write_value(struct row *row, uint32_t type, const struct field *field, const cJSON *value)
{
    buffer_empty(&row->cell);
    if (cJSON_IsArray(value))
        add_list(row, type, field, value);
    else if (value && !cJSON_IsNull(value))
        add_entry(row, type, field, value);
    if (cJSON_IsNumber(value))
        buffer_str(row->out, buffer_view(&row->cell));
    else
        csv_text(buffer_view(&row->cell), row->out);
}

/* A derived value is a column if it is plain: those that refer have no declared targets. */
static int is_plain(const struct ouse_derived *derived)
{
    return derived->type != OUSE_REF && derived->type != OUSE_REFS;
}

static void separate(struct buffer *out, int *any)
{
    if ((*any)++)
        buffer_byte(out, ',');
}

void csv_people_header(const struct label_source *labels, const struct collection *collection, uint32_t role,
                       struct buffer *out)
{
    int any = 0;
    buffer_text(out, "\xef\xbb\xbf"); /* by which spreadsheets know UTF-8 */
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role) {
            separate(out, &any);
            csv_text(ouse_s(collection->fields[i].title), out);
        }
    for (uint32_t i = 0; i < collection->n_derived; i++)
        if (is_plain(&collection->derived[i])) {
            separate(out, &any);
            csv_text(schema_title(labels->schema, labels->arena, ouse_s(collection->derived[i].name)), out);
        }
    buffer_text(out, "\r\n");
}

void csv_people_record(const struct label_source *labels, const struct collection *collection, uint32_t role,
                       const cJSON *record, struct buffer *out)
{
    struct row row = {.labels = labels, .out = out};
    int any = 0;
    buffer_init(&row.cell, CELL_MAX);
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].is.visibility <= role) {
            const struct field *field = &collection->fields[i];
            separate(out, &any);
            write_value(&row, field->is.type, field, json_member(record, field->is.name));
        }
    for (uint32_t i = 0; i < collection->n_derived; i++)
        if (is_plain(&collection->derived[i])) {
            separate(out, &any);
            write_value(&row, collection->derived[i].type, NULL,
                        json_member(record, collection->derived[i].name));
        }
    buffer_text(out, "\r\n");
    buffer_finish(&row.cell);
}
