/* csv_read: rows of RFC 4180 with a header, as csv.c and spreadsheets write them.
 *
 * Accepts a byte order mark, and lines that end in LF alone. Ignores rows without a value, and
 * empty cells after those of the header. A row with more or fewer cells than the header, a quote in
 * the wrong place, and text after a quoted cell are errors. An empty cell is an unknown value. The
 * type of its column determines the meaning of a cell (cell.c); a mapping can name the header, or
 * replace it. */
#include "../../base/text.h"
#include "cell.h"
#include "row_reader.h"

/* One row on its way into cells. */
struct table {
    struct arena *arena;
    const char *at, *end; /* the unread rest */
    char delimiter;
    struct ouse_str cells[COLUMNS_MAX];
    uint32_t n_cells; /* more than COLUMNS_MAX are counted */
    int ended;        /* by the end of a line */
    int foreign;      /* a cell is not in UTF-8 */
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
    return table->at == table->end || *table->at == table->delimiter || *table->at == '\r' ||
           *table->at == '\n';
}

static void pass_spaces(struct table *table)
{
    while (table->at < table->end && *table->at == ' ')
        table->at++;
}

/* Reads a quoted cell. Returns the mistake, or NULL. */
static const char *read_quoted(struct table *table, struct ouse_str *cell)
{
    const char *stop = closing_quote(table->at + 1, table->end);
    if (!stop) {
        table->at = table->end;
        return "A quoted cell does not end";
    }
    *cell = unquote(table->arena, table->at + 1, stop);
    table->at = stop + 1;
    pass_spaces(table);
    return ends_cell(table) ? NULL : "There is text after a quoted cell";
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

/* A quote may have spaces before it. */
static int begins_quoted(struct table *table)
{
    const char *from = table->at;
    pass_spaces(table);
    if (!ends_cell(table) && *table->at == '"')
        return 1;
    table->at = from;
    return 0;
}

static const char *read_cell(struct table *table)
{
    struct ouse_str cell = {table->at, 0};
    const char *wrong = begins_quoted(table) ? read_quoted(table, &cell) : read_plain(table, &cell);
    if (!wrong && cell.n > INTAKE_CELL_MAX)
        wrong = "A cell has at most 1 MiB";
    if (!wrong && memchr(cell.p, '\0', cell.n))
        wrong = "A cell must be text without zero bytes";
    table->foreign |= !utf8_valid(cell);
    if (table->n_cells < COLUMNS_MAX)
        table->cells[table->n_cells] = cell;
    table->n_cells++;
    return wrong;
}

/* Moves after the end of the line. Returns the mistake if other text precedes it. */
static const char *end_line(struct table *table)
{
    const char *from = table->at, *stop = memchr(table->at, '\n', (size_t)(table->end - table->at));
    table->at = stop ? stop + 1 : table->end;
    table->ended = stop != NULL;
    if (from < table->end && *from == '\r' && from + 1 < table->end && from[1] != '\n')
        return "A line ends with CR LF or LF, not with CR alone";
    return NULL;
}

/* Reads the cells of one row up to the next. Returns the mistake, or NULL. */
static const char *read_row(struct table *table)
{
    const char *wrong = NULL, *flaw;
    table->n_cells = 0;
    for (;;) {
        flaw = read_cell(table);
        wrong = wrong ? wrong : flaw;
        if (table->at == table->end || *table->at != table->delimiter)
            break;
        table->at++;
    }
    flaw = end_line(table);
    return wrong ? wrong : flaw;
}

/* Whether no cell has a value, and so no row is there. */
static int is_empty_row(const struct table *table)
{
    for (uint32_t i = 0; i < table->n_cells; i++)
        if (i >= COLUMNS_MAX || cell_trim(table->cells[i]).n)
            return 0;
    return 1;
}

/* ---- Rows ------------------------------------------------------------------------- */

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

/* Whether all cells after the header's are empty: spreadsheets write such columns. */
static int is_as_wide(const struct table *table, uint32_t n)
{
    for (uint32_t i = n; i < table->n_cells && i < COLUMNS_MAX; i++)
        if (cell_trim(table->cells[i]).n)
            return 0;
    return table->n_cells >= n && table->n_cells <= COLUMNS_MAX;
}

/* Returns the first column that has a value, but no name; 0: no column. */
static uint32_t find_nameless(const struct columns *columns, const struct table *table)
{
    for (uint32_t i = 0; i < columns->n_cells; i++)
        if (!columns->names[i].n && cell_trim(table->cells[i]).n)
            return i + 1;
    return 0;
}

static void read_record(struct intake *intake, const struct table *table, const char *wrong, cJSON **document,
                        struct problem *problem)
{
    const struct columns *columns = intake->columns[intake->source];
    int is_mapped = intake_mapping(intake)->fields || intake_mapping(intake)->columns;
    uint32_t nameless;
    if (wrong)
        problem_fail(problem, OUSE_E_INVALID, "%s", wrong);
    else if (is_empty_row(table))
        return;
    else if (!is_as_wide(table, columns->n_cells))
        problem_fail(problem, OUSE_E_INVALID, "The header has %u cells, this row %u", columns->n_cells,
                     table->n_cells);
    else if (!is_mapped && (nameless = find_nameless(columns, table)))
        problem_fail(problem, OUSE_E_INVALID, "Column %u has a value here, but no name in the header",
                     nameless);
    else if (most_values(table) > JSON_VALUES)
        problem_fail(problem, OUSE_E_INVALID, "A row has at most %d values; split its lists", JSON_VALUES);
    else
        *document = columns_of_cells(&intake->arena, columns, table->cells, problem);
}

/* ---- The header -------------------------------------------------------------------- */

/* Without the columns at the end that have no name. */
static uint32_t without_empty(const struct ouse_str *names, uint32_t n)
{
    while (n && !names[n - 1].n)
        n--;
    return n;
}

static void no_header(struct intake *intake, const struct table *table, struct problem *problem)
{
    const struct collection *collection = intake_source(intake)->collection;
    const char *names[SCHEMA_FIELDS_MAX];
    struct ouse_str first = {"", 0};
    for (uint32_t i = 0; i < collection->n_fields; i++)
        names[i] = collection->fields[i].is.name;
    for (uint32_t i = 0; i < table->n_cells && i < 3; i++)
        first = arena_printf(problem->arena, "%.*s%s\"%.*s\"", OUSE_F(first), i ? ", " : "",
                             (int)(table->cells[i].n < 40 ? table->cells[i].n : 40), table->cells[i].p);
    intake_refuse(
        intake, problem, "no_header",
        "This table has no header that names fields of %s: its row %u is %.*s; name its columns in "
        "a mapping ({\"columns\": [\"id\", …]} if no row names them, {\"header\": 4} if row 4 does, "
        "{\"fields\": {\"Column\": \"field\"}} if they have other names); the fields are: id, %.*s",
        collection->is.name, intake->number, OUSE_F(first),
        OUSE_F(arena_join(problem->arena, names, collection->n_fields)));
}

static void make_columns(struct intake *intake, const struct ouse_str *names, uint32_t n,
                         struct problem *problem)
{
    struct columns *columns = arena_zero(&intake->memory, sizeof *columns);
    intake->columns[intake->source] = columns;
    intake->is_columned = 1;
    columns_make(&intake->memory, intake_source(intake)->collection, intake_mapping(intake), names, n,
                 columns, problem);
}

static ouse_rc read_header(struct intake *intake, struct table *table, const char *wrong,
                           struct problem *problem)
{
    const struct collection *collection = intake_source(intake)->collection;
    if (wrong)
        return problem_fail(problem, OUSE_E_INVALID, "%s", wrong);
    if (is_empty_row(table))
        return problem_fail(problem, OUSE_E_INVALID, "The first row must name the columns");
    if (table->n_cells > COLUMNS_MAX)
        return problem_fail(problem, OUSE_E_INVALID, "A table has at most %d columns", COLUMNS_MAX);
    for (uint32_t i = 0; i < table->n_cells; i++)
        table->cells[i] = cell_trim(table->cells[i]);
    if (!columns_are_named(collection, intake_mapping(intake), table->cells, table->n_cells))
        no_header(intake, table, problem);
    else
        make_columns(intake, table->cells, without_empty(table->cells, table->n_cells), problem);
    return problem->rc;
}

/* The names of the columns that the mapping has, as no row has them. */
static void name_columns(struct intake *intake, struct problem *problem)
{
    const cJSON *list = intake_mapping(intake)->columns, *name;
    struct ouse_str names[COLUMNS_MAX];
    uint32_t n = 0;
    cJSON_ArrayForEach(name, list)
    {
        if (n < COLUMNS_MAX)
            names[n++] = json_text(name).p ? cell_trim(json_text(name)) : (struct ouse_str){"", 0};
    }
    make_columns(intake, names, n, problem);
}

/* Returns the row with the column names; 0 if the mapping has a list of columns, unless it also has
 * `header`. */
static uint32_t header_row(const struct intake *intake)
{
    const struct mapping *mapping = intake_mapping(intake);
    return mapping->header >= 0 ? (uint32_t)mapping->header : mapping->columns ? 0 : 1;
}

static void refuse_encoding(struct intake *intake, struct problem *problem)
{
    intake_refuse(
        intake, problem, "windows_1252",
        "This text is not UTF-8 from row %u on, probably Windows-1252: save it as \"CSV UTF-8\", or "
        "import it with the mapping {\"encoding\": \"windows-1252\"}",
        intake->number);
}

/* Reads a row by its number: before the header, the header, a record. */
static void read_as(struct intake *intake, struct table *table, const char *wrong, cJSON **document,
                    struct problem *problem)
{
    uint32_t header = header_row(intake);
    int is_header = intake->number == header && !intake_mapping(intake)->columns;
    if (intake->number < header || (intake->number == header && !is_header))
        return;
    if (is_header)
        read_header(intake, table, wrong, problem);
    else if (!intake->is_columned)
        name_columns(intake, problem);
    if (problem->rc)
        intake_skip(intake);
    else if (!is_header)
        read_record(intake, table, wrong, document, problem);
}

uint32_t csv_read(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                  struct problem *problem)
{
    int has_mark = intake->number == 1 && text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0;
    char delimiter = intake_mapping(intake)->delimiter;
    struct table table = {.arena = &intake->arena,
                          .at = text.p + (has_mark ? 3 : 0),
                          .end = text.p + text.n,
                          .delimiter = delimiter ? delimiter : ','};
    const char *wrong = read_row(&table);
    if (!table.ended && !last)
        return 0;
    if (!intake_source(intake)->collection) {
        problem_fail(problem, OUSE_E_INVALID,
                     "CSV must be of a collection, named as the file is, or in a mapping (\"collection\")");
        intake_skip(intake);
    } else if (table.foreign) {
        refuse_encoding(intake, problem);
    } else {
        read_as(intake, &table, wrong, document, problem);
    }
    return (uint32_t)(table.at - text.p);
}
