/* aggregate: see aggregate.h. */
#include "aggregate.h"
#include "../../base/json_slice.h"
#include "../../query/group_cache.h"
#include "../../query/scan.h"
#include <stdlib.h>

#define RECORD_VALUES 1000 /* the most that a list has */

/* The entries of one field of a record, their values, and the common part of equal ones. */
struct listing {
    struct arena *arena;
    const struct field *field;
    struct ouse_str entries[RECORD_VALUES], values[RECORD_VALUES]; /* no text: nothing */
    struct ouse_str classes[RECORD_VALUES];
    uint32_t n;
};

/* A field that groups or sums records, and the value of the present record. */
struct column {
    struct ouse_str name, has; /* JSON; no text: nothing */
};

struct tallying {
    struct tally *tally;
    struct column *columns; /* of all tallies */
    uint32_t n_columns;
    struct arena *arena; /* of the tallies */
    struct problem *problem;
    uint64_t left; /* of TALLY_COUNTS */
    struct deadline *deadline;
    struct listing listings[TALLY_FIELDS]; /* of the record; so are the numbers that are summed */
    int64_t numbers[TALLY_FIELDS];
    int known[TALLY_FIELDS];
    struct tally_row *rows[ALIKE_ROWS]; /* that the record was counted in so far; of more, the first */
    uint32_t n_rows;
    struct ouse_str values[TALLY_FIELDS]; /* one of each field, on the way to a row */
    struct ouse_str entries[TALLY_FIELDS];
    char key[TALLY_FIELDS * SCHEMA_KEY_MAX];
};

/* ---- Rows ------------------------------------------------------------------------- */

