/* query: lists of records, at the cost of what is read.
 *
 *     first term ──> cursor over its ids, ascending ──> probe the other terms
 *                                                       (one key look-up each)
 *                                                    ──> the record
 *
 * A term is a fixed prefix of index or reference keys under which ids are in
 * order, so a page begins by one seek behind the last id of the page before.
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

struct rows {
    struct query query;
    struct txn *txn;
    struct cursor *cursor;
    enum engine_db db;
    struct key prefix, last; /* of the driving keys; where the cursor was */
};

/* The key of a term for one id; with an empty id, the prefix of all of them. */
static void term_key(const struct rows *rows, const struct query_term *term, struct ouse_str id,
                     struct key *key)
{
    if (!term->index)
        key_reference(key, term->target, term->entry, rows->query.collection->number, term->field->number,
                      id);
    else if (id.n)
        key_index(key, term->index->number, term->entry, id);
    else
        key_index_prefix(key, term->index->number, term->entry);
}

static void driving_key(const struct rows *rows, struct ouse_str id, struct key *key)
{
    if (rows->query.n_terms)
        term_key(rows, &rows->query.terms[0], id, key);
    else
        key_record(key, rows->query.collection->number, id);
}

static struct ouse_str id_of(const struct rows *rows, struct ouse_str key)
{
    struct ouse_str id = {key.p + rows->prefix.n, key.n - rows->prefix.n};
    if (rows->db != DB_INDEXES)
        return id;
    id = key_index_id(key);
    if (key.n != rows->prefix.n + id.n + KEY_INDEX_END) /* another entry that begins alike */
        id.p = NULL;
    return id;
}

ouse_rc rows_open(struct txn *txn, const struct query *query, struct arena *arena, struct rows **rows)
{
    struct rows *r = arena_zero(arena, sizeof *r);
    struct ouse_str none = {"", 0};
    r->query = *query;
    r->txn = txn;
    r->db = !query->n_terms ? DB_RECORDS : query->terms[0].index ? DB_INDEXES : DB_REFERENCES;
    r->query.after = arena_copy(arena, query->after);
    driving_key(r, none, &r->prefix);
    driving_key(r, query->after.p ? query->after : none, &r->last);
    *rows = r;
    return cursor_open(txn, r->db, &r->cursor);
}

/* The first driving key behind rows->last. Seeks anew each time: the caller may
 * have written since, and a seek costs little beside what is done with a row. */
static ouse_rc step(struct rows *rows, struct ouse_str *id)
{
    struct ouse_str found, value, last = key_str(&rows->last);
    ouse_rc rc = cursor_seek(rows->cursor, last, &found, &value);
    if (!rc && rows->last.n > rows->prefix.n && ouse_same(found, last))
        rc = cursor_next(rows->cursor, &found, &value);
    if (!rc && !key_has_prefix(found, key_str(&rows->prefix)))
        rc = OUSE_E_NOT_FOUND;
    if (rc)
        return rc;
    key_init(&rows->last);
    key_bytes(&rows->last, found);
    *id = id_of(rows, key_str(&rows->last));
    return OUSE_OK;
}

static ouse_rc matches(struct rows *rows, struct ouse_str id, struct record *record)
{
    struct ouse_str value;
    struct key key;
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 1; i < rows->query.n_terms && !rc; i++) {
        const struct query_term *term = &rows->query.terms[i];
        term_key(rows, term, id, &key);
        rc = txn_get(rows->txn, term->index ? DB_INDEXES : DB_REFERENCES, key_str(&key), &value);
    }
    if (!rc)
        rc = record_get(rows->txn, rows->query.collection, id, rows->query.role, record);
    return !rc && record->kind != RECORD_LIVE ? OUSE_E_NOT_FOUND : rc;
}

ouse_rc rows_next(struct rows *rows, struct record *record)
{
    struct ouse_str id;
    ouse_rc rc;
    if (!rows->cursor)
        return OUSE_E_NOT_FOUND;
    while (!(rc = step(rows, &id))) {
        if (!id.p)
            continue;
        rc = matches(rows, id, record);
        if (rc != OUSE_E_NOT_FOUND)
            return rc;
    }
    rows_close(rows);
    return rc;
}

void rows_close(struct rows *rows)
{
    if (rows->cursor)
        cursor_close(rows->cursor);
    rows->cursor = NULL;
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
