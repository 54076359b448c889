/* groups: the entries of an index, in the order of a query; the records of each are rows. */
#include "join.h"

/* Whether ranges are in the order of the texts: several may not part entries that share a head. */
static int are_in_order(const struct query_term *term)
{
    for (uint32_t i = 0; term->n_ranges > 1 && i < term->n_ranges; i++)
        if (schema_orders_text(term->field) && term->ranges[i].from.n >= SCHEMA_TEXT_HEAD)
            return 0;
    return 1;
}

/* Where the order's field has one value at most, a term on it narrows the index. */
static const struct query_term *narrowing(const struct rows *rows)
{
    for (uint32_t i = 0; i < rows->n_terms; i++)
        if (rows->terms[i].field == rows->orders->field && !rows->terms[i].through &&
            !field_is_list(rows->orders->field) && are_in_order(&rows->terms[i]))
            return &rows->terms[i];
    return NULL;
}

/* Whether a record may have several keys in the order's index, and is sorted by one of them: those of
 * `updated` are of different audiences. */
static int has_several(const struct field *field)
{
    return field_is_list(field) || field_is_updated(field);
}

static int is_nothing(const struct query_range *range)
{
    return ouse_same(range->from, NOTHING);
}

static int is_veiled(const struct rows *rows)
{
    return hiding_veils(rows->reader->hiding, rows->orders->field);
}

/* The parts of the index in the order in which they are walked: NOTHING last. */
static void set_parts(struct rows *rows)
{
    const struct query_range all[] = {{{"", 0}, NOTHING}, {NOTHING, {NULL, 0}}};
    const struct query_term *term = narrowing(rows);
    const struct query_range *ranges = term ? term->ranges : all;
    uint32_t n = term ? term->n_ranges : 2, n_values = n - (n && is_nothing(&ranges[n - 1]));
    struct query_range *parts = arena_alloc(rows->reader->arena, n * sizeof *parts);
    for (uint32_t i = 0; i < n; i++)
        parts[i] = ranges[rows->orders->descending && i < n_values ? n_values - 1 - i : i];
    rows->parts = parts;
    rows->n_parts = n;
    rows->part = 0;
}

/* Whether a part is wholly in front of an entry. */
static int is_passed(const struct rows *rows, const struct query_range *part, struct ouse_str entry)
{
    if (is_nothing(part))
        return 0;
    if (ouse_same(entry, NOTHING))
        return 1;
    return rows->orders->descending ? key_order(part->from, entry) > 0 : key_order(part->to, entry) <= 0;
}

static void set_entry(struct rows *rows, struct ouse_str entry)
{
    memcpy(rows->entry_bytes[0], entry.p, entry.n);
    memcpy(rows->entry_bytes[1], entry.p, entry.n);
    rows->entry.from = (struct ouse_str){rows->entry_bytes[0], entry.n};
    rows->entry.to = bytes_behind(rows->entry_bytes[1], entry.n);
}

/* Opens the rows of the entry, with one order fewer and the entry as a further predicate. */
static ouse_rc open_group(struct rows *rows, struct ouse_str after)
{
    const struct query_order *order = rows->orders;
    struct rows *group = rows->group;
    if (!group)
        group = rows->group = arena_zero(rows->reader->arena, sizeof *group);
    group->reader = rows->reader;
    group->collection = rows->collection;
    memcpy(group->terms, rows->terms, rows->n_terms * sizeof *rows->terms);
    group->terms[rows->n_terms] = (struct query_term){.field = order->field,
                                                      .index = order->index,
                                                      .ranges = &rows->entry,
                                                      .n_ranges = 1,
                                                      .exact = 1,
                                                      .veiled = is_veiled(rows),
                                                      .led = has_several(order->field) ? order : NULL};
    group->n_terms = rows->n_terms + 1;
    group->orders = order + 1;
    group->n_orders = rows->n_orders - 1;
    group->after = after;
    group->begin = rows->begin;
    return group->begin(group);
}

static ouse_rc groups_open(struct rows *rows)
{
    struct ouse_str rest = rows->after, entry;
    set_parts(rows);
    rows->entry.from = (struct ouse_str){NULL, 0};
    if (!rest.n)
        return OUSE_OK;
    entry = position_split(&rest);
    while (rows->part < rows->n_parts && is_passed(rows, &rows->parts[rows->part], entry))
        rows->part++;
    set_entry(rows, entry);
    return open_group(rows, rest);
}

/* The key in front of which an entry, or the end of the index, begins. */
static void edge(const struct rows *rows, struct ouse_str entry, struct key *key)
{
    key_index_prefix(key, rows->orders->index->number + !entry.p, entry);
}

