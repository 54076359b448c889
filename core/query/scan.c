/* scan: see scan.h. This file has the common parts of the access paths, and WALK. */
#include "scan.h"

#define PROBES      16   /* keys that are looked for rather than the record be read */
#define FIBRES_STEP 64   /* fibres that are compared at the cost of a step */
#define SCAN_STEP   8192 /* bytes of a record that one term is looked for in at the cost of a step */

/* ---- Records ------------------------------------------------------------------- */

/* Returns whether a lookup of the keys of a predicate costs less than reading the record. Past keys
 * prove nothing. */
static int is_probed(const struct rows *rows, const struct query_term *term)
{
    return !rows->reader->as_of && term_walks(term) && !term->of_ids && term->n_ranges <= PROBES;
}

/* Whether one of a term's keys is there for the id. */
static ouse_rc probe(const struct rows *rows, const struct query_term *term, struct ouse_str id)
{
    ouse_rc rc = OUSE_E_NOT_FOUND;
    for (uint32_t i = 0; i < term->n_ranges && rc == OUSE_E_NOT_FOUND; i++) {
        struct key_span span;
        struct ouse_str value;
        term_span(rows->collection, term, i, &span);
        key_bytes(&span.from, id);
        if (span.db == DB_INDEXES)
            key_index_close(&span.from, id);
        rc = txn_get(rows->reader->txn, span.db, key_str(&span.from), &value);
    }
    return rc;
}

/* Returns whether the access path has already proved that the record matches a predicate. Each key
 * of words with the prefix proves it, too. */
static int is_shown(const struct rows *rows, const struct query_term *term)
{
    int led_here = rows->way == &rows_walk ? term_walks(term) : term == rows->driver;
    return !rows->reader->as_of && led_here && (term_walks(term) || term->words);
}

int rows_must_test(const struct rows *rows, const struct query_term *term)
{
    return term->led || term->veiled || !(is_shown(rows, term) || is_probed(rows, term));
}

/* Tests a record against the terms that are not certain yet: those about words last and together, as they
 * cost most. */
static ouse_rc test_terms(struct rows *rows, const struct record *record)
{
    const struct query_term *words[ROWS_TERMS];
    uint32_t n_words = 0, scans = 0;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < rows->n_terms && !rc; i++) {
        const struct query_term *term = &rows->terms[i];
        if (!rows_must_test(rows, term))
            continue;
        if (term->words)
            words[n_words++] = term;
        else
            rc = term_test(rows->reader, term, record);
        scans++;
    }
    reader_charge(rows->reader, (uint64_t)scans * record->json.n / SCAN_STEP);
    if (!rc && n_words &&
        terms_test_words(rows->reader, words, n_words, record) != ~UINT64_C(0) >> (64 - n_words))
        rc = OUSE_E_NOT_FOUND;
    return rc;
}

ouse_rc rows_examine(struct rows *rows, struct ouse_str id, struct record *record)
{
    struct reader *reader = rows->reader;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < rows->n_terms && !rc; i++)
        if (!is_shown(rows, &rows->terms[i]) && is_probed(rows, &rows->terms[i]))
            rc = probe(rows, &rows->terms[i], id);
    arena_finish(&reader->version);
    if (!rc)
        rc = reader_get(reader, rows->collection, id, &reader->version, record);
    if (!rc && record->kind != RECORD_LIVE)
        rc = OUSE_E_NOT_FOUND;
    return rc || !rows->n_terms ? rc : test_terms(rows, record);
}

/* ---- WALK ------------------------------------------------------------------------ */

/* Keys are mostly short and have much room, so the bytes are copied and not the struct. */
static void set_key(struct key *key, struct ouse_str bytes)
{
    key_init(key);
    key_bytes(key, bytes);
}

/* One prefix of keys, and its first id at or after the target. */
struct fibre {
    struct key prefix;
    uint32_t n; /* of the id; 0 if there is no target */
    char id[SCHEMA_ID_MAX];
    int ended;
};

/* Room for the fibres is kept from group to group. */
static struct fibre *set_fibres(const struct rows *rows, struct strand *strand, enum engine_db db, uint32_t n)
{
    if (strand->room < n) {
        strand->fibres = arena_alloc(rows->reader->arena, n * sizeof *strand->fibres);
        strand->room = n;
    }
    strand->db = db;
    strand->of_ids = 0;
    strand->n = n;
    for (uint32_t i = 0; i < n; i++)
        strand->fibres[i].n = strand->fibres[i].ended = 0;
    return strand->fibres;
}

