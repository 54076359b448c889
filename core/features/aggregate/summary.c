/* summary: counts records by the filters of a list, and by the values of fields: in a list, and as
 * GET …/-/summary?group=a,b&sum=amount.
 *
 *     list      "facets":{"state":{"open":5}}, and all of them as page.count
 *     summary   {"data":[{"group":{"a":"x","b":null},"count":2,"sum":{"amount":12.5}}, …],
 *                "total":{"count":9,"sum":{"amount":null}}}
 *
 * null in a group means "unknown"; as a sum, it means that no amount is known. A record with
 * several values is in several groups, and once in the total.
 *
 * If the records of a collection have a currency, the sums of their amounts are also in
 *
 *     "currencies":{"amount":{"GBP":3000000,"EUR":12.5}}
 *
 * and `sum` is null if there are several currencies. */
#include "../features.h"
#include "aggregate.h"
#include <assert.h>
#include <stdlib.h>

enum {
    GROUPS_MAX = 1000,
    GROUP_FIELDS = TALLY_FIELDS - 1, /* the last one is for the currency */
    CURRENCIES_MAX = 250,
    FACETS_MAX = 8,
    VALUES_MAX = 100, /* of a facet: those with most records */
    FEW = 100         /* keys that are looked at to count a few */
};

/* ---- Tallies of a request ---------------------------------------------------------- */

struct counts {
    struct tally tallies[1 + FACETS_MAX]; /* all records, then those by each facet, or by the group */
    uint32_t n;
    int asked;     /* for the number of all records */
    int few, many; /* to be counted where that costs little; and it costs more, so nothing was counted */
};

static const struct page_part counts_part;

static struct counts *counts_of(struct question *question)
{
    struct counts *counts = question_extra(question, &counts_part, sizeof *counts);
    counts->n = counts->n ? counts->n : 1;
    return counts;
}

static struct tally *add_tallies(struct counts *counts, uint32_t n)
{
    assert(counts->n + n <= 1 + FACETS_MAX);
    counts->n += n;
    return &counts->tallies[counts->n - n];
}

static ouse_rc count_read(struct question *question, struct ouse_str text)
{
    struct counts *counts = counts_of(question);
    counts->asked = 1;
    counts->few = ouse_is(text, "few");
    return counts->few || ouse_is(text, "exact")
               ? OUSE_OK
               : problem_fail(question->request->problem, OUSE_E_REQUEST,
                              "count is \"exact\", \"few\" or absent, not \"%.*s\"", OUSE_F(text));
}

static ouse_rc facet_read(struct question *question, struct ouse_str text)
{
    const struct field *fields[FACETS_MAX];
    uint32_t n;
    ouse_rc rc = question_fields(question, text, "facet", query_filters, fields, FACETS_MAX, &n);
    struct tally *facets = rc ? NULL : add_tallies(counts_of(question), n);
    for (uint32_t i = 0; i < n && !rc; i++)
        facets[i] = (struct tally){.by = {fields[i]}, .n_by = 1};
    return rc;
}

static ouse_rc group_read(struct question *question, struct ouse_str text)
{
    struct tally *groups = add_tallies(counts_of(question), 1);
    return question_fields(question, text, "group", query_filters, groups->by, GROUP_FIELDS, &groups->n_by);
}

static int can_sum(const struct collection *collection, const struct field *field, uint32_t role)
{
    (void)collection;
    return field->is.visibility <= role && (field->is.type == OUSE_MONEY || field->is.type == OUSE_INT);
}

static ouse_rc sum_read(struct question *question, struct ouse_str text)
{
    struct counts *counts = counts_of(question);
    ouse_rc rc = OUSE_OK;
    for (struct tally *tally = counts->tallies; tally < counts->tallies + 2 && !rc; tally++)
        rc = question_fields(question, text, "sum", can_sum, tally->sums, TALLY_FIELDS, &tally->n_sums);
    return rc;
}

/* Leave to look at more than a page costs: such questions have a lane. */
static ouse_rc enter(void *request)
{
    return http_enter(request, HTTP_QUESTIONS);
}

/* Leave that is not given: there are more than a few. */
static ouse_rc stop(void *arg)
{
    (void)arg;
    return OUSE_E_BUSY;
}

