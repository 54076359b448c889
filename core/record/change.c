/* change: one record through the rules.
 *
 * change_apply is the way that every version of a record goes; the functions
 * below it differ only in how they come to the new document.
 */
#include "../base/clock.h"
#include "../base/json_patch.h"
#include "../observe/log.h"
#include "internal.h"
#include <stdio.h>

/* ---- Coming in ------------------------------------------------------------ */

struct incoming {
    cJSON *document; /* a copy, without id and meta */
    struct ouse_str id;
    uint32_t visibility;
    struct origin origin;
};

static ouse_rc take_visibility(struct change_set *set, const struct collection *collection, cJSON *meta,
                               uint32_t *visibility)
{
    ouse_rc rc = meta && !cJSON_IsNull(meta) ? schema_check_meta(meta, set->problem) : OUSE_OK;
    const cJSON *named = json_member(meta, "visibility");
    if (rc)
        return rc;
    if (!named)
        return OUSE_OK;
    if (schema_visibility(json_text(named), visibility))
        return problem_add(set->problem, OUSE_E_INVALID, "/meta/visibility", "choice",
                           "visibility must be one of public, partner, office");
    if (*visibility < collection->is.visibility)
        return problem_add(set->problem, OUSE_E_INVALID, "/meta/visibility", "choice",
                           "Records of %s are at most visible to: %s", collection->is.name,
                           schema_role_name(collection->is.visibility));
    return OUSE_OK;
}

static ouse_rc take_instant(struct change_set *set, const cJSON *meta, const char *name, int64_t *instant)
{
    struct ouse_str pointer = arena_printf(set->arena, "/meta/%s", name);
    const cJSON *value = json_member(meta, name);
    struct clock_instant read;
    if (!value)
        return OUSE_OK;
    if (json_text(value).p && clock_parse(json_text(value), &read) == 0) {
        *instant = read.ms;
        return OUSE_OK;
    }
    return problem_add(set->problem, OUSE_E_INVALID, pointer.p, "format",
                       "%s is an instant such as \"2026-11-21T23:17:00.123Z\"", name);
}

/* Reads the origin of a record from another register. If meta lacks a member, the value is that of
 * a new record. */
static ouse_rc take_origin(struct change_set *set, const cJSON *meta, struct origin *origin)
{
    const cJSON *revision = json_member(meta, "revision");
    struct origin taken = {1, set->now, set->now};
    double n = revision ? cJSON_GetNumberValue(revision) : 1;
    if (!(n >= 1 && n <= INT32_MAX && n == (uint32_t)n))
        problem_add(set->problem, OUSE_E_INVALID, "/meta/revision", "range",
                    "revision is a whole number from 1 on");
    else
        taken.revision = (uint32_t)n;
    take_instant(set, meta, "created", &taken.created);
    take_instant(set, meta, "updated", &taken.updated);
    if (!set->problem->rc && taken.created > taken.updated)
        problem_add(set->problem, OUSE_E_INVALID, "/meta/updated", "range", "updated is before created");
    if (!set->problem->rc)
        *origin = taken;
    return set->problem->rc;
}

/* Copies the document of a client and removes `id` and `meta` from it. If `id` is no text, the id
 * of the body counts. */
static ouse_rc take(struct change_set *set, const struct collection *collection, struct ouse_str id,
                    const cJSON *document, uint32_t visibility, struct incoming *in)
{
    struct origin origin = {0};
    cJSON *copy, *own_id, *meta;
    ouse_rc rc;
    if (!cJSON_IsObject(document))
        return problem_add(set->problem, OUSE_E_INVALID, "", "type", "A record is a JSON object");
    copy = json_keep(set->arena, cJSON_Duplicate(document, 1));
    own_id = cJSON_DetachItemFromObjectCaseSensitive(copy, "id");
    meta = cJSON_DetachItemFromObjectCaseSensitive(copy, "meta");
    json_keep(set->arena, own_id);
    json_keep(set->arena, meta);
    if (own_id && !cJSON_IsNull(own_id)) {
        struct ouse_str text = json_text(own_id);
        if (id.p && !ouse_same(text, id))
            return problem_add(set->problem, OUSE_E_INVALID, "/id", "mismatch",
                               "The id is %.*s and cannot be changed", OUSE_F(id));
        if (!schema_id_valid(text))
            return problem_add(set->problem, OUSE_E_INVALID, "/id", "format",
                               "An id has 1 to %d characters a-z, 0-9 and single hyphens between them",
                               SCHEMA_ID_MAX);
        id = text;
    }
    rc = take_visibility(set, collection, meta, &visibility);
    if (!rc && set->mode == CHANGE_EXACT)
        rc = take_origin(set, meta, &origin);
    if (!rc)
        *in = (struct incoming){copy, id, visibility, origin};
    return rc;
}

