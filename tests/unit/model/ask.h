/* ask: lists by chance, page by page, against the model's. */
#ifndef TESTS_MODEL_ASK_H
#define TESTS_MODEL_ASK_H

#include "../text_order.h"
#include "acts.h"

enum { TERMS = 3 };

struct asked_term {
    const struct ouse_field *field;
    const char *op;
    const struct sample *sample; /* what it is compared with; */
    const char *said;            /* or of references, the text */
};

static struct {
    uint32_t collection, role, n_terms, n_orders;
    struct asked_term terms[TERMS];
    struct {
        const struct ouse_field *field;
        int descending;
    } orders[TERMS];
    const char *words;
    int64_t as_of;
    const cJSON *shown[ITEMS]; /* what the role sees of each */
} asked;

/* ---- The model's answer -------------------------------------------------------------------- */

static int compares(const struct asked_term *term, const struct sample *is)
{
    const struct sample *than = term->sample;
    int order =
        is_text(term->field) && is->least != than->least ? text_order(is->value->valuestring, than->said) : 0;
    if (is_text(term->field) && strcmp(term->op, "lt") == 0)
        return order < 0;
    if (is_text(term->field) && strcmp(term->op, "lte") == 0)
        return order <= 0;
    if (is_text(term->field) && strcmp(term->op, "gt") == 0)
        return order > 0;
    if (is_text(term->field) && strcmp(term->op, "gte") == 0)
        return order >= 0;
    if (strcmp(term->op, "lt") == 0)
        return is->most < than->least;
    if (strcmp(term->op, "lte") == 0)
        return is->most <= than->most;
    if (strcmp(term->op, "gt") == 0)
        return is->least > than->most;
    if (strcmp(term->op, "gte") == 0)
        return is->least >= than->least;
    return is->least == than->least && is->most == than->most;
}

static int holds(const struct asked_term *term, const cJSON *document)
{
    int any = 0, some = json_member(document, term->field->name) != NULL;
    if (strcmp(term->op, "exists") == 0)
        return some == (strcmp(term->said, "true") == 0);
    for (const cJSON *at = NULL; next_entry(term->field, document, &at);)
        any |= term->sample ? compares(term, sample_of(term->field, at))
                            : strcmp(at->valuestring, term->said) == 0;
    return strcmp(term->op, "ne") == 0 ? some && !any : any;
}

static int compare_samples(const struct ouse_field *field, const struct sample *a, const struct sample *b)
{
    if (is_text(field))
        return text_order(a->value->valuestring, b->value->valuestring);
    return a->least != b->least ? (a->least > b->least) - (a->least < b->least)
                                : (a->most > b->most) - (a->most < b->most);
}

/* The entry by which a record is sorted. */
static const cJSON *leading(const struct ouse_field *field, int descending, const cJSON *document)
{
    const cJSON *leads = NULL;
    for (const cJSON *at = NULL; next_entry(field, document, &at);) {
        int order = !leads ? 0
                    : is_reference(field)
                        ? strcmp(at->valuestring, leads->valuestring)
                        : compare_samples(field, sample_of(field, at), sample_of(field, leads));
        if (!leads || (descending ? order > 0 : order < 0))
            leads = at;
    }
    return leads;
}

static int compare_items(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    for (uint32_t i = 0; i < asked.n_orders; i++) {
        const struct ouse_field *field = asked.orders[i].field;
        const cJSON *of_x = leading(field, asked.orders[i].descending, asked.shown[x]);
        const cJSON *of_y = leading(field, asked.orders[i].descending, asked.shown[y]);
        if (!of_x != !of_y)
            return of_x ? -1 : 1;
        int order = !of_x ? 0
                    : is_reference(field)
                        ? strcmp(of_x->valuestring, of_y->valuestring)
                        : compare_samples(field, sample_of(field, of_x), sample_of(field, of_y));
        if (order)
            return asked.orders[i].descending ? -order : order;
    }
    return strcmp(m.items[x].id, m.items[y].id);
}

static uint32_t expected(uint32_t *found)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m.n_items; i++) {
        const struct version *then = version_at(i, asked.as_of);
        int all = m.items[i].collection == asked.collection && then && then->kind == RECORD_LIVE &&
                  !is_hidden(i, asked.role, asked.as_of);
        if (all)
            asked.shown[i] = redacted(asked.collection, then->document, asked.role, asked.as_of, &f.arena);
        for (uint32_t t = 0; t < asked.n_terms && all; t++)
            all = holds(&asked.terms[t], asked.shown[i]);
        if (all)
            found[n++] = i;
    }
    qsort(found, n, sizeof *found, compare_items);
    return n;
}

/* ---- Asking ------------------------------------------------------------------------------------ */

