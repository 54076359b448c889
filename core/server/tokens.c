/* tokens: see tokens.h. */
#include "tokens.h"

#include "../base/clock.h"
#include "../base/json.h"
#include "../base/json_slice.h"
#include <sodium.h>
#include <stdlib.h>
#include <strings.h>

enum { SECRET_BYTES = 32, HASH_BYTES = 32, RECORD_MAX = 1024 };

static const struct role {
    uint32_t role;
    const char *name;
} roles[] = {{OUSE_PARTNER, "partner"}, {OUSE_OFFICE, "office"}, {OUSE_MANAGER, "manager"}};

const char *token_role_name(uint32_t role)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (roles[i].role == role)
            return roles[i].name;
    return NULL;
}

int token_role(struct ouse_str name, uint32_t *role)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (ouse_is(name, roles[i].name)) {
            *role = roles[i].role;
            return 0;
        }
    return -1;
}

/* The key of a secret. */
static struct ouse_str hash(struct ouse_str secret, unsigned char key[HASH_BYTES])
{
    crypto_generichash(key, HASH_BYTES, (const unsigned char *)secret.p, secret.n, NULL, 0);
    return (struct ouse_str){(const char *)key, HASH_BYTES};
}

/* ---- The stored form: a JSON object ---------------------------------------- */

static void encode(const struct token *token, struct buffer *out)
{
    buffer_text(out, "{\"name\":");
    json_string(out, token->name);
    buffer_printf(out, ",\"role\":\"%s\",\"created\":%lld,\"expires\":%lld}", token_role_name(token->role),
                  (long long)token->created, (long long)token->expires);
}

/* Returns a whole number. It ends at the next member of the object. */
static int64_t time_member(struct ouse_str object, const char *name)
{
    struct ouse_str slice = json_slice(object, name);
    return slice.p && slice.p + slice.n < object.p + object.n ? strtoll(slice.p, NULL, 10) : 0;
}

static ouse_rc decode(struct arena *arena, struct ouse_str stored, struct token *token,
                      struct problem *problem)
{
    struct token read = {.name = json_slice_text(arena, json_slice(stored, "name")),
                         .created = time_member(stored, "created"),
                         .expires = time_member(stored, "expires")};
    if (!read.name.p || token_role(json_slice_text(arena, json_slice(stored, "role")), &read.role) != 0)
        return problem_fail(problem, OUSE_E_INTERNAL, "A stored token is damaged");
    *token = read;
    return OUSE_OK;
}

/* ---- Going through all of them ----------------------------------------------- */

struct found {
    struct ouse_str key; /* valid during the transaction */
    struct token token;
};

/* Calls fn with each token until it returns non-zero. */
static ouse_rc each(struct txn *txn, struct arena *arena, int (*fn)(void *arg, const struct found *found),
                    void *arg, struct problem *problem)
{
    struct cursor *cursor;
    struct found found;
    struct ouse_str value;
    ouse_rc rc = cursor_open(txn, DB_TOKENS, &cursor);
    if (rc != OUSE_OK)
        return problem_fail(problem, rc, "The tokens cannot be read");
    rc = cursor_seek(cursor, (struct ouse_str){"", 1}, &found.key, &value); /* one zero byte: the least key */
    while (rc == OUSE_OK) {
        rc = decode(arena, value, &found.token, problem);
        if (rc != OUSE_OK || fn(arg, &found) != 0)
            break;
        rc = cursor_next(cursor, &found.key, &value);
    }
    cursor_close(cursor);
    if (rc == OUSE_OK || rc == OUSE_E_NOT_FOUND)
        return OUSE_OK;
    return problem_fail(problem, rc, "The tokens cannot be read");
}

struct named {
    struct ouse_str name;
    unsigned char key[HASH_BYTES];
    int there;
};

static int match_name(void *arg, const struct found *found)
{
    struct named *named = arg;
    if (found->key.n != HASH_BYTES || !ouse_same(found->token.name, named->name))
        return 0;
    memcpy(named->key, found->key.p, HASH_BYTES);
    return named->there = 1;
}

struct list {
    struct arena *arena;
    struct token *tokens;
    uint32_t n, room;
};

static int append(void *arg, const struct found *found)
{
    struct list *list = arg;
    if (list->n == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        struct token *more = arena_alloc(list->arena, list->room * sizeof *more);
        if (list->n)
            memcpy(more, list->tokens, list->n * sizeof *more);
        list->tokens = more;
    }
    list->tokens[list->n++] = found->token;
    return 0;
}

ouse_rc token_list(struct txn *txn, struct arena *arena, struct token **tokens, uint32_t *n,
                   struct problem *problem)
{
    struct list list = {.arena = arena};
    if (each(txn, arena, append, &list, problem) != OUSE_OK)
        return problem->rc;
    *tokens = list.tokens;
    *n = list.n;
    return OUSE_OK;
}

