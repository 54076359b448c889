/* reader: see reader.h. */
#include "reader.h"

enum { STEP_UNITS = 2 }; /* of a deadline that a step is worth */

ouse_rc reader_cursor(struct reader *reader, enum engine_db db, struct cursor **cursor)
{
    ouse_rc rc = reader->cursors[db] ? OUSE_OK : cursor_open(reader->txn, db, &reader->cursors[db]);
    if (!rc)
        *cursor = reader->cursors[db];
    return rc;
}

ouse_rc reader_get(struct reader *reader, const struct collection *collection, struct ouse_str id,
                   struct arena *arena, struct record *record)
{
    struct record read;
    ouse_rc rc = record_find(reader->txn, collection, id, reader->role, reader->as_of, arena, &read);
    if (!rc)
        rc = redact_by(reader->txn, reader->hiding, reader->role, reader->as_of, arena, &read);
    if (!rc)
        *record = read;
    return rc;
}

void reader_close(struct reader *reader)
{
    for (int db = 0; db < DB_COUNT; db++) {
        if (reader->cursors[db])
            cursor_close(reader->cursors[db]);
        reader->cursors[db] = NULL;
    }
    reader->closed = 1;
}

ouse_rc reader_step(struct reader *reader)
{
    int over = deadline_over(reader->deadline, STEP_UNITS);
    if (reader->metered && reader->moved && (over || !reader->left)) {
        reader->cut = 1;
        return OUSE_E_NOT_FOUND;
    }
    if (over)
        return OUSE_E_UNAVAILABLE;
    reader->left -= reader->left > 0;
    return OUSE_OK;
}

void reader_charge(struct reader *reader, uint64_t steps)
{
    deadline_over(reader->deadline, (uint32_t)steps * STEP_UNITS); /* whether it is, the next step finds */
    reader->left -= reader->left < steps ? reader->left : steps;
}
