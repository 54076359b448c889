/* plan: selects the cheapest access path. Estimates count keys, up to a bound, so that a plan costs
 * little compared with the page. */
#include "join.h"
#include "words.h"

/* ---- Estimates ------------------------------------------------------------------ */

enum { CHARGED = 8 /* keys that are counted at the cost of a step */ };

struct counting {
    struct reader *reader;
    uint32_t n, most;
};

static ouse_rc count(void *arg, struct ouse_str id)
{
    struct counting *counting = arg;
    (void)id;
    if (counting->n % CHARGED == CHARGED - 1)
        reader_charge(counting->reader, 1);
    return counting->n++ == counting->most ? OUSE_E_TOO_LARGE : OUSE_OK;
}

/* Selects the most selective index. Counts the keys of all predicates in parallel, each time
 * further, until one reaches its end: a large one costs no more than the smallest. */
ouse_rc plan_driver(struct reader *reader, const struct collection *collection,
                    const struct query_term *terms, uint32_t n, const struct query_term **driver,
                    uint32_t *n_keys)
{
    const struct query_term *best = NULL;
    for (uint32_t most = 8; most <= SELECT_MAX && !best; most *= 8) {
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < n; i++) {
            struct counting counting = {reader, 0, most};
            ouse_rc rc = term_drives(&terms[i]) ? term_each(reader, collection, &terms[i], count, &counting)
                                                : OUSE_E_TOO_LARGE;
            if (rc && rc != OUSE_E_TOO_LARGE)
                return rc;
            if (!rc && counting.n < least) {
                best = &terms[i];
                *n_keys = least = counting.n;
            }
        }
    }
    *driver = best;
    return OUSE_OK;
}

ouse_rc plan_all(struct reader *reader, const struct collection *collection, uint32_t *n_keys)
{
    struct counting counting = {reader, 0, SELECT_MAX};
    ouse_rc rc = term_each(reader, collection, NULL, count, &counting);
    if (!rc)
        *n_keys = counting.n;
    return rc;
}

/* ---- Through references ----------------------------------------------------------- */

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

ouse_rc plan_resolve(struct reader *reader, struct query_term *terms, uint32_t n)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < n && !rc; i++)
        if (terms[i].through)
            rc = resolve(reader, &terms[i]);
        else if (terms[i].words)
            rc = words_resolve(reader, &terms[i]);
        else if (terms[i].tie)
            rc = tie_resolve(reader, &terms[i]);
    return rc;
}
