/* csv_read: rows of RFC 4180 with a header, as csv.c writes them and as
 * spreadsheets do.
 *
 * A byte order mark, and lines that end in LF alone, are taken; a row with more
 * or fewer cells than the header, a quote where none may be, and text behind a
 * quoted cell are faults. An empty cell is a value that is not known. What a
 * cell means follows from the type of its column.
 */
#include "../base/text.h"
#include "csv.h"
#include "intake.h"

/* One row on its way into cells. */
struct table {
    struct arena *arena;
    const char *at, *end; /* what was not read yet */
    struct ouse_str cells[CSV_COLUMNS_MAX];
    uint32_t n_cells; /* more than CSV_COLUMNS_MAX are counted */
    int ended;        /* by the end of a line */
};

/* ---- Cells ------------------------------------------------------------------------ */

/* The end of a quoted cell: its closing quote; or NULL. */
static const char *closing_quote(const char *at, const char *end)
{
    for (; (at = memchr(at, '"', (size_t)(end - at))); at += 2)
        if (at + 1 == end || at[1] != '"')
            return at;
    return NULL;
}

/* Doubled quotes become one. */
static struct ouse_str unquote(struct arena *arena, const char *at, const char *stop)
{
    char *to = arena_alloc(arena, (size_t)(stop - at) + 1);
    struct ouse_str cell = {to, 0};
    for (; at < stop; at += at[0] == '"' ? 2 : 1)
        to[cell.n++] = *at;
    return cell;
}

static int ends_cell(const struct table *table)
{
    return table->at == table->end || memchr(",\r\n", *table->at, 3) != NULL;
}

/* What is wrong, or NULL. */
static const char *read_quoted(struct table *table, struct ouse_str *cell)
{
    const char *stop = closing_quote(table->at + 1, table->end);
    if (!stop) {
        table->at = table->end;
        return "A quoted cell does not end";
    }
    *cell = unquote(table->arena, table->at + 1, stop);
    table->at = stop + 1;
    return ends_cell(table) ? NULL : "There is text behind a quoted cell";
}

static const char *read_plain(struct table *table, struct ouse_str *cell)
{
    const char *from = table->at;
    while (!ends_cell(table))
        table->at++;
    *cell = (struct ouse_str){from, (uint32_t)(table->at - from)};
    return memchr(from, '"', cell->n) ? "A cell with a quote in it must be quoted, and the quote doubled"
                                      : NULL;
}

static const char *read_cell(struct table *table)
{
    struct ouse_str cell = {table->at, 0};
    const char *wrong =
        !ends_cell(table) && *table->at == '"' ? read_quoted(table, &cell) : read_plain(table, &cell);
    if (!wrong && cell.n > INTAKE_CELL_MAX)
        wrong = "A cell has at most 1 MiB";
    if (!wrong && (!utf8_valid(cell) || memchr(cell.p, '\0', cell.n)))
        wrong = "A cell is to be text in UTF-8";
    if (table->n_cells < CSV_COLUMNS_MAX)
        table->cells[table->n_cells] = cell;
    table->n_cells++;
    return wrong;
}

/* Goes behind the end of the line, and what else stands before it. */
static const char *end_line(struct table *table)
{
    const char *from = table->at, *stop = memchr(table->at, '\n', (size_t)(table->end - table->at));
    table->at = stop ? stop + 1 : table->end;
    table->ended = stop != NULL;
    if (from < table->end && *from == '\r' && from + 1 < table->end && from[1] != '\n')
        return "A line ends with CR LF or LF, not with CR alone";
    return NULL;
}

/* Reads the cells of one row up to the next; what is wrong, or NULL. */
static const char *read_row(struct table *table)
{
    const char *wrong = NULL, *flaw;
    table->n_cells = 0;
    for (;;) {
        flaw = read_cell(table);
        wrong = wrong ? wrong : flaw;
        if (table->at == table->end || *table->at != ',')
            break;
        table->at++;
    }
    flaw = end_line(table);
    return wrong ? wrong : flaw;
}

static int is_empty_row(const struct table *table)
{
    return table->n_cells == 1 && table->cells[0].n == 0;
}

/* ---- Values ----------------------------------------------------------------------- */

