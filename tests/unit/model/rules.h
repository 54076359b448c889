/* rules: what each operation makes of the model, and with which status it is refused:
 * the documented rules once more, without the register's code.
 */
#ifndef TESTS_MODEL_RULES_H
#define TESTS_MODEL_RULES_H

#include "model.h"

struct scene {
    uint32_t role;
    enum change_mode mode;
    int64_t now;
};

static int is_guest(const struct scene *scene)
{
    return scene->mode == CHANGE_CLIENT && scene->role < OUSE_OFFICE;
}

/* ---- One document -------------------------------------------------------------------- */

static int may_set(const struct scene *scene, uint32_t collection, const struct ouse_field *field,
                   const cJSON *value, const cJSON *before, int has_before)
{
    const struct ouse_flow *flow = flow_of(collection, field);
    uint32_t flags = scene->mode == CHANGE_CLIENT ? field->flags : 0;
    if (flags & OUSE_SYSTEM && value && !json_equal(value, before))
        return 0;
    if (flags & OUSE_FIXED && has_before && !json_equal(value, before))
        return 0;
    if (!flow || !value || scene->mode != CHANGE_CLIENT)
        return 1;
    if (has_before)
        return json_equal(value, before);
    return scene->role >= OUSE_MANAGER || ouse_is(json_text(value), flow->initial);
}

/* What a field has of which nothing is said. */
static cJSON *unsaid(uint32_t collection, const struct ouse_field *field, const cJSON *before)
{
    const struct ouse_flow *flow = flow_of(collection, field);
    if (before)
        return flow || field->flags & OUSE_SYSTEM ? cJSON_Duplicate(json_member(before, field->name), 1)
                                                  : NULL;
    return flow ? cJSON_CreateString(flow->initial) : field->dflt ? cJSON_Parse(field->dflt) : NULL;
}

/* Takes out nulls and lists of nothing, and fills in what is unsaid; whether the caller may say the rest. */
static int accept(const struct scene *scene, uint32_t collection, cJSON *document, const cJSON *before)
{
    int good = 1;
    for (cJSON *at = document->child, *next; at; at = next) {
        next = at->next;
        const struct ouse_field *field = field_named(collection, at->string);
        good &= field != NULL;
        if (cJSON_IsNull(at) || (field && is_list(field) && cJSON_IsArray(at) && !at->child))
            cJSON_Delete(cJSON_DetachItemViaPointer(document, at));
    }
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        cJSON *value = json_member(document, field->name);
        good &= may_set(scene, collection, field, value, json_member(before, field->name), before != NULL);
        if (!value && (value = unsaid(collection, field, before)))
            cJSON_AddItemToObject(document, field->name, value);
    }
    return good;
}

static int is_valid(uint32_t collection, const cJSON *document)
{
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i],
                                *after = field_named(collection, field->after);
        const cJSON *value = json_member(document, field->name);
        if (value ? is_bad(field, value) : (field->flags & OUSE_REQUIRED) != 0)
            return 0;
        const cJSON *start = after ? json_member(document, after->name) : NULL;
        if (value && start && !is_bad(after, start) &&
            sample_of(field, value)->most < sample_of(after, start)->least)
            return 0;
    }
    return 1;
}

/* ---- Other records -------------------------------------------------------------------- */

static int equal_entries(const struct ouse_field *field, const cJSON *a, const cJSON *b)
{
    if (is_reference(field))
        return strcmp(a->valuestring, b->valuestring) == 0;
    const struct sample *x = sample_of(field, a), *y = sample_of(field, b);
    return x->least == y->least && x->most == y->most;
}

static int share_entry(const struct ouse_field *field, const cJSON *a, const cJSON *b)
{
    for (const cJSON *of_a = NULL; next_entry(field, a, &of_a);)
        for (const cJSON *of_b = NULL; next_entry(field, b, &of_b);)
            if (equal_entries(field, of_a, of_b))
                return 1;
    return 0;
}

