/* ouse account …: people who sign in. The server can keep running: it reads accounts for each
 * request. */
#include "commands.h"

#include "../base/clock.h"
#include "../base/text.h"
#include "../features/accounts/account.h"
#include <stdio.h>

#define DAY_MS INT64_C(86400000)

/* ---- Shared parts of the commands ------------------------------------------------- */

struct task {
    const struct cli *cli;
    struct server_register *opened;
    struct account account; /* that the command names, or makes */
    struct account_grant grant;
    char secret[ACCOUNT_SECRET + 1];
    uint32_t ended; /* sessions */
};

typedef ouse_rc (*task_fn)(struct txn *txn, struct task *task, struct problem *problem);

/* Runs fn in a write transaction, committed if it succeeds. */
static ouse_rc write_accounts(struct task *task, task_fn fn)
{
    struct server_register *opened = task->opened;
    struct problem *problem = &opened->problem;
    struct txn *txn;
    ouse_rc rc = engine_write(opened->engine, &txn);
    if (!rc && (rc = fn(txn, task, problem))) {
        txn_end(txn);
        return rc;
    }
    if (!rc)
        rc = txn_commit(txn);
    return rc ? problem_fail(problem, rc, "%s: the store cannot be written", opened->config->data) : OUSE_OK;
}

/* The account that the first argument names. */
static ouse_rc find_named(struct txn *txn, struct task *task, struct problem *problem)
{
    struct arena *arena = &task->opened->arena;
    struct ouse_str email;
    ouse_rc rc = accounts_email(ouse_s(task->cli->arguments[0]), arena, &email, problem);
    return rc ? rc : accounts_find(txn, email, arena, &task->account, problem);
}

/* Opens the register, runs fn, and calls `print` if it succeeded. */
static int run(const struct cli *cli, struct task *task, uint32_t parts, task_fn fn,
               void (*print)(const struct task *task))
{
    struct server_register opened;
    int status = CLI_OK;
    task->cli = cli;
    task->opened = &opened;
    if (cli_open(cli, parts, &opened) != OUSE_OK || write_accounts(task, fn) != OUSE_OK)
        status = cli_fail(&opened.problem);
    else if (print)
        print(task);
    server_close(&opened);
    return status;
}

/* The address of the register: the option `address`, or that on which it listens. */
static void print_link(const struct task *task)
{
    const struct config *config = task->opened->config;
    if (*config->address)
        printf("%s%s/account/link/%s\n", config->address, config->base_path, task->secret);
    else
        printf("http://%.*s%s/account/link/%s\n", (int)strcspn(config->listen, ", "), config->listen,
               config->base_path, task->secret);
    fprintf(stderr, "This address sets the password of %.*s. It works once, and for 24 hours.\n",
            OUSE_F(task->account.email));
}

static ouse_rc make_link(struct txn *txn, struct task *task, struct problem *problem)
{
    return accounts_link_create(txn, task->account.id, clock_now(), task->secret, problem);
}

/* ---- create -------------------------------------------------------------------------- */

/* Checks that a record is there which an account refers to. */
static ouse_rc check_record(struct txn *txn, const struct task *task, const char *collection, const char *id,
                            struct ouse_str *reference, struct problem *problem)
{
    const struct collection *found;
    struct record record;
    if (!id)
        return OUSE_OK;
    found = schema_find(task->opened->schema, ouse_s(collection));
    if (!found)
        return problem_fail(problem, OUSE_E_INVALID, "This register has no collection %s", collection);
    if (record_get(txn, found, ouse_s(id), &record) != OUSE_OK || record.kind != RECORD_LIVE)
        return problem_fail(problem, OUSE_E_INVALID, "There is no record %s/%s", collection, id);
    *reference = ouse_s(id);
    return OUSE_OK;
}

static ouse_rc create_account(struct txn *txn, struct task *task, struct problem *problem)
{
    const struct cli *cli = task->cli;
    struct account *account = &task->account;
    const char *email = cli_value(cli, "email"), *name = cli_value(cli, "name");
    if (!email || !name)
        return problem_fail(problem, OUSE_E_INVALID, "ouse account create: --email and --name are needed");
    *account = (struct account){.name = ouse_s(name), .created = clock_now()};
    ouse_rc rc = accounts_email(ouse_s(email), &task->opened->arena, &account->email, problem);
    if (!rc)
        rc = check_record(txn, task, "organisations", cli_value(cli, "organisation"), &account->organisation,
                          problem);
    if (!rc)
        rc = check_record(txn, task, "people", cli_value(cli, "person"), &account->person, problem);
    if (!rc)
        rc = accounts_create(txn, account, problem);
    return rc ? rc : make_link(txn, task, problem);
}

