/* changes: the journal as a feed, a page at a time (changes.c) or as a stream of
 * events that goes on as changes are made (events.c).
 *
 * Entries of records that the caller may not see are left out, so sequences have gaps.
 */
#ifndef REST_CHANGES_H
#define REST_CHANGES_H

#include "resource.h"

/* One reader of the journal. */
struct feed {
    const struct rest *rest;
    uint32_t role;
    const struct collection *only; /* NULL: all */
    uint64_t next;                 /* the last sequence that was looked at */
    uint64_t last;                 /* sequence that there is */
    uint64_t limit;                /* entries to be told at a time */
    /* Told of each entry, by its text in JSON. */
    void (*tell)(struct feed *feed, struct ouse_str entry);
    uint64_t n; /* that were told */
    struct buffer *out;
    int more; /* there are entries that were not looked at */
};

/* Tells what is behind feed->next, as far as the limit, and moves that on. */
ouse_rc feed_read(struct feed *feed, struct txn *txn);

/* Answers with a stream of events, from feed->next on, for as long as the client stays. */
ouse_rc rest_events(const struct feed *feed, struct http_request *request, struct http_reply *reply);

#endif
