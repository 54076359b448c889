/* Lists against a model: random records, random questions, and the same answer as
 * looking at every record in memory; a page at a time, with few steps a page; as the
 * records are, and as they were at instants of the past. */
#include "record_fixture.h"
#include "text_order.h"

enum { FEW = 250, MANY = 4500, VALUES = 3 };

static const struct ouse_field place_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_INDEXED | OUSE_SEARCHABLE},
    {.name = "secret", .type = OUSE_INT, .flags = OUSE_INDEXED, .visibility = OUSE_OFFICE},
    {.name = "region", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "north south"},
};
static const struct ouse_field thing_fields[] = {
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_INDEXED},
    {.name = "state", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "draft open shut"},
    {.name = "live", .type = OUSE_BOOL, .flags = OUSE_INDEXED},
    {.name = "size", .type = OUSE_INT, .flags = OUSE_INDEXED},
    {.name = "price", .type = OUSE_MONEY, .flags = OUSE_INDEXED},
    {.name = "starts", .type = OUSE_PDATE, .flags = OUSE_INDEXED},
    {.name = "reach", .type = OUSE_QTY, .flags = OUSE_INDEXED},
    {.name = "tags", .type = OUSE_LIST, .flags = OUSE_INDEXED},
    {.name = "place", .type = OUSE_REF, .refers_to = "places"},
    {.name = "near", .type = OUSE_REFS, .flags = OUSE_INDEXED, .refers_to = "places"},
    {.name = "of", .type = OUSE_REF, .refers_to = "places things"},
    {.name = "note", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE},
    {.name = "story", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE},
    {.name = "aims", .type = OUSE_LIST, .flags = OUSE_SEARCHABLE},
    {.name = "hush", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE, .visibility = OUSE_OFFICE},
};
enum { PLAIN = 11, SEARCHED = 4, FIELDS = PLAIN + SEARCHED };
/* In the model members of the record, as ms. */
static const struct ouse_field time_fields[] = {{.name = "created"}, {.name = "updated"}};
static const struct ouse_collection places = {.name = "places",
                                              .singular = "place",
                                              .version = 1,
                                              .label_field = "name",
                                              .fields = OUSE_ROWS(place_fields)};
static const struct ouse_collection things = {.name = "things",
                                              .singular = "thing",
                                              .version = 1,
                                              .label_field = "name",
                                              .fields = OUSE_ROWS(thing_fields)};

/* ---- Chance, from a seed ------------------------------------------------------- */

static uint64_t seed = 20240229;

