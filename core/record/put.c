/* put: puts one version of a record and everything that follows from it.
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

/* Whether an audience that sees the record sees something else than the office. */
static int differs(const struct version *version, int audience)
{
    const struct sight *sight = &version->sights[audience];
    const struct schema_meta meta = {.warnings = version->warnings};
    return version->own_warnings[audience] || sight->revision != version->revision ||
           sight->updated != version->times.updated ||
           schema_hides(version->collection, version->after, &meta, audience_role(audience));
}

void version_views(const struct version *version, struct buffer views[1 + AUDIENCES])
{
    const struct schema_meta meta = {version->revision, version->times.created, version->times.updated,
                                     version->visibility, version->warnings};
    int kept = 0;
    buffer_init(&views[0], VIEW_MAX);
    schema_encode(version->collection, version->id, version->after, &meta, OUSE_OFFICE, &views[0]);
    for (int i = 0; i < AUDIENCES; i++) {
        buffer_init(&views[1 + i], VIEW_MAX);
        kept = version->visibility <= audience_role(i) && (kept || differs(version, i));
        if (kept)
            version_view(version, i, &version->sights[i], &views[1 + i]);
    }
}

/* Returns the bytes of a stored view; no text, and so no bytes, if it is not stored. */
static struct ouse_str view(const struct buffer *buffer)
{
    struct ouse_str none = {NULL, 0};
    return buffer->n ? buffer_view(buffer) : none;
}

/* Stores the version that is about to be replaced among the revisions: the full view and the
 * warnings of the audiences, from which their views can be computed. Copies it first, because a
 * write invalidates the slices of the store. */
static ouse_rc keep_replaced(struct txn *txn, const struct version *version, const struct stored *replaced)
{
    struct stored kept = {.head = replaced->head};
    struct buffer copy;
    struct key key;
    memcpy(kept.sights, replaced->sights, sizeof kept.sights);
    buffer_init(&copy, VIEW_MAX);
    buffer_str(&copy, replaced->views[0]);
    for (int i = 0; i < AUDIENCES; i++)
        buffer_str(&copy, replaced->warnings[i]);
    kept.views[0] = (struct ouse_str){copy.at, replaced->views[0].n};
    for (uint32_t i = 0, at = replaced->views[0].n; i < AUDIENCES; at += replaced->warnings[i++].n)
        kept.warnings[i] = (struct ouse_str){copy.at + at, replaced->warnings[i].n};
    key_revision(&key, version->collection->number, version->id, kept.head.revision);
    ouse_rc rc = copy.overflow ? OUSE_E_TOO_LARGE : stored_write(txn, DB_REVISIONS, key_str(&key), &kept);
    buffer_finish(&copy);
    return rc;
}

/* Returns the warnings of an audience as JSON, if it has its own. */
static struct ouse_str own_warnings(const struct version *version, int audience, struct buffer *out)
{
    buffer_init(out, VIEW_MAX);
    if (version->own_warnings[audience])
        json_print(out, version->own_warnings[audience]);
    return view(out);
}

/* Puts the bytes, and hashes them for the journal. */
static ouse_rc put_bytes(struct txn *txn, const struct version *version, const struct head *head,
                         unsigned char content[JOURNAL_HASH])
{
    struct stored stored = {.head = *head, .views = {version->into}};
    struct buffer views[1 + AUDIENCES] = {{0}, {0}, {0}}, warnings[AUDIENCES] = {{0}, {0}};
    struct key key;
    memcpy(stored.sights, version->sights, sizeof stored.sights);
    if (version->kind == RECORD_LIVE) {
        version_views(version, views);
        for (int i = 0; i < 1 + AUDIENCES; i++)
            stored.views[i] = view(&views[i]);
        for (int i = 0; i < AUDIENCES; i++)
            stored.warnings[i] = own_warnings(version, i, &warnings[i]);
    }
    key_record(&key, version->collection->number, version->id);
    ouse_rc rc = views[0].overflow ? OUSE_E_TOO_LARGE : stored_write(txn, DB_RECORDS, key_str(&key), &stored);
    if (!rc)
        head_hash(&stored, content);
    for (int i = 0; i < 1 + AUDIENCES; i++)
        buffer_finish(&views[i]);
    for (int i = 0; i < AUDIENCES; i++)
        buffer_finish(&warnings[i]);
    return rc;
}

/* A record is found by the times at which it was updated for its audiences, too. */
static ouse_rc put_keys(struct change_set *set, struct version *version)
{
    ouse_rc rc = OUSE_OK;
    if (version->indexes[1].n)
        for (int i = 0; i < AUDIENCES; i++)
            if (version->sights[i].updated != version->times.updated)
                footprint_add_time(&version->indexes[1], version->collection, version->id,
                                   version->sights[i].updated);
    rc = footprint_apply(set->txn, DB_INDEXES, &version->indexes[0], &version->indexes[1],
                         version->times.updated);
    return rc ? rc
              : footprint_apply(set->txn, DB_REFERENCES, &version->references[0], &version->references[1],
                                version->times.updated);
}

static ouse_rc put_journal(struct change_set *set, const struct version *version,
                           const unsigned char content[JOURNAL_HASH])
{
    struct journal_entry entry = {.at = set->now,
                                  .op = version->op,
                                  .audiences = version->audiences,
                                  .collection = version->collection->number,
                                  .revision = version->revision,
                                  .id = version->id,
                                  .actor = set->caller.actor};
    memcpy(entry.content, content, JOURNAL_HASH);
    return journal_append(set->txn, set->sequence, &entry, set->link);
}

/* Compares with the replaced version, and computes the view of each audience of the change. */
static ouse_rc look_at_replaced(struct change_set *set, struct version *version)
{
    int replaces = version->same_revision || version->revision > version->first;
    struct stored stored;
    struct key key;
    ouse_rc rc = OUSE_OK;
    key_record(&key, version->collection->number, version->id);
    if (replaces)
        rc = head_get(set->txn, DB_RECORDS, key_str(&key), &stored);
    if (!rc)
        rc = audience_look(set, version, replaces ? &stored : NULL, set->sequence);
    if (!rc && replaces && !version->same_revision)
        rc = keep_replaced(set->txn, version, &stored);
    return rc;
}

ouse_rc version_put(struct change_set *set, struct version *version)
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
        rc = look_at_replaced(set, version);
    if (!rc)
        rc = put_bytes(set->txn, version, &head, content);
    if (!rc)
        rc = put_keys(set, version);
    if (!rc)
        rc = put_journal(set, version, content);
    if (rc == OUSE_E_TOO_LARGE)
        return problem_fail(set->problem, rc, "%s/%.*s would be larger than 16 MiB",
                            version->collection->is.name, OUSE_F(version->id));
    if (rc)
        return store_failed(set->problem, rc);
    return OUSE_OK;
}
