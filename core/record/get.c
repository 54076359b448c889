/* get: records by id, now and in the past, and their revisions. These functions parse nothing,
 * except if the caller needs a document, or if a view is not stored. */
#include "../observe/log.h"
#include "internal.h"

static ouse_rc look_up(struct txn *txn, const struct collection *collection, struct ouse_str id,
                       uint32_t role, struct record *record)
{
    struct key key;
    struct ouse_str stored;
    ouse_rc rc;
    if (id.n > SCHEMA_ID_MAX)
        return OUSE_E_NOT_FOUND;
    key_record(&key, collection->number, id);
    rc = txn_get(txn, DB_RECORDS, key_str(&key), &stored);
    return rc ? rc : head_read(collection, id, stored, role, record);
}

/* Hides the target of a merge from callers that may not see it; for them the record was removed. */
static void hide_survivor(struct txn *txn, uint32_t role, struct record *record)
{
    struct record survivor;
    if (record->kind != RECORD_MERGED || role >= OUSE_OFFICE ||
        look_up(txn, record->collection, record->into, role, &survivor) == OUSE_OK)
        return;
    record->kind = RECORD_REMOVED;
    record->into = (struct ouse_str){NULL, 0};
}

ouse_rc record_get(struct txn *txn, const struct collection *collection, struct ouse_str id,
                   struct record *record)
{
    return look_up(txn, collection, id, OUSE_MANAGER, record);
}

ouse_rc record_missing(const struct collection *collection, struct ouse_str id, const struct record *removed,
                       struct problem *problem)
{
    if (removed && removed->kind == RECORD_REMOVED)
        return problem_fail(problem, OUSE_E_GONE, "%s/%.*s was deleted", collection->is.name, OUSE_F(id));
    if (removed && removed->kind == RECORD_MERGED)
        return problem_fail(problem, OUSE_E_GONE, "%s/%.*s was merged into %.*s; use %s/%.*s",
                            collection->is.name, OUSE_F(id), OUSE_F(removed->into), collection->is.name,
                            OUSE_F(removed->into));
    return problem_fail(problem, OUSE_E_NOT_FOUND, "There is no %s/%.*s", collection->is.name, OUSE_F(id));
}

/* A version that was replaced is kept in full only. */
static ouse_rc make_view(struct record *record, uint32_t role, struct arena *arena)
{
    struct schema_meta fields;
    struct buffer view;
    cJSON *meta, *document = record_document(arena, record, &meta);
    if (!document)
        return OUSE_E_INTERNAL;
    fields = (struct schema_meta){record->revision, record->created, record->updated, record->visibility,
                                  record->warnings.p ? json_parse_trusted(arena, record->warnings)
                                                     : record_warnings(meta)};
    buffer_init(&view, 1u << 24);
    schema_encode(record->collection, record->id, document, &fields, role, &view);
    record->json = arena_copy(arena, buffer_view(&view));
    buffer_finish(&view);
    return OUSE_OK;
}

static ouse_rc look_up_replaced(struct txn *txn, const struct collection *collection, struct ouse_str id,
                                uint32_t revision, uint32_t role, struct arena *arena, struct record *record)
{
    struct ouse_str stored;
    struct key key;
    key_revision(&key, collection->number, id, revision);
    ouse_rc rc = txn_get(txn, DB_REVISIONS, key_str(&key), &stored);
    if (!rc)
        rc = head_read(collection, id, stored, role, record);
    if (rc || role >= OUSE_OFFICE || record->kind != RECORD_LIVE)
        return rc;
    return make_view(record, role, arena);
}

/* Reads a revision. A replaced version refers to the records that could be seen at its time. The
 * revision that a role saw last is the present one, whatever has changed since that it may not see. */
ouse_rc record_revision(struct txn *txn, const struct collection *collection, struct ouse_str id,
                        uint32_t revision, uint32_t role, struct arena *arena, struct record *record)
{
    struct record read;
    int64_t made = 0;
    ouse_rc rc = look_up(txn, collection, id, role, &read);
    if ((!rc && read.revision != revision) || rc == OUSE_E_NOT_FOUND) {
        rc = look_up_replaced(txn, collection, id, revision, role, arena, &read);
        made = rc ? 0 : read.updated;
    }
    if (!rc && read.revision != revision)
        rc = OUSE_E_NOT_FOUND;
    if (rc)
        return rc;
    hide_survivor(txn, role, &read);
    rc = redact(txn, role, made, arena, &read);
    if (!rc)
        *record = read;
    return rc;
}

ouse_rc record_revision_before(struct txn *txn, const struct collection *collection, struct ouse_str id,
                               uint32_t revision, uint32_t role, uint32_t *before)
{
    struct stored stored;
    struct key key;
    int audience = audience_of(role);
    key_revision(&key, collection->number, id, revision - 1);
    ouse_rc rc = revision > 1 ? head_get(txn, DB_REVISIONS, key_str(&key), &stored) : OUSE_E_NOT_FOUND;
    *before = rc ? 0 : audience < AUDIENCES ? stored.sights[audience].revision : stored.head.revision;
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* ---- At an instant ------------------------------------------------------------- */

static ouse_rc look_back(struct txn *txn, const struct collection *collection, struct ouse_str id,
                         uint32_t role, int64_t as_of, struct arena *arena, struct record *record)
{
    uint32_t revision;
    struct record whole;
    ouse_rc rc =
        collection->is.visibility > role ? OUSE_E_NOT_FOUND : look_up(txn, collection, id, role, record);
    if (!rc)
        rc = record_get(txn, collection, id, &whole);
    if (rc || whole.updated <= as_of)
        return rc;
    rc = head_revision_at(txn, collection->number, id, whole.first, whole.revision, as_of, &revision);
    if (!rc && !revision)
        rc = OUSE_E_NOT_FOUND;
    return rc ? rc : look_up_replaced(txn, collection, id, revision, role, arena, record);
}

ouse_rc record_find(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                    int64_t as_of, struct arena *arena, struct record *record)
{
    struct record read;
    ouse_rc rc = as_of ? look_back(txn, collection, id, role, as_of, arena, &read)
                       : look_up(txn, collection, id, role, &read);
    if (rc)
        return rc;
    hide_survivor(txn, role, &read);
    read.as_of = as_of;
    *record = read;
    return OUSE_OK;
}

ouse_rc record_as_of(struct txn *txn, const struct collection *collection, struct ouse_str id, uint32_t role,
                     int64_t as_of, struct arena *arena, struct record *record)
{
    struct record read;
    ouse_rc rc = record_find(txn, collection, id, role, as_of, arena, &read);
    if (!rc)
        rc = redact(txn, role, as_of, arena, &read);
    if (!rc)
        *record = read;
    return rc;
}

cJSON *record_document(struct arena *arena, const struct record *record, cJSON **meta)
{
    cJSON *document = json_parse_trusted(arena, record->json);
    cJSON *taken;
    if (!document) {
        log_error(AREA, "%s/%.*s is not JSON in the store; run `ouse verify`", record->collection->is.name,
                  OUSE_F(record->id));
        return NULL;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(document, "id");
    taken = cJSON_DetachItemFromObjectCaseSensitive(document, "meta");
    if (taken)
        json_keep(arena, taken);
    if (meta)
        *meta = taken;
    return document;
}

const cJSON *record_warnings(const cJSON *meta)
{
    const cJSON *warnings = json_member(meta, "warnings");
    return warnings && warnings->child ? warnings : NULL;
}