static uint32_t chance(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static const char *text(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str made = arena_vprintf(&f.arena, format, args);
    va_end(args);
    return made.p;
}

/* Near the times that the clock gives. */
static const char *any_instant(void)
{
    char instant[CLOCK_TEXT];
    clock_format(see("things", text("thing-%u", chance(FEW)), OUSE_MANAGER).updated, instant);
    if (chance(2))
        return text("%.19sZ", instant); /* a second, */
    if (chance(2))
        instant[chance(2) ? 10 : 7] = 0; /* a day, a month, or a millisecond */
    return text("%s", instant);
}

static const char *any_date(void)
{
    uint32_t kind = chance(3), year = 2020 + chance(3), month = 1 + chance(12);
    return kind == 0   ? text("%u", year)
           : kind == 1 ? text("%u-%02u", year, month)
                       : text("%u-%02u-%02u", year, month, 1 + chance(28));
}

/* Few words that are in many records, many that are in few. */
static const char *any_words(void)
{
    static const char *const words[] = {"care", "Carers", "the", "elder", "ELDERS", "hub", "zoë"};
    const char *all = "";
    for (uint32_t n = 1 + chance(3); n > 0; n--)
        all =
            text("%s%s%s", all, *all ? " " : "", chance(3) ? words[chance(7)] : text("rare%u", chance(900)));
    return all;
}

/* A value of a field as text, as a query has it. */
static const char *any_value(const char *name)
{
#define ALIKE                                                                                             \
    "a name that is longer than the entries of an index are, as those of some committees and boards are " \
    "in the places that "

    static const char *const words[] = {"Ann", "ann",     "anna",    "Bob",     "b",        "zoë",
                                        "ZOË", "a-b",     "x y",     "ANN",     "Ånn",      "zoe\u0308",
                                        "Zoe", "Strasse", "STRASSE", "straße",  "strassé",  "か",
                                        "カ",  ALIKE "x", ALIKE "y", ALIKE "X", ALIKE "yes"};
    static const char *const states[] = {"draft", "open", "shut"};
    switch (*name) {
    case 'c':
    case 'u':
        return any_instant();
    case 'n':
        return strcmp(name, "near") == 0 ? text("place-%u", chance(8))
                                         : words[chance(sizeof words / sizeof *words)];
    case 's':
        return strcmp(name, "state") == 0    ? states[chance(10) ? 1 : chance(3)]
               : strcmp(name, "starts") == 0 ? any_date()
                                             : text("%d", (int)chance(40) - 20);
    case 'l':
        return chance(2) ? "true" : "false";
    case 'r':
        return strcmp(name, "region") == 0 ? (chance(2) ? "north" : "south") : text("%u", chance(9) * 10);
    case 'p':
        return strcmp(name, "place") == 0 ? text("place-%u", chance(8))
                                          : text("%u.%02u", chance(4), chance(4));
    case 't':
        return text("tag-%u", chance(6));
    default:
        return chance(2) ? text("places/place-%u", chance(8)) : "things/thing-0";
    }
}

static const char *any_json(const struct ouse_field *field)
{
    const char *value = field->flags & OUSE_SEARCHABLE && strcmp(field->name, "name") != 0
                            ? any_words()
                            : any_value(field->name);
    switch (field->type) {
    case OUSE_BOOL:
    case OUSE_INT:
    case OUSE_MONEY:
        return value;
    case OUSE_QTY:
        return chance(2) ? text("{\"value\":%s,\"qualifier\":\"%s\"}", value, chance(2) ? "over" : "under")
                         : text("{\"min\":%s,\"max\":%u,\"qualifier\":\"range\"}", value, 80 + chance(9));
    case OUSE_LIST:
    case OUSE_REFS:
        return text("[\"%s\",\"%s\"]", value, field->type == OUSE_LIST ? "tag-x" : "place-9");
    default:
        return text("\"%s\"", value);
    }
}

static const char *any_record(const struct ouse_field *fields, size_t n)
{
    const char *all = "{";
    for (size_t i = 0; i < n; i++)
        if (chance(5))
            all = text("%s%s\"%s\":%s", all, all[1] ? "," : "", fields[i].name, any_json(&fields[i]));
    return text("%s}", all);
}

/* ---- The model -------------------------------------------------------------------- */

static struct {
    const char *id[MANY];
    cJSON *record[MANY];
    uint32_t n;
    cJSON *place[10];
    int64_t as_of; /* the instant that all this is of; 0: as it is */
} model;

/* Steps in sets of some, each at a time of its own. */
static void take_all(const struct step *steps, uint32_t n)
{
    enum { SET = 25 };
    for (uint32_t at = 0; at < n; at += SET) {
        struct step set[SET + 1] = {{.op = END}};
        memcpy(set, steps + at, (n - at < SET ? n - at : SET) * sizeof *set);
        if (change(set))
            fail_msg("%s", told());
    }
}

static void add_times(cJSON *model_of, const struct record *record)
{
    cJSON_AddNumberToObject(model_of, "created", (double)record->created);
    cJSON_AddNumberToObject(model_of, "updated", (double)record->updated);
}

/* Changes some, so that times of update have another order than those of making. */
static void touch(uint32_t n)
{
    struct step *steps = arena_zero(&f.arena, n * sizeof *steps);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t one = chance(model.n);
        const char *note = text("%s %u", any_words(), i);
        steps[i] = (struct step){PATCH, "things", model.id[one], text("{\"note\":\"%s\"}", note), NULL};
        cJSON_DeleteItemFromObjectCaseSensitive(model.record[one], "note");
        cJSON_AddStringToObject(model.record[one], "note", note);
    }
    take_all(steps, n);
    for (uint32_t i = 0; i < model.n; i++) {
        struct record record = see("things", model.id[i], OUSE_MANAGER);
        add_times(model.record[i], &record);
    }
}

static void fill(uint32_t n)
{
    struct step *steps = arena_zero(&f.arena, (n + 11) * sizeof *steps), *step = steps;
    memset(&model, 0, sizeof model);
    for (uint32_t i = 0; i < 10; i++) {
        const char *record = any_record(place_fields, 3);
        model.place[i] = json(record);
        *step++ = (struct step){CREATE, "places", text("place-%u", i), record, NULL};
    }
    for (; model.n < n; model.n++) {
        const char *record = model.n ? any_record(thing_fields, FIELDS) : "{\"state\":\"open\"}";
        const char *id = model.id[model.n] = text("thing-%u", model.n);
        model.record[model.n] = json(record);
        *step++ = (struct step){CREATE, "things", id, record, NULL};
    }
    take_all(steps, n + 10);
    touch(n / 2);
}

/* What a value may be, at the least and at the most: numbers, or text as it is and as it is folded. */
struct value {
    double least, most;
    const char *said;
    char text[160];
};

static void fold(const char *said, char *folded)
{
    static const char *const pairs[][2] = {{"Ë", "ë"}, {"e\u0308", "ë"}, {"Å", "å"}, {"ß", "ss"}, {"É", "é"}};
    while (*said) {
        size_t i = 0, n = sizeof pairs / sizeof *pairs;
        while (i < n && strncmp(said, pairs[i][0], strlen(pairs[i][0])) != 0)
            i++;
        if (i < n) {
            folded = stpcpy(folded, pairs[i][1]);
            said += strlen(pairs[i][0]);
        } else {
            *folded++ = (char)(*said >= 'A' && *said <= 'Z' ? *said + 32 : *said);
            said++;
        }
    }
    *folded = 0;
}

