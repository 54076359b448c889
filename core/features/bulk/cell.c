/* cell: see cell.h. */
#include "cell.h"

#include "../../base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <strings.h>
#include <utf8proc.h>

/* ---- Spaces ---------------------------------------------------------------------- */

static int is_plain_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Returns the number of bytes of space at a position; 0: no space. */
static uint32_t space_at(struct ouse_str text, uint32_t at)
{
    utf8proc_int32_t code;
    if (is_plain_space(text.p[at]))
        return 1;
    utf8proc_ssize_t n =
        utf8proc_iterate((const utf8proc_uint8_t *)text.p + at, (utf8proc_ssize_t)(text.n - at), &code);
    return n > 1 && utf8proc_category(code) == UTF8PROC_CATEGORY_ZS ? (uint32_t)n : 0;
}

/* Returns the number of bytes of space at the end of a text; 0: no space. */
static uint32_t space_before_end(struct ouse_str text)
{
    uint32_t n = 1;
    while (n < text.n && n < 4 && ((unsigned char)text.p[text.n - n] & 0xc0) == 0x80)
        n++;
    return space_at(text, text.n - n) == n ? n : 0;
}

struct ouse_str cell_trim(struct ouse_str text)
{
    struct ouse_str left = text;
    uint32_t n;
    while (left.n && (n = space_at(left, 0)))
        left.p += n, left.n -= n;
    while (left.n && (n = space_before_end(left)))
        left.n -= n;
    for (uint32_t i = 0; !left.n && i < text.n; i++)
        if (!is_plain_space(text.p[i]))
            return text;
    return left;
}

/* ---- Codes ----------------------------------------------------------------------- */

static const struct {
    const char *scheme, *before;
} prefixes[] = {
    {"ror", "https://ror.org/"},     {"ror", "http://ror.org/"},
    {"orcid", "https://orcid.org/"}, {"orcid", "http://orcid.org/"},
    {"charity", "GB-CHC-"},          {"charity", "GB-SC-"},
    {"company", "GB-COH-"},          {"ods", "GB-NHS-"},
    {"ukprn", "GB-UKPRN-"},          {"doi", "https://doi.org/"},
    {"doi", "http://doi.org/"},      {"doi", "https://dx.doi.org/"},
    {"doi", "http://dx.doi.org/"},   {"doi", "doi:"},
};

/* Returns the text after a prefix of the table; no text if it does not begin with one. */
static struct ouse_str after_prefix(size_t i, struct ouse_str text)
{
    size_t n = strlen(prefixes[i].before);
    int begins = text.n > n && memcmp(text.p, prefixes[i].before, n) == 0;
    return begins ? (struct ouse_str){text.p + n, text.n - (uint32_t)n} : (struct ouse_str){NULL, 0};
}

struct ouse_str cell_identifier(const char *scheme, struct ouse_str text)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct ouse_str value = after_prefix(i, text);
        if (value.p && strcmp(prefixes[i].scheme, scheme) == 0)
            return value;
    }
    return text;
}

int cell_code(struct ouse_str text, struct ouse_str *scheme, struct ouse_str *value)
{
    const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
    char name[SCHEMA_NAME_MAX + 1];
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        *value = after_prefix(i, text);
        *scheme = ouse_s(prefixes[i].scheme);
        if (value->p)
            return 1;
    }
    if (!colon || colon - text.p > SCHEMA_NAME_MAX)
        return 0;
    *scheme = (struct ouse_str){text.p, (uint32_t)(colon - text.p)};
    *value = (struct ouse_str){colon + 1, text.n - scheme->n - 1};
    snprintf(name, sizeof name, "%.*s", OUSE_F(*scheme));
    *value = cell_identifier(name, text_trim(*value));
    return schema_scheme_known(name);
}

/* ---- Types ------------------------------------------------------------------------ */

static cJSON *as_text(struct arena *arena, struct ouse_str cell)
{
    return cJSON_CreateString(arena_copy(arena, cell).p);
}

/* The JSON that a cell holds, or the cell as a text. */
static cJSON *as_json(struct arena *arena, struct ouse_str cell)
{
    struct problem unused;
    cJSON *value;
    problem_init(&unused, arena);
    return json_parse(arena, cell, &value, &unused) ? as_text(arena, cell) : cJSON_Duplicate(value, 1);
}

/* Whether a text is one of the words, without regard to case. */
static int is_word(struct ouse_str text, const char *words)
{
    struct ouse_str list = ouse_s(words), word;
    while (text_cut(&list, ' ', &word))
        if (word.n == text.n && strncasecmp(word.p, text.p, word.n) == 0)
            return 1;
    return 0;
}

