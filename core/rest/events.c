/* events: changes as server-sent events, pushed when they are committed.
 *
 *     retry: 2000
 *
 *     id: 17
 *     data: {"seq":17,"at":"…","op":"update","collection":"people","id":"ann","revision":2}
 *
 *     :                              every 15 s in which there is nothing to tell
 *     id: 40                         … and up to where that was looked at
 *
 * A stream is a worker's while it lasts: so there is a lane for them, and a client
 * that went away is noticed when a comment cannot be written. It waits for the
 * bell that is rung after each commit, and holds no snapshot while it waits; what
 * another process commits is found with the next comment. It ends after an hour,
 * so that a token which was revoked goes out of use; the client comes back with
 * Last-Event-ID, to the change that it had last.
 */
#include "../base/clock.h"
#include "changes.h"

enum { AT_A_TIME = 200, HOUR = 3600000 };

struct events {
    struct feed feed;
    struct bell *bell;
    uint64_t told;  /* the id that the client has */
    int64_t silent; /* since when, on the monotonic clock */
    int64_t ends;
    int begun;
    struct http_stream stream;
    struct problem *problem;
};

static void tell(struct feed *feed, struct ouse_str entry)
{
    struct events *events = (struct events *)feed; /* its first member */
    events->told = feed->next;
    buffer_printf(feed->out, "id: %llu\ndata: ", (unsigned long long)feed->next);
    buffer_str(feed->out, entry);
    buffer_text(feed->out, "\n\n");
}

static ouse_rc read_some(struct events *events)
{
    struct txn *txn;
    ouse_rc rc = engine_read(records_engine(events->feed.rest->records), &txn);
    if (rc)
        return problem_fail(events->problem, rc, "The store cannot be read at present");
    rc = feed_read(&events->feed, txn);
    txn_end(txn);
    return rc ? problem_fail(events->problem, rc, "The journal cannot be read") : OUSE_OK;
}

static void comment(struct events *events, struct buffer *out)
{
    buffer_text(out, ":\n");
    if (events->told != events->feed.next)
        buffer_printf(out, "id: %llu\n", (unsigned long long)events->feed.next);
    buffer_byte(out, '\n');
    events->told = events->feed.next;
}

/* Waits until there is something to say, if only that there is nothing to tell. */
static ouse_rc await(struct events *events, struct buffer *out, int *more)
{
    int64_t until = events->silent + events->feed.rest->comment_ms;
    while (!out->n) {
        uint64_t heard = bell_count(events->bell);
        ouse_rc rc = read_some(events);
        if (rc)
            return rc;
        if (out->n || events->feed.more)
            continue;
        switch (bell_wait(events->bell, heard, until)) {
        case BELL_CLOSED:
            *more = 0;
            return OUSE_OK;
        case BELL_SILENT:
            rc = read_some(events); /* another process may have committed */
            if (rc)
                return rc;
            if (!out->n)
                comment(events, out);
            break;
        default:
            break;
        }
    }
    return OUSE_OK;
}

static ouse_rc next(void *arg, struct buffer *out, int *more)
{
    struct events *events = arg;
    ouse_rc rc = OUSE_OK;
    events->feed.out = out;
    *more = clock_monotonic() < events->ends;
    if (!events->begun)
        buffer_text(out, "retry: 2000\n\n");
    else if (*more)
        rc = await(events, out, more);
    events->begun = 1;
    events->silent = clock_monotonic();
    return rc;
}

ouse_rc rest_events(const struct feed *feed, struct http_request *request, struct http_reply *reply)
{
    struct events *events = arena_zero(request->arena, sizeof *events);
    events->feed = *feed;
    events->feed.tell = tell;
    events->feed.limit = AT_A_TIME;
    events->bell = feed->rest->bell;
    events->told = feed->next;
    events->ends = clock_monotonic() + HOUR;
    events->problem = request->problem;
    events->stream = (struct http_stream){next, events, 1};
    reply->stream = &events->stream;
    reply->content_type = ouse_s("text/event-stream");
    http_reply_header(reply, "X-Accel-Buffering", ouse_s("no")); /* a proxy is to pass events on at once */
    return http_enter(request, HTTP_FEEDS);
}
