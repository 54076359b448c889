/* sample: see sample.h. A value is made by a function of its field's type. */
#include "sample.h"

enum { TRIES = 24, OTHERS = 3, EACH = 2, ROUNDS = 6 };

/* The inputs of a made-up value. */
struct making {
    struct trial *trial;
    const struct field *field;
    uint32_t n;
};

static const char *printed(const struct making *making, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *printed(const struct making *making, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str text = arena_vprintf(&making->trial->probe->arena, format, args);
    va_end(args);
    return text.p;
}

/* ---- Values ------------------------------------------------------------------- */

/* A form with the digits of a number in the place of its '#'. */
static const char *in_form(const struct making *making, const char *form, uint32_t number)
{
    char *text = (char *)printed(making, "%s", form);
    for (char *c = text + strlen(text); c-- > text;)
        if (*c == '#') {
            *c = (char)('0' + number % 10);
            number /= 10;
        }
    return text;
}

/* An identifier of a scheme: its last digits run until check digits are right. */
static const char *identifier(const struct making *making, const char *scheme)
{
    static const struct {
        const char *scheme, *form;
    } forms[] = {{"ods", "X####"},
                 {"orcid", "0000-0002-1###-####"},
                 {"ror", "00000####"},
                 {"ukprn", "1000####"},
                 {"charity", "110####"},
                 {"company", "0000####"},
                 {"360giving", "360G-specimen-####"},
                 {"nihr", "NIHR####"},
                 {"gtr", "MR/#####/1"},
                 {"iras", "10####"},
                 {"cpms", "4####"},
                 {"isrctn", "ISRCTN1###0000"},
                 {"nct", "NCT0####000"},
                 {"doi", "10.1234/specimen.####"},
                 {"gss", "E0600####"}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        for (uint32_t last = 0; strcmp(forms[i].scheme, scheme) == 0 && last < 100; last++) {
            const char *text = in_form(making, forms[i].form, making->n * 100 + last);
            if (!schema_identifier(scheme, ouse_s(text)))
                return text;
        }
    return NULL;
}

static int fits_pattern(const struct field *field, const char *text)
{
    regmatch_t all;
    return !field->pattern || (regexec(field->pattern, text, 1, &all, 0) == 0 && all.rm_so == 0 &&
                               (size_t)all.rm_eo == strlen(text));
}

/* Returns a text. Tries the usual forms of patterns; if they do not fit, the text is not made up. */
static cJSON *make_text(const struct making *making)
{
    static const char *const forms[] = {"Specimen ####", "AB-####", "####", "a####",
                                        "A####",         "##",      "AB#",  "https://example.org/####",
                                        "2026-01-##"};
    const struct field *field = making->field;
    if (field->is.flags & OUSE_SCHEME)
        return cJSON_CreateString(identifier(making, field->choices[0]));
    int64_t least = field->is.min, most = field->is.max ? field->is.max : 500;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const char *text = in_form(making, forms[i], making->n + 1);
        while ((int64_t)strlen(text) < least)
            text = printed(making, "%s and %s", text, text);
        if ((int64_t)strlen(text) <= most && fits_pattern(field, text))
            return cJSON_CreateString(text);
    }
    return NULL;
}

static cJSON *make_choice(const struct making *making)
{
    return cJSON_CreateString(making->field->choices[making->n % making->field->n_choices]);
}

static cJSON *make_bool(const struct making *making)
{
    return cJSON_CreateBool(making->n % 2);
}

/* Returns a number within the bounds; small, so that totals are not exceeded. */
static double number(const struct making *making)
{
    double made = making->n + 1;
    const struct ouse_field *is = &making->field->is;
    double pence = is->type == OUSE_MONEY ? 100 : 1;
    if (is->min == 0 && is->max == 0)
        return made;
    if (made < (double)is->min / pence)
        made += (double)is->min / pence;
    return is->max > is->min && made > (double)is->max / pence ? (double)is->max / pence : made;
}

static cJSON *make_number(const struct making *making)
{
    return cJSON_CreateNumber(number(making));
}

static cJSON *make_quantity(const struct making *making)
{
    cJSON *made = cJSON_CreateObject();
    cJSON_AddNumberToObject(made, "value", number(making));
    return made;
}

/* Returns a date. Each specimen has a separate year, in which it begins and ends. */
static cJSON *make_date(const struct making *making)
{
    const struct ouse_field *is = &making->field->is;
    int ends = is->after || strncmp(is->name, "end", 3) == 0;
    return cJSON_CreateString(printed(making, "%u-%s", 2001 + making->n, ends ? "12-31" : "01-01"));
}

static cJSON *make_url(const struct making *making)
{
    return cJSON_CreateString(printed(making, "https://example.org/%u", making->n));
}

static cJSON *make_email(const struct making *making)
{
    return cJSON_CreateString(printed(making, "specimen%u@example.org", making->n));
}

static cJSON *make_reference(const struct making *making)
{
    const struct field *field = making->field;
    for (uint32_t i = 0; i < field->n_targets; i++) {
        const struct collection *to = field->targets[i].to;
        struct ouse_str id = to ? specimen_id(making->trial, to, making->n) : ouse_s(NULL);
        if (id.p)
            return cJSON_CreateString(field->qualified ? printed(making, "%s/%.*s", to->is.name, OUSE_F(id))
                                                       : id.p);
    }
    return NULL;
}

static cJSON *make_entry(const struct making *making)
{
    return making->field->n_choices ? make_choice(making)
                                    : cJSON_CreateString(printed(making, "Entry %u", making->n));
}

static cJSON *make_identifier(const struct making *making)
{
    const char *scheme = making->field->choices[making->n % making->field->n_choices];
    cJSON *made = cJSON_CreateObject();
    cJSON_AddStringToObject(made, "scheme", scheme);
    cJSON_AddStringToObject(made, "value", identifier(making, scheme));
    return made;
}

static cJSON *make_observation(const struct making *making)
{
    cJSON *made = cJSON_CreateObject();
    cJSON_AddStringToObject(made, "on", printed(making, "%u", 2001 + making->n));
    cJSON_AddNumberToObject(made, "value", making->n);
    return made;
}

static const struct maker {
    cJSON *(*make)(const struct making *making); /* a value or entry, or NULL */
    int many;
} makers[] = {
    [OUSE_TEXT] = {make_text, 0},      [OUSE_LONG] = {make_text, 0},
    [OUSE_ENUM] = {make_choice, 0},    [OUSE_BOOL] = {make_bool, 0},
    [OUSE_INT] = {make_number, 0},     [OUSE_MONEY] = {make_number, 0},
    [OUSE_DATE] = {make_date, 0},      [OUSE_PDATE] = {make_date, 0},
    [OUSE_QTY] = {make_quantity, 0},   [OUSE_URL] = {make_url, 0},
    [OUSE_EMAIL] = {make_email, 0},    [OUSE_REF] = {make_reference, 0},
    [OUSE_REFS] = {make_reference, 1}, [OUSE_LIST] = {make_entry, 1},
    [OUSE_IDS] = {make_identifier, 1}, [OUSE_SERIES] = {make_observation, 1},
};

static cJSON *make_value(const struct making *making)
{
    const struct maker *maker = &makers[making->field->is.type];
    cJSON *value = maker->make(making);
    if (!value || !maker->many)
        return value;
    cJSON *list = cJSON_CreateArray();
    cJSON_AddItemToArray(list, value);
    for (struct making next = *making; cJSON_GetArraySize(list) < making->field->is.min && value;) {
        next.n++;
        value = maker->make(&next);
        cJSON_AddItemToArray(list, value);
    }
    return list;
}

/* ---- Documents ------------------------------------------------------------------- */

/* A field with a state machine begins at its initial state. */
static int is_made(const struct field *field)
{
    return !(field->is.flags & OUSE_SYSTEM) && !field->flow;
}

static cJSON *make_document(struct trial *trial, const struct collection *collection, uint32_t n)
{
    cJSON *document = json_keep(&trial->probe->arena, cJSON_CreateObject());
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        struct making making = {trial, &collection->fields[i], n};
        cJSON *value = is_made(making.field) ? make_value(&making) : NULL;
        if (value)
            cJSON_AddItemToObject(document, making.field->is.name, value);
    }
    return document;
}

