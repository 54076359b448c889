/* reader: see reader.h. */
#include "reader.h"

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
