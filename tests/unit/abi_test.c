/* abi: what the public headers compile into a plugin, and so nobody can mend in it
 * afterwards, against a host of the test's own. The host knows one kind of document: a
 * flat object of texts and numbers, by name; and of dates those that say the days that
 * they span: "10" and "10-19". */
#include <ouse/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MEMBERS 16

struct ouse_doc {
    uint32_t kind, n;
    double number;
    char text[64];
    const char *names[MEMBERS];
    struct ouse_doc *members[MEMBERS];
    char name_room[MEMBERS][64];
};

struct fake {
    struct ouse_ctx ctx; /* must be first */
    struct ouse_doc docs[64];
    uint32_t n;
    char asked[128]; /* "collection/id" of the last get, the message of the last failure */
};

static struct ouse_doc *make(struct ouse_ctx *ctx, uint32_t kind)
{
    struct fake *fake = (struct fake *)(void *)ctx;
    struct ouse_doc *doc = &fake->docs[fake->n++ % 64];
    memset(doc, 0, sizeof *doc);
    doc->kind = kind;
    return doc;
}

static struct ouse_doc *number(struct ouse_ctx *ctx, double value)
{
    struct ouse_doc *doc = make(ctx, OUSE_JSON_NUMBER);
    doc->number = value;
    return doc;
}

static struct ouse_doc *text(struct ouse_ctx *ctx, struct ouse_str value)
{
    struct ouse_doc *doc = make(ctx, OUSE_JSON_TEXT);
    snprintf(doc->text, sizeof doc->text, "%.*s", OUSE_F(value));
    return doc;
}

static struct ouse_str as_text(const struct ouse_doc *doc)
{
    return ouse_s(doc && doc->kind == OUSE_JSON_TEXT ? doc->text : NULL);
}

static int32_t span(struct ouse_str date, int32_t *first, int32_t *last)
{
    char *end;
    if (!date.p)
        return 0;
    *first = *last = (int32_t)strtol(date.p, &end, 10);
    if (*end)
        *last = (int32_t)strtol(end + 1, NULL, 10);
    return 1;
}

static uint32_t kind(const struct ouse_doc *doc)
{
    return doc ? doc->kind : OUSE_JSON_NULL;
}

static double as_number(const struct ouse_doc *doc, double otherwise)
{
    return kind(doc) == OUSE_JSON_NUMBER ? doc->number : otherwise;
}

static struct ouse_doc *member(const struct ouse_doc *object, const char *name)
{
    for (uint32_t i = 0; object && i < object->n; i++)
        if (strcmp(object->names[i], name) == 0)
            return object->members[i];
    return NULL;
}

static void set(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name, struct ouse_doc *value)
{
    uint32_t i = 0;
    (void)ctx;
    if (!value)
        return;
    while (i < object->n && strcmp(object->names[i], name) != 0)
        i++;
    assert_true(i < MEMBERS);
    snprintf(object->name_room[i], sizeof object->name_room[i], "%s", name);
    object->names[i] = object->name_room[i];
    object->members[i] = value;
    object->n += i == object->n;
}

static struct ouse_doc *get(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    struct fake *fake = (struct fake *)(void *)ctx;
    snprintf(fake->asked, sizeof fake->asked, "%s/%.*s", collection, OUSE_F(id));
    return make(ctx, OUSE_JSON_OBJECT);
}

OUSE_PRINTF(5, 0)
static ouse_rc vfail(struct ouse_ctx *ctx, ouse_rc rc, const char *pointer, const char *code,
                     const char *format, va_list args)
{
    struct fake *fake = (struct fake *)(void *)ctx;
    int n = snprintf(fake->asked, sizeof fake->asked, "%d %s %s: ", (int)rc, pointer, code);
    vsnprintf(fake->asked + n, sizeof fake->asked - (size_t)n, format, args);
    return rc;
}

static int64_t now(struct ouse_ctx *ctx)
{
    (void)ctx;
    return INT64_C(86400000) * 20000 - 1;
}

static const struct ouse_host host = {.size = sizeof host,
                                      .get = get,
                                      .vfail = vfail,
                                      .doc_new = make,
                                      .doc_text = text,
                                      .doc_number = number,
                                      .doc_kind = kind,
                                      .doc_member = member,
                                      .doc_as_text = as_text,
                                      .doc_as_number = as_number,
                                      .doc_set = set,
                                      .now = now,
                                      .span = span};

