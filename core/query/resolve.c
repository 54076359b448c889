/* resolve: replaces values of a query that name merged records.
 *
 *     hub=old-name       a merged record     ──>  hub=new-name
 *     hub=no-such        no record           ──>  400 not_found
 *     id[in]=a,old-name                      ──>  id[in]=a,new-name
 *     partners.role=lead                     ──>  id[in]=a,b: the targets of the partners
 *     identifiers=ods:X  the code of a record that was merged into `a`
 *                                            ──>  id[in]=a
 *
 * A merged record has no keys any more. The keys that it lost in the merge give its codes
 * (key_history.c). */
#include "join.h"
#include "operators.h"

#define MERGE_HOPS 32 /* merges of merged records */

struct resolving {
    struct txn *txn;
    const struct collection *collection;
    uint32_t role;
    int64_t as_of;
    struct arena *arena;
    struct deadline *deadline;
    struct problem *problem;
};

ouse_rc record_survivor(struct txn *txn, const struct record *merged, uint32_t role, int64_t as_of,
                        struct arena *arena, struct record *survivor)
{
    struct record record = *merged;
    ouse_rc rc = OUSE_OK;
    for (int hop = 0; !rc && record.kind == RECORD_MERGED && hop < MERGE_HOPS; hop++)
        rc = record_find(txn, merged->collection, record.into, role, as_of, arena, &record);
    if (!rc && record.kind != RECORD_LIVE)
        rc = OUSE_E_NOT_FOUND;
    if (!rc)
        *survivor = record;
    return rc;
}

/* Returns whether an id stays as it is, for any caller: if no error is reported, only ids of merged
 * records change. */
static int stays(const struct resolving *at, const struct collection *collection, struct ouse_str id)
{
    struct record record;
    return !at->problem && !record_get(at->txn, collection, id, &record) && record.kind != RECORD_MERGED;
}

/* The id of the record that an id leads to, for the caller. */
static ouse_rc follow_id(const struct resolving *at, const struct collection *collection, struct ouse_str id,
                         struct ouse_str *live)
{
    struct record record;
    if (stays(at, collection, id)) {
        *live = id;
        return OUSE_OK;
    }
    ouse_rc rc = collection->is.visibility > at->role
                     ? OUSE_E_NOT_FOUND
                     : record_find(at->txn, collection, id, at->role, at->as_of, at->arena, &record);
    if (!rc)
        rc = record_survivor(at->txn, &record, at->role, at->as_of, at->arena, &record);
    if (!rc)
        *live = arena_copy(at->arena, record.id);
    return rc;
}

static ouse_rc failed(const struct resolving *at, ouse_rc rc)
{
    return at->problem ? problem_fail(at->problem, rc, "The records that the filters name cannot be read")
                       : rc;
}

/* Replaces the named entries of a predicate by `entries`, if one of them differs. */
static void rename_named(const struct resolving *at, struct query_term *term, const struct ouse_str *entries)
{
    for (uint32_t i = 0; i < term->n_named; i++)
        if (!ouse_same(term->named[i], entries[i])) {
            term_set_named(at->arena, term, entries, term->n_named);
            return;
        }
}

static ouse_rc resolve_references(const struct resolving *at, struct query_term *term)
{
    const struct field *field = term->field;
    struct ouse_str *entries = arena_alloc(at->arena, term->n_named * sizeof *entries);
    for (uint32_t i = 0; i < term->n_named; i++) {
        struct ouse_str id, live;
        uint32_t target = reference_named(field, term->named[i], &id);
        const struct collection *to = target < field->n_targets ? field->targets[target].to : NULL;
        entries[i] = term->named[i];
        if (!to) /* its plugin is not loaded, so its records are unknown */
            continue;
        ouse_rc rc = follow_id(at, to, id, &live);
        if (rc == OUSE_E_NOT_FOUND && !at->problem)
            continue;
        if (rc == OUSE_E_NOT_FOUND)
            return problem_add(at->problem, OUSE_E_REQUEST, "", "not_found", "%s: there is no %s/%.*s",
                               field->is.name, to->is.name, OUSE_F(id));
        if (rc)
            return failed(at, rc);
        if (!ouse_same(live, id))
            entries[i] = reference_entry(at->arena, field, target, live);
    }
    rename_named(at, term, entries);
    return OUSE_OK;
}

