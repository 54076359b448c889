/* key: values as bytes whose order is the order of the values.
 *
 *   BOOL ENUM       1   false true; position among the choices
 *   INT MONEY       8   two's complement, big-endian, sign flipped; MONEY in pence
 *   DATE PDATE    4 4   first and last day, as INT
 *   time            8   ms, as INT; for a text in a query its first and last instant
 *   QTY           8 8   low and high bound, doubles by bits; an open end is infinite
 *   text …          *   case-folded, 00
 *   longer text   129   its first 112 bytes, 01, 16 bytes of hash of all of it
 *
 * No key of a type is the beginning of another one of it: numbers have one length, and a text ends
 * at its first 00 or 01, which folded text never contains. So keys can be joined to compound ones,
 * which sort by their parts. */
#include "types.h"
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <utf8proc.h>

#define TEXT_KEPT SCHEMA_TEXT_HEAD
#define TEXT_HASH 16

_Static_assert(TEXT_KEPT + 1 + TEXT_HASH == KEY_TEXT_MAX, "a cut text is the longest text key");

static void add_number(struct buffer *out, uint64_t bits, int bytes)
{
    unsigned char big_endian[8];
    for (int i = 0; i < bytes; i++)
        big_endian[i] = (unsigned char)(bits >> 8 * (bytes - 1 - i));
    buffer_add(out, big_endian, (size_t)bytes);
}

static void add_int(struct buffer *out, int64_t n)
{
    add_number(out, (uint64_t)n ^ (uint64_t)1 << 63, 8);
}

static void add_day(struct buffer *out, int32_t day)
{
    add_number(out, (uint32_t)day ^ (uint32_t)1 << 31, 4);
}

static void add_double(struct buffer *out, double value)
{
    uint64_t bits, sign = (uint64_t)1 << 63;
    value += 0.0; /* -0 is 0 */
    memcpy(&bits, &value, sizeof bits);
    add_number(out, bits & sign ? ~bits : bits ^ sign, 8);
}

static void add_folded(struct buffer *out, const char *text, size_t n)
{
    unsigned char hash[TEXT_HASH];
    if (n <= TEXT_KEPT) {
        buffer_add(out, text, n);
        buffer_byte(out, 0);
        return;
    }
    crypto_generichash(hash, sizeof hash, (const unsigned char *)text, n, NULL, 0);
    buffer_add(out, text, TEXT_KEPT);
    buffer_byte(out, 1);
    buffer_add(out, hash, sizeof hash);
}

/* ASCII short enough to be kept whole needs no library and no heap. */
static int fold_ascii(struct ouse_str text, char folded[TEXT_KEPT])
{
    if (text.n > TEXT_KEPT)
        return 0;
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c >= 0x7f)
            return 0;
        folded[i] = (char)(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
    }
    return 1;
}

/* The caller frees the text, which is NULL if the bytes are no UTF-8. */
static char *fold(struct ouse_str text, size_t *n)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &folded,
                     UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                         UTF8PROC_IGNORE | UTF8PROC_STRIPCC);
    *n = length < 0 ? 0 : (size_t)length;
    return length < 0 ? NULL : (char *)folded;
}

static int add_text(struct buffer *out, struct ouse_str text)
{
    char ascii[TEXT_KEPT];
    size_t n;
    if (!text.p)
        return -1;
    if (fold_ascii(text, ascii)) {
        add_folded(out, ascii, text.n);
        return 0;
    }
    char *folded = fold(text, &n);
    if (!folded)
        return -1;
    add_folded(out, folded, n);
    free(folded);
    return 0;
}

int schema_is_cut(struct ouse_str entry)
{
    return entry.n == KEY_TEXT_MAX && entry.p[TEXT_KEPT] == 1;
}

struct ouse_str schema_text_whole(struct arena *arena, struct ouse_str text)
{
    size_t n;
    char *folded = text.p ? fold(text, &n) : NULL;
    if (!folded)
        return (struct ouse_str){NULL, 0};
    struct ouse_str whole = arena_copy(arena, (struct ouse_str){folded, (uint32_t)n});
    free(folded);
    return whole;
}

int encode_text(const struct field *field, const cJSON *value, struct buffer *out)
{
    (void)field;
    return add_text(out, json_text(value));
}

int encode_choice(const struct field *field, const cJSON *value, struct buffer *out)
{
    int choice = schema_choice(field, json_text(value));
    if (choice >= 0)
        buffer_byte(out, (char)choice);
    return choice >= 0 ? 0 : -1;
}

int encode_bool(const struct field *field, const cJSON *value, struct buffer *out)
{
    (void)field;
    if (!cJSON_IsBool(value))
        return -1;
    buffer_byte(out, cJSON_IsTrue(value) ? 1 : 0);
    return 0;
}

int encode_int(const struct field *field, const cJSON *value, struct buffer *out)
{
    (void)field;
    if (!cJSON_IsNumber(value) || !(fabs(value->valuedouble) <= 9007199254740992.0))
        return -1;
    add_int(out, (int64_t)value->valuedouble);
    return 0;
}

int encode_money(const struct field *field, const cJSON *value, struct buffer *out)
{
    int64_t pence;
    (void)field;
    if (!cJSON_IsNumber(value) || schema_pence(value->valuedouble, &pence))
        return -1;
    add_int(out, pence);
    return 0;
}

int encode_span(const struct field *field, const cJSON *value, struct buffer *out)
{
    int32_t first, last;
    (void)field;
    if (schema_span(json_text(value), &first, &last))
        return -1;
    add_day(out, first);
    add_day(out, last);
    return 0;
}

int encode_time(const struct field *field, const cJSON *value, struct buffer *out)
{
    int64_t first, last;
    if (cJSON_IsNumber(value))
        return encode_int(field, value, out);
    if (schema_instants(json_text(value), &first, &last))
        return -1;
    add_int(out, first);
    add_int(out, last);
    return 0;
}

int encode_quantity(const struct field *field, const cJSON *value, struct buffer *out)
{
    const cJSON *one = json_member(value, "value");
    const cJSON *min = one ? one : json_member(value, "min"), *max = one ? one : json_member(value, "max");
    struct ouse_str qualifier = json_text(json_member(value, "qualifier"));
    (void)field;
    if (!cJSON_IsNumber(min) || !cJSON_IsNumber(max))
        return -1;
    add_double(out, ouse_is(qualifier, "under") ? -INFINITY : min->valuedouble);
    add_double(out, ouse_is(qualifier, "over") ? INFINITY : max->valuedouble);
    return 0;
}

int encode_reference(const struct field *field, const cJSON *value, struct buffer *out)
{
    struct ouse_str text = json_text(value), id;
    if (!text.p || !reference_target(field, text, &id))
        return -1;
    buffer_str(out, text);
    buffer_byte(out, 0);
    return 0;
}

int encode_entry(const struct field *field, const cJSON *value, struct buffer *out)
{
    return field->n_choices ? encode_choice(field, value, out) : encode_text(field, value, out);
}

int encode_identifier(const struct field *field, const cJSON *value, struct buffer *out)
{
    struct ouse_str scheme = json_text(json_member(value, "scheme"));
    struct ouse_str text = json_text(json_member(value, "value"));
    (void)field;
    if (!scheme.p || !text.p)
        return -1;
    add_text(out, scheme);
    return add_text(out, text);
}