static const struct field *last_optional(const struct collection *collection, const cJSON *document)
{
    for (uint32_t i = collection->n_fields; i-- > 0;)
        if (!(collection->fields[i].is.flags & OUSE_REQUIRED) &&
            json_member(document, collection->fields[i].is.name))
            return &collection->fields[i];
    return NULL;
}

/* Removes the field of the error or, if that is required, another one. Returns false if there is
 * nothing left to remove. */
static int take_out(const struct collection *collection, cJSON *document, struct ouse_str pointer)
{
    struct ouse_str name = {NULL, 0};
    if (pointer.n > 1)
        name = (struct ouse_str){pointer.p + 1, (uint32_t)strcspn(pointer.p + 1, "/")};
    const struct field *field = name.p ? schema_field(collection, name) : NULL;
    if (!field || field->is.flags & OUSE_REQUIRED || !json_member(document, field->is.name))
        field = last_optional(collection, document);
    if (field)
        cJSON_DeleteItemFromObject(document, field->is.name);
    return field != NULL;
}

static struct ouse_str text_of(struct arena *arena, const cJSON *document)
{
    struct buffer out;
    buffer_init(&out, 1 << 20);
    json_print(&out, document);
    struct ouse_str text = arena_copy(arena, buffer_view(&out));
    buffer_finish(&out);
    return text;
}