static uint32_t allowed(const struct change_set *set, int creating)
{
    if (set->mode != CHANGE_CLIENT)
        return SCHEMA_ANY_STATE | SCHEMA_SYSTEM;
    return creating && set->caller.role >= OUSE_MANAGER ? SCHEMA_ANY_STATE : 0;
}

void change_tell_current(struct change_set *set, const struct record *current)
{
    char *etag = arena_alloc(set->arena, RECORD_ETAG);
    record_etag(current, etag);
    set->problem->extra_name = ouse_s("current");
    set->problem->extra_json = arena_copy(set->arena, current->json);
    set->problem->etag = ouse_s(etag);
}

/* Returns whether a condition names the record as the caller saw it last: a restricted caller does
 * not notice other changes. */
static int is_met(struct change_set *set, const struct condition *condition, const struct record *record)
{
    struct record seen = *record;
    if (change_is_guest(set) &&
        record_as_of(set->txn, record->collection, record->id, set->caller.role, 0, set->arena, &seen))
        return 0;
    return record_matches(condition->if_match, &seen);
}

static ouse_rc stale(struct change_set *set, const struct collection *collection, struct ouse_str id,
                     const struct condition *condition)
{
    struct record current;
    int is_seen = !record_as_of(set->txn, collection, id, set->caller.role, 0, set->arena, &current);
    if (is_seen)
        change_tell_current(set, &current);
    if (is_seen && record_matches_weakly(condition->if_match, &current))
        return problem_fail(set->problem, OUSE_E_STALE,
                            "If-Match has the ETag of %s/%.*s, but marked as weak: %.*s. A proxy that "
                            "compresses has added W/; send the tag without W/, or set up the proxy not to "
                            "compress answers of this server",
                            collection->is.name, OUSE_F(id), OUSE_F(condition->if_match));
    return problem_fail(
        set->problem, OUSE_E_STALE,
        "%s/%.*s has changed since it was read; look at `current` and try again with its ETag",
        collection->is.name, OUSE_F(id));
}

ouse_rc change_load(struct change_set *set, const struct collection *collection, struct ouse_str id,
                    const struct condition *condition, struct record *record, cJSON **document)
{
    ouse_rc rc = record_get(set->txn, collection, id, record);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return store_failed(set->problem, rc);
    if (rc || record->kind != RECORD_LIVE)
        return record_missing(collection, id, rc ? NULL : record, set->problem);
    if (condition && !condition->if_match.p)
        return problem_fail(set->problem, OUSE_E_UNCONDITIONAL,
                            "This needs If-Match with the ETag of the record as it was read");
    if (condition && !is_met(set, condition, record))
        return stale(set, collection, id, condition);
    *document = record_document(set->arena, record, NULL);
    return *document ? OUSE_OK : store_failed(set->problem, OUSE_E_INTERNAL);
}

/* ---- Rules over other records --------------------------------------------- */

struct looking {
    struct change_set *set;
    const struct version *version;
    int awaits; /* a reference to a record that the set may bring later */
};

/* Checks a reference. References that the record had before stay valid; new ones are looked up, and
 * checked again at the end of the set if the target does not exist yet. */
static void look_at_reference(void *arg, const struct field *field, int entry, const struct target *target,
                              struct ouse_str id)
{
    struct looking *looking = arg;
    const struct version *version = looking->version;
    struct change_set *set = looking->set;
    char pointer[96];
    struct record record;
    struct key key;
    if (target->number) {
        key_reference(&key, target->number, id, version->collection->number, field->number, version->id);
        if (footprint_has(&version->references[0], key_str(&key)))
            return;
    }
    change_pointer(field, entry, pointer);
    if (!target->to)
        problem_add(set->problem, OUSE_E_INVALID, pointer, "not_loaded",
                    "There are no %s in this register: to refer to them, enable the plugin \"%s\"",
                    target->collection, target->plugin ? target->plugin : target->collection);
    else if (record_get(set->txn, target->to, id, &record) || record.kind != RECORD_LIVE) {
        pending_reference(set, version->collection, version->id, pointer, target->to, id, key_str(&key));
        looking->awaits = 1;
    }
}

