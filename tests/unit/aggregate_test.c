/* Records counted and summed against a model: the same groups as by looking at every record in memory. Many
 * records are alike and some are only almost so: written otherwise, in many groups, too long to remember. */
#include "base/json.h"
#include "features/aggregate/aggregate.h"
#include "record/internal.h"
#include "record_fixture.h"
#include "text_order.h"

enum { RECORDS = 400, TAGS = 12, GROUPS = 4000 };

static const struct ouse_field thing_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_INDEXED},
    {.name = "kind", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "small large"},
    {.name = "live", .type = OUSE_BOOL, .flags = OUSE_INDEXED},
    {.name = "price", .type = OUSE_MONEY, .flags = OUSE_INDEXED},
    {.name = "size", .type = OUSE_INT, .flags = OUSE_INDEXED},
    {.name = "tags", .type = OUSE_LIST, .flags = OUSE_INDEXED},
    {.name = "aims", .type = OUSE_LIST, .flags = OUSE_INDEXED},
};
enum { NAME, KIND, LIVE, PRICE, SIZE, LABELS, AIMS };
static const struct ouse_collection things = {.name = "things",
                                              .singular = "thing",
                                              .version = 1,
                                              .label_field = "name",
                                              .fields = OUSE_ROWS(thing_fields)};

/* ---- Records, by chance from a seed --------------------------------------------------- */

static uint64_t seed = 20241122;