static void post(struct trial *trial, const struct collection *collection, int dry_run,
                 struct specimen *specimen)
{
    struct arena *arena = &trial->probe->arena;
    const struct question question = {
        .method = "POST",
        .path = arena_printf(arena, "/api/v1/%s%s", collection->is.name, dry_run ? "?dry_run=true" : "").p,
        .role = OUSE_MANAGER,
        .body = text_of(arena, specimen->document)};
    trial_ask(trial, &question, &specimen->answer);
}

/* Tries one document, with less and less in it. */
static int create(struct trial *trial, const struct collection *collection, uint32_t n, int dry_run,
                  struct specimen *specimen)
{
    specimen->document = make_document(trial, collection, n);
    for (int i = 0; i < TRIES; i++) {
        post(trial, collection, dry_run, specimen);
        if (specimen->answer.status < 300) {
            specimen->id = json_text(json_member(trial_json(trial, &specimen->answer), "id"));
            return 0;
        }
        if (!take_out(collection, specimen->document, specimen->answer.pointer))
            return -1;
    }
    return -1;
}

int specimen_create(struct trial *trial, const struct collection *collection, uint32_t n, int dry_run,
                    struct specimen *specimen)
{
    *specimen = (struct specimen){0};
    for (uint32_t i = 0; i < OTHERS; i++)
        if (create(trial, collection, n + i * EACH, dry_run, specimen) == 0)
            return 0;
    return -1;
}

/* In rounds, as records refer to others. */
void specimen_fill(struct trial *trial)
{
    const struct schema *schema = trial->opened.schema;
    uint32_t *made = arena_zero(&trial->probe->arena, (schema_count(schema) + 1) * sizeof *made);
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < schema_count(schema); i++) {
            struct specimen specimen;
            const struct collection *collection = schema_at(schema, i);
            if (made[i] < EACH && !(collection->is.flags & OUSE_NO_CREATE) &&
                specimen_create(trial, collection, made[i], 0, &specimen) == 0)
                made[i]++;
        }
}

struct ouse_str specimen_id(struct trial *trial, const struct collection *collection, uint32_t n)
{
    struct answer answer;
    trial_get(trial, &answer, "/api/v1/%s?limit=10", collection->is.name);
    const cJSON *data = json_member(trial_json(trial, &answer), "data");
    int count = cJSON_GetArraySize(data);
    return count ? json_text(json_member(cJSON_GetArrayItem(data, (int)n % count), "id")) : ouse_s(NULL);
}
