/* keys: their order is the order of the values, none is the beginning of
 * another, and a document has the entries that its values say; references. */
#include "schema_fixture.h"
#include "text_order.h"

static const struct ouse_field fields[] = {
    {.name = "n", .type = OUSE_INT, .flags = OUSE_INDEXED},
    {.name = "m", .type = OUSE_MONEY, .flags = OUSE_INDEXED, .min = 1},
    {.name = "d", .type = OUSE_DATE, .flags = OUSE_INDEXED},
    {.name = "p", .type = OUSE_PDATE, .flags = OUSE_INDEXED},
    {.name = "t", .type = OUSE_TEXT, .flags = OUSE_INDEXED, .max = 400},
    {.name = "q", .type = OUSE_QTY, .flags = OUSE_INDEXED},
    {.name = "b", .type = OUSE_BOOL, .flags = OUSE_INDEXED},
    {.name = "e", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "low middle high"},
    {.name = "r", .type = OUSE_REF, .flags = OUSE_INDEXED, .refers_to = "things"},
    {.name = "any", .type = OUSE_REF, .flags = OUSE_INDEXED, .refers_to = "things others"},
    {.name = "rs", .type = OUSE_REFS, .flags = OUSE_INDEXED, .refers_to = "things others"},
    {.name = "ts", .type = OUSE_LIST, .flags = OUSE_INDEXED},
    {.name = "ids", .type = OUSE_IDS, .choices = "ods ror"},
    {.name = "note", .type = OUSE_LONG},
};
static const struct ouse_index indexes[] = {
    {.name = "text_number", .keys = "t n"},
    {.name = "tags_enum", .keys = "ts e", .flags = OUSE_UNIQUE},
    {.name = "widest", .keys = "t ts any n e"},
};
static const struct ouse_collection things = {.name = "things",
                                              .singular = "thing",
                                              .version = 1,
                                              .fields = OUSE_ROWS(fields),
                                              .indexes = OUSE_ROWS(indexes)};
static const struct ouse_field other_fields[] = {{.name = "t", .type = OUSE_TEXT}};
static const struct ouse_collection others = {.name = "others",
                                              .singular = "other",
                                              .version = 1,
                                              .flags = OUSE_CITED,
                                              .fields = OUSE_ROWS(other_fields)};

static void load(void)
{
    add("test", &things);
    add("test", &others);
    link_all();
}

/* The entries of a document, gathered. */
struct entries {
    struct ouse_str at[64];
    uint32_t n;
};

static void gather(void *arg, struct ouse_str entry)
{
    struct entries *entries = arg;
    assert_true(entries->n < 64);
    assert_true(entry.n <= SCHEMA_KEY_MAX);
    entries->at[entries->n++] = arena_copy(&arena, entry);
}

static struct entries entries_of(const char *index, const cJSON *document)
{
    struct entries entries = {.n = 0};
    const struct index *found = schema_index(find("things"), ouse_s(index));
    assert_non_null(found);
    schema_index_entries(found, document, NULL, gather, &entries);
    return entries;
}

static struct ouse_str key(const char *field, const char *value)
{
    struct entries entries = entries_of(field, doc(arena_printf(&arena, "{\"%s\":%s}", field, value).p));
    if (entries.n != 1)
        fail_msg("%s %s: expected 1 entry, got %u", field, value, entries.n);
    return entries.at[0];
}

static int order(struct ouse_str a, struct ouse_str b)
{
    uint32_t n = a.n < b.n ? a.n : b.n;
    int bytes = memcmp(a.p, b.p, n);
    return bytes ? bytes : (int)a.n - (int)b.n;
}

static int begins(struct ouse_str text, struct ouse_str with)
{
    return text.n >= with.n && memcmp(text.p, with.p, with.n) == 0;
}

