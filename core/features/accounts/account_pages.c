/* account_pages: /account, where people see their grants and sessions, change their password and set up
 * one-time codes; and /account/link/{secret}, where an invited person sets a password. */
#include "../../base/clock.h"
#include "../../schema/schema.h"
#include "password.h"
#include "totp.h"
#include "visit.h"
#include <sodium.h>
#include <stdlib.h>

enum { SESSION_NAME = 8 /* bytes of the hash of a session that name it on a page */ };

/* ---- What the pages share -------------------------------------------------------------------------- */

/* Begins a visit of a page for signed-in people. Sets *elsewhere if the answer redirects to
 * /sign-in. */
static ouse_rc begin(struct visit *visit, struct accounts *accounts, struct http_request *request,
                     struct http_reply *reply, int *elsewhere)
{
    ouse_rc rc = accounts_begin(visit, accounts, request, reply);
    if (!rc && request->method == HTTP_POST)
        rc = accounts_form(visit);
    *elsewhere = !rc && !visit->secret.p;
    return *elsewhere
               ? accounts_see(
                     visit,
                     arena_printf(request->arena, "/sign-in?next=%s/account", accounts->options.base_path).p)
               : rc;
}

/* A change of an account, in the transaction that reads it again. */
struct account_change {
    struct visit *visit;
    struct ouse_str id;
    struct ouse_str password;        /* that the account must still have; no text: any */
    struct ouse_str hash;            /* a new password; no text: none */
    const struct account_totp *totp; /* new; NULL: as it is */
    struct ouse_str link;            /* by which the password is set; no text: none */
    const unsigned char *kept;       /* the session that does not end; NULL: all end */
    int ends;                        /* sessions end */
};

static ouse_rc write_change(struct txn *txn, void *arg)
{
    const struct account_change *change = arg;
    struct arena *arena = change->visit->request->arena;
    struct account account;
    struct problem problem;
    uint32_t ended;
    problem_init(&problem, arena);
    ouse_rc rc = change->link.p
                     ? accounts_link_find(txn, change->link, clock_now(), arena, &account, &problem)
                     : accounts_get(txn, change->id, arena, &account, &problem);
    if (rc)
        return rc;
    if (account.state == ACCOUNT_SUSPENDED ||
        (change->password.p && !ouse_same(account.password, change->password)))
        return OUSE_E_UNAUTHENTICATED;
    if (change->hash.p) {
        account.password = change->hash;
        account.state = ACCOUNT_ACTIVE;
    }
    if (change->totp)
        account.totp = *change->totp;
    rc = accounts_put(txn, &account, &problem);
    if (!rc && change->hash.p)
        rc = accounts_links_end(txn, account.id);
    if (!rc && change->ends)
        rc = accounts_sessions_end(txn, account.id, change->kept, &ended);
    return rc;
}

/* Checks the password of the account that is signed in. Returns 1 if it is right; otherwise the
 * caller shows the page again with the error, unless *rc is set. */
static int knows_password(struct visit *visit, cJSON *data, ouse_rc *rc)
{
    struct attempt attempt;
    struct ouse_str password = accounts_field(visit, "current");
    *rc = accounts_attempt(visit, &attempt, 'p', visit->account.email);
    if (*rc)
        return 0;
    if (accounts_password_matches(visit->account.password, password.p ? password : ouse_s(""))) {
        accounts_attempt_right(visit, &attempt, 1);
        return 1;
    }
    accounts_log(visit, ACCOUNTS_FAILED, visit->account.id, "wrong password on /account");
    visit->reply->status = 422;
    accounts_error(data, "current", "Enter the password that you sign in with");
    return 0;
}

/* Checks and hashes a new password. Returns 1; else as knows_password. */
static int takes_password(struct visit *visit, const struct account *account, cJSON *data,
                          struct ouse_str *hash, ouse_rc *rc)
{
    const struct ouse_str own[] = {account->email, account->name};
    struct ouse_str password = accounts_field(visit, "password");
    const char *fault = accounts_password_fault(password.p ? password : ouse_s(""), own, 2);
    *rc = OUSE_OK;
    if (fault) {
        visit->reply->status = 422;
        accounts_error(data, "password", fault);
        return 0;
    }
    *rc = http_enter(visit->request, HTTP_SIGN_INS);
    if (!*rc)
        *rc = accounts_password_hash(password, visit->request->arena, hash, visit->request->problem);
    return !*rc;
}

