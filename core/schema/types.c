/* types: the table of field types; see types.h. */
#include "types.h"

#define WORDS         (OUSE_INDEXED | OUSE_UNIQUE | OUSE_SEARCHABLE)
#define KEYED         (OUSE_INDEXED | OUSE_UNIQUE)
#define PENCE_MAX     1000000000000000 /* 10^13 pounds */
#define ENTRIES_MAX   1000
#define REFERENCE_MAX (SCHEMA_NAME_MAX + SCHEMA_ID_MAX + 2)

static cJSON *read_number(const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n > 40 || strspn(text, "-+.eE0123456789") != n || text[0] == '+')
        return NULL;
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithOpts(text, &end, 1);
    if (cJSON_IsNumber(value) && json_number_is_exact(text, value->valuedouble))
        return value;
    cJSON_Delete(value);
    return NULL;
}

static cJSON *read_bool(const char *text)
{
    int yes = strcmp(text, "true") == 0;
    return yes || strcmp(text, "false") == 0 ? cJSON_CreateBool(yes) : NULL;
}

static cJSON *read_quantity(const char *text)
{
    cJSON *number = read_number(text);
    if (!number)
        return NULL;
    cJSON *quantity = cJSON_CreateObject();
    cJSON_AddItemToObject(quantity, "value", number);
    return quantity;
}

static cJSON *read_identifier(const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon)
        return NULL;
    cJSON *identifier = cJSON_CreateObject();
    cJSON *scheme = cJSON_AddStringToObject(identifier, "scheme", text);
    scheme->valuestring[colon - text] = 0;
    cJSON_AddStringToObject(identifier, "value", colon + 1);
    return identifier;
}

const struct type schema_types[TYPE_SOURCES + 1] = {
    [OUSE_TEXT] = {"text", WORDS | OUSE_SCHEME, 1, 500, KEY_TEXT_MAX, 0, type_check_line, encode_text,
                   cJSON_CreateString, encode_folded},
    [OUSE_LONG] = {"long", OUSE_SEARCHABLE, 1, 100000, 0, 0, type_check_long, NULL, NULL, NULL},
    [OUSE_ENUM] = {"enum", WORDS, 0, 0, 1, 0, type_check_enum, encode_choice, cJSON_CreateString, NULL},
    [OUSE_BOOL] = {"bool", KEYED, 0, 0, 1, 0, type_check_bool, encode_bool, read_bool, NULL},
    [OUSE_INT] = {"int", KEYED, -INT_MAX_EXACT, INT_MAX_EXACT, 8, 0, type_check_int, encode_int, read_number,
                  NULL},
    [OUSE_MONEY] = {"money", KEYED, -PENCE_MAX, PENCE_MAX, 8, 0, type_check_money, encode_money, read_number,
                    NULL},
    [OUSE_DATE] = {"date", KEYED, 0, 0, 8, 0, type_check_date, encode_span, cJSON_CreateString, NULL},
    [OUSE_PDATE] = {"pdate", KEYED, 0, 0, 8, 0, type_check_pdate, encode_span, cJSON_CreateString, NULL},
    [OUSE_QTY] = {"qty", KEYED, -INT_MAX_EXACT, INT_MAX_EXACT, 16, 0, type_check_quantity, encode_quantity,
                  read_quantity, NULL},
    [OUSE_URL] = {"url", WORDS, 1, 2000, KEY_TEXT_MAX, 0, type_check_url, encode_text, cJSON_CreateString,
                  encode_folded},
    [OUSE_EMAIL] = {"email", WORDS, 1, 254, KEY_TEXT_MAX, 0, type_check_email, encode_text,
                    cJSON_CreateString, encode_folded},
    [OUSE_REF] = {"ref", KEYED, 0, 0, REFERENCE_MAX, 0, type_check_reference, encode_reference,
                  cJSON_CreateString, NULL},
    [OUSE_REFS] = {"refs", KEYED, 1, ENTRIES_MAX, REFERENCE_MAX, 1, type_check_reference, encode_reference,
                   cJSON_CreateString, NULL},
    [OUSE_LIST] = {"list", WORDS, 1, ENTRIES_MAX, KEY_TEXT_MAX, 1, type_check_entry, encode_entry,
                   cJSON_CreateString, encode_entry_folded},
    [OUSE_IDS] = {"ids", WORDS, 1, ENTRIES_MAX, KEY_TEXT_MAX, 1, type_check_identifier, encode_identifier,
                  read_identifier, NULL},
    [OUSE_SERIES] = {"series", 0, 1, ENTRIES_MAX, 0, 1, type_check_observation, NULL, NULL, NULL},
    [TYPE_TIME] = {"time", 0, 0, 0, 8, 0, type_check_time, encode_time, cJSON_CreateString, NULL},
    [TYPE_SOURCES] = {"sources", 0, 1, SCHEMA_SOURCES_MAX, 0, 1, type_check_source, NULL, NULL, NULL},
};

const struct field schema_id_field = {
    .is = {.name = "id", .type = OUSE_TEXT}, .type = &schema_types[OUSE_TEXT], .title = "Id"};
