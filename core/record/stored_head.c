/* stored_head: the heads of stored versions, without their bytes: at an instant, and for a role. */
#include "internal.h"

/* Returns the last of the revisions, from the first one on and before the present one, that existed
 * at an instant; 0: no revision. The times of the revisions of a record never decrease. */
ouse_rc head_revision_at(struct txn *txn, uint32_t collection, struct ouse_str id, uint32_t first,
                         uint32_t present, int64_t as_of, uint32_t *revision)
{
    uint32_t low = first, high = present;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct stored replaced;
        struct key key;
        key_revision(&key, collection, id, middle);
        ouse_rc rc = head_get(txn, DB_REVISIONS, key_str(&key), &replaced);
        if (rc)
            return rc == OUSE_E_NOT_FOUND ? OUSE_E_INTERNAL : rc;
        if (replaced.head.updated <= as_of)
            low = middle + 1;
        else
            high = middle;
    }
    *revision = low > first ? low - 1 : 0;
    return OUSE_OK;
}

/* Reads the head of the version at an instant; that of the present version if the record did not
 * exist yet. */
static ouse_rc head_as_of(struct txn *txn, uint32_t collection, struct ouse_str id, int64_t as_of,
                          struct stored *stored)
{
    uint32_t revision;
    struct key key;
    ouse_rc rc =
        head_revision_at(txn, collection, id, stored->head.first, stored->head.revision, as_of, &revision);
    if (rc || !revision)
        return rc;
    key_revision(&key, collection, id, revision);
    return head_get(txn, DB_REVISIONS, key_str(&key), stored);
}

ouse_rc record_is_hidden(struct txn *txn, uint32_t collection, struct ouse_str id, uint32_t role,
                         int64_t as_of, int *hidden)
{
    struct stored stored = {.head = {.visibility = OUSE_PUBLIC}};
    struct key key;
    key_record(&key, collection, id);
    ouse_rc rc = head_get(txn, DB_RECORDS, key_str(&key), &stored);
    if (!rc && as_of && stored.head.updated > as_of && stored.head.visibility <= role)
        rc = head_as_of(txn, collection, id, as_of, &stored);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    *hidden = stored.head.visibility > role;
    return OUSE_OK;
}
