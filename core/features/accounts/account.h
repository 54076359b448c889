/* account: people who sign in, as stored.
 *
 *     'a' id           -> {id, email, name, organisation, person, state, created, password, totp, grants}
 *     'e' e-mail       -> id
 *     'l' hash(32)     -> {account, expires}: a link by which a person sets a password, once
 *     's' hash(32)     -> {account, created, seen, address, agent}: a session of a browser
 *
 *     invited ──(sets a password)──> active <──> suspended
 *
 * Secrets of links and sessions are not stored, only their hashes. Nothing is cached: changes by
 * another process take effect with the next request. Invariants, which `ouse verify` checks: each
 * e-mail address leads to the account that has it; links and sessions belong to an account. */
#ifndef ACCOUNTS_ACCOUNT_H
#define ACCOUNTS_ACCOUNT_H

#include "../../store/engine.h"

#define ACCOUNT_ACTOR      "account/" /* before the id: the actor in the journal */
#define ACCOUNT_ID         16         /* characters of an id */
#define ACCOUNT_EMAIL_MAX  254
#define ACCOUNT_NAME_MAX   200
#define ACCOUNT_GRANTS_MAX 32
#define ACCOUNT_SECRET     43 /* characters of the secret of a link or a session: 256 bits in base64url */
#define ACCOUNT_HASH       32
#define ACCOUNT_LINK_MS    INT64_C(86400000)
#define ACCOUNT_IDLE_MS    INT64_C(43200000)   /* 12 h: a session without a request ends */
#define ACCOUNT_TOTAL_MS   INT64_C(2592000000) /* 30 days: every session ends */
#define ACCOUNT_SEEN_MS    300000              /* so old may the time of the last request be */

enum account_state { ACCOUNT_INVITED, ACCOUNT_ACTIVE, ACCOUNT_SUSPENDED, ACCOUNT_STATES };
extern const char *const accounts_states[ACCOUNT_STATES];

struct account_grant {
    uint32_t role;                /* OUSE_PARTNER, OUSE_OFFICE or OUSE_MANAGER */
    struct ouse_str collections;  /* a JSON list of names; ["*"]: all */
    struct ouse_str organisation; /* no text: all */
    int64_t expires;              /* ms; 0: never */
};

#define ACCOUNT_TOTP_SECRET 20
#define ACCOUNT_CODES       10 /* recovery codes */
#define ACCOUNT_CODE_HASH   16

struct account_totp {
    unsigned char secret[ACCOUNT_TOTP_SECRET];
    int on;
    int64_t step; /* of the last code that was accepted: neither it nor an earlier one is accepted again */
    unsigned char codes[ACCOUNT_CODES][ACCOUNT_CODE_HASH];
    uint32_t n_codes; /* that are left */
};

struct account {
    struct ouse_str id, email, name;
    struct ouse_str organisation, person; /* ids of records; no text: no record */
    enum account_state state;
    int64_t created;
    struct ouse_str password; /* as crypto_pwhash_str writes it; no text: not set */
    struct account_totp totp;
    struct account_grant grants[ACCOUNT_GRANTS_MAX];
    uint32_t n_grants;
};

/* ---- Accounts: account_store.c ------------------------------------------------------ */

/* Reads an e-mail address, without surrounding white space and in lower case. Returns
 * OUSE_E_INVALID if it is malformed. */
ouse_rc accounts_email(struct ouse_str text, struct arena *arena, struct ouse_str *email,
                       struct problem *problem);

/* Finds an account by id, or by an address that accounts_email returned. Its texts live in the
 * arena. Returns OUSE_E_NOT_FOUND if it does not exist. */
ouse_rc accounts_get(struct txn *txn, struct ouse_str id, struct arena *arena, struct account *account,
                     struct problem *problem);
ouse_rc accounts_find(struct txn *txn, struct ouse_str email, struct arena *arena, struct account *account,
                      struct problem *problem);

/* Stores a new account and gives it an id. OUSE_E_CONFLICT if the address is taken, OUSE_E_INVALID if the
 * name is not valid. */
ouse_rc accounts_create(struct txn *txn, struct account *account, struct problem *problem);

