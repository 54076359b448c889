/* accounts: the feature as a whole: finds the account of a cookie, counts events, lists the pages;
 * see visit.h. */
#include "../../base/clock.h"
#include "../../base/heap.h"
#include "../features.h"
#include "password.h"
#include "visit.h"
#include <sodium.h>
#include <stdlib.h>

enum { WRITE_BYTES = 1024 };

/* ---- The caller of a request -------------------------------------------------------------- */

struct seen {
    const struct account_session *session;
    int64_t now;
};

static ouse_rc write_seen(struct txn *txn, void *arg)
{
    const struct seen *seen = arg;
    return accounts_session_seen(txn, seen->session, seen->now);
}

/* Notes the time of the request now and then. If the store cannot be written, the session ends earlier. */
static void note_seen(const struct accounts *accounts, const struct account_session *session, int64_t now)
{
    struct seen seen = {session, now};
    if (now - session->seen >= ACCOUNT_SEEN_MS)
        writer_run(accounts->options.writer, write_seen, &seen, WRITE_BYTES);
}

static ouse_rc find_session(struct http_request *request, struct ouse_str cookies, void *arg)
{
    struct accounts *accounts = arg;
    struct account_session session;
    struct account account;
    struct ouse_str secret;
    int64_t now = clock_now();
    ouse_rc rc = accounts_find_session(accounts->options.engine, accounts->cookie, cookies, request->arena,
                                       &secret, &session, &account);
    if (rc == OUSE_E_NOT_FOUND)
        return OUSE_OK;
    if (rc)
        return problem_fail(request->problem, rc, "The sessions cannot be read now");
    request->by_cookie = 1;
    if (accounts_same_site(accounts, request))
        return request->problem->rc;
    note_seen(accounts, &session, now);
    request->role = accounts_role(&account, now);
    request->actor = arena_printf(request->arena, ACCOUNT_ACTOR "%.*s", OUSE_F(account.id));
    return OUSE_OK;
}

/* ---- The whole ------------------------------------------------------------------------------------ */

static void measure(struct measures *out, void *arg)
{
    static const char *const names[ACCOUNTS_EVENTS] = {"signed_in", "failed", "delayed", "foreign"};
    const struct accounts *accounts = arg;
    measure_counter(
        out, "account_sign_ins", NULL, "result",
        "Attempts to sign in: successful ones, failed ones, those within the delay after failures; and "
        "writes with a cookie that were caused by another site.");
    for (int i = 0; i < ACCOUNTS_EVENTS; i++)
        measure_value(out, (double)counter_read(&accounts->events[i]), &names[i]);
    measure_counter(out, "account_password_runs", NULL, NULL, "Passwords that were hashed (argon2id).");
    measure_value(out, (double)counter_read(&accounts_password_runs), NULL);
}

static void end(void *arg)
{
    struct accounts *accounts = arg;
    accounts_throttle_destroy(accounts->throttle);
    sodium_memzero(accounts->ticket_key, sizeof accounts->ticket_key);
    free(accounts);
}

static ouse_rc mount(const struct accounts_route *route, struct accounts *accounts, struct router *router,
                     struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (; route->path && !rc; route++)
        rc = router_add(router, route->method, route->path, "account", route->handler, accounts);
    return rc ? problem_fail(problem, rc, "The path %s is taken", route[-1].path) : OUSE_OK;
}

static ouse_rc start(const struct sign_in_options *options, struct router *router,
                     const struct http_sessions **sessions, struct problem *problem)
{
    struct accounts *accounts = heap_zero(sizeof *accounts);
    accounts->options = *options;
    accounts->secure = strncmp(options->address, "https://", 8) == 0;
    accounts->cookie = accounts->secure ? ACCOUNTS_SECURE_COOKIE : ACCOUNTS_COOKIE;
    accounts->throttle = accounts_throttle_create();
    random_fill(accounts->ticket_key, sizeof accounts->ticket_key);
    accounts->sessions = (struct http_sessions){.find = find_session,
                                                .measure = measure,
                                                .end = end,
                                                .secret_path = "/account/link/",
                                                .arg = accounts};
    *sessions = &accounts->sessions;
    ouse_rc rc = mount(accounts_sign_in_routes, accounts, router, problem);
    return rc ? rc : mount(accounts_routes, accounts, router, problem);
}

static const struct api_route api_routes[] = {
    {.method = HTTP_GET, .path = "/-/whoami", .kind = "server", .handler = accounts_whoami, .link = "whoami"},
    {.path = NULL},
};

const struct feature feature_accounts = {
    .name = "accounts", .api_routes = api_routes, .expire = accounts_expire, .sign_in = start};