static ouse_rc resolve_ids(const struct resolving *at, struct query_term *term)
{
    struct ouse_str *ids = arena_alloc(at->arena, term->n_named * sizeof *ids);
    for (uint32_t i = 0; i < term->n_named; i++) {
        ids[i] = term->named[i];
        ouse_rc rc = follow_id(at, at->collection, term->named[i], &ids[i]);
        if (rc && rc != OUSE_E_NOT_FOUND)
            return failed(at, rc);
    }
    rename_named(at, term, ids);
    return OUSE_OK;
}

/* ---- Codes of merged records ------------------------------------------------------ */

struct id_list {
    struct ouse_str *at;
    uint32_t n, room;
};

static void add_id(const struct resolving *at, struct id_list *ids, struct ouse_str id)
{
    ids->at = arena_more(at->arena, ids->at, ids->n, &ids->room, sizeof *ids->at);
    ids->at[ids->n++] = arena_copy(at->arena, id);
}

/* Adds the record that `id` was merged into, if it lost the key by that. */
static ouse_rc add_survivor(const struct resolving *at, struct ouse_str id, int64_t lost, struct id_list *ids)
{
    struct record record;
    ouse_rc rc = record_get(at->txn, at->collection, id, &record);
    if (rc || record.kind != RECORD_MERGED || record.updated != lost)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
    rc = record_find(at->txn, at->collection, id, at->role, at->as_of, at->arena, &record);
    if (!rc && record.kind != RECORD_MERGED)
        return OUSE_OK;
    if (!rc)
        rc = record_survivor(at->txn, &record, at->role, at->as_of, at->arena, &record);
    if (!rc)
        add_id(at, ids, record.id);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Adds the records into which records were merged that had a key in one of the ranges of a term. */
static ouse_rc add_survivors(const struct resolving *at, const struct query_term *term,
                             const struct query_range *range, struct id_list *ids)
{
    struct ouse_str found, value;
    struct cursor *cursor;
    struct key from, to;
    ouse_rc rc = cursor_open(at->txn, DB_PAST_INDEXES, &cursor);
    if (rc)
        return rc;
    key_index_prefix(&from, term->index->number, range->from);
    key_index_prefix(&to, term->index->number, range->to);
    rc = cursor_seek(cursor, key_str(&from), &found, &value);
    while (!rc && key_order(found, key_str(&to)) < 0) {
        struct ouse_str id = key_index_id(found);
        if (id.p && (!term->tie || tie_is_named(term, key_index_entry(found))))
            rc = add_survivor(at, id, past_read(value), ids);
        if (!rc)
            rc = cursor_next(cursor, &found, &value);
    }
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Adds the records that a term finds by itself. */
static ouse_rc add_found(const struct resolving *at, const struct query_term *term, struct id_list *ids)
{
    struct query query;
    struct rows *rows;
    struct record record;
    query_init(&query, at->collection, at->role);
    query.terms[query.n_terms++] = *term;
    query.as_of = at->as_of;
    query.deadline = at->deadline;
    ouse_rc rc = rows_open(at->txn, &query, at->arena, &rows);
    while (!rc && !(rc = rows_next(rows, &record)))
        add_id(at, ids, record.id);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Converts the predicate into one of ids if merged records had some of the codes: each code has one
 * record. */
static ouse_rc resolve_codes(const struct resolving *at, struct query_term *term)
{
    struct id_list ids = {0};
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < term->n_ranges && !rc; i++)
        rc = add_survivors(at, term, &term->ranges[i], &ids);
    if (!rc && ids.n)
        rc = add_found(at, term, &ids);
    if (rc)
        return failed(at, rc);
    if (ids.n) {
        struct query_term of_ids = {.field = &schema_id_field, .of_ids = 1};
        term_set_named(at->arena, &of_ids, ids.at, ids.n);
        *term = of_ids;
    }
    return OUSE_OK;
}

/* ---- Terms -------------------------------------------------------------------------- */

static int has_codes(const struct field *field)
{
    return field->is.type == OUSE_IDS || field->is.flags & OUSE_SCHEME;
}

static ouse_rc resolve_terms(const struct resolving *at, struct query_term *terms, uint32_t n);

/* The ids that records of another collection refer to, while they are collected. */
struct backward {
    const struct resolving *at;
    struct id_list ids;
};

/* Resolves the values for each target collection. Omits a target if the values do not fit its
 * records and others remain. */
static ouse_rc resolve_through(const struct resolving *at, struct query_term *term)
{
    uint32_t n = term->field->n_targets, known = 0;
    struct query_through *through = arena_alloc(at->arena, n * sizeof *through);
    struct problem problem;
    problem_init(&problem, at->arena);
    for (uint32_t i = 0; i < n; i++) {
        struct resolving inner = *at;
        through[i] = term->through[i];
        inner.collection = through[i].to;
        inner.problem = at->problem ? &problem : NULL;
        if (!through[i].to)
            continue;
        struct query_term *terms = arena_alloc(at->arena, through[i].n_terms * sizeof *terms);
        memcpy(terms, through[i].terms, through[i].n_terms * sizeof *terms);
        through[i].terms = terms;
        ouse_rc rc = resolve_terms(&inner, terms, through[i].n_terms);
        if (rc && rc != OUSE_E_REQUEST)
            return failed(at, rc);
        if (rc)
            through[i].to = NULL;
        known += !rc;
    }
    term->through = through;
    if (known || !problem.n_errors)
        return OUSE_OK;
    return problem_add(at->problem, OUSE_E_REQUEST, "", problem.errors[0].code.p, "%s.%.*s",
                       term->field->is.name, OUSE_F(problem.errors[0].detail));
}

static void add_referred(void *arg, const struct collection *to, struct ouse_str id)
{
    struct backward *backward = arg;
    if (to == backward->at->collection)
        add_id(backward->at, &backward->ids, id);
}

/* Sets the ids that the records of another collection refer to. */
static ouse_rc resolve_back(const struct resolving *at, struct query_term *term)
{
    const struct query_back *back = term->back;
    struct backward backward = {.at = at};
    struct resolving inner = *at;
    struct query query;
    struct rows *rows;
    struct record record;
    query_init(&query, back->from, at->role);
    query.n_terms = back->n_terms;
    memcpy(query.terms, back->terms, back->n_terms * sizeof *back->terms);
    query.as_of = at->as_of;
    query.deadline = at->deadline;
    inner.collection = back->from;
    ouse_rc rc = resolve_terms(&inner, query.terms, query.n_terms);
    if (rc)
        return rc;
    rc = rows_open(at->txn, &query, at->arena, &rows);
    while (!rc && backward.ids.n <= BACK_MAX && !(rc = rows_next(rows, &record)))
        record_references(&record, back->field, add_referred, &backward);
    if (backward.ids.n > BACK_MAX && !at->problem)
        return OUSE_E_REQUEST;
    if (backward.ids.n > BACK_MAX)
        return problem_add(at->problem, OUSE_E_REQUEST, "", "too_many",
                           "More than %d %s match; add a filter that leaves fewer", BACK_MAX,
                           back->from->is.name);
    if (rc && (rc != OUSE_E_NOT_FOUND || deadline_over(at->deadline, 0)))
        return failed(at, rc);
    *term = (struct query_term){.field = &schema_id_field, .of_ids = 1};
    if (backward.ids.n)
        term_set_named(at->arena, term, backward.ids.at, backward.ids.n);
    return OUSE_OK;
}

static ouse_rc resolve_terms(const struct resolving *at, struct query_term *terms, uint32_t n)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < n && !rc; i++) {
        struct query_term *term = &terms[i];
        if (term->through)
            rc = resolve_through(at, term);
        else if (term->back)
            rc = resolve_back(at, term);
        else if (term->of_ids)
            rc = resolve_ids(at, term);
        else if (term->n_named && term->field->n_targets)
            rc = resolve_references(at, term);
        else if (term->n_named && !term->every && has_codes(term->field))
            rc = resolve_codes(at, term);
    }
    return rc;
}

ouse_rc query_resolve(struct txn *txn, struct query *query, struct arena *arena, struct problem *problem)
{
    struct resolving at = {txn,   query->collection, query->role, query->as_of,
                           arena, query->deadline,   problem};
    return query->collection->is.visibility > query->role ? OUSE_OK
                                                          : resolve_terms(&at, query->terms, query->n_terms);
}
