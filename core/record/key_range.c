/* key_range: keys between two bounds, now or at an instant.
 *
 * At an instant the keys of a span are a superset of those that existed then, as key_history.c
 * explains; the caller reads the version of each record at the instant. Past keys that were already
 * lost are skipped, at most PASSED_OVER at a time: after so many, the next key is returned whatever
 * it is, so that a step of rows is bounded. */
#include "reader.h"

enum { PASSED_OVER = 64 };

static int is_inside(const struct key_span *span, struct ouse_str key)
{
    return key_order(key, key_str(&span->from)) >= 0 && key_order(key, key_str(&span->to)) < 0;
}

static int is_over(const struct reader *reader, struct ouse_str value)
{
    return past_read(value) <= reader->as_of;
}

static ouse_rc look(struct reader *reader, enum engine_db db, const struct key_span *span, int last,
                    struct ouse_str *found)
{
    struct ouse_str value;
    struct cursor *cursor;
    ouse_rc rc = reader_cursor(reader, db, &cursor);
    if (!rc)
        rc = last ? cursor_before(cursor, key_str(&span->to), found, &value)
                  : cursor_seek(cursor, key_str(&span->from), found, &value);
    for (int n = 0;
         !rc && n < PASSED_OVER && db != span->db && is_inside(span, *found) && is_over(reader, value); n++)
        rc = last ? cursor_prev(cursor, found, &value) : cursor_next(cursor, found, &value);
    return !rc && !is_inside(span, *found) ? OUSE_E_NOT_FOUND : rc;
}

/* Whether records that are not in a db now may have been. */
static int has_past(const struct reader *reader, enum engine_db db)
{
    return reader->as_of && db != DB_RECORDS;
}

ouse_rc span_edge(struct reader *reader, const struct key_span *span, int last, struct ouse_str *found)
{
    struct ouse_str now, then;
    ouse_rc rc = look(reader, span->db, span, last, &now);
    if (!has_past(reader, span->db) || (rc && rc != OUSE_E_NOT_FOUND)) {
        if (!rc)
            *found = now;
        return rc;
    }
    ouse_rc past = look(reader, key_past(span->db), span, last, &then);
    if (past && past != OUSE_E_NOT_FOUND)
        return past;
    if (rc && past)
        return OUSE_E_NOT_FOUND;
    *found = past ? now : rc ? then : (key_order(then, now) < 0) != last ? then : now;
    return OUSE_OK;
}

static ouse_rc each(struct reader *reader, enum engine_db db, const struct key_span *span,
                    ouse_rc (*fn)(void *arg, struct ouse_str id), void *arg)
{
    const struct ouse_str none = {NULL, 0};
    struct ouse_str found, value;
    struct cursor *cursor;
    ouse_rc rc = reader_cursor(reader, db, &cursor);
    if (!rc)
        rc = cursor_seek(cursor, key_str(&span->from), &found, &value);
    while (!rc && is_inside(span, found)) {
        rc = fn(arg, db != span->db && is_over(reader, value) ? none : key_id(span->db, found));
        if (rc)
            return rc;
        rc = cursor_next(cursor, &found, &value);
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc span_each(struct reader *reader, const struct key_span *span,
                  ouse_rc (*fn)(void *arg, struct ouse_str id), void *arg)
{
    ouse_rc rc = each(reader, span->db, span, fn, arg);
    if (!rc && has_past(reader, span->db))
        rc = each(reader, key_past(span->db), span, fn, arg);
    return rc;
}

/* ---- Bytes of keys --------------------------------------------------------------- */

struct ouse_str key_id(enum engine_db db, struct ouse_str key)
{
    struct key_reference parts;
    if (db == DB_INDEXES)
        return key_index_id(key);
    if (db == DB_RECORDS)
        return (struct ouse_str){key.p + 4, key.n - 4};
    if (key_read_reference(key, &parts))
        return (struct ouse_str){NULL, 0};
    return parts.id;
}

struct ouse_str bytes_behind(char *bytes, uint32_t n)
{
    while (n && (unsigned char)bytes[n - 1] == 0xff)
        n--;
    if (!n)
        return (struct ouse_str){NULL, 0};
    bytes[n - 1]++;
    return (struct ouse_str){bytes, n};
}
