/* fields: the values of a field, as JSON Schema (2020-12), and an example. */
#include "openapi.h"

/* ---- Values ---------------------------------------------------------------- */

typedef void (*write_fn)(struct text *text, const struct ouse_doc *field);

/* Adds min and max under other names; `scale` converts their unit. */
static void add_bounds(struct text *text, const struct ouse_doc *field, const char *least, const char *most,
                       double scale)
{
    const char *const names[][2] = {{"min", least}, {"max", most}};

    for (size_t i = 0; i < 2; i++) {
        if (!ouse_member(text->ctx, field, names[i][0]))
            continue;
        text_add(text, ",\"%s\":", names[i][1]);
        text_number(text, ouse_number(text->ctx, field, names[i][0], 0) / scale);
    }
}

/* Adds the limits of the length of a text or list. The minimum is at least 1, whatever was
 * declared. */
static void add_lengths(struct text *text, const struct ouse_doc *field, const char *least, const char *most)
{
    double min = ouse_number(text->ctx, field, "min", 1), max = ouse_number(text->ctx, field, "max", 0);

    text_add(text, ",\"%s\":%.0f", least, min < 1 ? 1 : min);
    if (max > 0)
        text_add(text, ",\"%s\":%.0f", most, max);
}

static void add_choices(struct text *text, const struct ouse_doc *field)
{
    const struct ouse_doc *choices = ouse_member(text->ctx, field, "choices");

    text_add(text, "\"type\":\"string\"");
    if (!choices)
        return;
    text_add(text, ",\"enum\":");
    text_value(text, choices);
}

/* A POSIX expression that ECMAScript reads alike: one without bracketed classes. */
static void add_pattern(struct text *text, struct ouse_str pattern)
{
    if (!pattern.p || strstr(pattern.p, "[:"))
        return;
    text_add(text, ",\"pattern\":");
    text_string(text, ouse_format(text->ctx, "^(?:%.*s)$", OUSE_F(pattern)));
}

static void write_text(struct text *text, const struct ouse_doc *field)
{
    text_add(text, "\"type\":\"string\"");
    add_lengths(text, field, "minLength", "maxLength");
    add_pattern(text, ouse_text(text->ctx, field, "pattern"));
}

static void write_bool(struct text *text, const struct ouse_doc *field)
{
    (void)field;
    text_add(text, "\"type\":\"boolean\"");
}

static void write_int(struct text *text, const struct ouse_doc *field)
{
    text_add(text, "\"type\":\"integer\"");
    add_bounds(text, field, "minimum", "maximum", 1);
}

/* Bounds are in pence. */
static void write_money(struct text *text, const struct ouse_doc *field)
{
    text_add(text, "\"type\":\"number\",\"multipleOf\":0.01");
    add_bounds(text, field, "minimum", "maximum", 100);
}

static void write_date(struct text *text, const struct ouse_doc *field)
{
    (void)field;
    text_add(text, "\"type\":\"string\",\"format\":\"date\"");
}

static void write_shared(struct text *text, const char *name)
{
    text_add(text, "\"$ref\":\"#/components/schemas/%s\"", name);
}

static void write_pdate(struct text *text, const struct ouse_doc *field)
{
    (void)field;
    write_shared(text, "PartialDate");
}

static void write_quantity(struct text *text, const struct ouse_doc *field)
{
    (void)field;
    write_shared(text, "Quantity");
}

static void write_url(struct text *text, const struct ouse_doc *field)
{
    text_add(text, "\"type\":\"string\",\"format\":\"uri\",\"pattern\":\"^https?://\"");
    add_lengths(text, field, "minLength", "maxLength");
}

static void write_email(struct text *text, const struct ouse_doc *field)
{
    text_add(text, "\"type\":\"string\",\"format\":\"email\"");
    add_lengths(text, field, "minLength", "maxLength");
}

static void write_reference(struct text *text, const struct ouse_doc *field)
{
    write_shared(text, ouse_number(text->ctx, field, "qualified", 0) != 0 ? "Reference" : "Id");
}

static void write_identifier(struct text *text, const struct ouse_doc *field)
{
    text_add(text, "\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"scheme\",\"value\"],"
                   "\"properties\":{\"scheme\":{");
    add_choices(text, field);
    text_add(text, "},\"value\":{\"type\":\"string\"}}");
}

static void write_observation(struct text *text, const struct ouse_doc *field)
{
    (void)field;
    write_shared(text, "Observation");
}

/* ---- Examples, made from the declaration -------------------------------------- */

typedef struct ouse_str (*example_fn)(struct ouse_ctx *ctx, const struct ouse_doc *field);

static struct ouse_str quoted(struct ouse_ctx *ctx, struct ouse_str value)
{
    struct text text = {.ctx = ctx};

    text_string(&text, value);
    return (struct ouse_str){text.at, (uint32_t)text.n};
}

