/* warnings: the warnings of the CHECK hooks, for each audience.
 *
 * A hook reads the record and others with all rights. If the public saw its warnings, or missed
 * one, it could infer hidden data: a hub without `no_director` has a director, hidden or not. So,
 * if the hooks have read anything that an audience sees differently, they run once more for the
 * audience: with the record and all others as its role sees them, without writing, and only their
 * warnings count. The warnings of an audience are those of a register without the data that is
 * hidden from it.
 *
 * The hooks need not run again for an audience that sees everything that they have read: the result
 * would be the same. The record layer determines which parts of the record itself are hidden; for
 * other records, the code that runs the hooks raises change->consulted.
 *
 * Most audiences have the warnings of the office, except those that they may not see; such warnings
 * are not stored separately. If a referenced record was hidden after the warnings were computed,
 * they are not shown (redact.c). */
#include "internal.h"

#define VIEW_MAX (1u << 24)

/* ---- The warnings of an audience --------------------------------------------------- */

static const cJSON *skip_hidden(const struct collection *collection, const cJSON *warning, uint32_t role)
{
    while (warning && schema_warning_visibility(collection, warning) > role)
        warning = warning->next;
    return warning;
}

static const cJSON *first(const cJSON *list)
{
    return list ? list->child : NULL;
}

/* Whether two lists show the same to a role. */
static int show_same(const struct collection *collection, const cJSON *a, const cJSON *b, uint32_t role)
{
    a = skip_hidden(collection, first(a), role);
    b = skip_hidden(collection, first(b), role);
    while (a && b && json_equal(a, b)) {
        a = skip_hidden(collection, a->next, role);
        b = skip_hidden(collection, b->next, role);
    }
    return !a && !b;
}

/* ---- The record as an audience sees it ---------------------------------------------- */

/* Returns a document without the parts that are hidden from a role; the document itself if nothing
 * is hidden. */
static ouse_rc document_for(struct change_set *set, const struct version *version, uint32_t role,
                            const cJSON *document, const cJSON **shown, int *is_redacted)
{
    const struct schema_meta meta = {.revision = 1};
    struct record record = {.collection = version->collection, .id = version->id, .kind = RECORD_LIVE};
    struct buffer view;
    buffer_init(&view, VIEW_MAX);
    schema_encode(version->collection, version->id, document, &meta, role, &view);
    record.json = buffer_view(&view);
    ouse_rc rc = redact(set->txn, role, 0, set->arena, &record);
    *is_redacted = record.redacted;
    *shown = document;
    if (!rc && (record.redacted || schema_hides(version->collection, document, &meta, role)))
        *shown = record_document(set->arena, &record, NULL);
    buffer_finish(&view);
    return rc ? rc : *shown ? OUSE_OK : OUSE_E_INTERNAL;
}

/* Whether an audience may be shown less than all of a document. */
static int may_see_less(struct ouse_str hiding, const struct version *version, uint32_t role)
{
    const struct schema_meta meta = {.revision = 1};
    for (uint32_t i = 0; hiding.n && i <= version->collection->n_fields; i++)
        if (hiding_veils(hiding, schema_field_at(version->collection, i)))
            return 1;
    return schema_hides(version->collection, version->after, &meta, role) ||
           (version->before && (version->visibility_before > role ||
                                schema_hides(version->collection, version->before, &meta, role)));
}

/* ---- Running the hooks -------------------------------------------------------------- */

/* Returns the warnings of the hooks for an audience. Other errors of this run do not count. */
static ouse_rc warn_as(const struct change *change, const struct version *version, uint32_t role,
                       const cJSON *before, const cJSON *after, cJSON **warnings)
{
    struct change_set *set = change->set;
    struct problem *kept = set->problem, unheard;
    struct change again = *change;
    *warnings = json_keep(set->arena, cJSON_CreateArray());
    again.before = before;
    again.after = json_keep(set->arena, cJSON_Duplicate(after, 1));
    again.warnings = *warnings;
    again.audience = 1;
    again.role = role;
    again.revision = version->revision;
    problem_init(&unheard, set->arena);
    set->problem = &unheard;
    hooks_run(&again, OUSE_CHECK);
    set->problem = kept;
    return OUSE_OK;
}

static ouse_rc work_out(struct change *change, struct version *version, int audience)
{
    struct change_set *set = change->set;
    uint32_t role = audience_role(audience);
    const cJSON *before = change->before, *after = version->after;
    int is_redacted, ignored;
    cJSON *own = NULL;
    ouse_rc rc = document_for(set, version, role, version->after, &after, &is_redacted);
    if (version->visibility_before > role)
        before = NULL;
    if (!rc && before)
        rc = document_for(set, version, role, change->before, &before, &ignored);
    if (!rc && after == version->after && before == change->before && change->consulted <= role)
        return OUSE_OK;
    if (!rc)
        rc = warn_as(change, version, role, before, after, &own);
    if (rc)
        return store_failed(set->problem, rc);
    if (is_redacted ? own->child != NULL : !show_same(version->collection, own, version->warnings, role))
        version->own_warnings[audience] = own;
    return OUSE_OK;
}

ouse_rc warnings_check(struct change *change, struct version *version)
{
    struct ouse_str hiding;
    ouse_rc rc = hooks_run(change, OUSE_CHECK);
    if (rc || !hooks_any(version->collection, OUSE_CHECK))
        return rc;
    rc = hiding_read(change->set->txn, &hiding);
    if (rc)
        return store_failed(change->set->problem, rc);
    for (int i = 0; i < AUDIENCES && !rc; i++)
        if (version->visibility <= audience_role(i) &&
            (change->consulted > audience_role(i) || may_see_less(hiding, version, audience_role(i))))
            rc = work_out(change, version, i);
    return rc;
}

/* ---- Comparing with the stored warnings ------------------------------------------------ */

int warnings_differ(struct change_set *set, const struct version *version, const struct stored *stored,
                    const cJSON *was)
{
    if (was ? !json_equal(was, version->warnings) : first(version->warnings) != NULL)
        return 1;
    const cJSON *had[AUDIENCES];
    stored_warnings(set->arena, stored, had);
    for (int i = 0; i < AUDIENCES; i++) {
        const cJSON *own = version->own_warnings[i];
        if (own && had[i] ? !json_equal(own, had[i]) : own || had[i])
            return 1;
    }
    return 0;
}