static struct value value_of(const struct ouse_field *field, const cJSON *json_value, const char *of)
{
    struct value value = {0};
    int32_t first, last;
    int64_t from, to;
    const char *said = of ? of : json_value->valuestring;
    if (!field->type && of) {
        assert_int_equal(schema_instants(ouse_s(of), &from, &to), 0);
        value.least = (double)from;
        value.most = (double)to;
    } else if (!field->type) {
        value.least = value.most = json_value->valuedouble;
    } else if (field->type == OUSE_PDATE) {
        assert_int_equal(schema_span(ouse_s(said), &first, &last), 0);
        value.least = first;
        value.most = last;
    } else if (field->type == OUSE_QTY && !of) {
        const cJSON *one = json_member(json_value, "value");
        int over = ouse_is(json_text(json_member(json_value, "qualifier")), "over");
        value.least = one ? (over ? one->valuedouble : -1e300) : json_member(json_value, "min")->valuedouble;
        value.most = one ? (over ? 1e300 : one->valuedouble) : json_member(json_value, "max")->valuedouble;
    } else if (field->type == OUSE_ENUM) {
        value.least = value.most = (double)(strstr(field->choices, said) - field->choices);
    } else if (field->type == OUSE_BOOL) {
        value.least = value.most = of ? strcmp(of, "true") == 0 : cJSON_IsTrue(json_value);
    } else if (field->type == OUSE_INT || field->type == OUSE_MONEY || field->type == OUSE_QTY) {
        value.least = value.most = of ? atof(of) : json_value->valuedouble;
    } else {
        fold(said, value.text);
        if (field->type == OUSE_TEXT || field->type == OUSE_LIST)
            value.said = said;
    }
    return value;
}

/* References are in the order of their bytes. */
static int compare_said(const struct value *a, const struct value *b)
{
    return a->said ? text_order(a->said, b->said) : strcmp(a->text, b->text);
}

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* The values of a field, one by one: *at begins as NULL. */
static int next_value(const struct ouse_field *field, const cJSON *record, const cJSON **at,
                      struct value *value)
{
    const cJSON *member = json_member(record, field->name);
    int list = field->type == OUSE_LIST || field->type == OUSE_REFS;
    *at = !*at ? (list && member ? member->child : member) : list ? (*at)->next : NULL;
    if (*at)
        *value = value_of(field, *at, NULL);
    return *at != NULL;
}

struct question {
    const struct ouse_field *field, *through; /* no field: words in all that are searched */
    const char *op, *value;
};

static int holds(const struct question *q, const struct ouse_field *field, const struct value *is,
                 const char *said)
{
    struct value v = value_of(field, NULL, said);
    int order = strcmp(is->text, v.text) == 0 ? 0 : compare_said(is, &v);
    if (strcmp(q->op, "lt") == 0)
        return is->most < v.least || order < 0;
    if (strcmp(q->op, "lte") == 0)
        return is->most <= v.most && order <= 0;
    if (strcmp(q->op, "gt") == 0)
        return is->least > v.most || order > 0;
    if (strcmp(q->op, "gte") == 0)
        return is->least >= v.least && order >= 0;
    if (strcmp(q->op, "prefix") == 0)
        return strncmp(is->text, v.text, strlen(v.text)) == 0;
    if (!field->type) /* within it */
        return is->least >= v.least && is->most <= v.most;
    return is->least == v.least && is->most == v.most && strcmp(is->text, v.text) == 0;
}

static int answers_one(const struct question *q, const struct ouse_field *field, const cJSON *record)
{
    const cJSON *at = NULL;
    struct value value;
    int any = 0, all = 1, some = 0;
    const char *second = strchr(q->value, ',');
    while (next_value(field, record, &at, &value)) {
        int one = strcmp(q->op, "exists") == 0 ||
                  (strcmp(q->op, "in") == 0
                       ? holds(q, field, &value, text("%.*s", (int)(second - q->value), q->value)) ||
                             holds(q, field, &value, second + 1)
                       : holds(q, field, &value, q->value));
        some = 1;
        any |= one;
        all &= !one;
    }
    if (strcmp(q->op, "exists") == 0)
        return any == (strcmp(q->value, "true") == 0);
    return strcmp(q->op, "ne") == 0 ? some && all : any;
}

/* ---- Words -------------------------------------------------------------------------- */

/* Words of the tests: what lies between spaces, in lower case; without a final s. */
static void split(struct ouse_str all, ouse_word_fn fn, void *arg)
{
    for (uint32_t at = 0, to; at < all.n; at = to + 1) {
        char word[OUSE_WORD_MAX];
        uint32_t n;
        for (to = at; to < all.n && all.p[to] != ' '; to++)
            word[to - at] = (char)(all.p[to] >= 'A' && all.p[to] <= 'Z' ? all.p[to] + 32 : all.p[to]);
        n = to - at;
        uint32_t common = n == 3 && memcmp(word, "the", 3) == 0 ? OUSE_WORD_COMMON : 0;
        fn(arg, (struct ouse_str){word, n}, OUSE_WORD_BEGINS | common, at, to);
        fn(arg, (struct ouse_str){word, n - (n > 1 && word[n - 1] == 's')}, OUSE_WORD_WHOLE | common, at, to);
    }
}

