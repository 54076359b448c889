/* collate: the order of text by the Unicode Collation Algorithm, as the root locale of CLDR has it.
 *
 *     abel < Abel < ABEL < Ábel < zebra       base letters, then accents, then case
 *
 * A text becomes a sort key; the keys of two texts compare bytewise as the texts do:
 *
 *     "Ábel"   2a 2c 32 40  01  45 88 07  01  dc 08  00
 *              letters          accents       case
 *
 * Canonically equivalent texts (composed and decomposed) have the same key. Each thread has a collator of
 * its own, as ICU requires; the functions may be called from any thread.
 */
#ifndef BASE_COLLATE_H
#define BASE_COLLATE_H

#include <ouse/abi.h>

#define COLLATE_LEVEL_END \
    1 /* the byte after the letters and after the accents; no other byte of a key is 1 */

/* Writes the sort key of a text, which ends in its only zero byte and never begins with 0xff.
 * Returns the length of the whole key; if it is more than `room`, the result is incomplete. 0: the
 * text is not UTF-8, or there is no memory. */
uint32_t collate_key(struct ouse_str text, char *key, uint32_t room);

/* <0, 0 or >0: the order of two texts. Texts that are not UTF-8 compare by their bytes, after all others. */
int collate_order(struct ouse_str a, struct ouse_str b);

/* Returns the version of the order, which changes if keys do: "153.120.0.0". Static. NULL: ICU has no data.
 */
const char *collate_version(void);

#endif
