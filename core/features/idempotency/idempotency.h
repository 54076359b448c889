/* idempotency: the answer to a request that is sent again under its Idempotency-Key.
 *
 * A client that lost an answer sends the request again with the same key, and
 * gets the answer of the first one, marked by Idempotency-Replayed: true. The
 * key belongs to the caller (to the client's address, if the caller is anonymous) for REPLAY_MS; with another
 * request it is 422. A key from before a restore counts as new. Only what succeeded is kept: a request that
 * failed changed nothing, and is tried anew. Of two at a time the second waits, since there is one writer. A
 * dry run keeps nothing, so the key does not matter to it.
 */
#ifndef IDEMPOTENCY_IDEMPOTENCY_H
#define IDEMPOTENCY_IDEMPOTENCY_H

#include "../../http/http.h"
#include "idempotency_store.h"

#define REPLAY_MS      (24 * 60 * 60 * 1000)
#define REPLAY_KEY_MAX 255

struct replay {
    int asked; /* the request brings a key */
    struct answer_key key;
};

/* Reads the key of a POST. 400 for one that is not 1 to REPLAY_KEY_MAX printable
 * ASCII characters. `epoch` is that of the store, `body` that of the request, as it came. */
ouse_rc replay_read(const struct http_request *request, uint64_t epoch, struct ouse_str body,
                    struct replay *replay);

/* Fills the reply with what was answered before; *found tells whether it was. */
ouse_rc replay_find(struct txn *txn, const struct replay *replay, int64_t now, struct arena *arena,
                    struct http_reply *reply, int *found, struct problem *problem);

/* Keeps a reply, in the transaction of its change. */
ouse_rc replay_keep(struct txn *txn, const struct replay *replay, int64_t now, const struct http_reply *reply,
                    struct problem *problem);

#endif
