/* join: the order of long texts, whose entries begin alike.
 *
 *     a text   "…112 bytes…, of Luton"     entry   …112 bytes… 01 hash
 *     another  "…112 bytes…, of Bedford"           …112 bytes… 01 another hash
 *
 * The entry of a long text is cut (schema.h), and entries with the same head sort by their hashes.
 * Their texts are read from a record that has, or had, the entry. Heads are rarely shared, so this
 * usually costs a page nothing. */
#ifndef QUERY_JOIN_H
#define QUERY_JOIN_H

#include "scan.h"

/* How a predicate compares texts whose entries have the head of its value. */
enum tie_by { TIE_BELOW, TIE_UP_TO, TIE_ABOVE, TIE_FROM, TIE_BEGINS };

struct query_tie {
    struct ouse_str text; /* by which texts are compared; see schema_text_whole */
    enum tie_by by;
};

/* <0, 0 or >0: the order of two entries of an index of one field. */
int entry_order(struct reader *reader, const struct collection *collection, const struct index *index,
                struct ouse_str a, struct ouse_str b);

/* Returns whether an entry that may have the head of the tie matches the predicate of the tie. */
int tie_holds(struct reader *reader, const struct collection *collection, const struct index *index,
              const struct query_tie *tie, struct ouse_str entry);

/* Entries of an index that share a head, in their order. */
struct tied {
    struct ouse_str head;
    struct tied_entry *at;
    uint32_t n, room, next;
};

struct tied_entry {
    struct ouse_str entry, text;
};

/* Reads the entries from one on, up to another, that have the head of `entry`. Steps are charged. */
ouse_rc tied_read(struct reader *reader, const struct collection *collection, const struct index *index,
                  struct ouse_str entry, const struct query_range *within, struct tied *tied);

/* The range of all cut entries that have the head of a cut one. */
struct query_range tie_range(struct arena *arena, struct ouse_str entry);

#endif
