/* key: values as bytes whose order is the order of the values.
 *
 *   BOOL ENUM       1   false true; position among the choices
 *   INT MONEY       8   two's complement, big-endian, sign flipped; MONEY in pence
 *   DATE PDATE    4 4   first and last day, as INT
 *   time            8   ms, as INT; for a text in a query its first and last instant
 *   QTY           8 8   low and high bound, doubles by bits; an open end is infinite
 *   identifier      *   scheme and value, as text in a compound key
 *
 * A text alone is a key of an index that orders (collate.h: letters 01 accents 01 case 00). Two
 * texts are equal if they have the same letters and are the same when folded (NFKC, case-folded),
 * so that "Straße" is "STRASSE" although the accents of these differ.
 *
 *   text            *   its sort key; 00 or, if the folded text is not ASCII, 01 and 16 bytes of its hash
 *   longer text   153   128 bytes of its sort key; 02 or, if the folded text is not ASCII, 01; 16 bytes
 *                       of hash of the folded text; 8 bytes of hash of the sort key
 *
 * Equal ASCII texts have the same letters, so they need no hash. In a compound key, which is for
 * uniqueness alone, equal texts must have equal bytes:
 *
 *   text            *   folded, 00
 *   longer text   129   its first 112 bytes, 01, 16 bytes of hash of all of it
 *
 * No key of a type is the beginning of another one of it: numbers have one length, a folded text
 * ends at its first 00 or 01 and a sort key at its first 00. So keys can be joined to compound
 * ones, which sort by their parts. */
#include "../base/collate.h"
#include "types.h"
#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <utf8proc.h>

#define TEXT_KEPT  112 /* bytes of a folded text in a compound key */
#define TEXT_HASH  16
#define ORDER_HASH 8
#define SORT_ROOM  1024 /* bytes of a sort key that needs no memory of its own */

enum { FOLDS_TO_OTHER = 1, FOLDS_TO_ASCII = 2 }; /* the byte after the head of a cut text */

_Static_assert(TEXT_KEPT + 1 + TEXT_HASH == KEY_TEXT_MAX, "a cut text is the longest text in a compound key");
_Static_assert(SCHEMA_TEXT_HEAD + 1 + TEXT_HASH + ORDER_HASH == KEY_ORDER_MAX,
               "a cut text is the longest key");
_Static_assert(SCHEMA_CLASS_MAX >= SCHEMA_TEXT_HEAD + 1 + TEXT_HASH, "a class has room");

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

int encode_folded(const struct field *field, const cJSON *value, struct buffer *out)
{
    (void)field;
    return add_text(out, json_text(value));
}

/* ---- Texts in order --------------------------------------------------------------------- */

/* The sort key of a text, in `stack` (of SORT_ROOM bytes) or in memory of its own, or no text. */
static struct ouse_str sort_key(struct ouse_str text, char *stack)
{
    struct ouse_str key = {stack, collate_key(text, stack, SORT_ROOM)};
    if (key.n > SORT_ROOM) {
        char *room = malloc(key.n);
        key.p = room;
        key.n = room ? collate_key(text, room, key.n) : 0;
    }
    return key.n ? key : (struct ouse_str){NULL, 0};
}

static int is_ascii(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < 0x20 || text[i] >= 0x7f)
            return 0;
    return 1;
}

static void add_hash(struct buffer *out, const char *bytes, size_t n, size_t hash_n)
{
    unsigned char hash[TEXT_HASH];
    crypto_generichash(hash, TEXT_HASH, (const unsigned char *)bytes, n, NULL, 0);
    buffer_add(out, hash, hash_n);
}

/* Appends the hash that distinguishes texts with the same sort key. */
static int add_folded_hash(struct buffer *out, struct ouse_str text, int cut)
{
    if (!cut && is_ascii(text.p, text.n)) {
        buffer_byte(out, 0);
        return 0;
    }
    size_t n;
    char *folded = fold(text, &n);
    if (!folded)
        return -1;
    int ascii = is_ascii(folded, n);
    buffer_byte(out, cut && ascii ? FOLDS_TO_ASCII : cut || !ascii ? FOLDS_TO_OTHER : 0);
    if (cut || !ascii)
        add_hash(out, folded, n, TEXT_HASH);
    free(folded);
    return 0;
}

static int add_ordered(struct buffer *out, struct ouse_str text)
{
    char stack[SORT_ROOM];
    struct ouse_str key = text.p ? sort_key(text, stack) : text;
    if (!key.p)
        return -1;
    int cut = key.n > SCHEMA_TEXT_HEAD;
    buffer_add(out, key.p, cut ? SCHEMA_TEXT_HEAD : key.n);
    int failed = add_folded_hash(out, text, cut);
    if (cut && !failed)
        add_hash(out, key.p, key.n, ORDER_HASH);
    if (key.p != stack)
        free((char *)(uintptr_t)key.p);
    return failed;
}