static int create(const struct cli *cli)
{
    struct task task = {0};
    int refers = cli_value(cli, "organisation") || cli_value(cli, "person");
    return run(cli, &task, refers ? SERVER_RULES | SERVER_READS : SERVER_STORE, create_account, print_link);
}

static const struct cli_option create_options[] = {
    {"email", "E", "the e-mail address with which the person signs in; each address has one account", NULL},
    {"name", "N", "the name that others see", NULL},
    {"organisation", "ID", "the organisation of the person, a record of organisations", NULL},
    {"person", "ID", "the record of the person, of people", NULL},
    {.name = NULL},
};

const struct cli_command cli_account_create = {
    .name = "account create",
    .arguments = "",
    .summary = "make an account, and print a link to set its password",
    .help =
        "The link works once, and for 24 hours. \"ouse account invite\" prints another one. An account may\n"
        "do nothing until \"ouse account grant\" gives it a role.",
    .options = create_options,
    .run = create,
};

/* ---- list, show ------------------------------------------------------------------------ */

static ouse_rc read_only(struct task *task, task_fn fn)
{
    struct server_register *opened = task->opened;
    struct txn *txn;
    ouse_rc rc = engine_read(opened->engine, &txn);
    if (rc)
        return problem_fail(&opened->problem, rc, "%s: the store cannot be read", opened->config->data);
    rc = fn(txn, task, &opened->problem);
    txn_end(txn);
    return rc;
}

static int look(const struct cli *cli, task_fn fn)
{
    struct server_register opened;
    struct task task = {.cli = cli, .opened = &opened};
    int status = CLI_OK;
    if (cli_open(cli, SERVER_STORE | SERVER_READS, &opened) != OUSE_OK || read_only(&task, fn) != OUSE_OK)
        status = cli_fail(&opened.problem);
    server_close(&opened);
    return status;
}

static void print_row(void *arg, const struct account *account)
{
    char created[CLOCK_TEXT];
    (void)arg;
    clock_format(account->created, created);
    printf("%-9s  %-8s  %s  %-30.*s  %.*s\n", accounts_states[account->state],
           schema_role_name(accounts_role(account, clock_now())), created, OUSE_F(account->email),
           OUSE_F(account->name));
}

static ouse_rc list_accounts(struct txn *txn, struct task *task, struct problem *problem)
{
    return accounts_each(txn, &task->opened->arena, print_row, NULL, problem);
}

static int list(const struct cli *cli)
{
    return look(cli, list_accounts);
}

const struct cli_command cli_account_list = {
    .name = "account list",
    .arguments = "",
    .summary = "list accounts: state, role now, created, e-mail address, name",
    .run = list,
};

static void print_line(const char *what, struct ouse_str value)
{
    if (value.p)
        printf("%-13s %.*s\n", what, OUSE_F(value));
}

static void print_grant(const struct account_grant *grant)
{
    char when[CLOCK_TEXT];
    clock_format(grant->expires, when);
    printf("%-13s %s%s%s%s\n", "grant", schema_role_name(grant->role), grant->expires ? " until " : "",
           grant->expires ? when : "", grant->expires && grant->expires <= clock_now() ? " (expired)" : "");
}

static void print_session(const struct account_session *session)
{
    char seen[CLOCK_TEXT];
    clock_format(session->seen, seen);
    printf("%-13s %s from %.*s, last used %s\n", "session", session->agent.n ? session->agent.p : "a client",
           OUSE_F(session->address), seen);
}

static ouse_rc show_account(struct txn *txn, struct task *task, struct problem *problem)
{
    const struct account *account = &task->account;
    struct account_session *sessions;
    char created[CLOCK_TEXT];
    uint32_t n;
    if (find_named(txn, task, problem))
        return problem->rc;
    if (accounts_sessions(txn, account->id, clock_now(), &task->opened->arena, &sessions, &n))
        return problem_fail(problem, OUSE_E_INTERNAL, "The sessions cannot be read");
    clock_format(account->created, created);
    print_line("email", account->email);
    print_line("name", account->name);
    print_line("id", account->id);
    print_line("state", ouse_s(accounts_states[account->state]));
    print_line("organisation", account->organisation);
    print_line("person", account->person);
    print_line("created", ouse_s(created));
    print_line("password", ouse_s(account->password.p ? "set" : "not set"));
    print_line("totp", ouse_s(account->totp.on ? "on" : "off"));
    for (uint32_t i = 0; i < account->n_grants; i++)
        print_grant(&account->grants[i]);
    for (uint32_t i = 0; i < n; i++)
        print_session(&sessions[i]);
    return OUSE_OK;
}

