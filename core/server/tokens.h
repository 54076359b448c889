/* tokens: authorises callers by a secret.
 *
 *   "ouse_" and 32 random bytes in base64url ──BLAKE2b──> key in DB_TOKENS
 *                                            {name, role, created, expires}
 *
 * The secret itself is not stored: it is shown once, when it is created. A caller is found by the
 * hash of the secret, so the time of the search reveals nothing about other tokens. Nothing is
 * cached: if another process revokes a token, the next request with it is rejected. Names are
 * unique; the journal records the name as the actor. */
#ifndef SERVER_TOKENS_H
#define SERVER_TOKENS_H

#include "../store/engine.h"

#define TOKEN_PREFIX   "ouse_" /* by which scanners find a token that leaked */
#define TOKEN_LENGTH   48      /* of the secret's text */
#define TOKEN_NAME_MAX 80

struct token {
    struct ouse_str name; /* 1 to TOKEN_NAME_MAX characters without control characters */
    uint32_t role;        /* OUSE_PARTNER, OUSE_OFFICE or OUSE_MANAGER */
    int64_t created;      /* ms */
    int64_t expires;      /* ms; 0: never */
};

/* "partner", "office", "manager"; NULL for a role that no token has. */
const char *token_role_name(uint32_t role);

/* The role of that name: 0, or -1. */
int token_role(struct ouse_str name, uint32_t *role);

/* Keeps a new token and writes its secret, NUL-terminated. A token without a
 * name is called after its role and time. OUSE_E_CONFLICT when the name is
 * taken, OUSE_E_INVALID when it is no name. */
ouse_rc token_create(struct txn *txn, const struct token *token, char secret[TOKEN_LENGTH + 1],
                     struct problem *problem);

/* All tokens, in no order that means anything; names are copied into `arena`. */
ouse_rc token_list(struct txn *txn, struct arena *arena, struct token **tokens, uint32_t *n,
                   struct problem *problem);

/* Revokes the token of that name. Returns OUSE_E_NOT_FOUND if it does not exist. */
ouse_rc token_revoke(struct txn *txn, struct ouse_str name, struct problem *problem);

/* Finds the token of an Authorization value; copies its name into `arena`. With
 * OUSE_E_UNAUTHENTICATED, the message distinguishes a value that is not a bearer token, an unknown
 * token and an expired one. */
ouse_rc token_find(struct txn *txn, struct arena *arena, struct ouse_str authorization, struct token *token,
                   struct problem *problem);

#endif
