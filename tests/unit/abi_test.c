/* abi: what the public headers compile into a plugin, and so nobody can mend in it
 * afterwards, against a host of the test's own. The host knows one kind of document: a
 * flat object of texts and numbers, by name. */
#include <ouse/plugin.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

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
                                      .doc_number = number,
                                      .doc_kind = kind,
                                      .doc_member = member,
                                      .doc_as_number = as_number,
                                      .doc_set = set,
                                      .now = now};

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
        cmocka_unit_test(test_every_amount_of_pence_comes_back),
        cmocka_unit_test(test_only_a_number_is_an_amount),
        cmocka_unit_test(test_picking_members),
        cmocka_unit_test(test_references_to_any_collection),
        cmocka_unit_test(test_a_rule_runs_without_a_server),
        cmocka_unit_test(test_the_prefix_is_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