/* Checks a reference of a restricted caller: a record that the caller may not see does not exist
 * for it. */
static void look_at_guests_reference(void *arg, const struct field *field, int entry,
                                     const struct target *target, struct ouse_str id)
{
    struct change_set *set = arg;
    char pointer[96];
    if (!target->to || change_seen(set, target->to, id))
        return;
    change_pointer(field, entry, pointer);
    problem_add(set->problem, OUSE_E_INVALID, pointer, "not_found", "There is no %s/%.*s",
                target->to->is.name, OUSE_F(id));
}

/* The references that a guest brings. */
static ouse_rc look_as_guest(struct change_set *set, const struct collection *collection,
                             const cJSON *brought)
{
    if (change_is_guest(set))
        schema_references(collection, brought, look_at_guests_reference, set);
    return set->problem->rc;
}

static ouse_rc look_around(struct change_set *set, const struct version *version, int *awaits)
{
    struct looking looking = {.set = set, .version = version};
    schema_references(version->collection, version->after, look_at_reference, &looking);
    *awaits = looking.awaits;
    return set->problem->rc;
}

/* ---- The way of every version --------------------------------------------- */

ouse_rc change_check_untouched(struct change_set *set, uint64_t since, const struct collection *collection,
                               struct ouse_str id, const struct record *stored)
{
    struct record now;
    ouse_rc rc;
    if (set->sequence == since)
        return OUSE_OK;
    rc = record_get(set->txn, collection, id, &now);
    if (rc == OUSE_E_NOT_FOUND ? !stored : !rc && stored && now.sequence == stored->sequence)
        return OUSE_OK;
    if (!rc || rc == OUSE_E_NOT_FOUND)
        log_error(AREA,
                  "a FILL or CHECK hook wrote %s/%.*s, the record for which it runs; write it in FOLLOW",
                  collection->is.name, OUSE_F(id));
    return store_failed(set->problem, OUSE_E_INTERNAL);
}

static uint8_t journal_op(uint32_t op)
{
    return op == OUSE_ON_CREATE ? JOURNAL_CREATE : op == OUSE_ON_MOVE ? JOURNAL_MOVE : JOURNAL_UPDATE;
}

ouse_rc change_enter(struct change_set *set, const struct collection *collection)
{
    if (++set->depth <= PENDING_DEPTH)
        return change_charge(set, CHANGE_UNITS);
    log_error(AREA, "hooks of %s write records whose hooks write in turn, %d deep", collection->is.name,
              PENDING_DEPTH);
    return store_failed(set->problem, OUSE_E_INTERNAL);
}

/* Other records of the set may end the warnings of this one; those that it refers to and that do not
 * exist yet may also cause some. */
static ouse_rc leave_waiting(struct change_set *set, const struct update *update,
                             const struct version *version, int awaits)
{
    int warned = version->warnings->child || version->own_warnings[0] || version->own_warnings[1] ||
                 (awaits && hooks_any(update->collection, OUSE_CHECK));
    uint32_t what =
        (hooks_any(update->collection, OUSE_SETTLE) ? WAIT_SETTLE : 0) | (warned ? WAIT_WARNED : 0);
    pending_count(set);
    if (what)
        pending_touch(set, update->collection, update->id, what, update->op,
                      update->before ? update->stored->revision : 0);
    return version->visibility_before != version->visibility
               ? referrers_recheck(set, update->collection, update->id, update->after)
               : OUSE_OK;
}

/* Runs FILL and the rules of the fields, and finds out whether anything has changed. */
static ouse_rc complete(struct change_set *set, const struct update *update, struct change *change,
                        int *unchanged)
{
    ouse_rc rc = hooks_run(change, OUSE_FILL);
    if (!rc)
        rc = schema_check(update->collection, update->after, set->problem);
    *unchanged = !rc && update->before && update->stored->visibility == update->visibility &&
                 json_equal(update->before, update->after);
    return rc;
}

static void carry_on(const struct origin *origin, struct version *version)
{
    version->first = version->revision = origin->revision;
    version->times = (struct schema_times){.created = origin->created, .updated = origin->updated};
}

