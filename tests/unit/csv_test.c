/* Cells and rows of CSV exports, by RFC 4180, with formulas guarded. */
#include "features/bulk/csv.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Whether a cell, without its quotes and its guard, is the text. */
static int reads_back(const char *cell, const char *text)
{
    char inner[100];
    uint32_t n = 0;
    int quoted = *cell == '"';
    for (const char *at = cell + quoted; at[quoted]; at++) {
        inner[n++] = *at;
        at += quoted && *at == '"';
    }
    return ouse_is(csv_unguard((struct ouse_str){inner, n}), text);
}

static void cells_are_quoted_and_guarded_where_they_must_be(void **state)
{
    static const struct {
        const char *text, *cell;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"Łódź 日本", "Łódź 日本"},
        {" spaces ", " spaces "},
        {"in the middle", "in the middle"},
        {"a,b", "\"a,b\""},
        {"a;b", "\"a;b\""},
        {"a\tb", "\"a\tb\""},
        {"a\"b", "\"a\"\"b\""},
        {"a\nb", "\"a\nb\""},
        {"a\rb", "\"a\rb\""},
        {"a\r\nb", "\"a\r\nb\""},
        {"a=b", "\"a=b\""},
        {"a\xef\xbb\xbf", "\"a\xef\xbb\xbf\""},
        {"=1+1", "\"'=1+1\""},
        {"+44 20", "'+44 20"},
        {"-", "'-"},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"\nx", "\"'\nx\""},
        {"=\"a\",1", "\"'=\"\"a\"\",1\""},
        {" =1", "\"' =1\""},
        {"\xef\xbb\xbf=1", "\"'\xef\xbb\xbf=1\""},
        {"\xef\xbb\xbfx", "\"\xef\xbb\xbfx\""},
        {"＝1", "'＝1"}, /* full width, as a spreadsheet may read it */
        {"＋1", "'＋1"},
        {"－1", "'－1"},
        {"＠A", "'＠A"},
        {"１", "１"},
        {"a-b + c@d", "a-b + c@d"},
        {"'=1", "\"''=1\""}, /* looks guarded already */
        {"' '-1", "'' '-1"},
        {"'tis", "'tis"},
        {"'", "'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        csv_text(ouse_s(cases[i].text), &out);
        buffer_byte(&out, '\0');
        assert_string_equal(out.at, cases[i].cell);
        assert_true(reads_back(out.at, cases[i].text));
        buffer_finish(&out);
    }
}

static void a_record_is_a_row_of_its_declared_fields(void **state)
{
    static const char *const names[] = {"name", "price", "vegan", "tags", "weight", "ids", "absent"};
    enum { FIELDS = sizeof names / sizeof names[0] };
    struct field fields[FIELDS] = {{.number = 1}};
    struct field sources = {.is = {.name = "sources"}};
    struct collection collection = {.fields = fields, .n_fields = FIELDS, .sources = &sources};
    struct buffer out;
    (void)state;
    for (size_t i = 0; i < FIELDS; i++)
        fields[i].is.name = names[i];
    cJSON *record =
        cJSON_Parse("{\"id\":\"x\",\"name\":\"=N\",\"price\":-0.5,\"vegan\":false,\"tags\":[\"a\",\"b\"],"
                    "\"weight\":{\"value\":2},\"ids\":[{\"scheme\":\"ods\"}],\"other\":1,\"meta\":{"
                    "\"visibility\":\"partner\"}}");
    buffer_init(&out, 1000);
    csv_header(&collection, OUSE_OFFICE, &out);
    csv_record(&collection, OUSE_OFFICE, record, &out);
    buffer_byte(&out, '\0');
    assert_string_equal(out.at, "id,name,price,vegan,tags,weight,ids,absent,sources,meta.visibility\r\n"
                                "x,\"'=N\",-0.5,false,\"a; b\",\"{\"\"value\"\":2}\","
                                "\"[{\"\"scheme\"\":\"\"ods\"\"}]\",,,partner\r\n");
    cJSON_Delete(record);
    buffer_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_quoted_and_guarded_where_they_must_be),
        cmocka_unit_test(a_record_is_a_row_of_its_declared_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
