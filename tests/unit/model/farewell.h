/* farewell: a record is removed, or merged into another, and what becomes of those
 * who refer to it. They are gone through in the order of collection, field and id.
 */
#ifndef TESTS_MODEL_FAREWELL_H
#define TESTS_MODEL_FAREWELL_H

#include "rules.h"
#include <stdlib.h>

struct referral {
    uint32_t item;
    const struct ouse_field *field;
};

static int compare_referrals(const void *a, const void *b)
{
    const struct referral *x = a, *y = b;
    const struct item *of_x = &m.items[x->item], *of_y = &m.items[y->item];
    if (of_x->collection != of_y->collection)
        return of_x->collection < of_y->collection ? -1 : 1;
    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    return strcmp(of_x->id, of_y->id);
}

static uint32_t find_referrals(uint32_t to, struct referral *found)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m.n_items; i++)
        for (uint32_t k = 0; k < FIELDS && is_live(i) && i != to; k++) {
            const struct ouse_field *field = &d.fields[m.items[i].collection][k];
            if (is_reference(field) && refers(last(i)->document, field, to))
                found[n++] = (struct referral){i, field};
        }
    qsort(found, n, sizeof *found, compare_referrals);
    return n;
}

static int has_entry(const cJSON *list, const char *said)
{
    for (const cJSON *at = list->child; at; at = at->next)
        if (strcmp(at->valuestring, said) == 0)
            return 1;
    return 0;
}

/* A field without its references to an item; or with ones to `into`, each once. */
static void redirect(cJSON *document, const struct ouse_field *field, uint32_t from, uint32_t into)
{
    cJSON *made = field->type == OUSE_REFS ? cJSON_CreateArray() : NULL;
    const char *by = into == NONE ? NULL : reference_to(field, into);
    int known = by && made && has_entry(json_member(document, field->name), by);
    for (const cJSON *at = NULL; next_entry(field, document, &at);) {
        int it = target_of(field, at->valuestring) == from;
        const char *said = !it ? at->valuestring : made && known ? NULL : by;
        if (said && made)
            cJSON_AddItemToArray(made, cJSON_CreateString(said));
        else if (said)
            made = cJSON_CreateString(said);
    }
    cJSON_DeleteItemFromObjectCaseSensitive(document, field->name);
    if (made && (made->child || cJSON_IsString(made)))
        cJSON_AddItemToObject(document, field->name, made);
    else
        cJSON_Delete(made);
}

static ouse_rc rewrite(const struct scene *scene, const struct referral *referral, int all_fields,
                       uint32_t from, uint32_t into)
{
    uint32_t collection = m.items[referral->item].collection;
    cJSON *document = keep(cJSON_Duplicate(last(referral->item)->document, 1));
    int any = 0;
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        if (!is_reference(field) || !(all_fields || field == referral->field) ||
            !refers(document, field, from))
            continue;
        redirect(document, field, from, into);
        any = 1;
    }
    return any ? apply(scene, referral->item, document, last(referral->item)->visibility, JOURNAL_UPDATE)
               : OUSE_OK;
}

static void bury(const struct scene *scene, uint32_t item, enum record_kind kind, uint32_t into)
{
    struct version version = *last(item);
    version.kind = kind;
    version.op = kind == RECORD_MERGED ? JOURNAL_MERGE : JOURNAL_REMOVE;
    version.revision++;
    version.updated = scene->now;
    version.document = NULL;
    version.warning = NULL;
    version.into = into;
    for (int i = 0; i < AUDIENCE_COUNT; i++)
        version.seen[i].is_warned_apart = 0;
    look_on(last(item), &version);
    push(&version);
}