/* The JSON that a cell holds, or the cell as a text, which the check of its
 * field then refuses with what would be right. */
static cJSON *read_json(struct arena *arena, struct ouse_str cell)
{
    struct problem unused;
    cJSON *value;
    problem_init(&unused, arena);
    return json_parse(arena, cell, &value, &unused) ? cJSON_CreateString(arena_copy(arena, cell).p)
                                                    : cJSON_Duplicate(value, 1);
}

/* Spreadsheets write TRUE. */
static cJSON *read_flag(struct arena *arena, struct ouse_str cell)
{
    if (ouse_is(cell, "TRUE") || ouse_is(cell, "FALSE"))
        return cJSON_CreateBool(ouse_is(cell, "TRUE"));
    return read_json(arena, cell);
}

/* "a; b", or a JSON list. */
static cJSON *read_list(struct arena *arena, struct ouse_str cell)
{
    struct ouse_str entry;
    if (cell.p[0] == '[')
        return read_json(arena, cell);
    cJSON *list = cJSON_CreateArray();
    while (text_cut(&cell, ';', &entry))
        cJSON_AddItemToArray(list, cJSON_CreateString(arena_copy(arena, text_trim(entry)).p));
    return list;
}

static cJSON *read_text(struct arena *arena, struct ouse_str cell)
{
    return cJSON_CreateString(arena_copy(arena, cell).p);
}

static int is_list(const struct field *field)
{
    return field && schema_is_list(field);
}

static cJSON *read_value(struct arena *arena, const struct field *field, struct ouse_str cell)
{
    if (is_list(field))
        return read_list(arena, cell);
    switch (field ? field->is.type : OUSE_TEXT) {
    case OUSE_INT:
    case OUSE_MONEY:
    case OUSE_QTY:
        return read_json(arena, cell);
    case OUSE_BOOL:
        return read_flag(arena, cell);
    default:
        return read_text(arena, cell);
    }
}

/* ---- Rows ------------------------------------------------------------------------- */

static void set_member(cJSON *document, const struct csv_column *column, cJSON *value)
{
    cJSON *meta;
    if (strcmp(column->name, CSV_VISIBILITY) != 0) {
        cJSON_AddItemToObject(document, column->name, value);
        return;
    }
    meta = cJSON_AddObjectToObject(document, "meta");
    cJSON_AddItemToObject(meta, "visibility", value);
}

/* A list has a cap, so that a cell of a million semicolons does not become a million values. */
static int is_short(const struct csv_column *column, struct ouse_str cell, struct problem *problem)
{
    uint32_t n = 1;
    for (const char *at = cell.p, *end = at + cell.n; (at = memchr(at, ';', (size_t)(end - at))); at++)
        n++;
    if (n <= JSON_ENTRIES || cell.p[0] == '[' || !is_list(column->field))
        return 1;
    problem_add(problem, OUSE_E_INVALID, arena_printf(problem->arena, "/%s", column->name).p, "too_many",
                "A list has at most %d entries; this cell has %u", JSON_ENTRIES, n);
    return 0;
}

/* An upper bound of the values in a cell: each but the first follows a separator or opens a bracket. More
 * semicolons than a list may have are text, or are refused with their column. */
static uint32_t most_values_of(struct ouse_str cell)
{
    uint32_t n = 1, entries = 0;
    for (uint32_t at = 0; at < cell.n; at++) {
        n += memchr(",[{", cell.p[at], 3) != NULL;
        entries += cell.p[at] == ';';
    }
    return n + (entries < JSON_ENTRIES ? entries : 0);
}

/* The same of a row. Only a row of many bytes can have many values. */
static uint32_t most_values(const struct table *table)
{
    uint64_t bytes = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->n_cells; i++)
        bytes += table->cells[i].n;
    for (uint32_t i = 0; i < table->n_cells && bytes > JSON_VALUES; i++)
        n += most_values_of(table->cells[i]);
    return n;
}

