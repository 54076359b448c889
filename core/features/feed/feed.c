/* feed: the journal as a feed, page by page, or as a stream of server-sent events that are pushed
 * when they are committed.
 *
 *     {"data":[{"seq":17,…},…],"page":{"limit":50,"next":17,"last":40}}     next: the position to
 *                                                     continue with, as `since`, or as
 *                                                     `before` if the latest come first
 *     retry: 2000
 *
 *     id: 17
 *     data: {"seq":17,"at":"…","op":"update","collection":"people","id":"ann","revision":2}
 *
 *     :                              every 15 s without a change
 *     id: 40                         … and the position that was examined
 *
 * All numbers that a client sees are positions (store/epoch.h). After a restore, `page.epoch` is
 * the position before the first change, and a position of an earlier epoch is 410.
 *
 * Entries that the caller's audience may not see are omitted, so sequences have gaps. If a record
 * was hidden from the audience, one entry remains: the change that hid it, as `hide`
 * (record_change).
 *
 * A stream occupies a worker while it lasts. So streams have a limit, and if a comment cannot be
 * written, the client has disconnected. A stream waits for the bell that is rung after each commit,
 * and holds no snapshot while it waits; commits of other processes are found with the next comment.
 * It ends after an hour, so that a revoked token stops working; the client reconnects with
 * Last-Event-ID, after the last change that it received. */
#include "../../base/clock.h"
#include "../features.h"

enum {
    LOOKED_AT_MAX = 10000, /* entries that are examined at a time, visible or not */
    PUSHED_MAX = 200,      /* entries that a stream sends at a time */
    HOUR = 3600000
};

static const char latest_first[] = "-seq";

static const struct api_param param_since = {"since", NULL, 0, 0, NULL},
                              param_before = {"before", NULL, 0, 0, NULL},
                              param_order = {"sort", NULL, 0, 0, NULL},
                              param_of = {"collection", NULL, 0, 0, NULL};

/* One reader of the journal, onwards or backwards. */
struct feed {
    const struct rest *rest;
    struct problem *problem;
    uint32_t role;
    const struct collection *only; /* NULL: all */
    int backwards;
    uint64_t epoch;
    uint64_t began, next; /* before and after: the last sequence that was looked at */
    uint64_t last;        /* that there is */
    uint64_t limit, n;    /* the maximum of entries to write, and the number written */
    struct buffer *out;
    int more; /* there are entries that were not looked at */

    int streams, begun;
    uint64_t told;        /* the id that the client has */
    int64_t silent, ends; /* since when, and when, on the monotonic clock */
    struct http_stream stream;
};

/* ---- Reading ------------------------------------------------------------------ */

/* For printf. */
static unsigned long long position(const struct feed *feed, uint64_t sequence)
{
    return feed->epoch + sequence;
}

/* Writes an entry. Only the office sees the actor: names of tokens are names of people. */
static void write_entry(const struct feed *feed, const struct collection *collection,
                        const struct journal_entry *entry)
{
    struct buffer *out = feed->out;
    char at[CLOCK_TEXT];
    clock_format(entry->at, at);
    if (feed->streams)
        buffer_printf(out, "id: %llu\ndata: ", position(feed, feed->next));
    else if (feed->n)
        buffer_byte(out, ',');
    buffer_printf(out, "{\"seq\":%llu,\"at\":\"%s\",\"op\":\"%s\",\"collection\":\"%s\",\"id\":\"%.*s\"",
                  position(feed, feed->next), at, journal_op_name(entry->op), collection->is.name,
                  OUSE_F(entry->id));
    buffer_printf(out, ",\"revision\":%u", entry->revision);
    if (feed->role >= OUSE_OFFICE) {
        buffer_text(out, ",\"actor\":");
        json_string(out, entry->actor);
    }
    buffer_text(out, feed->streams ? "}\n\n" : "}");
}