static ouse_rc apply(struct change_set *set, const struct update *update, struct changed *changed)
{
    const struct record *stored = update->stored;
    struct change change = {.set = set,
                            .op = update->op,
                            .collection = update->collection,
                            .id = update->id,
                            .before = update->before,
                            .after = update->after,
                            .warnings = json_keep(set->arena, cJSON_CreateArray())};
    struct version version = {
        .collection = update->collection,
        .id = update->id,
        .kind = RECORD_LIVE,
        .op = journal_op(update->op),
        .visibility = update->visibility,
        .visibility_before = stored ? stored->visibility : OUSE_PUBLIC,
        .revision = stored ? stored->revision + 1 : 1,
        .first = stored ? stored->first : 1,
        .times = {update->before ? stored->created : set->now, change_time(set, stored), {0}},
        .times_before = stored ? record_times(stored) : (struct schema_times){0},
        .before = update->before,
        .after = update->after,
        .warnings = change.warnings};
    uint64_t since = set->sequence;
    int unchanged, awaits;
    if (update->origin.revision)
        carry_on(&update->origin, &version);
    change.revision = version.revision;
    ouse_rc rc = complete(set, update, &change, &unchanged);
    if (rc || unchanged) {
        if (!rc && changed)
            *changed = (struct changed){update->id, 0, 1};
        return rc;
    }
    version_footprints(set, &version);
    rc = look_around(set, &version, &awaits);
    if (!rc)
        rc = warnings_check(&change, &version);
    if (!rc)
        rc = change_check_untouched(set, since, update->collection, update->id, stored);
    if (!rc) /* after the hooks, which may have written others with the same values */
        rc = unique_await(set, &version);
    if (!rc)
        rc = version_put(set, &version);
    if (!rc)
        rc = leave_waiting(set, update, &version, awaits);
    if (!rc)
        rc = hooks_run(&change, OUSE_FOLLOW);
    if (!rc && changed)
        *changed = (struct changed){update->id, update->op == OUSE_ON_CREATE, 0};
    return rc;
}

ouse_rc change_apply(struct change_set *set, const struct update *update, struct changed *changed)
{
    ouse_rc rc = change_enter(set, update->collection);
    if (!rc)
        rc = hooks_admit(update->collection, update->op, set->problem);
    if (!rc)
        rc = apply(set, update, changed);
    set->depth--;
    return rc;
}

/* ---- Create ---------------------------------------------------------------- */

static int is_taken(struct change_set *set, const struct collection *collection, struct ouse_str id)
{
    struct record record;
    return record_get(set->txn, collection, id, &record) == OUSE_OK;
}

/* Returns the base, or the base with the least free number: gallops to a free one, then bisects, so
 * that the ten-thousandth namesake costs some twenty look-ups. */
static struct ouse_str free_id(struct change_set *set, const struct collection *collection,
                               struct ouse_str base)
{
    struct ouse_str id = base;
    uint32_t taken = 1, open = 2;
    if (!is_taken(set, collection, base))
        return base;
    while (is_taken(set, collection, id = arena_printf(set->arena, "%.*s-%u", OUSE_F(base), open))) {
        taken = open;
        open *= 2;
    }
    while (open - taken > 1) {
        uint32_t middle = taken + (open - taken) / 2;
        struct ouse_str tried = arena_printf(set->arena, "%.*s-%u", OUSE_F(base), middle);
        if (is_taken(set, collection, tried))
            taken = middle;
        else {
            open = middle;
            id = tried;
        }
    }
    return id;
}

/* Returns an id for a restricted caller. A number would reveal how many namesakes exist, visible or
 * hidden. */
static struct ouse_str guests_id(struct change_set *set, const struct collection *collection,
                                 struct ouse_str base)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char random[5];
    struct ouse_str id;
    do {
        random_fill(random, sizeof random);
        for (size_t i = 0; i < sizeof random; i++)
            random[i] = (unsigned char)letters[random[i] % 32];
        id = arena_printf(set->arena, "%.*s-%.5s", OUSE_F(base), (const char *)random);
    } while (is_taken(set, collection, id));
    return id;
}

static ouse_rc choose_id(struct change_set *set, const struct collection *collection, struct incoming *in)
{
    struct ouse_str base;
    if (in->id.p && change_is_guest(set))
        return problem_add(set->problem, OUSE_E_INVALID, "/id", "given",
                           "The register gives the id; leave it out");
    if (in->id.p)
        return OUSE_OK;
    base = schema_make_id(set->arena, collection, in->document);
    in->id = change_is_guest(set) ? guests_id(set, collection, base) : free_id(set, collection, base);
    return OUSE_OK;
}

