/* account_store: accounts as JSON objects, found by id and by e-mail address; see account.h. */
#include "account.h"

#include "../../base/clock.h"
#include "../../base/json.h"
#include "../../base/text.h"
#include "../../schema/schema.h"
#include "../../store/keys.h"
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>

enum { STORED_MAX = 64 << 10 };

const char *const accounts_states[ACCOUNT_STATES] = {"invited", "active", "suspended"};

static const uint32_t granted_roles[] = {OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};

void accounts_key(struct key *key, char kind, struct ouse_str bytes)
{
    key_init(key);
    key_byte(key, (uint8_t)kind);
    key_bytes(key, bytes);
}

ouse_rc accounts_walk(struct txn *txn, char kind,
                      int (*fn)(void *arg, struct ouse_str bytes, struct ouse_str value), void *arg)
{
    struct cursor *cursor;
    struct ouse_str found, value;
    struct key first;
    accounts_key(&first, kind, ouse_s(""));
    ouse_rc rc = cursor_open(txn, DB_ACCOUNTS, &cursor);
    if (rc)
        return rc;
    rc = cursor_seek(cursor, key_str(&first), &found, &value);
    while (!rc && found.p[0] == kind && !fn(arg, (struct ouse_str){found.p + 1, found.n - 1}, value))
        rc = cursor_next(cursor, &found, &value);
    cursor_close(cursor);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

static ouse_rc cannot_read(struct problem *problem, ouse_rc rc)
{
    return problem_fail(problem, rc, "The accounts cannot be read");
}

/* ---- The stored form ------------------------------------------------------------------ */

static void add_text(cJSON *object, const char *name, struct ouse_str text)
{
    if (text.p)
        cJSON_AddItemToObject(object, name, cJSON_CreateString(text.p)); /* texts of accounts end in a NUL */
}

static void add_hex(cJSON *object, const char *name, const unsigned char *bytes, size_t n)
{
    char hex[2 * ACCOUNT_HASH + 1];
    cJSON_AddStringToObject(object, name, sodium_bin2hex(hex, sizeof hex, bytes, n));
}

static int read_hex(const cJSON *text, unsigned char *bytes, size_t n)
{
    struct ouse_str hex = json_text(text);
    size_t got = 0;
    return hex.p && sodium_hex2bin(bytes, n, hex.p, hex.n, NULL, &got, NULL) == 0 && got == n;
}

static void add_totp(cJSON *object, const struct account_totp *totp)
{
    char hex[2 * ACCOUNT_CODE_HASH + 1];
    if (!totp->on)
        return;
    cJSON *is = cJSON_AddObjectToObject(object, "totp"), *codes;
    add_hex(is, "secret", totp->secret, sizeof totp->secret);
    cJSON_AddNumberToObject(is, "step", (double)totp->step);
    codes = cJSON_AddArrayToObject(is, "codes");
    for (uint32_t i = 0; i < totp->n_codes; i++)
        cJSON_AddItemToArray(codes, cJSON_CreateString(sodium_bin2hex(hex, sizeof hex, totp->codes[i],
                                                                      sizeof totp->codes[i])));
}

static int read_totp(const cJSON *is, struct account_totp *totp)
{
    const cJSON *code;
    if (!is)
        return 1;
    totp->on = read_hex(json_member(is, "secret"), totp->secret, sizeof totp->secret);
    totp->step = (int64_t)cJSON_GetNumberValue(json_member(is, "step"));
    cJSON_ArrayForEach(code, json_member(is, "codes"))
    {
        if (totp->n_codes == ACCOUNT_CODES || !read_hex(code, totp->codes[totp->n_codes], ACCOUNT_CODE_HASH))
            return 0;
        totp->n_codes++;
    }
    return totp->on;
}

void accounts_write_grants(const struct account *account, struct buffer *out)
{
    buffer_byte(out, '[');
    for (uint32_t i = 0; i < account->n_grants; i++) {
        const struct account_grant *grant = &account->grants[i];
        char when[CLOCK_TEXT];
        buffer_printf(out, "%s{\"role\":\"%s\",\"collections\":%.*s,\"organisation\":", i ? "," : "",
                      schema_role_name(grant->role), OUSE_F(grant->collections));
        if (grant->organisation.p)
            json_string(out, grant->organisation);
        else
            buffer_text(out, "null");
        clock_format(grant->expires, when);
        buffer_printf(out, grant->expires ? ",\"expires\":\"%s\"}" : ",\"expires\":null}", when);
    }
    buffer_byte(out, ']');
}

static int read_role(struct ouse_str name, uint32_t *role)
{
    for (size_t i = 0; i < sizeof granted_roles / sizeof *granted_roles; i++)
        if (ouse_is(name, schema_role_name(granted_roles[i]))) {
            *role = granted_roles[i];
            return 1;
        }
    return 0;
}

static int read_grant(const cJSON *is, struct arena *arena, struct account_grant *grant)
{
    struct ouse_str expires = json_text(json_member(is, "expires"));
    struct clock_instant instant = {0};
    struct buffer collections;
    if (!read_role(json_text(json_member(is, "role")), &grant->role) ||
        (expires.p && clock_parse(expires, &instant)))
        return 0;
    buffer_init(&collections, STORED_MAX);
    json_print(&collections, json_member(is, "collections"));
    grant->collections = arena_copy(arena, buffer_view(&collections));
    buffer_finish(&collections);
    grant->organisation = json_text(json_member(is, "organisation"));
    grant->expires = instant.ms;
    return 1;
}

static int read_state(struct ouse_str name, enum account_state *state)
{
    for (int i = 0; i < ACCOUNT_STATES; i++)
        if (ouse_is(name, accounts_states[i])) {
            *state = (enum account_state)i;
            return 1;
        }
    return 0;
}

static ouse_rc decode(struct ouse_str stored, struct arena *arena, struct account *account,
                      struct problem *problem)
{
    const cJSON *is = json_parse_trusted(arena, stored), *grant;
    *account = (struct account){
        .id = json_text(json_member(is, "id")),
        .email = json_text(json_member(is, "email")),
        .name = json_text(json_member(is, "name")),
        .organisation = json_text(json_member(is, "organisation")),
        .person = json_text(json_member(is, "person")),
        .password = json_text(json_member(is, "password")),
        .created = (int64_t)cJSON_GetNumberValue(json_member(is, "created")),
    };
    int whole = account->id.n == ACCOUNT_ID && account->email.p && account->name.p &&
                read_state(json_text(json_member(is, "state")), &account->state) &&
                read_totp(json_member(is, "totp"), &account->totp);
    cJSON_ArrayForEach(grant, json_member(is, "grants"))
    {
        whole = whole && account->n_grants < ACCOUNT_GRANTS_MAX &&
                read_grant(grant, arena, &account->grants[account->n_grants]);
        account->n_grants += (uint32_t)whole;
    }
    return whole ? OUSE_OK : problem_fail(problem, OUSE_E_INTERNAL, "A stored account is damaged");
}

static void encode(const struct account *account, struct arena *arena, struct buffer *out)
{
    struct buffer grants;
    cJSON *is = json_keep(arena, cJSON_CreateObject());
    add_text(is, "id", account->id);
    add_text(is, "email", account->email);
    add_text(is, "name", account->name);
    add_text(is, "organisation", account->organisation);
    add_text(is, "person", account->person);
    cJSON_AddStringToObject(is, "state", accounts_states[account->state]);
    cJSON_AddNumberToObject(is, "created", (double)account->created);
    add_text(is, "password", account->password);
    add_totp(is, &account->totp);
    buffer_init(&grants, STORED_MAX);
    accounts_write_grants(account, &grants);
    cJSON_AddItemToObject(is, "grants", cJSON_ParseWithLength(grants.at, grants.n));
    buffer_finish(&grants);
    json_print(out, is);
}

ouse_rc accounts_put(struct txn *txn, const struct account *account, struct problem *problem)
{
    struct buffer stored;
    struct key key;
    accounts_key(&key, 'a', account->id);
    buffer_init(&stored, STORED_MAX);
    encode(account, problem->arena, &stored);
    ouse_rc rc = txn_put(txn, DB_ACCOUNTS, key_str(&key), buffer_view(&stored));
    buffer_finish(&stored);
    return rc ? problem_fail(problem, rc, "The account cannot be stored") : OUSE_OK;
}

/* ---- Finding ------------------------------------------------------------------------------ */

ouse_rc accounts_get(struct txn *txn, struct ouse_str id, struct arena *arena, struct account *account,
                     struct problem *problem)
{
    struct ouse_str stored;
    struct key key;
    accounts_key(&key, 'a', id);
    ouse_rc rc = txn_get(txn, DB_ACCOUNTS, key_str(&key), &stored);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(problem, rc, "There is no such account");
    return rc ? cannot_read(problem, rc) : decode(stored, arena, account, problem);
}

ouse_rc accounts_find(struct txn *txn, struct ouse_str email, struct arena *arena, struct account *account,
                      struct problem *problem)
{
    struct ouse_str id;
    struct key key;
    accounts_key(&key, 'e', email);
    ouse_rc rc = txn_get(txn, DB_ACCOUNTS, key_str(&key), &id);
    if (rc == OUSE_E_NOT_FOUND)
        return problem_fail(problem, rc, "There is no account %.*s; \"ouse account list\" lists them",
                            OUSE_F(email));
    return rc ? cannot_read(problem, rc) : accounts_get(txn, id, arena, account, problem);
}

struct listing {
    struct txn *txn;
    struct arena *arena;
    void (*fn)(void *arg, const struct account *);
    void *arg;
    struct problem *problem;
};

static int list_one(void *arg, struct ouse_str email, struct ouse_str id)
{
    struct listing *listing = arg;
    struct account account;
    (void)email;
    if (accounts_get(listing->txn, id, listing->arena, &account, listing->problem))
        return 1;
    listing->fn(listing->arg, &account);
    return 0;
}

ouse_rc accounts_each(struct txn *txn, struct arena *arena, void (*fn)(void *arg, const struct account *),
                      void *arg, struct problem *problem)
{
    struct listing listing = {txn, arena, fn, arg, problem};
    ouse_rc rc = accounts_walk(txn, 'e', list_one, &listing);
    return rc ? cannot_read(problem, rc) : problem->rc;
}

/* ---- Creating ------------------------------------------------------------------------------- */

ouse_rc accounts_email(struct ouse_str text, struct arena *arena, struct ouse_str *email,
                       struct problem *problem)
{
    text = text_trim(text);
    char *lower = arena_alloc(arena, text.n + 1);
    uint32_t at = 0, signs = 0;
    int clean = text.n > 0 && text.n <= ACCOUNT_EMAIL_MAX;
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        clean = clean && c > 0x20 && c < 0x7f && !strchr("\"<>(),;:\\", c);
        signs += c == '@';
        at = c == '@' ? i : at;
        lower[i] = (char)tolower(c);
    }
    lower[text.n] = '\0';
    if (!clean || signs != 1 || at == 0 || at + 1 == text.n)
        return problem_fail(problem, OUSE_E_INVALID,
                            "An e-mail address has one \"@\", at most %d characters and no spaces, such as "
                            "\"ann@example.org\"",
                            ACCOUNT_EMAIL_MAX);
    *email = (struct ouse_str){lower, text.n};
    return OUSE_OK;
}