/* Where the row of a key is, or would be. */
static uint32_t place_of(const struct tally *tally, struct ouse_str key)
{
    uint32_t low = 0, high = tally->n_rows;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (key_order(tally->rows[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct tally_row *make_row(struct tallying *at, uint32_t place, struct ouse_str key)
{
    struct tally *tally = at->tally;
    struct tally_row *row = arena_zero(at->arena, sizeof *row);
    tally->rows = arena_more(at->arena, tally->rows, tally->n_rows, &tally->room, sizeof *tally->rows);
    memmove(tally->rows + place + 1, tally->rows + place, (tally->n_rows++ - place) * sizeof *tally->rows);
    tally->rows[place] = row;
    row->key = arena_copy(at->arena, key);
    for (uint32_t i = 0; i < tally->n_by; i++) {
        row->values[i] = arena_copy(at->arena, at->values[i]);
        row->entries[i] = arena_copy(at->arena, at->entries[i]);
    }
    return row;
}

/* ---- Columns ------------------------------------------------------------------------ */

static struct column *column_of(const struct tallying *at, const struct field *field)
{
    for (uint32_t i = 0; i < at->n_columns; i++)
        if (at->columns[i].name.p == field->is.name)
            return &at->columns[i];
    return NULL;
}

static void add_columns(struct tallying *at, const struct field *const *fields, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!column_of(at, fields[i]))
            at->columns[at->n_columns++].name = ouse_s(fields[i]->is.name);
}

/* Scans a record once for all columns. */
static void read_columns(struct tallying *at, struct ouse_str record)
{
    struct ouse_str name, value;
    uint32_t missing = at->n_columns;
    for (uint32_t i = 0; i < at->n_columns; i++)
        at->columns[i].has = (struct ouse_str){NULL, 0};
    while (missing && json_cut_member(&record, &name, &value))
        for (uint32_t i = 0; i < at->n_columns; i++)
            if (ouse_same(at->columns[i].name, name)) {
                at->columns[i].has = value;
                missing--;
            }
}

/* ---- Sums --------------------------------------------------------------------------- */

/* A number as it is summed; whether the record has one. */
static int number_of(const struct tallying *at, const struct field *field, int64_t *number)
{
    struct ouse_str text = column_of(at, field)->has;
    if (!text.p || !(*text.p == '-' || (*text.p >= '0' && *text.p <= '9')))
        return 0;
    double value = strtod(text.p, NULL); /* it ends at the comma or bracket after it */
    if (field->is.type == OUSE_MONEY)
        return schema_pence(value, number) == 0;
    *number = (int64_t)value;
    return 1;
}

static ouse_rc add_sums(struct tallying *at, struct tally_row *row)
{
    for (uint32_t i = 0; i < at->tally->n_sums; i++) {
        if (!at->known[i])
            continue;
        row->known[i]++;
        if (__builtin_add_overflow(row->sums[i], at->numbers[i], &row->sums[i]))
            return problem_fail(at->problem, OUSE_E_REQUEST, "The sum of %s is too large to be exact",
                                at->tally->sums[i]->is.name);
    }
    return OUSE_OK;
}

static ouse_rc too_much(struct problem *problem)
{
    return problem_fail(problem, OUSE_E_REQUEST, "Too many records to count in one request; add a filter");
}

static ouse_rc count_in(struct tallying *at, struct tally_row *row)
{
    if (at->left-- == 0)
        return too_much(at->problem);
    if (deadline_over(at->deadline, 1))
        return deadline_fail(at->deadline, at->problem);
    row->count++;
    return add_sums(at, row);
}

static ouse_rc add_row(struct tallying *at, uint32_t n)
{
    struct ouse_str key = {at->key, n};
    uint32_t place = place_of(at->tally, key);
    struct tally_row *row = place < at->tally->n_rows && ouse_same(at->tally->rows[place]->key, key)
                                ? at->tally->rows[place]
                                : NULL;
    if (!row && at->tally->n_rows == TALLY_ROWS)
        return problem_fail(at->problem, OUSE_E_REQUEST,
                            "There are more than %d different values; add a filter", TALLY_ROWS);
    if (!row)
        row = make_row(at, place, key);
    if (at->n_rows < ALIKE_ROWS)
        at->rows[at->n_rows] = row;
    at->n_rows++;
    return count_in(at, row);
}

/* ---- Values ---------------------------------------------------------------------------- */

static void list_entry(void *arg, struct ouse_str entry)
{
    struct listing *listing = arg;
    if (listing->n == RECORD_VALUES)
        return;
    entry = arena_copy(listing->arena, entry);
    listing->values[listing->n] = (struct ouse_str){NULL, 0};
    listing->classes[listing->n] = listing->entries[listing->n] = entry;
    if (schema_orders_text(listing->field)) {
        struct text_class class;
        schema_text_class(entry, &class);
        listing->classes[listing->n] = arena_copy(listing->arena, (struct ouse_str){class.at, class.n});
    }
    listing->n++;
}

static void list_values(struct listing *listing, struct arena *arena, const struct record *record,
                        const struct field *field, struct ouse_str text)
{
    cJSON *value = text.p ? json_parse_trusted(arena, text) : NULL;
    uint32_t i = 0;
    listing->arena = arena;
    listing->field = field;
    listing->n = 0;
    record_entries(record, field, list_entry, listing);
    for (const cJSON *c = field_is_list(field) && value ? value->child : value; c && i < listing->n;
         c = field_is_list(field) ? c->next : NULL) {
        struct buffer out;
        buffer_init(&out, UINT16_MAX);
        json_print(&out, c);
        listing->values[i++] = arena_copy(listing->arena, buffer_view(&out));
        buffer_finish(&out);
    }
}

/* Every combination of the values of the fields from `i` on. */
static ouse_rc add_values(struct tallying *at, uint32_t i, uint32_t n)
{
    if (i == TALLY_FIELDS || i == at->tally->n_by)
        return add_row(at, n);
    const struct listing *listing = &at->listings[i];
    ouse_rc rc = OUSE_OK;
    for (uint32_t k = 0; k < listing->n && !rc; k++) {
        memcpy(at->key + n, listing->classes[k].p, listing->classes[k].n);
        at->values[i] = listing->values[k];
        at->entries[i] = listing->entries[k];
        rc = add_values(at, i + 1, n + listing->classes[k].n);
    }
    return rc;
}

/* Reads the values of a record in the fields, and counts it for each of them. */
static ouse_rc add_read(struct tallying *at, const struct record *record)
{
    struct arena once = {0};
    at->n_rows = 0;
    for (uint32_t i = 0; i < at->tally->n_by; i++)
        list_values(&at->listings[i], &once, record, at->tally->by[i], column_of(at, at->tally->by[i])->has);
    ouse_rc rc = add_values(at, 0, 0);
    arena_finish(&once);
    return rc;
}

/* ---- Records that are alike -------------------------------------------------------------- */

/* Writes the bytes of a record in the fields; the buffer overflows if they are too long to cache. */
static void write_had(const struct tallying *at, struct buffer *had)
{
    for (uint32_t i = 0; i < at->tally->n_by; i++) {
        buffer_str(had, column_of(at, at->tally->by[i])->has);
        buffer_byte(had, 0);
    }
}

static ouse_rc add_alike(struct tallying *at, const struct alike_entry *entry)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < entry->n_rows && !rc; i++)
        rc = count_in(at, entry->rows[i]);
    return rc;
}

static ouse_rc add_as_known(struct tallying *at, const struct record *record)
{
    char bytes[ALIKE_BYTES];
    struct buffer had = {.at = bytes, .room = sizeof bytes, .cap = sizeof bytes};
    write_had(at, &had);
    const struct alike_entry *entry = had.overflow ? NULL : alike_find(at->tally->alike, buffer_view(&had));
    if (entry)
        return add_alike(at, entry);
    ouse_rc rc = add_read(at, record);
    if (!rc && !had.overflow && at->n_rows <= ALIKE_ROWS)
        alike_add(at->tally->alike, buffer_view(&had), at->rows, at->n_rows);
    return rc;
}

/* Counts one record. */
static ouse_rc add_record(struct tallying *at, const struct record *record)
{
    for (uint32_t i = 0; i < at->tally->n_sums; i++)
        at->known[i] = number_of(at, at->tally->sums[i], &at->numbers[i]);
    return add_as_known(at, record);
}

/* Counts records while the query has steps, and then moves its position after them. Stores whether
 * these were all. */
static ouse_rc count_some(struct tallying *at, struct txn *txn, struct query *query, struct tally *tallies,
                          uint32_t n, int *all)
{
    struct record record;
    struct rows *rows;
    ouse_rc rc = rows_open(txn, query, at->arena, &rows);
    if (rc)
        return rc;
    while (!(rc = rows_next(rows, &record))) {
        read_columns(at, record.json);
        for (uint32_t i = 0; i < n; i++) {
            at->tally = &tallies[i];
            rc = add_record(at, &record);
            if (rc)
                return rc;
        }
    }
    *all = !rows_cut(rows);
    if (!*all)
        query->after = rows_position(rows, at->arena);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* ---- The order of rows ------------------------------------------------------------------ */

/* A row, with the sort keys of texts with only a head in the index. */
struct ordered {
    struct tally_row *row;
    struct ouse_str texts[TALLY_FIELDS];
};

static int compare_ordered(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    for (uint32_t i = 0; i < TALLY_FIELDS && x->row->entries[i].p; i++) {
        int order = x->texts[i].p && y->texts[i].p ? key_order(x->texts[i], y->texts[i]) : 0;
        if (!order)
            order = key_order(x->row->entries[i], y->row->entries[i]);
        if (order)
            return order;
    }
    return 0;
}

/* Rows are found by their keys, which do not order texts; at the end they are put into order. */
static void order_rows(struct tallying *at, struct tally *tally)
{
    struct ordered *ordered = arena_zero(at->arena, (tally->n_rows + 1) * sizeof *ordered);
    for (uint32_t i = 0; i < tally->n_rows; i++) {
        struct tally_row *row = ordered[i].row = tally->rows[i];
        for (uint32_t k = 0; k < tally->n_by; k++)
            if (row->values[k].p && schema_is_cut(row->entries[k])) {
                const cJSON *text = json_parse_trusted(at->arena, row->values[k]);
                ordered[i].texts[k] = schema_text_order(at->arena, json_text(text));
            }
    }
    if (tally->n_rows > 1)
        qsort(ordered, tally->n_rows, sizeof *ordered, compare_ordered);
    for (uint32_t i = 0; i < tally->n_rows; i++)
        tally->rows[i] = ordered[i].row;
}

static struct tallying *begin(struct arena *arena, struct tally *tallies, uint32_t n, struct problem *problem)
{
    struct tallying *at = arena_alloc(arena, sizeof *at);
    at->arena = arena;
    at->problem = problem;
    at->left = TALLY_COUNTS;
    at->columns = arena_alloc(arena, n * 2 * TALLY_FIELDS * sizeof *at->columns);
    at->n_columns = 0;
    for (uint32_t i = 0; i < n; i++) {
        tallies[i].alike = alike_create(arena);
        add_columns(at, tallies[i].by, tallies[i].n_by);
        add_columns(at, tallies[i].sums, tallies[i].n_sums);
    }
    return at;
}

ouse_rc query_tally(struct txn *txn, const struct query *query, struct arena *arena, struct tally *tallies,
                    uint32_t n, const struct tally_leave *leave, struct problem *problem)
{
    struct tallying *at = begin(arena, tallies, n, problem);
    struct query some = *query;
    int all = 0;
    at->deadline = query->deadline;
    some.n_orders = 0;
    some.after = (struct ouse_str){NULL, 0};
    ouse_rc rc = count_some(at, txn, &some, tallies, n, &all);
    if (!rc && !all) {
        some.steps = TALLY_STEPS;
        rc = leave->ask(leave->arg);
        if (!rc)
            rc = count_some(at, txn, &some, tallies, n, &all);
    }
    if (!problem->rc && (rc || !all) && deadline_over(at->deadline, 0))
        deadline_fail(at->deadline, problem);
    if (problem->rc)
        return problem->rc;
    if (rc)
        return problem_fail(problem, rc, "The records cannot be counted");
    for (uint32_t i = 0; i < n; i++)
        order_rows(at, &tallies[i]);
    return all ? OUSE_OK : too_much(problem);
}
