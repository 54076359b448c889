/* check_object: values that are objects of a few members: quantities, identifiers,
 * observations of a series, and sources, which any record may have:
 *
 *     [{"publication": "id", "quote": "…", "fields": ["/amount"], "status": "claimed"}]
 */
#include "types.h"
#include <math.h>

#define UNIT_CHARACTERS  40
#define QUOTE_CHARACTERS 1000
#define COUNT(parts)     (sizeof(parts) / sizeof *(parts))

/* A member, which may have the rules of a separate field. */
struct part {
    const char *name;
    int required;
    const struct field *field; /* NULL: that of the whole */
    check_fn *check;           /* NULL: it is looked at with the others */
};

#define PARTS_MAX 5

/* Returns whether a value is an object. Reports unknown members, and missing ones. */
static int is_object_of(const struct place *whole, cJSON *value, const char *with, const struct part *parts,
                        size_t n)
{
    const char *names[PARTS_MAX];
    if (!cJSON_IsObject(value)) {
        place_refuse(whole, "type", "must be an object with %s; got %s", with, place_shown(whole, value));
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        names[i] = parts[i].name;
    schema_check_members(whole, value, names, n);
    for (size_t i = 0; i < n; i++) {
        struct place place = place_member(whole, parts[i].name);
        cJSON *part = json_member(value, parts[i].name);
        place.field = parts[i].field ? parts[i].field : whole->field;
        if (part && parts[i].check)
            parts[i].check(&place, part);
        if (!part && parts[i].required)
            place_refuse(&place, "required", "must be given");
    }
    return 1;
}

/* Checks the qualifier of a number or a range. */
static void check_qualifier(const struct place *quantity, const cJSON *value, int is_range)
{
    const char *of_value = "exact approx over under", *of_range = "range approx";
    struct place place = place_member(quantity, "qualifier");
    if (value && !ouse_is_one(json_text(value), is_range ? of_range : of_value))
        place_refuse(&place, "choice", "must be one of %s together with %s; got %s",
                     is_range ? of_range : of_value, is_range ? "min and max" : "value",
                     place_shown(&place, value));
}

void type_check_quantity(const struct place *place, cJSON *value)
{
    static const struct field unit = {.is = {.type = OUSE_TEXT, .max = UNIT_CHARACTERS}};
    static const struct part parts[] = {{"value", 0, NULL, type_check_number},
                                        {"min", 0, NULL, type_check_number},
                                        {"max", 0, NULL, type_check_number},
                                        {"qualifier", 0, NULL, NULL},
                                        {"unit", 0, &unit, type_check_line}};
    if (!is_object_of(place, value, "value, or with min and max", parts, COUNT(parts)))
        return;
    const cJSON *one = json_member(value, "value"), *min = json_member(value, "min"),
                *max = json_member(value, "max");
    check_qualifier(place, json_member(value, "qualifier"), one == NULL);
    if (one ? min || max : !min || !max)
        place_refuse(place, "format", "must have either value, or min and max");
    else if (cJSON_IsNumber(min) && cJSON_IsNumber(max) && min->valuedouble > max->valuedouble)
        place_refuse(place, "format", "min %s must not be more than max %s", place_shown(place, min),
                     place_shown(place, max));
}

static void check_scheme(const struct place *place, cJSON *value)
{
    struct ouse_str text = place_text(place, value);
    if (text.p)
        place_choice(place, text, "scheme");
}

static void check_text(const struct place *place, cJSON *value)
{
    place_text(place, value);
}

void type_check_identifier(const struct place *place, cJSON *value)
{
    static const struct part parts[] = {{"scheme", 1, NULL, check_scheme}, {"value", 1, NULL, check_text}};
    if (!is_object_of(place, value, "scheme and value", parts, COUNT(parts)))
        return;
    struct place at_value = place_member(place, "value");
    struct ouse_str text = json_text(json_member(value, "value"));
    int scheme = schema_choice(place->field, json_text(json_member(value, "scheme")));
    if (scheme >= 0 && text.p)
        place_scheme(&at_value, place->field->choices[scheme], text);
}

static void check_measured(const struct place *place, cJSON *value)
{
    if (!cJSON_IsNumber(value))
        place_refuse(place, "type", "must be a number; got %s", place_shown(place, value));
    else if (fabs(value->valuedouble) > INT_MAX_EXACT)
        place_refuse(place, "too_large", "must be between -2^53 and 2^53; got %s", place_shown(place, value));
}

void type_check_observation(const struct place *place, cJSON *value)
{
    static const struct part parts[] = {{"on", 1, NULL, type_check_pdate},
                                        {"value", 1, NULL, check_measured}};
    is_object_of(place, value, "on and value", parts, COUNT(parts));
}

static void check_pointers(const struct place *place, cJSON *list)
{
    int i = 0;
    if (schema_check_list(place, list, (struct bounds){1, SCHEMA_FIELDS_MAX}))
        return;
    for (const cJSON *c = list->child; c; c = c->next) {
        struct place entry = place_entry(place, i++);
        struct ouse_str pointer = json_text(c);
        if (!pointer.n || pointer.p[0] != '/' || !schema_pointed(place->collection, pointer))
            place_refuse(&entry, "format", "must be a JSON pointer to a field, such as \"/%s\"; got %s",
                         place->collection->fields[0].is.name, place_shown(place, c));
    }
}

void type_check_source(const struct place *place, cJSON *value)
{
    static const char *statuses[] = {"claimed", "confirmed", "disputed"};
    static const struct field quote = {.is = {.type = OUSE_LONG, .max = QUOTE_CHARACTERS}},
                              status = {.is = {.type = OUSE_ENUM}, .choices = statuses, .n_choices = 3};
    static const struct part parts[] = {{"publication", 1, NULL, type_check_reference},
                                        {"quote", 0, &quote, type_check_long},
                                        {"fields", 0, NULL, check_pointers},
                                        {"status", 0, &status, type_check_enum}};
    is_object_of(place, value, "publication", parts, COUNT(parts));
}