static cJSON *make_document(const struct intake *intake, const struct table *table, struct problem *problem)
{
    cJSON *document = json_keep(table->arena, cJSON_CreateObject());
    for (uint32_t i = 0; i < intake->n_columns; i++) {
        const struct csv_column *column = &intake->columns[i];
        struct ouse_str cell = csv_unguard(table->cells[i]);
        if (!cell.n && column->field)
            set_member(document, column, cJSON_CreateNull());
        else if (cell.n && is_short(column, cell, problem))
            set_member(document, column, read_value(table->arena, column->field, cell));
    }
    return document;
}

static void read_record(const struct intake *intake, const struct table *table, const char *wrong,
                        cJSON **document, struct problem *problem)
{
    if (wrong)
        problem_fail(problem, OUSE_E_INVALID, "%s", wrong);
    else if (is_empty_row(table))
        return;
    else if (table->n_cells != intake->n_columns)
        problem_fail(problem, OUSE_E_INVALID, "The header has %u cells, this row %u", intake->n_columns,
                     table->n_cells);
    else if (most_values(table) > JSON_VALUES)
        problem_fail(problem, OUSE_E_INVALID, "A row has at most %d values; split its lists", JSON_VALUES);
    else
        *document = make_document(intake, table, problem);
}

/* ---- The header -------------------------------------------------------------------- */

static int find_column(const struct collection *collection, struct ouse_str name, struct csv_column *column)
{
    const struct field *sources = collection->sources;
    *column = (struct csv_column){.field = schema_field(collection, name)};
    if (!column->field && sources && ouse_is(name, sources->is.name))
        column->field = sources;
    if (column->field)
        column->name = column->field->is.name;
    else if (ouse_is(name, "id"))
        column->name = "id";
    else if (ouse_is(name, CSV_VISIBILITY))
        column->name = CSV_VISIBILITY;
    return column->name != NULL;
}

static void unknown_column(const struct collection *collection, struct ouse_str name, const char *pointer,
                           struct problem *problem)
{
    const char *names[SCHEMA_FIELDS_MAX + 3] = {"id", "sources", CSV_VISIBILITY};
    for (uint32_t i = 0; i < collection->n_fields; i++)
        names[3 + i] = collection->fields[i].is.name;
    problem_add(problem, OUSE_E_INVALID, pointer, "unknown_field", "%s has no field \"%.*s\"%s",
                collection->is.name, OUSE_F(name),
                problem_hint(problem->arena, name, names, collection->n_fields + 3));
}

static void add_column(struct intake *intake, struct ouse_str name, struct problem *problem)
{
    const struct collection *collection = intake_source(intake)->collection;
    struct csv_column *column = &intake->columns[intake->n_columns];
    struct ouse_str pointer = arena_printf(problem->arena, "/%.*s", OUSE_F(name));
    if (!find_column(collection, name, column)) {
        unknown_column(collection, name, pointer.p, problem);
        return;
    }
    for (uint32_t i = 0; i < intake->n_columns; i++)
        if (intake->columns[i].name == column->name)
            problem_add(problem, OUSE_E_INVALID, pointer.p, "duplicate", "The column is there twice");
    intake->n_columns++;
}

static ouse_rc read_header(struct intake *intake, const struct table *table, const char *wrong,
                           struct problem *problem)
{
    if (!intake_source(intake)->collection)
        return problem_fail(problem, OUSE_E_INVALID, "CSV must be of a collection, named as the file is");
    if (wrong)
        return problem_fail(problem, OUSE_E_INVALID, "%s", wrong);
    if (is_empty_row(table))
        return problem_fail(problem, OUSE_E_INVALID, "The first row is to name the columns");
    if (table->n_cells > CSV_COLUMNS_MAX)
        return problem_fail(problem, OUSE_E_INVALID, "There are more columns than a record has fields");
    for (uint32_t i = 0; i < table->n_cells; i++)
        add_column(intake, table->cells[i], problem);
    return problem->rc;
}

uint32_t csv_read(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                  struct problem *problem)
{
    int is_header = intake->number == 1;
    int has_mark = is_header && text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0;
    struct table table = {.arena = &intake->arena, .at = text.p + (has_mark ? 3 : 0), .end = text.p + text.n};
    const char *wrong = read_row(&table);
    if (!table.ended && !last)
        return 0;
    if (is_header)
        read_header(intake, &table, wrong, problem);
    else
        read_record(intake, &table, wrong, document, problem);
    return (uint32_t)(table.at - text.p);
}
