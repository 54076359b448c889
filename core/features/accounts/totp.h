/* totp: one-time codes by the clock (RFC 6238: HMAC-SHA-1, 30 s, 6 digits, which every
 * authenticator app accepts), and recovery codes for a person who has lost the app. */
#ifndef ACCOUNTS_TOTP_H
#define ACCOUNTS_TOTP_H

#include "account.h"

#define ACCOUNT_TOTP_KEY  32 /* characters of a secret in base32, without a NUL */
#define ACCOUNT_CODE_TEXT 19 /* "abcd-efgh-ijkl-mnop" */

void accounts_totp_key(const unsigned char secret[ACCOUNT_TOTP_SECRET], char key[ACCOUNT_TOTP_KEY + 1]);

/* The code of a step (seconds since 1970 / 30), of so many digits. */
uint32_t accounts_totp_code(const unsigned char *secret, size_t n, uint64_t step, uint32_t digits);

/* Checks a code at a time, with a step of tolerance in both directions, and stores its step.
 * Returns 1 if it is right and later than every code before, otherwise 0. Ignores spaces in the
 * code. */
int accounts_totp_accept(struct account_totp *totp, struct ouse_str code, int64_t now);

/* Makes the recovery codes; texts are NUL-terminated. */
void accounts_codes_make(struct account_totp *totp, char codes[ACCOUNT_CODES][ACCOUNT_CODE_TEXT + 1]);

/* Checks a recovery code and removes it: returns 1 if it was there, else 0. */
int accounts_code_accept(struct account_totp *totp, struct ouse_str code);

#endif
