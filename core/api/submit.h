/* submit: a request that changes the register, through the writer and back.
 *
 *     request thread   role ─> parameters ─> body ─> rest_submit
 *     writing thread      answered before under this Idempotency-Key? ─> that answer
 *                         change, hooks, settle ─> answer ─> kept under the key
 *     request thread   the reply, once the change is durable
 *
 * A write of an anonymous caller is rehearsed on the request thread first, and counts against a quota.
 *
 * What a client is told is read in the transaction of the change, as that client
 * may see it.
 */
#ifndef API_SUBMIT_H
#define API_SUBMIT_H

#include "api.h"

struct submission {
    struct http_request *request;
    struct http_reply *reply;
    struct records *records;
    enum change_mode mode;
    int dry_run;
    struct ouse_str body; /* as it came; no text for none */
    size_t bytes;         /* a rough size of the change beside the body's, for the writer */
    change_fn change;     /* both run in the write transaction, maybe several times */
    /* Fills the reply, which is as it was before the submission, from what the
     * set has changed; with what lives in the set's arena. */
    ouse_rc (*answer)(struct change_set *set, void *arg, struct http_reply *reply);
    void *arg;
};

ouse_rc rest_submit(struct submission *submission);

#endif
