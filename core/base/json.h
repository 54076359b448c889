/* json: strict reading and canonical writing of JSON, around cJSON's tree.
 *
 * cJSON reads leniently and keeps numbers as doubles. Therefore input is first scanned by the
 * grammar of RFC 8259, with our caps, and output is written by this file: whole numbers as
 * integers, others in the shortest form that reads back as the same double, no white space, members
 * in the order of the tree. So equal trees give equal bytes. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "buffer.h"
#include "error.h"
#include <cjson/cJSON.h>

#define JSON_DEPTH   32
#define JSON_MEMBERS 1000  /* of one object: finding one in the tree takes as many steps */
#define JSON_ENTRIES 10000 /* of one list, likewise */
#define JSON_VALUES \
    100000 /* of one text, those in lists and objects included: a tree takes 64 to 200 bytes for each */

/* Reads one JSON text. Refused with OUSE_E_REQUEST, naming the place (byte
 * offset, or the key that is there twice) and the reason: anything RFC 8259 does not allow, invalid UTF-8, a
 * byte order mark, "\u0000" and lone surrogates, nesting over JSON_DEPTH, objects of more than JSON_MEMBERS,
 * duplicate keys in an object, numbers beyond a double. OUSE_E_TOO_LARGE for more than JSON_VALUES. The tree
 * is freed with the arena. */
ouse_rc json_parse(struct arena *arena, struct ouse_str text, cJSON **value, struct problem *problem);

/* json_parse in two steps, for a caller that must know the size of the tree before it exists: json_check
 * refuses all but duplicate keys and counts the values; json_build makes the tree of a text that passed. */
ouse_rc json_check(struct ouse_str text, uint32_t *values, struct problem *problem);
ouse_rc json_build(struct arena *arena, struct ouse_str text, cJSON **value, struct problem *problem);

/* Whether a double has all the digits of the text of a number, of at most 63 characters, that has a fraction
 * or an exponent. Whole numbers are left to the bounds of fields. */
int json_number_is_exact(const char *number, double value);

/* Reads JSON that we wrote ourselves (the store); NULL when it is damaged. */
cJSON *json_parse_trusted(struct arena *arena, struct ouse_str text);

void json_print(struct buffer *out, const cJSON *value);
void json_number(struct buffer *out, double value);

/* A JSON string with its quotes; valid UTF-8 is expected. */
void json_string(struct buffer *out, struct ouse_str text);

/* Hands a tree to the arena, which deletes it when it finishes. Returns it. */
cJSON *json_keep(struct arena *arena, cJSON *value);

/* Returns the text of a string node; no text if it is another node or NULL. */
struct ouse_str json_text(const cJSON *value);

/* The member of an object, or NULL; NULL and non-objects are legal. */
cJSON *json_member(const cJSON *object, const char *name);

/* Whether two trees mean the same: objects without regard to order, lists with. */
int json_equal(const cJSON *a, const cJSON *b);

/* Whether text is well-formed UTF-8 (RFC 3629: no overlongs, no surrogates). */
int utf8_valid(struct ouse_str text);

/* Puts "?" over each byte that is not part of well-formed UTF-8. */
void utf8_repair(char *text, size_t n);

#endif
