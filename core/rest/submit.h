/* submit: a request that changes the register, through the writer and back.
 *
 *     request thread   role ─> parameters ─> body ─> rest_submit
 *     writer thread       change, hooks, settle ─> answer
 *     request thread   the reply, once the change is durable
 *
 * What a client is told is read in the transaction of the change, as that client
 * may see it.
 */
#ifndef REST_SUBMIT_H
#define REST_SUBMIT_H

#include "resource.h"

struct submission {
    struct http_request *request;
    struct http_reply *reply;
    const struct rest *rest;
    enum change_mode mode;
    int dry_run;
    struct ouse_str body; /* as it came; no text for none */
    change_fn change;     /* both run on the writer thread, maybe several times */
    /* Fills the reply, which is as it was before the submission, from what the
     * set has changed; with what lives in the set's arena. */
    ouse_rc (*answer)(struct change_set *set, void *arg, struct http_reply *reply);
    void *arg;
};

ouse_rc rest_submit(struct submission *submission);

/* Reads the parameters of a write that has only `dry_run`. */
ouse_rc rest_dry_run(struct http_request *request, int *dry_run);

/* Reads a JSON body of one of two media types; the second may be NULL. */
ouse_rc rest_read_json(struct http_request *request, const char *const types[2], struct ouse_str *text,
                       cJSON **body);

#endif
