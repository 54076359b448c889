/* rows: opens the records of a query: resolves its predicates, selects an access path, and runs it; see
 * scan.h. */
#include "join.h"
#include "words.h"

/* The entries by which a field refers to the records that one target has for the term. */
static ouse_rc find_targets(struct reader *reader, const struct field *field, uint32_t i,
                            const struct query_through *through, struct query_range *ranges, uint32_t *n)
{
    struct query query;
    struct rows *rows;
    struct record record;
    ouse_rc rc;
    query_init(&query, through->to, reader->role);
    query.n_terms = through->n_terms;
    memcpy(query.terms, through->terms, through->n_terms * sizeof *through->terms);
    query.steps = SELECT_MAX;
    query.as_of = reader->as_of;
    query.deadline = reader->deadline;
    rc = rows_open(reader->txn, &query, reader->arena, &rows);
    if (rc)
        return rc;
    while (!(rc = rows_next(rows, &record)) && *n < THROUGH_MAX)
        ranges[(*n)++] = entry_range(reader->arena, reference_entry(reader->arena, field, i, record.id));
    rows_close(rows);
    if (!rc || rows_cut(rows))
        return OUSE_E_TOO_LARGE;
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

static ouse_rc resolve(struct reader *reader, struct query_term *term)
{
    struct query_range *ranges = arena_alloc(reader->arena, THROUGH_MAX * sizeof *ranges);
    uint32_t n = 0;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < term->field->n_targets && !rc; i++)
        if (term->through[i].to)
            rc = find_targets(reader, term->field, i, &term->through[i], ranges, &n);
    if (rc)
        return rc == OUSE_E_TOO_LARGE ? OUSE_OK : rc;
    ranges_sort(ranges, &n);
    term->ranges = ranges;
    term->n_ranges = n;
    term->exact = 1;
    term->through = NULL;
    return OUSE_OK;
}

/* Predicates on the targets of references are resolved to ids, unless the collection has so few records that
 * following their references costs less. */
static ouse_rc resolve_all(struct reader *reader, const struct collection *collection,
                           struct query_term *terms, uint32_t n)
{
    enum { FEW_RECORDS = 16 };
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < n && !rc; i++)
        if (terms[i].through)
            rc = plan_is_small(reader, collection, FEW_RECORDS) ? OUSE_OK : resolve(reader, &terms[i]);
        else if (terms[i].words)
            rc = words_resolve(reader, &terms[i]);
        else if (terms[i].tie)
            rc = tie_resolve(reader, &terms[i]);
    return rc;
}

/* Strands alone, in the order of ids, need no estimate: leaps find the rarest. */
static int is_plain(const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->n_terms; i++)
        if (!term_walks(&rows->terms[i]))
            return 0;
    return rows->n_orders == 0;
}

/* Returns whether the whole collection is sorted: at an instant, because a value that changes often
 * has left many keys, which groups would visit one by one. */
static int sorts_all(struct rows *rows)
{
    return rows->reader->as_of && plan_all(rows->reader, rows->collection, &rows->n_keys) == OUSE_OK;
}

/* Whether the text of each record must be analysed. */
static int reads_text(const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->n_terms; i++)
        if (rows->terms[i].words && rows_must_test(rows, &rows->terms[i]))
            return 1;
    return 0;
}

static ouse_rc begin(struct rows *rows)
{
    ouse_rc rc = OUSE_OK;
    rows->driver = NULL;
    if (!is_plain(rows))
        rc = plan_driver(rows->reader, rows->collection, rows->terms, rows->n_terms, &rows->driver,
                         &rows->n_keys);
    if (rc)
        return rc;
    rows->way = &rows_select;
    if (rows->driver && rows->n_orders && rows->n_keys > SELECT_TEXT && reads_text(rows))
        rows->driver = NULL;
    if (rows->n_orders == 0 && (!rows->driver || term_walks(rows->driver)))
        rows->way = &rows_walk;
    else
        rows->way = rows->driver || sorts_all(rows) ? &rows_select : &rows_groups;
    return rows->way->open(rows);
}

/* Returns whether keys of a predicate may be hidden. Words of sources may be hidden with the
 * publications that these cite. Times of other audiences are hidden. */
static int is_veiled(const struct rows *rows, const struct query_term *term)
{
    const struct field *sources = rows->collection->sources;
    if (term->words)
        return hiding_veils(rows->reader->hiding, sources) && term_asks_in(term, sources);
    return hiding_veils(rows->reader->hiding, term->field) || field_is_updated(term->field);
}

static ouse_rc read_hiding(struct reader *reader)
{
    struct ouse_str hiding = {NULL, 0};
    ouse_rc rc = reader->role < OUSE_OFFICE ? hiding_read(reader->txn, &hiding) : OUSE_OK;
    reader->hiding = arena_copy(reader->arena, hiding); /* the caller may write before the next step */
    return rc;
}

static void end_version(void *version)
{
    arena_finish(version);
}

ouse_rc rows_open(struct txn *txn, const struct query *query, struct arena *arena, struct rows **rows)
{
    struct rows *r = arena_zero(arena, sizeof *r);
    struct reader *reader = arena_zero(arena, sizeof *reader);
    struct query_order *orders = arena_alloc(arena, sizeof query->orders);
    ouse_rc rc;
    if (query->after.p && !position_valid(query->n_orders, query->after))
        return OUSE_E_REQUEST;
    reader->txn = txn;
    reader->arena = arena;
    reader->role = query->role;
    reader->as_of = query->as_of;
    arena_defer(arena, end_version, &reader->version);
    reader->metered = query->steps > 0;
    reader->left = query->steps;
    reader->deadline = query->deadline;
    /* A collection that the role may not see has no rows, and the time of the answer does not
     * reveal it. */
    reader->closed = query->collection->is.visibility > query->role;
    r->reader = reader;
    r->collection = query->collection;
    memcpy(r->terms, query->terms, query->n_terms * sizeof *r->terms);
    memcpy(orders, query->orders, sizeof query->orders);
    r->n_terms = query->n_terms;
    r->orders = orders;
    r->n_orders = query->n_orders;
    r->after = arena_copy(arena, query->after);
    r->way = &rows_walk;
    r->begin = begin;
    rc = reader->closed ? OUSE_OK : read_hiding(reader);
    for (uint32_t i = 0; i < r->n_terms; i++)
        r->terms[i].veiled = is_veiled(r, &r->terms[i]);
    if (!rc && !reader->closed)
        rc = resolve_all(reader, r->collection, r->terms, r->n_terms);
    if (!rc && !reader->closed)
        rc = begin(r);
    if (rc)
        rows_close(r);
    else
        *rows = r;
    return rc;
}

ouse_rc rows_next(struct rows *rows, struct record *record)
{
    ouse_rc rc = rows->reader->closed ? OUSE_E_NOT_FOUND : rows->way->next(rows, record);
    if (rc)
        rows_close(rows);
    return rc;
}

int rows_cut(const struct rows *rows)
{
    return rows->reader->cut;
}

struct ouse_str rows_position(const struct rows *rows, struct arena *arena)
{
    return rows->way->position(rows, arena);
}

void rows_close(struct rows *rows)
{
    reader_close(rows->reader);
}