static int is_filtered(const struct ouse_field *field)
{
    return field->visibility <= asked.role && has_keys(field) &&
           (is_reference(field) || field->type == OUSE_IDS || field->flags & (OUSE_INDEXED | OUSE_UNIQUE));
}

static int is_sorted(const struct ouse_field *field)
{
    return is_filtered(field) && field->type != OUSE_IDS && field->flags & (OUSE_INDEXED | OUSE_UNIQUE);
}

static const char *any_operator(const struct ouse_field *field)
{
    static const char *const ops[] = {"eq", "ne", "exists", "lt", "lte", "gt", "gte"};
    int ordered = !is_reference(field) && field->type != OUSE_BOOL && field->type != OUSE_IDS;
    return ops[chance(ordered ? 7 : 3)];
}

static void ask_term(struct query *query)
{
    struct asked_term *term = &asked.terms[asked.n_terms];
    *term = (struct asked_term){.field = &d.fields[asked.collection][chance(FIELDS)]};
    term->op = any_operator(term->field);
    if (strcmp(term->op, "exists") == 0)
        term->said = chance(2) ? "true" : "false";
    else if (is_reference(term->field))
        term->said = text("%s", keep(any_reference(term->field))->valuestring);
    else
        term->sample = any_good(term->field);
    if (term->sample && !term->sample->said)
        return;
    const char *name = text("%s[%s]", term->field->name, term->op),
               *value = term->sample ? term->sample->said : term->said;
    asked.words = text("%s&%s=%s", asked.words, name, value);
    problem_init(&f.problem, &f.arena);
    ouse_rc rc = query_add(query, &f.arena, ouse_s(name), ouse_s(value), &f.problem);
    if (rc != (is_filtered(term->field) ? OUSE_OK : OUSE_E_REQUEST))
        fail_msg("%s: %d %s", asked.words, (int)rc, told());
    asked.n_terms += rc == OUSE_OK;
}

static void ask_order(struct query *query)
{
    const char *sort = "";
    uint32_t first = chance(FIELDS);
    for (uint32_t n = chance(TERMS), i = 0; i < FIELDS && asked.n_orders < n; i++) {
        const struct ouse_field *field = &d.fields[asked.collection][(first + i) % FIELDS];
        if (!is_sorted(field))
            continue;
        asked.orders[asked.n_orders].field = field;
        asked.orders[asked.n_orders].descending = (int)chance(2);
        sort = text("%s%s%s%s", sort, *sort ? "," : "", asked.orders[asked.n_orders++].descending ? "-" : "",
                    field->name);
    }
    asked.words = text("%s&sort=%s", asked.words, sort);
    if (asked.n_orders && query_sort(query, &f.arena, ouse_s(sort), &f.problem))
        fail_msg("%s: %s", asked.words, told());
}

/* One page; whether the list goes on. */
static int read_page(struct query *query, uint32_t limit, const uint32_t *found, uint32_t n, uint32_t *at)
{
    struct rows *rows;
    struct record record;
    struct txn *txn;
    ouse_rc rc = OUSE_OK;
    assert_int_equal(engine_read(f.engine, &txn), OUSE_OK);
    assert_int_equal(rows_open(txn, query, &f.arena, &rows), OUSE_OK);
    for (uint32_t i = 0; i < limit && !(rc = rows_next(rows, &record)); i++, ++*at)
        if (*at == n || !ouse_is(record.id, m.items[found[*at]].id))
            fail_msg("%s as %u: at %u expected %s, got %.*s", asked.words, asked.role, *at,
                     *at < n ? m.items[found[*at]].id : "the end", OUSE_F(record.id));
    query->after = rows_position(rows, &f.arena);
    int more = !rc || rows_cut(rows);
    rows_close(rows);
    txn_end(txn);
    return more;
}

static void compare_list(uint32_t role)
{
    uint32_t *found = arena_alloc(&f.arena, (m.n_items + 1) * sizeof *found), n, at = 0, pages = 0;
    struct query query;
    asked.role = role;
    asked.collection = chance(d.n);
    asked.n_terms = asked.n_orders = 0;
    asked.as_of = m.n_versions && chance(3) == 0 ? any_instant() : 0;
    asked.words = text("%s?as_of=%lld", collection_names[asked.collection], (long long)asked.as_of);
    query_init(&query, compiled(asked.collection), role);
    query.as_of = asked.as_of;
    for (uint32_t terms = chance(TERMS + 1); terms > 0; terms--)
        ask_term(&query);
    ask_order(&query);
    query.steps = chance(2) ? 0 : 20 + chance(200);
    n = expected(found);
    while (read_page(&query, 1 + chance(20), found, n, &at))
        if (++pages > 2000)
            fail_msg("%s: the pages do not end", asked.words);
    if (at != n)
        fail_msg("%s as %u: expected %u records, got %u", asked.words, role, n, at);
}

#endif
