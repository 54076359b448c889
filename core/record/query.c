/* query: lists of records, at the cost of what is read.
 *
 * A term is a fixed prefix of index or reference keys under which ids are in
 * order, so a page begins by one seek behind the last id of the page before, and
 * several terms are intersected by leaps:
 *
 *     hub=x     a . . . . f g . . . . . m
 *     state=y   a b c d e f . h i j k l m      a, f, m: three leaps, not thirteen steps
 */
#include "internal.h"

/* ---- Terms ------------------------------------------------------------------ */

void query_init(struct query *query, const struct collection *collection, uint32_t role)
{
    memset(query, 0, sizeof *query);
    query->collection = collection;
    query->role = role;
}

static int filterable(const struct collection *collection, const struct field *field)
{
    return field->n_targets > 0 || schema_index(collection, ouse_s(field->is.name)) != NULL;
}

static ouse_rc no_such_filter(const struct query *query, struct arena *arena, struct ouse_str name,
                              struct problem *problem)
{
    const struct collection *collection = query->collection;
    const char *names[SCHEMA_FIELDS_MAX], *near;
    struct ouse_str list = {"", 0};
    size_t n = 0;
    for (uint32_t i = 0; i < collection->n_fields && n < SCHEMA_FIELDS_MAX; i++) {
        const struct field *field = &collection->fields[i];
        if (!filterable(collection, field) || field->is.visibility > query->role)
            continue;
        list = arena_printf(arena, "%.*s%s%s", OUSE_F(list), n ? ", " : "", field->is.name);
        names[n++] = field->is.name;
    }
    near = problem_nearest(name, names, n);
    return problem_add(problem, OUSE_E_REQUEST, "", "unknown_parameter",
                       "%s cannot be filtered by \"%.*s\"%s%s%s; it can be by: %.*s", collection->is.name,
                       OUSE_F(name), near ? "; did you mean \"" : "", near ? near : "", near ? "\"" : "",
                       OUSE_F(list));
}

static const struct target *find_target(const struct field *field, struct ouse_str *value)
{
    const char *slash = field->qualified && value->n ? memchr(value->p, '/', value->n) : NULL;
    struct ouse_str name = {value->p, slash ? (uint32_t)(slash - value->p) : 0};
    if (!field->qualified)
        return &field->targets[0];
    for (uint32_t i = 0; slash && i < field->n_targets; i++)
        if (ouse_is(name, field->targets[i].collection)) {
            value->p = slash + 1;
            value->n -= name.n + 1;
            return &field->targets[i];
        }
    return NULL;
}

static ouse_rc reference_term(struct records *records, struct query_term *term, struct ouse_str value,
                              struct problem *problem)
{
    const struct target *target = find_target(term->field, &value);
    if (!target)
        return problem_add(problem, OUSE_E_REQUEST, "", "value",
                           "%s wants \"collection/id\", such as \"%s/…\"", term->field->is.name,
                           term->field->targets[0].collection);
    if (!schema_id_valid(value))
        return problem_add(problem, OUSE_E_REQUEST, "", "value", "%s: \"%.*s\" is no id",
                           term->field->is.name, OUSE_F(value));
    term->entry = value;
    term->target = target_number(records, target);
    return OUSE_OK;
}

ouse_rc query_add(struct records *records, struct query *query, struct arena *arena, struct ouse_str name,
                  struct ouse_str value, struct problem *problem)
{
    const struct field *field = schema_field(query->collection, name);
    struct query_term term = {.field = field};
    struct buffer entry;
    ouse_rc rc;
    if (!field || field->is.visibility > query->role || !filterable(query->collection, field))
        return no_such_filter(query, arena, name, problem);
    if (query->n_terms == QUERY_TERMS)
        return problem_add(problem, OUSE_E_REQUEST, "", "too_many", "At most %d filters", QUERY_TERMS);
    if (field->n_targets > 0) {
        rc = reference_term(records, &term, arena_copy(arena, value), problem);
    } else {
        term.index = schema_index(query->collection, name);
        buffer_init(&entry, SCHEMA_KEY_MAX);
        rc = schema_encode_text(field, value, &entry, problem);
        if (!rc)
            term.entry = arena_copy(arena, buffer_view(&entry));
        buffer_finish(&entry);
    }
    if (!rc)
        query->terms[query->n_terms++] = term;
    return rc;
}

/* ---- Rows --------------------------------------------------------------------- */

/* The keys of one term: ids behind a prefix, ascending. */
struct strand {
    enum engine_db db;
    struct cursor *cursor;
    struct key prefix;
};

struct rows {
    struct query query;
    struct txn *txn;
    struct strand *strands; /* one a term; of a query without terms, the records */
    uint32_t n;             /* 0: the rows are at their end */
    struct key at;          /* the id that was given last, or behind which to begin */
};

static void set_strand(const struct query *query, const struct query_term *term, struct strand *strand)
{
    const struct ouse_str none = {"", 0};
    strand->db = !term ? DB_RECORDS : term->index ? DB_INDEXES : DB_REFERENCES;
    if (!term)
        key_record(&strand->prefix, query->collection->number, none);
    else if (term->index)
        key_index_prefix(&strand->prefix, term->index->number, term->entry);
    else
        key_reference(&strand->prefix, term->target, term->entry, query->collection->number,
                      term->field->number, none);
}

