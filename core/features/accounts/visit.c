/* visit: the session of a request, its form and its answer; see visit.h. */
#include "visit.h"

#include "../../base/clock.h"
#include "../../base/text.h"
#include <sodium.h>
#include <strings.h>

enum { WRITE_BYTES = 1024 };

/* ---- The session of a cookie ---------------------------------------------------------------- */

/* Returns the value of a cookie in "a=1; b=2", or no text. */
static struct ouse_str cookie_value(struct ouse_str cookies, const char *name)
{
    struct ouse_str cookie, found;
    while (text_cut(&cookies, ';', &cookie)) {
        cookie = text_trim(cookie);
        if (text_cut(&cookie, '=', &found) && ouse_is(found, name) && cookie.n == ACCOUNT_SECRET)
            return cookie;
    }
    return (struct ouse_str){0};
}

ouse_rc accounts_find_session(struct engine *engine, const char *name, struct ouse_str cookies,
                              struct arena *arena, struct ouse_str *secret, struct account_session *session,
                              struct account *account)
{
    struct problem unused;
    struct txn *txn;
    problem_init(&unused, arena);
    *secret = cookie_value(cookies, name);
    if (!secret->p)
        return OUSE_E_NOT_FOUND;
    ouse_rc rc = engine_read(engine, &txn);
    if (rc)
        return rc;
    rc = accounts_session_find(txn, *secret, clock_now(), arena, session);
    if (!rc)
        rc = accounts_get(txn, session->account, arena, account, &unused);
    txn_end(txn);
    return !rc && account->state != ACCOUNT_ACTIVE ? OUSE_E_NOT_FOUND : rc;
}

/* ---- Requests of other sites ------------------------------------------------------------------ */

/* Whether an Origin is that of the register: its host is that of the request, or of the option `address`. */
static int is_own_origin(const struct accounts *accounts, struct http_request *request,
                         struct ouse_str origin)
{
    struct ouse_str host = http_header(request, "Host"), scheme;
    if (ouse_is(origin, accounts->options.address))
        return 1;
    if (!text_cut(&origin, ':', &scheme) || origin.n < 2 || memcmp(origin.p, "//", 2) != 0)
        return 0;
    origin.p += 2, origin.n -= 2;
    return host.n > 0 && host.n == origin.n && strncasecmp(host.p, origin.p, host.n) == 0;
}

/* A browser says which site caused a request, and no page can change that. Other clients send no cookie that
 * they were not given. */
ouse_rc accounts_same_site(struct accounts *accounts, struct http_request *request)
{
    struct ouse_str site = http_header(request, "Sec-Fetch-Site"), origin = http_header(request, "Origin");
    int own = site.p     ? ouse_is(site, "same-origin")
              : origin.p ? is_own_origin(accounts, request, origin)
                         : !request->by_cookie;
    if (own || request->method & (HTTP_GET | HTTP_OPTIONS))
        return OUSE_OK;
    counter_add(&accounts->events[ACCOUNTS_FOREIGN], 1);
    return problem_fail(
        request->problem, OUSE_E_FORBIDDEN,
        "This request does not come from a page of the register: its Origin or Sec-Fetch-Site is "
        "that of another site, or is missing. Programs send a token (Authorization: Bearer)");
}

/* ---- Visits ------------------------------------------------------------------------------------- */

static void make_token(struct visit *visit)
{
    static const char purpose[] = "form";
    unsigned char hash[32];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)purpose, sizeof purpose,
                       (const unsigned char *)visit->secret.p, visit->secret.n);
    sodium_bin2base64(visit->token, sizeof visit->token, hash, sizeof hash,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

ouse_rc accounts_begin(struct visit *visit, struct accounts *accounts, struct http_request *request,
                       struct http_reply *reply)
{
    struct ouse_str secret;
    visit->accounts = accounts;
    visit->request = request;
    visit->reply = reply;
    visit->secret = (struct ouse_str){0};
    visit->token[0] = '\0';
    visit->n_form = 0;
    if (!request->by_cookie)
        return OUSE_OK;
    ouse_rc rc =
        accounts_find_session(accounts->options.engine, accounts->cookie, http_header(request, "Cookie"),
                              request->arena, &secret, &visit->session, &visit->account);
    if (rc == OUSE_E_NOT_FOUND)
        return OUSE_OK;
    if (rc)
        return problem_fail(request->problem, rc, "The sessions cannot be read now");
    visit->secret = secret;
    make_token(visit);
    return OUSE_OK;
}

struct ouse_str accounts_field(const struct visit *visit, const char *name)
{
    for (uint32_t i = 0; i < visit->n_form; i++)
        if (ouse_is(visit->form[i].name, name))
            return visit->form[i].value;
    return (struct ouse_str){0};
}

ouse_rc accounts_form(struct visit *visit)
{
    struct http_request *request = visit->request;
    struct ouse_str body, token;
    if (accounts_same_site(visit->accounts, request))
        return request->problem->rc;
    if (!ouse_is(http_media_type(request), "application/x-www-form-urlencoded"))
        return problem_fail(request->problem, OUSE_E_MEDIA_TYPE,
                            "The body must be a form: application/x-www-form-urlencoded");
    if (http_body(request, 16 << 10, &body) || http_form(request, body, visit->form, &visit->n_form))
        return request->problem->rc;
    token = accounts_field(visit, "token");
    if (!visit->secret.p || (token.n == ACCOUNTS_TOKEN && sodium_memcmp(token.p, visit->token, token.n) == 0))
        return OUSE_OK;
    counter_add(&visit->accounts->events[ACCOUNTS_FOREIGN], 1);
    return problem_fail(
        request->problem, OUSE_E_FORBIDDEN,
        "This form is not of this session. Open the page again, and send the form from there");
}

void accounts_set_cookie(struct visit *visit, const char *secret)
{
    const struct accounts *accounts = visit->accounts;
    http_reply_header(visit->reply, "Set-Cookie",
                      arena_printf(visit->request->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
                                   accounts->cookie, secret ? secret : "", accounts->secure ? "; Secure" : "",
                                   secret ? "" : "; Max-Age=0"));
}

ouse_rc accounts_see_path(struct visit *visit, struct ouse_str path)
{
    visit->reply->status = 303;
    visit->reply->cache_control = ouse_s("no-store");
    http_reply_header(visit->reply, "Location", path);
    return OUSE_OK;
}

ouse_rc accounts_see(struct visit *visit, const char *path)
{
    return accounts_see_path(
        visit, arena_printf(visit->request->arena, "%s%s", visit->accounts->options.base_path, path));
}

ouse_rc accounts_write(struct visit *visit, writer_fn fn, void *arg)
{
    ouse_rc rc = writer_run(visit->accounts->options.writer, fn, arg, WRITE_BYTES);
    if (rc == OUSE_OK || rc == OUSE_E_UNAUTHENTICATED || rc == OUSE_E_NOT_FOUND)
        return rc;
    return problem_fail(visit->request->problem, OUSE_E_UNAVAILABLE,
                        "The register cannot be written now; try again later");
}