/* The words of a text, in lower case and between spaces. */
static const char *spaced(const char *words)
{
    const char *all = text(" %s ", words);
    for (char *at = (char *)(uintptr_t)all; *at; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    return all;
}

static int has_word(const char *words, const char *word, int begins)
{
    size_t n = strlen(word), stem = n - (n > 1 && word[n - 1] == 's');
    const char *all = spaced(words);
    for (const char *at = all; (at = strchr(at, ' ')) && at[1]; at++) {
        size_t m = strcspn(at + 1, " ");
        if ((begins && strncmp(at + 1, word, n) == 0) ||
            (strncmp(at + 1, word, stem) == 0 && (m == stem || (m == stem + 1 && at[1 + stem] == 's'))))
            return 1;
    }
    return 0;
}

static int field_has_word(const struct ouse_field *field, const cJSON *record, const char *word, int begins)
{
    const cJSON *value = json_member(record, field->name);
    for (const cJSON *one = cJSON_IsArray(value) ? value->child : value; one;
         one = cJSON_IsArray(value) ? one->next : NULL)
        if (has_word(one->valuestring, word, begins))
            return 1;
    return 0;
}

static uint32_t role;

static int record_has_word(const struct question *q, const cJSON *record, const char *word, int begins)
{
    if (q->field)
        return field_has_word(q->through ? q->through : q->field, record, word, begins);
    for (uint32_t i = PLAIN; i < FIELDS; i++)
        if (thing_fields[i].visibility <= role && field_has_word(&thing_fields[i], record, word, begins))
            return 1;
    return 0;
}

/* Every word, but for "the" beside others; the last is a beginning. */
static int has_words(const struct question *q, const cJSON *record)
{
    const char *all = spaced(q->value);
    int only = strspn(all, "the ") == strlen(all);
    for (const char *at = all; (at = strchr(at, ' ')) && at[1]; at++) {
        const char *word = text("%.*s", (int)strcspn(at + 1, " "), at + 1);
        int last = at[1 + strlen(word) + 1] == 0;
        if ((only || strcmp(word, "the") != 0) && !record_has_word(q, record, word, last))
            return 0;
    }
    return 1;
}

static int answers(const struct question *q, const cJSON *record)
{
    int words = strcmp(q->op, "contains") == 0;
    const cJSON *target = q->through ? json_member(record, q->field->name) : record;
    if (q->through)
        target = target ? model.place[atoi(target->valuestring + strlen("place-"))] : NULL;
    return target &&
           (words ? has_words(q, target) : answers_one(q, q->through ? q->through : q->field, target));
}

struct asked {
    struct question questions[VALUES];
    uint32_t n;
    struct {
        const struct ouse_field *field;
        int descending;
    } orders[VALUES];
    uint32_t n_orders;
    const char *words;
};
static struct asked asked;

static int compare_values(const struct value *a, const struct value *b)
{
    int order = compare(a->least, b->least);
    if (!order)
        order = compare(a->most, b->most);
    return order ? order : compare_said(a, b);
}

static int leading(uint32_t i, uint32_t record, struct value *leads)
{
    const cJSON *at = NULL;
    struct value value;
    int some = 0;
    while (next_value(asked.orders[i].field, model.record[record], &at, &value)) {
        int order = some ? compare_values(&value, leads) : 0;
        if (!some++ || (asked.orders[i].descending ? order > 0 : order < 0))
            *leads = value;
    }
    return some;
}

static int compare_records(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    for (uint32_t i = 0; i < asked.n_orders; i++) {
        struct value of_x, of_y;
        int has_x = leading(i, x, &of_x), has_y = leading(i, y, &of_y), order;
        if (has_x != has_y)
            return has_y - has_x;
        order = has_x ? compare_values(&of_x, &of_y) : 0;
        if (order)
            return asked.orders[i].descending ? -order : order;
    }
    return strcmp(model.id[x], model.id[y]);
}

static uint32_t expected(uint32_t *found)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < model.n; i++) {
        int all = 1;
        for (uint32_t q = 0; q < asked.n && all; q++)
            all = answers(&asked.questions[q], model.record[i]);
        if (all)
            found[n++] = i;
    }
    qsort(found, n, sizeof *found, compare_records);
    return n;
}

/* ---- Asking ------------------------------------------------------------------------- */

static int takes(const struct ouse_field *field, const char *op)
{
    int reference = field->type == OUSE_REF || field->type == OUSE_REFS;
    if (!field->type)
        return *op != 'i' && *op != 'p' && strcmp(op, "exists") != 0;
    if (reference || field->type == OUSE_BOOL)
        return !strchr("lgp", *op);
    return *op != 'p' || field->type == OUSE_TEXT || field->type == OUSE_LIST;
}

static void ask_words(struct query *query, struct question *question)
{
    const char *name = "q";
    *question = (struct question){.op = "contains", .value = any_words()};
    if (chance(4) == 0)
        question->value = text("%.*s", 1 + (int)chance(5), question->value);
    if (chance(2)) {
        question->field = &thing_fields[PLAIN + chance(role == OUSE_MANAGER ? SEARCHED : SEARCHED - 1)];
        name = text("%s[contains]", question->field->name);
    } else if (chance(3) == 0) {
        question->field = &thing_fields[8];
        question->through = &place_fields[0];
        question->value = chance(2) ? "ann" : "y x";
        name = "place.name[contains]";
    }
    asked.words = text("%s&%s=%s", asked.words, name, question->value);
    if (query_add(query, &f.arena, ouse_s(name), ouse_s(question->value), &f.problem))
        fail_msg("%s: %s", asked.words, told());
}

