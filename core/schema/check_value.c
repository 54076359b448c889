/* check_value: one value by the rules of its field, one function a type.
 *
 * A function says the first thing that is wrong with the value, with the value
 * and with what would be accepted, and leaves the others to their own turn, so
 * that a record's errors come all at once and none twice.
 */
#include "types.h"
#include <math.h>

#define ENTRY_CHARACTERS 500 /* of one text in a list */
#define UNIT_CHARACTERS  40
#define CHOICES_SHOWN    400 /* bytes */

static const char *shown(const struct place *place, const cJSON *value)
{
    return schema_shown(place->problem->arena, value);
}

/* The value's text; no text, and an error, where it is none. */
static struct ouse_str text_of(const struct place *place, const cJSON *value)
{
    struct ouse_str text = json_text(value);
    if (!text.p)
        place_refuse(place, "type", "must be a text; got %s", shown(place, value));
    return text;
}

static long long characters(struct ouse_str text)
{
    long long n = 0;
    for (uint32_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

static int blank(struct ouse_str text)
{
    return strspn(text.p, " \t\r\n") == text.n;
}

/* 0 when the text is of `least` to `most` characters and not blank. */
static int check_length(const struct place *place, struct ouse_str text, struct bounds bounds)
{
    long long n = characters(text);
    if (blank(text))
        place_refuse(place, "empty", "must not be empty; leave it out, or null, where it is unknown");
    else if (n > bounds.most)
        place_refuse(place, "too_long", "must have at most %lld characters; has %lld", (long long)bounds.most,
                     n);
    else if (n < bounds.least)
        place_refuse(place, "too_short", "must have at least %lld characters; has %lld",
                     (long long)bounds.least, n);
    else
        return 0;
    return -1;
}

/* 0 when there is no control character but those in `but`. */
static int check_controls(const struct place *place, struct ouse_str text, const char *but)
{
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c >= 0x20 && c != 0x7f) || (c && strchr(but, c)))
            continue;
        place_refuse(place, "format",
                     *but ? "must have no control character (U+%04X)"
                          : "must be one line without control characters (U+%04X)",
                     (unsigned)c);
        return -1;
    }
    return 0;
}

/* The text of one line within bounds; no text, and an error, otherwise. */
static struct ouse_str line_of(const struct place *place, const cJSON *value, struct bounds bounds)
{
    struct ouse_str text = text_of(place, value);
    if (text.p && (check_length(place, text, bounds) || check_controls(place, text, "")))
        text.p = NULL;
    return text;
}

static void check_pattern(const struct place *place, struct ouse_str text)
{
    const struct field *field = place->field;
    regmatch_t match;
    if (!field->pattern)
        return;
    if (regexec(field->pattern, text.p, 1, &match, 0) || match.rm_so != 0 || (uint32_t)match.rm_eo != text.n)
        place_refuse(place, "pattern", "must match %s; got \"%.*s\"", field->is.pattern,
                     (int)schema_clip(text, 60).n, text.p);
}

static void check_scheme(const struct place *place, const char *scheme, struct ouse_str value)
{
    static const char *const codes[] = {[IDENTIFIER_FORM] = "format", [IDENTIFIER_CHECK] = "checksum"};
    int flaw = identifier_flaw(scheme, value);
    if (flaw != IDENTIFIER_GOOD)
        place_refuse(place, codes[flaw], "is no %s identifier: %.*s; it has %s", scheme,
                     (int)schema_clip(value, 40).n, value.p, schema_identifier(scheme, value));
}

void type_check_line(const struct place *place, cJSON *value)
{
    struct ouse_str text = line_of(place, value, schema_bounds(place->field));
    if (!text.p)
        return;
    if (place->field->is.flags & OUSE_SCHEME)
        check_scheme(place, place->field->choices[0], text);
    check_pattern(place, text);
}

void type_check_long(const struct place *place, cJSON *value)
{
    struct ouse_str text = text_of(place, value);
    if (text.p && !check_length(place, text, schema_bounds(place->field)))
        check_controls(place, text, "\t\r\n");
}

/* The choices as a message lists them; the first ones where they are many. */
static const char *choice_list(const struct place *place)
{
    const struct field *field = place->field;
    struct buffer list;
    buffer_init(&list, CHOICES_SHOWN);
    for (uint32_t i = 0; i < field->n_choices && !list.overflow; i++)
        buffer_printf(&list, " %s", field->choices[i]);
    const char *text =
        arena_printf(place->problem->arena, "%.*s%s", (int)list.n, list.at, list.overflow ? " …" : "").p;
    buffer_finish(&list);
    return text;
}

/* The position of a text among the field's choices; -1, and an error, where it is none. */
static int check_choice(const struct place *place, struct ouse_str text, const char *code)
{
    const struct field *field = place->field;
    for (uint32_t i = 0; i < field->n_choices; i++)
        if (ouse_is(text, field->choices[i]))
            return (int)i;
    const char *near = place_nearest(place, text, field->choices, field->n_choices);
    place_refuse(place, code, "must be one of%s; got \"%.*s\"%s%s", choice_list(place),
                 (int)schema_clip(text, 60).n, text.p, near ? "; did you mean " : "", near ? near : "");
    return -1;
}