/* ---- Creating and revoking ----------------------------------------------------- */

static int name_valid(struct ouse_str name)
{
    for (uint32_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
            return 0;
    return name.n > 0 && name.n <= TOKEN_NAME_MAX && utf8_valid(name);
}

static ouse_rc check_name(struct txn *txn, struct ouse_str name, struct problem *problem)
{
    struct named named = {.name = name};
    if (!name_valid(name))
        return problem_fail(problem, OUSE_E_INVALID,
                            "A token's name has 1 to %d characters, no control characters", TOKEN_NAME_MAX);
    if (name.n >= 8 && memcmp(name.p, "account/", 8) == 0)
        return problem_fail(problem, OUSE_E_INVALID,
                            "A token's name cannot begin with \"account/\": that is how accounts are called");
    if (each(txn, problem->arena, match_name, &named, problem) != OUSE_OK)
        return problem->rc;
    if (named.there)
        return problem_fail(problem, OUSE_E_CONFLICT,
                            "There is a token \"%.*s\" already; revoke it, or take another name",
                            OUSE_F(name));
    return OUSE_OK;
}

ouse_rc token_create(struct txn *txn, const struct token *token, char secret[TOKEN_LENGTH + 1],
                     struct problem *problem)
{
    struct token kept = *token;
    if (!kept.name.p)
        kept.name =
            arena_printf(problem->arena, "%s-%lld", token_role_name(kept.role), (long long)kept.created);
    if (check_name(txn, kept.name, problem) != OUSE_OK)
        return problem->rc;
    unsigned char random[SECRET_BYTES], key[HASH_BYTES];
    char text[TOKEN_LENGTH + 1] = TOKEN_PREFIX;
    random_fill(random, sizeof random);
    sodium_bin2base64(text + strlen(TOKEN_PREFIX), sizeof text - strlen(TOKEN_PREFIX), random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    struct buffer stored;
    buffer_init(&stored, RECORD_MAX);
    encode(&kept, &stored);
    ouse_rc rc = txn_put(txn, DB_TOKENS, hash(ouse_s(text), key), buffer_view(&stored));
    buffer_finish(&stored);
    if (rc != OUSE_OK)
        return problem_fail(problem, rc, "The token cannot be stored");
    memcpy(secret, text, sizeof text);
    return OUSE_OK;
}

ouse_rc token_revoke(struct txn *txn, struct ouse_str name, struct problem *problem)
{
    struct named named = {.name = name};
    if (each(txn, problem->arena, match_name, &named, problem) != OUSE_OK)
        return problem->rc;
    if (!named.there)
        return problem_fail(problem, OUSE_E_NOT_FOUND, "There is no token \"%.*s\"", OUSE_F(name));
    ouse_rc rc = txn_delete(txn, DB_TOKENS, (struct ouse_str){(const char *)named.key, HASH_BYTES});
    return rc == OUSE_OK ? rc : problem_fail(problem, rc, "The token cannot be revoked");
}

/* ---- Finding the caller ---------------------------------------------------------- */

/* Returns the secret in "Bearer ouse_…"; no text if it is malformed. */
static struct ouse_str bearer(struct ouse_str authorization)
{
    static const char scheme[] = "Bearer ";
    uint32_t n = sizeof scheme - 1;
    if (authorization.n != n + TOKEN_LENGTH || strncasecmp(authorization.p, scheme, n) != 0 ||
        strncmp(authorization.p + n, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0)
        return (struct ouse_str){0};
    return (struct ouse_str){authorization.p + n, TOKEN_LENGTH};
}

ouse_rc token_find(struct txn *txn, struct arena *arena, struct ouse_str authorization, struct token *token,
                   struct problem *problem)
{
    struct ouse_str secret = bearer(authorization), stored;
    if (!secret.p)
        return problem_fail(
            problem, OUSE_E_UNAUTHENTICATED,
            "The Authorization header must be \"Bearer \" and a token of this register (" TOKEN_PREFIX "…)");
    unsigned char key[HASH_BYTES];
    ouse_rc rc = txn_get(txn, DB_TOKENS, hash(secret, key), &stored);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(problem, OUSE_E_UNAUTHENTICATED,
                            "The token is not known here; it may have been revoked");
    if (rc != OUSE_OK)
        return problem_fail(problem, rc, "The tokens cannot be read");
    struct token found;
    if (decode(arena, stored, &found, problem) != OUSE_OK)
        return problem->rc;
    if (found.expires && found.expires <= clock_now()) {
        char when[CLOCK_TEXT];
        clock_format(found.expires, when);
        return problem_fail(problem, OUSE_E_UNAUTHENTICATED, "The token expired at %s", when);
    }
    *token = found;
    return OUSE_OK;
}
