/* typed: see typed.h. Amounts and numbers may have signs, commas and a word for thousands or millions; dates
 * may be written in numbers or words, day first. */
#include "typed.h"
#include "view.h"
#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum kind { PLAIN, MONEY, WHOLE, NUMBER, PARTIAL_DATE, DAY };

static enum kind kind_of(const struct field *field)
{
    static const struct {
        const char *type;
        enum kind kind;
    } kinds[] = {{"money", MONEY}, {"int", WHOLE}, {"qty", NUMBER}, {"pdate", PARTIAL_DATE}, {"date", DAY}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].type, field->type) == 0)
            return kinds[i].kind;
    return PLAIN;
}

const char *typed_example(const struct field *field)
{
    static const char *const examples[] = {
        [PLAIN] = "a text",
        [MONEY] = "an amount, like £1,000,000 or £1.5m",
        [WHOLE] = "a whole number, like 1,500",
        [NUMBER] = "a number, like 1,500 or 30.5",
        [PARTIAL_DATE] = "a date, like June 2025, 1 June 2025 or 2025",
        [DAY] = "a date, like June 2025, 1 June 2025 or 2025",
    };
    return examples[kind_of(field)];
}

/* ---- Numbers ------------------------------------------------------------------------------ */

enum { DIGITS_MAX = 20 };

/* Returns the factor of a word after a number; 0 if it is unknown. */
static double multiplier(const char *word)
{
    static const struct {
        const char *word;
        double by;
    } words[] = {{"", 1},     {"k", 1e3},       {"thousand", 1e3}, {"m", 1e6},
                 {"mn", 1e6}, {"million", 1e6}, {"bn", 1e9},       {"billion", 1e9}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(word, words[i].word) == 0)
            return words[i].by;
    return 0;
}

/* Reads "£1,000,000", "1.5 m" or "GBP 3 million"; whether it is a number. */
static int read_number(struct ouse_str text, double *number)
{
    char digits[DIGITS_MAX + 1], word[DIGITS_MAX + 1], *end;
    uint32_t n = 0, letters = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        char c = text.p[i], low = (char)(c | 0x20);
        if (text.n - i >= 2 && memcmp(text.p + i, "£", 2) == 0 && n == 0)
            i++;
        else if (text.n - i >= 3 && strncasecmp(text.p + i, "GBP", 3) == 0 && n == 0)
            i += 2;
        else if (c == ' ' || (c == ',' && letters == 0))
            continue;
        else if (((c >= '0' && c <= '9') || c == '.' || (c == '-' && n == 0)) && letters == 0 &&
                 n < DIGITS_MAX)
            digits[n++] = c;
        else if (low >= 'a' && low <= 'z' && n > 0 && letters < DIGITS_MAX)
            word[letters++] = c;
        else
            return 0;
    }
    digits[n] = word[letters] = 0;
    *number = strtod(digits, &end) * multiplier(word);
    return n > 0 && strpbrk(digits, "0123456789") && !*end && multiplier(word) > 0 && fabs(*number) < 1e13;
}

static struct ouse_str write_number(struct ouse_ctx *ctx, enum kind kind, double number)
{
    int whole = number == floor(number);
    if (kind == WHOLE && !whole)
        return ouse_s(NULL);
    return ouse_format(ctx, whole ? "%.0f" : kind == MONEY ? "%.2f" : "%.10g", number);
}

/* ---- Dates -------------------------------------------------------------------------------- */

enum { PARTS = 3 };

/* A date in the order in which it was typed. A part of it is a number, or a month by its name. */
struct parts {
    int value[PARTS];
    int figures[PARTS]; /* digits of the number; 0: a name */
    uint32_t n;
};

static int month_called(const char *at, uint32_t n)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    for (int i = 0; i < 12; i++)
        if (n >= 3 && n <= strlen(names[i]) && strncasecmp(at, names[i], n) == 0)
            return i + 1;
    return 0;
}