static struct fake fake = {.ctx = {.host = &host}};
static struct ouse_ctx *const ctx = &fake.ctx;

/* The names of an object's members, in order. */
static const char *names_of(const struct ouse_doc *object)
{
    static char names[256];
    names[0] = 0;
    for (uint32_t i = 0; i < object->n; i++) {
        strcat(names, i ? " " : "");
        strcat(names, object->names[i]);
    }
    return names;
}

static void test_texts(void **state)
{
    struct ouse_str none = ouse_s(NULL), empty = ouse_s(""), ab = {"abc", 2};
    (void)state;
    assert_true(ouse_same(none, none));
    assert_false(ouse_same(none, empty));
    assert_true(ouse_same(empty, empty));
    assert_true(ouse_is(ab, "ab"));
    assert_false(ouse_is(ab, "abc"));
    assert_false(ouse_is(none, ""));
    char text[8];
    snprintf(text, sizeof text, "%.*s|%.*s", OUSE_F(ab), OUSE_F(none));
    assert_string_equal(text, "ab|");
}

static void test_one_of_several_words(void **state)
{
    struct ouse_str active = {"active, still", 6};
    (void)state;
    assert_true(ouse_is_one(active, "active"));
    assert_true(ouse_is_one(active, "launched  active"));
    assert_true(ouse_is_one(active, " active closing"));
    assert_false(ouse_is_one(active, "inactive actively act"));
    assert_false(ouse_is_one(active, ""));
    assert_false(ouse_is_one(ouse_s(""), " launched  active "));
    assert_false(ouse_is_one(ouse_s(NULL), "launched"));
}

static void test_a_date_is_before_another_when_all_of_it_is(void **state)
{
    (void)state;
    assert_true(ouse_before(ctx, ouse_s("10-19"), ouse_s("20")));
    assert_false(ouse_before(ctx, ouse_s("10-19"), ouse_s("19-30")));
    assert_false(ouse_before(ctx, ouse_s("20"), ouse_s("10-19")));
    assert_false(ouse_before(ctx, ouse_s(NULL), ouse_s("20")));
    assert_false(ouse_before(ctx, ouse_s("20"), ouse_s(NULL)));
}

static struct ouse_doc *term(const char *starts, const char *ends)
{
    struct ouse_doc *record = ouse_object(ctx);
    ouse_set_text(ctx, record, "starts", ouse_s(starts));
    ouse_set_text(ctx, record, "ends", ouse_s(ends));
    return record;
}

static void test_terms_overlap_when_they_surely_do(void **state)
{
    static const struct {
        const char *starts, *ends, *other_starts, *other_ends;
        int overlap;
    } cases[] = {
        {NULL, NULL, NULL, NULL, 1},          {"10", "20", "20", "30", 1}, /* the last day of one is the first
                                                                              of the other */
        {"10", "20", "21", "30", 0},          {"10", "20", NULL, "9", 0},  {"10", "20", NULL, "10", 1},
        {NULL, "20-29", "20-29", NULL, 0},    /* some day of handing over */
        {NULL, "20-29", "10-19", NULL, 1},    /* the month after */
        {NULL, "20-29", "10-20", NULL, 1},    /* it begins on the first day that may be the end */
        {"10-19", "10-19", "10", "19", 0},    /* may have been a day */
        {"1-365", "366-730", "200", "400", 1} /* surely there from the end of the first year */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ouse_doc *a = term(cases[i].starts, cases[i].ends);
        const struct ouse_doc *b = term(cases[i].other_starts, cases[i].other_ends);
        assert_int_equal(ouse_overlap(ctx, a, b), cases[i].overlap);
        assert_int_equal(ouse_overlap(ctx, b, a), cases[i].overlap);
    }
}

static void round_trip(int64_t pence)
{
    struct ouse_doc *object = ouse_object(ctx);
    ouse_set_pence(ctx, object, "amount", pence);
    assert_int_equal(ouse_pence(ctx, object, "amount", -1), pence);
}

static void test_every_amount_of_pence_comes_back(void **state)
{
    const int64_t most = INT64_C(1000000000000000); /* 10^13 pounds */
    (void)state;
    for (int64_t i = 0; i <= 20000; i++) {
        round_trip(i);
        round_trip(-i);
        round_trip(most - i);
        round_trip(i - most);
        round_trip(i * 49999999999 + 1);
    }
}

