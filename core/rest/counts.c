/* counts: how many records there are under the filters of a list, and by the values of
 * fields: beside a list, and as GET …/-/summary?group=a,b&sum=amount.
 *
 *     list      "facets":{"state":{"open":5}}, and all of them as page.count
 *     summary   {"data":[{"group":{"a":"x","b":null},"count":2,"sum":{"amount":12.5}}, …],
 *                "total":{"count":9,"sum":{"amount":null}}}
 *
 * null in a group is "unknown"; as a sum, that none of the amounts is known. A record
 * with several values is in several groups, and once in the total.
 */
#include "question.h"
#include <stdlib.h>

enum {
    GROUPS_MAX = 1000,
    VALUES_MAX = 100, /* of a facet: those with most records */
    FEW = 100         /* keys that are looked at to count a few */
};

/* ---- What is to be counted ---------------------------------------------------------- */

/* All records, and then what else. */
static struct tally *add_tallies(struct question *question, uint32_t n)
{
    question->n_tallies = question->n_tallies ? question->n_tallies : 1;
    question->n_tallies += n;
    return &question->tallies[question->n_tallies - n];
}

ouse_rc count_read(struct question *question, struct ouse_str text)
{
    add_tallies(question, 0);
    question->few = ouse_is(text, "few");
    return question->few || ouse_is(text, "exact")
               ? OUSE_OK
               : problem_fail(question->request->problem, OUSE_E_REQUEST,
                              "count is \"exact\", \"few\" or absent, not \"%.*s\"", OUSE_F(text));
}

ouse_rc facet_read(struct question *question, struct ouse_str text)
{
    const struct field *fields[QUESTION_FACETS];
    uint32_t n;
    ouse_rc rc = question_fields(question, ASK_FACET, query_filters, fields, QUESTION_FACETS, &n);
    struct tally *facets = rc ? NULL : add_tallies(question, n);
    (void)text;
    for (uint32_t i = 0; i < n && !rc; i++)
        facets[i] = (struct tally){.by = {fields[i]}, .n_by = 1};
    return rc;
}

ouse_rc group_read(struct question *question, struct ouse_str text)
{
    struct tally *groups = add_tallies(question, 1);
    (void)text;
    return question_fields(question, ASK_GROUP, query_filters, groups->by, TALLY_FIELDS, &groups->n_by);
}

static int can_sum(const struct collection *collection, const struct field *field, uint32_t role)
{
    (void)collection;
    return field->is.visibility <= role && (field->is.type == OUSE_MONEY || field->is.type == OUSE_INT);
}

ouse_rc sum_read(struct question *question, struct ouse_str text)
{
    ouse_rc rc = OUSE_OK;
    (void)text;
    for (struct tally *tally = question->tallies; tally < question->tallies + 2 && !rc; tally++)
        rc = question_fields(question, ASK_SUM, can_sum, tally->sums, TALLY_FIELDS, &tally->n_sums);
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

static ouse_rc count_few(struct question *question, struct txn *txn)
{
    static const struct tally_leave none = {stop, NULL};
    struct arena *arena = question->request->arena;
    struct query query = question->query;
    struct problem unsaid;
    problem_init(&unsaid, arena);
    query.steps = FEW;
    struct tally all = {.n_by = 0}; /* by keys alone, before records are read for what else is counted */
    ouse_rc rc = query_tally(txn, &query, arena, &all, 1, &none, &unsaid);
    if (!rc)
        rc = query_tally(txn, &query, arena, question->tallies, question->n_tallies, &none, &unsaid);
    question->many = rc == OUSE_E_BUSY || rc == OUSE_E_REQUEST;
    return rc && !question->many ? problem_fail(question->request->problem, rc, "%.*s", OUSE_F(unsaid.detail))
                                 : OUSE_OK;
}

ouse_rc counts_make(struct question *question, struct txn *txn)
{
    if (question->few)
        return count_few(question, txn);
    const struct tally_leave leave = {enter, question->request};
    return query_tally(txn, &question->query, question->request->arena, question->tallies,
                       question->n_tallies, &leave, question->request->problem);
}

uint64_t counts_all(const struct question *question)
{
    const struct tally *all = &question->tallies[0];
    return all->n_rows ? all->rows[0]->count : 0;
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

void counts_write(struct question *question, struct buffer *out)
{
    uint32_t n = question->many ? 0 : question->n_tallies;
    for (uint32_t i = 1; i < n; i++) {
        struct tally *tally = &question->tallies[i];
        if (tally->n_rows)
            qsort(tally->rows, tally->n_rows, sizeof *tally->rows, compare);
        buffer_text(out, i == 1 ? ",\"facets\":{" : ",");
        write_facet(tally, out);
    }
    if (n > 1)
        buffer_byte(out, '}');
}

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

static void write_figures(struct buffer *out, const struct tally *tally, const struct tally_row *row)
{
    buffer_printf(out, "\"count\":%llu,\"sum\":{", (unsigned long long)(row ? row->count : 0));
    for (uint32_t i = 0; i < tally->n_sums; i++) {
        buffer_printf(out, "%s\"%s\":", i ? "," : "", tally->sums[i]->is.name);
        if (row && row->known[i])
            write_sum(out, tally->sums[i], row->sums[i]);
        else
            buffer_text(out, "null");
    }
    buffer_text(out, "}}");
}

static void write_group(struct buffer *out, const struct tally *tally, const struct tally_row *row)
{
    buffer_text(out, "{\"group\":{");
    for (uint32_t i = 0; i < tally->n_by; i++) {
        buffer_printf(out, "%s\"%s\":", i ? "," : "", tally->by[i]->is.name);
        buffer_str(out, row->values[i].p ? row->values[i] : ouse_s("null"));
    }
    buffer_text(out, "},");
    write_figures(out, tally, row);
}

static void write_summary(struct buffer *out, const struct tally *total, const struct tally *groups)
{
    buffer_text(out, "{\"data\":[");
    for (uint32_t i = 0; i < groups->n_rows; i++) {
        if (i)
            buffer_byte(out, ',');
        write_group(out, groups, groups->rows[i]);
    }
    buffer_text(out, "],\"total\":{");
    write_figures(out, total, total->n_rows ? total->rows[0] : NULL);
    buffer_byte(out, '}');
}

ouse_rc rest_summary(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct question question = {.request = request,
                                .resource = arg,
                                .takes =
                                    1u << ASK_GROUP | 1u << ASK_SUM | 1u << ASK_AS_OF | 1u << ASK_FILTERS};
    struct buffer *out = rest_buffer(request->arena);
    struct txn *txn;
    add_tallies(&question, 0);
    if (question_read(&question) || rest_snapshot(question.resource->rest, request, &txn) ||
        query_resolve(txn, &question.query, request->arena, request->problem) || counts_make(&question, txn))
        return request->problem->rc;
    if (question.tallies[1].n_rows > GROUPS_MAX)
        return problem_fail(request->problem, OUSE_E_REQUEST, "There are more than %d groups; add a filter",
                            GROUPS_MAX);
    write_summary(out, &question.tallies[0], &question.tallies[1]);
    if (out->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The summary is too large; add a filter");
    rest_keep(request, question.query.as_of, reply);
    reply->body = buffer_view(out);
    return OUSE_OK;
}
