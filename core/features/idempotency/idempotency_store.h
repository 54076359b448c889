/* idempotency_store: what was answered to requests that may be sent again, under the keys
 * that their clients chose, for as long as those last.
 *
 *     'k' key(16)             -> expires(8) fingerprint(16) answer
 *     't' expires(8) key(16)  -> nothing: in the order in which they expire
 *
 * Written in the transaction of the change that was answered: so there is an
 * answer exactly when there is its change.
 */
#ifndef IDEMPOTENCY_IDEMPOTENCY_STORE_H
#define IDEMPOTENCY_IDEMPOTENCY_STORE_H

#include "../../store/keys.h"

#define ANSWER_HASH 16

/* Both are hashes: of who says which key, and of what he says with it. */
struct answer_key {
    char key[ANSWER_HASH], fingerprint[ANSWER_HASH];
};

/* The answer under a key, lent until the next write. OUSE_E_NOT_FOUND when there
 * is none or it has expired, OUSE_E_CONFLICT when it answers something else. */
ouse_rc answers_find(struct txn *txn, const struct answer_key *key, int64_t now, struct ouse_str *answer);

/* Keeps an answer where answers_find found none. */
ouse_rc answers_keep(struct txn *txn, const struct answer_key *key, int64_t expires, struct ouse_str answer);

/* Deletes what has expired, at most `most` of them; says how many there were. */
ouse_rc answers_clear(struct txn *txn, int64_t now, uint32_t most, uint32_t *n);

#endif
