/* json: see json.h.
 *
 * Input passes two checks: `scan` tests it against the grammar, in one pass and with bounded depth,
 * so that the cost of any text is linear in its length; then `twice` looks for duplicate keys in
 * the tree. cJSON reads only text that passed the scan, because it accepts everything that the scan
 * rejects. */
#include "json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#define NUMBER_MAX 63 /* characters of a number; cJSON copies one into a buffer of 64 */

_Static_assert(JSON_DEPTH == 32 && JSON_MEMBERS == 1000 && JSON_ENTRIES == 10000 && NUMBER_MAX == 63,
               "messages name these caps");
_Static_assert(JSON_VALUES == 100000, "its message names the cap");

static const char too_many[] = "a JSON text has at most 100000 values";

struct scanner {
    const char *start, *at, *end;
    uint32_t values; /* begun so far */
    const char *why; /* the mistake at `at` */
};

static int refuse(struct scanner *s, const char *why)
{
    s->why = why;
    return -1;
}

static int peek(const struct scanner *s)
{
    return s->at < s->end ? (unsigned char)*s->at : -1;
}

static int digit(int c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static void skip_digits(struct scanner *s)
{
    while (digit(peek(s)))
        s->at++;
}

/* Returns the four hexadecimal digits after "\u", or -1. */
static int scan_hex(struct scanner *s)
{
    int value = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        int c = peek(s);
        if (digit(c))
            value = value * 16 + c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = value * 16 + (c | 0x20) - 'a' + 10;
        else
            return -1;
    }
    return value;
}

/* Reads the rest of an escape after "\u": one escape, or a surrogate pair of two. */
static int scan_unicode(struct scanner *s)
{
    int unit = scan_hex(s);
    if (unit < 0)
        return refuse(s, "\\u is followed by four hexadecimal digits");
    if (unit == 0)
        return refuse(s, "\\u0000 is not accepted in a text");
    if (unit < 0xd800 || unit > 0xdfff)
        return 0;
    if (unit > 0xdbff || s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
        return refuse(s, "a surrogate must be one of a pair, high then low");
    s->at += 2;
    int low = scan_hex(s);
    return low >= 0xdc00 && low <= 0xdfff ? 0 : refuse(s, "a surrogate must be one of a pair, high then low");
}

static int scan_string(struct scanner *s)
{
    s->at++;
    for (int c; (c = peek(s)) != '"';) {
        if (c < 0)
            return refuse(s, "a text has no closing quote");
        if (c < 0x20)
            return refuse(s, "control characters in a text are written as escapes");
        s->at++;
        if (c != '\\')
            continue;
        int escape = peek(s);
        if (escape <= 0 || !strchr("\"\\/bfnrtu", escape))
            return refuse(s, "an unknown escape; there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
        s->at++;
        if (escape == 'u' && scan_unicode(s))
            return -1;
    }
    s->at++;
    return 0;
}

/* The digits of a number without its zeros at either end, as many as fit. Returns how many there are. */
static size_t significant(const char *number, char digits[NUMBER_MAX + 1])
{
    size_t n = 0, kept = 0;
    for (; *number && (*number | 0x20) != 'e'; number++) {
        if (!digit((unsigned char)*number) || (*number == '0' && !n))
            continue;
        digits[n++] = *number;
        kept = *number == '0' ? kept : n;
    }
    digits[kept] = 0;
    return kept;
}

int json_number_is_exact(const char *number, double value)
{
    char digits[NUMBER_MAX + 1], printed[2 * NUMBER_MAX], again[NUMBER_MAX + 1];
    size_t n = significant(number, digits);
    if (n <= 15 || !strpbrk(number, ".eE"))
        return 1;
    snprintf(printed, sizeof printed, "%.*e", (int)n - 1, value);
    significant(printed, again);
    return strcmp(digits, again) == 0;
}

static int scan_number(struct scanner *s)
{
    const char *start = s->at;
    s->at += *s->at == '-';
    if (!digit(peek(s)))
        return refuse(s, "a number has a digit here");
    if (*s->at == '0' && s->end - s->at > 1 && digit(s->at[1]))
        return refuse(s, "a number has no leading zeros");
    skip_digits(s);
    if (peek(s) == '.') {
        s->at++;
        if (!digit(peek(s)))
            return refuse(s, "a decimal point is followed by a digit");
        skip_digits(s);
    }
    if ((peek(s) | 0x20) == 'e') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-';
        if (!digit(peek(s)))
            return refuse(s, "an exponent has a digit here");
        skip_digits(s);
    }
    size_t n = (size_t)(s->at - start);
    char copy[NUMBER_MAX + 1];
    if (n > NUMBER_MAX)
        return refuse(s, "a number has at most 63 characters");
    memcpy(copy, start, n);
    copy[n] = 0;
    double value = strtod(copy, NULL);
    if (!isfinite(value))
        return refuse(s, "a number is beyond the range of a double");
    return json_number_is_exact(copy, value) ? 0 : refuse(s, "a number has more digits than a double keeps");
}

static int scan_key(struct scanner *s)
{
    skip_space(s);
    if (peek(s) != '"')
        return refuse(s, "a member's name in quotes is expected");
    if (scan_string(s))
        return -1;
    skip_space(s);
    if (peek(s) != ':')
        return refuse(s, "a colon is expected");
    s->at++;
    return 0;
}

static int scan_scalar(struct scanner *s)
{
    static const char *const words[] = {"true", "false", "null"};
    int c = peek(s);
    if (c == '"')
        return scan_string(s);
    if (c == '-' || digit(c))
        return scan_number(s);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(s->end - s->at) >= n && memcmp(s->at, words[i], n) == 0) {
            s->at += n;
            return 0;
        }
    }
    return refuse(s, c < 0 ? "the text ends where a value is expected" : "a value is expected");
}

