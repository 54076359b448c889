/* row_reader: rows of CSV and NDJSON become documents; what cannot is told with its row. */
#include "features/bulk/csv.h"
#include "features/bulk/row_reader.h"
#include "schema_fixture.h"

static const struct ouse_field fields[] = {
    {.name = "name", .type = OUSE_TEXT},
    {.name = "serves", .type = OUSE_INT},
    {.name = "vegan", .type = OUSE_BOOL},
    {.name = "tags", .type = OUSE_LIST},
    {.name = "weight", .type = OUSE_QTY},
    {.name = "ids", .type = OUSE_IDS, .choices = "ods"},
    {.name = "course", .type = OUSE_TEXT, .dflt = "\"main\""},
};
static const struct ouse_collection dishes = {
    .name = "dishes", .singular = "dish", .version = 1, .label_field = "name", .fields = OUSE_ROWS(fields)};

static ssize_t read_text(void *arg, uint64_t from, void *bytes, size_t n)
{
    const struct ouse_str *text = arg;
    size_t left = from < text->n ? text->n - (size_t)from : 0, part = n < left ? n : left;
    memcpy(bytes, text->p + from, part);
    return (ssize_t)part;
}

/* All rows as they were read, one a line, then what was told. */
static const char *read_rows(const char *format, struct ouse_str text, int of_file)
{
    const char *rows = "", *faults = "";
    struct problem wrong;
    struct intake intake;
    struct row row;
    if (!schema_find(schema, ouse_s("dishes"))) {
        add("kitchen", &dishes);
        link_all();
    }
    const struct intake_source source = {
        "f", of_file ? find("dishes") : NULL, intake_format_named(ouse_s(format)), read_text, &text, NULL};
    intake_init(&intake, schema, &source, 1);
    while (intake_next(&intake, &row, &wrong) == OUSE_OK) {
        if (!wrong.rc)
            rows = arena_printf(&arena, "%sf:%u: %s\n", rows, row.number, printed(row.document)).p;
        else if (!wrong.n_errors)
            faults = arena_printf(&arena, "%sf:%u: : %s\n", faults, row.number, wrong.detail.p).p;
        for (uint32_t i = 0; i < problem_told(&wrong); i++)
            faults = arena_printf(&arena, "%sf:%u: %s: %s\n", faults, row.number, wrong.errors[i].pointer.p,
                                  wrong.errors[i].detail.p)
                         .p;
    }
    intake_finish(&intake);
    return arena_printf(&arena, "%s%s", rows, faults).p;
}

struct example {
    const char *text, *expected;
};

static void assert_read(const char *format, const struct example *examples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *got = read_rows(format, ouse_s(examples[i].text), 1);
        if (strcmp(got, examples[i].expected) != 0)
            fail_msg("%s\nexpected\n%sgot\n%s", examples[i].text, examples[i].expected, got);
    }
}

static void cells_become_values_of_their_columns(void **state)
{
    static const struct example examples[] = {
        {"id,name\r\na,Soup\r\n", "f:2: {\"id\":\"a\",\"name\":\"Soup\"}\n"},
        {"name\nSoup", "f:2: {\"name\":\"Soup\"}\n"},
        {"\xef\xbb\xbfname\nSoup\n", "f:2: {\"name\":\"Soup\"}\n"},
        {"course,name\n,Soup\nstarter,Pie\n", "f:2: {\"course\":null,\"name\":\"Soup\"}\n"
                                              "f:3: {\"course\":\"starter\",\"name\":\"Pie\"}\n"},
        {"name\n\"a,\"\"b\"\"\nc\"\n\nlast\n", "f:2: {\"name\":\"a,\\\"b\\\"\\nc\"}\n"
                                               "f:4: {\"name\":\"last\"}\n"},
        {"id,name,meta.visibility\na,'=1,public\n", /* as an export writes it */
         "f:2: {\"id\":\"a\",\"name\":\"=1\",\"meta\":{\"visibility\":\"public\"}}\n"},
        {"name\n'=1\n''=1\n'tis\n", "f:2: {\"name\":\"'=1\"}\n"
                                    "f:3: {\"name\":\"''=1\"}\n"
                                    "f:4: {\"name\":\"'tis\"}\n"},
        {"serves,vegan\n4,TRUE\nfour,false\n", "f:2: {\"serves\":4,\"vegan\":true}\n"
                                               "f:3: {\"serves\":\"four\",\"vegan\":false}\n"},
        {"tags\na; b;c\n\"[\"\"x;y\"\"]\"\n", "f:2: {\"tags\":[\"a\",\"b\",\"c\"]}\n"
                                              "f:3: {\"tags\":[\"x;y\"]}\n"},
        {"weight,ids\n\"{\"\"value\"\":2}\",\"[{\"\"scheme\"\":\"\"ods\"\",\"\"value\"\":\"\"R\"\"}]\"\n",
         "f:2: {\"weight\":{\"value\":2},\"ids\":[{\"scheme\":\"ods\",\"value\":\"R\"}]}\n"},
        {"name,meta.visibility\nx,office\n", "f:2: {\"name\":\"x\",\"meta\":{\"visibility\":\"office\"}}\n"},
        {"name\n", ""},
    };
    (void)state;
    assert_read("csv", examples, sizeof examples / sizeof *examples);
}