static void keys_are_in_the_order_of_values(void **state)
{
    static const struct {
        const char *field;
        const char *values[12]; /* ascending */
    } cases[] = {
        {"n",
         {"-9007199254740992", "-256", "-255", "-1", "0", "1", "255", "256", "65536", "9007199254740992"}},
        {"m", {"-1e13", "-19.99", "-0.01", "0", "0.01", "0.1", "1.09", "1.1", "10", "3000000"}},
        {"d",
         {"\"0001-01-01\"", "\"1969-12-31\"", "\"1970-01-01\"", "\"2024-02-29\"", "\"2024-03-01\"",
          "\"9999-12-31\""}},
        {"p",
         {"\"0001\"", "\"2025-12-31\"", "\"2026-01-01\"", "\"2026-01\"", "\"2026\"", "\"2026-01-02\"",
          "\"2026-02\"", "\"2027\""}},
        {"t",
         {"\"a\"", "\"A b\"", "\"ab\"", "\"ABC\"", "\"b\"", "\"e\"", "\"E\"", "\"é\"", "\"É a\"", "\"zz\"",
          "\"日本\""}},
        {"q",
         {"{\"value\":5,\"qualifier\":\"under\"}", "{\"value\":-1}", "{\"value\":0}", "{\"value\":0.5}",
          "{\"value\":30000}", "{\"min\":30000,\"max\":50000}", "{\"value\":30000,\"qualifier\":\"over\"}",
          "{\"value\":30001}", "{\"value\":1e15}"}},
        {"b", {"false", "true"}},
        {"e", {"\"low\"", "\"middle\"", "\"high\""}},
        {"r", {"\"a\"", "\"a-b\"", "\"ab\"", "\"b\""}},
        {"any", {"\"others/z\"", "\"things/a\"", "\"things/a-1\"", "\"things/b\""}},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t j = 1; cases[i].values[j]; j++)
            if (order(key(cases[i].field, cases[i].values[j - 1]), key(cases[i].field, cases[i].values[j])) >=
                0)
                fail_msg("%s: expected %s before %s", cases[i].field, cases[i].values[j - 1],
                         cases[i].values[j]);
}

