/* check_value: validates one value by the rules of its field, one function per type.
 *
 * A function reports the first mistake in the value, with the value and the accepted ones; other
 * values have their own turn, so that all errors of a record are reported together, each once. */
#include "types.h"
#include <math.h>
#include <utf8proc.h>

#define ENTRY_CHARACTERS 500 /* of one text in a list */
#define CHOICES_SHOWN    400 /* bytes */

struct ouse_str place_text(const struct place *place, const cJSON *value)
{
    struct ouse_str text = json_text(value);
    if (!text.p)
        place_refuse(place, "type", "must be a text; got %s", place_shown(place, value));
    return text;
}

static long long characters(struct ouse_str text)
{
    long long n = 0;
    for (uint32_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return n;
}

/* Reads the character at a position of well-formed UTF-8 and goes past it. */
static utf8proc_int32_t next_character(struct ouse_str text, uint32_t *at)
{
    utf8proc_int32_t code = 0;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text.p + *at, (utf8proc_ssize_t)(text.n - *at), &code);
    *at += n > 0 ? (uint32_t)n : 1;
    return code;
}

/* Returns whether a character can be seen: no space, control, format or filler character. */
static int is_visible(utf8proc_int32_t code)
{
    static const utf8proc_int32_t fillers[] = {0x115f, 0x1160, 0x2800, 0x3164, 0xffa0};
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
        if (code == fillers[i])
            return 0;
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
        return 0;
    default:
        return 1;
    }
}

/* Returns whether nothing of a text is visible. */
static int blank(struct ouse_str text)
{
    for (uint32_t at = 0; at < text.n;)
        if (is_visible(next_character(text, &at)))
            return 0;
    return 1;
}

/* Returns whether a character is no text: a control character, a separator of lines or paragraphs, or a code
 * that Unicode reserves for programs. */
static int is_no_text(utf8proc_int32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
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
    for (uint32_t at = 0; at < text.n;) {
        utf8proc_int32_t code = next_character(text, &at);
        if (!is_no_text(code) || (code && code < 0x80 && strchr(but, (int)code)))
            continue;
        place_refuse(place, "format",
                     *but ? "must have no control character (U+%04X)"
                          : "must be one line without control characters (U+%04X)",
                     (unsigned)code);
        return -1;
    }
    return 0;
}

/* The text of one line within bounds; no text, and an error, otherwise. */
static struct ouse_str line_of(const struct place *place, const cJSON *value, struct bounds bounds)
{
    struct ouse_str text = place_text(place, value);
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

void place_scheme(const struct place *place, const char *scheme, struct ouse_str value)
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
        place_scheme(place, place->field->choices[0], text);
    check_pattern(place, text);
}

void type_check_long(const struct place *place, cJSON *value)
{
    struct ouse_str text = place_text(place, value);
    if (text.p && !check_length(place, text, schema_bounds(place->field)))
        check_controls(place, text, "\t\r\n");
}

/* The choices as a message lists them; the first ones where they are many. */
static const char *choice_list(const struct place *place)
{
    const struct field *field = place->field;
    struct ouse_str list = {"", 0};
    uint32_t i = 0;
    for (; i < field->n_choices && list.n + strlen(field->choices[i]) < CHOICES_SHOWN; i++)
        list = arena_printf(place->problem->arena, "%.*s %s", OUSE_F(list), field->choices[i]);
    return i < field->n_choices ? arena_printf(place->problem->arena, "%s …", list.p).p : list.p;
}

int schema_choice(const struct field *field, struct ouse_str text)
{
    uint32_t i = 0;
    while (i < field->n_choices && !ouse_is(text, field->choices[i]))
        i++;
    return i < field->n_choices ? (int)i : -1;
}

void place_choice(const struct place *place, struct ouse_str text, const char *code)
{
    const struct field *field = place->field;
    if (schema_choice(field, text) >= 0)
        return;
    place_refuse(place, code, "must be one of%s; got \"%.*s\"%s", choice_list(place),
                 (int)schema_clip(text, 60).n, text.p,
                 place_hint(place, text, field->choices, field->n_choices));
}

