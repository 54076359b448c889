/* account_session: links and sessions, found by the hashes of their secrets; see account.h. */
#include "account.h"

#include "../../base/clock.h"
#include "../../base/json.h"
#include "../../base/json_slice.h"
#include "../../store/keys.h"
#include <sodium.h>
#include <stdlib.h>

enum { STORED_MAX = 4096, AGENT_MAX = 200 };

static void make_secret(char secret[ACCOUNT_SECRET + 1])
{
    unsigned char random[ACCOUNT_HASH];
    random_fill(random, sizeof random);
    sodium_bin2base64(secret, ACCOUNT_SECRET + 1, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void hash(struct ouse_str secret, unsigned char key[ACCOUNT_HASH])
{
    crypto_generichash(key, ACCOUNT_HASH, (const unsigned char *)secret.p, secret.n, NULL, 0);
}

static void hash_key(struct key *key, char kind, const unsigned char bytes[ACCOUNT_HASH])
{
    accounts_key(key, kind, (struct ouse_str){(const char *)bytes, ACCOUNT_HASH});
}

static int64_t number(struct ouse_str stored, const char *name)
{
    struct ouse_str slice = json_slice(stored, name);
    return slice.p && slice.p + slice.n < stored.p + stored.n ? strtoll(slice.p, NULL, 10) : 0;
}

/* ---- Entries of an account --------------------------------------------------------------- */

/* Entries to delete. */
struct doomed {
    struct ouse_str account; /* no text: any */
    int64_t now;             /* those that have expired by then; 0: all */
    const unsigned char *kept;
    unsigned char (*keys)[ACCOUNT_HASH];
    uint32_t n, room, most;
    struct arena arena;
};

static int is_over(struct ouse_str stored, int64_t now)
{
    int64_t created = number(stored, "created");
    return created ? now - created >= ACCOUNT_TOTAL_MS || now - number(stored, "seen") >= ACCOUNT_IDLE_MS
                   : now >= number(stored, "expires");
}

static int doom(void *arg, struct ouse_str key, struct ouse_str stored)
{
    struct doomed *doomed = arg;
    struct ouse_str owner = json_slice_text(&doomed->arena, json_slice(stored, "account"));
    if (key.n != ACCOUNT_HASH || (doomed->account.p && !ouse_same(owner, doomed->account)) ||
        (doomed->now && !is_over(stored, doomed->now)) ||
        (doomed->kept && memcmp(doomed->kept, key.p, ACCOUNT_HASH) == 0))
        return 0;
    doomed->keys = arena_more(&doomed->arena, doomed->keys, doomed->n, &doomed->room, sizeof *doomed->keys);
    memcpy(doomed->keys[doomed->n++], key.p, ACCOUNT_HASH);
    return doomed->most && doomed->n == doomed->most;
}

/* Deletes entries of a kind. Adds their number to *n. */
static ouse_rc delete_all(struct txn *txn, char kind, struct doomed doomed, uint32_t *n)
{
    ouse_rc rc = accounts_walk(txn, kind, doom, &doomed);
    for (uint32_t i = 0; i < doomed.n && !rc; i++) {
        struct key key;
        hash_key(&key, kind, doomed.keys[i]);
        rc = txn_delete(txn, DB_ACCOUNTS, key_str(&key));
    }
    *n += doomed.n;
    arena_finish(&doomed.arena);
    return rc;
}

/* ---- Links -------------------------------------------------------------------------------------- */

ouse_rc accounts_links_end(struct txn *txn, struct ouse_str account)
{
    uint32_t n = 0;
    return delete_all(txn, 'l', (struct doomed){.account = account}, &n);
}

ouse_rc accounts_link_create(struct txn *txn, struct ouse_str account, int64_t now,
                             char secret[ACCOUNT_SECRET + 1], struct problem *problem)
{
    unsigned char bytes[ACCOUNT_HASH];
    struct key key;
    make_secret(secret);
    hash(ouse_s(secret), bytes);
    hash_key(&key, 'l', bytes);
    struct ouse_str stored = arena_printf(problem->arena, "{\"account\":\"%.*s\",\"expires\":%lld}",
                                          OUSE_F(account), (long long)(now + ACCOUNT_LINK_MS));
    ouse_rc rc = accounts_links_end(txn, account);
    if (!rc)
        rc = txn_put(txn, DB_ACCOUNTS, key_str(&key), stored);
    return rc ? problem_fail(problem, rc, "The link cannot be stored") : OUSE_OK;
}

ouse_rc accounts_link_find(struct txn *txn, struct ouse_str secret, int64_t now, struct arena *arena,
                           struct account *account, struct problem *problem)
{
    unsigned char bytes[ACCOUNT_HASH];
    struct ouse_str stored;
    struct key key;
    hash(secret, bytes);
    hash_key(&key, 'l', bytes);
    ouse_rc rc = txn_get(txn, DB_ACCOUNTS, key_str(&key), &stored);
    if (rc == OUSE_E_NOT_FOUND || (!rc && is_over(stored, now)))
        return problem_fail(problem, OUSE_E_NOT_FOUND,
                            "This link has been used, or is older than 24 hours; request a new one");
    if (rc)
        return problem_fail(problem, rc, "The links cannot be read");
    return accounts_get(txn, json_slice_text(arena, json_slice(stored, "account")), arena, account, problem);
}

/* ---- Sessions ------------------------------------------------------------------------------------- */

static ouse_rc put_session(struct txn *txn, const struct account_session *session)
{
    struct buffer stored;
    struct key key;
    hash_key(&key, 's', session->key);
    buffer_init(&stored, STORED_MAX);
    buffer_printf(&stored, "{\"account\":\"%.*s\",\"created\":%lld,\"seen\":%lld,\"address\":",
                  OUSE_F(session->account), (long long)session->created, (long long)session->seen);
    json_string(&stored, session->address);
    buffer_text(&stored, ",\"agent\":");
    json_string(&stored, session->agent);
    buffer_byte(&stored, '}');
    ouse_rc rc = txn_put(txn, DB_ACCOUNTS, key_str(&key), buffer_view(&stored));
    buffer_finish(&stored);
    return rc;
}

ouse_rc accounts_session_create(struct txn *txn, struct account_session *session,
                                char secret[ACCOUNT_SECRET + 1])
{
    if (session->agent.n > AGENT_MAX)
        session->agent.n = AGENT_MAX;
    if (!utf8_valid(session->agent))
        session->agent = ouse_s("");
    make_secret(secret);
    hash(ouse_s(secret), session->key);
    return put_session(txn, session);
}

static void read_session(struct ouse_str key, struct ouse_str stored, struct arena *arena,
                         struct account_session *session)
{
    *session = (struct account_session){
        .account = json_slice_text(arena, json_slice(stored, "account")),
        .created = number(stored, "created"),
        .seen = number(stored, "seen"),
        .address = json_slice_text(arena, json_slice(stored, "address")),
        .agent = json_slice_text(arena, json_slice(stored, "agent")),
    };
    memcpy(session->key, key.p, ACCOUNT_HASH);
}

ouse_rc accounts_session_find(struct txn *txn, struct ouse_str secret, int64_t now, struct arena *arena,
                              struct account_session *session)
{
    unsigned char bytes[ACCOUNT_HASH];
    struct ouse_str stored;
    struct key key;
    hash(secret, bytes);
    hash_key(&key, 's', bytes);
    ouse_rc rc = txn_get(txn, DB_ACCOUNTS, key_str(&key), &stored);
    if (!rc && is_over(stored, now))
        rc = OUSE_E_NOT_FOUND;
    if (!rc)
        read_session((struct ouse_str){(const char *)bytes, ACCOUNT_HASH}, stored, arena, session);
    return rc;
}

ouse_rc accounts_session_seen(struct txn *txn, const struct account_session *session, int64_t now)
{
    struct account_session seen = *session;
    struct ouse_str stored;
    struct key key;
    hash_key(&key, 's', session->key);
    ouse_rc rc = txn_get(txn, DB_ACCOUNTS, key_str(&key), &stored);
    seen.seen = now;
    return rc ? rc : put_session(txn, &seen);
}

ouse_rc accounts_session_end(struct txn *txn, const unsigned char bytes[ACCOUNT_HASH])
{
    struct key key;
    hash_key(&key, 's', bytes);
    return txn_delete(txn, DB_ACCOUNTS, key_str(&key));
}

ouse_rc accounts_sessions_end(struct txn *txn, struct ouse_str account, const unsigned char *kept,
                              uint32_t *n)
{
    *n = 0;
    return delete_all(txn, 's', (struct doomed){.account = account, .kept = kept}, n);
}

struct listing {
    struct ouse_str account;
    int64_t now;
    struct arena *arena;
    struct account_session *sessions;
    uint32_t n, room;
};

static int list_session(void *arg, struct ouse_str key, struct ouse_str stored)
{
    struct listing *listing = arg;
    struct account_session session;
    if (key.n != ACCOUNT_HASH || is_over(stored, listing->now))
        return 0;
    read_session(key, stored, listing->arena, &session);
    if (!ouse_same(session.account, listing->account))
        return 0;
    listing->sessions =
        arena_more(listing->arena, listing->sessions, listing->n, &listing->room, sizeof session);
    listing->sessions[listing->n++] = session;
    return 0;
}

ouse_rc accounts_sessions(struct txn *txn, struct ouse_str account, int64_t now, struct arena *arena,
                          struct account_session **sessions, uint32_t *n)
{
    struct listing listing = {.account = account, .now = now, .arena = arena};
    ouse_rc rc = accounts_walk(txn, 's', list_session, &listing);
    *sessions = listing.sessions;
    *n = listing.n;
    return rc;
}

ouse_rc accounts_expire(struct txn *txn, int64_t now, uint32_t most, uint32_t *n)
{
    *n = 0;
    ouse_rc rc = delete_all(txn, 'l', (struct doomed){.now = now, .most = most}, n);
    if (!rc && *n < most)
        rc = delete_all(txn, 's', (struct doomed){.now = now, .most = most - *n}, n);
    return rc;
}