/* Skips entries of collections that are not loaded, and those that the role does not receive. */
static ouse_rc take(struct feed *feed, struct txn *txn, struct ouse_str key, struct ouse_str stored)
{
    struct journal_entry entry;
    const struct collection *collection;
    feed->next = key_read_u64(key.p);
    if (journal_read(stored, &entry) != 0)
        return OUSE_OK;
    collection = schema_numbered(records_schema(feed->rest->records), entry.collection);
    if (!collection || (feed->only && feed->only != collection))
        return OUSE_OK;
    ouse_rc rc = record_change(txn, collection, feed->next, feed->role, &entry);
    if (rc)
        return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
    write_entry(feed, collection, &entry);
    feed->told = feed->next;
    feed->n++;
    return OUSE_OK;
}

static ouse_rc seek(const struct feed *feed, struct cursor *cursor, struct ouse_str *found,
                    struct ouse_str *stored)
{
    struct key key;
    key_init(&key);
    key_u64(&key, feed->backwards ? feed->next : feed->next + 1);
    return feed->backwards ? cursor_before(cursor, key_str(&key), found, stored)
                           : cursor_seek(cursor, key_str(&key), found, stored);
}

/* Writes entries after feed->next (before it, in the other direction), up to the limit, and
 * advances it. */
static ouse_rc read_on(struct feed *feed)
{
    struct ouse_str found, stored;
    struct cursor *cursor;
    struct txn *txn;
    ouse_rc rc = engine_read(records_engine(feed->rest->records), &txn);
    if (rc)
        return problem_fail(feed->problem, rc, "The store cannot be read at present");
    feed->n = 0;
    rc = cursor_open(txn, DB_JOURNAL, &cursor);
    if (!rc)
        rc = seek(feed, cursor, &found, &stored);
    for (int looked = 0; !rc && looked < LOOKED_AT_MAX && feed->n < feed->limit; looked++) {
        rc = take(feed, txn, found, stored);
        if (!rc)
            rc =
                feed->backwards ? cursor_prev(cursor, &found, &stored) : cursor_next(cursor, &found, &stored);
    }
    feed->more = !rc;
    txn_end(txn);
    return rc && rc != OUSE_E_NOT_FOUND ? problem_fail(feed->problem, rc, "The journal cannot be read")
                                        : OUSE_OK;
}

/* ---- A stream ----------------------------------------------------------------- */

static void comment(struct feed *feed)
{
    buffer_text(feed->out, ":\n");
    if (feed->told != feed->next)
        buffer_printf(feed->out, "id: %llu\n", position(feed, feed->next));
    buffer_byte(feed->out, '\n');
    feed->told = feed->next;
}

/* Waits until there is something to send, at least a comment: then another process may have
 * committed. */
static ouse_rc await(struct feed *feed, int *more)
{
    struct bell *bell = feed->rest->bell;
    int64_t until = feed->silent + feed->rest->comment_ms;
    enum bell_heard heard = BELL_RUNG;
    while (!feed->out->n) {
        uint64_t count = bell_count(bell);
        ouse_rc rc = read_on(feed);
        if (rc)
            return rc;
        if (feed->out->n || feed->more)
            continue;
        if (heard == BELL_SILENT)
            comment(feed);
        else
            heard = bell_wait(bell, count, until);
        if (heard == BELL_CLOSED) {
            *more = 0;
            return OUSE_OK;
        }
    }
    return OUSE_OK;
}

static ouse_rc push(void *arg, struct buffer *out, int *more)
{
    struct feed *feed = arg;
    ouse_rc rc = OUSE_OK;
    feed->out = out;
    *more = clock_monotonic() < feed->ends;
    if (!feed->begun)
        buffer_text(out, "retry: 2000\n\n");
    else if (*more)
        rc = await(feed, more);
    feed->begun = 1;
    feed->silent = clock_monotonic();
    return rc;
}

static ouse_rc answer_stream(struct http_request *request, struct feed *feed, struct http_reply *reply)
{
    feed->limit = PUSHED_MAX;
    feed->told = feed->next;
    feed->ends = clock_monotonic() + HOUR;
    feed->stream = (struct http_stream){push, feed, 1};
    reply->stream = &feed->stream;
    reply->content_type = ouse_s("text/event-stream");
    http_reply_header(reply, "X-Accel-Buffering", ouse_s("no")); /* a proxy is to pass events on at once */
    return http_enter(request, HTTP_FEEDS);
}

