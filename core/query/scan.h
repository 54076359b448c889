/* scan: access paths that find the records of a query, in its order, at the cost of the keys and
 * records read.
 *
 *   WALK     ids after prefixes of keys, which are in order: of all records, of some entries
 *            of an index, of some targets of a reference. Those of one predicate are a strand,
 *            merged; several strands are intersected by leaps:
 *                hub=x     a . . . . f g . . . . . m
 *                state=y   a b c d e f . h i j k l m     a, f, m: three leaps, not thirteen steps
 *   SELECT   all keys of the predicate that has fewest (SELECT_MAX at most), sorted
 *   GROUPS   the entries of the index that the query is sorted by, in order; for
 *            each, rows of the same query with that entry as a further predicate
 *
 *     rows (GROUPS by state) ──> "active"    rows (GROUPS by amount) ──> …  rows (WALK)
 *                            ──> "proposed"  rows (SELECT)
 *
 * Every record found is tested against all predicates; plans differ in cost alone. A record without
 * a value is in the index of the field as NOTHING, after all values, so each order has every
 * record. A cursor seeks again at each step, because the caller may have written since.
 *
 * Keys include hidden records, too (redact.c). If the role may not see some targets of a field, a
 * predicate on it is veiled: its keys lead to records, which are then tested. NOTHING may have more
 * records than its keys show: a record that refers only to hidden targets has no value for that
 * role. So it has no keys then, and as a group it is all records.
 *
 * At an instant of the past the keys are those of a superset of the records (key_range.c), and the
 * version of that time is tested. Everything else is the same.
 *
 * A position is the point after which rows continue: for each order two bytes of length and the
 * entry, then the id. A shorter position sorts before all that begin with it. */
#ifndef QUERY_SCAN_H
#define QUERY_SCAN_H

#include "../record/internal.h"
#include "../record/reader.h"

#define SELECT_MAX  4096 /* keys that are read to be sorted */
#define SELECT_TEXT 1024 /* the same, where the text of their records must be analysed */
#define QUERY_PATH  4    /* steps of a filter, over references and back */
#define BACK_MAX    4096 /* most records to which a predicate on referrers is resolved */
#define THROUGH_MAX 256  /* records that a term through a reference is resolved to */
#define QUERY_IN    100  /* values of one `in` */
#define ROWS_TERMS  (QUERY_TERMS + QUERY_SORTS)
#define TEXT_STEP   32 /* bytes of text whose analysis costs as much as a step */

/* ---- entries.c: the entries of stored records ------------------------------ */

/* Calls fn with the entries of a record in a field: NOTHING where it has no value. */
void record_entries(const struct record *record, const struct field *field,
                    void (*fn)(void *arg, struct ouse_str entry), void *arg);

/* Calls fn with each text of a record in a field, and its entry. */
void record_texts(const struct record *record, const struct field *field,
                  void (*fn)(void *arg, struct ouse_str entry, struct ouse_str text), void *arg);

/* Returns whether a predicate searches words of a field. */
int term_asks_in(const struct query_term *term, const struct field *field);

/* The field's own index, or NULL. */
const struct index *field_index(const struct collection *collection, const struct field *field);

/* ---- filter.c -------------------------------------------------------------------- */

/* Returns OUSE_E_REQUEST for a field by which records cannot be "filtered", or "sorted"; lists the
 * fields that can. */
ouse_rc query_refuse(const struct collection *collection, uint32_t role, field_fits fits, const char *done,
                     const char *code, struct ouse_str name, struct arena *arena, struct problem *problem);

/* ---- operators.c ---------------------------------------------------------------- */

/* Whether a record may have several entries in the field. */
int field_is_list(const struct field *field);

/* Whether the field is the time of the last change. Its index has a key for each time that an audience
 * sees, so one on it is tested on the record; see audience.c. */
static inline int field_is_updated(const struct field *field)
{
    return schema_is_time(field) && strcmp(field->is.name, "updated") == 0;
}

/* The range that is one entry. */
struct query_range entry_range(struct arena *arena, struct ouse_str entry);

/* Sorts ranges of one entry each, and removes duplicates. */
void ranges_sort(struct query_range *ranges, uint32_t *n);

/* ---- reference entries: predicate.c ------------------------------------------------- */

/* The entry of a reference to a record of one of the field's targets, and back. */
struct ouse_str reference_entry(struct arena *arena, const struct field *field, uint32_t target,
                                struct ouse_str id);
uint32_t reference_named(const struct field *field, struct ouse_str entry, struct ouse_str *id);

/* ---- predicate.c: one term on keys and on records -------------------------------- */

/* Whether the records of a term can be found by its keys. */
int term_drives(const struct query_term *term);

/* Returns whether its records are, in the order of their ids, after some prefixes of keys. */
int term_walks(const struct query_term *term);

