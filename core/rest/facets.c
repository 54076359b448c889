/* facets: see facets.h. */
#include "facets.h"
#include <stdlib.h>

ouse_rc facets_read(const struct question *question, uint32_t facet, uint32_t count, struct facets *facets)
{
    const struct field *fields[FACETS];
    struct ouse_str exact = question->values[count];
    ouse_rc rc;
    memset(facets, 0, sizeof *facets);
    if (exact.p && !ouse_is(exact, "exact"))
        return problem_fail(question->request->problem, OUSE_E_REQUEST,
                            "count is \"exact\" or absent, not \"%.*s\"", OUSE_F(exact));
    rc = question_fields(question, facet, query_filters, fields, FACETS, &facets->n);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < facets->n; i++) {
        facets->tallies[i].by[0] = fields[i];
        facets->tallies[i].n_by = 1;
    }
    facets->wanted = exact.p || facets->n;
    return OUSE_OK;
}

ouse_rc facets_count(const struct question *question, struct txn *txn, struct facets *facets)
{
    const struct tally_leave leave = {question_enter, question->request};
    return query_tally(txn, &question->query, question->request->arena, facets->tallies, facets->n + 1,
                       &leave, question->request->problem);
}

uint64_t facets_all(const struct facets *facets)
{
    const struct tally *all = &facets->tallies[facets->n];
    return all->n_rows ? all->rows[0]->count : 0;
}

/* Rows with a value, those with most records first; the others as they were. */
static int compare(const void *a, const void *b)
{
    const struct tally_row *x = *(struct tally_row *const *)a, *y = *(struct tally_row *const *)b;
    uint32_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    if (!x->values[0].p != !y->values[0].p)
        return x->values[0].p ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return memcmp(x->key.p, y->key.p, n);
}

/* A value as the name of a member: text as it is, all else as its JSON. */
static void write_name(struct buffer *out, struct ouse_str value)
{
    if (*value.p == '"')
        buffer_str(out, value);
    else
        json_string(out, value);
}

static void write_facet(const struct tally *tally, struct buffer *out)
{
    json_string(out, ouse_s(tally->by[0]->is.name));
    buffer_text(out, ":{");
    for (uint32_t i = 0; i < tally->n_rows && i < FACET_VALUES && tally->rows[i]->values[0].p; i++) {
        if (i)
            buffer_byte(out, ',');
        write_name(out, tally->rows[i]->values[0]);
        buffer_byte(out, ':');
        buffer_uint(out, tally->rows[i]->count);
    }
    buffer_byte(out, '}');
}

void facets_write(struct facets *facets, struct buffer *out)
{
    buffer_byte(out, '{');
    for (uint32_t i = 0; i < facets->n; i++) {
        struct tally *tally = &facets->tallies[i];
        if (tally->n_rows)
            qsort(tally->rows, tally->n_rows, sizeof *tally->rows, compare);
        if (i)
            buffer_byte(out, ',');
        write_facet(tally, out);
    }
    buffer_byte(out, '}');
}