/* ---- /account -------------------------------------------------------------------------------------- */

static void add_grants(cJSON *data, const struct account *account, struct arena *arena)
{
    static const struct {
        uint32_t role;
        const char *may;
    } rows[] = {{OUSE_PARTNER, "read what is for partners"},
                {OUSE_OFFICE, "read everything"},
                {OUSE_MANAGER, "read and change everything"}};
    cJSON *grants = cJSON_AddArrayToObject(data, "grants");
    for (uint32_t i = 0; i < account->n_grants; i++) {
        const struct account_grant *grant = &account->grants[i];
        cJSON *row = cJSON_CreateObject();
        cJSON_AddStringToObject(row, "role", schema_role_name(grant->role));
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            if (rows[k].role == grant->role)
                cJSON_AddStringToObject(row, "may", rows[k].may);
        if (grant->expires) {
            accounts_add_text(row, "expires", accounts_when(arena, grant->expires));
            cJSON_AddBoolToObject(row, "expired", grant->expires <= clock_now());
        }
        cJSON_AddItemToArray(grants, row);
    }
}

static ouse_rc read_sessions(struct visit *visit, struct account_session **sessions, uint32_t *n)
{
    struct txn *txn;
    ouse_rc rc = engine_read(visit->accounts->options.engine, &txn);
    if (!rc) {
        rc = accounts_sessions(txn, visit->account.id, clock_now(), visit->request->arena, sessions, n);
        txn_end(txn);
    }
    return rc ? problem_fail(visit->request->problem, rc, "The sessions cannot be read now") : OUSE_OK;
}

static void add_session(cJSON *list, const struct visit *visit, const struct account_session *session)
{
    struct arena *arena = visit->request->arena;
    char name[2 * SESSION_NAME + 1];
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "id", sodium_bin2hex(name, sizeof name, session->key, SESSION_NAME));
    accounts_add_text(row, "client", session->agent);
    accounts_add_text(row, "address", session->address);
    accounts_add_text(row, "created", accounts_when(arena, session->created));
    accounts_add_text(row, "seen", accounts_when(arena, session->seen));
    cJSON_AddBoolToObject(row, "current", memcmp(session->key, visit->session.key, ACCOUNT_HASH) == 0);
    cJSON_AddItemToArray(list, row);
}

static ouse_rc show_account(struct visit *visit)
{
    const struct account *account = &visit->account;
    struct account_session *sessions;
    cJSON *data = accounts_data(visit), *list;
    struct ouse_str done = accounts_field(visit, "done");
    uint32_t n;
    if (read_sessions(visit, &sessions, &n))
        return visit->request->problem->rc;
    accounts_add_text(data, "name", account->name);
    accounts_add_text(data, "email", account->email);
    accounts_add_text(data, "organisation", account->organisation);
    accounts_add_text(data, "person", account->person);
    add_grants(data, account, visit->request->arena);
    cJSON_AddBoolToObject(data, "totp", account->totp.on);
    cJSON_AddNumberToObject(data, "codes_left", account->totp.n_codes);
    cJSON_AddBoolToObject(data, "password_set", ouse_is(done, "password"));
    cJSON_AddBoolToObject(data, "sessions_ended", ouse_is(done, "sessions"));
    cJSON_AddBoolToObject(data, "totp_ended", ouse_is(done, "totp"));
    list = cJSON_AddArrayToObject(data, "sessions");
    for (uint32_t i = 0; i < n; i++)
        add_session(list, visit, &sessions[i]);
    cJSON_AddBoolToObject(data, "others", n > 1);
    return accounts_page(visit, "account", "Your account", data);
}

static ouse_rc get_account(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    if (rc || elsewhere)
        return rc;
    return http_query(request, visit.form, &visit.n_form) ? request->problem->rc : show_account(&visit);
}

/* ---- Sessions ------------------------------------------------------------------------------------------ */

struct ending {
    struct visit *visit;
    struct ouse_str name; /* of a session; "others": all but this one */
};

static ouse_rc write_ends(struct txn *txn, void *arg)
{
    const struct ending *ending = arg;
    const struct visit *visit = ending->visit;
    struct account_session *sessions;
    char name[2 * SESSION_NAME + 1];
    uint32_t n;
    if (ouse_is(ending->name, "others"))
        return accounts_sessions_end(txn, visit->account.id, visit->session.key, &n);
    ouse_rc rc = accounts_sessions(txn, visit->account.id, clock_now(), visit->request->arena, &sessions, &n);
    for (uint32_t i = 0; i < n && !rc; i++)
        if (ouse_is(ending->name, sodium_bin2hex(name, sizeof name, sessions[i].key, SESSION_NAME)))
            rc = accounts_session_end(txn, sessions[i].key);
    return rc;
}