/* The keys of one of the ranges of a term that drives. */
void term_span(const struct collection *collection, const struct query_term *term, uint32_t range,
               struct key_span *span);

/* Calls fn with each id in the keys of a term, as span_each; of NULL, with each id of the collection. */
ouse_rc term_each(struct reader *reader, const struct collection *collection, const struct query_term *term,
                  ouse_rc (*fn)(void *arg, struct ouse_str id), void *arg);

/* Finds which of at most 64 terms, all of them about words, a record satisfies: a bit for each, the first
 * term's lowest. The text of the record is analysed once for all of them, and charged. */
uint64_t terms_test_words(struct reader *reader, const struct query_term *const *terms, uint32_t n,
                          const struct record *record);

/* Returns OUSE_OK if the record matches the predicate, otherwise OUSE_E_NOT_FOUND. */
ouse_rc term_test(struct reader *reader, const struct query_term *term, const struct record *record);

struct rows;

/* ---- sort.c: orders and positions ------------------------------------------- */

/* The entry by which a record is sorted: its least one, or the greatest where it descends. */
struct ouse_str order_entry(struct reader *reader, const struct query_order *order,
                            const struct record *record, struct arena *arena);

/* <0, 0 or >0: the order of two positions of the same rows. */
int position_compare(const struct rows *rows, struct ouse_str a, struct ouse_str b);

/* The position of a record. */
struct ouse_str position_of(const struct rows *rows, const struct record *record, struct arena *arena);

/* Returns a position: an entry, then `rest`. */
struct ouse_str position_join(struct ouse_str entry, struct ouse_str rest, struct arena *arena);

/* Removes the first entry from a position and returns it; no text if it is empty. */
struct ouse_str position_split(struct ouse_str *position);

int position_valid(uint32_t n_orders, struct ouse_str position);

/* ---- plan.c ------------------------------------------------------------------- */

/* Selects the predicate with the fewest keys, and counts them; NULL if all have more than
 * SELECT_MAX. */
ouse_rc plan_driver(struct reader *reader, const struct collection *collection,
                    const struct query_term *terms, uint32_t n, const struct query_term **driver,
                    uint32_t *n_keys);

/* Returns whether a collection has at most so many ids, those of deleted records included. */
int plan_is_small(struct reader *reader, const struct collection *collection, uint32_t most);

/* Whether a collection has at most SELECT_MAX ids, and how many: OUSE_E_TOO_LARGE where it has more. */
ouse_rc plan_all(struct reader *reader, const struct collection *collection, uint32_t *n_keys);

/* ---- scan.c, materialise.c, groups.c ------------------------------------------------ */

/* The ids after some prefixes of keys, ascending: each has its next one. */
struct strand {
    enum engine_db db;
    int of_ids; /* each fibre is one id, after the number of the collection */
    struct fibre *fibres;
    uint32_t n, room;
};

struct rows {
    struct reader *reader;
    const struct collection *collection;
    struct query_term terms[ROWS_TERMS];
    uint32_t n_terms;
    const struct query_order *orders;
    uint32_t n_orders;
    struct ouse_str after;               /* a position of these orders */
    ouse_rc (*begin)(struct rows *rows); /* selects an access path and opens it: for rows of a group */
    const struct rows_way *way;
    const struct query_term *driver; /* SELECT: the predicate for the keys, and their number */
    uint32_t n_keys;

    struct strand strands[ROWS_TERMS]; /* WALK */
    uint32_t n_strands;
    struct key id; /* the last one returned, or the one after which to begin */

    struct selected *selected;      /* SELECT: sorted; the next one */
    uint32_t n_selected, at, first; /* all, the next one, and the one that was next at the beginning */

    struct rows *group;              /* GROUPS: the rows of the entry; NULL before the first */
    const struct query_range *parts; /* of the index, in the order in which they are walked */
    uint32_t n_parts, part;
    struct query_range entry; /* the one that the group has: the term is the last of its terms */
    struct tied *tied;        /* the entries that share its head; NULL until there was one that is cut */
    char entry_bytes[2][SCHEMA_KEY_MAX];
};

struct rows_way {
    ouse_rc (*open)(struct rows *rows);
    ouse_rc (*next)(struct rows *rows, struct record *record);
    struct ouse_str (*position)(const struct rows *rows, struct arena *arena);
};
extern const struct rows_way rows_walk, rows_select, rows_groups;

/* Returns whether a record that the way leads to must be tested against a term; else keys show it. */
int rows_must_test(const struct rows *rows, const struct query_term *term);

/* Reads the record of an id, if it is live, visible and matches all predicates. */
ouse_rc rows_examine(struct rows *rows, struct ouse_str id, struct record *record);

#endif