/* Stores an account that accounts_get or accounts_find returned; the address is as it was. */
ouse_rc accounts_put(struct txn *txn, const struct account *account, struct problem *problem);

/* Calls fn with each account, by e-mail address. */
ouse_rc accounts_each(struct txn *txn, struct arena *arena, void (*fn)(void *arg, const struct account *),
                      void *arg, struct problem *problem);

/* Returns the role of the grants at a time: the highest that has not expired, or OUSE_PUBLIC. */
uint32_t accounts_role(const struct account *account, int64_t now);

/* Adds a grant; one of the same role is replaced. OUSE_E_INVALID if there are ACCOUNT_GRANTS_MAX. */
ouse_rc accounts_grant(struct account *account, const struct account_grant *grant, struct problem *problem);

/* Removes the grant of a role. Returns OUSE_E_NOT_FOUND if there is no such grant. */
ouse_rc accounts_revoke(struct account *account, uint32_t role, struct problem *problem);

/* {"role","collections","organisation","expires"} of each grant, as a JSON list. */
struct buffer;
void accounts_write_grants(const struct account *account, struct buffer *out);

/* Checks the invariants above. Calls fn with a sentence for each fault. */
ouse_rc accounts_verify(struct txn *txn, void (*fn)(void *arg, const char *fault), void *arg,
                        uint64_t *accounts, uint64_t *faults);

/* ---- Links and sessions: account_session.c ---------------------------------------------- */

/* Makes a link of an account, and ends its earlier ones. */
ouse_rc accounts_link_create(struct txn *txn, struct ouse_str account, int64_t now,
                             char secret[ACCOUNT_SECRET + 1], struct problem *problem);

/* Finds the account of a link. OUSE_E_NOT_FOUND if there is no such link, or it has expired. */
ouse_rc accounts_link_find(struct txn *txn, struct ouse_str secret, int64_t now, struct arena *arena,
                           struct account *account, struct problem *problem);

ouse_rc accounts_links_end(struct txn *txn, struct ouse_str account);

struct account_session {
    unsigned char key[ACCOUNT_HASH]; /* the hash of its secret */
    struct ouse_str account;
    int64_t created, seen;
    struct ouse_str address, agent; /* of the client that signed in */
};

/* Makes a session; sets its key and writes its secret. */
ouse_rc accounts_session_create(struct txn *txn, struct account_session *session,
                                char secret[ACCOUNT_SECRET + 1]);

/* Finds the session of a secret. Returns OUSE_E_NOT_FOUND if it does not exist or has expired. */
ouse_rc accounts_session_find(struct txn *txn, struct ouse_str secret, int64_t now, struct arena *arena,
                              struct account_session *session);

/* Notes the time of a request. OUSE_E_NOT_FOUND if the session has ended. */
ouse_rc accounts_session_seen(struct txn *txn, const struct account_session *session, int64_t now);

ouse_rc accounts_session_end(struct txn *txn, const unsigned char key[ACCOUNT_HASH]);

/* Ends all sessions of an account but `kept` (NULL: all of them); *n is how many. */
ouse_rc accounts_sessions_end(struct txn *txn, struct ouse_str account, const unsigned char *kept,
                              uint32_t *n);

/* The sessions of an account that have not expired. */
ouse_rc accounts_sessions(struct txn *txn, struct ouse_str account, int64_t now, struct arena *arena,
                          struct account_session **sessions, uint32_t *n);

/* Deletes at most `most` links and sessions that have expired; *n: how many. With the time INT64_MAX, they
 * all have. */
ouse_rc accounts_expire(struct txn *txn, int64_t now, uint32_t most, uint32_t *n);

/* ---- For both ------------------------------------------------------------------------------ */

/* The key of an entry: a letter and bytes. */
struct key;
void accounts_key(struct key *key, char kind, struct ouse_str bytes);

/* Calls fn with the entries of a kind, in the order of their keys, until it returns non-zero. fn changes
 * nothing. */
ouse_rc accounts_walk(struct txn *txn, char kind,
                      int (*fn)(void *arg, struct ouse_str bytes, struct ouse_str value), void *arg);

#endif