static cJSON *read_flag(struct arena *arena, struct ouse_str cell)
{
    int yes = is_word(cell, "true yes y 1 1.0");
    return yes || is_word(cell, "false no n 0 0.0") ? cJSON_CreateBool(yes) : as_text(arena, cell);
}

/* Takes the commas out of "1,234,567.50" if they part groups of three; returns whether it is such a number,
 * of ASCII digits. */
static int join_groups(struct ouse_str cell, char *digits)
{
    uint32_t n = 0, i = cell.n && *cell.p == '-', group = 0, commas = 0;
    if (i)
        digits[n++] = '-';
    for (; i < cell.n && cell.p[i] != '.'; i++) {
        int is_comma = cell.p[i] == ',';
        if ((!is_comma && !isdigit((unsigned char)cell.p[i])) ||
            (is_comma && (commas ? group != 3 : group < 1 || group > 3)))
            return 0;
        commas += (uint32_t)is_comma;
        group = is_comma ? 0 : group + 1;
        if (!is_comma)
            digits[n++] = cell.p[i];
    }
    if (!group || (commas && group != 3))
        return 0;
    uint32_t decimals = cell.n - i - (i < cell.n);
    for (uint32_t at = i; decimals && at < cell.n; at++)
        digits[n++] = cell.p[at];
    digits[n] = '\0';
    return 1;
}

/* "£1,234.50", "1,234", "007", "3.0", "3." */
static cJSON *read_number(struct arena *arena, struct ouse_str cell)
{
    static const char pound[] = "£";
    struct ouse_str number = cell;
    char *digits = arena_alloc(arena, cell.n + 1);
    if (number.n > 2 && memcmp(number.p, pound, 2) == 0)
        number = text_trim((struct ouse_str){number.p + 2, number.n - 2});
    else if (number.n > 3 && *number.p == '-' && memcmp(number.p + 1, pound, 2) == 0)
        number = arena_printf(arena, "-%.*s", (int)number.n - 3, number.p + 3);
    if (!join_groups(number, digits))
        return as_json(arena, cell);
    while (digits[0] == '0' && isdigit((unsigned char)digits[1]))
        digits++;
    cJSON *value = as_json(arena, ouse_s(digits));
    if (cJSON_IsNumber(value))
        return value;
    cJSON_Delete(value);
    return as_text(arena, cell);
}

/* A quantity is its JSON, or its number alone. */
static cJSON *read_quantity(struct arena *arena, struct ouse_str cell)
{
    cJSON *value = *cell.p == '{' ? as_json(arena, cell) : read_number(arena, cell), *quantity;
    if (!cJSON_IsNumber(value))
        return value;
    quantity = cJSON_CreateObject();
    cJSON_AddItemToObject(quantity, "value", value);
    return quantity;
}

static int all_digits(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (!isdigit((unsigned char)text.p[i]))
            return 0;
    return text.n > 0;
}

/* "2024-01-31 00:00:00", "2024-01-31T00:00:00.000Z": a day, as programs write it. */
static struct ouse_str without_midnight(struct ouse_str cell)
{
    static const char midnight[] = "00:00";
    if (cell.n < 16 || (cell.p[10] != ' ' && cell.p[10] != 'T') || memcmp(cell.p + 11, midnight, 5) != 0)
        return cell;
    uint32_t i = 16;
    while (i < cell.n && memchr(":.0", cell.p[i], 3))
        i++;
    /* then the offset from UTC, if any: the day is the one that is written */
    if (i == cell.n || (cell.p[i] == 'Z' && i + 1 == cell.n) ||
        (memchr("+-", cell.p[i], 2) && cell.n - i <= 6))
        return (struct ouse_str){cell.p, 10};
    return cell;
}

/* "31/01/2024", "1/2/2024": the day first, as in Britain. */
static int read_british(struct ouse_str cell, unsigned date[3])
{
    struct ouse_str part;
    static const uint32_t most[] = {2, 2, 4}, least[] = {1, 1, 4};
    for (int i = 0; i < 3; i++) {
        if (!text_cut(&cell, '/', &part) || !all_digits(part) || part.n > most[i] || part.n < least[i])
            return 0;
        date[i] = 0;
        for (uint32_t d = 0; d < part.n; d++)
            date[i] = date[i] * 10 + (unsigned)(part.p[d] - '0');
    }
    return cell.p == NULL;
}