static ouse_rc count_few(struct question *question, struct counts *counts, struct txn *txn)
{
    static const struct tally_leave none = {stop, NULL};
    struct arena *arena = question->request->arena;
    struct query query = question->query;
    struct problem unsaid;
    problem_init(&unsaid, arena);
    query.steps = FEW;
    struct tally all = {.n_by = 0}; /* by keys alone, before records are read for the other tallies */
    ouse_rc rc = query_tally(txn, &query, arena, &all, 1, &none, &unsaid);
    if (!rc)
        rc = query_tally(txn, &query, arena, counts->tallies, counts->n, &none, &unsaid);
    counts->many = rc == OUSE_E_BUSY || rc == OUSE_E_REQUEST;
    return rc && !counts->many ? problem_fail(question->request->problem, rc, "%.*s", OUSE_F(unsaid.detail))
                               : OUSE_OK;
}

static ouse_rc counts_make(struct question *question, struct txn *txn, void *state)
{
    struct counts *counts = state;
    if (counts->few)
        return count_few(question, counts, txn);
    const struct tally_leave leave = {enter, question->request};
    return query_tally(txn, &question->query, question->request->arena, counts->tallies, counts->n, &leave,
                       question->request->problem);
}

/* ,"count":7 */
static void counts_page(const void *state, struct buffer *out)
{
    const struct counts *counts = state;
    const struct tally *all = &counts->tallies[0];
    if (counts->asked && !counts->many)
        buffer_printf(out, ",\"count\":%llu", (unsigned long long)(all->n_rows ? all->rows[0]->count : 0));
}

/* ---- Facets --------------------------------------------------------------------------- */

/* Rows with a value, those with most records first; the others as they were. */
static int compare(const void *a, const void *b)
{
    const struct tally_row *x = *(struct tally_row *const *)a, *y = *(struct tally_row *const *)b;
    uint32_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    if (!x->values[0].p != !y->values[0].p)
        return x->values[0].p ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return memcmp(x->key.p, y->key.p, n);
}

/* A value as the name of a member: text as it is, all else as its JSON. */
static void write_name(struct buffer *out, struct ouse_str value)
{
    if (*value.p == '"')
        buffer_str(out, value);
    else
        json_string(out, value);
}

static void write_facet(const struct tally *tally, struct buffer *out)
{
    json_string(out, ouse_s(tally->by[0]->is.name));
    buffer_text(out, ":{");
    for (uint32_t i = 0; i < tally->n_rows && i < VALUES_MAX && tally->rows[i]->values[0].p; i++) {
        if (i)
            buffer_byte(out, ',');
        write_name(out, tally->rows[i]->values[0]);
        buffer_byte(out, ':');
        buffer_uint(out, tally->rows[i]->count);
    }
    buffer_byte(out, '}');
}

/* ,"facets":{"state":{"open":5}} */
static ouse_rc counts_write(const struct question *question, struct txn *txn, void *state, struct buffer *out)
{
    struct counts *counts = state;
    uint32_t n = counts->many ? 0 : counts->n;
    (void)question, (void)txn;
    for (uint32_t i = 1; i < n; i++) {
        struct tally *tally = &counts->tallies[i];
        if (tally->n_rows)
            qsort(tally->rows, tally->n_rows, sizeof *tally->rows, compare);
        buffer_text(out, i == 1 ? ",\"facets\":{" : ",");
        write_facet(tally, out);
    }
    if (n > 1)
        buffer_byte(out, '}');
    return OUSE_OK;
}

static const struct page_part counts_part = {.open = counts_make, .page = counts_page, .body = counts_write};

/* ---- The summary ------------------------------------------------------------------------ */

static void write_sum(struct buffer *out, const struct field *field, int64_t sum)
{
    uint64_t size = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
    if (field->is.type == OUSE_INT)
        buffer_printf(out, "%lld", (long long)sum);
    else if (size % 100)
        buffer_printf(out, "%s%llu.%0*llu", sum < 0 ? "-" : "", (unsigned long long)(size / 100),
                      size % 10 ? 2 : 1, (unsigned long long)(size % 10 ? size % 100 : size % 100 / 10));
    else
        buffer_printf(out, "%s%llu", sum < 0 ? "-" : "", (unsigned long long)(size / 100));
}

