/* redact: removes references to records that the reader may not see.
 *
 *     stored    {"title":"A", "leads":["ann","hidden"], …}     for a reader that may see people/hidden
 *     read      {"title":"A", "leads":["ann"], …}              for others, without the reference
 *
 * A reference is shown if the same role could see its target at the same instant. This is checked
 * whenever a record is read. So a change of visibility needs no change of the referrers, and no
 * data can be stale. If no target is hidden, the cost is at most a look at the collections that
 * hide records (hidden.c); otherwise at the heads of the targets. Only records with such a
 * reference are parsed.
 *
 * A source with a hidden publication is removed as a whole. So are the warnings, unless the
 * audience has its own: they are about the whole of the record. */
#include "../base/json_slice.h"
#include "internal.h"

#define RECORD_MAX (1u << 24)

struct looking {
    struct txn *txn;
    struct ouse_str hiding;
    uint32_t role;
    int64_t as_of;
    ouse_rc rc;
};

static int is_hidden(void *arg, const struct target *target, struct ouse_str id)
{
    struct looking *looking = arg;
    int hidden = 0;
    if (!looking->rc && hiding_has(looking->hiding, target->number))
        looking->rc =
            record_is_hidden(looking->txn, target->number, id, looking->role, looking->as_of, &hidden);
    return hidden;
}

/* Returns whether a field of a record refers to a hidden record. */
static int is_veiled(struct looking *looking, const struct record *record, const struct field *field)
{
    if (!hiding_veils(looking->hiding, field))
        return 0;
    struct ouse_str value = json_slice(record->json, field->is.name);
    return value.p && schema_refers(field, value, is_hidden, looking);
}

static void drop_warnings(cJSON *tree)
{
    cJSON *meta = json_member(tree, "meta");
    cJSON_ReplaceItemInObjectCaseSensitive(meta, "warnings", cJSON_CreateArray());
}

/* Builds the bytes again, without hidden references, from one field on. */
static ouse_rc remake(struct looking *looking, uint32_t from, struct arena *arena, struct record *record)
{
    const struct collection *collection = record->collection;
    cJSON *tree = cJSON_ParseWithLength(record->json.p, record->json.n);
    struct buffer bytes;
    if (!tree)
        return OUSE_E_INTERNAL;
    for (uint32_t i = from; i <= collection->n_fields; i++)
        if (hiding_veils(looking->hiding, schema_field_at(collection, i)))
            schema_drop_references(schema_field_at(collection, i), tree, is_hidden, looking);
    if (!record->warnings.p)
        drop_warnings(tree);
    buffer_init(&bytes, RECORD_MAX);
    json_print(&bytes, tree);
    cJSON_Delete(tree);
    if (!looking->rc) {
        record->json = arena_copy(arena, buffer_view(&bytes));
        record->redacted = 1;
    }
    buffer_finish(&bytes);
    return looking->rc;
}

ouse_rc redact_by(struct txn *txn, struct ouse_str hiding, uint32_t role, int64_t as_of, struct arena *arena,
                  struct record *record)
{
    struct looking looking = {txn, hiding, role, as_of, OUSE_OK};
    uint32_t i = 0, n = record->collection->n_fields;
    if (!hiding.n || record->kind != RECORD_LIVE)
        return OUSE_OK;
    while (i <= n && !is_veiled(&looking, record, schema_field_at(record->collection, i)))
        i++;
    return looking.rc || i > n ? looking.rc : remake(&looking, i, arena, record);
}

ouse_rc redact(struct txn *txn, uint32_t role, int64_t as_of, struct arena *arena, struct record *record)
{
    struct ouse_str hiding;
    if (role >= OUSE_OFFICE)
        return OUSE_OK;
    ouse_rc rc = hiding_read(txn, &hiding);
    return rc ? rc : redact_by(txn, hiding, role, as_of, arena, record);
}

ouse_rc record_redact(struct txn *txn, uint32_t role, struct arena *arena, struct record *record)
{
    return redact(txn, role, 0, arena, record);
}

int record_may_veil(struct txn *txn, const struct field *field)
{
    struct ouse_str hiding;
    return hiding_read(txn, &hiding) != OUSE_OK || hiding_veils(hiding, field);
}

ouse_rc redact_keep(struct txn *txn, uint32_t role, const struct collection *collection, const cJSON *before,
                    const cJSON *with, cJSON *document)
{
    struct looking looking = {.txn = txn, .role = role};
    ouse_rc rc = hiding_read(txn, &looking.hiding);
    for (uint32_t i = 0; i <= collection->n_fields && !rc; i++) {
        const struct field *field = schema_field_at(collection, i);
        if (json_member(with, field->is.name) && hiding_veils(looking.hiding, field))
            schema_keep_references(field, document, before, is_hidden, &looking);
    }
    return rc ? rc : looking.rc;
}
