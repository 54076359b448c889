/* visit: declarations shared by the pages of this folder.
 *
 *     Cookie ──> find_session: session ─> account ─> role of its grants ──> the request goes on
 *                                                  └─ a write from another site: 403
 *     /sign-in, /sign-out            sign_in.c
 *     /account, /account/…           account_pages.c
 *     /account/link/{secret}         account_pages.c: sets a password
 *
 * The kernel knows callers by role and name; everything about accounts is in this folder. Each page
 * is a document {"page", "title", "data"}, which the plugin `site` renders. Forms carry a token
 * that is bound to the session. */
#ifndef ACCOUNTS_VISIT_H
#define ACCOUNTS_VISIT_H

#include "../../api/feature.h"
#include "../../base/json.h"
#include "account.h"
#include "throttle.h"

/* The events that are counted, by their word in /metrics. */
enum accounts_event {
    ACCOUNTS_SIGNED_IN,
    ACCOUNTS_FAILED,  /* wrong password, wrong code, unknown or suspended account */
    ACCOUNTS_DELAYED, /* rejected before the password was looked at */
    ACCOUNTS_FOREIGN, /* a write with a cookie from another site, or a form without its token */
    ACCOUNTS_EVENTS
};

struct accounts {
    struct sign_in_options options;
    struct http_sessions sessions;
    const char *cookie; /* its name */
    int secure;
    struct account_throttle *throttle;
    unsigned char ticket_key[32]; /* of this process */
    counter events[ACCOUNTS_EVENTS];
};

/* ---- The signed-in account: accounts.c
 * -------------------------------------------------------------- */

#define ACCOUNTS_COOKIE        "ouse_session"
#define ACCOUNTS_SECURE_COOKIE "__Host-ouse_session" /* if people reach the register by https */

/* Finds the session of a cookie of that name, and its account. OUSE_E_NOT_FOUND if there is none, or the
 * account is not active. */
ouse_rc accounts_find_session(struct engine *engine, const char *name, struct ouse_str cookies,
                              struct arena *arena, struct ouse_str *secret, struct account_session *session,
                              struct account *account);

#define ACCOUNTS_TOKEN 43 /* characters of the token of a form */

struct visit {
    struct accounts *accounts;
    struct http_request *request;
    struct http_reply *reply;
    struct ouse_str secret; /* of the session; no text: nobody is signed in */
    struct account_session session;
    struct account account;
    char token[ACCOUNTS_TOKEN + 1];
    struct http_parameter form[HTTP_PARAMETERS];
    uint32_t n_form;
};

/* Begins a visit: reads the session and its account, if there is one. */
ouse_rc accounts_begin(struct visit *visit, struct accounts *accounts, struct http_request *request,
                       struct http_reply *reply);

/* Reads the form of a POST. If somebody is signed in, it must have the token: 403. */
ouse_rc accounts_form(struct visit *visit);

/* Returns a field of the form, or no text. */
struct ouse_str accounts_field(const struct visit *visit, const char *name);

/* Rejects a request that a page of another site has caused: 403. */
ouse_rc accounts_same_site(struct accounts *accounts, struct http_request *request);

/* Sets the cookie to a new session, or deletes it (NULL). */
void accounts_set_cookie(struct visit *visit, const char *secret);

/* 303 to a path below base_path, or to one that includes it. */
ouse_rc accounts_see(struct visit *visit, const char *path);
ouse_rc accounts_see_path(struct visit *visit, struct ouse_str path);

/* Logs an event of this visit, and counts it. `whose` is the id of an account, or "". */
void accounts_log(const struct visit *visit, enum accounts_event event, struct ouse_str whose,
                  const char *what);

/* Runs fn in a write transaction. What it writes is taken back if it fails. OUSE_E_UNAVAILABLE if the store
 * cannot be written. */
ouse_rc accounts_write(struct visit *visit, writer_fn fn, void *arg);

/* ---- Pages ------------------------------------------------------------------------------------ */

/* Answers with a page; `data` goes into the document. */
ouse_rc accounts_page(struct visit *visit, const char *page, const char *title, cJSON *data);

/* The data of a page: {"base", "token", "signed_in"}. */
cJSON *accounts_data(struct visit *visit);

/* Adds {"field", "detail"} to the errors of a page, and sets FIELD_problem and "mistakes". */
void accounts_error(cJSON *data, const char *field, const char *detail);

void accounts_add_text(cJSON *object, const char *name, struct ouse_str text);

/* "1 December 2026, 14:05" in UTC. */
struct ouse_str accounts_when(struct arena *arena, int64_t ms);

/* ---- Sign-in attempts ---------------------------------------------------------------------------- */

/* The keys of an attempt: the kind of check ("p" the password, "c" the code of an account), and the
 * client. */
struct attempt {
    struct account_throttle_key keys[2];
};

/* Begins an attempt, in the lane of sign-ins. OUSE_E_BUSY with Retry-After if it must wait. */
ouse_rc accounts_attempt(struct visit *visit, struct attempt *attempt, char kind, struct ouse_str of);

/* It was right: takes it back, and with `all` forgets earlier failures of the account. */
void accounts_attempt_right(struct visit *visit, const struct attempt *attempt, int all);

/* ---- Tickets: what a form carries from one page to the next, sealed: ticket.c ------------------------ */

#define TICKET_MS    600000
#define TICKET_BYTES 32

struct ticket {
    int64_t expires;
    char kind; /* a ticket of one form is none of another */
    char account[ACCOUNT_ID];
    unsigned char bytes[TICKET_BYTES];
};

/* The text of a ticket, in base64url. */
struct ouse_str accounts_ticket_seal(const struct accounts *accounts, const struct ticket *ticket,
                                     struct arena *arena);

/* Opens a ticket of a kind: 1, or 0 if it is none or has expired. */
int accounts_ticket_open(const struct accounts *accounts, struct ouse_str text, char kind, int64_t now,
                         struct ticket *ticket);

/* GET /-/whoami: whoami.c. */
ouse_rc accounts_whoami(struct http_request *request, struct http_reply *reply, void *rest);

/* Routes of sign_in.c and account_pages.c. */
struct accounts_route {
    uint32_t method;
    const char *path;
    http_handler handler;
};
extern const struct accounts_route accounts_sign_in_routes[],
    accounts_routes[]; /* ended by a row without a path */

#endif
