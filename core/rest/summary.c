/* summary: GET …/-/summary?group=a,b&sum=amount: counts and sums under the filters of a list.
 *
 *     {"data":[{"group":{"a":"x","b":null},"count":2,"sum":{"amount":12.5}}, …],
 *      "total":{"count":9,"sum":{"amount":null}}}
 *
 * null in a group is "unknown"; as a sum, that none of the amounts is known. A record
 * with several values is in several groups, and once in the total.
 */
#include "../record/tally.h"
#include "question.h"

#define SUMMARY_GROUPS 1000

enum { GROUP, SUM, AS_OF, NAMES };
static const char *const names[NAMES] = {[GROUP] = "group", [SUM] = "sum", [AS_OF] = "as_of"};

static int can_sum(const struct collection *collection, const struct field *field, uint32_t role)
{
    (void)collection;
    return field->is.visibility <= role && (field->is.type == OUSE_MONEY || field->is.type == OUSE_INT);
}

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

static void write_summary(struct buffer *out, const struct tally *groups, const struct tally *total)
{
    buffer_text(out, "{\"data\":[");
    for (uint32_t i = 0; i < groups->n_rows && groups->n_by; i++) {
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
    struct question question = {.resource = arg, .request = request, .names = names, .n_names = NAMES};
    struct http_parameter parameters[HTTP_PARAMETERS];
    struct tally tallies[2] = {{.n_by = 0}}; /* the groups, and all records */
    struct buffer *out = rest_buffer(request->arena);
    const struct tally_leave leave = {question_enter, request};
    struct txn *txn;
    uint32_t n = 0;
    ouse_rc rc = request->query.n ? http_query(request, parameters, &n) : OUSE_OK;
    if (!rc)
        rc = question_read(&question, parameters, n);
    if (!rc)
        rc = rest_as_of(request, question.values[AS_OF], &question.query.as_of);
    if (!rc)
        rc = question_fields(&question, GROUP, query_filters, tallies[0].by, TALLY_FIELDS, &tallies[0].n_by);
    for (uint32_t i = 0; i < 2 && !rc; i++)
        rc = question_fields(&question, SUM, can_sum, tallies[i].sums, TALLY_FIELDS, &tallies[i].n_sums);
    question.query.steps = REST_STEPS;
    if (!rc)
        rc = rest_snapshot(question.resource->rest, request, &txn);
    if (!rc)
        rc = query_tally(txn, &question.query, request->arena, tallies, 2, &leave, request->problem);
    if (rc)
        return rc;
    if (tallies[0].n_rows > SUMMARY_GROUPS)
        return problem_fail(request->problem, OUSE_E_REQUEST, "There are more than %d groups; add a filter",
                            SUMMARY_GROUPS);
    write_summary(out, &tallies[0], &tallies[1]);
    if (out->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE, "The summary is too large; add a filter");
    rest_keep(request, question.query.as_of, reply);
    reply->body = buffer_view(out);
    return OUSE_OK;
}