static void ask(struct query *query, uint32_t q)
{
    static const char *const ops[] = {"eq", "ne", "lt", "lte", "gt", "gte", "in", "prefix", "exists"};
    struct question *question = &asked.questions[q];
    const struct ouse_field *field, *of = chance(6) ? &thing_fields[chance(PLAIN)] : &time_fields[chance(2)];
    if (chance(3) == 0) {
        ask_words(query, question);
        return;
    }
    question->field = of;
    question->through = strcmp(of->name, "place") == 0 && chance(2) ? &place_fields[chance(2) * 2] : NULL;
    field = question->through ? question->through : of;
    do
        question->op = ops[chance(9)];
    while (!takes(field, question->op));
    question->value = strcmp(question->op, "exists") == 0 ? (chance(2) ? "true" : "false")
                      : strcmp(question->op, "in") == 0
                          ? text("%s,%s", any_value(field->name), any_value(field->name))
                          : any_value(field->name);
    const char *name = text("%s%s%s[%s]", of->name, question->through ? "." : "",
                            question->through ? field->name : "", question->op);
    asked.words = text("%s&%s=%s", asked.words, name, question->value);
    if (query_add(query, &f.arena, ouse_s(name), ouse_s(question->value), &f.problem))
        fail_msg("%s: %s", asked.words, told());
}

static void order(struct query *query)
{
    static const uint32_t sortable[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13};
    const char *sort = "";
    uint32_t first = chance(11);
    for (asked.n_orders = 0; asked.n_orders < chance(4); asked.n_orders++) {
        uint32_t i = sortable[(first + asked.n_orders * 2) % 11];
        asked.orders[asked.n_orders].field = i < 12 ? &thing_fields[i] : &time_fields[i - 12];
        asked.orders[asked.n_orders].descending = (int)chance(2);
        sort = text("%s%s%s%s", sort, *sort ? "," : "", asked.orders[asked.n_orders].descending ? "-" : "",
                    asked.orders[asked.n_orders].field->name);
    }
    asked.words = text("%s&sort=%s", asked.words, sort);
    if (asked.n_orders && query_sort(query, &f.arena, ouse_s(sort), &f.problem))
        fail_msg("%s: %s", asked.words, told());
}

/* One page; whether the list goes on. */
static int read_page(struct query *query, uint32_t limit, const uint32_t *found, uint32_t n, uint32_t *at)
{
    struct rows *rows;
    struct record record;
    struct txn *txn;
    ouse_rc rc = OUSE_OK;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    if (rows_open(txn, query, &f.arena, &rows))
        fail_msg("%s: the rows were not opened", asked.words);
    for (uint32_t i = 0; i < limit && !(rc = rows_next(rows, &record)); i++, ++*at)
        if (*at == n || strcmp(model.id[found[*at]], text("%.*s", OUSE_F(record.id))) != 0)
            fail_msg("%s: at %u expected %s, got %.*s", asked.words, *at,
                     *at < n ? model.id[found[*at]] : "the end", OUSE_F(record.id));
    query->after = rows_position(rows, &f.arena);
    int more = !rc || rows_cut(rows);
    rows_close(rows);
    txn_end(txn);
    return more;
}

static void compare_answers(uint32_t times, uint32_t least_page)
{
    uint32_t *found = calloc(MANY, sizeof *found), nonempty = 0;
    for (uint32_t i = 0; i < times; i++) {
        struct query query;
        uint32_t n, at = 0, limit = least_page + chance(chance(2) ? least_page : FEW), pages = 0;
        role = chance(2) ? OUSE_MANAGER : OUSE_PUBLIC;
        query_init(&query, find("things"), role);
        asked = (struct asked){.n = chance(VALUES + 1), .words = text("as %u: ", role)};
        for (uint32_t q = 0; q < asked.n; q++)
            ask(&query, q);
        order(&query);
        n = expected(found);
        nonempty += n > 0;
        query.as_of = model.as_of;
        query.steps = chance(2) ? 0 : 500 + chance(500);
        while (read_page(&query, limit, found, n, &at))
            if (++pages > 2 * MANY)
                fail_msg("%s: the pages do not end", asked.words);
        if (at != n)
            fail_msg("%s: expected %u records, got %u", asked.words, n, at);
    }
    free(found);
    if (nonempty < times / 3)
        fail_msg("expected a third of %u questions to find something, %u did", times, nonempty);
}

static void open_empty(void)
{
    const struct ouse_collection *all[] = {&places, &things};
    static const struct analyser words = {split, 1, "test"};
    close_register();
    f.analyser = &words;
    assert_ok(open_with(all, 2, NULL, 0));
}

static void open_things(uint32_t n)
{
    open_empty();
    fill(n);
}

static void few_records_answer_as_the_model(void **state)
{
    (void)state;
    open_things(FEW);
    compare_answers(300, 5);
}

