/* changes: the journal as a feed. Entries of records that the caller may not
 * see are left out, so sequences have gaps; page.next is where to go on, and is
 * the same as `since` once there is nothing new. */
#include "../base/clock.h"
#include "resource.h"

enum { LOOKED_AT_MAX = 10000 }; /* entries that one request looks at, seen or not */

struct feed {
    const struct rest *rest;
    uint32_t role;
    uint64_t since, limit;
    uint64_t next; /* the last sequence that was looked at */
    uint64_t n;
    struct buffer *out;
};

/* Who changed it is for the office: token names are names of people. */
static void write_entry(struct feed *feed, const struct collection *collection,
                        const struct journal_entry *entry)
{
    char at[CLOCK_TEXT];
    clock_format(entry->at, at);
    buffer_printf(feed->out,
                  "%s{\"seq\":%llu,\"at\":\"%s\",\"op\":\"%s\",\"collection\":\"%s\",\"id\":\"%.*s\"",
                  feed->n++ ? "," : "", (unsigned long long)feed->next, at, journal_op_name(entry->op),
                  collection->is.name, OUSE_F(entry->id));
    buffer_printf(feed->out, ",\"revision\":%u", entry->revision);
    if (feed->role >= OUSE_OFFICE) {
        buffer_text(feed->out, ",\"actor\":");
        json_string(feed->out, entry->actor);
    }
    buffer_byte(feed->out, '}');
}

/* Entries of collections that are not loaded are passed over. */
static void take(struct feed *feed, struct ouse_str key, struct ouse_str stored)
{
    struct journal_entry entry;
    const struct collection *collection;
    feed->next = key_read_u64(key.p);
    if (journal_read(stored, &entry) != 0 || entry.visibility > feed->role)
        return;
    collection = schema_numbered(records_schema(feed->rest->records), entry.collection);
    if (collection)
        write_entry(feed, collection, &entry);
}

static ouse_rc read_feed(struct feed *feed, struct txn *txn)
{
    struct ouse_str found, stored;
    struct cursor *cursor;
    struct key key;
    key_init(&key);
    key_u64(&key, feed->since + 1);
    feed->next = feed->since;
    ouse_rc rc = cursor_open(txn, DB_JOURNAL, &cursor);
    if (!rc)
        rc = cursor_seek(cursor, key_str(&key), &found, &stored);
    for (int looked = 0; !rc && looked < LOOKED_AT_MAX && feed->n < feed->limit; looked++) {
        take(feed, found, stored);
        rc = cursor_next(cursor, &found, &stored);
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc rest_changes(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const char *const names[] = {"since", "limit"};
    struct feed feed = {.rest = arg, .role = request->role, .limit = REST_LIMIT};
    struct ouse_str values[2];
    struct txn *txn;
    ouse_rc rc = rest_parameters(request, names, 2, values);
    if (!rc)
        rc = rest_number(request, names[0], values[0], 0, INT64_MAX, &feed.since);
    if (!rc)
        rc = rest_number(request, names[1], values[1], 1, REST_LIMIT_MAX, &feed.limit);
    if (!rc)
        rc = rest_snapshot(feed.rest, request, &txn);
    if (rc)
        return rc;
    feed.out = rest_buffer(request->arena);
    buffer_text(feed.out, "{\"data\":[");
    rc = read_feed(&feed, txn);
    if (rc)
        return problem_fail(request->problem, rc, "The journal cannot be read");
    buffer_printf(feed.out, "],\"page\":{\"limit\":%llu,\"next\":%llu}}", (unsigned long long)feed.limit,
                  (unsigned long long)feed.next);
    reply->body = buffer_view(feed.out);
    return OUSE_OK;
}
