/* revert: writes an earlier revision of a record as a new one.
 *
 * Today's rules apply: the old document is checked like any other, and the targets of its
 * references must still exist. Fields that a client cannot set stay as they are: states (they
 * change by moves), system and fixed fields, and the visibility, so that a revert publishes
 * nothing. */
#include "internal.h"

static ouse_rc load_revision(struct change_set *set, const struct collection *collection, struct ouse_str id,
                             uint32_t revision, cJSON **document)
{
    struct record record;
    cJSON *read;
    ouse_rc rc = record_revision(set->txn, collection, id, revision, set->caller.role, set->arena, &record);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_add(set->problem, OUSE_E_INVALID, "/to", "not_found",
                           "There is no revision %u of %s/%.*s", revision, collection->is.name, OUSE_F(id));
    if (rc)
        return store_failed(set->problem, rc);
    if (record.kind != RECORD_LIVE)
        return problem_add(set->problem, OUSE_E_INVALID, "/to", "removed",
                           "In revision %u the record was removed", revision);
    read = record_document(set->arena, &record, NULL);
    if (!read)
        return store_failed(set->problem, OUSE_E_INTERNAL);
    *document = read;
    return OUSE_OK;
}

/* Gives the fields that clients do not set the values that they have now. */
static void keep_the_rest(const struct collection *collection, const cJSON *now, cJSON *document)
{
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        const cJSON *value = json_member(now, field->is.name);
        if (!field->flow && !(field->is.flags & (OUSE_SYSTEM | OUSE_FIXED)))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->is.name);
        if (value)
            cJSON_AddItemToObject(document, field->is.name, cJSON_Duplicate(value, 1));
    }
}

ouse_rc change_revert(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      uint32_t revision, const struct condition *condition, struct changed *changed)
{
    struct record stored;
    cJSON *now, *document = NULL;
    ouse_rc rc = change_load(set, collection, id, condition, &stored, &now);
    if (!rc)
        rc = load_revision(set, collection, id, revision, &document);
    if (rc)
        return rc;
    keep_the_rest(collection, now, document);
    return change_replace(set, collection, id, document, NULL, changed);
}