void type_check_enum(const struct place *place, cJSON *value)
{
    struct ouse_str text = text_of(place, value);
    if (text.p)
        check_choice(place, text, "choice");
}

void type_check_bool(const struct place *place, cJSON *value)
{
    if (!cJSON_IsBool(value))
        place_refuse(place, "type", "must be true or false; got %s", shown(place, value));
}

void type_check_int(const struct place *place, cJSON *value)
{
    struct bounds bounds = schema_bounds(place->field);
    double n = value->valuedouble;
    if (!cJSON_IsNumber(value) || n != trunc(n))
        place_refuse(place, "type", "must be a whole number; got %s", shown(place, value));
    else if (n < (double)bounds.least)
        place_refuse(place, "too_small", "must be at least %lld; got %s", (long long)bounds.least,
                     shown(place, value));
    else if (n > (double)bounds.most)
        place_refuse(place, "too_large", "must be at most %lld; got %s", (long long)bounds.most,
                     shown(place, value));
}

void type_check_money(const struct place *place, cJSON *value)
{
    struct bounds bounds = schema_bounds(place->field);
    int64_t pence = 0;
    if (!cJSON_IsNumber(value))
        place_refuse(place, "type", "must be a number; got %s", shown(place, value));
    else if (value->valuedouble < (double)bounds.least / 100)
        place_refuse(place, "too_small", "must be at least %.2f; got %s", (double)bounds.least / 100,
                     shown(place, value));
    else if (value->valuedouble > (double)bounds.most / 100)
        place_refuse(place, "too_large", "must be at most %.2f; got %s", (double)bounds.most / 100,
                     shown(place, value));
    else if (schema_pence(value->valuedouble, &pence))
        place_refuse(place, "decimals", "must have at most two decimals; got %s", shown(place, value));
}

static void check_span(const struct place *place, const cJSON *value, int whole, const char *right)
{
    struct ouse_str text = text_of(place, value);
    int32_t first, last;
    if (text.p && ((whole && text.n != 10) || schema_span(text, &first, &last)))
        place_refuse(place, "format", "must be %s; got %s", right, shown(place, value));
}

void type_check_date(const struct place *place, cJSON *value)
{
    check_span(place, value, 1, "a day that exists, YYYY-MM-DD");
}

void type_check_pdate(const struct place *place, cJSON *value)
{
    check_span(place, value, 0, "a year, month or day that exists: YYYY, YYYY-MM or YYYY-MM-DD");
}

void type_check_time(const struct place *place, cJSON *value)
{
    int64_t first, last;
    if (schema_instants(json_text(value), &first, &last))
        place_refuse(place, "format",
                     "must be a date (YYYY, YYYY-MM, YYYY-MM-DD) or an instant, YYYY-MM-DDThh:mm:ssZ; got %s",
                     shown(place, value));
}

static void check_number(const struct place *quantity, const char *name, const cJSON *value)
{
    struct place place = place_member(quantity, name);
    struct bounds bounds = schema_bounds(quantity->field);
    if (!value)
        return;
    if (!cJSON_IsNumber(value))
        place_refuse(&place, "type", "must be a number; got %s", shown(&place, value));
    else if (value->valuedouble < (double)bounds.least)
        place_refuse(&place, "too_small", "must be at least %lld; got %s", (long long)bounds.least,
                     shown(&place, value));
    else if (value->valuedouble > (double)bounds.most)
        place_refuse(&place, "too_large", "must be at most %lld; got %s", (long long)bounds.most,
                     shown(&place, value));
}

static void check_unit(const struct place *quantity, const cJSON *value)
{
    struct place place = place_member(quantity, "unit");
    if (value)
        line_of(&place, value, (struct bounds){1, UNIT_CHARACTERS});
}

/* What may qualify one number, and what a range. */
static void check_qualifier(const struct place *quantity, const cJSON *value, int is_range)
{
    static const struct {
        const char *name;
        int of_value, of_range;
    } qualifiers[] = {{"exact", 1, 0}, {"approx", 1, 1}, {"over", 1, 0}, {"under", 1, 0}, {"range", 0, 1}};
    struct place place = place_member(quantity, "qualifier");
    if (!value)
        return;
    for (size_t i = 0; i < sizeof qualifiers / sizeof *qualifiers; i++)
        if (ouse_is(json_text(value), qualifiers[i].name) &&
            (is_range ? qualifiers[i].of_range : qualifiers[i].of_value))
            return;
    place_refuse(&place, "choice", "must be one of %s; got %s",
                 is_range ? "range approx beside min and max" : "exact approx over under beside value",
                 shown(&place, value));
}