static uint32_t chance(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

/* A few of the same, or more than are remembered, or long ones. */
static cJSON *any_tags(void)
{
    static const char *const lengthy =
        "that is said in so many words that hardly any other fits in beside it when "
        "what records had is remembered";
    static const uint32_t masks[] = {0x3ff, 0xc00, 0xc01};
    uint32_t mask = chance(4) ? 1u << chance(4) | 1u << chance(4) : masks[chance(3)];
    cJSON *tags = cJSON_CreateArray();
    for (uint32_t i = 0; i < TAGS; i++)
        if (mask >> i & 1)
            cJSON_AddItemToArray(
                tags, cJSON_CreateString(arena_printf(&f.arena, "tag-%u %s", i, i > 9 ? lengthy : "").p));
    return tags;
}

static cJSON *any_record(void)
{
    static const char *const names[] = {"Ann", "ann", "ANN", "Zoë", "zoë", "say \"so\"", "a\\b", "b"};
    cJSON *record = cJSON_CreateObject();
    if (chance(6))
        cJSON_AddStringToObject(record, "name", names[chance(8)]);
    if (chance(6))
        cJSON_AddStringToObject(record, "kind", chance(3) ? "small" : "large");
    if (chance(6))
        cJSON_AddBoolToObject(record, "live", (int)chance(2));
    if (chance(6))
        cJSON_AddNumberToObject(record, "price", chance(2) ? chance(12) : ((double)chance(400) - 200) / 100);
    if (chance(6))
        cJSON_AddNumberToObject(record, "size", (double)chance(24) - 12);
    if (chance(6))
        cJSON_AddItemToObject(record, "tags", any_tags());
    return json_keep(&f.arena, record);
}

static cJSON *records[RECORDS];

static const char *print(const cJSON *value)
{
    struct buffer out;
    buffer_init(&out, UINT32_MAX);
    json_print(&out, value);
    const char *text = arena_copy(&f.arena, buffer_view(&out)).p;
    buffer_finish(&out);
    return text;
}

/* Ids are in the order of the records. */
static void fill(void)
{
    const struct ouse_collection *all[] = {&things};
    struct step *steps = arena_zero(&f.arena, (RECORDS + 1) * sizeof *steps);
    close_register();
    assert_ok(open_with(all, 1, NULL, 0));
    for (uint32_t i = 0; i < RECORDS; i++) {
        records[i] = any_record();
        steps[i] = (struct step){CREATE, "things", arena_printf(&f.arena, "thing-%03u", i).p,
                                 print(records[i]), NULL};
    }
    assert_ok(change(steps));
}

/* ---- The model ------------------------------------------------------------------------ */

struct group {
    const char *called;               /* by its values, as they are folded */
    const char *values[TALLY_FIELDS]; /* of the first record of it; NULL: nothing */
    uint64_t count, known[TALLY_FIELDS];
    int64_t sums[TALLY_FIELDS];
};

static struct group groups[GROUPS];
static uint32_t n_groups;

/* As an index does it, as far as names go. */
static const char *fold(const char *text)
{
    char *folded = (char *)(uintptr_t)arena_copy(&f.arena, ouse_s(text)).p;
    for (char *at = folded; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    return folded;
}

static struct group *group_of(const char *called, const char *const *values)
{
    uint32_t i = 0;
    while (i < n_groups && strcmp(groups[i].called, called) != 0)
        i++;
    assert_true(i < GROUPS);
    if (i == n_groups) {
        groups[n_groups++] = (struct group){.called = called};
        memcpy(groups[i].values, values, sizeof groups[i].values);
    }
    return &groups[i];
}

static void add_to(struct group *group, const cJSON *record, const struct tally *tally)
{
    group->count++;
    for (uint32_t i = 0; i < tally->n_sums; i++) {
        const cJSON *number = json_member(record, tally->sums[i]->is.name);
        int64_t unit = tally->sums[i]->is.type == OUSE_MONEY ? 100 : 1;
        group->known[i] += number != NULL;
        group->sums[i] +=
            number ? (int64_t)(number->valuedouble * (double)unit + (number->valuedouble < 0 ? -0.5 : 0.5))
                   : 0;
    }
}

/* Every combination of values, from the i-th field on. */
static void add_groups(const cJSON *record, const struct tally *tally, uint32_t i, const char *called,
                       const char **values)
{
    if (i == TALLY_FIELDS || i == tally->n_by) {
        add_to(group_of(called, values), record, tally);
        return;
    }
    const cJSON *value = json_member(record, tally->by[i]->is.name);
    const cJSON *at = cJSON_IsArray(value) ? value->child : value;
    do {
        values[i] = at ? print(at) : NULL;
        add_groups(record, tally, i + 1, arena_printf(&f.arena, "%s|%s", called, at ? fold(values[i]) : "").p,
                   values);
        at = at && cJSON_IsArray(value) ? at->next : NULL;
    } while (at);
}

static const char *called(const struct tally *tally, const struct tally_row *row)
{
    const char *all = "";
    for (uint32_t i = 0; i < tally->n_by; i++)
        all = arena_printf(&f.arena, "%s|%s", all, row->values[i].p ? fold(row->values[i].p) : "").p;
    return all;
}

/* The text of a JSON string. */
static const char *unquoted(struct ouse_str json_text)
{
    return arena_copy(&f.arena, (struct ouse_str){json_text.p + 1, json_text.n - 2}).p;
}

/* Whether a row is after another: by its values, of which nothing comes last. */
static int is_after(const struct tally *tally, const struct tally_row *before, const struct tally_row *row)
{
    for (uint32_t i = 0; i < tally->n_by; i++) {
        struct ouse_str a = before->values[i], b = row->values[i];
        int order = !a.p - !b.p;
        if (!order && a.p)
            order = schema_orders_text(tally->by[i]) ? text_order(unquoted(a), unquoted(b))
                                                     : key_order(before->entries[i], row->entries[i]);
        if (order)
            return order < 0;
    }
    return 0;
}

static void compare(const struct tally *tally)
{
    n_groups = 0;
    for (uint32_t i = 0; i < RECORDS; i++)
        add_groups(records[i], tally, 0, "", (const char *[TALLY_FIELDS]){NULL});
    assert_int_equal(tally->n_rows, n_groups);
    for (uint32_t i = 0; i < tally->n_rows; i++) {
        const struct tally_row *row = tally->rows[i];
        const struct group *group = group_of(called(tally, row), groups[0].values);
        assert_int_equal(n_groups, tally->n_rows); /* it was there */
        assert_true(i == 0 || is_after(tally, tally->rows[i - 1], row));
        for (uint32_t k = 0; k < tally->n_by; k++)
            assert_true(group->values[k] ? row->values[k].p && strcmp(group->values[k], row->values[k].p) == 0
                                         : !row->values[k].p);
        assert_int_equal(row->count, group->count);
        assert_memory_equal(row->known, group->known, sizeof row->known);
        assert_memory_equal(row->sums, group->sums, sizeof row->sums);
    }
}

/* ---- Questions -------------------------------------------------------------------------- */

struct leave {
    uint32_t asked;
    ouse_rc answer;
};

static ouse_rc ask_leave(void *arg)
{
    struct leave *leave = arg;
    leave->asked++;
    return leave->answer;
}

static ouse_rc tally_things(struct leave *leave, uint64_t steps, struct tally *tallies, uint32_t n)
{
    const struct tally_leave asks = {ask_leave, leave};
    struct query query;
    struct txn *txn;
    query_init(&query, find("things"), OUSE_MANAGER);
    query.steps = steps;
    problem_init(&f.problem, &f.arena);
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    ouse_rc rc = query_tally(txn, &query, &f.arena, tallies, n, &asks, &f.problem);
    txn_end(txn);
    return rc;
}

static const struct field *field(int which)
{
    return &find("things")->fields[which];
}

static void counts_and_sums_are_those_of_the_model(void **state)
{
    (void)state;
    fill();
    struct tally tallies[] = {
        {.n_by = 0},
        {.by = {field(NAME)}, .n_by = 1},
        {.by = {field(LABELS)}, .n_by = 1},
        {.by = {field(PRICE)}, .n_by = 1},
        {.by = {field(KIND), field(LIVE)}, .n_by = 2},
        {.by = {field(SIZE), field(PRICE)}, .n_by = 2},
        {.by = {field(LABELS), field(NAME), field(SIZE)}, .n_by = 3},
        {.by = {field(AIMS)}, .n_by = 1},
    };
    uint32_t n = sizeof tallies / sizeof *tallies;
    for (uint32_t i = 0; i < n; i++) {
        tallies[i].sums[0] = field(PRICE);
        tallies[i].sums[1] = field(SIZE);
        tallies[i].n_sums = 2;
    }
    struct leave leave = {0, OUSE_OK};
    assert_ok(tally_things(&leave, RECORDS / 3, tallies, n));
    assert_int_equal(leave.asked, 1);
    for (uint32_t i = 0; i < n; i++)
        compare(&tallies[i]);
}

/* Leave is asked once where the steps of the query do not do, and nothing is counted without it. */
static void what_is_large_asks_for_leave(void **state)
{
    struct leave leave = {0, OUSE_OK};
    (void)state;
    fill();
    struct tally tally = {.by = {field(KIND)}, .n_by = 1};
    assert_ok(tally_things(&leave, 10 * RECORDS, &tally, 1));
    assert_int_equal(leave.asked, 0);
    leave.answer = OUSE_E_BUSY;
    tally = (struct tally){.by = {field(KIND)}, .n_by = 1};
    assert_int_equal(tally_things(&leave, RECORDS / 3, &tally, 1), OUSE_E_BUSY);
    assert_int_equal(leave.asked, 1);
}

/* One record does, with two lists. */
static void too_many_values_are_refused(void **state)
{
    struct leave leave = {0, OUSE_OK};
    const char *tags = "", *aims = "";
    (void)state;
    fill();
    for (uint32_t i = 0; i < TALLY_ROWS / 100 + 1; i++) {
        tags = arena_printf(&f.arena, "%s%s\"tag %u\"", tags, i ? "," : "", i).p;
        aims = i < 100 ? arena_printf(&f.arena, "%s%s\"aim %u\"", aims, i ? "," : "", i).p : aims;
    }
    assert_ok(
        one(CREATE, "things", "all", arena_printf(&f.arena, "{\"tags\":[%s],\"aims\":[%s]}", tags, aims).p));
    struct tally tally = {.by = {field(LABELS), field(AIMS)}, .n_by = 2};
    assert_refused(tally_things(&leave, 10 * RECORDS, &tally, 1), OUSE_E_REQUEST,
                   "more than 10000 different values");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_and_sums_are_those_of_the_model),
        TEST(what_is_large_asks_for_leave),
        TEST(too_many_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