static void many_records_answer_as_the_model(void **state)
{
    (void)state;
    open_things(MANY);
    compare_answers(25, 500);
}

/* ---- The past ------------------------------------------------------------------------- */

enum { CHANGES = 1200 };

/* What became of a record, in order of time; no record: it was removed. */
static struct {
    const char *collection, *id;
    int64_t at;
    cJSON *record;
} past[CHANGES + 20];
static uint32_t n_past;
static int is_there[FEW];

static void remember(const char *collection, const char *id, const char *record)
{
    past[n_past].collection = collection;
    past[n_past].id = id;
    struct record now = see(collection, id, OUSE_MANAGER);
    past[n_past].at = now.updated;
    past[n_past].record = record ? json(record) : NULL;
    if (record)
        add_times(past[n_past].record, &now);
    n_past++;
}

static void change_place(uint32_t i, enum operation op)
{
    const char *id = text("place-%u", i), *record = any_record(place_fields, 3);
    assert_ok(one(op, "places", id, record));
    remember("places", id, record);
}

/* Now and then twice in one change set: what was in between was never there. */
static void change_thing(uint32_t i)
{
    const char *id = text("thing-%u", i),
               *record = i ? any_record(thing_fields, FIELDS) : "{\"state\":\"open\"}";
    int removes = i && is_there[i] && chance(4) == 0;
    struct step steps[] = {
        {is_there[i] ? REPLACE : CREATE, "things", id, any_record(thing_fields, FIELDS), NULL},
        {removes ? REMOVE : REPLACE, "things", id, record, NULL},
        {.op = END}};
    if (chance(8) && (removes || is_there[i]))
        steps[0] = steps[1], steps[1].op = END;
    else if (!is_there[i] && chance(8))
        steps[0].text = record, steps[1].op = END;
    if (change(steps))
        fail_msg("%s: %s", id, told());
    remember("things", id, removes ? NULL : record);
    is_there[i] = !removes;
}

static void live_through(uint32_t changes)
{
    n_past = 0;
    memset(is_there, 0, sizeof is_there);
    for (uint32_t i = 0; i < 10; i++)
        change_place(i, CREATE);
    change_thing(0);
    while (n_past < changes)
        if (chance(20))
            change_thing(1 + chance(FEW - 1));
        else
            change_place(chance(10), REPLACE);
}

static void go_to(int64_t as_of)
{
    static const char *kinds[] = {"places", "things"};
    cJSON *then[2][FEW] = {{0}};
    memset(&model, 0, sizeof model);
    for (uint32_t i = 0; i < n_past; i++)
        for (int k = 0; k < 2; k++)
            if (past[i].at <= as_of && strcmp(past[i].collection, kinds[k]) == 0)
                then[k][atoi(past[i].id + strlen("thing-"))] = past[i].record;
    for (uint32_t i = 0; i < FEW; i++)
        if (then[1][i]) {
            model.id[model.n] = text("thing-%u", i);
            model.record[model.n++] = then[1][i];
        }
    memcpy(model.place, then[0], sizeof model.place);
    model.as_of = as_of;
}

static void compare_instants(uint32_t times)
{
    for (uint32_t i = 0; i < times; i++) {
        go_to(past[11 + chance(n_past - 11)].at + (int64_t)chance(3) - 1);
        compare_answers(25, 5);
    }
    go_to(INT64_MAX - 1);
    compare_answers(25, 5);
}

static void an_instant_of_the_past_answers_as_the_model(void **state)
{
    (void)state;
    open_empty();
    live_through(CHANGES);
    compare_instants(8);
    assert_sound();
}

/* A new declaration makes the keys anew, those that were too. */
static void the_past_is_there_under_a_new_declaration(void **state)
{
    struct ouse_field fields[FIELDS + 1];
    struct ouse_collection more = things;
    const struct ouse_collection *all[] = {&places, &more};
    (void)state;
    open_empty();
    live_through(CHANGES / 3);
    close_register();
    memcpy(fields, thing_fields, sizeof thing_fields);
    fields[FIELDS] = (struct ouse_field){.name = "more", .type = OUSE_TEXT, .flags = OUSE_INDEXED};
    more.fields.at = fields;
    more.fields.n = FIELDS + 1;
    assert_ok(open_with(all, 2, NULL, 0));
    assert_sound();
    compare_instants(3);
}

static struct record see_then(const char *id, uint32_t as, int64_t as_of)
{
    struct record record = {0};
    struct txn *txn;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    record_as_of(txn, find("people"), ouse_s(id), as, as_of, &f.arena, &record);
    record.json = arena_copy(&f.arena, record.json);
    record.into = arena_copy(&f.arena, record.into);
    txn_end(txn);
    return record;
}

static int64_t time_of(const char *id)
{
    return see("people", id, OUSE_MANAGER).updated;
}

