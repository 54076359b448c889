/* changes: see changes.h. page.next is where to go on, and is the same as `since`
 * once there is nothing new. */
#include "changes.h"
#include "../base/clock.h"

enum { LOOKED_AT_MAX = 10000 }; /* entries that are looked at at a time, seen or not */

enum { SINCE, LIMIT, COLLECTION, NAMES };
static const char *const names[NAMES] = {[SINCE] = "since", [LIMIT] = "limit", [COLLECTION] = "collection"};

/* ---- Reading ------------------------------------------------------------------ */

/* Who changed it is for the office: token names are names of people. */
static void write_entry(const struct feed *feed, const struct collection *collection,
                        const struct journal_entry *entry, struct buffer *out)
{
    char at[CLOCK_TEXT];
    clock_format(entry->at, at);
    buffer_printf(out, "{\"seq\":%llu,\"at\":\"%s\",\"op\":\"%s\",\"collection\":\"%s\",\"id\":\"%.*s\"",
                  (unsigned long long)feed->next, at, journal_op_name(entry->op), collection->is.name,
                  OUSE_F(entry->id));
    buffer_printf(out, ",\"revision\":%u", entry->revision);
    if (feed->role >= OUSE_OFFICE) {
        buffer_text(out, ",\"actor\":");
        json_string(out, entry->actor);
    }
    buffer_byte(out, '}');
}

/* Entries of collections that are not loaded are passed over. */
static void take(struct feed *feed, struct ouse_str key, struct ouse_str stored)
{
    struct journal_entry entry;
    const struct collection *collection;
    struct buffer text;
    feed->next = key_read_u64(key.p);
    if (journal_read(stored, &entry) != 0 || entry.visibility > feed->role)
        return;
    collection = schema_numbered(records_schema(feed->rest->records), entry.collection);
    if (!collection || (feed->only && feed->only != collection))
        return;
    buffer_init(&text, REST_BODY_BYTES);
    write_entry(feed, collection, &entry, &text);
    feed->tell(feed, buffer_view(&text));
    feed->n++;
    buffer_finish(&text);
}

ouse_rc feed_read(struct feed *feed, struct txn *txn)
{
    struct ouse_str found, stored;
    struct cursor *cursor;
    struct key key;
    key_init(&key);
    key_u64(&key, feed->next + 1);
    feed->n = 0;
    ouse_rc rc = cursor_open(txn, DB_JOURNAL, &cursor);
    if (!rc)
        rc = cursor_seek(cursor, key_str(&key), &found, &stored);
    for (int looked = 0; !rc && looked < LOOKED_AT_MAX && feed->n < feed->limit; looked++) {
        take(feed, found, stored);
        rc = cursor_next(cursor, &found, &stored);
    }
    feed->more = !rc;
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* ---- Answers ------------------------------------------------------------------ */

static ouse_rc read_collection(struct http_request *request, struct ouse_str name, struct feed *feed)
{
    const struct schema *schema = records_schema(feed->rest->records);
    uint32_t n = schema_count(schema);
    const char **known = arena_alloc(request->arena, (n + 1) * sizeof *known);
    if (!name.p)
        return OUSE_OK;
    feed->only = schema_find(schema, name);
    if (feed->only)
        return OUSE_OK;
    for (uint32_t i = 0; i < n; i++)
        known[i] = schema_at(schema, i)->is.name;
    return problem_fail(request->problem, OUSE_E_REQUEST, "There is no collection \"%.*s\"%s", OUSE_F(name),
                        problem_hint(request->arena, name, known, n));
}

/* A client that comes back says itself where it was, whatever its address says. */
static ouse_rc read_since(struct http_request *request, struct ouse_str since, int events, struct feed *feed)
{
    struct ouse_str last = events ? http_header(request, "Last-Event-ID") : (struct ouse_str){NULL, 0};
    return last.n ? rest_number(request, "Last-Event-ID", last, 0, INT64_MAX, &feed->next)
                  : rest_number(request, names[SINCE], since, 0, INT64_MAX, &feed->next);
}

/* Whoever knows of changes that there are not has them from another register, or
 * from one that was put back to what it was: going on would miss changes. */
static ouse_rc check_since(struct http_request *request, struct feed *feed)
{
    struct txn *txn;
    uint64_t last = 0;
    ouse_rc rc = engine_read(records_engine(feed->rest->records), &txn);
    if (!rc) {
        rc = journal_last(txn, &last);
        txn_end(txn);
    }
    if (rc)
        return problem_fail(request->problem, rc, "The journal cannot be read");
    feed->last = last;
    if (feed->next > last)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "The last change is %llu; there is none %llu yet. If you had it from here, the "
                            "register was put back: read it anew",
                            (unsigned long long)last, (unsigned long long)feed->next);
    return OUSE_OK;
}

static void tell(struct feed *feed, struct ouse_str entry)
{
    if (feed->n)
        buffer_byte(feed->out, ',');
    buffer_str(feed->out, entry);
}

static ouse_rc answer_page(struct http_request *request, struct feed *feed, struct http_reply *reply)
{
    struct txn *txn;
    ouse_rc rc = check_since(request, feed);
    if (!rc)
        rc = rest_snapshot(feed->rest, request, &txn);
    if (rc)
        return rc;
    feed->out = rest_buffer(request->arena);
    feed->tell = tell;
    buffer_text(feed->out, "{\"data\":[");
    if (feed_read(feed, txn))
        return problem_fail(request->problem, OUSE_E_INTERNAL, "The journal cannot be read");
    buffer_printf(feed->out, "],\"page\":{\"limit\":%llu,\"next\":%llu,\"last\":%llu}}",
                  (unsigned long long)feed->limit, (unsigned long long)feed->next,
                  (unsigned long long)feed->last);
    reply->body = buffer_view(feed->out);
    return OUSE_OK;
}

ouse_rc rest_changes(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const char *const types[] = {"application/json", "text/event-stream"};
    struct feed feed = {.rest = arg, .role = request->role, .limit = REST_LIMIT};
    struct ouse_str values[NAMES], accept = http_header(request, "Accept");
    int type = accept.p ? http_negotiate(accept, types, 2) : 0;
    ouse_rc rc = rest_parameters(request, names, NAMES, values);
    if (type < 0)
        return rest_not_acceptable(request, types, 2);
    if (!rc && type && values[LIMIT].p)
        return problem_fail(request->problem, OUSE_E_REQUEST, "A stream has no pages: limit is for JSON");
    if (!rc)
        rc = rest_number(request, names[LIMIT], values[LIMIT], 1, REST_LIMIT_MAX, &feed.limit);
    if (!rc)
        rc = read_collection(request, values[COLLECTION], &feed);
    if (!rc)
        rc = read_since(request, values[SINCE], type, &feed);
    if (!rc)
        rc = type ? check_since(request, &feed) : answer_page(request, &feed, reply);
    return rc || !type ? rc : rest_events(&feed, request, reply);
}
