/* referrers: the records that refer to one, straight from the reference keys. */
#include "internal.h"

struct referrers {
    struct records *records;
    struct cursor *cursor;
    struct key prefix, last;
};

ouse_rc referrers_open(struct records *records, struct txn *txn, uint32_t target, struct ouse_str id,
                       const struct collection *collection, const struct field *field, struct arena *arena,
                       struct referrers **referrers)
{
    struct referrers *r = arena_zero(arena, sizeof *r);
    r->records = records;
    key_init(&r->prefix);
    key_u32(&r->prefix, target);
    key_bytes(&r->prefix, id);
    key_byte(&r->prefix, 0);
    if (collection)
        key_u32(&r->prefix, collection->number);
    if (collection && field)
        key_u32(&r->prefix, field->number);
    r->last = r->prefix;
    *referrers = r;
    return cursor_open(txn, DB_REFERENCES, &r->cursor);
}

static const struct field *numbered_field(const struct collection *collection, uint32_t number)
{
    if (number == SOURCES_NUMBER)
        return collection->sources;
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].number == number)
            return &collection->fields[i];
    return NULL;
}

ouse_rc referrers_next(struct referrers *referrers, struct referrer *referrer)
{
    struct ouse_str found, value, last = key_str(&referrers->last);
    struct key_reference parts;
    ouse_rc rc = referrers->cursor ? cursor_seek(referrers->cursor, last, &found, &value) : OUSE_E_NOT_FOUND;
    if (!rc && ouse_same(found, last))
        rc = cursor_next(referrers->cursor, &found, &value);
    if (!rc && !key_has_prefix(found, key_str(&referrers->prefix)))
        rc = OUSE_E_NOT_FOUND;
    if (rc) {
        referrers_close(referrers);
        return rc;
    }
    key_init(&referrers->last);
    key_bytes(&referrers->last, found);
    if (key_read_reference(key_str(&referrers->last), &parts))
        return OUSE_E_INTERNAL;
    referrer->collection_number = parts.collection;
    referrer->field_number = parts.field;
    referrer->collection = schema_numbered(referrers->records->schema, parts.collection);
    referrer->field = referrer->collection ? numbered_field(referrer->collection, parts.field) : NULL;
    referrer->id = parts.id;
    return OUSE_OK;
}

void referrers_close(struct referrers *referrers)
{
    if (referrers->cursor)
        cursor_close(referrers->cursor);
    referrers->cursor = NULL;
}