int schema_orders_text(const struct field *field)
{
    return type_of(field)->key == encode_text || (type_of(field)->key == encode_entry && !field->n_choices);
}

int schema_is_cut(struct ouse_str entry)
{
    return entry.n == KEY_ORDER_MAX &&
           (entry.p[SCHEMA_TEXT_HEAD] == FOLDS_TO_OTHER || entry.p[SCHEMA_TEXT_HEAD] == FOLDS_TO_ASCII);
}

struct ouse_str schema_text_order(struct arena *arena, struct ouse_str text)
{
    char stack[SORT_ROOM];
    struct ouse_str key = text.p ? sort_key(text, stack) : text, kept = {NULL, 0};
    if (key.p)
        kept = arena_copy(arena, key);
    if (key.p && key.p != stack)
        free((char *)(uintptr_t)key.p);
    return kept;
}

struct ouse_str schema_entry_order(struct ouse_str entry)
{
    const char *end = schema_is_cut(entry) ? NULL : memchr(entry.p, 0, entry.n);
    return end ? (struct ouse_str){entry.p, (uint32_t)(end + 1 - entry.p)} : entry;
}

void schema_text_class(struct ouse_str entry, struct text_class *class)
{
    uint32_t head = entry.n < SCHEMA_TEXT_HEAD ? entry.n : SCHEMA_TEXT_HEAD;
    const char *end = memchr(entry.p, COLLATE_LEVEL_END, head);
    struct ouse_str order = schema_entry_order(entry), rest = {entry.p + order.n, entry.n - order.n};
    int cut = schema_is_cut(entry);
    class->n_letters = end ? (uint32_t)(end + 1 - entry.p) : cut ? SCHEMA_TEXT_HEAD + 1 + TEXT_HASH : entry.n;
    if (!end)
        rest.n = 0;
    else if (cut)
        rest = (struct ouse_str){entry.p + SCHEMA_TEXT_HEAD, 1 + TEXT_HASH};
    class->n = class->n_letters + rest.n;
    assert(class->n <= SCHEMA_CLASS_MAX);
    memcpy(class->at, entry.p, class->n_letters);
    memcpy(class->at + class->n_letters, rest.p, rest.n);
    if (end && cut && entry.p[SCHEMA_TEXT_HEAD] == FOLDS_TO_ASCII) {
        class->n = class->n_letters + 1;
        class->at[class->n_letters] = 0;
    }
}

struct ouse_str schema_text_folded(struct arena *arena, struct ouse_str text)
{
    size_t n;
    char ascii[TEXT_KEPT];
    if (text.p && fold_ascii(text, ascii))
        return arena_copy(arena, (struct ouse_str){ascii, text.n});
    char *folded = text.p ? fold(text, &n) : NULL;
    if (!folded)
        return (struct ouse_str){NULL, 0};
    struct ouse_str kept = arena_copy(arena, (struct ouse_str){folded, (uint32_t)n});
    free(folded);
    return kept;
}

/* Returns whether the letters up to the character stay the same if the text continues: in some
 * scripts of South and South-East Asia the next character takes a place before it. */
static int keeps_its_letters(utf8proc_int32_t c)
{
    return c < 0x600 || (c >= 0x1d00 && c < 0x2000) || (c >= 0x2e80 && c < 0xa000);
}

struct ouse_str schema_text_beginning(struct arena *arena, struct ouse_str folded)
{
    struct ouse_str none = {"", 0};
    utf8proc_int32_t c = 0;
    uint32_t n = 0;
    while (n < folded.n) {
        utf8proc_ssize_t length =
            utf8proc_iterate((const utf8proc_uint8_t *)folded.p + n, (utf8proc_ssize_t)(folded.n - n), &c);
        if (length <= 0 || !keeps_its_letters(c))
            break;
        n += (uint32_t)length;
    }
    struct ouse_str key = schema_text_order(arena, (struct ouse_str){folded.p, n});
    const char *end = key.p ? memchr(key.p, COLLATE_LEVEL_END, key.n) : NULL;
    uint32_t letters = end ? (uint32_t)(end - key.p) : 0;
    return letters ? (struct ouse_str){key.p, letters < SCHEMA_TEXT_HEAD ? letters : SCHEMA_TEXT_HEAD} : none;
}

struct ouse_str schema_text_version(struct arena *arena)
{
    const char *version = collate_version();
    return version ? arena_printf(arena, "1 %s", version) : (struct ouse_str){NULL, 0};
}

int encode_text(const struct field *field, const cJSON *value, struct buffer *out)
{
    (void)field;
    return add_ordered(out, json_text(value));
}

/* ---- Others ------------------------------------------------------------------------------ */

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

int encode_entry_folded(const struct field *field, const cJSON *value, struct buffer *out)
{
    return field->n_choices ? encode_choice(field, value, out) : encode_folded(field, value, out);
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
