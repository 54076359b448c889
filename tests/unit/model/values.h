/* values: what fields may hold: some good values of each type, and some bad ones.
 *
 * A good value has its place among the others of its type, from `least` to `most`:
 * a partial date and a quantity are spans. Values of one place are equal, whatever
 * their spelling; texts are in the order of text_order.h all the same. So the model
 * needs no code of the register to compare.
 */
#ifndef TESTS_MODEL_VALUES_H
#define TESTS_MODEL_VALUES_H

#include "base/json.h"
#include <ouse/plugin.h>

struct sample {
    const char *json, *said; /* `said`: as a filter has it, where one can */
    int least, most;
    cJSON *value;
};

#define ENDLESS 10000
#define LONG_TEXT                                                                                          \
    "annexe of a hundred and twenty bytes, of which an index keeps the beginning alone and a hash of the " \
    "rest"                                                                                                 \
    " so that it has a place"
#define SAMPLES 9
#define BADS    5

/* Dates and partial dates have one scale, as one may have to be after the other. */
static struct {
    struct sample good[SAMPLES];
    const char *bad[BADS];
    cJSON *wrong[BADS];
} samples[OUSE_SERIES + 1] = {
    [OUSE_TEXT] = {{{"\"a b\"", "a b", 1, 1, 0},
                    {"\"Ann\"", "Ann", 2, 2, 0},
                    {"\"aNN\"", "ann", 2, 2, 0},
                    {"\"" LONG_TEXT "\"", LONG_TEXT, 3, 3, 0},
                    {"\"Bob\"", "bob", 4, 4, 0},
                    {"\"zoë\"", "ZOË", 5, 5, 0},
                    {"\"ZOË\"", "Zoë", 5, 5, 0}},
                   {"\"\"", "5", "[\"a\"]", "\"a\\u0007\""},
                   {0}},
    [OUSE_LONG] = {{{"\"One.\\nTwo.\"", NULL, 0, 0, 0}, {"\"Three\"", NULL, 0, 0, 0}},
                   {"\"\"", "1", "\" \\n\"", "{}"},
                   {0}},
    [OUSE_ENUM] = {{{"\"shut\"", "shut", 2, 2, 0},
                    {"\"draft\"", "draft", 0, 0, 0},
                    {"\"open\"", "open", 1, 1, 0}},
                   {"\"ajar\"", "\"\"", "1", "true"},
                   {0}},
    [OUSE_BOOL] = {{{"true", "true", 1, 1, 0}, {"false", "false", 0, 0, 0}}, {"\"true\"", "1", "[]"}, {0}},
    [OUSE_INT] = {{{"7", "7", 7, 7, 0},
                   {"-5", "-5", -5, -5, 0},
                   {"0", "0", 0, 0, 0},
                   {"1e1", "10", 10, 10, 0},
                   {"9007199254740991", "9007199254740991", 99, 99, 0}},
                  {"1.5", "\"5\"", "9007199254740992", "{}"},
                  {0}},
    [OUSE_MONEY] = {{{"0.1", "0.10", 1, 1, 0},
                     {"0.10", "0.1", 1, 1, 0},
                     {"1234.56", "1234.56", 5, 5, 0},
                     {"-2", "-2.00", -2, -2, 0},
                     {"10000000000000", "1e13", 99, 99, 0}},
                    {"1.005", "\"1\"", "1e14", "[1]"},
                    {0}},
    [OUSE_DATE] = {{{"\"2023-12-31\"", "2023-12-31", 99, 99, 0},
                    {"\"2024-02-29\"", "2024-02-29", 119, 119, 0},
                    {"\"2024-03-01\"", "2024-03-01", 120, 120, 0},
                    {"\"2025-01-01\"", "2025-01-01", 200, 200, 0}},
                   {"\"2023-02-29\"", "\"2024\"", "20240101", "\"\""},
                   {0}},
    [OUSE_PDATE] = {{{"\"2023\"", "2023", 0, 99, 0},
                     {"\"2024\"", "2024", 100, 199, 0},
                     {"\"2024-02\"", "2024-02", 110, 119, 0},
                     {"\"2024-02-29\"", "2024-02-29", 119, 119, 0},
                     {"\"2025-01-01\"", "2025-01-01", 200, 200, 0}},
                    {"\"2024-13\"", "2024", "\"24\"", "\"2023-02-29\""},
                    {0}},
    [OUSE_QTY] = {{{"{\"value\":5}", "5", 50, 50, 0},
                   {"{\"value\":5,\"unit\":\"people\"}", "5.0", 50, 50, 0},
                   {"{\"value\":5,\"qualifier\":\"over\"}", NULL, 50, ENDLESS, 0},
                   {"{\"value\":7,\"qualifier\":\"under\"}", NULL, -ENDLESS, 70, 0},
                   {"{\"min\":2,\"max\":7,\"qualifier\":\"approx\"}", NULL, 20, 70, 0},
                   {"{\"value\":2,\"qualifier\":\"approx\"}", NULL, 20, 20, 0},
                   {"{\"value\":-1.5}", "-1.5", -15, -15, 0}},
                  {"{}", "{\"value\":1,\"min\":0}", "5", "{\"min\":2,\"max\":1}",
                   "{\"value\":1,\"colour\":\"red\"}"},
                  {0}},
    [OUSE_URL] = {{{"\"http://example.org/\"", "http://example.org/", 1, 1, 0},
                   {"\"https://example.org/\"", "https://example.org/", 2, 2, 0},
                   {"\"https://example.org/a\"", "https://example.org/A", 3, 3, 0}},
                  {"\"ftp://example.org/\"", "\"example.org\"", "1", "\"\""},
                  {0}},
    [OUSE_EMAIL] = {{{"\"ann@example.org\"", "Ann@example.org", 1, 1, 0},
                     {"\"ANN@example.org\"", "ann@example.org", 1, 1, 0},
                     {"\"bob@example.org\"", "bob@example.org", 2, 2, 0}},
                    {"\"ann\"", "\"@\"", "1", "\"\""},
                    {0}},
    [OUSE_REF] = {.bad = {"\"No such id\"", "7", "\"\"", "[\"r1\"]"}},
    [OUSE_REFS] = {.bad = {"\"r1\"", "[\"No such id\"]", "[7]"}},
    [OUSE_LIST] = {.bad = {"\"a\"", "[\"\"]", "[1]"}},
    [OUSE_IDS] =
        {{{"{\"scheme\":\"ods\",\"value\":\"RWK\"}", "ods:RWK", 1, 1, 0},
          {"{\"scheme\":\"ods\",\"value\":\"RT1\"}", "ods:RT1", 2, 2, 0},
          {"{\"scheme\":\"orcid\",\"value\":\"0000-0002-1825-0097\"}", "orcid:0000-0002-1825-0097", 3, 3, 0},
          {"{\"scheme\":\"orcid\",\"value\":\"0000-0002-1694-233X\"}", "orcid:0000-0002-1694-233X", 4, 4, 0}},
         {"[{\"scheme\":\"ods\"}]", "[{\"scheme\":\"orcid\",\"value\":\"0000-0002-1825-0098\"}]",
          "[{\"scheme\":\"ror\",\"value\":\"00pjdza24\"}]",
          "[{\"scheme\":\"ods\",\"value\":\"A1\"},{\"scheme\":\"ods\",\"value\":\"A2\"}]"},
         {0}},
    [OUSE_SERIES] = {{{"[{\"on\":\"2024\",\"value\":1.5}]", NULL, 0, 0, 0},
                      {"[{\"on\":\"2023-05\",\"value\":1},{\"on\":\"2024\",\"value\":-2}]", NULL, 0, 0, 0}},
                     {"[{\"on\":\"2024\"}]",
                      "[{\"on\":\"2024\",\"value\":1},{\"on\":\"2024-01\",\"value\":1}]"},
                     {0}},
};

