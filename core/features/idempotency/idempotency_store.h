/* idempotency_store: answers to requests that may be repeated, under the keys of their clients,
 * until they expire.
 *
 *     'k' key(16)             -> expires(8) fingerprint(16) answer
 *     't' expires(8) key(16)  -> nothing: in the order in which they expire
 *
 * Written in the transaction of the change: so an answer exists exactly if its change does. */
#ifndef IDEMPOTENCY_IDEMPOTENCY_STORE_H
#define IDEMPOTENCY_IDEMPOTENCY_STORE_H

#include "../../store/keys.h"

#define ANSWER_HASH 16

/* Two hashes: of the caller and its key, and of the request. */
struct answer_key {
    char key[ANSWER_HASH], fingerprint[ANSWER_HASH];
};

/* Finds the answer of a key, valid until the next write. Returns OUSE_E_NOT_FOUND if it does not
 * exist or it has expired, OUSE_E_CONFLICT if it belongs to another request. */
ouse_rc answers_find(struct txn *txn, const struct answer_key *key, int64_t now, struct ouse_str *answer);

/* Stores an answer after answers_find found no answer. */
ouse_rc answers_keep(struct txn *txn, const struct answer_key *key, int64_t expires, struct ouse_str answer);

/* Deletes expired answers, at most `most` of them; stores their number. */
ouse_rc answers_clear(struct txn *txn, int64_t now, uint32_t most, uint32_t *n);

#endif