void type_check_enum(const struct place *place, cJSON *value)
{
    struct ouse_str text = place_text(place, value);
    if (text.p)
        place_choice(place, text, "choice");
}

void type_check_bool(const struct place *place, cJSON *value)
{
    if (!cJSON_IsBool(value))
        place_refuse(place, "type", "must be true or false; got %s", place_shown(place, value));
}

#define WHOLE_MAX 9007199254740991.0 /* 2^53 - 1: up to here a double represents every whole number */

/* Returns 0 if a number is within the bounds of the field. The message writes it with `unit` to the
 * whole. */
static int check_range(const struct place *place, const cJSON *value, int unit)
{
    struct bounds bounds = schema_bounds(place->field);
    int decimals = unit > 1 ? 2 : 0;
    double n = value->valuedouble, least = (double)bounds.least / unit, most = (double)bounds.most / unit;
    /* 2^53 + 1 is read as 2^53, so that is refused, too, although declarations may name it as their bound. */
    least = fmax(least, -WHOLE_MAX);
    most = fmin(most, WHOLE_MAX);
    if (n < least)
        place_refuse(place, "too_small", "must be at least %.*f; got %s", decimals, least,
                     place_shown(place, value));
    else if (n > most)
        place_refuse(place, "too_large", "must be at most %.*f; got %s", decimals, most,
                     place_shown(place, value));
    else
        return 0;
    return -1;
}

void type_check_int(const struct place *place, cJSON *value)
{
    if (!cJSON_IsNumber(value) || value->valuedouble != trunc(value->valuedouble))
        place_refuse(place, "type", "must be a whole number; got %s", place_shown(place, value));
    else
        check_range(place, value, 1);
}

void type_check_number(const struct place *place, cJSON *value)
{
    if (!cJSON_IsNumber(value))
        place_refuse(place, "type", "must be a number; got %s", place_shown(place, value));
    else
        check_range(place, value, 1);
}

void type_check_money(const struct place *place, cJSON *value)
{
    int64_t pence;
    if (!cJSON_IsNumber(value))
        place_refuse(place, "type", "must be a number; got %s", place_shown(place, value));
    else if (!check_range(place, value, 100) && schema_pence(value->valuedouble, &pence))
        place_refuse(place, "decimals", "must have at most two decimals; got %s", place_shown(place, value));
}

static void check_span(const struct place *place, const cJSON *value, int whole, const char *right)
{
    struct ouse_str text = place_text(place, value);
    int32_t first, last;
    if (text.p && ((whole && text.n != 10) || schema_span(text, &first, &last)))
        place_refuse(place, "format", "must be %s; got %s", right, place_shown(place, value));
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
                     place_shown(place, value));
}

void type_check_url(const struct place *place, cJSON *value)
{
    struct ouse_str text = line_of(place, value, schema_bounds(place->field));
    if (text.p && !address_url(text))
        place_refuse(place, "format",
                     "must be an absolute http or https URL (RFC 3986) without a user; got %s",
                     place_shown(place, value));
}

void type_check_email(const struct place *place, cJSON *value)
{
    struct ouse_str text = line_of(place, value, schema_bounds(place->field));
    if (text.p && !address_email(text))
        place_refuse(place, "format", "must be an e-mail address such as name@example.org; got %s",
                     place_shown(place, value));
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
    struct ouse_str text = place_text(place, value), id;
    if (!text.p)
        return;
    if (!*text.p)
        place_refuse(place, "empty", "must not be empty; leave it out, or null, where it is unknown");
    else if (!reference_target(field, text, &id))
        place_refuse(place, "format", "must be %s%s; got %s",
                     field->qualified ? "\"collection/id\" of " : "the id of a record of ",
                     targets_of(place, field), place_shown(place, value));
}

void type_check_entry(const struct place *place, cJSON *value)
{
    if (place->field->n_choices)
        type_check_enum(place, value);
    else
        line_of(place, value, (struct bounds){1, ENTRY_CHARACTERS});
}
