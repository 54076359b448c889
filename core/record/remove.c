/* remove: removes a record, by deletion or by a merge into another, and updates its referrers. */
#include "internal.h"

#define TOLD 20 /* referrers that a refusal names */

struct found {
    const struct collection *collection;
    const struct field *field;
    struct ouse_str id;
};

struct found_list {
    struct found *at;
    uint32_t n, room;
    int foreign; /* some belong to plugins that are not loaded */
};

static void add_found(struct arena *arena, struct found_list *list, const struct found *found)
{
    list->at = arena_more(arena, list->at, list->n, &list->room, sizeof *list->at);
    list->at[list->n++] = (struct found){found->collection, found->field, arena_copy(arena, found->id)};
}

/* Finds all referrers except the record itself. Copies them, because the next steps write. */
static ouse_rc find_referrers(struct change_set *set, const struct collection *collection, struct ouse_str id,
                              struct found_list *list)
{
    struct referrers *referrers;
    struct referrer referrer;
    ouse_rc rc =
        referrers_open(set->records, set->txn, collection->number, id, NULL, NULL, 0, set->arena, &referrers);
    *list = (struct found_list){0};
    while (!rc && !(rc = referrers_next(referrers, &referrer))) {
        if (!referrer.collection)
            list->foreign = 1;
        else if (referrer.collection != collection || !ouse_same(referrer.id, id))
            add_found(set->arena, list, &(struct found){referrer.collection, referrer.field, referrer.id});
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : store_failed(set->problem, rc);
}

static int restricts(const struct found *found)
{
    return found->field->is.on_delete == OUSE_RESTRICT;
}

static ouse_rc refuse(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      const struct found_list *list)
{
    struct buffer json;
    uint32_t told = 0, n = 0;
    buffer_init(&json, 1u << 16);
    buffer_byte(&json, '[');
    for (uint32_t i = 0; i < list->n; i++) {
        const struct found *found = &list->at[i];
        if (!restricts(found) || n++ >= TOLD || found->field->is.visibility > set->caller.role ||
            !change_seen(set, found->collection, found->id))
            continue;
        buffer_printf(&json, "%s{\"collection\":\"%s\",\"id\":\"%.*s\",\"field\":\"%s\"}", told++ ? "," : "",
                      found->collection->is.name, OUSE_F(found->id), found->field->is.name);
    }
    buffer_byte(&json, ']');
    if (!set->problem->extra_name.n) { /* of the first one, if a set has several */
        set->problem->extra_name = ouse_s("referrers");
        set->problem->extra_json = arena_copy(set->arena, buffer_view(&json));
    }
    buffer_finish(&json);
    return problem_add(
        set->problem, OUSE_E_CONFLICT, "", "referred_to",
        "%s/%.*s is referred to from %u place%s (see `referrers`); change or delete those first",
        collection->is.name, OUSE_F(id), n, n == 1 ? "" : "s");
}

/* No change of the set can take these references away. */
static ouse_rc check_foreign(struct change_set *set, const struct collection *collection, struct ouse_str id,
                             const struct found_list *list)
{
    return list->foreign
               ? problem_add(
                     set->problem, OUSE_E_CONFLICT, "", "referred_to",
                     "%s/%.*s is referred to by records of a plugin that is not loaded; enable it first",
                     collection->is.name, OUSE_F(id))
               : OUSE_OK;
}

static int is_restricted(const struct found_list *list)
{
    uint32_t i = 0;
    while (i < list->n && !restricts(&list->at[i]))
        i++;
    return i < list->n;
}

ouse_rc remove_settle(struct change_set *set, const struct collection *collection, struct ouse_str id)
{
    struct found_list list;
    struct record record;
    ouse_rc rc = record_get(set->txn, collection, id, &record);
    if (rc)
        return store_failed(set->problem, rc);
    if (record.kind != RECORD_REMOVED)
        return OUSE_OK;
    rc = find_referrers(set, collection, id, &list);
    return rc || !is_restricted(&list) ? rc : refuse(set, collection, id, &list);
}

/* Writes a referrer with its references to target/id replaced or removed. Skips one that an earlier
 * step has already changed. */
static ouse_rc rewrite(struct change_set *set, const struct found *found, const struct field *field,
                       const struct collection *target, struct ouse_str id, struct ouse_str into)
{
    struct update update = {.collection = found->collection, .id = found->id, .op = OUSE_ON_UPDATE};
    struct record stored;
    cJSON *before;
    ouse_rc rc = change_load(set, found->collection, found->id, NULL, &stored, &before);
    if (rc)
        return rc;
    update.after = json_keep(set->arena, cJSON_Duplicate(before, 1));
    if (!schema_replace_reference(found->collection, update.after, field, target, id, into))
        return OUSE_OK;
    update.stored = &stored;
    update.before = before;
    update.visibility = stored.visibility;
    return change_apply(set, &update, NULL);
}

/* Puts the tombstone, between the CHECK and FOLLOW hooks of the operation. */
static ouse_rc put_tombstone(struct change_set *set, const struct record *stored, const cJSON *before,
                             uint32_t op, struct ouse_str into)
{
    struct change change = {.set = set,
                            .op = op,
                            .revision = stored->revision + 1,
                            .collection = stored->collection,
                            .id = stored->id,
                            .before = before};
    struct version version = {.collection = stored->collection,
                              .id = stored->id,
                              .kind = op == OUSE_ON_MERGE ? RECORD_MERGED : RECORD_REMOVED,
                              .op = op == OUSE_ON_MERGE ? JOURNAL_MERGE : JOURNAL_REMOVE,
                              .visibility = stored->visibility,
                              .visibility_before = stored->visibility,
                              .revision = stored->revision + 1,
                              .first = stored->first,
                              .times = {.created = stored->created, .updated = change_time(set, stored)},
                              .times_before = record_times(stored),
                              .before = before,
                              .into = into};
    uint64_t since = set->sequence;
    ouse_rc rc = hooks_admit(stored->collection, op, set->problem);
    if (!rc)
        rc = hooks_run(&change, OUSE_CHECK);
    if (!rc)
        rc = change_check_untouched(set, since, stored->collection, stored->id, stored);
    if (rc)
        return rc;
    version_footprints(set, &version);
    rc = version_put(set, &version);
    pending_count(set);
    if (!rc && hooks_any(stored->collection, OUSE_SETTLE))
        pending_touch(set, stored->collection, stored->id, WAIT_SETTLE, op, stored->revision);
    return rc ? rc : hooks_run(&change, OUSE_FOLLOW);
}

/* Writes the tombstone. Reads the record again, because the hooks of its referrers may have changed
 * it. */
static ouse_rc bury(struct change_set *set, const struct collection *collection, struct ouse_str id,
                    uint32_t op, struct ouse_str into)
{
    struct record stored;
    cJSON *before;
    ouse_rc rc = change_enter(set, collection);
    if (!rc)
        rc = change_load(set, collection, id, NULL, &stored, &before);
    if (!rc)
        rc = put_tombstone(set, &stored, before, op, into);
    set->depth--;
    return rc;
}

static ouse_rc is_live(struct change_set *set, const struct found *found, int *live)
{
    struct record record;
    ouse_rc rc = record_get(set->txn, found->collection, found->id, &record);
    *live = !rc && record.kind == RECORD_LIVE;
    return rc && rc != OUSE_E_NOT_FOUND ? store_failed(set->problem, rc) : OUSE_OK;
}

/* Removes one record; adds the records to delete with it to `doomed`. */
static ouse_rc remove_one(struct change_set *set, const struct collection *collection, struct ouse_str id,
                          const struct condition *condition, struct found_list *doomed)
{
    struct ouse_str none = {NULL, 0};
    struct found_list list;
    struct record stored;
    cJSON *before;
    ouse_rc rc = change_load(set, collection, id, condition, &stored, &before);
    if (!rc)
        rc = find_referrers(set, collection, id, &list);
    if (!rc)
        rc = check_foreign(set, collection, id, &list);
    if (!rc && is_restricted(&list))
        pending_removal(set, collection, id);
    for (uint32_t i = 0; !rc && i < list.n; i++)
        if (list.at[i].field->is.on_delete == OUSE_NULLIFY)
            rc = rewrite(set, &list.at[i], list.at[i].field, collection, id, none);
        else if (!restricts(&list.at[i]))
            add_found(set->arena, doomed, &list.at[i]);
    return rc ? rc : bury(set, collection, id, OUSE_ON_REMOVE, none);
}

/* Goes through a list, not into itself: a chain of records that go with each
 * other may be longer than the stack. */
ouse_rc change_remove(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      const struct condition *condition)
{
    struct found_list doomed = {0};
    ouse_rc rc = remove_one(set, collection, id, condition, &doomed);
    for (uint32_t i = 0; !rc && i < doomed.n; i++) {
        int live;
        rc = is_live(set, &doomed.at[i], &live);
        if (!rc && live)
            rc = remove_one(set, doomed.at[i].collection, doomed.at[i].id, NULL, &doomed);
    }
    return rc;
}

ouse_rc change_merge(struct change_set *set, const struct collection *collection, struct ouse_str id,
                     struct ouse_str into, const struct condition *condition)
{
    struct found_list list;
    struct record stored, survivor;
    cJSON *before;
    ouse_rc rc = change_load(set, collection, id, condition, &stored, &before);
    if (rc)
        return rc;
    if (ouse_same(id, into))
        return problem_add(set->problem, OUSE_E_INVALID, "/into", "same",
                           "%s/%.*s cannot be merged into itself; give the id of another record, which stays",
                           collection->is.name, OUSE_F(id));
    rc = record_get(set->txn, collection, into, &survivor);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return store_failed(set->problem, rc);
    if (rc || survivor.kind != RECORD_LIVE)
        return problem_add(set->problem, OUSE_E_INVALID, "/into", "not_found", "There is no %s/%.*s",
                           collection->is.name, OUSE_F(into));
    rc = find_referrers(set, collection, id, &list);
    if (!rc)
        rc = check_foreign(set, collection, id, &list);
    for (uint32_t i = 0; !rc && i < list.n; i++)
        rc = rewrite(set, &list.at[i], NULL, collection, id, into);
    return rc ? rc : bury(set, collection, id, OUSE_ON_MERGE, into);
}

void change_recheck(struct change_set *set, const struct collection *collection, struct ouse_str id)
{
    pending_touch(set, collection, id, WAIT_RECHECK, 0, 0);
}