/* What a role saw in a version, unless the record is hidden from it since. */
static void the_past_shows_what_was_seen_then_and_may_be_seen_now(void **state)
{
    int64_t made, named, hidden, shown;
    (void)state;
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\",\"nick\":\"An\",\"phone\":\"1\"}"));
    made = time_of("ann");
    assert_ok(one(PATCH, "people", "ann", "{\"name\":\"Anna\"}"));
    named = time_of("ann");
    assert_int_equal(see_then("ann", OUSE_MANAGER, made - 1).kind, 0);
    assert_string_equal(see_then("ann", OUSE_PUBLIC, made).json.p,
                        text("{\"id\":\"ann\",\"name\":\"Ann\",%s",
                             strstr(see_then("ann", OUSE_MANAGER, made).json.p, "\"meta\"")));
    assert_non_null(strstr(see_then("ann", OUSE_PARTNER, named - 1).json.p, "\"nick\":\"An\",\"meta\""));
    assert_non_null(strstr(see_then("ann", OUSE_PUBLIC, named).json.p, "Anna"));
    assert_ok(one(PATCH, "people", "ann", "{\"meta\":{\"visibility\":\"office\"}}"));
    hidden = time_of("ann");
    assert_int_equal(see_then("ann", OUSE_PARTNER, made).kind, 0);
    assert_int_equal(see_then("ann", OUSE_OFFICE, made).kind, RECORD_LIVE);
    assert_ok(one(PATCH, "people", "ann", "{\"meta\":{\"visibility\":\"public\"}}"));
    shown = time_of("ann");
    assert_int_equal(see_then("ann", OUSE_PUBLIC, made).kind, RECORD_LIVE);
    assert_int_equal(see_then("ann", OUSE_PUBLIC, hidden).kind, 0);
    assert_int_equal(see_then("ann", OUSE_PUBLIC, shown).kind, RECORD_LIVE);
    assert_ok(one(REMOVE, "people", "ann", NULL));
    assert_int_equal(see_then("ann", OUSE_PUBLIC, named).revision, 2);
    assert_int_equal(see_then("ann", OUSE_PUBLIC, time_of("ann")).kind, RECORD_REMOVED);
}

static void a_merge_shows_in_the_past_what_was_before_it(void **state)
{
    int64_t before;
    (void)state;
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\"}"));
    assert_ok(one(CREATE, "people", "bob", "{\"name\":\"Bob\"}"));
    before = time_of("bob");
    assert_ok(one(MERGE, "people", "ann", "bob"));
    assert_int_equal(see_then("ann", OUSE_PUBLIC, before).kind, RECORD_LIVE);
    assert_true(ouse_is(see_then("ann", OUSE_PUBLIC, time_of("ann")).into, "bob"));
    assert_ok(one(PATCH, "people", "bob", "{\"meta\":{\"visibility\":\"office\"}}"));
    assert_int_equal(see_then("ann", OUSE_PUBLIC, time_of("ann")).kind, RECORD_REMOVED);
}

static int64_t clock_at = 1800000000000;

static int64_t go_back(void)
{
    return clock_at -= 1000;
}

/* A clock that is set back makes no hole in the history of a record. */
static void times_of_a_record_do_not_go_back(void **state)
{
    int64_t made;
    (void)state;
    clock_set(go_back);
    assert_ok(one(CREATE, "people", "ann", "{\"name\":\"Ann\"}"));
    made = time_of("ann");
    assert_ok(one(PATCH, "people", "ann", "{\"name\":\"Anna\"}"));
    assert_int_equal(time_of("ann"), made);
    assert_int_equal(see_then("ann", OUSE_PUBLIC, made).revision, 2);
    assert_ok(one(REMOVE, "people", "ann", NULL));
    assert_int_equal(see_then("ann", OUSE_PUBLIC, made).kind, RECORD_REMOVED);
    assert_sound();
}

/* ---- What large questions cost ----------------------------------------------------- */

/* What a record refers to counts where each of them is looked at. */
static void following_references_costs_steps(void **state)
{
    struct query query;
    struct rows *rows;
    struct record record;
    struct txn *txn;
    (void)state;
    open_things(FEW);
    struct step *steps = arena_zero(&f.arena, 901 * sizeof *steps);
    const char *all = "";
    for (uint32_t i = 0; i < 600; i++) {
        all = text("%s%s\"far-%u\"", all, i ? "," : "", i);
        steps[i] = (struct step){CREATE, "places", text("far-%u", i), "{\"region\":\"north\"}", NULL};
    }
    for (uint32_t i = 600; i < 900; i++) /* so many that the filter is not turned into their ids */
        steps[i] = (struct step){CREATE, "places", text("other-%u", i), "{\"region\":\"south\"}", NULL};
    assert_ok(change(steps));
    for (uint32_t i = 0; i < 20; i++)
        assert_ok(one(PATCH, "things", model.id[i], text("{\"near\":[%s]}", all)));
    query_init(&query, find("things"), OUSE_MANAGER);
    query.steps = 4 * FEW;
    assert_ok(query_add(&query, &f.arena, ouse_s("near.region"), ouse_s("south"), &f.problem));
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, &query, &f.arena, &rows), OUSE_OK);
    while (rows_next(rows, &record) == OUSE_OK)
        continue;
    assert_true(rows_cut(rows));
    txn_end(txn);
}

/* ---- What is refused ------------------------------------------------------------------ */