static cJSON *read_date(struct arena *arena, struct ouse_str cell)
{
    struct ouse_str text = without_midnight(cell);
    unsigned date[3];
    int32_t first, last;
    if (read_british(text, date))
        text = arena_printf(arena, "%04u-%02u-%02u", date[2], date[1], date[0]);
    else if (text.n == 8 && all_digits(text))
        text = arena_printf(arena, "%.4s-%.2s-%.2s", text.p, text.p + 4, text.p + 6);
    else if (text.n == 6 && text.p[4] == '.' && text.p[5] == '0') /* 2024.0: a year in a data frame */
        text.n = 4;
    return as_text(arena, schema_span(text, &first, &last) ? cell : text);
}

/* A choice, or its title: "NHS trust" of nhs_trust. */
static cJSON *read_choice(struct arena *arena, const struct field *field, struct ouse_str cell)
{
    char *folded = arena_alloc(arena, cell.n + 1);
    for (uint32_t i = 0; i < cell.n; i++)
        folded[i] = isalnum((unsigned char)cell.p[i]) ? (char)tolower((unsigned char)cell.p[i]) : '_';
    folded[cell.n] = '\0';
    for (uint32_t i = 0; i < field->n_choices; i++)
        if (strcmp(field->choices[i], folded) == 0)
            return cJSON_CreateString(folded);
    return as_text(arena, cell);
}

/* Reads ['a', "b"], as Python writes a list; returns NULL if the cell is not a list. */
static cJSON *read_python_list(struct arena *arena, struct ouse_str cell)
{
    cJSON *list = json_keep(arena, cJSON_CreateArray());
    uint32_t i = 1, end = cell.n - 1;
    while (i < end) {
        char quote = cell.p[i];
        const char *stop = quote == '\'' || quote == '"' ? memchr(cell.p + i + 1, quote, end - i - 1) : NULL;
        if (!stop || memchr(cell.p + i, '\\', (size_t)(stop - cell.p) - i))
            return NULL;
        cJSON_AddItemToArray(
            list, as_text(arena, (struct ouse_str){cell.p + i + 1, (uint32_t)(stop - cell.p) - i - 1}));
        i = (uint32_t)(stop - cell.p) + 1;
        while (i < end && (cell.p[i] == ' ' || cell.p[i] == ','))
            i++;
    }
    return cJSON_Duplicate(list, 1);
}

/* "a; b", or a list in JSON or as Python writes it. */
static cJSON *read_list(struct arena *arena, const struct field *field, struct ouse_str cell)
{
    struct ouse_str entry;
    cJSON *list = NULL;
    if (cell.p[0] == '[') {
        list = as_json(arena, cell);
        if (!cJSON_IsString(list) || cell.n < 2 || cell.p[cell.n - 1] != ']')
            return list;
        cJSON *python = read_python_list(arena, cell);
        if (!python)
            return list;
        cJSON_Delete(list);
        return python;
    }
    list = cJSON_CreateArray();
    while (text_cut(&cell, ';', &entry)) {
        entry = text_trim(entry);
        cJSON_AddItemToArray(list,
                             field->n_choices ? read_choice(arena, field, entry) : as_text(arena, entry));
    }
    return list;
}

static int is_choice(const struct field *field, struct ouse_str cell)
{
    for (uint32_t i = 0; i < field->n_choices; i++)
        if (ouse_is(cell, field->choices[i]))
            return 1;
    return 0;
}

/* Returns whether a cell is a missing value as data frames write it, in a field of numbers, dates
 * or the like. */
static int is_missing(const struct field *field, struct ouse_str cell)
{
    static const uint32_t types = 1u << OUSE_INT | 1u << OUSE_MONEY | 1u << OUSE_DATE | 1u << OUSE_PDATE |
                                  1u << OUSE_QTY | 1u << OUSE_BOOL | 1u << OUSE_ENUM;
    return field && types >> field->is.type & 1 && !is_choice(field, cell) &&
           is_word(cell, "nan na n/a nat none null <na> #n/a -");
}

cJSON *cell_value(struct arena *arena, const struct field *field, struct ouse_str cell)
{
    if (!cell.n || is_missing(field, cell))
        return NULL;
    if (field && schema_is_list(field))
        return read_list(arena, field, cell);
    switch (field ? field->is.type : OUSE_TEXT) {
    case OUSE_INT:
    case OUSE_MONEY:
        return read_number(arena, cell);
    case OUSE_QTY:
        return read_quantity(arena, cell);
    case OUSE_BOOL:
        return read_flag(arena, cell);
    case OUSE_DATE:
    case OUSE_PDATE:
        return read_date(arena, cell);
    case OUSE_ENUM:
        return read_choice(arena, field, cell);
    default:
        return as_text(arena, cell);
    }
}