/* ---- The request -------------------------------------------------------------- */

/* Rejects a position of another history: continuing from it would silently skip changes. */
static ouse_rc refuse_earlier(const struct feed *feed, uint64_t asked)
{
    feed->problem->title = ouse_s("The register was restored from a backup");
    return problem_fail(feed->problem, OUSE_E_GONE,
                        "The register was restored from a backup after position %llu was issued. Read the "
                        "records again, then the changes since %llu",
                        (unsigned long long)asked, position(feed, feed->last));
}

/* Converts the position of the request into the sequence feed->next. 0 is the beginning in all
 * epochs. A position after the last change belongs to another register, or to this one before an
 * old file was put back. */
static ouse_rc take_position(struct feed *feed, uint64_t asked)
{
    struct txn *txn;
    ouse_rc rc = engine_read(records_engine(feed->rest->records), &txn);
    if (!rc) {
        rc = journal_last(txn, &feed->last);
        txn_end(txn);
    }
    if (rc)
        return problem_fail(feed->problem, rc, "The journal cannot be read");
    if (asked && asked < feed->epoch + (uint64_t)feed->backwards)
        return refuse_earlier(feed, asked);
    if (asked > feed->epoch + feed->last + (uint64_t)feed->backwards)
        return problem_fail(feed->problem, OUSE_E_REQUEST,
                            "The last change is %llu; position %llu does not exist. If this register issued "
                            "it, an older state was put back: read the records again",
                            position(feed, feed->last), (unsigned long long)asked);
    feed->next = asked ? asked - feed->epoch : 0;
    return OUSE_OK;
}

/* The page as a format has it. Links go the way that the page does. */
static ouse_rc write_page(const struct rest_format *format, struct http_request *request, struct feed *feed,
                          struct http_reply *reply)
{
    struct arena *arena = request->arena;
    const char *from = feed->backwards ? "before" : "since";
    cJSON *page = json_keep(arena, cJSON_ParseWithLength(feed->out->at, feed->out->n));
    const cJSON *items = json_member(page, "data");
    struct ouse_str path =
        rest_suffixed(arena, format, arena_printf(arena, "%s" REST_API "/-/changes", feed->rest->base_path));
    struct rest_writing writing;
    struct txn *txn;
    if (rest_snapshot(feed->rest, request, &txn))
        return request->problem->rc;
    writing = rest_begin(feed->rest, NULL, request, txn);
    if (feed->only)
        writing.query = arena_printf(arena, "collection=%s", feed->only->is.name);
    path = arena_printf(arena, "%.*s?limit=%llu&sort=%s%s%.*s", OUSE_F(path), (unsigned long long)feed->limit,
                        feed->backwards ? latest_first : latest_first + 1, feed->only ? "&" : "",
                        OUSE_F(writing.query));
    writing.self = feed->began > feed->last
                       ? path
                       : arena_printf(arena, "%.*s&%s=%llu", OUSE_F(path), from, position(feed, feed->began));
    if (feed->more)
        writing.next = arena_printf(arena, "%.*s&%s=%llu", OUSE_F(path), from, position(feed, feed->next));
    writing.updated = rest_newest(items, NULL, "at");
    return rest_write_all(format, &writing, page, items, reply);
}

static ouse_rc answer_page(const struct rest_format *format, struct http_request *request, struct feed *feed,
                           struct http_reply *reply)
{
    feed->out = rest_buffer(request->arena);
    buffer_text(feed->out, "{\"data\":[");
    if (read_on(feed))
        return feed->problem->rc;
    buffer_printf(feed->out, "],\"page\":{\"limit\":%llu,\"next\":%llu,\"last\":%llu",
                  (unsigned long long)feed->limit, position(feed, feed->next), position(feed, feed->last));
    if (feed->epoch)
        buffer_printf(feed->out, ",\"epoch\":%llu", position(feed, 0));
    buffer_text(feed->out, feed->more && feed->n < feed->limit ? ",\"cut\":true}}" : "}}");
    reply->body = buffer_view(feed->out);
    return format->write ? write_page(format, request, feed, reply) : OUSE_OK;
}

