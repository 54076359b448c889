/* sign_in: /sign-in and /sign-out.
 *
 *     POST e-mail, password ──> delay? ──> argon2 (always) ──> one-time codes off: session
 *                                                                  └──> on: a page with a sealed ticket
 *     POST ticket, code     ──> delay? ──> code or recovery code ───────> session
 *
 * The session is made in the transaction that reads the account again, so an account that is
 * suspended, or whose password is changed, in the meantime gets no session. Its id is always new,
 * and the former session of the browser ends. */
#include "../../base/clock.h"
#include "password.h"
#include "totp.h"
#include "visit.h"

enum { NEXT_MAX = 1000 };

#define WRONG      "The e-mail address or the password is wrong"
#define WRONG_CODE "The code is wrong, or was used before"

/* ---- Pages ------------------------------------------------------------------------------------ */

/* Where to go afterwards, a path of this site; no text if the form does not say. */
static struct ouse_str next_of(const struct visit *visit)
{
    struct ouse_str next = accounts_field(visit, "next");
    if (next.n < 1 || next.n > NEXT_MAX || next.p[0] != '/' || (next.n > 1 && next.p[1] == '/') ||
        memchr(next.p, '\\', next.n))
        return (struct ouse_str){0};
    return next;
}

static ouse_rc show_sign_in(struct visit *visit, cJSON *data)
{
    accounts_add_text(data, "email", accounts_field(visit, "email"));
    accounts_add_text(data, "next", next_of(visit));
    return accounts_page(visit, "sign-in", "Sign in", data);
}

/* "?next=/account" and "?done=password" are read like a form. */
static ouse_rc read_query(struct visit *visit)
{
    return http_query(visit->request, visit->form, &visit->n_form);
}

static ouse_rc get_sign_in(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    if (accounts_begin(&visit, arg, request, reply) || read_query(&visit))
        return request->problem->rc;
    if (visit.secret.p)
        return next_of(&visit).p ? accounts_see_path(&visit, next_of(&visit))
                                 : accounts_see(&visit, "/account");
    cJSON *data = accounts_data(&visit);
    cJSON_AddBoolToObject(data, "password_set", ouse_is(accounts_field(&visit, "done"), "password"));
    return show_sign_in(&visit, data);
}

/* ---- The session --------------------------------------------------------------------------------- */

struct signing_in {
    struct visit *visit;
    const struct account *account; /* as it was read when the password was checked */
    struct ouse_str code;          /* no text: the account has no one-time codes */
    struct ouse_str client, agent; /* address and description */
    char secret[ACCOUNT_SECRET + 1];
};

/* The first name with its mark in a text. */
struct mark {
    const char *in_text, *name;
};

static const char *find_mark(const struct mark *marks, struct ouse_str text)
{
    while (marks->in_text && !memmem(text.p, text.n, marks->in_text, strlen(marks->in_text)))
        marks++;
    return marks->name;
}

/* "Firefox on Windows": by this people recognise their sessions. */
static struct ouse_str describe_client(struct arena *arena, struct ouse_str agent)
{
    static const struct mark browsers[] = {
        {"Edg/", "Edge"},     {"OPR/", "Opera"},     {"Firefox/", "Firefox"},  {"Chrome/", "Chrome"},
        {"CriOS/", "Chrome"}, {"Safari/", "Safari"}, {NULL, "another browser"}};
    static const struct mark systems[] = {{"Android", " on Android"},
                                          {"iPhone", " on an iPhone"},
                                          {"iPad", " on an iPad"},
                                          {"Windows", " on Windows"},
                                          {"Mac OS X", " on a Mac"},
                                          {"Linux", " on Linux"},
                                          {NULL, ""}};
    agent = agent.p ? agent : ouse_s("");
    return arena_printf(arena, "%s%s", find_mark(browsers, agent), find_mark(systems, agent));
}

static int accept_code(struct account_totp *totp, struct ouse_str code, int64_t now)
{
    return accounts_totp_accept(totp, code, now) || accounts_code_accept(totp, code);
}

