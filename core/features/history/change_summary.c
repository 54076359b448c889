/* change_summary: the changes between two instants, one row for each record, the latest change
 * first.
 *
 *     GET /-/changes/summary?since=30d&type=projects&count=exact
 *     {"since":"…","until":"…",
 *      "data":[{"collection":"projects","id":"falls","change":"changed","at":"…","from":2,"revision":5,
 *               "changes":[{"path":"/ends","from":"2028-08","to":"2029-08"}]}],
 *      "counts":{"added":3,"changed":12,"removed":0,"merged":0},"page":{"limit":50,"next":null}}
 *
 * A row compares the record as it was before `since` with the record at `until`, both as the
 * caller's audience sees them (record_as_of). So a change that was reverted has no row, nor has a
 * record that the audience may not see now. Rechecks change nothing that is compared.
 *
 *     journal  …  40   41   42   43   44          read from `until` back to `since`
 *                 ada  bob  ada  bob  ada         a record has its row at its last revision: 44, 43
 *
 * `since` and `until` are dates (the beginning and the end of the day, in UTC), instants, or
 * durations before now: 30d, 12h, 2w. The cursor contains both instants, so all pages are of the
 * same span. If the clock was set back, the row of a record with wrong times may be missing. */
#include "../../api/query_params.h"
#include "../../base/clock.h"
#include "history.h"

enum {
    LOOKED_AT_MAX = 10000, /* entries of the journal for one page */
    LOOK_UNITS = 5,        /* of a deadline: an entry that has no row, */
    COMPARE_UNITS = 60,    /* and a record that is compared with itself */
    COUNT_UNITS = 150000,  /* for all counts; more is not counted */
    POSITION = 3 * 8       /* bytes: since, until, the next sequence */
};

enum outcome { ADDED, CHANGED, REMOVED, MERGED, OUTCOMES };
static const char *const outcomes[OUTCOMES] = {"added", "changed", "removed", "merged"};

struct summary {
    const struct rest *rest;
    struct http_request *request;
    struct txn *txn;
    const struct collection *only; /* NULL: all */
    int64_t since, until;          /* ms; changes at `since` are part of the span */
    uint64_t low, at;              /* entries after `low` and before `at` are left */
    uint64_t limit, n;             /* rows of the page, and those that it has */
    uint64_t next;                 /* the start of the next page; 0: there is no next page */
    uint64_t counts[OUTCOMES];
    uint32_t looked, units;
    int counts_all, cut;
    struct buffer *out;
};

/* A record with a row. */
struct row {
    const struct collection *collection;
    enum outcome outcome;
    struct record before, after; /* `before` is not set for ADDED */
    struct ouse_str changes;     /* of CHANGED: JSON */
    int64_t at;
};

/* ---- The span ------------------------------------------------------------------- */

/* "30d": reports the milliseconds; or returns -1. */
static int parse_duration(struct ouse_str text, int64_t *ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    int number = text.n >= 2 && text.n <= 6 ? clock_digits(text.p, (int)text.n - 1) : -1;
    for (size_t i = 0; number >= 0 && i < sizeof units / sizeof *units; i++)
        if (text.p[text.n - 1] == units[i].unit) {
            *ms = number * units[i].ms;
            return 0;
        }
    return -1;
}

static ouse_rc parse_instant(struct summary *summary, const char *name, struct ouse_str text,
                             const char *time_of_day, int64_t *ms)
{
    struct http_request *request = summary->request;
    struct ouse_str instant = text;
    struct clock_instant read = {0};
    int64_t ago;
    if (parse_duration(text, &ago) == 0) {
        *ms = clock_now() - ago;
        return OUSE_OK;
    }
    if (text.n == sizeof "2026-01-31" - 1)
        instant = arena_printf(request->arena, "%.*s%s", OUSE_F(text), time_of_day);
    if (clock_parse(instant, &read) != 0)
        return problem_fail(
            request->problem, OUSE_E_REQUEST,
            "%s is a date, such as 2026-01-31, an instant, such as 2026-01-31T12:00:00Z, or a "
            "duration before now in hours, days or weeks, such as 30d, not \"%.*s\"",
            name, OUSE_F(text));
    *ms = read.ms;
    return OUSE_OK;
}

