/* rows: see rows.h. Here is what the ways share, and WALK. */
#include "rows.h"

/* ---- Reading ------------------------------------------------------------------ */

ouse_rc reading_cursor(struct reading *reading, enum engine_db db, struct cursor **cursor)
{
    ouse_rc rc = reading->cursors[db] ? OUSE_OK : cursor_open(reading->txn, db, &reading->cursors[db]);
    if (!rc)
        *cursor = reading->cursors[db];
    return rc;
}

ouse_rc reading_step(struct reading *reading)
{
    if (!reading->metered)
        return OUSE_OK;
    if (reading->left == 0) {
        reading->cut = 1;
        return OUSE_E_NOT_FOUND;
    }
    reading->left--;
    return OUSE_OK;
}

/* ---- Records ------------------------------------------------------------------- */

/* Whether a term's one key is there for the id. */
static ouse_rc probe(struct rows *rows, const struct query_term *term, struct ouse_str id)
{
    struct key_span span;
    struct ouse_str value;
    term_span(rows->reading, rows->collection, term, 0, &span);
    if (term->index)
        key_index(&span.from, term->index->number, term->ranges[0].from, id);
    else
        key_bytes(&span.from, id);
    return txn_get(rows->reading->txn, span.db, key_str(&span.from), &value);
}

/* Points by a key each, which costs less than the record. */
ouse_rc rows_examine(struct rows *rows, struct ouse_str id, struct record *record)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < rows->n_terms && rows->way != &rows_walk && !rc; i++)
        if (&rows->terms[i] != rows->driver && term_is_point(&rows->terms[i]))
            rc = probe(rows, &rows->terms[i], id);
    if (!rc)
        rc = record_get(rows->reading->txn, rows->collection, id, rows->reading->role, record);
    if (!rc && record->kind != RECORD_LIVE)
        rc = OUSE_E_NOT_FOUND;
    for (uint32_t i = 0; i < rows->n_terms && !rc; i++)
        if (!term_is_point(&rows->terms[i]) || rows->terms[i].led)
            rc = term_test(rows->reading, &rows->terms[i], record);
    return rc;
}

/* ---- WALK ------------------------------------------------------------------------ */

static void add_strand(struct rows *rows, const struct query_term *term)
{
    struct strand *strand = &rows->strands[rows->n_strands++];
    struct key_span span;
    term_span(rows->reading, rows->collection, term, 0, &span);
    strand->db = span.db;
    strand->prefix = span.from;
}

static ouse_rc walk_open(struct rows *rows)
{
    const struct ouse_str none = {"", 0};
    rows->n_strands = 0;
    for (uint32_t i = 0; i < rows->n_terms; i++)
        if (term_is_point(&rows->terms[i]))
            add_strand(rows, &rows->terms[i]);
    if (!rows->n_strands) {
        rows->strands[0].db = DB_RECORDS;
        key_record(&rows->strands[0].prefix, rows->collection->number, none);
        rows->n_strands = 1;
    }
    key_init(&rows->id);
    key_bytes(&rows->id, rows->after);
    return OUSE_OK;
}

/* The first id of a strand that is not before `from`. */
static ouse_rc seek(struct rows *rows, const struct strand *strand, struct ouse_str from, struct ouse_str *id)
{
    struct ouse_str found, value;
    struct cursor *cursor;
    struct key key = {.n = 0};
    ouse_rc rc = reading_cursor(rows->reading, strand->db, &cursor);
    if (rc)
        return rc;
    key_bytes(&key, key_str(&strand->prefix));
    key_bytes(&key, from);
    rc = cursor_seek(cursor, key_str(&key), &found, &value);
    if (!rc && !key_has_prefix(found, key_str(&strand->prefix)))
        rc = OUSE_E_NOT_FOUND;
    if (rc)
        return rc;
    *id = key_id(strand->db, found);
    return id->n ? OUSE_OK : OUSE_E_INTERNAL;
}

/* Puts the walk in front of the id that it has come to, but not examined: behind
 * what sorts before it and, as ids end at most in "z", behind all other ids that do. */
static void step_back(struct key *id)
{
    if (!id->n)
        return;
    id->at[id->n - 1]--;
    key_byte(id, '~');
}

/* Moves on to the next id that all strands have. Each leaps to where the one
 * before it is, so the rarest sets the pace, whichever was named first. */
