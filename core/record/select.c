/* select: few records, found by any of their keys and sorted. */
#include "rows.h"
#include <stdlib.h>

struct selected {
    const struct rows *rows; /* qsort gives its comparison nothing else */
    struct ouse_str id, position;
};

static int compare(const void *a, const void *b)
{
    const struct selected *x = a, *y = b;
    return position_compare(x->rows->orders, x->rows->n_orders, x->position, y->position);
}

static ouse_rc gather(void *arg, struct ouse_str id)
{
    struct rows *rows = arg;
    if (id.p)
        rows->selected[rows->n_selected++] =
            (struct selected){.rows = rows, .id = arena_copy(rows->reading->arena, id)};
    return OUSE_OK;
}

/* Keeps of what was gathered what all terms ask for and is behind `after`. */
static ouse_rc sift(struct rows *rows)
{
    struct arena *arena = rows->reading->arena;
    struct record record;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows->n_selected; i++) {
        struct selected *selected = &rows->selected[i];
        ouse_rc rc = rows_examine(rows, selected->id, &record);
        if (rc == OUSE_E_NOT_FOUND)
            continue;
        if (rc)
            return rc;
        selected->position = position_of(rows->orders, rows->n_orders, &record, arena);
        if (!rows->after.p ||
            position_compare(rows->orders, rows->n_orders, rows->after, selected->position) < 0)
            rows->selected[kept++] = *selected;
    }
    rows->n_selected = kept;
    return OUSE_OK;
}

static ouse_rc select_open(struct rows *rows)
{
    struct reading *reading = rows->reading;
    ouse_rc rc;
    rows->selected = arena_alloc(reading->arena, rows->n_keys * sizeof *rows->selected);
    rows->n_selected = rows->at = 0;
    rc = term_each(reading, rows->collection, rows->driver, gather, rows);
    reading->left -= rows->n_keys < reading->left ? rows->n_keys : reading->left;
    if (!rc)
        rc = sift(rows);
    if (!rc && rows->n_selected)
        qsort(rows->selected, rows->n_selected, sizeof *rows->selected, compare);
    return rc;
}

/* A record has come several times when it has several keys in the ranges. */
static ouse_rc select_next(struct rows *rows, struct record *record)
{
    while (rows->at < rows->n_selected) {
        uint32_t at = rows->at++;
        ouse_rc rc;
        if (at && ouse_same(rows->selected[at].id, rows->selected[at - 1].id))
            continue;
        rc = rows_examine(rows, rows->selected[at].id, record);
        if (rc != OUSE_E_NOT_FOUND)
            return rc;
    }
    return OUSE_E_NOT_FOUND;
}

static struct ouse_str select_position(const struct rows *rows, struct arena *arena)
{
    return arena_copy(arena, rows->at ? rows->selected[rows->at - 1].position : rows->after);
}

const struct rows_way rows_select = {select_open, select_next, select_position};