static ouse_rc post_sessions(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    if (rc || elsewhere)
        return rc;
    struct ending ending = {&visit, accounts_field(&visit, "session")};
    rc = accounts_write(&visit, write_ends, &ending);
    return rc ? rc : accounts_see(&visit, "/account?done=sessions");
}

/* ---- The password ----------------------------------------------------------------------------------------
 */

static ouse_rc show_password(struct visit *visit, cJSON *data)
{
    cJSON_AddStringToObject(data, "action", "/account/password");
    cJSON_AddBoolToObject(data, "change", 1);
    accounts_add_text(data, "email", visit->account.email);
    return accounts_page(visit, "account-password", "Change your password", data);
}

static ouse_rc get_password(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    return rc || elsewhere ? rc : show_password(&visit, accounts_data(&visit));
}

static ouse_rc post_password(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    struct account_change change = {.visit = &visit, .ends = 1};
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    if (rc || elsewhere)
        return rc;
    cJSON *data = accounts_data(&visit);
    if (!knows_password(&visit, data, &rc) ||
        !takes_password(&visit, &visit.account, data, &change.hash, &rc))
        return rc ? rc : show_password(&visit, data);
    change.id = visit.account.id;
    change.password = visit.account.password;
    change.kept = visit.session.key;
    rc = accounts_write(&visit, write_change, &change);
    return rc ? rc : accounts_see(&visit, "/account?done=password");
}

/* ---- One-time codes ---------------------------------------------------------------------------------------
 */

/* Shows the key of a ticket, to be entered into an app; or that codes are on. */
static ouse_rc show_codes(struct visit *visit, const struct ticket *ticket, cJSON *data)
{
    struct arena *arena = visit->request->arena;
    char key[ACCOUNT_TOTP_KEY + 1];
    cJSON_AddBoolToObject(data, "on", visit->account.totp.on);
    cJSON_AddNumberToObject(data, "codes_left", visit->account.totp.n_codes);
    if (!visit->account.totp.on) {
        accounts_totp_key(ticket->bytes, key);
        accounts_add_text(data, "ticket", accounts_ticket_seal(visit->accounts, ticket, arena));
        accounts_add_text(data, "key",
                          arena_printf(arena, "%.4s %.4s %.4s %.4s %.4s %.4s %.4s %.4s", key, key + 4,
                                       key + 8, key + 12, key + 16, key + 20, key + 24, key + 28));
        accounts_add_text(
            data, "uri",
            arena_printf(arena, "otpauth://totp/%.*s?secret=%s", OUSE_F(visit->account.email), key));
    }
    return accounts_page(visit, "account-codes", "One-time codes", data);
}

static struct ticket make_setup(const struct visit *visit)
{
    struct ticket ticket = {.kind = 't', .expires = clock_now() + TICKET_MS};
    memcpy(ticket.account, visit->account.id.p, ACCOUNT_ID);
    random_fill(ticket.bytes, ACCOUNT_TOTP_SECRET);
    return ticket;
}

static ouse_rc get_codes(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    if (rc || elsewhere)
        return rc;
    struct ticket ticket = make_setup(&visit);
    return show_codes(&visit, &ticket, accounts_data(&visit));
}

static int is_of(const struct visit *visit, const struct ticket *ticket)
{
    return memcmp(ticket->account, visit->account.id.p, ACCOUNT_ID) == 0;
}

/* Turns codes on, and shows the recovery codes: this once. */
static ouse_rc turn_on(struct visit *visit, struct account_totp *totp)
{
    char codes[ACCOUNT_CODES][ACCOUNT_CODE_TEXT + 1];
    struct account_change change = {.visit = visit, .id = visit->account.id, .totp = totp, .ends = 1};
    accounts_codes_make(totp, codes);
    change.kept = visit->session.key;
    ouse_rc rc = accounts_write(visit, write_change, &change);
    if (rc)
        return rc;
    cJSON *data = accounts_data(visit), *list = cJSON_AddArrayToObject(data, "codes");
    for (int i = 0; i < ACCOUNT_CODES; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(codes[i]));
    cJSON_AddBoolToObject(data, "new_codes", 1);
    return accounts_page(visit, "account-codes", "Your recovery codes", data);
}