/* Whether the entries that share a head with one are those that were read. */
static int are_read(const struct rows *rows, struct ouse_str entry)
{
    return rows->tied && memcmp(rows->tied->head.p, entry.p, SCHEMA_TEXT_HEAD) == 0;
}

/* The next of the entries that share a head with `near`, after the one that there is, if that is one of them;
 * OUSE_E_NOT_FOUND after the last. */
static ouse_rc next_tied(struct rows *rows, const struct query_range *part, struct ouse_str near,
                         int is_begun, struct ouse_str *entry)
{
    struct reader *reader = rows->reader;
    const struct query_order *order = rows->orders;
    if (!rows->tied)
        rows->tied = arena_zero(reader->arena, sizeof *rows->tied);
    if (!rows->tied->head.p || !are_read(rows, near)) {
        ouse_rc rc = tied_read(reader, rows->collection, order->index, near, part, rows->tied);
        if (rc)
            return rc;
    }
    const struct tied *tied = rows->tied;
    uint32_t low = 0, high = tied->n;
    while (is_begun && low < high) { /* the first that is after it or, descending, that is not before it */
        uint32_t middle = (low + high) / 2;
        int after =
            entry_order(reader, rows->collection, order->index, tied->at[middle].entry, rows->entry.from);
        if (order->descending ? after >= 0 : after > 0)
            high = middle;
        else
            low = middle + 1;
    }
    uint32_t next = !order->descending ? low : is_begun ? low - 1 : tied->n - 1;
    if (next >= tied->n)
        return OUSE_E_NOT_FOUND;
    *entry = tied->at[next].entry;
    return OUSE_OK;
}

/* Finds the entry of the next key of the part, after the current one or, without one, from its
 * beginning. If keys may be hidden, there is an entry NOTHING, whether it has keys or not. */
static ouse_rc find(struct rows *rows, const struct query_range *part, struct ouse_str *entry)
{
    struct ouse_str from = part->from, to = part->to, found;
    struct key_span span = {.db = DB_INDEXES};
    int descending = rows->orders->descending && !is_nothing(part);
    if (is_nothing(part) && is_veiled(rows)) {
        *entry = NOTHING;
        return rows->entry.from.p ? OUSE_E_NOT_FOUND : OUSE_OK;
    }
    struct query_range passed = rows->entry;
    if (passed.from.p && schema_is_cut(passed.from)) {
        ouse_rc rc = next_tied(rows, part, passed.from, 1, entry);
        if (rc != OUSE_E_NOT_FOUND)
            return rc;
        passed = tie_range(rows->reader->arena, passed.from);
    }
    if (passed.from.p && descending)
        to = passed.from;
    else if (passed.from.p)
        from = passed.to;
    edge(rows, from, &span.from);
    edge(rows, to, &span.to);
    ouse_rc rc = span_edge(rows->reader, &span, descending, &found);
    if (rc)
        return rc;
    *entry = key_index_entry(found);
    if (!schema_is_cut(*entry))
        return OUSE_OK;
    found = arena_copy(rows->reader->arena, *entry);
    return next_tied(rows, part, found, 0, entry);
}

static ouse_rc next_group(struct rows *rows)
{
    for (; rows->part < rows->n_parts; rows->part++) {
        struct ouse_str entry;
        ouse_rc rc = find(rows, &rows->parts[rows->part], &entry);
        if (!rc) {
            set_entry(rows, entry);
            return open_group(rows, (struct ouse_str){NULL, 0});
        }
        if (rc != OUSE_E_NOT_FOUND)
            return rc;
        rows->entry.from.p = NULL;
    }
    return OUSE_E_NOT_FOUND;
}

static ouse_rc groups_next(struct rows *rows, struct record *record)
{
    for (;;) {
        ouse_rc rc = rows->entry.from.p ? rows->group->way->next(rows->group, record) : OUSE_E_NOT_FOUND;
        if (rc != OUSE_E_NOT_FOUND || rows->reader->cut)
            return rc;
        rc = next_group(rows);
        if (rc)
            return rc;
        rows->reader->moved = 1;
        rc = reader_step(rows->reader);
        if (rc)
            return rc;
    }
}

static struct ouse_str groups_position(const struct rows *rows, struct arena *arena)
{
    if (!rows->entry.from.p)
        return arena_copy(arena, rows->after);
    return position_join(rows->entry.from, rows->group->way->position(rows->group, arena), arena);
}

const struct rows_way rows_groups = {groups_open, groups_next, groups_position};
