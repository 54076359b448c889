/* mapping: see mapping.h. */
#include "mapping.h"

#include <stddef.h>

const struct mapping mapping_none = {.header = -1};

static int read_text(void *setting, const cJSON *value)
{
    struct ouse_str *text = setting;
    *text = json_text(value);
    return text->p != NULL;
}

static int read_delimiter(void *setting, const cJSON *value)
{
    struct ouse_str text = json_text(value);
    if (text.n != 1 || *text.p == '"' || *text.p == '\n' || *text.p == '\r')
        return 0;
    *(char *)setting = *text.p;
    return 1;
}

static int read_header(void *setting, const cJSON *value)
{
    double n = cJSON_IsFalse(value) ? 0 : cJSON_IsNumber(value) ? value->valuedouble : -1;
    if (!(n >= 0 && n <= 1000000 && n == (int64_t)n))
        return 0;
    *(int64_t *)setting = (int64_t)n;
    return 1;
}

static int read_list(void *setting, const cJSON *value)
{
    *(const cJSON **)setting = value;
    return cJSON_IsArray(value);
}

static int read_object(void *setting, const cJSON *value)
{
    *(const cJSON **)setting = value;
    return cJSON_IsObject(value);
}

#define AT(member) offsetof(struct mapping, member)

static const struct setting {
    const char *name;
    size_t at;
    int (*read)(void *setting, const cJSON *value); /* returns whether the value is accepted */
    const char *right;
} settings[] = {
    {"collection", AT(collection), read_text, "the name of a collection"},
    {"encoding", AT(encoding), read_text, "the name of an encoding, such as \"windows-1252\" or \"utf-16\""},
    {"delimiter", AT(delimiter), read_delimiter, "one character, such as \";\" or \"\\t\""},
    {"header", AT(header), read_header, "the number of the row that names the columns; 0 if no row does"},
    {"columns", AT(columns), read_list, "a list with the name of each column, null for one to ignore"},
    {"rows", AT(rows), read_text, "a JSON pointer to the array of rows, such as \"/grants\""},
    {"fields", AT(fields), read_object, "an object of column → field"},
    {"constants", AT(constants), read_object, "an object of field → value"},
    {"match", AT(match), read_text, "the key of a row, such as \"identifiers.ods\""},
    {"references", AT(references), read_text, "id, code or label"},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

static const struct setting *find_setting(const char *name)
{
    for (int i = 0; i < SETTINGS; i++)
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    return NULL;
}

/* Returns whether the object has settings. Otherwise it is one of column → field: such an object has no
 * member `fields` that is an object without a `field`, and a column that is not named as a setting. */
static int has_settings(const cJSON *object)
{
    const cJSON *fields = json_member(object, "fields"), *member;
    if (cJSON_IsObject(fields) && !json_member(fields, "field"))
        return 1;
    cJSON_ArrayForEach(member, object)
    {
        if (!find_setting(member->string))
            return 0;
    }
    return 1;
}

static ouse_rc refuse_setting(const cJSON *member, struct problem *problem)
{
    const char *names[SETTINGS];
    for (int i = 0; i < SETTINGS; i++)
        names[i] = settings[i].name;
    return problem_fail(problem, OUSE_E_REQUEST, "A mapping has no setting \"%s\"%s; it has %.*s",
                        member->string, problem_hint(problem->arena, ouse_s(member->string), names, SETTINGS),
                        OUSE_F(arena_join(problem->arena, names, SETTINGS)));
}

static ouse_rc read_settings(const cJSON *object, struct mapping *mapping, struct problem *problem)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        const struct setting *setting = find_setting(member->string);
        if (!setting)
            return refuse_setting(member, problem);
        if (!setting->read((char *)mapping + setting->at, member))
            return problem_fail(problem, OUSE_E_REQUEST, "In the mapping, %s must be %s", setting->name,
                                setting->right);
    }
    return OUSE_OK;
}

ouse_rc mapping_read(struct arena *arena, struct ouse_str text, struct mapping *mapping,
                     struct problem *problem)
{
    struct problem flaw;
    cJSON *object;
    problem_init(&flaw, problem->arena);
    *mapping = mapping_none;
    if (json_parse(arena, text, &object, &flaw))
        return problem_fail(problem, OUSE_E_REQUEST, "The mapping must be a JSON object: %.*s",
                            OUSE_F(flaw.detail));
    if (!cJSON_IsObject(object))
        return problem_fail(problem, OUSE_E_REQUEST, "The mapping must be a JSON object of column → field");
    if (has_settings(object))
        return read_settings(object, mapping, problem);
    mapping->fields = object;
    return OUSE_OK;
}
