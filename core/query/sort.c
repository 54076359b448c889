/* sort: the orders of a query, and positions in them.
 *
 * A record without a value comes last, whichever way the order goes; one with
 * several values has the place of the one that comes first.
 */
#include "../base/text.h"
#include "join.h"

/* ---- Orders ------------------------------------------------------------------ */

struct leading {
    struct reader *reader;
    const struct collection *collection;
    const struct query_order *order;
    struct arena *arena;
    struct ouse_str entry;
};

static void lead(void *arg, struct ouse_str entry)
{
    struct leading *leading = arg;
    int order = leading->entry.p ? entry_order(leading->reader, leading->collection, leading->order->index,
                                               entry, leading->entry)
                                 : -1;
    if (!leading->entry.p || (leading->order->descending ? order > 0 : order < 0))
        leading->entry = arena_copy(leading->arena, entry);
}

struct ouse_str order_entry(struct reader *reader, const struct query_order *order,
                            const struct record *record, struct arena *arena)
{
    struct leading leading = {
        .reader = reader, .collection = record->collection, .order = order, .arena = arena};
    record_entries(record, order->field, lead, &leading);
    return leading.entry;
}

static int sorts(const struct collection *collection, const struct field *field, uint32_t role)
{
    return field->is.visibility <= role && field_index(collection, field) != NULL;
}

static ouse_rc add_order(struct query *query, struct arena *arena, struct ouse_str name,
                         struct problem *problem)
{
    int descending = name.n && *name.p == '-';
    struct query_order order = {.descending = descending};
    name.p += descending;
    name.n -= (uint32_t)descending;
    order.field = schema_asked(query->collection, name);
    if (!order.field || !sorts(query->collection, order.field, query->role))
        return query_refuse(query->collection, query->role, sorts, "sorted", "unknown_field", name, arena,
                            problem);
    order.index = field_index(query->collection, order.field);
    for (uint32_t i = 0; i < query->n_orders; i++)
        if (query->orders[i].field == order.field)
            return problem_add(problem, OUSE_E_REQUEST, "", "value", "sort has %s twice",
                               order.field->is.name);
    if (query->n_orders == QUERY_SORTS)
        return problem_add(problem, OUSE_E_REQUEST, "", "too_many", "sort accepts at most %d fields",
                           QUERY_SORTS);
    query->orders[query->n_orders++] = order;
    return OUSE_OK;
}

ouse_rc query_sort(struct query *query, struct arena *arena, struct ouse_str text, struct problem *problem)
{
    struct ouse_str name;
    ouse_rc rc = OUSE_OK;
    while (!rc && text_cut(&text, ',', &name))
        rc = add_order(query, arena, name, problem);
    return rc;
}

/* ---- Positions ------------------------------------------------------------------ */

struct ouse_str position_join(struct ouse_str entry, struct ouse_str rest, struct arena *arena)
{
    char *at = arena_alloc(arena, 2 + entry.n + rest.n);
    at[0] = (char)(entry.n >> 8);
    at[1] = (char)(entry.n & 0xff);
    memcpy(at + 2, entry.p, entry.n);
    if (rest.n)
        memcpy(at + 2 + entry.n, rest.p, rest.n);
    return (struct ouse_str){at, 2 + entry.n + rest.n};
}

struct ouse_str position_split(struct ouse_str *position)
{
    const unsigned char *at = (const unsigned char *)position->p;
    struct ouse_str entry = {NULL, position->n >= 2 ? (uint32_t)at[0] << 8 | at[1] : 0};
    if (position->n < 2 + entry.n)
        return (struct ouse_str){NULL, 0};
    entry.p = position->p + 2;
    position->p += 2 + entry.n;
    position->n -= 2 + entry.n;
    return entry;
}

int position_valid(uint32_t n_orders, struct ouse_str position)
{
    for (uint32_t i = 0; i < n_orders && (position.n || i == 0); i++) {
        struct ouse_str entry = position_split(&position);
        if (!entry.p || entry.n == 0 || entry.n > SCHEMA_KEY_MAX)
            return 0;
    }
    return position.n <= SCHEMA_ID_MAX + 1; /* see step_back */
}

struct ouse_str position_of(const struct rows *rows, const struct record *record, struct arena *arena)
{
    struct ouse_str position = record->id;
    for (uint32_t i = rows->n_orders; i-- > 0;)
        position = position_join(order_entry(rows->reader, &rows->orders[i], record, arena), position, arena);
    return position;
}

static int compare_entries(const struct rows *rows, const struct query_order *order, struct ouse_str a,
                           struct ouse_str b)
{
    int nothing = ouse_same(a, NOTHING) - ouse_same(b, NOTHING);
    if (nothing)
        return nothing;
    int ascending = entry_order(rows->reader, rows->collection, order->index, a, b);
    return order->descending ? -ascending : ascending;
}

int position_compare(const struct rows *rows, struct ouse_str a, struct ouse_str b)
{
    for (uint32_t i = 0; i < rows->n_orders && a.n && b.n; i++) {
        struct ouse_str of_a = position_split(&a), of_b = position_split(&b);
        int order = compare_entries(rows, &rows->orders[i], of_a, of_b);
        if (order)
            return order;
    }
    return key_order(a, b);
}