static int show(const struct cli *cli)
{
    return look(cli, show_account);
}

const struct cli_command cli_account_show = {
    .name = "account show",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "show an account, its grants and its sessions",
    .run = show,
};

/* ---- invite, reset ------------------------------------------------------------------------ */

static ouse_rc invite_account(struct txn *txn, struct task *task, struct problem *problem)
{
    if (find_named(txn, task, problem))
        return problem->rc;
    if (task->account.state != ACCOUNT_INVITED)
        return problem_fail(
            problem, OUSE_E_CONFLICT,
            "%.*s is %s; only an invited account is invited again. \"ouse account reset\" makes "
            "a link to set another password",
            OUSE_F(task->account.email), accounts_states[task->account.state]);
    return make_link(txn, task, problem);
}

static int invite(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, invite_account, print_link);
}

const struct cli_command cli_account_invite = {
    .name = "account invite",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "print another link for an invited account; earlier links end",
    .run = invite,
};

static ouse_rc reset_account(struct txn *txn, struct task *task, struct problem *problem)
{
    struct account *account = &task->account;
    if (find_named(txn, task, problem))
        return problem->rc;
    if (account->state == ACCOUNT_SUSPENDED)
        return problem_fail(problem, OUSE_E_CONFLICT,
                            "%.*s is suspended; \"ouse account restore\" makes it active again",
                            OUSE_F(account->email));
    account->password = (struct ouse_str){0};
    if (cli_value(task->cli, "totp"))
        account->totp = (struct account_totp){0};
    ouse_rc rc = accounts_put(txn, account, problem);
    if (!rc && accounts_sessions_end(txn, account->id, NULL, &task->ended))
        rc = problem_fail(problem, OUSE_E_UNAVAILABLE, "The sessions cannot be ended");
    return rc ? rc : make_link(txn, task, problem);
}

static int reset(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, reset_account, print_link);
}

static const struct cli_option reset_options[] = {
    {"totp", NULL, "also turn one-time codes off: for a person who lost the app and the recovery codes",
     NULL},
    {.name = NULL},
};

const struct cli_command cli_account_reset = {
    .name = "account reset",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "end the password and all sessions; print a link to set another one",
    .options = reset_options,
    .run = reset,
};

/* ---- suspend, restore, sign-out -------------------------------------------------------------- */

static ouse_rc end_sessions(struct txn *txn, struct task *task, struct problem *problem)
{
    if (accounts_sessions_end(txn, task->account.id, NULL, &task->ended))
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "The sessions cannot be ended");
    return OUSE_OK;
}

static ouse_rc suspend_account(struct txn *txn, struct task *task, struct problem *problem)
{
    struct account *account = &task->account;
    if (find_named(txn, task, problem))
        return problem->rc;
    if (account->state == ACCOUNT_SUSPENDED)
        return problem_fail(problem, OUSE_E_CONFLICT, "%.*s is suspended already", OUSE_F(account->email));
    account->state = ACCOUNT_SUSPENDED;
    ouse_rc rc = accounts_put(txn, account, problem);
    if (!rc && accounts_links_end(txn, account->id))
        rc = problem_fail(problem, OUSE_E_UNAVAILABLE, "The links cannot be ended");
    return rc ? rc : end_sessions(txn, task, problem);
}

static ouse_rc restore_account(struct txn *txn, struct task *task, struct problem *problem)
{
    struct account *account = &task->account;
    if (find_named(txn, task, problem))
        return problem->rc;
    if (account->state != ACCOUNT_SUSPENDED)
        return problem_fail(problem, OUSE_E_CONFLICT, "%.*s is %s, not suspended", OUSE_F(account->email),
                            accounts_states[account->state]);
    account->state = account->password.p ? ACCOUNT_ACTIVE : ACCOUNT_INVITED;
    return accounts_put(txn, account, problem);
}

static ouse_rc sign_out(struct txn *txn, struct task *task, struct problem *problem)
{
    return find_named(txn, task, problem) ? problem->rc : end_sessions(txn, task, problem);
}

static void print_state(const struct task *task)
{
    printf("%.*s is %s now; sessions ended: %u\n", OUSE_F(task->account.email),
           accounts_states[task->account.state], task->ended);
}

static int suspend(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, suspend_account, print_state);
}

static int restore(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, restore_account, print_state);
}

static int end_all(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, sign_out, print_state);
}