static int clash(uint32_t collection, const cJSON *a, const cJSON *b)
{
    const struct ouse_index *pair = d.is[collection].indexes.n ? &d.pair[collection] : NULL;
    int pairs = pair && pair->flags & OUSE_UNIQUE;
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        int shared = has_keys(field) && share_entry(field, a, b);
        if (shared && (field->flags & OUSE_UNIQUE || field->type == OUSE_IDS))
            return 1;
        if (pairs && in_words(pair->keys, field->name, strlen(field->name)))
            pairs = shared;
    }
    return pairs;
}

static int is_unique(uint32_t item, const cJSON *document)
{
    for (uint32_t i = 0; i < m.n_items; i++)
        if (i != item && m.items[i].collection == m.items[item].collection && is_live(i) &&
            clash(m.items[i].collection, document, last(i)->document))
            return 0;
    return 1;
}

/* Whether all that a document refers to is there; for a guest: that he sees it. */
static int is_connected(uint32_t collection, const cJSON *document, const uint32_t *guest)
{
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        if (!is_reference(field) || (guest && is_bad(field, json_member(document, field->name))))
            continue;
        for (const cJSON *at = NULL; next_entry(field, document, &at);) {
            if (cJSON_IsNull(at)) /* it is to be taken out */
                continue;
            uint32_t target = target_of(field, at->valuestring);
            if (target == NONE || !(guest ? is_seen(target, *guest) : is_live(target)))
                return 0;
        }
    }
    return 1;
}

/* ---- Versions ---------------------------------------------------------------------------- */

/* At high tide a record warns of a field that it lacks: one that a role does not see is lacking for it. */
static const char *warning_of(uint32_t collection, const cJSON *document, uint32_t role)
{
    const struct ouse_field *field = &d.fields[collection][FIELDS - 1];
    return m.tide && !(field->visibility <= role && json_member(document, field->name)) ? field->name : NULL;
}

static int same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The warnings of the office and of the audiences that see the version. */
static void warn(struct version *version)
{
    uint32_t collection = m.items[version->item].collection;
    version->warning = warning_of(collection, version->document, OUSE_MANAGER);
    for (int i = 0; i < AUDIENCE_COUNT; i++) {
        struct sighting *seen = &version->seen[i];
        uint32_t role = role_below(i);
        seen->warning = NULL;
        seen->is_warned_apart = 0;
        if (version->visibility > role)
            continue;
        const cJSON *shown = redacted(collection, version->document, role, 0, &f.arena);
        seen->warning = warning_of(collection, shown, role);
        seen->is_warned_apart = shown != version->document
                                    ? seen->warning != NULL
                                    : !same_text(shown_field(collection, seen->warning, role),
                                                 shown_field(collection, version->warning, role));
    }
}

/* Whether an audience sees no difference between a version and the one before. */
static int looks_the_same(const struct version *before, const struct version *version, int audience)
{
    struct version as_before = *version;
    uint32_t role = role_below(audience);
    if (before->visibility > role || before->kind != RECORD_LIVE || version->kind != RECORD_LIVE)
        return 0;
    as_before.seen[audience].revision = before->seen[audience].revision;
    as_before.seen[audience].updated = before->seen[audience].updated;
    return ouse_same(view_of(before, role, 0, 1, &f.arena), view_of(&as_before, role, 0, 1, &f.arena));
}

static int sees_move(const struct version *version, const cJSON *before, uint32_t role)
{
    return field_named(m.items[version->item].collection, "state")->visibility <= role &&
           !json_equal(json_member(before, "state"), json_member(version->document, "state"));
}