static void test_only_a_number_is_an_amount(void **state)
{
    struct ouse_doc *object = ouse_object(ctx);
    (void)state;
    ouse_set_null(ctx, object, "unknown");
    assert_int_equal(ouse_pence(ctx, object, "unknown", -7), -7);
    assert_int_equal(ouse_pence(ctx, object, "absent", -7), -7);
    assert_int_equal(ouse_pence(ctx, NULL, "absent", -7), -7);
}

static void test_picking_members(void **state)
{
    struct ouse_doc *from = ouse_object(ctx);
    char longest[80];
    (void)state;
    ouse_set_number(ctx, from, "a", 1);
    ouse_set_number(ctx, from, "b", 2);
    assert_string_equal(names_of(ouse_pick(ctx, from, "b absent  a ")), "b a");
    assert_string_equal(names_of(ouse_pick(ctx, from, " a")), "a");
    assert_string_equal(names_of(ouse_pick(ctx, from, "")), "");
    assert_string_equal(names_of(ouse_pick(ctx, NULL, "a")), "");
    assert_string_equal(names_of(ouse_show(ctx, from, "b absent a")), "b absent a");
    assert_int_equal(kind(member(ouse_show(ctx, from, "absent"), "absent")), OUSE_JSON_NULL);
    assert_null(ouse_show(ctx, NULL, "absent"));
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_string_equal(names_of(ouse_pick(ctx, from, longest)), "");
}

static void test_references_to_any_collection(void **state)
{
    struct ouse_str slash = ouse_s("hubs/north"), bare = ouse_s("north"), none = ouse_s(NULL);
    char deep[100];
    (void)state;
    assert_non_null(ouse_get_reference(ctx, slash));
    assert_string_equal(fake.asked, "hubs/north");
    assert_null(ouse_get_reference(ctx, bare));
    assert_null(ouse_get_reference(ctx, none));
    assert_null(ouse_get_reference(ctx, ouse_s("/north")));
    memset(deep, 'c', sizeof deep);
    memcpy(deep + sizeof deep - 3, "/x", 3);
    assert_null(ouse_get_reference(ctx, ouse_s(deep)));
    assert_true(ouse_is(ouse_reference_to(slash, "hubs"), "north"));
    assert_null(ouse_reference_to(slash, "hub").p);
    assert_null(ouse_reference_to(bare, "north").p);
    assert_null(ouse_reference_to(none, "hubs").p);
}

static void test_a_rule_runs_without_a_server(void **state)
{
    ouse_rc rc = ouse_fail(ctx, OUSE_E_CONFLICT, "/amount", "over", "%d is over %d", 3, 2);
    (void)state;
    assert_int_equal(rc, OUSE_E_CONFLICT);
    assert_string_equal(fake.asked, "70 /amount over: 3 is over 2");
    assert_int_equal(ouse_today(ctx), 19999);
}

static void test_the_prefix_is_frozen(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct ouse_abi), 16);
    assert_int_equal(offsetof(struct ouse_abi, magic), 0);
    assert_int_equal(offsetof(struct ouse_abi, major), 4);
    assert_int_equal(offsetof(struct ouse_abi, minor), 6);
    assert_int_equal(offsetof(struct ouse_abi, size), 8);
    assert_int_equal(offsetof(struct ouse_abi, needs_minor), 12);
    assert_int_equal(offsetof(struct ouse_abi, flags), 14);
    assert_int_equal(offsetof(struct ouse_plugin, abi), 0);
    assert_memory_equal(&(uint32_t){OUSE_ABI_MAGIC}, "OUSE", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_one_of_several_words),
        cmocka_unit_test(test_a_date_is_before_another_when_all_of_it_is),
        cmocka_unit_test(test_terms_overlap_when_they_surely_do),
        cmocka_unit_test(test_every_amount_of_pence_comes_back),
        cmocka_unit_test(test_only_a_number_is_an_amount),
        cmocka_unit_test(test_picking_members),
        cmocka_unit_test(test_references_to_any_collection),
        cmocka_unit_test(test_a_rule_runs_without_a_server),
        cmocka_unit_test(test_the_prefix_is_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