static ouse_rc leap(struct rows *rows)
{
    struct key at = rows->id;
    uint32_t agreeing = 0;
    if (at.n)
        key_byte(&at, 1); /* behind the id, and before all that begin with it */
    for (uint32_t i = 0; agreeing < rows->n_strands; i = (i + 1) % rows->n_strands) {
        struct ouse_str id;
        ouse_rc rc = reading_step(rows->reading);
        if (rc && agreeing) {
            rows->id = at;
            step_back(&rows->id);
        }
        if (!rc)
            rc = seek(rows, &rows->strands[i], key_str(&at), &id);
        if (rc)
            return rc;
        agreeing = ouse_same(id, key_str(&at)) ? agreeing + 1 : 1;
        key_init(&at);
        key_bytes(&at, id);
    }
    rows->id = at;
    return OUSE_OK;
}

static ouse_rc walk_next(struct rows *rows, struct record *record)
{
    ouse_rc rc;
    while (!(rc = leap(rows))) {
        rc = rows_examine(rows, key_str(&rows->id), record);
        if (rc != OUSE_E_NOT_FOUND)
            return rc;
    }
    return rc;
}

static struct ouse_str walk_position(const struct rows *rows, struct arena *arena)
{
    return arena_copy(arena, key_str(&rows->id));
}

const struct rows_way rows_walk = {walk_open, walk_next, walk_position};

/* ---- Rows ------------------------------------------------------------------------- */

/* Points alone, in the order of ids, need no estimate: leaps find the rarest. */
static int is_plain(const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->n_terms; i++)
        if (!term_is_point(&rows->terms[i]))
            return 0;
    return rows->n_orders == 0;
}

ouse_rc rows_begin(struct rows *rows)
{
    ouse_rc rc = OUSE_OK;
    rows->driver = NULL;
    if (!is_plain(rows))
        rc = plan_driver(rows->reading, rows->collection, rows->terms, rows->n_terms, &rows->driver,
                         &rows->n_keys);
    if (rc)
        return rc;
    if (rows->n_orders == 0 && (!rows->driver || term_is_point(rows->driver)))
        rows->way = &rows_walk;
    else
        rows->way = rows->driver ? &rows_select : &rows_groups;
    return rows->way->open(rows);
}

ouse_rc rows_open(struct txn *txn, const struct query *query, struct arena *arena, struct rows **rows)
{
    struct rows *r = arena_zero(arena, sizeof *r);
    struct reading *reading = arena_zero(arena, sizeof *reading);
    struct query_order *orders = arena_alloc(arena, sizeof query->orders);
    ouse_rc rc;
    if (query->after.p && !position_valid(query->n_orders, query->after))
        return OUSE_E_REQUEST;
    reading->txn = txn;
    reading->records = query->records;
    reading->arena = arena;
    reading->role = query->role;
    reading->metered = query->steps > 0;
    reading->left = query->steps;
    /* A collection that the role may not see has no rows, and takes no time to tell so. */
    reading->closed = query->collection->is.visibility > query->role;
    r->reading = reading;
    r->collection = query->collection;
    memcpy(r->terms, query->terms, query->n_terms * sizeof *r->terms);
    memcpy(orders, query->orders, sizeof query->orders);
    r->n_terms = query->n_terms;
    r->orders = orders;
    r->n_orders = query->n_orders;
    r->after = arena_copy(arena, query->after);
    r->way = &rows_walk;
    rc = reading->closed ? OUSE_OK : plan_resolve(reading, r->terms, r->n_terms);
    if (!rc && !reading->closed)
        rc = rows_begin(r);
    if (rc)
        rows_close(r);
    else
        *rows = r;
    return rc;
}

ouse_rc rows_next(struct rows *rows, struct record *record)
{
    ouse_rc rc = rows->reading->closed ? OUSE_E_NOT_FOUND : rows->way->next(rows, record);
    if (rc)
        rows_close(rows);
    return rc;
}

int rows_cut(const struct rows *rows)
{
    return rows->reading->cut;
}

struct ouse_str rows_position(const struct rows *rows, struct arena *arena)
{
    return rows->way->position(rows, arena);
}

void rows_close(struct rows *rows)
{
    struct reading *reading = rows->reading;
    for (int db = 0; db < DB_COUNT; db++) {
        if (reading->cursors[db])
            cursor_close(reading->cursors[db]);
        reading->cursors[db] = NULL;
    }
    reading->closed = 1;
}