static ouse_rc check_name(struct ouse_str name, struct problem *problem)
{
    int clean = name.n > 0 && name.n <= ACCOUNT_NAME_MAX && utf8_valid(name);
    for (uint32_t i = 0; i < name.n; i++)
        clean = clean && (unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f;
    return clean ? OUSE_OK
                 : problem_fail(problem, OUSE_E_INVALID,
                                "The name of an account has 1 to %d bytes and no control characters",
                                ACCOUNT_NAME_MAX);
}

static struct ouse_str make_id(struct arena *arena)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char random[ACCOUNT_ID];
    char id[ACCOUNT_ID];
    random_fill(random, sizeof random);
    for (int i = 0; i < ACCOUNT_ID; i++)
        id[i] = digits[random[i] % 32];
    return arena_copy(arena, (struct ouse_str){id, ACCOUNT_ID});
}

ouse_rc accounts_create(struct txn *txn, struct account *account, struct problem *problem)
{
    struct ouse_str taken;
    struct key key;
    accounts_key(&key, 'e', account->email);
    if (check_name(account->name, problem))
        return problem->rc;
    ouse_rc rc = txn_get(txn, DB_ACCOUNTS, key_str(&key), &taken);
    if (rc == OUSE_OK)
        return problem_fail(problem, OUSE_E_CONFLICT,
                            "There is an account %.*s already; \"ouse account show\" shows it",
                            OUSE_F(account->email));
    if (rc != OUSE_E_NOT_FOUND)
        return cannot_read(problem, rc);
    account->id = make_id(problem->arena);
    rc = txn_put(txn, DB_ACCOUNTS, key_str(&key), account->id);
    return rc ? problem_fail(problem, rc, "The account cannot be stored")
              : accounts_put(txn, account, problem);
}

