/* materialise: few records, found by any of their keys and sorted.
 *
 * If there is an order, all records are read before the first is returned. In the order of ids,
 * each record is read when the caller needs it, so rows can be cut after any of them. */
#include "scan.h"
#include <stdlib.h>

struct selected {
    const struct rows *rows; /* qsort gives its comparison nothing else */
    struct ouse_str id, position;
};

static int compare(const void *a, const void *b)
{
    const struct selected *x = a, *y = b;
    return position_compare(x->rows, x->position, y->position);
}

static int compare_ids(const void *a, const void *b)
{
    const struct selected *x = a, *y = b;
    return key_order(x->id, y->id);
}

static ouse_rc gather(void *arg, struct ouse_str id)
{
    struct rows *rows = arg;
    if (id.p)
        rows->selected[rows->n_selected++] =
            (struct selected){.rows = rows, .id = arena_copy(rows->reader->arena, id)};
    return OUSE_OK;
}

/* Sorts the candidates by id and keeps each id once: a record may have several keys in the ranges. */
static void keep_each_once(struct rows *rows)
{
    uint32_t kept = 0, n = 1;
    while (n < rows->n_selected && compare_ids(&rows->selected[n - 1], &rows->selected[n]) < 0)
        n++; /* the keys of one entry are in this order */
    if (n < rows->n_selected)
        qsort(rows->selected, rows->n_selected, sizeof *rows->selected, compare_ids);
    for (uint32_t i = 0; i < rows->n_selected; i++)
        if (!kept || !ouse_same(rows->selected[kept - 1].id, rows->selected[i].id))
            rows->selected[kept++] = rows->selected[i];
    rows->n_selected = kept;
}

/* Skips candidates up to the position. Without an order, the position is the id, and records are
 * read when the caller needs them. */
static void skip_passed(struct rows *rows)
{
    for (uint32_t i = 0; i < rows->n_selected; i++)
        rows->selected[i].position = rows->selected[i].id;
    while (rows->after.p && rows->at < rows->n_selected &&
           key_order(rows->selected[rows->at].position, rows->after) <= 0)
        rows->at++;
    rows->first = rows->at;
}

/* Drops candidates that do not match every predicate or do not sort after `after`. */
static ouse_rc sift(struct rows *rows)
{
    struct reader *reader = rows->reader;
    struct record record;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows->n_selected; i++) {
        struct selected *selected = &rows->selected[i];
        if (deadline_over(reader->deadline, 1))
            return OUSE_E_UNAVAILABLE;
        ouse_rc rc = rows_examine(rows, selected->id, &record);
        if (rc == OUSE_E_NOT_FOUND)
            continue;
        if (rc)
            return rc;
        selected->position = position_of(rows, &record, reader->arena);
        if (!rows->after.p || position_compare(rows, rows->after, selected->position) < 0)
            rows->selected[kept++] = *selected;
    }
    rows->n_selected = kept;
    if (kept)
        qsort(rows->selected, kept, sizeof *rows->selected, compare);
    return OUSE_OK;
}

/* Cuts the rows at a group that cannot be sorted in time. */
static ouse_rc give_up(struct rows *rows)
{
    struct reader *reader = rows->reader;
    if (!reader->metered || !reader->moved)
        return OUSE_E_UNAVAILABLE;
    reader->cut = 1;
    rows->n_selected = 0;
    return OUSE_OK;
}

static ouse_rc select_open(struct rows *rows)
{
    struct reader *reader = rows->reader;
    rows->selected = arena_alloc(reader->arena, rows->n_keys * sizeof *rows->selected);
    rows->n_selected = rows->at = rows->first = 0;
    ouse_rc rc = term_each(reader, rows->collection, rows->driver, gather, rows);
    if (rc)
        return rc;
    reader_charge(reader, rows->n_keys);
    keep_each_once(rows);
    if (rows->n_orders == 0) {
        skip_passed(rows);
        return OUSE_OK;
    }
    rc = sift(rows);
    return rc == OUSE_E_UNAVAILABLE ? give_up(rows) : rc;
}

static ouse_rc select_next(struct rows *rows, struct record *record)
{
    while (rows->at < rows->n_selected) {
        ouse_rc rc = rows->n_orders ? OUSE_OK : reader_step(rows->reader); /* sorted: found already */
        if (!rc)
            rc = rows_examine(rows, rows->selected[rows->at++].id, record);
        rows->reader->moved = 1;
        if (rc != OUSE_E_NOT_FOUND || rows->reader->cut)
            return rc;
    }
    return OUSE_E_NOT_FOUND;
}

static struct ouse_str select_position(const struct rows *rows, struct arena *arena)
{
    return arena_copy(arena, rows->at > rows->first ? rows->selected[rows->at - 1].position : rows->after);
}

const struct rows_way rows_select = {select_open, select_next, select_position};
