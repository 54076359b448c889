/* types: the properties of each field type, as one table indexed by OUSE_TEXT … OUSE_SERIES,
 * TYPE_TIME, TYPE_SOURCES.
 *
 * Every difference between types is a column of `schema_types`: the compiler of declarations, the
 * checks, the keys and the description read it, and name no type if a column can express the
 * difference. A row of a list type (`many`) describes one entry; lists themselves are handled in
 * one place.
 *
 * Inside core/schema only. */
#ifndef SCHEMA_TYPES_H
#define SCHEMA_TYPES_H

#include "schema.h"

#define TYPE_TIME          (OUSE_SERIES + 1) /* of the system fields `created` and `updated` */
#define TYPE_SOURCES       (OUSE_SERIES + 2) /* of the system field `sources` */
#define SCHEMA_SOURCES_MAX 100               /* sources of one record */
#define SCHEMA_TARGETS_MAX 64                /* collections that a reference may point to */
#define SCHEMA_CHOICES_MAX 250               /* a choice is one byte of a key */
#define INT_MAX_EXACT      9007199254740992  /* 2^53: up to here a double holds every whole number */

/* A place in a document, on the path from the whole (up == NULL) to a value: a member by name or,
 * if that is NULL, an entry by number. It becomes a JSON pointer only if there is an error. */
struct place {
    struct problem *problem;
    const struct collection *collection; /* of the document; NULL where a value stands alone */
    const struct field *field;           /* the field with the rules; NULL above fields */
    const struct place *up;
    const char *name;
    int entry;
};

/* Records one error about a place. */
void place_refuse(const struct place *place, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Returns "; did you mean …" as the end of a message; "" if no name is near, or if the error is
 * beyond the limit of a response. */
const char *place_hint(const struct place *place, struct ouse_str text, const char *const *names, size_t n);

struct place place_member(const struct place *up, const char *name);
struct place place_entry(const struct place *up, int entry);

/* The beginning of a text, of at most n bytes and not cut inside a character. */
struct ouse_str schema_clip(struct ouse_str text, uint32_t n);

/* A value as it is quoted in messages: short, and valid UTF-8. */
const char *place_shown(const struct place *place, const cJSON *value);

/* Returns the text of a value; no text, and an error, if it is another type. */
struct ouse_str place_text(const struct place *place, const cJSON *value);

/* Adds an error if a text is not one of the choices of the field, or not an identifier of a scheme. */
void place_choice(const struct place *place, struct ouse_str text, const char *code);
void place_scheme(const struct place *place, const char *scheme, struct ouse_str value);

/* One value or entry by the rules of place->field; never null. */
typedef void check_fn(const struct place *place, cJSON *value);

/* Appends the key of one value or entry. 0, or -1 where the value is not of the type. */
typedef int key_fn(const struct field *field, const cJSON *value, struct buffer *out);

/* The JSON value that a text in a query means, or NULL. The caller owns it. */
typedef cJSON *read_fn(const char *text);

struct type {
    const char *name;
    uint32_t flags;      /* those that make sense, besides REQUIRED, SYSTEM, FIXED */
    int64_t least, most; /* default bounds; both 0: the type has no bounds */
    uint32_t key_max;    /* most bytes of a key; 0: the type cannot be indexed */
    int many;            /* the value is a list of such entries */
    check_fn *check;
    key_fn *key;
    read_fn *read;
    key_fn *joined; /* the key in a compound one; NULL: the same */
};

/* types.c. Checks and keys reach a type by field->type, which the compiler sets: so the table names them, and
 * they do not name the table. */
extern const struct type schema_types[TYPE_SOURCES + 1];

static inline const struct type *type_of(const struct field *field)
{
    return field->type;
}

/* Each of the values that a field has: the entries of a list, or the one; NULL at the end. */
static inline const cJSON *value_first(const struct field *field, const cJSON *value)
{
    return value && type_of(field)->many ? value->child : value;
}

static inline const cJSON *value_next(const struct field *field, const cJSON *value)
{
    return type_of(field)->many ? value->next : NULL;
}

/* The bounds of a field: the declaration's, else its type's. */
struct bounds {
    int64_t least, most;
};
struct bounds schema_bounds(const struct field *field);

/* A whole value, list or not, by the rules of place->field. */
void schema_check_value(const struct place *place, cJSON *value);

/* Lists and objects in general: check_list.c */
void schema_refuse_unknown(const struct place *place, const char *name, const char *const *names, size_t n);

/* An object in a value: takes out nulls, refuses members that are not among `names`. */
void schema_check_members(const struct place *place, cJSON *object, const char *const *names, size_t n);

/* 0 when the value is a list of an acceptable length. */
int schema_check_list(const struct place *place, const cJSON *value, struct bounds bounds);

/* The position of a text among the field's choices, or -1. */
int schema_choice(const struct field *field, struct ouse_str text);

/* One value of each type: check_value.c, check_object.c, reference.c */
check_fn type_check_line, type_check_long, type_check_enum, type_check_bool, type_check_int,
    type_check_number, type_check_money, type_check_date, type_check_pdate, type_check_time,
    type_check_quantity, type_check_url, type_check_email, type_check_reference, type_check_entry,
    type_check_identifier, type_check_observation, type_check_source;

/* Keys: key.c */
key_fn encode_text, encode_choice, encode_bool, encode_int, encode_money, encode_span, encode_quantity,
    encode_reference, encode_entry, encode_identifier, encode_time, encode_folded, encode_entry_folded;

#define KEY_TEXT_MAX  129 /* of a text in a compound key; see key.c */
#define KEY_ORDER_MAX 153 /* of a text in the index of its field */

/* The mistake of an identifier under a scheme: identifier.c */
#define IDENTIFIER_GOOD  0
#define IDENTIFIER_FORM  1
#define IDENTIFIER_CHECK 2
int identifier_flaw(const char *scheme, struct ouse_str value);

/* Returns whether the text is well-formed by RFC 3986 and RFC 5321, as schema.h states: url.c */
int address_url(struct ouse_str text);
int address_email(struct ouse_str text);

/* Returns whether a character may be in an id, besides hyphens. */
static inline int schema_id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The target that a reference's text names and the id in it; NULL where the
 * text has not the form or names no target of the field: target.c */
const struct target *reference_target(const struct field *field, struct ouse_str text, struct ouse_str *id);

/* The field that a name or JSON pointer ("/amount", "/leads/0") begins with; or NULL. */
const struct field *schema_pointed(const struct collection *collection, struct ouse_str pointer);

#endif