/* Reads the direction, and checks that the other parameters fit it. */
static ouse_rc read_sort(const struct question *question, struct feed *feed)
{
    struct problem *problem = question->request->problem;
    struct ouse_str sort = question_value(question, &param_order);
    feed->backwards = ouse_is(sort, latest_first);
    if (sort.p && !feed->backwards && !ouse_is(sort, latest_first + 1))
        return problem_fail(problem, OUSE_E_REQUEST,
                            "sort is \"%s\" or \"%s\", the latest first, not \"%.*s\"", latest_first + 1,
                            latest_first, OUSE_F(sort));
    if (feed->backwards && feed->streams)
        return problem_fail(problem, OUSE_E_REQUEST, "A stream has no reverse order");
    if (question_value(question, feed->backwards ? &param_since : &param_before).p)
        return problem_fail(problem, OUSE_E_REQUEST, "before requires sort=%s, and since requires sort=%s",
                            latest_first, latest_first + 1);
    return OUSE_OK;
}

/* Reads the start position. If a client reconnects to a stream, its Last-Event-ID takes precedence
 * over the address; a page backwards begins with the latest change. */
static ouse_rc read_place(const struct question *question, struct feed *feed)
{
    struct ouse_str last = http_header(question->request, "Last-Event-ID");
    struct ouse_str since = question_value(question, &param_since),
                    before = question_value(question, &param_before);
    uint64_t asked = 0;
    if ((since.p && rest_number(question->request, "since", since, 0, INT64_MAX, &asked)) ||
        (before.p && rest_number(question->request, "before", before, 1, INT64_MAX, &asked)))
        return feed->problem->rc;
    if (feed->streams && last.n &&
        rest_number(question->request, "Last-Event-ID", last, 0, INT64_MAX, &asked))
        return feed->problem->rc;
    ouse_rc rc = take_position(feed, asked);
    if (feed->backwards && !feed->next)
        feed->next = feed->last + 1;
    feed->began = feed->next;
    return rc;
}

static const struct rest_format event_stream = {.media_type = "text/event-stream",
                                                .applies_to = OUSE_OF_CHANGES};

static ouse_rc changes(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    static const struct api_param *const takes[] = {&param_since, &param_before, &param_limit,
                                                    &param_order, &param_of,     NULL};
    struct question question = {.request = request, .takes = takes};
    struct feed *feed = arena_zero(request->arena, sizeof *feed);
    struct ouse_str path = request->segments[request->n_segments - 1], name;
    const struct rest_format *format;
    if (rest_choose(request, rest->changes, &path, &format) || question_read(&question))
        return request->problem->rc;
    *feed = (struct feed){.rest = rest,
                          .problem = request->problem,
                          .role = request->role,
                          .epoch = records_epoch(rest->records),
                          .limit = question.limit,
                          .streams = format == &event_stream};
    if (feed->streams && question_value(&question, &param_limit).p)
        return problem_fail(request->problem, OUSE_E_REQUEST, "A stream has no pages: limit is for JSON");
    name = question_value(&question, &param_of);
    if ((name.p && !(feed->only = rest_collection(feed->rest, request, name, OUSE_E_REQUEST))) ||
        read_sort(&question, feed) || read_place(&question, feed))
        return request->problem->rc;
    return feed->streams ? answer_stream(request, feed, reply) : answer_page(format, request, feed, reply);
}

static const struct api_route routes[] = {
    {.method = HTTP_GET,
     .path = "/-/changes",
     .kind = "changes",
     .handler = changes,
     .suffixes = "-/changes",
     .link = "changes"},
    {.path = NULL},
};

static const struct rest_format *const formats[] = {&event_stream, NULL};

const struct feature feature_feed = {.name = "feed", .api_routes = routes, .formats = formats};