/* Checks that a record can be created under the id: it must be free, or belong to a deleted record,
 * whose revisions continue. */
static ouse_rc find_place(struct change_set *set, const struct collection *collection, struct ouse_str id,
                          struct record *removed, int *was_there)
{
    ouse_rc rc = record_get(set->txn, collection, id, removed);
    *was_there = rc == OUSE_OK;
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : store_failed(set->problem, rc);
    if (removed->kind == RECORD_LIVE)
        return problem_add(set->problem, OUSE_E_CONFLICT, "/id", "exists", "%s/%.*s is there already",
                           collection->is.name, OUSE_F(id));
    if (set->mode == CHANGE_EXACT)
        return problem_add(set->problem, OUSE_E_CONFLICT, "/id", "exists",
                           "%s/%.*s existed and was removed; its history remains", collection->is.name,
                           OUSE_F(id));
    if (removed->kind == RECORD_MERGED)
        return problem_add(set->problem, OUSE_E_CONFLICT, "/id", "merged",
                           "%s/%.*s was merged into %.*s; use %s/%.*s, or another id", collection->is.name,
                           OUSE_F(id), OUSE_F(removed->into), collection->is.name, OUSE_F(removed->into));
    return OUSE_OK;
}

ouse_rc change_create(struct change_set *set, const struct collection *collection, struct ouse_str id,
                      const cJSON *document, struct changed *changed)
{
    struct incoming in;
    struct record removed;
    struct update update = {.collection = collection, .op = OUSE_ON_CREATE};
    int was_there = 0;
    ouse_rc rc;
    if (id.p && !schema_id_valid(id))
        return problem_add(set->problem, OUSE_E_INVALID, "/id", "format",
                           "An id has 1 to %d characters a-z, 0-9 and single hyphens between them",
                           SCHEMA_ID_MAX);
    rc = take(set, collection, id, document, collection->is.visibility, &in);
    if (!rc)
        rc = schema_accept(collection, in.document, NULL, allowed(set, 1),
                           change_is_guest(set) ? set->caller.role : OUSE_MANAGER, set->problem);
    if (rc)
        return rc;
    rc = choose_id(set, collection, &in);
    if (!rc)
        rc = find_place(set, collection, in.id, &removed, &was_there);
    if (!rc)
        rc = look_as_guest(set, collection, in.document);
    if (rc)
        return rc;
    update.id = arena_copy(set->arena, in.id);
    update.stored = was_there ? &removed : NULL;
    update.after = in.document;
    update.visibility = in.visibility;
    update.origin = in.origin;
    return change_apply(set, &update, changed);
}

/* ---- Replace, patch, move ---------------------------------------------------- */

ouse_rc change_replace(struct change_set *set, const struct collection *collection, struct ouse_str id,
                       const cJSON *document, const struct condition *condition, struct changed *changed)
{
    struct incoming in;
    struct record stored;
    cJSON *before;
    ouse_rc rc = change_load(set, collection, id, condition, &stored, &before);
    if (!rc)
        rc = take(set, collection, id, document, stored.visibility, &in);
    if (!rc)
        rc = schema_accept(collection, in.document, before, allowed(set, 0), OUSE_MANAGER, set->problem);
    if (rc)
        return rc;
    return change_apply(set,
                        &(struct update){.collection = collection,
                                         .id = id,
                                         .stored = &stored,
                                         .before = before,
                                         .after = in.document,
                                         .visibility = in.visibility,
                                         .op = OUSE_ON_UPDATE},
                        changed);
}

/* Applies a patch to a whole record, id and meta included, so that their
 * pointers exist. */
static ouse_rc patched(struct change_set *set, const struct record *stored, const cJSON *patch,
                       cJSON **document)
{
    cJSON *whole = json_parse_trusted(set->arena, stored->json);
    cJSON *copy = whole ? cJSON_Duplicate(whole, 1) : NULL;
    ouse_rc rc = OUSE_OK;
    if (!copy)
        return store_failed(set->problem, OUSE_E_INTERNAL);
    if (cJSON_IsObject(patch))
        copy = json_merge_patch(copy, patch);
    else
        rc = json_patch(&copy, patch, set->problem);
    *document = json_keep(set->arena, copy);
    return rc;
}