/* ---- Grants ----------------------------------------------------------------------------------- */

uint32_t accounts_role(const struct account *account, int64_t now)
{
    uint32_t role = OUSE_PUBLIC;
    for (uint32_t i = 0; i < account->n_grants; i++) {
        const struct account_grant *grant = &account->grants[i];
        if ((!grant->expires || grant->expires > now) && grant->role > role)
            role = grant->role;
    }
    return role;
}

static uint32_t place_of(const struct account *account, uint32_t role)
{
    uint32_t i = 0;
    while (i < account->n_grants && account->grants[i].role != role)
        i++;
    return i;
}

ouse_rc accounts_grant(struct account *account, const struct account_grant *grant, struct problem *problem)
{
    uint32_t i = place_of(account, grant->role);
    if (i == ACCOUNT_GRANTS_MAX)
        return problem_fail(problem, OUSE_E_INVALID, "An account has at most %d grants", ACCOUNT_GRANTS_MAX);
    account->grants[i] = *grant;
    account->n_grants += i == account->n_grants;
    return OUSE_OK;
}

ouse_rc accounts_revoke(struct account *account, uint32_t role, struct problem *problem)
{
    uint32_t i = place_of(account, role);
    if (i == account->n_grants)
        return problem_fail(problem, OUSE_E_NOT_FOUND, "%.*s does not have the role %s",
                            OUSE_F(account->email), schema_role_name(role));
    account->n_grants--;
    memmove(&account->grants[i], &account->grants[i + 1],
            (account->n_grants - i) * sizeof account->grants[0]);
    return OUSE_OK;
}