static struct ouse_str example_text(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    static const struct {
        const char *scheme, *value;
    } identifiers[] = {{"ods", "RWK"},
                       {"orcid", "0000-0002-1825-0097"},
                       {"ror", "00pjdza24"},
                       {"ukprn", "10007784"},
                       {"charity", "1234567"},
                       {"company", "01234567"},
                       {"360giving", "360G-WellcomeTrust-086357_Z_08_Z"},
                       {"nihr", "NIHR201385"},
                       {"gtr", "MR/T023341/1"},
                       {"iras", "1003456"},
                       {"cpms", "48529"},
                       {"isrctn", "ISRCTN10580502"},
                       {"nct", "NCT04381936"},
                       {"doi", "10.1136/bmj.n71"},
                       {"gss", "E06000032"}};
    struct ouse_str title = ouse_text(ctx, field, "title");
    struct ouse_str scheme = ouse_as_text(ctx, ouse_at(ctx, ouse_member(ctx, field, "choices"), 0));

    for (size_t i = 0; i < sizeof identifiers / sizeof identifiers[0]; i++)
        if (ouse_is(scheme, identifiers[i].scheme))
            return quoted(ctx, ouse_s(identifiers[i].value));
    if (!title.p || ouse_member(ctx, field, "pattern") || ouse_number(ctx, field, "max", 0) < title.n ||
        ouse_number(ctx, field, "min", 0) > title.n || scheme.p)
        return ouse_s(NULL);
    return quoted(ctx, title);
}

static struct ouse_str example_number(struct ouse_ctx *ctx, const struct ouse_doc *field, double scale)
{
    double number = 12 * scale, least = ouse_number(ctx, field, "min", number);
    double most = ouse_number(ctx, field, "max", number);

    number = number < least ? least : number > most ? most : number;
    return ouse_format(ctx, "%.15g", number / scale);
}

static struct ouse_str example_int(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    return example_number(ctx, field, 1);
}

static struct ouse_str example_money(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    return example_number(ctx, field, 100);
}

static struct ouse_str example_choice(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    struct ouse_str first = ouse_as_text(ctx, ouse_at(ctx, ouse_member(ctx, field, "choices"), 0));

    return quoted(ctx, first.p ? first : ouse_s("word"));
}

static struct ouse_str example_reference(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    struct ouse_str to = ouse_as_text(ctx, ouse_at(ctx, ouse_member(ctx, field, "refers_to"), 0));

    if (ouse_number(ctx, field, "qualified", 0) == 0)
        return ouse_s("\"an-id\"");
    return ouse_format(ctx, "\"%.*s/an-id\"", OUSE_F(ouse_is(to, "*") || !to.p ? ouse_s("people") : to));
}

static struct ouse_str example_identifier(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    struct ouse_str scheme = ouse_as_text(ctx, ouse_at(ctx, ouse_member(ctx, field, "choices"), 0));
    struct ouse_str value = example_text(ctx, field);

    return ouse_format(ctx, "{\"scheme\":\"%.*s\",\"value\":%.*s}", OUSE_F(scheme), OUSE_F(value));
}

/* ---- Types ------------------------------------------------------------------ */

/* The types, by their names in /-/schema. For a list, `write` and the example describe its entries. */
static const struct type {
    const char *name;
    write_fn write;
    example_fn example;
    const char *constant; /* an example that does for all fields of the type */
    int is_list, is_set;
} types[] = {
    {"text", write_text, example_text, NULL, 0, 0},
    {"long", write_text, example_text, NULL, 0, 0},
    {"enum", add_choices, example_choice, NULL, 0, 0},
    {"bool", write_bool, NULL, "true", 0, 0},
    {"int", write_int, example_int, NULL, 0, 0},
    {"money", write_money, example_money, NULL, 0, 0},
    {"date", write_date, NULL, "\"2026-01-31\"", 0, 0},
    {"pdate", write_pdate, NULL, "\"2026-01\"", 0, 0},
    {"qty", write_quantity, NULL, "{\"value\":200000,\"qualifier\":\"over\",\"unit\":\"people\"}", 0, 0},
    {"url", write_url, NULL, "\"https://example.org/page\"", 0, 0},
    {"email", write_email, NULL, "\"name@example.org\"", 0, 0},
    {"ref", write_reference, example_reference, NULL, 0, 0},
    {"refs", write_reference, example_reference, NULL, 1, 1},
    {"list", add_choices, example_choice, NULL, 1, 1},
    {"ids", write_identifier, example_identifier, NULL, 1, 0},
    {"series", write_observation, NULL, "{\"on\":\"2026-01\",\"value\":12.5}", 1, 0},
};

static const struct type *type_of(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    struct ouse_str name = ouse_text(ctx, field, "type");
    size_t i = 0;

    while (i < sizeof types / sizeof types[0] - 1 && !ouse_is(name, types[i].name))
        i++;
    return &types[i];
}

void field_schema(struct text *text, const struct ouse_doc *field)
{
    const struct type *type = type_of(text->ctx, field);

    if (!type->is_list) {
        type->write(text, field);
        return;
    }
    text_add(text, "\"type\":\"array\",\"items\":{");
    type->write(text, field);
    text_add(text, "}%s", type->is_set ? ",\"uniqueItems\":true" : "");
    add_lengths(text, field, "minItems", "maxItems");
}

struct ouse_str field_example(struct ouse_ctx *ctx, const struct ouse_doc *field)
{
    const struct type *type = type_of(ctx, field);
    struct ouse_str entry = type->constant ? ouse_s(type->constant) : type->example(ctx, field);

    if (!type->is_list)
        return entry;
    return entry.p && ouse_number(ctx, field, "min", 1) <= 1 ? ouse_format(ctx, "[%.*s]", OUSE_F(entry))
                                                             : ouse_s(NULL);
}