static int scan_value(struct scanner *s, int depth);

/* Reads the members of an object or the entries of a list, after its opening bracket, up to and
 * including the closing bracket. */
static int scan_members(struct scanner *s, int in_object, int depth)
{
    int closing = in_object ? '}' : ']', most = in_object ? JSON_MEMBERS : JSON_ENTRIES;
    skip_space(s);
    for (int n = 0; n == 0 ? peek(s) != closing : peek(s) == ','; n++) {
        s->at += n > 0;
        if (n == most)
            return refuse(s, in_object ? "an object has at most 1000 members"
                                       : "a list has at most 10000 entries");
        if ((in_object && scan_key(s)) || scan_value(s, depth))
            return -1;
        skip_space(s);
    }
    if (peek(s) != closing)
        return refuse(s, in_object ? "',' or '}' is expected" : "',' or ']' is expected");
    s->at++;
    return 0;
}

/* One value, in `depth` others. */
static int scan_value(struct scanner *s, int depth)
{
    skip_space(s);
    int c = peek(s);
    if (++s->values > JSON_VALUES)
        return refuse(s, too_many);
    if (c != '{' && c != '[')
        return scan_scalar(s);
    if (depth == JSON_DEPTH)
        return refuse(s, "values are nested more than 32 deep");
    s->at++;
    return scan_members(s, c == '{', depth + 1);
}

static int scan(struct scanner *s)
{
    if (scan_value(s, 0))
        return -1;
    skip_space(s);
    return s->at == s->end ? 0 : refuse(s, "nothing is expected after the value");
}

/* Length of the well-formed beginning of a text. */
static size_t utf8_prefix(struct ouse_str text)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text.p;
    size_t i = 0;
    while (i < text.n) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = p[i] < 0x80 ? 1 : utf8proc_iterate(p + i, (utf8proc_ssize_t)(text.n - i), &c);
        if (n < 1)
            break;
        i += (size_t)n;
    }
    return i;
}

int utf8_valid(struct ouse_str text)
{
    return utf8_prefix(text) == text.n;
}