/* The currency of a collection's amounts: its indexed choice field of this name. */
static const struct field *currency_field(const struct collection *collection, uint32_t role)
{
    const struct field *field = schema_field(collection, ouse_s("currency"));
    return field && field->is.type == OUSE_ENUM && query_filters(collection, field, role) ? field : NULL;
}

static int is_grouped(const struct tally *tally, const struct field *field)
{
    for (uint32_t i = 0; i < tally->n_by; i++)
        if (tally->by[i] == field)
            return 1;
    return 0;
}

/* Divides sums of money by the currency, too, in the last of the fields. */
static void split_currencies(struct tally *tally, const struct field *currency)
{
    int money = 0;
    for (uint32_t i = 0; i < tally->n_sums; i++)
        money |= tally->sums[i]->is.type == OUSE_MONEY;
    if (money && currency && !is_grouped(tally, currency))
        tally->by[tally->n_by++] = currency;
}

/* A group: rows of a tally that differ in the currency only, which is field `n_by` of them. */
struct group {
    const struct tally *tally;
    struct tally_row *const *rows;
    uint32_t n, n_by;
    const struct field *currency; /* NULL: the amounts have no currency */
};

/* A record that states no currency is in the first one. */
static struct ouse_str currency_of(const struct group *group, const struct tally_row *row)
{
    for (uint32_t i = 0; i < group->tally->n_by; i++)
        if (group->tally->by[i] == group->currency && row->values[i].p)
            return (struct ouse_str){row->values[i].p + 1, row->values[i].n - 2};
    return ouse_s(group->currency->choices[0]);
}

struct amount {
    struct ouse_str currency;
    int64_t sum;
};

/* The sums of one field, per currency; of a field without one, a single sum. Returns their number:
 * 0 if no amount is known, or if a sum is too large to be exact. */
static uint32_t add_amounts(const struct group *group, uint32_t i, struct amount amounts[CURRENCIES_MAX])
{
    int money = group->currency && group->tally->sums[i]->is.type == OUSE_MONEY;
    uint32_t n = 0;
    for (uint32_t r = 0; r < group->n; r++) {
        const struct tally_row *row = group->rows[r];
        struct ouse_str currency = money ? currency_of(group, row) : ouse_s(NULL);
        uint32_t at = 0;
        while (at < n && money && !ouse_same(amounts[at].currency, currency))
            at++;
        if (!row->known[i] || at == CURRENCIES_MAX)
            continue;
        if (at == n)
            amounts[n++] = (struct amount){currency, 0};
        if (__builtin_add_overflow(amounts[at].sum, row->sums[i], &amounts[at].sum))
            return 0;
    }
    return n;
}

static void write_currencies(struct buffer *out, const struct group *group)
{
    struct amount amounts[CURRENCIES_MAX];
    const char *before = ",\"currencies\":{";
    for (uint32_t i = 0; i < group->tally->n_sums; i++) {
        const struct field *field = group->tally->sums[i];
        if (!group->currency || field->is.type != OUSE_MONEY)
            continue;
        uint32_t n = add_amounts(group, i, amounts);
        buffer_printf(out, "%s\"%s\":{", before, field->is.name);
        for (uint32_t c = 0; c < n; c++) {
            buffer_printf(out, "%s\"%.*s\":", c ? "," : "", OUSE_F(amounts[c].currency));
            write_sum(out, field, amounts[c].sum);
        }
        buffer_byte(out, '}');
        before = ",";
    }
    if (*before == ',' && !before[1])
        buffer_byte(out, '}');
}

static void write_figures(struct buffer *out, const struct group *group)
{
    struct amount amounts[CURRENCIES_MAX];
    uint64_t count = 0;
    for (uint32_t r = 0; r < group->n; r++)
        count += group->rows[r]->count;
    buffer_printf(out, "\"count\":%llu,\"sum\":{", (unsigned long long)count);
    for (uint32_t i = 0; i < group->tally->n_sums; i++) {
        uint32_t n = add_amounts(group, i, amounts);
        buffer_printf(out, "%s\"%s\":", i ? "," : "", group->tally->sums[i]->is.name);
        if (n == 1)
            write_sum(out, group->tally->sums[i], amounts[0].sum);
        else
            buffer_text(out, "null");
    }
    buffer_byte(out, '}');
    write_currencies(out, group);
    buffer_byte(out, '}');
}

