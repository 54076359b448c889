/* json_slice: members out of the text of an object, or the entries of a list, without a tree.
 *
 * For text that we wrote ourselves (json.h): no white space, no escapes in the
 * names that are looked for. Anything else gives no text, never an overrun.
 */
#ifndef BASE_JSON_SLICE_H
#define BASE_JSON_SLICE_H

#include "arena.h"

/* The text of the member's value, lent from `object`; no text when it has none. */
struct ouse_str json_slice(struct ouse_str object, const char *name);

/* Cuts the first member off the text of an object, or of what was left of one; 0 where there is none. */
int json_cut_member(struct ouse_str *object, struct ouse_str *name, struct ouse_str *value);

/* What a slice that is a string says, as old as the arena; no text where it is none. */
struct ouse_str json_slice_text(struct arena *arena, struct ouse_str slice);

/* Cuts the first entry off the text of a list, or of what was left of one; 0 where there is none. */
int json_cut(struct ouse_str *list, struct ouse_str *entry);

#endif
