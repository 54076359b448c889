/* whoami: GET /-/whoami: {"role", "actor", "account", "name", "organisation", "grants"}. The role is what the
 * grants give now; the actor is what the journal records. The account is its e-mail address; tokens have
 * none, and one grant. */
#include "../../api/resource.h"
#include "../../server/tokens.h"
#include "visit.h"

static void write_member(struct buffer *out, const char *name, struct ouse_str text)
{
    buffer_printf(out, ",\"%s\":", name);
    if (text.n)
        json_string(out, text);
    else
        buffer_text(out, "null");
}

/* The account of an actor "account/ID". OUSE_E_NOT_FOUND if the actor is no account. */
static ouse_rc read_account(struct txn *txn, const struct http_request *request, struct account *account)
{
    struct problem unused;
    uint32_t n = (uint32_t)strlen(ACCOUNT_ACTOR);
    problem_init(&unused, request->arena);
    if (request->actor.n <= n || memcmp(request->actor.p, ACCOUNT_ACTOR, n) != 0)
        return OUSE_E_NOT_FOUND;
    return accounts_get(txn, (struct ouse_str){request->actor.p + n, request->actor.n - n}, request->arena,
                        account, &unused);
}

/* A token has the grant of its role. */
static void read_token(struct txn *txn, const struct http_request *request, struct account *as)
{
    struct token token = {0};
    struct problem unused;
    problem_init(&unused, request->arena);
    token_find(txn, request->arena, http_header(request, "Authorization"), &token, &unused);
    as->name = request->actor;
    as->n_grants = 1;
    as->grants[0] = (struct account_grant){request->role, ouse_s("[\"*\"]"), {0}, token.expires};
}

ouse_rc accounts_whoami(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct rest *rest = arg;
    struct buffer *out = rest_buffer(request->arena);
    struct account account = {0};
    struct txn *txn;
    if (question_none(request))
        return request->problem->rc;
    ouse_rc rc = engine_read(records_engine(rest->records), &txn);
    if (rc)
        return problem_fail(request->problem, rc, "The accounts cannot be read now");
    if (request->actor.n && read_account(txn, request, &account))
        read_token(txn, request, &account);
    txn_end(txn);
    buffer_printf(out, "{\"role\":\"%s\"", schema_role_name(request->role));
    write_member(out, "actor", request->actor);
    write_member(out, "account", account.email);
    write_member(out, "name", account.name);
    write_member(out, "organisation", account.organisation);
    buffer_text(out, ",\"grants\":");
    accounts_write_grants(&account, out);
    buffer_byte(out, '}');
    reply->body = buffer_view(out);
    return OUSE_OK;
}