static void write_group(struct buffer *out, const struct group *group)
{
    buffer_text(out, "{\"group\":{");
    for (uint32_t i = 0; i < group->n_by; i++) {
        struct ouse_str value = group->rows[0]->values[i];
        buffer_printf(out, "%s\"%s\":", i ? "," : "", group->tally->by[i]->is.name);
        buffer_str(out, value.p ? value : ouse_s("null"));
    }
    buffer_text(out, "},");
    write_figures(out, group);
}

static int same_text(struct ouse_str a, struct ouse_str b)
{
    return a.p && b.p ? ouse_same(a, b) : a.p == b.p;
}

/* Moves `group` to its next rows, which are next to each other: those of one group. */
static int next_group(struct group *group)
{
    const struct tally *tally = group->tally;
    struct tally_row *const *end = tally->rows + tally->n_rows;
    group->rows += group->n;
    group->n = 0;
    for (int same = group->rows < end; same; group->n++) {
        same = group->rows + group->n + 1 < end;
        for (uint32_t i = 0; same && i < group->n_by; i++)
            same = same_text(group->rows[0]->values[i], group->rows[group->n + 1]->values[i]);
    }
    return group->n > 0;
}

/* Returns the number of groups. */
static uint32_t write_summary(struct buffer *out, const struct tally *total, const struct tally *groups,
                              uint32_t n_by, const struct field *currency)
{
    struct group all = {total, total->rows, total->n_rows, 0, currency};
    struct group group = {groups, groups->rows, 0, n_by, currency};
    uint32_t n = 0;
    buffer_text(out, "{\"data\":[");
    for (; next_group(&group) && n < GROUPS_MAX + 1; n++) {
        if (n)
            buffer_byte(out, ',');
        write_group(out, &group);
    }
    buffer_text(out, "],\"total\":{");
    write_figures(out, &all);
    buffer_byte(out, '}');
    return n;
}

static ouse_rc summary(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const struct api_param group = {"group", group_read, 0, 0, NULL},
                                  sum = {"sum", sum_read, 0, 0, NULL};
    static const struct api_param *const takes[] = {&group, &sum, &param_as_of, NULL};
    struct question question = {.request = request, .resource = arg, .takes = takes, .filters = 1};
    struct counts *counts = counts_of(&question);
    struct buffer *out = rest_buffer(request->arena);
    struct txn *txn;
    if (question_read(&question))
        return request->problem->rc;
    const struct field *currency = currency_field(question.resource->collection, request->role);
    uint32_t n_by = counts->tallies[1].n_by;
    for (int i = 0; i < 2; i++)
        split_currencies(&counts->tallies[i], currency);
    if (rest_snapshot(question.resource->rest, request, &txn) ||
        query_resolve(txn, &question.query, request->arena, request->problem) ||
        counts_make(&question, txn, counts))
        return request->problem->rc;
    if (write_summary(out, &counts->tallies[0], &counts->tallies[1], n_by, currency) > GROUPS_MAX)
        return problem_fail(request->problem, OUSE_E_REQUEST, "There are more than %d groups; add a filter",
                            GROUPS_MAX);
    if (out->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The summary is too large; add a filter");
    rest_keep(request, question.query.as_of, reply);
    reply->body = buffer_view(out);
    return OUSE_OK;
}

static const struct api_param params[] = {
    {"count", count_read, PARAM_ON_LIST, PARAM_NOT_IN_WHOLE, NULL},
    {"facet", facet_read, PARAM_ON_LIST, PARAM_NOT_IN_WHOLE | PARAM_NOT_IN_PAGES, NULL},
    {NULL, NULL, 0, 0, NULL},
};

static const struct api_route routes[] = {
    {.method = HTTP_GET, .path = "/-/summary", .kind = "summary", .handler = summary},
    {.path = NULL},
};

const struct feature feature_aggregate = {.name = "aggregate", .params = params, .routes = routes};
