/* submit: runs a request that changes the register, through the writer and back.
 *
 *     request thread   role ─> parameters ─> body ─> rest_submit
 *     writing thread      stored answer (write_guard of feature.h)? ─> that answer
 *                         change, hooks, settle ─> answer ─> stored by the guard
 *     request thread   the reply, after the change is durable
 *
 * A write of an anonymous caller is rehearsed on the request thread first, and counts against a
 * quota.
 *
 * The reply is read in the transaction of the change, as the client may see it. */
#ifndef API_SUBMIT_H
#define API_SUBMIT_H

#include "api.h"

struct submission {
    struct http_request *request;
    struct http_reply *reply;
    struct records *records;
    const struct feature *const *features; /* ended by NULL; may be NULL */
    enum change_mode mode;
    int dry_run;
    struct ouse_str body; /* as received; no text if it is missing */
    size_t bytes;         /* a rough size of the change, in addition to that of the body, for the writer */
    change_fn change;     /* both run in the write transaction, maybe several times */
    /* Fills the reply, which is empty, from the changes of the set; with data that lives in the
     * set's arena. */
    ouse_rc (*answer)(struct change_set *set, void *arg, struct http_reply *reply);
    void *arg;
};

ouse_rc rest_submit(struct submission *submission);

#endif