/* A collection that the role may not see has no rows, and takes no time to tell so. */
ouse_rc rows_open(struct txn *txn, const struct query *query, struct arena *arena, struct rows **rows)
{
    struct rows *r = arena_zero(arena, sizeof *r);
    uint32_t n = query->collection->is.visibility > query->role ? 0 : query->n_terms ? query->n_terms : 1;
    ouse_rc rc = OUSE_OK;
    r->query = *query;
    r->txn = txn;
    r->strands = arena_zero(arena, n * sizeof *r->strands);
    key_bytes(&r->at, query->after);
    while (r->n < n && !rc) {
        struct strand *strand = &r->strands[r->n];
        set_strand(query, query->n_terms ? &query->terms[r->n] : NULL, strand);
        rc = cursor_open(txn, strand->db, &strand->cursor);
        r->n += !rc;
    }
    if (rc)
        rows_close(r);
    *rows = r;
    return rc;
}

static struct ouse_str id_of(const struct strand *strand, struct ouse_str key)
{
    struct ouse_str id = {key.p + strand->prefix.n, key.n - strand->prefix.n};
    if (strand->db != DB_INDEXES)
        return id;
    id = key_index_id(key);
    if (key.n != strand->prefix.n + id.n + KEY_INDEX_END) /* another entry that begins alike */
        id.p = NULL;
    return id;
}

/* The first id of a strand that is not before `from`. Seeks anew each time: the
 * caller may have written since. */
static ouse_rc seek(const struct strand *strand, struct ouse_str from, struct ouse_str *id)
{
    struct ouse_str prefix = key_str(&strand->prefix), found, value;
    struct key key;
    ouse_rc rc;
    key_init(&key);
    key_bytes(&key, prefix);
    key_bytes(&key, from);
    rc = cursor_seek(strand->cursor, key_str(&key), &found, &value);
    while (!rc && key_has_prefix(found, prefix)) {
        *id = id_of(strand, found);
        if (id->p)
            return OUSE_OK;
        rc = cursor_next(strand->cursor, &found, &value);
    }
    return rc ? rc : OUSE_E_NOT_FOUND;
}

/* Moves on to the next id that all strands have. Each leaps to where the one
 * before it is, so the rarest term sets the pace, whichever was named first. */
static ouse_rc leap(struct rows *rows)
{
    uint32_t agreeing = 0;
    if (rows->at.n)
        key_byte(&rows->at, 1); /* behind the id, and before all that begin with it */
    for (uint32_t i = 0; agreeing < rows->n; i = (i + 1) % rows->n) {
        struct ouse_str id;
        ouse_rc rc = seek(&rows->strands[i], key_str(&rows->at), &id);
        if (rc)
            return rc;
        agreeing = ouse_same(id, key_str(&rows->at)) ? agreeing + 1 : 1;
        key_init(&rows->at);
        key_bytes(&rows->at, id);
    }
    return OUSE_OK;
}

ouse_rc rows_next(struct rows *rows, struct record *record)
{
    ouse_rc rc = OUSE_E_NOT_FOUND;
    while (rows->n && !(rc = leap(rows))) {
        rc = record_get(rows->txn, rows->query.collection, key_str(&rows->at), rows->query.role, record);
        if (rc ? rc != OUSE_E_NOT_FOUND : record->kind == RECORD_LIVE)
            return rc;
    }
    rows_close(rows);
    return rc;
}

void rows_close(struct rows *rows)
{
    while (rows->n)
        cursor_close(rows->strands[--rows->n].cursor);
}

/* ---- Referrers ------------------------------------------------------------------ */

struct referrers {
    struct records *records;
    struct cursor *cursor;
    struct key prefix, last;
};

ouse_rc referrers_open(struct records *records, struct txn *txn, uint32_t target, struct ouse_str id,
                       const struct collection *collection, const struct field *field, struct arena *arena,
                       struct referrers **referrers)
{
    struct referrers *r = arena_zero(arena, sizeof *r);
    r->records = records;
    key_init(&r->prefix);
    key_u32(&r->prefix, target);
    key_bytes(&r->prefix, id);
    key_byte(&r->prefix, 0);
    if (collection)
        key_u32(&r->prefix, collection->number);
    if (collection && field)
        key_u32(&r->prefix, field->number);
    r->last = r->prefix;
    *referrers = r;
    return cursor_open(txn, DB_REFERENCES, &r->cursor);
}

static const struct field *numbered_field(const struct collection *collection, uint32_t number)
{
    if (number == SOURCES_NUMBER)
        return collection->sources;
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (collection->fields[i].number == number)
            return &collection->fields[i];
    return NULL;
}

ouse_rc referrers_next(struct referrers *referrers, struct referrer *referrer)
{
    struct ouse_str found, value, last = key_str(&referrers->last);
    struct key_reference parts;
    ouse_rc rc = referrers->cursor ? cursor_seek(referrers->cursor, last, &found, &value) : OUSE_E_NOT_FOUND;
    if (!rc && ouse_same(found, last))
        rc = cursor_next(referrers->cursor, &found, &value);
    if (!rc && !key_has_prefix(found, key_str(&referrers->prefix)))
        rc = OUSE_E_NOT_FOUND;
    if (rc) {
        referrers_close(referrers);
        return rc;
    }
    key_init(&referrers->last);
    key_bytes(&referrers->last, found);
    if (key_read_reference(key_str(&referrers->last), &parts))
        return OUSE_E_INTERNAL;
    referrer->collection_number = parts.collection;
    referrer->field_number = parts.field;
    referrer->collection = schema_numbered(referrers->records->schema, parts.collection);
    referrer->field = referrer->collection ? numbered_field(referrer->collection, parts.field) : NULL;
    referrer->id = parts.id;
    return OUSE_OK;
}

void referrers_close(struct referrers *referrers)
{
    if (referrers->cursor)
        cursor_close(referrers->cursor);
    referrers->cursor = NULL;
}