/* ---- Verifying -------------------------------------------------------------------------------- */

struct verifying {
    struct txn *txn;
    void (*fn)(void *arg, const char *fault);
    void *arg;
    uint64_t accounts, addresses, faults;
};

static void report(struct verifying *v, const char *fault)
{
    v->faults++;
    v->fn(v->arg, fault);
}

/* Reads the account of an entry, in a separate arena. Returns whether it can be read and `email` is
 * its address (no text: any). */
static int leads_to_account(struct verifying *v, struct ouse_str id, struct ouse_str email)
{
    struct arena arena = {0};
    struct problem problem;
    struct account account;
    problem_init(&problem, &arena);
    int leads = accounts_get(v->txn, id, &arena, &account, &problem) == OUSE_OK &&
                ouse_same(account.id, id) && (!email.p || ouse_same(account.email, email));
    arena_finish(&arena);
    return leads;
}

static int verify_account(void *arg, struct ouse_str id, struct ouse_str value)
{
    struct verifying *v = arg;
    (void)value;
    v->accounts++;
    if (!leads_to_account(v, id, (struct ouse_str){0}))
        report(v, "accounts: a stored account is damaged");
    return 0;
}

static int verify_address(void *arg, struct ouse_str email, struct ouse_str id)
{
    struct verifying *v = arg;
    v->addresses++;
    if (!leads_to_account(v, id, email))
        report(v, "accounts: an e-mail address does not lead to the account that has it");
    return 0;
}

static int verify_owned(void *arg, struct ouse_str hash, struct ouse_str value)
{
    struct verifying *v = arg;
    struct arena arena = {0};
    struct ouse_str id = json_text(json_member(json_parse_trusted(&arena, value), "account"));
    if (hash.n != ACCOUNT_HASH || !id.p || !leads_to_account(v, id, (struct ouse_str){0}))
        report(v, "accounts: a link or a session belongs to no account");
    arena_finish(&arena);
    return 0;
}

ouse_rc accounts_verify(struct txn *txn, void (*fn)(void *arg, const char *fault), void *arg,
                        uint64_t *accounts, uint64_t *faults)
{
    struct verifying v = {.txn = txn, .fn = fn, .arg = arg};
    ouse_rc rc = accounts_walk(txn, 'a', verify_account, &v);
    if (!rc)
        rc = accounts_walk(txn, 'e', verify_address, &v);
    if (!rc)
        rc = accounts_walk(txn, 'l', verify_owned, &v);
    if (!rc)
        rc = accounts_walk(txn, 's', verify_owned, &v);
    if (!rc && v.addresses != v.accounts)
        report(&v, "accounts: the number of accounts and that of their e-mail addresses differ");
    *accounts = v.accounts;
    *faults = v.faults;
    return rc;
}