void type_check_quantity(const struct place *place, cJSON *value)
{
    static const char *const members[] = {"value", "min", "max", "qualifier", "unit"};
    if (!cJSON_IsObject(value)) {
        place_refuse(place, "type", "must be an object with value, or with min and max; got %s",
                     shown(place, value));
        return;
    }
    schema_check_members(place, value, members, sizeof members / sizeof *members);
    const cJSON *one = json_member(value, "value"), *min = json_member(value, "min"),
                *max = json_member(value, "max");
    check_number(place, "value", one);
    check_number(place, "min", min);
    check_number(place, "max", max);
    check_unit(place, json_member(value, "unit"));
    check_qualifier(place, json_member(value, "qualifier"), one == NULL);
    if (one ? min || max : !min || !max)
        place_refuse(place, "format", "must have either value, or min and max");
    else if (cJSON_IsNumber(min) && cJSON_IsNumber(max) && min->valuedouble > max->valuedouble)
        place_refuse(place, "format", "min %s must not be more than max %s", shown(place, min),
                     shown(place, max));
}

void type_check_url(const struct place *place, cJSON *value)
{
    struct ouse_str text = line_of(place, value, schema_bounds(place->field));
    if (text.p && !address_url(text))
        place_refuse(place, "format", "must be an absolute http or https URL (RFC 3986); got %s",
                     shown(place, value));
}

void type_check_email(const struct place *place, cJSON *value)
{
    struct ouse_str text = line_of(place, value, schema_bounds(place->field));
    if (text.p && !address_email(text))
        place_refuse(place, "format", "must be an e-mail address such as name@example.org; got %s",
                     shown(place, value));
}

/* The collections that a field may refer to, in words; of sources that no collection
 * holds, the name is in the declaration only. */
static const char *targets_of(const struct place *place, const struct field *field)
{
    const char *names = "";
    if (strcmp(field->is.refers_to, SCHEMA_ANY) == 0)
        return "any collection of this register";
    if (!field->targets[0].collection)
        return field->is.refers_to;
    for (uint32_t i = 0; i < field->n_targets; i++)
        names =
            arena_printf(place->problem->arena, "%s%s%s", names, i ? " " : "", field->targets[i].collection)
                .p;
    return names;
}

void type_check_reference(const struct place *place, cJSON *value)
{
    const struct field *field = place->field;
    struct ouse_str text = text_of(place, value), id;
    if (!text.p)
        return;
    if (!*text.p)
        place_refuse(place, "empty", "must not be empty; leave it out, or null, where it is unknown");
    else if (!reference_target(field, text, &id))
        place_refuse(place, "format", "must be %s%s; got %s",
                     field->qualified ? "\"collection/id\" of " : "the id of a record of ",
                     targets_of(place, field), shown(place, value));
}

void type_check_entry(const struct place *place, cJSON *value)
{
    if (place->field->n_choices)
        type_check_enum(place, value);
    else
        line_of(place, value, (struct bounds){1, ENTRY_CHARACTERS});
}

void type_check_identifier(const struct place *place, cJSON *value)
{
    static const char *const members[] = {"scheme", "value"};
    struct place at_scheme = place_member(place, "scheme"), at_value = place_member(place, "value");
    if (!cJSON_IsObject(value)) {
        place_refuse(place, "type", "must be an object with scheme and value; got %s", shown(place, value));
        return;
    }
    schema_check_members(place, value, members, 2);
    const cJSON *scheme = json_member(value, "scheme"), *identifier = json_member(value, "value");
    if (!scheme)
        place_refuse(&at_scheme, "required", "must be given");
    if (!identifier)
        place_refuse(&at_value, "required", "must be given");
    if (!scheme || !identifier)
        return;
    struct ouse_str scheme_text = text_of(&at_scheme, scheme), text = text_of(&at_value, identifier);
    if (!scheme_text.p || !text.p)
        return;
    int known = check_choice(&at_scheme, scheme_text, "scheme");
    if (known >= 0)
        check_scheme(&at_value, place->field->choices[known], text);
}

void type_check_observation(const struct place *place, cJSON *value)
{
    static const char *const members[] = {"on", "value"};
    struct place at_on = place_member(place, "on"), at_value = place_member(place, "value");
    if (!cJSON_IsObject(value)) {
        place_refuse(place, "type", "must be an object with on and value; got %s", shown(place, value));
        return;
    }
    schema_check_members(place, value, members, 2);
    cJSON *on = json_member(value, "on"), *number = json_member(value, "value");
    if (on)
        type_check_pdate(&at_on, on);
    else
        place_refuse(&at_on, "required", "must be given");
    if (!number)
        place_refuse(&at_value, "required", "must be given");
    else if (!cJSON_IsNumber(number))
        place_refuse(&at_value, "type", "must be a number; got %s", shown(&at_value, number));
    else if (fabs(number->valuedouble) > INT_MAX_EXACT)
        place_refuse(&at_value, "too_large", "must be between -2^53 and 2^53; got %s",
                     shown(&at_value, number));
}