/* Returns the time of the last entry, or 0. The clock may have been set back since. */
static int64_t time_at(struct summary *summary, uint64_t sequence)
{
    struct journal_entry entry;
    struct ouse_str stored;
    struct key key;
    key_init(&key);
    key_u64(&key, sequence);
    if (txn_get(summary->txn, DB_JOURNAL, key_str(&key), &stored) || journal_read(stored, &entry))
        return 0;
    return entry.at;
}

static const struct api_param param_since = {.name = "since"}, param_until = {.name = "until"},
                              param_type = {.name = "type"}, param_count = {.name = "count"};

static ouse_rc read_span(struct summary *summary, const struct question *question, uint64_t last)
{
    struct ouse_str since = question_value(question, &param_since),
                    until = question_value(question, &param_until);
    int64_t now = clock_now(), newest = time_at(summary, last);
    now = newest > now ? newest : now;
    summary->until = now;
    if (parse_instant(summary, "since", since.p ? since : ouse_s("30d"), "T00:00:00.000Z", &summary->since) ||
        (until.p && parse_instant(summary, "until", until, "T23:59:59.999Z", &summary->until)))
        return summary->request->problem->rc;
    if (summary->until > now)
        summary->until = now;
    if (summary->since > summary->until)
        return problem_fail(summary->request->problem, OUSE_E_REQUEST,
                            until.p ? "since is after until" : "since is in the future");
    return OUSE_OK;
}