/* What each audience sees of a version that is about to follow `before`, or NULL. */
static void look_on(const struct version *before, struct version *version)
{
    for (int i = 0; i < AUDIENCE_COUNT; i++) {
        uint32_t role = role_below(i);
        struct sighting *seen = &version->seen[i];
        int shown_before = before && before->visibility <= role, shown = version->visibility <= role;
        uint32_t lost = before ? before->seen[i].sequence : 0;
        int same = shown && before && looks_the_same(before, version, i);
        if (same) {
            seen->revision = before->seen[i].revision;
            seen->sequence = before->seen[i].sequence;
            seen->updated = before->seen[i].updated;
            seen->told = JOURNAL_NOT_TOLD;
            continue;
        }
        int rechecked = version->op == JOURNAL_RECHECK;
        seen->revision = rechecked && shown ? before->seen[i].revision : version->revision;
        seen->updated = rechecked && shown ? before->seen[i].updated : version->updated;
        seen->sequence = shown || shown_before ? m.n_versions + 1 : lost;
        seen->told = !shown ? (shown_before ? JOURNAL_TOLD_HIDDEN : JOURNAL_NOT_TOLD)
                     : version->op == JOURNAL_MOVE && !sees_move(version, before->document, role)
                         ? JOURNAL_TOLD_CHANGED
                         : JOURNAL_TOLD;
    }
}

static void await_recheck(uint32_t item, int is_due)
{
    uint32_t i = 0;
    while (i < m.waiting.n && m.waiting.item[i] != item)
        i++;
    if (i == m.waiting.n) {
        m.waiting.item[m.waiting.n++] = item;
        m.waiting.is_due[item] = 0;
    }
    m.waiting.is_due[item] |= is_due;
}

static void await_referrers(uint32_t to);
static int is_restricted(uint32_t item);

static void put(const struct scene *scene, uint32_t item, cJSON *document, uint32_t visibility,
                enum journal_op op)
{
    const struct version *stored = last(item);
    struct version version = {.item = item,
                              .kind = RECORD_LIVE,
                              .op = op,
                              .revision = stored ? stored->revision + 1 : 1,
                              .visibility = visibility,
                              .created = is_live(item) ? stored->created : scene->now,
                              .updated = scene->now,
                              .document = document};
    int moved = visibility != (stored ? stored->visibility : OUSE_PUBLIC);
    warn(&version);
    look_on(stored, &version);
    push(&version);
    if (version.warning || version.seen[0].is_warned_apart || version.seen[1].is_warned_apart)
        await_recheck(item, 0);
    if (moved)
        await_referrers(item);
}

static ouse_rc apply(const struct scene *scene, uint32_t item, cJSON *document, uint32_t visibility,
                     enum journal_op op)
{
    uint32_t collection = m.items[item].collection;
    const struct version *stored = last(item);
    const cJSON *before = is_live(item) ? stored->document : NULL;
    if (!is_valid(collection, document))
        return OUSE_E_INVALID;
    if (before && stored->visibility == visibility && json_equal(before, document))
        return OUSE_OK;
    put(scene, item, document, visibility, op);
    return OUSE_OK;
}

/* At the end of a set, unique values are of one record, nobody refers to what was removed, and all that the
 * set left behind leads somewhere. */
static ouse_rc settle(uint32_t mark)
{
    for (uint32_t i = mark; i < m.n_versions; i++) {
        uint32_t item = m.versions[i].item;
        if (is_live(item) ? !is_unique(item, last(item)->document) : is_restricted(item))
            return OUSE_E_CONFLICT;
    }
    for (uint32_t i = mark; i < m.n_versions; i++) {
        uint32_t item = m.versions[i].item;
        if (is_live(item) && !is_connected(m.items[item].collection, last(item)->document, NULL))
            return OUSE_E_INVALID;
    }
    return OUSE_OK;
}

/* ---- Coming in ------------------------------------------------------------------------------ */

/* Whether a guest names a field that is hidden from the guest. */
static int names_hidden(const struct scene *scene, uint32_t collection, const cJSON *object)
{
    for (const cJSON *at = object && is_guest(scene) ? object->child : NULL; at; at = at->next) {
        const struct ouse_field *field = field_named(collection, at->string);
        if (field && field->visibility > scene->role)
            return 1;
    }
    return 0;
}