void utf8_repair(char *text, size_t n)
{
    size_t good;
    while ((good = utf8_prefix((struct ouse_str){text, (uint32_t)n})) < n) {
        text[good] = '?';
        text += good + 1;
        n -= good + 1;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A key that one object of the tree has twice, or NULL. */
static const char *twice(struct arena *arena, const cJSON *tree)
{
    const char *found = NULL;
    for (const cJSON *c = tree->child; c && !found; c = c->next)
        found = twice(arena, c);
    if (found || !cJSON_IsObject(tree) || !tree->child || !tree->child->next)
        return found;
    size_t n = (size_t)cJSON_GetArraySize(tree), i = 0;
    const char **keys = arena_alloc(arena, n * sizeof *keys);
    for (const cJSON *c = tree->child; c; c = c->next)
        keys[i++] = c->string;
    qsort(keys, n, sizeof *keys, by_text);
    for (i = 1; i < n; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            return keys[i];
    return NULL;
}

ouse_rc json_check(struct ouse_str text, uint32_t *values, struct problem *problem)
{
    struct scanner s = {.start = text.p, .at = text.p, .end = text.p + text.n};
    size_t good = utf8_prefix(text);
    if (good < text.n)
        return problem_fail(problem, OUSE_E_REQUEST, "Not JSON: byte %zu: this is not UTF-8", good);
    if (scan(&s))
        return s.why == too_many
                   ? problem_fail(problem, OUSE_E_TOO_LARGE, "Too much JSON: %s; split it", s.why)
                   : problem_fail(problem, OUSE_E_REQUEST, "Not JSON: byte %zu: %s", (size_t)(s.at - s.start),
                                  s.why);
    *values = s.values;
    return OUSE_OK;
}

ouse_rc json_build(struct arena *arena, struct ouse_str text, cJSON **value, struct problem *problem)
{
    cJSON *tree = json_parse_trusted(arena, text);
    if (!tree)
        return problem_fail(problem, OUSE_E_INTERNAL, "JSON of %u bytes could not be read", text.n);
    const char *key = twice(arena, tree);
    if (key) {
        struct ouse_str shown = {key, (uint32_t)strnlen(key, 80)};
        return problem_fail(problem, OUSE_E_REQUEST, "Not JSON: an object has the key \"%.*s\" twice",
                            (int)utf8_prefix(shown), key);
    }
    *value = tree;
    return OUSE_OK;
}

ouse_rc json_parse(struct arena *arena, struct ouse_str text, cJSON **value, struct problem *problem)
{
    uint32_t values;
    ouse_rc rc = json_check(text, &values, problem);
    return rc ? rc : json_build(arena, text, value, problem);
}

cJSON *json_parse_trusted(struct arena *arena, struct ouse_str text)
{
    cJSON *tree = cJSON_ParseWithLength(text.p, text.n);
    return tree ? json_keep(arena, tree) : NULL;
}

static void delete_tree(void *tree)
{
    cJSON_Delete(tree);
}

cJSON *json_keep(struct arena *arena, cJSON *value)
{
    arena_defer(arena, delete_tree, value);
    return value;
}

void json_number(struct buffer *out, double value)
{
    char text[32];
    if (!isfinite(value)) {
        buffer_text(out, "null");
        return;
    }
    if (fabs(value) < 9007199254740992.0 && value == trunc(value)) {
        if (value < 0)
            buffer_byte(out, '-');
        buffer_uint(out, (uint64_t)fabs(value));
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buffer_text(out, text);
}

/* Returns how a byte is escaped: the letter after a backslash, 'u' for \u00XX, or 0 if it needs no
 * escape. */
static char escape_of(unsigned char c)
{
    static const char escapes[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c < 0x20)
        return escapes[c] ? escapes[c] : 'u';
    return c == '"' || c == '\\' ? (char)c : 0;
}

void json_string(struct buffer *out, struct ouse_str text)
{
    uint32_t from = 0;
    buffer_byte(out, '"');
    for (uint32_t i = 0; i < text.n; i++) {
        char escape = escape_of((unsigned char)text.p[i]);
        if (!escape)
            continue;
        buffer_add(out, text.p + from, i - from);
        from = i + 1;
        buffer_byte(out, '\\');
        buffer_byte(out, escape);
        if (escape == 'u')
            buffer_printf(out, "%04x", (unsigned)text.p[i]);
    }
    if (text.n > from)
        buffer_add(out, text.p + from, text.n - from);
    buffer_byte(out, '"');
}

static void print_members(struct buffer *out, const cJSON *value)
{
    int named = cJSON_IsObject(value);
    buffer_byte(out, named ? '{' : '[');
    for (const cJSON *c = value->child; c; c = c->next) {
        if (named) {
            json_string(out, ouse_s(c->string));
            buffer_byte(out, ':');
        }
        json_print(out, c);
        if (c->next)
            buffer_byte(out, ',');
    }
    buffer_byte(out, named ? '}' : ']');
}

void json_print(struct buffer *out, const cJSON *value)
{
    if (cJSON_IsObject(value) || cJSON_IsArray(value))
        print_members(out, value);
    else if (cJSON_IsString(value))
        json_string(out, json_text(value));
    else if (cJSON_IsNumber(value))
        json_number(out, value->valuedouble);
    else if (cJSON_IsBool(value))
        buffer_text(out, cJSON_IsTrue(value) ? "true" : "false");
    else
        buffer_text(out, "null");
}

struct ouse_str json_text(const cJSON *value)
{
    return ouse_s(cJSON_IsString(value) ? value->valuestring : NULL);
}

cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Members are mostly in the same order on both sides, so the one at the same
 * place is tried before the rest is searched. */
static int equal_members(const cJSON *a, const cJSON *b)
{
    const cJSON *there = b->child;
    for (const cJSON *here = a->child; here; here = here->next) {
        const cJSON *other =
            there && strcmp(here->string, there->string) == 0 ? there : json_member(b, here->string);
        if (!other || !json_equal(here, other))
            return 0;
        there = other->next;
    }
    return cJSON_GetArraySize(a) == cJSON_GetArraySize(b);
}

static int equal_entries(const cJSON *a, const cJSON *b)
{
    const cJSON *here = a->child, *there = b->child;
    while (here && there && json_equal(here, there)) {
        here = here->next;
        there = there->next;
    }
    return !here && !there;
}

int json_equal(const cJSON *a, const cJSON *b)
{
    if (!a || !b)
        return a == b;
    if ((a->type & 0xff) != (b->type & 0xff))
        return 0;
    if (cJSON_IsObject(a))
        return equal_members(a, b);
    if (cJSON_IsArray(a))
        return equal_entries(a, b);
    if (cJSON_IsString(a))
        return strcmp(a->valuestring, b->valuestring) == 0;
    return !cJSON_IsNumber(a) || a->valuedouble == b->valuedouble;
}