static void add_strand(struct rows *rows, const struct query_term *term)
{
    struct strand *strand = &rows->strands[rows->n_strands++];
    struct fibre *fibres = set_fibres(rows, strand, DB_INDEXES, term->n_ranges);
    struct key_span span;
    for (uint32_t i = 0; i < term->n_ranges; i++) {
        term_span(rows->collection, term, i, &span);
        strand->db = span.db;
        fibres[i].prefix = span.from;
    }
    strand->of_ids = term->of_ids;
}

static ouse_rc walk_open(struct rows *rows)
{
    const struct ouse_str none = {"", 0};
    rows->n_strands = 0;
    for (uint32_t i = 0; i < rows->n_terms; i++)
        if (term_walks(&rows->terms[i]))
            add_strand(rows, &rows->terms[i]);
    if (!rows->n_strands)
        key_record(&set_fibres(rows, &rows->strands[rows->n_strands++], DB_RECORDS, 1)->prefix,
                   rows->collection->number, none);
    set_key(&rows->id, rows->after);
    return OUSE_OK;
}

/* The fibre that is one id has no keys to look for: whether there is the record shows when it is examined. */
static void seek_id(struct fibre *fibre, struct ouse_str from)
{
    struct ouse_str id = key_id(DB_RECORDS, key_str(&fibre->prefix));
    fibre->ended = id.n > SCHEMA_ID_MAX || key_order(id, from) < 0;
    fibre->n = fibre->ended ? fibre->n : id.n;
    if (!fibre->ended)
        memcpy(fibre->id, id.p, id.n);
}

static ouse_rc seek_fibre(struct rows *rows, enum engine_db db, struct fibre *fibre, struct ouse_str from)
{
    struct key_span rest;
    struct ouse_str found, id;
    rest.db = db;
    set_key(&rest.from, key_str(&fibre->prefix));
    key_bytes(&rest.from, from);
    set_key(&rest.to, key_str(&fibre->prefix));
    rest.to.n = bytes_behind(rest.to.at, rest.to.n).n;
    ouse_rc rc = span_edge(rows->reader, &rest, 0, &found);
    fibre->ended = rc == OUSE_E_NOT_FOUND;
    if (rc)
        return fibre->ended ? OUSE_OK : rc;
    id = key_id(db, found);
    if (!id.n || id.n > SCHEMA_ID_MAX)
        return OUSE_E_INTERNAL;
    memcpy(fibre->id, id.p, id.n);
    fibre->n = id.n;
    return OUSE_OK;
}

/* Finds the first id of a strand at or after `from`. Valid until the next seek in the strand. */
static ouse_rc seek(struct rows *rows, const struct strand *strand, struct ouse_str from, struct ouse_str *id)
{
    struct ouse_str least = {NULL, 0};
    uint32_t sought = 0;
    for (uint32_t i = 0; i < strand->n; i++) {
        struct fibre *fibre = &strand->fibres[i];
        struct ouse_str next = {fibre->id, fibre->n};
        ouse_rc rc = OUSE_OK;
        if (!fibre->ended && (!fibre->n || key_order(next, from) < 0)) {
            if (strand->of_ids)
                seek_id(fibre, from);
            else
                rc = seek_fibre(rows, strand->db, fibre, from);
            sought++;
        }
        if (rc)
            return rc;
        next.n = fibre->n;
        if (!fibre->ended && (!least.p || key_order(next, least) < 0))
            least = next;
    }
    if (strand->n > 1)
        reader_charge(rows->reader,
                      strand->n / FIBRES_STEP + sought - (sought > 0)); /* one is the caller's */
    *id = least;
    return least.p ? OUSE_OK : OUSE_E_NOT_FOUND;
}

/* Moves the walk before the id that it has reached but not examined: after everything that sorts
 * before it and, as ids end at most in "z", after all other ids that do. */
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
    struct key at;
    uint32_t agreeing = 0;
    set_key(&at, key_str(&rows->id));
    if (at.n)
        key_byte(&at, 1); /* after the id, and before all that begin with it */
    for (uint32_t i = 0; agreeing < rows->n_strands; i = (i + 1) % rows->n_strands) {
        struct ouse_str id;
        ouse_rc rc = reader_step(rows->reader);
        if (rc && agreeing) {
            set_key(&rows->id, key_str(&at));
            step_back(&rows->id);
        }
        if (!rc)
            rc = seek(rows, &rows->strands[i], key_str(&at), &id);
        if (rc)
            return rc;
        rows->reader->moved = 1;
        agreeing = ouse_same(id, key_str(&at)) ? agreeing + 1 : 1;
        set_key(&at, id);
    }
    set_key(&rows->id, key_str(&at));
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
