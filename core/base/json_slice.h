/* json_slice: members out of the text of an object, or the entries of a list, without a tree.
 *
 * For text that we wrote ourselves (json.h): no white space, no escapes in the
 * names that are looked for. Anything else gives no text, never an overrun.
 */
#ifndef BASE_JSON_SLICE_H
#define BASE_JSON_SLICE_H

#include "arena.h"

/* Returns the text of the value of a member, which is part of `object`; no text if there is no such
 * member. */
struct ouse_str json_slice(struct ouse_str object, const char *name);

/* Removes the first member from the text of an object, or from the rest of one. Returns 0 if it is
 * empty. */
int json_cut_member(struct ouse_str *object, struct ouse_str *name, struct ouse_str *value);

/* Returns the value of a slice that is a string, allocated in the arena; no text if it is not a
 * string. */
struct ouse_str json_slice_text(struct arena *arena, struct ouse_str slice);

/* Removes the first entry from the text of a list, or from the rest of one. Returns 0 if it is
 * empty. */
int json_cut(struct ouse_str *list, struct ouse_str *entry);

#endif