/* Takes id and meta off a body, and the visibility out of it. */
static ouse_rc take(uint32_t collection, const char *id, cJSON *body, uint32_t *visibility)
{
    const cJSON *own = keep(cJSON_DetachItemFromObject(body, "id"));
    const cJSON *named = json_member(keep(cJSON_DetachItemFromObject(body, "meta")), "visibility");
    if (own && id && !ouse_is(json_text(own), id))
        return OUSE_E_INVALID;
    if (named && schema_visibility(json_text(named), visibility))
        return OUSE_E_INVALID;
    return named && *visibility < d.is[collection].visibility ? OUSE_E_INVALID : OUSE_OK;
}

/* `chosen` is what the register made of no id. */
static ouse_rc create(const struct scene *scene, uint32_t collection, const char *id, const char *chosen,
                      cJSON *body)
{
    uint32_t visibility = d.is[collection].visibility;
    const char *own = json_text(json_member(body, "id")).p;
    ouse_rc rc = take(collection, id, body, &visibility);
    id = id ? id : own;
    if (rc)
        return rc;
    if (names_hidden(scene, collection, body) || !accept(scene, collection, body, NULL) ||
        (id && is_guest(scene)))
        return OUSE_E_INVALID;
    uint32_t item = item_of(collection, id ? id : chosen ? chosen : "refused", 1);
    if (last(item) && (is_live(item) || last(item)->kind == RECORD_MERGED || !id))
        return OUSE_E_CONFLICT;
    if (is_guest(scene) && !is_connected(collection, body, &scene->role))
        return OUSE_E_INVALID;
    return apply(scene, item, body, visibility, JOURNAL_CREATE);
}

/* What a record must be to be changed: there, and as the client saw it. */
static ouse_rc look(const struct scene *scene, uint32_t item, const char *if_match, int conditional)
{
    char etag[RECORD_ETAG];
    if (!last(item))
        return OUSE_E_NOT_FOUND;
    if (!is_live(item))
        return OUSE_E_GONE;
    if (!conditional)
        return OUSE_OK;
    if (if_match && is_guest(scene) && !is_seen(item, scene->role))
        return OUSE_E_STALE;
    snprintf(etag, sizeof etag, "\"%x\"",
             sighting_of(last(item), is_guest(scene) ? scene->role : OUSE_MANAGER).sequence);
    return !if_match                                                   ? OUSE_E_UNCONDITIONAL
           : strcmp(if_match, "*") == 0 || strcmp(if_match, etag) == 0 ? OUSE_OK
                                                                       : OUSE_E_STALE;
}

static ouse_rc replace(const struct scene *scene, uint32_t item, cJSON *body)
{
    uint32_t collection = m.items[item].collection, visibility = last(item)->visibility;
    ouse_rc rc = take(collection, m.items[item].id, body, &visibility);
    if (rc)
        return rc;
    if (!accept(scene, collection, body, last(item)->document))
        return OUSE_E_INVALID;
    return apply(scene, item, body, visibility, JOURNAL_UPDATE);
}

/* Members of a patch, put over those of a document; of objects in it nothing is taken over. */
static void overlay(cJSON *document, const cJSON *patch)
{
    for (const cJSON *at = patch->child; at; at = at->next) {
        cJSON_DeleteItemFromObjectCaseSensitive(document, at->string);
        if (!cJSON_IsNull(at))
            cJSON_AddItemToObject(document, at->string, cJSON_Duplicate(at, 1));
    }
}

/* The operations of a JSON Patch on whole members. */
static ouse_rc operate(cJSON *document, const cJSON *operations)
{
    for (const cJSON *at = operations->child; at; at = at->next) {
        struct ouse_str op = json_text(json_member(at, "op"));
        const char *name = json_text(json_member(at, "path")).p + 1;
        const cJSON *value = json_member(at, "value"), *is = json_member(document, name);
        if (!ouse_is(op, "add") && !is)
            return OUSE_E_CONFLICT;
        if (ouse_is(op, "test")) {
            if (!json_equal(is, value))
                return OUSE_E_CONFLICT;
            continue;
        }
        cJSON_DeleteItemFromObjectCaseSensitive(document, name);
        if (value)
            cJSON_AddItemToObject(document, name, cJSON_Duplicate(value, 1));
    }
    return OUSE_OK;
}