const struct cli_command cli_account_suspend = {
    .name = "account suspend",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "forbid a person to sign in, and end the sessions and links of the account",
    .run = suspend,
};

const struct cli_command cli_account_restore = {
    .name = "account restore",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "let a suspended account sign in again",
    .run = restore,
};

const struct cli_command cli_account_sign_out = {
    .name = "account sign-out",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "end all sessions of an account",
    .run = end_all,
};

/* ---- grant, revoke ----------------------------------------------------------------------------- */

/* The end of a day, or an instant. */
static ouse_rc read_expiry(const char *text, int64_t *expires, struct problem *problem)
{
    struct clock_instant instant;
    const char *whole =
        text && strlen(text) == 10 ? arena_printf(problem->arena, "%sT00:00:00Z", text).p : text;
    if (!text)
        return OUSE_OK;
    if (clock_parse(ouse_s(whole), &instant))
        return problem_fail(problem, OUSE_E_INVALID,
                            "--expires is \"%s\"; write a day, such as \"2027-01-31\" (its end), or an "
                            "instant, such as \"2027-01-31T12:00:00Z\"",
                            text);
    *expires = whole == text ? instant.ms : instant.ms + DAY_MS;
    if (*expires <= clock_now())
        return problem_fail(problem, OUSE_E_INVALID, "--expires is \"%s\", which is over", text);
    return OUSE_OK;
}

static ouse_rc read_role(const struct cli *cli, uint32_t *role, struct problem *problem)
{
    const char *name = cli_value(cli, "role");
    static const uint32_t known[] = {OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++)
        if (strcmp(name, schema_role_name(known[i])) == 0) {
            *role = known[i];
            return OUSE_OK;
        }
    return problem_fail(problem, OUSE_E_INVALID, "--role must be one of partner office manager");
}

/* The scopes of a grant that the server does not enforce yet are not accepted. */
static ouse_rc read_grant(const struct cli *cli, struct account_grant *grant, struct problem *problem)
{
    const char *collections = cli_value(cli, "collections");
    *grant = (struct account_grant){.collections = ouse_s("[\"*\"]")};
    if (read_role(cli, &grant->role, problem))
        return problem->rc;
    if (collections && strcmp(collections, "*") != 0)
        return problem_fail(problem, OUSE_E_INVALID,
                            "--collections is \"%s\"; this version grants a role for all collections, \"*\", "
                            "only: leave the option out",
                            collections);
    if (cli_value(cli, "organisation"))
        return problem_fail(
            problem, OUSE_E_INVALID,
            "--organisation is \"%s\"; this version grants a role for all organisations only: "
            "leave the option out",
            cli_value(cli, "organisation"));
    return read_expiry(cli_value(cli, "expires"), &grant->expires, problem);
}

static ouse_rc grant_role(struct txn *txn, struct task *task, struct problem *problem)
{
    if (read_grant(task->cli, &task->grant, problem) || find_named(txn, task, problem) ||
        accounts_grant(&task->account, &task->grant, problem))
        return problem->rc;
    return accounts_put(txn, &task->account, problem);
}

static ouse_rc revoke_role(struct txn *txn, struct task *task, struct problem *problem)
{
    if (read_role(task->cli, &task->grant.role, problem) || find_named(txn, task, problem) ||
        accounts_revoke(&task->account, task->grant.role, problem))
        return problem->rc;
    return accounts_put(txn, &task->account, problem);
}

static int grant(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, grant_role, NULL);
}

static int revoke(const struct cli *cli)
{
    struct task task = {0};
    return run(cli, &task, SERVER_STORE | SERVER_READS, revoke_role, NULL);
}

static const struct cli_option grant_options[] = {
    {"role", "ROLE", "partner or office (read), manager (read and write)", "partner office manager"},
    {"collections", "LIST", "the collections that it is for; this version accepts * only", NULL},
    {"organisation", "ID", "the organisation that it is for; this version accepts none", NULL},
    {"expires", "DATE", "the last day of the grant, such as 2027-01-31; without, until it is revoked", NULL},
    {.name = NULL},
};

const struct cli_command cli_account_grant = {
    .name = "account grant",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "give an account a role; a grant of the same role is replaced",
    .options = grant_options,
    .run = grant,
};

static const struct cli_option revoke_options[] = {
    {"role", "ROLE", "the role to take away", "partner office manager"},
    {.name = NULL},
};

const struct cli_command cli_account_revoke = {
    .name = "account revoke",
    .arguments = "EMAIL",
    .least = 1,
    .most = 1,
    .summary = "take a role from an account; the server enforces it from the next request on",
    .options = revoke_options,
    .run = revoke,
};