static void equal_values_have_equal_keys(void **state)
{
    static const struct {
        const char *field, *a, *b;
    } cases[] = {
        {"t", "\"Élan\"", "\"E\\u0301lan\""},
        {"n", "0", "-0"},
        {"m", "1.10", "1.1"},
        {"q", "{\"value\":0}", "{\"value\":-0.0,\"unit\":\"people\"}"},
        {"p", "\"2026-01-01\"", "\"2026-01-01\""},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (order(key(cases[i].field, cases[i].a), key(cases[i].field, cases[i].b)) != 0)
            fail_msg("%s: expected %s to be %s", cases[i].field, cases[i].a, cases[i].b);
}

static void random_numbers_keep_their_order(void **state)
{
    unsigned seed = 42;
    (void)state;
    load();
    const struct {
        const char *field, *format;
        double scale;
    } kinds[] = {{"n", "%.0f", 1}, {"m", "%.2f", 100}, {"q", "{\"value\":%.2f}", 100}};
    for (int i = 0; i < 6000; i++) {
        double values[2];
        struct ouse_str keys[2];
        size_t kind = (size_t)i % 3;
        for (int k = 0; k < 2; k++) {
            long long whole = (long long)(((uint64_t)rand_r(&seed) << 31 | (uint64_t)rand_r(&seed)) >>
                                          (rand_r(&seed) % 40 + 13));
            if (rand_r(&seed) % 2)
                whole = -whole;
            char text[64];
            values[k] = (double)whole / kinds[kind].scale;
            snprintf(text, sizeof text, kinds[kind].format, values[k]);
            keys[k] = key(kinds[kind].field, text);
        }
        int by_value = (values[0] > values[1]) - (values[0] < values[1]), by_key = order(keys[0], keys[1]);
        if ((by_key > 0) - (by_key < 0) != by_value)
            fail_msg("%s: %.2f and %.2f: expected order %d", kinds[kind].field, values[0], values[1],
                     by_value);
    }
}

/* A text of 0 to 140 characters of a small alphabet, so that many share a beginning. */
static const char *random_text(unsigned *seed)
{
    static const char *const letters[] = {"a", "b", "B", " ", "é", "ö"};
    struct buffer out;
    int n = rand_r(seed) % 3 ? rand_r(seed) % 4 + 1 : rand_r(seed) % 30 + 100;
    buffer_init(&out, 1000);
    buffer_byte(&out, '"');
    for (int i = 0; i < n; i++)
        buffer_text(&out, n > 90 && i < 100 ? "a" : letters[rand_r(seed) % 6]);
    buffer_byte(&out, '"');
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

static void no_text_key_begins_another(void **state)
{
    unsigned seed = 5;
    struct ouse_str keys[300];
    (void)state;
    load();
    for (int i = 0; i < 300; i++)
        keys[i] = key("t", random_text(&seed));
    for (int i = 0; i < 300; i++)
        for (int k = 0; k < 300; k++)
            if (begins(keys[i], keys[k]))
                assert_int_equal(order(keys[i], keys[k]), 0);
}

static const char *repeated(const char *piece, int n, const char *after)
{
    const char *text = "\"";
    for (int i = 0; i < n; i++)
        text = arena_printf(&arena, "%s%s", text, piece).p;
    return arena_printf(&arena, "%s%s\"", text, after).p;
}

static void long_texts_are_cut_and_stay_apart(void **state)
{
    (void)state;
    load();
    struct ouse_str whole = key("t", repeated("a", 112, "")), longer = key("t", repeated("a", 122, "")),
                    one = key("t", repeated("a", 128, " one")),
                    other = key("t", repeated("a", 128, " other"));
    assert_false(schema_is_cut(whole));
    assert_true(schema_is_cut(longer));
    assert_int_equal(longer.n, 153);
    assert_int_equal(one.n, 153);
    assert_true(order(whole, longer) < 0);
    assert_true(order(whole, one) < 0);
    assert_true(order(one, other) != 0);
    assert_true(order(one, key("t", repeated("A", 128, " ONE"))) != 0);
    assert_true(order(other, key("t", repeated("a", 127, "b"))) < 0);
}

/* ---- The order of texts ------------------------------------------------------------- */

/* Texts that differ in letters, accents, case, width, form and scripts, and after up to 120 bytes. */
static const char *any_text(unsigned *seed)
{
    static const char *const pieces[] = {
        "a",  "A",      "á", "a\u0301", "Å",      "A\u030a", "æ",  "ae", "ß", "ss", "S", "ſ",  "e",
        "é",  "ё",      "и", "й",       "か",     "カ",      "が", "ｶ",  "ﬁ", "fi", "2", "10", "２",
        "٢",  "-",      " ", "'",       "’",      "日",      "本", "ก",  "เ", "เก", "ﷺ", "´",  "ᾳ",
        "αι", "\u00ad", "&", "\ufffd",  "\uffff", "😀",       "o",  "ø",  "z", "Z",  "ı"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    static const char *const heads[] = {
        "",
        "",
        "a",
        "The same hundred and sixteen letters of a beginning that fills all of a key but for some",
        "The same hundred and thirty letters or more of a beginning that no key of an index has room for, "
        "and "
        "after which the text goes on ",
        "aAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaA"};
    const char *text = heads[rand_r(seed) % 6];
    for (int n = rand_r(seed) % 6 + 1; n > 0; n--)
        text = arena_printf(&arena, "%s%s", text, pieces[(unsigned)rand_r(seed) % PIECES]).p;
    return text;
}

static struct ouse_str entry_of(const char *text)
{
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "t", text);
    struct entries entries = entries_of("t", document);
    cJSON_Delete(document);
    assert_int_equal(entries.n, 1);
    return entries.at[0];
}

static int are_equal(struct ouse_str a, struct ouse_str b)
{
    struct text_class of_a, of_b;
    schema_text_class(a, &of_a);
    schema_text_class(b, &of_b);
    assert_true(of_a.n_letters <= of_a.n && begins(a, (struct ouse_str){of_a.at, of_a.n_letters}));
    return of_a.n == of_b.n && memcmp(of_a.at, of_b.at, of_a.n) == 0;
}

static int sign(int order_of_two)
{
    return (order_of_two > 0) - (order_of_two < 0);
}

/* The order of two texts by their entries or, if these have the same head, by their whole sort keys. */
static int order_of_keys(const char *a, const char *b)
{
    struct ouse_str of_a = entry_of(a), of_b = entry_of(b);
    if (!schema_is_cut(of_a) || !schema_is_cut(of_b))
        return order(schema_entry_order(of_a), schema_entry_order(of_b));
    return memcmp(of_a.p, of_b.p, SCHEMA_TEXT_HEAD) != 0
               ? order(of_a, of_b)
               : order(schema_text_order(&arena, ouse_s(a)), schema_text_order(&arena, ouse_s(b)));
}

/* Characters whose folded form has other letters than they themselves. */
static int folds_to_other_letters(const char *text)
{
    return strstr(text, "´") || strstr(text, "ᾳ");
}

static void texts_are_in_the_order_of_icu(void **state)
{
    unsigned seed = 11;
    uint32_t equal = 0;
    (void)state;
    load();
    for (int i = 0; i < 20000; i++) {
        const char *a = any_text(&seed);
        const char *b = i % 4 ? any_text(&seed) : schema_text_folded(&arena, ouse_s(a)).p;
        int expected = text_order(a, b), got = sign(order_of_keys(a, b));
        int same_folded =
            order(schema_text_folded(&arena, ouse_s(a)), schema_text_folded(&arena, ouse_s(b))) == 0;
        if (got != expected)
            fail_msg("%s and %s: expected %d, got %d", a, b, expected, got);
        equal += (uint32_t)same_folded;
        if (same_folded != are_equal(entry_of(a), entry_of(b)) && !folds_to_other_letters(a) &&
            !folds_to_other_letters(b))
            fail_msg("%s and %s: expected that they are %s", a, b, same_folded ? "equal" : "not equal");
        assert_true((unsigned char)entry_of(a).p[0] != 0xff);
    }
    assert_true(equal > 100);
}

static void equal_texts_have_the_same_class(void **state)
{
    static const struct {
        const char *a, *b;
        int equal;
    } cases[] = {
        {"Élan VITAL", "e\u0301LAN vital", 1},
        {"ﬁne", "FINE", 1},
        {"Straße", "STRASSE", 1},
        {"Strasse", "Strassé", 0},
        {"a b", "a-b", 0},
        {"２", "2", 1},
        {"٢", "2", 0},
        {"か", "カ", 0},
        {"co\u00adop", "coop", 1},
        {"Ångström", "ångström", 1},
        {"Ångström", "angstrom", 0},
        {"æther", "aether", 0},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int n = 0; n < 4;
             n++) { /* the same after long texts, and after ones of which the case takes room */
            static const char *const heads[] = {
                "",
                "x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x "
                "x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x x",
                "aAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaAaA",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
            struct ouse_str a = entry_of(arena_printf(&arena, "%s%s", heads[n], cases[i].a).p);
            struct ouse_str b = entry_of(arena_printf(&arena, "%s%s", heads[n == 3 ? 2 : n], cases[i].b).p);
            if (are_equal(a, b) != cases[i].equal)
                fail_msg("%s and %s after \"%s\": expected %d", cases[i].a, cases[i].b, heads[n],
                         cases[i].equal);
        }
}

/* Of a beginning the range has all texts that begin so. */
static void texts_that_begin_so_have_the_letters(void **state)
{
    unsigned seed = 23;
    uint32_t found = 0;
    (void)state;
    load();
    for (int i = 0; i < 20000; i++) {
        const char *text = any_text(&seed), *begin = any_text(&seed);
        struct ouse_str all = schema_text_folded(&arena, ouse_s(text)),
                        beginning = schema_text_folded(&arena, ouse_s(begin));
        if (i % 2 && all.n > 3) { /* surely a beginning, if it ends with a character */
            beginning = (struct ouse_str){all.p, all.n / 2};
            while (beginning.n && ((unsigned char)all.p[beginning.n] & 0xc0) == 0x80)
                beginning.n--;
        }
        if (!begins(all, beginning) || folds_to_other_letters(text))
            continue;
        found++;
        if (!begins(entry_of(text), schema_text_beginning(&arena, beginning)))
            fail_msg("%s: expected among those that begin with %.*s", text, OUSE_F(beginning));
    }
    assert_true(found > 5000);
}

static void compound_keys_order_by_their_parts(void **state)
{
    static const char *const ascending[] = {"{\"t\":\"a\",\"n\":5}",    "{\"t\":\"a\",\"n\":6}",
                                            "{\"t\":\"a b\",\"n\":-1}", "{\"t\":\"ab\",\"n\":-9}",
                                            "{\"t\":\"ab\",\"n\":0}",   "{\"t\":\"b\",\"n\":-100}"};
    (void)state;
    load();
    for (size_t i = 1; i < sizeof ascending / sizeof *ascending; i++) {
        struct entries before = entries_of("text_number", doc(ascending[i - 1])),
                       after = entries_of("text_number", doc(ascending[i]));
        assert_int_equal(before.n, 1);
        assert_int_equal(after.n, 1);
        if (order(before.at[0], after.at[0]) >= 0)
            fail_msg("expected %s before %s", ascending[i - 1], ascending[i]);
    }
}

static void a_document_has_an_entry_for_each_value(void **state)
{
    static const struct {
        const char *index, *document;
        uint32_t n;
    } cases[] = {
        {"n", "{}", 0},
        {"n", "{\"n\":1}", 1},
        {"n", "{\"n\":\"1\"}", 0},
        {"m", "{\"m\":1.005}", 0},
        {"d", "{\"d\":\"2026-02-30\"}", 0},
        {"e", "{\"e\":\"gone\"}", 0},
        {"b", "{\"b\":1}", 0},
        {"q", "{\"q\":{\"min\":1}}", 0},
        {"ts", "{\"ts\":[\"a\",\"b\",\"a\"]}", 3},
        {"ts", "{\"ts\":\"a\"}", 0},
        {"rs", "{\"rs\":[\"things/a\",\"others/b\"]}", 2},
        {"ids",
         "{\"ids\":[{\"scheme\":\"ods\",\"value\":\"RWK\"},{\"scheme\":\"ror\",\"value\":\"00pjdza24\"}]}",
         2},
        {"text_number", "{\"t\":\"a\"}", 0},
        {"text_number", "{\"t\":\"a\",\"n\":1}", 1},
        {"tags_enum", "{\"ts\":[\"a\",\"b\"],\"e\":\"low\"}", 2},
        {"tags_enum", "{\"ts\":[\"a\",\"b\"]}", 0},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct entries entries = entries_of(cases[i].index, doc(cases[i].document));
        if (entries.n != cases[i].n)
            fail_msg("%s of %s: expected %u entries, got %u", cases[i].index, cases[i].document, cases[i].n,
                     entries.n);
    }
    struct entries tags = entries_of("tags_enum", doc("{\"ts\":[\"a\",\"B\"],\"e\":\"middle\"}"));
    assert_memory_equal(tags.at[0].p, "a\0\1", 3);
    assert_memory_equal(tags.at[1].p, "b\0\1", 3);
}

static void the_widest_entry_fits(void **state)
{
    (void)state;
    load();
    const char *longest =
        arena_printf(&arena, "{\"t\":%s,\"ts\":[%s],\"any\":\"things/%.80s\",\"n\":1,\"e\":\"high\"}",
                     repeated("é", 400, ""), repeated("ö", 400, ""), repeated("x", 80, "") + 1)
            .p;
    struct entries entries = entries_of("widest", doc(longest));
    assert_int_equal(entries.n, 1);
    assert_int_equal(entries.at[0].n, 129 + 129 + 88 + 8 + 1);
}

static void texts_of_queries_mean_the_values_they_name(void **state)
{
    static const struct {
        const char *field, *text, *value;
    } cases[] = {
        {"n", "-12", "-12"},
        {"m", "12.50", "12.5"},
        {"m", "0", "0"},
        {"d", "2026-01-31", "\"2026-01-31\""},
        {"p", "2026-01", "\"2026-01\""},
        {"t", "e\u0301lan", "\"élan\""},
        {"q", "30000", "{\"value\":30000}"},
        {"b", "true", "true"},
        {"b", "false", "false"},
        {"e", "high", "\"high\""},
        {"r", "x-1", "\"x-1\""},
        {"any", "others/x", "\"others/x\""},
        {"rs", "things/x", "[\"things/x\"]"},
        {"ts", "Gp", "[\"Gp\"]"},
        {"ids", "ods:RWK", "[{\"scheme\":\"ods\",\"value\":\"RWK\"}]"},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        buffer_text(&out, "kept");
        problem_init(&problem, &arena);
        if (schema_encode_text(field_of(find("things"), cases[i].field), ouse_s(cases[i].text), &out,
                               &problem))
            fail_msg("%s=%s: %s", cases[i].field, cases[i].text, told());
        struct ouse_str expected = key(cases[i].field, cases[i].value);
        assert_int_equal(out.n, 4 + expected.n);
        assert_memory_equal(out.at + 4, expected.p, expected.n);
        buffer_finish(&out);
    }
}

static void texts_that_are_no_value_are_refused(void **state)
{
    static const struct {
        const char *field, *text, *expected;
    } cases[] = {
        {"n", "", "n: \"\" is no value of type int"},
        {"n", "x", "is no value of type int"},
        {"n", "1.5", "n must be a whole number; got 1.5"},
        {"n", "1 ", "is no value"},
        {"n", "0x10", "is no value"},
        {"n", "1e999", "n must be"},
        {"m", "1.005", "m must have at most two decimals"},
        {"d", "2026-01", "d must be a day that exists"},
        {"p", "soon", "p must be a year, month or day"},
        {"b", "yes", "is no value of type bool"},
        {"e", "hihg", "did you mean high"},
        {"t", "", "t must not be empty"},
        {"r", "A b", "r must be the id"},
        {"any", "x", "any must be \"collection/id\""},
        {"ids", "RWK", "is no value"},
        {"ids", "orcid:x", "ids must be one of ods ror"},
        {"note", "x", "note is long text and cannot be filtered"},
        {"q", "many", "is no value of type qty"},
        {"t", "\xff", "is no value of type text"},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;
        buffer_init(&out, 1000);
        problem_init(&problem, &arena);
        ouse_rc rc = schema_encode_text(field_of(find("things"), cases[i].field), ouse_s(cases[i].text), &out,
                                        &problem);
        if (rc != OUSE_E_REQUEST || out.n || !strstr(problem.detail.p, cases[i].expected))
            fail_msg("%s=%s: expected %s, got %d %s", cases[i].field, cases[i].text, cases[i].expected, rc,
                     told());
        buffer_finish(&out);
    }
}

/* ---- References */

static void write_reference(void *arg, const struct field *field, int entry, const struct target *target,
                            struct ouse_str id)
{
    buffer_printf(arg, "%s %d %s %.*s\n", field->is.name, entry, target->to ? target->to->is.name : "?",
                  (int)id.n, id.p);
}

static const char *references(const cJSON *document)
{
    struct buffer out;
    buffer_init(&out, 10000);
    schema_references(find("things"), document, write_reference, &out);
    const char *text = arena_copy(&arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

static const char linked[] =
    "{\"r\":\"a\",\"any\":\"others/a\",\"rs\":[\"things/a\",\"others/a\",\"things/b\"],"
    "\"sources\":[{\"publication\":\"a\"},{\"publication\":\"c\",\"quote\":\"x\"}]}";

static void references_are_told(void **state)
{
    (void)state;
    load();
    assert_string_equal(references(doc(linked)),
                        "r -1 things a\nany -1 others a\nrs 0 things a\nrs 1 others a\nrs 2 things b\n"
                        "sources 0 others a\nsources 1 others c\n");
    assert_string_equal(references(doc("{\"r\":\"A\",\"any\":\"a\",\"rs\":\"x\"}")), "");
}

static void references_without_cited_collection_leave_sources_out(void **state)
{
    (void)state;
    add("test", &things);
    struct ouse_collection plain = others;
    plain.flags = 0;
    add("test", &plain);
    link_all();
    assert_string_equal(references(doc("{\"r\":\"a\",\"sources\":[{\"publication\":\"a\"}]}")),
                        "r -1 things a\n");
}

static void references_are_replaced_or_taken_out(void **state)
{
    static const struct {
        const char *field, *target, *id, *into;
        uint32_t changed;
        const char *after;
    } cases[] = {
        {NULL, "things", "a", "z", 2,
         "{\"r\":\"z\",\"any\":\"others/a\",\"rs\":[\"things/z\",\"others/a\",\"things/b\"],"
         "\"sources\":[{\"publication\":\"a\"},{\"publication\":\"c\",\"quote\":\"x\"}]}"},
        {NULL, "things", "a", "b", 2,
         "{\"r\":\"b\",\"any\":\"others/a\",\"rs\":[\"others/a\",\"things/b\"],"
         "\"sources\":[{\"publication\":\"a\"},{\"publication\":\"c\",\"quote\":\"x\"}]}"},
        {NULL, "others", "a", "n", 3,
         "{\"r\":\"a\",\"any\":\"others/n\",\"rs\":[\"things/a\",\"others/n\",\"things/b\"],"
         "\"sources\":[{\"publication\":\"n\"},{\"publication\":\"c\",\"quote\":\"x\"}]}"},
        {NULL, "others", "a", NULL, 3,
         "{\"r\":\"a\",\"rs\":[\"things/a\",\"things/"
         "b\"],\"sources\":[{\"publication\":\"c\",\"quote\":\"x\"}]}"},
        {"rs", "things", "a", NULL, 1,
         "{\"r\":\"a\",\"any\":\"others/a\",\"rs\":[\"others/a\",\"things/b\"],"
         "\"sources\":[{\"publication\":\"a\"},{\"publication\":\"c\",\"quote\":\"x\"}]}"},
        {"r", "things", "nobody", NULL, 0, linked},
    };
    (void)state;
    load();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *document = doc(linked);
        const struct field *field = cases[i].field ? field_of(find("things"), cases[i].field) : NULL;
        assert_int_equal(schema_replace_reference(find("things"), document, field, find(cases[i].target),
                                                  ouse_s(cases[i].id), ouse_s(cases[i].into)),
                         cases[i].changed);
        assert_string_equal(printed(document), cases[i].after);
    }
    cJSON *last = doc("{\"rs\":[\"things/a\"]}");
    assert_int_equal(
        schema_replace_reference(find("things"), last, NULL, find("things"), ouse_s("a"), ouse_s(NULL)), 1);
    assert_string_equal(printed(last), "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_are_in_the_order_of_values),
        TEST(equal_values_have_equal_keys),
        TEST(random_numbers_keep_their_order),
        TEST(no_text_key_begins_another),
        TEST(long_texts_are_cut_and_stay_apart),
        TEST(texts_are_in_the_order_of_icu),
        TEST(equal_texts_have_the_same_class),
        TEST(texts_that_begin_so_have_the_letters),
        TEST(compound_keys_order_by_their_parts),
        TEST(a_document_has_an_entry_for_each_value),
        TEST(the_widest_entry_fits),
        TEST(texts_of_queries_mean_the_values_they_name),
        TEST(texts_that_are_no_value_are_refused),
        TEST(references_are_told),
        TEST(references_without_cited_collection_leave_sources_out),
        TEST(references_are_replaced_or_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