static ouse_rc patch(const struct scene *scene, uint32_t item, const cJSON *body)
{
    cJSON *document = keep(cJSON_Duplicate(last(item)->document, 1));
    ouse_rc rc = OUSE_OK;
    if (cJSON_IsArray(body))
        rc = operate(document, body);
    else
        overlay(document, body);
    return rc ? rc : replace(scene, item, document);
}

/* What a guest did not see in the fields that he set. */
static void put_back(uint32_t collection, cJSON *document, const cJSON *before, const cJSON *with,
                     uint32_t role)
{
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        if (!is_reference(field) || !json_member(with, field->name))
            continue;
        for (const cJSON *at = NULL; next_entry(field, before, &at);) {
            cJSON *now = json_member(document, field->name);
            if (!is_hidden(target_of(field, at->valuestring), role, 0) || (now && !is_list(field)))
                continue;
            if (!now && is_list(field))
                now = cJSON_AddArrayToObject(document, field->name);
            if (is_list(field))
                cJSON_AddItemToArray(now, cJSON_Duplicate(at, 1));
            else
                cJSON_AddItemToObject(document, field->name, cJSON_Duplicate(at, 1));
        }
    }
}

static ouse_rc move(const struct scene *scene, uint32_t item, const char *to, const cJSON *with)
{
    uint32_t collection = m.items[item].collection;
    const cJSON *before = last(item)->document;
    const char *from = json_text(json_member(before, "state")).p;
    const struct ouse_move *found = NULL;
    cJSON *document = keep(cJSON_Duplicate(before, 1));
    for (uint32_t i = 0; i < 3; i++)
        if (in_words(d.moves[collection][i].from, from, strlen(from)) &&
            strcmp(d.moves[collection][i].to, to) == 0)
            found = &d.moves[collection][i];
    if (!found)
        return OUSE_E_CONFLICT;
    if (scene->mode == CHANGE_CLIENT && scene->role < (found->role ? found->role : OUSE_MANAGER))
        return OUSE_E_FORBIDDEN;
    if (names_hidden(scene, collection, with))
        return OUSE_E_INVALID;
    if (with && is_guest(scene) && !is_connected(collection, with, &scene->role))
        return OUSE_E_INVALID;
    if (with)
        overlay(document, with);
    if (!accept(scene, collection, document, before))
        return OUSE_E_INVALID;
    if (with && is_guest(scene))
        put_back(collection, document, before, with, scene->role);
    overlay(document, keep(cJSON_Parse(text("{\"state\":\"%s\"}", to))));
    return apply(scene, item, document, last(item)->visibility, JOURNAL_MOVE);
}

static const struct version *revision_of(uint32_t item, uint32_t revision)
{
    for (uint32_t i = m.items[item].last; i != NONE; i = m.versions[i].before)
        if (m.versions[i].revision == revision)
            return &m.versions[i];
    return NULL;
}

static ouse_rc revert(const struct scene *scene, uint32_t item, uint32_t revision)
{
    uint32_t collection = m.items[item].collection;
    const struct version *old = revision_of(item, revision);
    if (!old || old->kind != RECORD_LIVE)
        return OUSE_E_INVALID;
    cJSON *document = keep(cJSON_Duplicate(old->document, 1));
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        const cJSON *now = json_member(last(item)->document, field->name);
        if (!flow_of(collection, field) && !(field->flags & (OUSE_SYSTEM | OUSE_FIXED)))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->name);
        if (now)
            cJSON_AddItemToObject(document, field->name, cJSON_Duplicate(now, 1));
    }
    return replace(scene, item, document);
}

#endif