/* OUSE_E_UNAUTHENTICATED if the account has changed, or the code is wrong. */
static ouse_rc write_session(struct txn *txn, void *arg)
{
    struct signing_in *in = arg;
    struct visit *visit = in->visit;
    struct arena *arena = visit->request->arena;
    struct account_session session = {
        .account = in->account->id, .created = clock_now(), .address = in->client, .agent = in->agent};
    struct account account;
    struct problem problem;
    problem_init(&problem, arena);
    session.seen = session.created;
    if (accounts_get(txn, in->account->id, arena, &account, &problem))
        return problem.rc;
    if (account.state != ACCOUNT_ACTIVE || !ouse_same(account.password, in->account->password) ||
        account.totp.on != (in->code.p != NULL))
        return OUSE_E_UNAUTHENTICATED;
    if (account.totp.on && !accept_code(&account.totp, in->code, session.created))
        return OUSE_E_UNAUTHENTICATED;
    if (account.totp.on && accounts_put(txn, &account, &problem))
        return problem.rc;
    if (visit->secret.p) {
        ouse_rc rc = accounts_session_end(txn, visit->session.key);
        if (rc && rc != OUSE_E_NOT_FOUND)
            return rc;
    }
    return accounts_session_create(txn, &session, in->secret);
}

/* Begins the session; OUSE_E_UNAUTHENTICATED as write_session. */
static ouse_rc begin_session(struct visit *visit, const struct account *account, struct ouse_str code)
{
    struct http_request *request = visit->request;
    struct signing_in in = {.visit = visit,
                            .account = account,
                            .code = code,
                            .client = http_client(request),
                            .agent = describe_client(request->arena, http_header(request, "User-Agent"))};
    ouse_rc rc = accounts_write(visit, write_session, &in);
    if (rc)
        return rc;
    accounts_set_cookie(visit, in.secret);
    accounts_log(visit, ACCOUNTS_SIGNED_IN, account->id, "signed in");
    struct ouse_str next = next_of(visit);
    return next.p ? accounts_see_path(visit, next) : accounts_see(visit, "/account");
}

/* ---- The password -------------------------------------------------------------------------------- */

