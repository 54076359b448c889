/* version: puts one version of a record and everything that follows from it.
 *
 * The one place where the register is written, so that record, indexes,
 * references, revision and journal cannot disagree: they are put together here
 * or, when one of them fails, given up together with the transaction.
 */
#include "internal.h"

#define VIEW_MAX (1u << 24)

void version_footprints(struct change_set *set, struct version *version)
{
    const cJSON *documents[2] = {version->before, version->after};
    const struct schema_times *times[2] = {&version->times_before, &version->times};
    for (int i = 0; i < 2; i++) {
        footprint_indexes(&version->indexes[i], set->arena, version->collection, version->id, documents[i],
                          documents[!i], times[i]);
        footprint_references(&version->references[i], set->arena, version->collection, version->id,
                             documents[i]);
    }
}

void version_views(const struct version *version, struct buffer views[3])
{
    static const uint32_t roles[3] = {OUSE_OFFICE, OUSE_PARTNER, OUSE_PUBLIC};
    const struct schema_meta meta = {version->revision, version->times.created, version->times.updated,
                                     version->visibility, version->warnings};
    for (int i = 0; i < 3; i++) {
        buffer_init(&views[i], VIEW_MAX);
        if (i > 0 && (version->visibility > roles[i] ||
                      !schema_hides(version->collection, version->after, &meta, roles[i])))
            continue;
        schema_encode(version->collection, version->id, version->after, &meta, roles[i], &views[i]);
    }
}

/* Bytes of a kept view; no text, and so no bytes, where none is kept. */
static struct ouse_str view(const struct buffer *buffer)
{
    struct ouse_str none = {NULL, 0};
    return buffer->n ? buffer_view(buffer) : none;
}

/* The version that is about to be replaced, in full, among the revisions; copied
 * first, as a write takes back what the store has lent. */
static ouse_rc keep_replaced(struct txn *txn, const struct version *version)
{
    struct ouse_str stored, none = {NULL, 0};
    struct record replaced;
    struct buffer full;
    struct head head;
    struct key key;
    ouse_rc rc;
    key_record(&key, version->collection->number, version->id);
    rc = txn_get(txn, DB_RECORDS, key_str(&key), &stored);
    if (!rc)
        rc = head_read(version->collection, version->id, stored, OUSE_MANAGER, &replaced);
    if (rc)
        return rc;
    memcpy(&head, stored.p, sizeof head);
    buffer_init(&full, VIEW_MAX);
    buffer_add(&full, stored.p + sizeof head, head.n_full);
    key_revision(&key, version->collection->number, version->id, head.revision);
    rc = head_write(txn, DB_REVISIONS, key_str(&key), &head, view(&full), none, none);
    buffer_finish(&full);
    return rc;
}

/* Also hashes what it puts, for the journal. */
static ouse_rc put_bytes(struct txn *txn, const struct version *version, struct head *head,
                         unsigned char content[JOURNAL_HASH])
{
    struct ouse_str full = version->into;
    struct buffer views[3] = {{0}, {0}, {0}};
    struct key key;
    ouse_rc rc = OUSE_OK;
    if (version->revision > version->first && !version->same_revision)
        rc = keep_replaced(txn, version);
    if (rc)
        return rc;
    if (version->kind == RECORD_LIVE) {
        version_views(version, views);
        full = view(&views[0]);
    }
    key_record(&key, version->collection->number, version->id);
    rc = views[0].overflow
             ? OUSE_E_TOO_LARGE
             : head_write(txn, DB_RECORDS, key_str(&key), head, full, view(&views[1]), view(&views[2]));
    if (!rc)
        head_hash(head, full, content);
    for (int i = 0; i < 3; i++)
        buffer_finish(&views[i]);
    return rc;
}

static ouse_rc put_keys(struct txn *txn, const struct version *version)
{
    ouse_rc rc =
        footprint_apply(txn, DB_INDEXES, &version->indexes[0], &version->indexes[1], version->times.updated);
    return rc ? rc
              : footprint_apply(txn, DB_REFERENCES, &version->references[0], &version->references[1],
                                version->times.updated);
}

static ouse_rc put_journal(struct change_set *set, const struct version *version,
                           const unsigned char content[JOURNAL_HASH])
{
    struct journal_entry entry = {.at = set->now,
                                  .op = version->op,
                                  .visibility = (uint8_t)version->told,
                                  .collection = version->collection->number,
                                  .revision = version->revision,
                                  .id = version->id,
                                  .actor = set->caller.actor};
    memcpy(entry.content, content, JOURNAL_HASH);
    return journal_append(set->txn, set->sequence, &entry, set->link);
}

ouse_rc version_put(struct change_set *set, const struct version *version)
{
    struct head head = {.kind = (uint8_t)version->kind,
                        .visibility = (uint8_t)version->visibility,
                        .revision = version->revision,
                        .first = version->first,
                        .sequence = set->sequence + 1,
                        .created = version->times.created,
                        .updated = version->times.updated};
    unsigned char content[JOURNAL_HASH];
    ouse_rc rc;
    set->sequence++;
    rc = version->visibility > OUSE_PUBLIC ? hiding_add(set->txn, version->collection->number) : OUSE_OK;
    if (!rc)
        rc = put_bytes(set->txn, version, &head, content);
    if (!rc)
        rc = put_keys(set->txn, version);
    if (!rc)
        rc = put_journal(set, version, content);
    if (rc == OUSE_E_TOO_LARGE)
        return problem_fail(set->problem, rc, "%s/%.*s would be larger than 16 MiB",
                            version->collection->is.name, OUSE_F(version->id));
    if (rc)
        return store_failed(set->problem, rc);
    return OUSE_OK;
}