ouse_rc change_patch(struct change_set *set, const struct collection *collection, struct ouse_str id,
                     const cJSON *patch, const struct condition *condition, struct changed *changed)
{
    struct record stored;
    cJSON *before, *document = NULL;
    ouse_rc rc = change_load(set, collection, id, condition, &stored, &before);
    if (!rc)
        rc = patched(set, &stored, patch, &document);
    return rc ? rc : change_replace(set, collection, id, document, NULL, changed);
}

static const struct flow *find_flow(const struct collection *collection, const char *field)
{
    for (uint32_t i = 0; i < collection->n_flows; i++)
        if (field ? !strcmp(collection->flows[i].field->is.name, field) : collection->n_flows == 1)
            return &collection->flows[i];
    return NULL;
}

static ouse_rc no_such_move(struct change_set *set, const struct flow *flow, struct ouse_str from,
                            struct ouse_str to)
{
    char pointer[96];
    struct buffer moves;
    buffer_init(&moves, 1u << 16);
    schema_open_moves(flow, from, &moves);
    set->problem->extra_name = ouse_s("moves");
    set->problem->extra_json = arena_copy(set->arena, buffer_view(&moves));
    buffer_finish(&moves);
    change_pointer(flow->field, -1, pointer);
    return problem_add(set->problem, OUSE_E_CONFLICT, pointer, "move",
                       "%s is %.*s; it cannot move to %.*s from there (see `moves`)", flow->field->is.name,
                       OUSE_F(from), OUSE_F(to));
}

static ouse_rc check_move(struct change_set *set, const struct flow *flow, struct ouse_str from,
                          struct ouse_str to)
{
    const struct move *move = schema_move(flow, from, to);
    if (!move)
        return no_such_move(set, flow, from, to);
    if (set->mode == CHANGE_CLIENT && set->caller.role < (move->is.role ? move->is.role : OUSE_MANAGER))
        return problem_fail(set->problem, OUSE_E_FORBIDDEN, "Your role may not move %s to %.*s",
                            flow->field->is.name, OUSE_F(to));
    return OUSE_OK;
}

/* For a guest, a hidden field or record that the move names does not exist. */
static ouse_rc check_with(struct change_set *set, const struct collection *collection, const cJSON *with)
{
    if (with && change_is_guest(set))
        schema_check_names(collection, with, set->caller.role, set->problem);
    return look_as_guest(set, collection, with);
}

/* Returns the record with its new state and the fields of the move. Other state machines and system
 * fields stay, as schema_accept ensures. References that a restricted caller did not see also stay. */
static ouse_rc moved(struct change_set *set, const struct collection *collection, const struct flow *flow,
                     const cJSON *before, struct ouse_str to, const cJSON *with, cJSON **after)
{
    cJSON *document = cJSON_Duplicate(before, 1);
    ouse_rc rc;
    if (with)
        document = json_merge_patch(document, with);
    json_keep(set->arena, document);
    rc = schema_accept(collection, document, before, allowed(set, 0), OUSE_MANAGER, set->problem);
    if (!rc && change_is_guest(set))
        rc = redact_keep(set->txn, set->caller.role, collection, before, with, document);
    if (rc)
        return store_failed(set->problem, rc);
    cJSON_DeleteItemFromObjectCaseSensitive(document, flow->field->is.name);
    cJSON_AddItemToObject(document, flow->field->is.name, cJSON_CreateString(arena_copy(set->arena, to).p));
    *after = document;
    return OUSE_OK;
}

ouse_rc change_move(struct change_set *set, const struct collection *collection, struct ouse_str id,
                    const char *field, struct ouse_str to, const cJSON *with,
                    const struct condition *condition, struct changed *changed)
{
    const struct flow *flow = find_flow(collection, field);
    struct update update = {.collection = collection, .id = id, .op = OUSE_ON_MOVE};
    struct record stored;
    cJSON *before;
    struct ouse_str from;
    ouse_rc rc;
    if (!flow)
        return problem_fail(set->problem, OUSE_E_REQUEST, "%s has no state machine%s%s", collection->is.name,
                            field ? " on " : "", field ? field : "");
    rc = change_load(set, collection, id, condition, &stored, &before);
    if (rc)
        return rc;
    from = json_text(json_member(before, flow->field->is.name));
    rc = check_move(set, flow, from, to);
    if (!rc)
        rc = check_with(set, collection, with);
    if (!rc)
        rc = moved(set, collection, flow, before, to, with, &update.after);
    if (rc)
        return rc;
    update.stored = &stored;
    update.before = before;
    update.visibility = stored.visibility;
    return change_apply(set, &update, changed);
}