static ouse_rc find_account(struct visit *visit, struct ouse_str email, struct account *account)
{
    struct problem unused;
    struct txn *txn;
    problem_init(&unused, visit->request->arena);
    ouse_rc rc = engine_read(visit->accounts->options.engine, &txn);
    if (rc)
        return problem_fail(visit->request->problem, rc, "The accounts cannot be read now");
    *account = (struct account){0};
    rc = accounts_find(txn, email, visit->request->arena, account, &unused);
    txn_end(txn);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

static ouse_rc reject(struct visit *visit, const struct account *account)
{
    cJSON *data = accounts_data(visit);
    accounts_log(visit, ACCOUNTS_FAILED, account->id, "sign-in failed");
    visit->reply->status = 401;
    accounts_error(data, "password", WRONG);
    return show_sign_in(visit, data);
}

/* The ticket is bound to the password: one that is changed ends it. */
static void bind_ticket(const struct account *account, struct ticket *ticket)
{
    struct ouse_str password = account->password;
    memcpy(ticket->account, account->id.p, ACCOUNT_ID);
    memcpy(ticket->bytes, password.p + password.n - TICKET_BYTES, TICKET_BYTES);
}

static ouse_rc show_code(struct visit *visit, struct ouse_str ticket, cJSON *data)
{
    accounts_add_text(data, "ticket", ticket);
    accounts_add_text(data, "next", next_of(visit));
    return accounts_page(visit, "sign-in-code", "Enter your one-time code", data);
}

static ouse_rc ask_for_code(struct visit *visit, const struct account *account)
{
    struct ticket ticket = {.kind = 's', .expires = clock_now() + TICKET_MS};
    bind_ticket(account, &ticket);
    return show_code(visit, accounts_ticket_seal(visit->accounts, &ticket, visit->request->arena),
                     accounts_data(visit));
}

static ouse_rc check_password(struct visit *visit)
{
    struct http_request *request = visit->request;
    struct ouse_str email = ouse_s(""), typed = accounts_field(visit, "email");
    struct account account;
    struct attempt attempt;
    struct problem unused;
    problem_init(&unused, request->arena);
    if (accounts_email(typed.p ? typed : ouse_s(""), request->arena, &email, &unused))
        email = ouse_s(""); /* nobody has it, and the attempt counts */
    if (accounts_attempt(visit, &attempt, 'p', email) || find_account(visit, email, &account))
        return request->problem->rc;
    struct ouse_str password = accounts_field(visit, "password");
    int right = accounts_password_matches(account.password, password.p ? password : ouse_s(""));
    if (!right || account.state != ACCOUNT_ACTIVE)
        return reject(visit, &account);
    accounts_attempt_right(visit, &attempt, !account.totp.on);
    if (account.totp.on)
        return ask_for_code(visit, &account);
    ouse_rc rc = begin_session(visit, &account, (struct ouse_str){0});
    return rc == OUSE_E_UNAUTHENTICATED ? reject(visit, &account) : rc;
}

/* ---- The code -------------------------------------------------------------------------------------- */

static ouse_rc reject_code(struct visit *visit, const struct account *account)
{
    cJSON *data = accounts_data(visit);
    accounts_log(visit, ACCOUNTS_FAILED, account->id, "one-time code failed");
    visit->reply->status = 401;
    accounts_error(data, "code", WRONG_CODE);
    return show_code(visit, accounts_field(visit, "ticket"), data);
}

/* The account of a ticket, if it still has the password that the ticket is bound to. */
static ouse_rc ticket_account(struct visit *visit, const struct ticket *ticket, struct account *account)
{
    struct problem unused;
    struct ticket bound = {0};
    struct txn *txn;
    problem_init(&unused, visit->request->arena);
    ouse_rc rc = engine_read(visit->accounts->options.engine, &txn);
    if (rc)
        return rc;
    struct ouse_str id = {ticket->account, ACCOUNT_ID};
    rc = accounts_get(txn, id, visit->request->arena, account, &unused);
    txn_end(txn);
    if (rc || account->state != ACCOUNT_ACTIVE || account->password.n < TICKET_BYTES)
        return OUSE_E_NOT_FOUND;
    bind_ticket(account, &bound);
    return memcmp(bound.bytes, ticket->bytes, TICKET_BYTES) == 0 ? OUSE_OK : OUSE_E_NOT_FOUND;
}

static ouse_rc check_code(struct visit *visit)
{
    struct ticket ticket;
    struct account account;
    struct attempt attempt, password;
    struct ouse_str code = accounts_field(visit, "code");
    if (!accounts_ticket_open(visit->accounts, accounts_field(visit, "ticket"), 's', clock_now(), &ticket) ||
        ticket_account(visit, &ticket, &account)) {
        cJSON *data = accounts_data(visit);
        visit->reply->status = 401;
        accounts_error(data, "email",
                       "Signing in took too long; enter your e-mail address and password again");
        return show_sign_in(visit, data);
    }
    if (accounts_attempt(visit, &attempt, 'c', account.id))
        return visit->request->problem->rc;
    ouse_rc rc = begin_session(visit, &account, code.p ? code : ouse_s(""));
    if (rc == OUSE_E_UNAUTHENTICATED)
        return reject_code(visit, &account);
    password.keys[0] = (struct account_throttle_key){'p', account.email, ACCOUNT_FREE_FAILURES};
    if (!rc) {
        accounts_attempt_right(visit, &attempt, 1);
        accounts_throttle_clear(visit->accounts->throttle, &password.keys[0]);
    }
    return rc;
}

static ouse_rc post_sign_in(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    if (accounts_same_site(arg, request) || accounts_begin(&visit, arg, request, reply))
        return request->problem->rc;
    struct ouse_str secret = visit.secret;
    visit.secret.p = NULL; /* this form works without a session, and with one that is about to end */
    if (accounts_form(&visit))
        return request->problem->rc;
    visit.secret = secret;
    return accounts_field(&visit, "ticket").p ? check_code(&visit) : check_password(&visit);
}

/* ---- Signing out -------------------------------------------------------------------------------------- */

static ouse_rc get_sign_out(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    if (accounts_begin(&visit, arg, request, reply))
        return request->problem->rc;
    if (!visit.secret.p)
        return accounts_see(&visit, "/sign-in");
    return accounts_page(&visit, "sign-out", "Sign out", accounts_data(&visit));
}

static ouse_rc write_end(struct txn *txn, void *arg)
{
    const struct visit *visit = arg;
    return accounts_session_end(txn, visit->session.key);
}

static ouse_rc post_sign_out(struct http_request *request, struct http_reply *reply, void *arg)
{
    struct visit visit;
    if (accounts_begin(&visit, arg, request, reply) || accounts_form(&visit))
        return request->problem->rc;
    if (visit.secret.p) {
        ouse_rc rc = accounts_write(&visit, write_end, &visit);
        if (rc && rc != OUSE_E_NOT_FOUND)
            return rc;
        accounts_set_cookie(&visit, NULL);
    }
    return accounts_see(&visit, "/");
}

const struct accounts_route accounts_sign_in_routes[] = {
    {HTTP_GET, "/sign-in", get_sign_in},
    {HTTP_POST, "/sign-in", post_sign_in},
    {HTTP_GET, "/sign-out", get_sign_out},
    {HTTP_POST, "/sign-out", post_sign_out},
    {0, NULL, NULL},
};
