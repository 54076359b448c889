/* password: argon2id from libsodium, and the rules for passwords.
 *
 * A computation takes 64 MiB and about a tenth of a second. Any client can cause one, so at most
 * PASSWORD_AT_ONCE run at a time and other threads wait; the caller bounds how many wait. A
 * password is normalised (NFKC) first, because keyboards write the same letter in different ways. */
#ifndef ACCOUNTS_PASSWORD_H
#define ACCOUNTS_PASSWORD_H

#include "../../base/error.h"
#include "../../observe/metrics.h"

#define ACCOUNT_PASSWORD_LEAST   12  /* characters */
#define ACCOUNT_PASSWORD_MOST    256 /* bytes */
#define ACCOUNT_PASSWORD_AT_ONCE 2

/* Computations that were made. */
extern counter accounts_password_runs;

/* Hashes a password; the text lives in the arena. OUSE_E_UNAVAILABLE if memory is short. */
ouse_rc accounts_password_hash(struct ouse_str password, struct arena *arena, struct ouse_str *hash,
                               struct problem *problem);

/* Returns whether a password has this hash. For an unknown account, pass no text: the check takes
 * the same time and returns 0. */
int accounts_password_matches(struct ouse_str hash, struct ouse_str password);

/* Checks a new password. `own` are texts that it must not be made of: the e-mail address and the
 * name of its account. Returns the mistake, for the person who typed it, or NULL. */
const char *accounts_password_fault(struct ouse_str password, const struct ouse_str *own, uint32_t n_own);

#endif