/* ---- Chance, from a seed ------------------------------------------------------- */

static uint64_t luck;

static void sow(uint64_t seed)
{
    luck = (seed + 1) * 0x9e3779b97f4a7c15u;
}

static uint32_t chance(uint32_t n)
{
    luck ^= luck << 13;
    luck ^= luck >> 7;
    luck ^= luck << 17;
    return (uint32_t)(luck >> 33) % n;
}

/* ---- Tables ------------------------------------------------------------------------ */

static int is_list(const struct ouse_field *field)
{
    return field->type == OUSE_REFS || field->type == OUSE_LIST || field->type == OUSE_IDS;
}

static int is_reference(const struct ouse_field *field)
{
    return field->type == OUSE_REF || field->type == OUSE_REFS;
}

/* Whether values of one place may have an order. */
static int is_text(const struct ouse_field *field)
{
    return field->type == OUSE_TEXT || field->type == OUSE_URL || field->type == OUSE_EMAIL ||
           (field->type == OUSE_LIST && !field->choices);
}

/* The values of a field's type, or of the entries of its list. */
static const struct sample *good(const struct ouse_field *field, uint32_t *n)
{
    uint32_t type = field->type != OUSE_LIST ? field->type : field->choices ? OUSE_ENUM : OUSE_TEXT;
    const struct sample *at = samples[type].good;
    for (*n = 0; *n < SAMPLES && at[*n].json; ++*n)
        ;
    return at;
}

static const struct sample *any_good(const struct ouse_field *field)
{
    uint32_t n;
    const struct sample *at = good(field, &n);
    return &at[chance(n)];
}

/* What a value (an entry, of a list) is among the good ones. */
static const struct sample *sample_of(const struct ouse_field *field, const cJSON *value)
{
    uint32_t n;
    const struct sample *at = good(field, &n);
    for (uint32_t i = 0; i < n; i++)
        if (json_equal(at[i].value, value))
            return &at[i];
    return NULL;
}

static const char *any_bad(const struct ouse_field *field)
{
    uint32_t n = 0;
    while (n < BADS && samples[field->type].bad[n])
        n++;
    return samples[field->type].bad[chance(n)];
}

static int is_bad(const struct ouse_field *field, const cJSON *value)
{
    for (uint32_t i = 0; i < BADS && samples[field->type].bad[i]; i++)
        if (json_equal(samples[field->type].wrong[i], value))
            return 1;
    return 0;
}

static void read_samples(void)
{
    for (uint32_t type = 1; type <= OUSE_SERIES; type++) {
        for (uint32_t i = 0; i < SAMPLES && samples[type].good[i].json; i++)
            samples[type].good[i].value = cJSON_Parse(samples[type].good[i].json);
        for (uint32_t i = 0; i < BADS && samples[type].bad[i]; i++)
            samples[type].wrong[i] = cJSON_Parse(samples[type].bad[i]);
    }
}

static void forget_samples(void)
{
    for (uint32_t type = 1; type <= OUSE_SERIES; type++) {
        for (uint32_t i = 0; i < SAMPLES; i++)
            cJSON_Delete(samples[type].good[i].value);
        for (uint32_t i = 0; i < BADS; i++)
            cJSON_Delete(samples[type].wrong[i]);
    }
}

#endif