static ouse_rc post_codes(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    struct ticket ticket;
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    if (rc || elsewhere)
        return rc;
    cJSON *data = accounts_data(&visit);
    struct account_totp totp = {.on = 1};
    struct ouse_str code = accounts_field(&visit, "code");
    if (visit.account.totp.on)
        return accounts_see(&visit, "/account/codes");
    if (!accounts_ticket_open(arg, accounts_field(&visit, "ticket"), 't', clock_now(), &ticket) ||
        !is_of(&visit, &ticket)) {
        ticket = make_setup(&visit);
        accounts_error(data, "code", "This took too long; enter the new key into your app");
    } else {
        memcpy(totp.secret, ticket.bytes, sizeof totp.secret);
        if (accounts_totp_accept(&totp, code.p ? code : ouse_s(""), clock_now()))
            return turn_on(&visit, &totp);
        accounts_error(data, "code", "Enter the code of six digits that your app shows now");
    }
    reply->status = 422;
    return show_codes(&visit, &ticket, data);
}

static ouse_rc post_codes_off(struct http_request *request, struct http_reply *reply, void *arg)
{
    static const struct account_totp off;
    struct visit visit;
    struct ticket none = {0};
    int elsewhere;
    ouse_rc rc = begin(&visit, arg, request, reply, &elsewhere);
    if (rc || elsewhere)
        return rc;
    cJSON *data = accounts_data(&visit);
    if (!visit.account.totp.on)
        return accounts_see(&visit, "/account");
    if (!knows_password(&visit, data, &rc))
        return rc ? rc : show_codes(&visit, &none, data);
    struct account_change change = {
        .visit = &visit, .id = visit.account.id, .password = visit.account.password, .totp = &off};
    rc = accounts_write(&visit, write_change, &change);
    return rc ? rc : accounts_see(&visit, "/account?done=totp");
}

/* ---- Links
 * ------------------------------------------------------------------------------------------------- */

/* Finds the account of the link in the path: 404 with the reason. */
static ouse_rc find_link(struct visit *visit, struct account *account)
{
    struct http_request *request = visit->request;
    struct txn *txn;
    ouse_rc rc = engine_read(visit->accounts->options.engine, &txn);
    if (rc)
        return problem_fail(request->problem, rc, "The links cannot be read now");
    rc =
        accounts_link_find(txn, request->captures[0], clock_now(), request->arena, account, request->problem);
    txn_end(txn);
    return rc;
}

static ouse_rc show_link(struct visit *visit, const struct account *account, cJSON *data)
{
    accounts_add_text(
        data, "action",
        arena_printf(visit->request->arena, "/account/link/%.*s", OUSE_F(visit->request->captures[0])));
    accounts_add_text(data, "email", account->email);
    return accounts_page(visit, "account-password", "Set your password", data);
}

static ouse_rc get_link(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    struct account account;
    if (accounts_begin(&visit, arg, request, reply) || find_link(&visit, &account))
        return request->problem->rc;
    return show_link(&visit, &account, accounts_data(&visit));
}

static ouse_rc post_link(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    struct account account;
    struct account_change change = {.visit = &visit, .link = request->captures[0], .ends = 1};
    ouse_rc rc;
    if (accounts_begin(&visit, arg, request, reply) || accounts_form(&visit) || find_link(&visit, &account))
        return request->problem->rc;
    cJSON *data = accounts_data(&visit);
    if (!takes_password(&visit, &account, data, &change.hash, &rc))
        return rc ? rc : show_link(&visit, &account, data);
    rc = accounts_write(&visit, write_change, &change);
    if (rc == OUSE_E_NOT_FOUND)
        return find_link(&visit, &account) ? request->problem->rc : rc;
    return rc ? rc : accounts_see(&visit, "/sign-in?done=password");
}

const struct accounts_route accounts_routes[] = {
    {HTTP_GET, "/account", get_account},
    {HTTP_POST, "/account/sessions", post_sessions},
    {HTTP_GET, "/account/password", get_password},
    {HTTP_POST, "/account/password", post_password},
    {HTTP_GET, "/account/codes", get_codes},
    {HTTP_POST, "/account/codes", post_codes},
    {HTTP_POST, "/account/codes/off", post_codes_off},
    {HTTP_GET, "/account/link/{secret}", get_link},
    {HTTP_POST, "/account/link/{secret}", post_link},
    {0, NULL, NULL},
};
