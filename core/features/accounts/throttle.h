/* throttle: a growing delay after failed sign-ins, by account and by client address.
 *
 *     attempt ──> accounts_throttle_begin ──> locked? wait
 *                      │ counts as a failure, so that attempts at the same time are counted too
 *                      └─> accounts_throttle_undo, accounts_throttle_clear once it was right
 *
 * After some failures, each further one locks the key for twice as long as the one before, at most
 * ACCOUNT_LONGEST_MS. A key is forgotten some time after its last failure. The table has a fixed size: a full
 * set gives the place of the key with the fewest failures. Thread-safe.
 */
#ifndef ACCOUNTS_THROTTLE_H
#define ACCOUNTS_THROTTLE_H

#include <ouse/abi.h>

#define ACCOUNT_FREE_FAILURES 3  /* of an account, before the first delay */
#define ACCOUNT_FREE_ADDRESS  10 /* of an address: people share one */
#define ACCOUNT_LONGEST_MS    900000
#define ACCOUNT_FORGET_MS     3600000

struct account_throttle;

struct account_throttle *accounts_throttle_create(void);
void accounts_throttle_destroy(struct account_throttle *throttle); /* legal on NULL */

struct account_throttle_key {
    char kind; /* keys of two kinds are never the same */
    struct ouse_str text;
    uint32_t free; /* failures before the first delay */
};

/* Begins an attempt at a time of the monotonic clock. Returns 0 and counts a failure for each key;
 * or returns the milliseconds until all keys are free, and counts nothing. */
int64_t accounts_throttle_begin(struct account_throttle *throttle, const struct account_throttle_key *keys,
                                uint32_t n, int64_t now);

/* Takes the failure that accounts_throttle_begin counted for a key back; or all failures of the key. */
void accounts_throttle_undo(struct account_throttle *throttle, const struct account_throttle_key *key);
void accounts_throttle_clear(struct account_throttle *throttle, const struct account_throttle_key *key);

#endif
