/* join: texts that their entries do not distinguish.
 *
 *     a text   "…128 bytes…, of Luton"     entry   …128 bytes… 02 hashes
 *     another  "…128 bytes…, of Bedford"           …128 bytes… 02 other hashes
 *
 * The entry of a long text is cut (schema.h), and entries with the same head sort by their hashes.
 * Their texts are read from a record that has, or had, the entry. Heads are rarely shared, so this
 * usually costs a page nothing.
 *
 * Equal texts ("abel", "ABEL") have different entries. A predicate on equal texts has the range of
 * all entries with their letters; tie_resolve replaces it by the entries of the equal texts that the
 * store has. */
#ifndef QUERY_JOIN_H
#define QUERY_JOIN_H

#include "scan.h"

/* How a predicate tests texts whose entries are in its ranges. The first four compare them with its
 * value; equal texts are neither below nor above each other. TIE_BEGINS needs the text itself. The
 * last two accept texts that are equal to a named one, or to none. */
enum tie_by { TIE_BELOW, TIE_UP_TO, TIE_ABOVE, TIE_FROM, TIE_BEGINS, TIE_SAME, TIE_OTHER };

struct query_tie {
    struct ouse_str text; /* the sort key of the value; of TIE_BEGINS the folded text; otherwise no text */
    enum tie_by by;
};

#define TIE_ENTRIES 1024 /* the most entries of equal texts that a term is resolved to */

/* <0, 0 or >0: the order of two entries of an index of one field. */
int entry_order(struct reader *reader, const struct collection *collection, const struct index *index,
                struct ouse_str a, struct ouse_str b);

/* Returns whether an entry in the ranges of a predicate with a tie matches it. Not for TIE_BEGINS. */
int tie_holds(struct reader *reader, const struct collection *collection, const struct query_term *term,
              struct ouse_str entry);

/* Returns whether a text matches a predicate with TIE_BEGINS. */
int tie_begins(const struct query_term *term, struct ouse_str text);

/* Returns whether the text of an entry is equal to a named one of a predicate. */
int tie_is_named(const struct query_term *term, struct ouse_str entry);

/* Makes a predicate on equal texts exact, if they have at most TIE_ENTRIES entries. */
ouse_rc tie_resolve(struct reader *reader, struct query_term *term);

/* Entries of an index that share a head, in their order. */
struct tied {
    struct ouse_str head;
    struct tied_entry *at;
    uint32_t n, room, next;
};

struct tied_entry {
    struct ouse_str entry, order; /* the whole sort key; no text if no record has the entry */
};

/* Reads the entries from one on, up to another, that have the head of `entry`. Steps are charged. */
ouse_rc tied_read(struct reader *reader, const struct collection *collection, const struct index *index,
                  struct ouse_str entry, const struct query_range *within, struct tied *tied);

/* The range of all cut entries that have the head of a cut one. */
struct query_range tie_range(struct arena *arena, struct ouse_str entry);

#endif