/* The last entry at or before a time, among `last`. */
static uint64_t sequence_at(struct summary *summary, uint64_t last, int64_t time)
{
    uint64_t low = 0, high = last;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (time_at(summary, middle) <= time)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Continues after a page, or begins. */
static ouse_rc find_place(struct summary *summary, const struct question *question)
{
    struct ouse_str position = question->query.after;
    uint64_t last = 0;
    ouse_rc rc = journal_last(summary->txn, &last);
    if (rc)
        return problem_fail(summary->request->problem, rc, "The journal cannot be read");
    if (position.p && position.n != POSITION)
        return page_refuse(summary->request);
    if (position.p) {
        summary->since = (int64_t)key_read_u64(position.p);
        summary->until = (int64_t)key_read_u64(position.p + 8);
        summary->at = key_read_u64(position.p + 16);
    } else {
        if (read_span(summary, question, last))
            return summary->request->problem->rc;
        summary->at = sequence_at(summary, last, summary->until) + 1;
    }
    summary->low = sequence_at(summary, last, summary->since - 1);
    return OUSE_OK;
}

static struct ouse_str position_of(struct summary *summary)
{
    struct key *key = arena_alloc(summary->request->arena, sizeof *key);
    if (!summary->next)
        return (struct ouse_str){NULL, 0};
    key_init(key);
    key_u64(key, (uint64_t)summary->since);
    key_u64(key, (uint64_t)summary->until);
    key_u64(key, summary->next);
    return key_str(key);
}

/* ---- One record ------------------------------------------------------------------- */

/* The instant before the span, as record_as_of takes it: there 0 is the present. */
static int64_t before_span(const struct summary *summary)
{
    return summary->since - 1 ? summary->since - 1 : -1;
}

static ouse_rc compare(struct summary *summary, struct arena *arena, struct row *row)
{
    struct buffer changes;
    buffer_init(&changes, REST_BODY_BYTES);
    uint32_t n = history_differences(arena, row->collection, json_parse_trusted(arena, row->before.json),
                                     json_parse_trusted(arena, row->after.json), &changes);
    row->changes = arena_copy(arena, buffer_view(&changes));
    buffer_finish(&changes);
    summary->units += COMPARE_UNITS;
    deadline_over(summary->request->deadline, COMPARE_UNITS);
    return n ? OUSE_OK : OUSE_E_NOT_FOUND;
}

/* Sets the row of an entry. Returns OUSE_E_NOT_FOUND if it has no row: the caller may not see the
 * record, a later entry has its row, or the record is unchanged. */
static ouse_rc find_row(struct summary *summary, const struct journal_entry *entry, struct arena *arena,
                        struct row *row)
{
    uint32_t role = summary->request->role;
    ouse_rc rc =
        record_as_of(summary->txn, row->collection, entry->id, role, summary->until, arena, &row->after);
    if (rc)
        return rc;
    if (row->after.revision != entry->revision)
        return OUSE_E_NOT_FOUND;
    rc = record_as_of(summary->txn, row->collection, entry->id, role, before_span(summary), arena,
                      &row->before);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    int was = !rc && row->before.kind == RECORD_LIVE, is = row->after.kind == RECORD_LIVE;
    row->at = entry->at;
    if (!was && !is)
        return OUSE_E_NOT_FOUND;
    row->outcome = was && is ? CHANGED : is ? ADDED : row->after.kind == RECORD_MERGED ? MERGED : REMOVED;
    return row->outcome == CHANGED ? compare(summary, arena, row) : OUSE_OK;
}

static void write_row(struct summary *summary, const struct row *row)
{
    struct buffer *out = summary->out;
    char at[CLOCK_TEXT];
    clock_format(row->at, at);
    buffer_printf(out, "%s{\"collection\":\"%s\",\"id\":\"%.*s\",\"change\":\"%s\",\"at\":\"%s\"",
                  summary->n ? "," : "", row->collection->is.name, OUSE_F(row->after.id),
                  outcomes[row->outcome], at);
    if (row->outcome != ADDED)
        buffer_printf(out, ",\"from\":%u", row->before.revision);
    buffer_printf(out, ",\"revision\":%u", row->after.revision);
    if (row->outcome == MERGED)
        buffer_printf(out, ",\"into\":\"%.*s\"", OUSE_F(row->after.into));
    buffer_text(out, ",\"changes\":[");
    buffer_str(out, row->changes);
    buffer_text(out, "]}");
    summary->n++;
}

/* ---- The journal -------------------------------------------------------------------- */

static int is_full(const struct summary *summary)
{
    return summary->n == summary->limit || summary->out->n > REST_PAGE_BYTES;
}

/* A row that finds no room on the page shows that there is a next page. */
static void take_row(struct summary *summary, uint64_t sequence, const struct row *row)
{
    summary->counts[row->outcome]++;
    if (!summary->next && !is_full(summary))
        write_row(summary, row);
    else if (!summary->next)
        summary->next = sequence + 1;
}

static ouse_rc take_entry(struct summary *summary, uint64_t sequence, struct ouse_str stored)
{
    struct journal_entry entry;
    struct arena arena = {0}; /* of one record, so that memory does not grow with the span */
    struct row row = {0};
    ouse_rc rc = OUSE_E_NOT_FOUND;
    summary->looked++;
    summary->units += LOOK_UNITS;
    if (journal_read(stored, &entry) == 0 && entry.op != JOURNAL_RECHECK)
        row.collection = schema_numbered(records_schema(summary->rest->records), entry.collection);
    if (row.collection && (!summary->only || summary->only == row.collection))
        rc = record_change(summary->txn, row.collection, sequence, summary->request->role, &entry);
    if (!rc)
        rc = find_row(summary, &entry, &arena, &row);
    if (!rc)
        take_row(summary, sequence, &row);
    arena_finish(&arena);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Whether to stop before the beginning of the span: nothing more is wanted, or a budget is used up. */
static int is_over(struct summary *summary)
{
    int over = deadline_over(summary->request->deadline, LOOK_UNITS) || summary->looked == LOOKED_AT_MAX;
    int counted = summary->counts_all && !over && summary->units < COUNT_UNITS;
    if (summary->next)
        return !counted;
    return over;
}

static ouse_rc read_back(struct summary *summary)
{
    struct ouse_str found, stored;
    struct cursor *cursor;
    struct key key;
    key_init(&key);
    key_u64(&key, summary->at);
    ouse_rc rc = cursor_open(summary->txn, DB_JOURNAL, &cursor);
    if (!rc)
        rc = cursor_before(cursor, key_str(&key), &found, &stored);
    while (!rc && key_read_u64(found.p) > summary->low && !is_over(summary)) {
        summary->at = key_read_u64(found.p);
        rc = take_entry(summary, summary->at, stored);
        if (!rc)
            rc = cursor_prev(cursor, &found, &stored);
    }
    if (rc && rc != OUSE_E_NOT_FOUND)
        return problem_fail(summary->request->problem, rc, "The journal cannot be read");
    if (rc || key_read_u64(found.p) <= summary->low)
        return OUSE_OK;
    summary->counts_all = 0;
    if (!summary->looked)
        return deadline_fail(summary->request->deadline, summary->request->problem);
    if (!summary->next) {
        summary->next = summary->at;
        summary->cut = 1;
    }
    return OUSE_OK;
}

/* ---- The request ---------------------------------------------------------------------- */

static void write_counts(const struct summary *summary)
{
    for (int i = 0; i < OUTCOMES; i++)
        buffer_printf(summary->out, "%s\"%s\":%llu", i ? "," : ",\"counts\":{", outcomes[i],
                      (unsigned long long)summary->counts[i]);
    buffer_byte(summary->out, '}');
}

static void write_span(struct summary *summary)
{
    char since[CLOCK_TEXT], until[CLOCK_TEXT];
    clock_format(summary->since, since);
    clock_format(summary->until, until);
    buffer_printf(summary->out, "{\"since\":\"%s\",\"until\":\"%s\",\"data\":[", since, until);
}

/* Counts are of the whole span, so only its first page has them. */
static ouse_rc read_parameters(struct summary *summary, struct question *question)
{
    struct ouse_str type, count;
    if (question_read(question))
        return summary->request->problem->rc;
    type = question_value(question, &param_type);
    count = question_value(question, &param_count);
    summary->limit = question->limit;
    summary->counts_all = count.p && !question->query.after.p;
    if (count.p && !ouse_is(count, "exact"))
        return problem_fail(summary->request->problem, OUSE_E_REQUEST,
                            "count is \"exact\" or absent, not \"%.*s\"", OUSE_F(count));
    if (type.p)
        summary->only = rest_collection(summary->rest, summary->request, type, OUSE_E_REQUEST);
    return type.p && !summary->only ? summary->request->problem->rc : OUSE_OK;
}

ouse_rc history_change_summary(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const struct api_param *const takes[] = {&param_since, &param_until,  &param_type, &param_count,
                                                    &param_limit, &param_cursor, NULL};
    struct question question = {.request = request, .rest = arg, .takes = takes};
    struct summary summary = {.rest = arg, .request = request, .out = rest_buffer(request->arena)};
    if (read_parameters(&summary, &question) || rest_snapshot(arg, request, &summary.txn) ||
        find_place(&summary, &question))
        return request->problem->rc;
    if (summary.at - summary.low > LOOKED_AT_MAX) /* it would give up before the end */
        summary.counts_all = 0;
    write_span(&summary);
    if (read_back(&summary))
        return request->problem->rc;
    question.cut = summary.cut;
    buffer_byte(summary.out, ']');
    if (summary.counts_all)
        write_counts(&summary);
    buffer_text(summary.out, ",\"page\":");
    page_write(&question, position_of(&summary), reply, summary.out);
    buffer_byte(summary.out, '}');
    reply->body = buffer_view(summary.out);
    return OUSE_OK;
}
