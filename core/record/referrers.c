/* referrers: the records that refer to one, straight from the reference keys. */
#include "reader.h"

struct referrers {
    const struct schema *schema;
    struct reader reader;
    struct key_span rest; /* begins after the last one */
    struct key last;
};

ouse_rc referrers_open(struct records *records, struct txn *txn, uint32_t target, struct ouse_str id,
                       const struct collection *collection, const struct field *field, int64_t as_of,
                       struct arena *arena, struct referrers **referrers)
{
    struct referrers *r = arena_zero(arena, sizeof *r);
    struct key *from = &r->rest.from, *to = &r->rest.to;
    r->reader = (struct reader){.txn = txn, .arena = arena, .as_of = as_of};
    r->schema = records->schema;
    r->rest.db = DB_REFERENCES;
    key_init(from);
    key_u32(from, target);
    key_bytes(from, id);
    key_byte(from, 0);
    if (collection)
        key_u32(from, collection->number);
    if (collection && field)
        key_u32(from, field->number);
    *to = *from;
    to->n = bytes_behind(to->at, to->n).n;
    *referrers = r;
    return OUSE_OK;
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
    struct key_reference parts;
    struct ouse_str found;
    ouse_rc rc = referrers->reader.closed ? OUSE_E_NOT_FOUND
                                          : span_edge(&referrers->reader, &referrers->rest, 0, &found);
    if (rc) {
        referrers_close(referrers);
        return rc;
    }
    key_init(&referrers->last);
    key_bytes(&referrers->last, found);
    referrers->rest.from = referrers->last;
    key_byte(&referrers->rest.from, 0); /* the least key after it */
    if (key_read_reference(key_str(&referrers->last), &parts))
        return OUSE_E_INTERNAL;
    referrer->collection_number = parts.collection;
    referrer->field_number = parts.field;
    referrer->collection = schema_numbered(referrers->schema, parts.collection);
    referrer->field = referrer->collection ? numbered_field(referrer->collection, parts.field) : NULL;
    referrer->id = parts.id;
    return OUSE_OK;
}

void referrers_close(struct referrers *referrers)
{
    reader_close(&referrers->reader);
}

/* ---- When a record is hidden or shown --------------------------------------------- */

/* Runs the FOLLOW hooks of a record after its view changed for an audience, to find the records
 * that they recheck. The hooks write nothing, and other errors do not count. */
static void follow_view(struct change_set *set, const struct collection *collection, struct ouse_str id,
                        const cJSON *without, cJSON *with)
{
    struct problem *kept = set->problem, unheard;
    struct change change = {.set = set,
                            .op = OUSE_ON_UPDATE,
                            .collection = collection,
                            .id = id,
                            .before = without,
                            .after = with,
                            .audience = 1,
                            .role = OUSE_MANAGER};
    problem_init(&unheard, set->arena);
    set->problem = &unheard;
    hooks_run(&change, OUSE_FOLLOW);
    set->problem = kept;
}

static void follow_referrer(struct change_set *set, const struct referrer *referrer,
                            const struct collection *to, struct ouse_str id)
{
    const struct ouse_str none = {NULL, 0};
    struct record record;
    if (hooks_any(referrer->collection, OUSE_CHECK))
        pending_touch(set, referrer->collection, referrer->id, WAIT_VIEWED, 0, 0);
    if (!hooks_any(referrer->collection, OUSE_FOLLOW) ||
        record_get(set->txn, referrer->collection, referrer->id, &record) || record.kind != RECORD_LIVE)
        return;
    cJSON *with = record_document(set->arena, &record, NULL);
    cJSON *without = with ? json_keep(set->arena, cJSON_Duplicate(with, 1)) : NULL;
    if (!without)
        return;
    schema_replace_reference(referrer->collection, without, NULL, to, id, none);
    follow_view(set, referrer->collection, arena_copy(set->arena, referrer->id), without, with);
}

ouse_rc referrers_recheck(struct change_set *set, const struct collection *collection, struct ouse_str id,
                          cJSON *document)
{
    struct referrers *referrers;
    struct referrer referrer;
    follow_view(set, collection, id, json_keep(set->arena, cJSON_CreateObject()), document);
    ouse_rc rc =
        referrers_open(set->records, set->txn, collection->number, id, NULL, NULL, 0, set->arena, &referrers);
    while (!rc && !(rc = referrers_next(referrers, &referrer))) {
        if (referrer.collection)
            follow_referrer(set, &referrer, collection, id);
        rc = change_charge(set, RECORD_UNITS);
    }
    referrers_close(referrers);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : store_failed(set->problem, rc);
}

/* ---- From a record's side ------------------------------------------------------- */

struct looking {
    const struct field *asked, *found;
    uint32_t target;
    struct ouse_str id;
};

static void look(void *arg, const struct field *field, int entry, const struct target *target,
                 struct ouse_str id)
{
    struct looking *looking = arg;
    (void)entry;
    if (target->to && target->to->number == looking->target && ouse_same(id, looking->id) &&
        (!looking->asked || field == looking->asked) &&
        (!looking->found || field->number < looking->found->number))
        looking->found = field;
}

const struct field *record_refers(const struct record *record, const struct field *field, uint32_t target,
                                  struct ouse_str id)
{
    struct looking looking = {field, NULL, target, id};
    cJSON *document = cJSON_ParseWithLength(record->json.p, record->json.n);
    if (document)
        schema_references(record->collection, document, look, &looking);
    cJSON_Delete(document);
    return looking.found;
}