static void what_is_no_csv_is_told_with_its_row(void **state)
{
    static const struct example examples[] = {
        {"", "f:1: : The first row must name the columns\n"},
        {"name,cost\nx,1\n", "f:1: /cost: dishes has no field \"cost\"\n"},
        {"name,name\nx,y\n", "f:1: /name: The column is there twice: two columns lead to name\n"},
        {"name,serves\nx\ny,1,2\nz,3\n", "f:4: {\"name\":\"z\",\"serves\":3}\n"
                                         "f:2: : The header has 2 cells, this row 1\n"
                                         "f:3: : The header has 2 cells, this row 3\n"},
        {"name\na\"b\nc\n", "f:3: {\"name\":\"c\"}\n"
                            "f:2: : A cell with a quote in it must be quoted, and the quote doubled\n"},
        {"name\n\"a\"b\nc\n", "f:3: {\"name\":\"c\"}\n"
                              "f:2: : There is text after a quoted cell\n"},
        {"name\n\"a\nb\n", "f:2: : A quoted cell does not end\n"},
        {"name\na\rb\n", "f:2: : A line ends with CR LF or LF, not with CR alone\n"},
        {"name\na\xff\n",
         "f:1: : This text is not UTF-8, probably Windows-1252: save it as \"CSV UTF-8\", or "
         "import it with the mapping {\"encoding\": \"windows-1252\"}\n"},
    };
    (void)state;
    assert_read("csv", examples, sizeof examples / sizeof *examples);
    assert_string_equal(read_rows("csv", (struct ouse_str){"name\na\0b\n", 9}, 1),
                        "f:2: : A cell must be text without zero bytes\n");
    assert_string_equal(
        read_rows("csv", ouse_s("name\nx\n"), 0),
        "f:1: : CSV must be of a collection, named as the file is, or in a mapping (\"collection\")\n");
}

static void a_cell_has_a_cap(void **state)
{
    size_t n = INTAKE_CELL_MAX + 6;
    char *text = arena_alloc(&arena, n);
    (void)state;
    memcpy(text, "name\n", 5);
    memset(text + 5, 'x', n - 5);
    assert_string_equal(read_rows("csv", (struct ouse_str){text, (uint32_t)n}, 1),
                        "f:2: : A cell has at most 1 MiB\n");
}

static void lines_become_documents(void **state)
{
    static const struct example examples[] = {
        {"{\"name\":\"a\"}\r\n\n{\"name\":\"b\",\"course\":null}",
         "f:1: {\"name\":\"a\"}\nf:3: {\"name\":\"b\",\"course\":null}\n"},
        {"{\"name\":\"a\",\"meta\":{\"collection\":\"plates\"}}\n",
         "f:1: /meta/collection: There is no collection \"plates\"\n"},
    };
    (void)state;
    assert_read("ndjson", examples, sizeof examples / sizeof *examples);
    assert_non_null(strstr(read_rows("ndjson", ouse_s("{\"name\"\n"), 1), "f:1: : "));
    assert_non_null(strstr(read_rows("ndjson", ouse_s("{}"), 0), "f:1: /meta/collection: "));
}

/* Without the members that are null: those of empty cells. */
static const char *without_nulls(const char *row)
{
    char *copy = (char *)arena_copy(&arena, ouse_s(row)).p, *end;
    while ((end = strstr(copy, "\":null"))) {
        char *comma = end;
        while (*comma != ',')
            comma--;
        end += strlen("\":null");
        memmove(comma, end, strlen(end) + 1);
    }
    return copy;
}

/* What csv_record writes is read as it was. */
static void records_come_back(void **state)
{
    static const char *const records[] = {
        "{\"id\":\"a\",\"name\":\"=x, \\\"y\\\"\\r\\n'z\",\"serves\":-4,\"vegan\":false,\"course\":\"main\"}",
        "{\"id\":\"b\",\"name\":\"'=x\",\"tags\":[\"a\",\"b c\"],\"course\":\"main\"}",
        "{\"id\":\"c\",\"tags\":[\"a;b\",\" c\"],\"course\":\"''-\"}",
        "{\"id\":\"d\",\"tags\":[\"[x\"],\"weight\":{\"min\":1,\"max\":2,\"qualifier\":\"range\"},\"course\":"
        "\"x\"}",
        "{\"id\":\"e\",\"tags\":[\"=1\",\"2\"],\"ids\":[{\"scheme\":\"ods\",\"value\":\"R\"}],\"course\":"
        "\"x\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct buffer out;
        read_rows("csv", ouse_s("name\n"), 1);
        buffer_init(&out, 10000);
        csv_header(find("dishes"), OUSE_MANAGER, &out);
        csv_record(find("dishes"), OUSE_MANAGER, doc(records[i]), &out);
        const char *got = without_nulls(read_rows("csv", buffer_view(&out), 1));
        const char *expected = arena_printf(&arena, "f:2: %s\n", records[i]).p;
        if (strcmp(got, expected) != 0)
            fail_msg("expected\n%sgot\n%s", expected, got);
        buffer_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(cells_become_values_of_their_columns),
                                       TEST(what_is_no_csv_is_told_with_its_row), TEST(a_cell_has_a_cap),
                                       TEST(lines_become_documents), TEST(records_come_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