static void a_question_that_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *name, *value, *told;
    } cases[] = {
        {"colour", "red", "cannot be filtered by \"colour\""},
        {"stat", "open", "did you mean \"state\""},
        {"state[equals]", "open", "state has no operator \"equals\"; it accepts: eq, ne"},
        {"state[gtee]", "open", "did you mean \"gte\""},
        {"state[gte", "open", "cannot be filtered by"},
        {"state[]", "open", "no operator \"\""},
        {"state[prefix]", "o", "no operator \"prefix\""},
        {"live[lt]", "true", "no operator \"lt\""},
        {"place[gt]", "place-1", "no operator \"gt\""},
        {"size[gte]", "many", "size: \"many\" is no value of type int"},
        {"size[in]", "1,x", "size: \"x\""},
        {"size[in]", "", "size: \"\""},
        {"live[exists]", "yes", "true or false"},
        {"name[contains]", "x", "not declared searchable"},
        {"updated", "yesterday", "updated must be a date (YYYY, YYYY-MM, YYYY-MM-DD) or an instant"},
        {"created[gte]", "2026-02-30", "YYYY-MM-DDThh:mm:ssZ; got \"2026-02-30\""},
        {"updated[in]", "2026,2025", "updated has no operator \"in\"; it accepts: eq, ne, lt, lte, gt, gte"},
        {"updated[exists]", "true", "no operator \"exists\""},
        {"updatd", "2026", "did you mean \"updated\""},
        {"note[contains]", " ", "note has no word to look for"},
        {"name[begins]", "x", "name has no operator"},
        {"hush[contains]", "x", "cannot be filtered by \"hush\""},
        {"story", "x", "cannot be filtered by \"story\""},
        {"q", "", "q has no word to look for"},
        {"q[contains]", "x", "cannot be filtered by \"q\""},
        {"q", "a b c d e f g h i j k l m n o p q r t u v w x y z aa ab ac ad ae af ag ah ai",
         "At most 32 filters, each word of q being one"},
        {"name.x", "x", "name is not a reference, so \"x\" cannot follow it"},
        {"place.colour", "x", "places cannot be filtered by \"colour\""},
        {"place.region", "x", "place.region: region"},
        {"place.region.x", "x", "region is not a reference"},
        {"place.place.place.place.place", "x", "cannot be filtered by \"place\""},
        {".", "x", "cannot be filtered by \"\""},
        {"place.secret", "1", "cannot be filtered by \"secret\""},
    };
    (void)state;
    open_things(1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query query;
        query_init(&query, find("things"), OUSE_PUBLIC);
        problem_init(&f.problem, &f.arena);
        assert_refused(query_add(&query, &f.arena, ouse_s(cases[i].name), ouse_s(cases[i].value), &f.problem),
                       OUSE_E_REQUEST, cases[i].told);
        assert_int_equal(query.n_terms, 0);
    }
}

static void an_order_that_makes_no_sense_is_refused(void **state)
{
    static const struct {
        const char *sort, *told;
    } cases[] = {{"", "cannot be sorted by \"\""},           {"colour", "cannot be sorted by"},
                 {"-sise", "did you mean \"size\""},         {"-update", "did you mean \"updated\""},
                 {"size,-size", "sort has size twice"},      {"place", "cannot be sorted"},
                 {"name,", "cannot be sorted by \"\""},      {"--size", "cannot be sorted by \"-size\""},
                 {"name,state,live,size,price", "at most 4"}};
    (void)state;
    open_things(1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct query query;
        query_init(&query, find("things"), OUSE_PUBLIC);
        problem_init(&f.problem, &f.arena);
        assert_refused(query_sort(&query, &f.arena, ouse_s(cases[i].sort), &f.problem), OUSE_E_REQUEST,
                       cases[i].told);
    }
}

/* Whatever bytes a position has, rows are refused or opened, and end. */
static void a_forged_position_does_no_harm(void **state)
{
    (void)state;
    open_things(FEW);
    for (uint32_t i = 0; i < 500; i++) {
        char bytes[40];
        struct query query;
        struct rows *rows;
        struct record record;
        struct txn *txn;
        query_init(&query, find("things"), OUSE_MANAGER);
        asked = (struct asked){.words = ""};
        order(&query);
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)(chance(3) ? chance(4) : chance(256));
        query.after = (struct ouse_str){bytes, chance(sizeof bytes)};
        assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
        ouse_rc rc = rows_open(txn, &query, &f.arena, &rows);
        for (uint32_t n = 0; !rc; n++) {
            assert_true(n <= FEW);
            rc = rows_next(rows, &record);
        }
        assert_true(rc == OUSE_E_NOT_FOUND || rc == OUSE_E_REQUEST);
        txn_end(txn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(few_records_answer_as_the_model),
        TEST(many_records_answer_as_the_model),
        TEST(an_instant_of_the_past_answers_as_the_model),
        TEST(the_past_is_there_under_a_new_declaration),
        TEST(the_past_shows_what_was_seen_then_and_may_be_seen_now),
        TEST(a_merge_shows_in_the_past_what_was_before_it),
        TEST(times_of_a_record_do_not_go_back),
        TEST(following_references_costs_steps),
        TEST(a_question_that_makes_no_sense_is_refused),
        TEST(an_order_that_makes_no_sense_is_refused),
        TEST(a_forged_position_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
