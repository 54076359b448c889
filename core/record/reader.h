/* reader: the context of one query: a transaction, the role, the instant of the past, open cursors
 * and the remaining steps; and keys between two bounds. */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "internal.h"

struct tie_texts;

enum { READER_STEP_UNITS = 2 }; /* of a deadline that a step is worth */

struct reader {
    struct txn *txn;
    struct arena *arena;
    uint32_t role;
    int64_t as_of;          /* 0: as it is */
    struct ouse_str hiding; /* the collections that may hide something from the role: hidden.c */
    struct arena version;   /* of the record that was examined last, where it is not the stored one */
    struct cursor *cursors[DB_COUNT]; /* opened when they are needed */
    uint64_t left;                    /* steps; only where it is metered */
    struct deadline *deadline;
    struct tie_texts *texts; /* of long entries: join.c; NULL: not looked up yet */
    int metered, cut, closed;
    int moved; /* the position is another one than at the beginning: rows may be cut here */
};

ouse_rc reader_cursor(struct reader *reader, enum engine_db db, struct cursor **cursor);

/* Reads the record of an id, as far as the role may see it. */
ouse_rc reader_get(struct reader *reader, const struct collection *collection, struct ouse_str id,
                   struct arena *arena, struct record *record);

/* Gives the cursors back. */
void reader_close(struct reader *reader);

/* Takes a step. If no step is left, or the deadline is over, the rows are cut: returns
 * OUSE_E_NOT_FOUND. Rows that have not moved take the step even if no step is left;
 * OUSE_E_UNAVAILABLE if the deadline is over. */
static inline ouse_rc reader_step(struct reader *reader)
{
    int over = deadline_over(reader->deadline, READER_STEP_UNITS);
    if (reader->metered && reader->moved && (over || !reader->left)) {
        reader->cut = 1;
        return OUSE_E_NOT_FOUND;
    }
    if (over)
        return OUSE_E_UNAVAILABLE;
    reader->left -= reader->left > 0;
    return OUSE_OK;
}

/* Takes steps that have been made already: the cost of a record is checked only after it, so that
 * each page advances. */
static inline void reader_charge(struct reader *reader, uint64_t steps)
{
    deadline_over(reader->deadline, (uint32_t)steps * READER_STEP_UNITS); /* the next step finds out */
    reader->left -= reader->left < steps ? reader->left : steps;
}

/* ---- key_range.c: keys of an instant ----------------------------------------- */

/* Keys from one on, up to another. */
struct key_span {
    enum engine_db db;
    struct key from, to;
};

/* Finds the first key of a span, or the last one. Returns OUSE_E_NOT_FOUND if the span is empty. */
ouse_rc span_edge(struct reader *reader, const struct key_span *span, int last, struct ouse_str *found);

/* Calls fn with the id in each key of a span until it fails; with no text for one that
 * was lost by the instant, and only costs. An id may come several times. */
ouse_rc span_each(struct reader *reader, const struct key_span *span,
                  ouse_rc (*fn)(void *arg, struct ouse_str id), void *arg);

/* Returns the id in a key of the store. */
struct ouse_str key_id(enum engine_db db, struct ouse_str key);

/* Writes the least bytes that sort after all that begin with these, over them. */
struct ouse_str bytes_behind(char *bytes, uint32_t n);

#endif