static ouse_rc remove_with(const struct scene *scene, uint32_t item, uint32_t *doomed, uint32_t *n_doomed)
{
    struct referral *found = arena_alloc(&f.arena, (size_t)m.n_items * FIELDS * sizeof *found);
    uint32_t n = find_referrals(item, found);
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < n && !rc; i++)
        if (found[i].field->on_delete == OUSE_NULLIFY)
            rc = rewrite(scene, &found[i], 0, item, NONE);
        else if (found[i].field->on_delete == OUSE_RESTRICT)
            m.waiting.restricted[item] = 1;
        else
            doomed[(*n_doomed)++] = found[i].item;
    if (!rc)
        bury(scene, item, RECORD_REMOVED, 0);
    return rc;
}

static ouse_rc remove_item(const struct scene *scene, uint32_t item)
{
    uint32_t *doomed = arena_alloc(&f.arena, (size_t)m.n_items * FIELDS * sizeof *doomed), n = 0;
    ouse_rc rc = remove_with(scene, item, doomed, &n);
    for (uint32_t i = 0; i < n && !rc; i++)
        if (is_live(doomed[i]))
            rc = remove_with(scene, doomed[i], doomed, &n);
    return rc;
}

static ouse_rc merge(const struct scene *scene, uint32_t item, const char *into)
{
    uint32_t survivor = item_of(m.items[item].collection, into, 0), n;
    struct referral *found = arena_alloc(&f.arena, (size_t)m.n_items * FIELDS * sizeof *found);
    ouse_rc rc = OUSE_OK;
    if (survivor == NONE || survivor == item || !is_live(survivor))
        return OUSE_E_INVALID;
    n = find_referrals(item, found);
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = rewrite(scene, &found[i], 1, item, survivor);
    if (!rc)
        bury(scene, item, RECORD_MERGED, survivor);
    return rc;
}

/* Whether fields that restrict an item still refer to it. A reference that came after the removal is one that
 * leads nowhere. */
static int is_restricted(uint32_t item)
{
    struct referral *found = arena_alloc(&f.arena, ((size_t)m.n_items + 1) * FIELDS * sizeof *found);
    uint32_t n =
        m.waiting.restricted[item] && last(item)->kind == RECORD_REMOVED ? find_referrals(item, found) : 0;
    for (uint32_t i = 0; i < n; i++)
        if (found[i].field->on_delete == OUSE_RESTRICT)
            return 1;
    return 0;
}

/* ---- At the end of a set -------------------------------------------------------------- */

/* What refers to an item has other warnings if the item is hidden or shown. */
static void await_referrers(uint32_t to)
{
    struct referral *found = arena_alloc(&f.arena, ((size_t)m.n_items + 1) * FIELDS * sizeof *found);
    uint32_t n = find_referrals(to, found);
    for (uint32_t k = 0; k < FIELDS && is_live(to); k++) {
        const struct ouse_field *field = &d.fields[m.items[to].collection][k];
        if (is_reference(field) && refers(last(to)->document, field, to))
            found[n++] = (struct referral){to, field};
    }
    qsort(found, n, sizeof *found, compare_referrals);
    for (uint32_t i = 0; i < n; i++)
        await_recheck(found[i].item, 1);
}

static int is_warned_otherwise(const struct version *a, const struct version *b)
{
    for (int i = 0; i < AUDIENCE_COUNT; i++)
        if (a->seen[i].is_warned_apart != b->seen[i].is_warned_apart ||
            (a->seen[i].is_warned_apart && !same_text(a->seen[i].warning, b->seen[i].warning)))
            return 1;
    return !same_text(a->warning, b->warning);
}

/* Warnings that differ by now are a version of their own, of the same revision. */
static void recheck(uint32_t item)
{
    if (!last(item) || !is_live(item))
        return;
    struct version version = *last(item);
    version.op = JOURNAL_RECHECK;
    warn(&version);
    if (!is_warned_otherwise(last(item), &version))
        return;
    look_on(last(item), &version);
    push(&version);
}

/* All that waits, in the order in which it was touched. */
static void recheck_waiting(uint32_t mark)
{
    uint32_t n = m.n_versions - mark;
    for (uint32_t i = 0; i < m.waiting.n; i++)
        if (m.waiting.is_due[m.waiting.item[i]] || n > 1)
            recheck(m.waiting.item[i]);
}

#endif