static int is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* "1st", "2nd", "3rd", "4th". */
static int is_ordinal(const char *at, uint32_t n)
{
    static const char *const ends[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (n == 2 && strncasecmp(at, ends[i], 2) == 0)
            return 1;
    return 0;
}

static uint32_t count_letters(struct ouse_str text, uint32_t from)
{
    uint32_t n = 0;
    while (from + n < text.n && is_letter(text.p[from + n]))
        n++;
    return n;
}

static int split_date(struct ouse_str text, struct parts *parts)
{
    uint32_t i = 0;
    parts->n = 0;
    while (i < text.n) {
        uint32_t letters = count_letters(text, i), figures = 0;
        int value = letters ? month_called(text.p + i, letters) : 0;
        while (i + figures < text.n && figures < 5 && text.p[i + figures] >= '0' &&
               text.p[i + figures] <= '9')
            value = value * 10 + text.p[i + figures++] - '0';
        if (!letters && !figures) {
            if (!strchr(" ,./-", text.p[i]) || (i && text.p[i] == '/' && text.p[i - 1] == '/'))
                return 0;
            i++;
            continue;
        }
        if (parts->n == PARTS || (letters && !value))
            return 0;
        parts->value[parts->n] = value;
        parts->figures[parts->n++] = (int)figures;
        i += letters + figures;
        letters = figures ? count_letters(text, i) : 0;
        if (letters && !is_ordinal(text.p + i, letters))
            return 0;
        i += letters;
    }
    return parts->n > 0;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

/* Reads the year, and the month and day as far as they were typed (else 0). The year has four figures; next
 * to it stands the month, "2025-06-01" or "1/6/2025", unless the month has a name. */
static int read_date(struct ouse_str text, int *year, int *month, int *day)
{
    struct parts parts;
    int others[PARTS], n = 0, named = 0;
    *year = *month = *day = 0;
    if (!split_date(text, &parts))
        return 0;
    for (uint32_t i = 0; i < parts.n; i++) {
        if (parts.figures[i] == 4 && !*year)
            *year = parts.value[i];
        else if (parts.figures[i] == 0 && !named)
            named = parts.value[i];
        else if (parts.figures[i] <= 2 && parts.figures[i] > 0)
            others[n++] = parts.value[i];
        else
            return 0;
    }
    if (n == 2 && parts.figures[0] == 4) /* 2025-06-01 */
        *month = others[0], *day = others[1];
    else if (n == 2)
        *day = others[0], *month = others[1];
    else if (n == 1 && !named)
        *month = others[0];
    else if (n == 1)
        *day = others[0];
    if (named && n == 2)
        return 0;
    if (named)
        *month = named;
    return *year > 0 && *month <= 12 && (parts.n == 1 || *month > 0) &&
           (parts.n < 3 || (*day > 0 && *day <= days_of(*year, *month)));
}

static struct ouse_str write_date(struct ouse_ctx *ctx, int whole, int last, int year, int month, int day)
{
    if (whole && !month)
        month = last ? 12 : 1;
    if (whole && !day)
        day = last ? days_of(year, month) : 1;
    if (day)
        return ouse_format(ctx, "%04d-%02d-%02d", year, month, day);
    return month ? ouse_format(ctx, "%04d-%02d", year, month) : ouse_format(ctx, "%04d", year);
}

/* ---- All --------------------------------------------------------------------------------- */

struct ouse_str typed_value(struct ouse_ctx *ctx, const struct field *field, struct ouse_str text, int last)
{
    enum kind kind = kind_of(field);
    double number;
    int year, month, day;
    if (kind == PLAIN)
        return text;
    if (kind == PARTIAL_DATE || kind == DAY)
        return read_date(text, &year, &month, &day) ? write_date(ctx, kind == DAY, last, year, month, day)
                                                    : ouse_s(NULL);
    return read_number(text, &number) ? write_number(ctx, kind, number) : ouse_s(NULL);
}

struct ouse_str typed_show(struct ouse_ctx *ctx, const struct field *field, struct ouse_str value)
{
    enum kind kind = kind_of(field);
    double number;
    if (kind == PARTIAL_DATE || kind == DAY)
        return value_date(ctx, value);
    if (kind == PLAIN || !read_number(value, &number))
        return value;
    return ouse_format(ctx, "%s%.*s", kind == MONEY ? "£" : "",
                       OUSE_F(value_number(ctx, number, kind == MONEY)));
}

/* ---- Dates in three fields ----------------------------------------------------------------- */

int typed_is_date(const struct field *field)
{
    return kind_of(field) == PARTIAL_DATE || kind_of(field) == DAY;
}

/* Splits a date at its separator; returns the number of parts, or 0 if none of them can be a year. */
static int split_at(struct ouse_str date, char separator, struct ouse_str parts[PARTS])
{
    int n = 0, years = 0;
    while (date.p && n < PARTS) {
        const char *stop = date.n ? memchr(date.p, separator, date.n) : NULL;
        uint32_t length = stop ? (uint32_t)(stop - date.p) : date.n;
        parts[n] = (struct ouse_str){date.p, length};
        years += length == 4 && strspn(date.p, "0123456789") >= 4;
        n++;
        date = stop ? (struct ouse_str){stop + 1, date.n - length - 1} : ouse_s(NULL);
    }
    return years ? n : 0;
}

struct ouse_str typed_day(struct ouse_ctx *ctx, struct ouse_str text)
{
    int year, month, day;
    return read_date(text, &year, &month, &day) && day ? write_date(ctx, 0, 0, year, month, day)
                                                       : ouse_s(NULL);
}

void typed_parts(struct ouse_ctx *ctx, struct ouse_doc *input, struct ouse_str date)
{
    static const char *const names[PARTS] = {"day", "month", "year"};
    struct ouse_str parts[PARTS];
    int typed = date.n && memchr(date.p, '/', date.n) != NULL, n = split_at(date, typed ? '/' : '-', parts);
    for (int i = 0; i < PARTS; i++) { /* the day is the last part in the API, and the first as it was typed */
        int k = typed ? n - PARTS + i : PARTS - 1 - i;
        struct ouse_str part = k >= 0 && k < n ? parts[k] : ouse_s(NULL);
        if (!typed && part.n == 2 && part.p[0] == '0')
            part = (struct ouse_str){part.p + 1, 1};
        ouse_set_text(ctx, input, names[i], part);
    }
    if (!n)
        ouse_set_text(ctx, input, "day", date);
}
