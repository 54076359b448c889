/* ouse token create | list | revoke. The server can keep running: it reads tokens for each request. */
#include "commands.h"

#include "../base/clock.h"
#include "../server/tokens.h"
#include <stdio.h>

/* Runs fn in a write transaction, committed when it succeeds. */
static ouse_rc write_tokens(struct server_register *opened,
                            ouse_rc (*fn)(struct txn *, void *, struct problem *), void *arg)
{
    struct problem *problem = &opened->problem;
    struct txn *txn;
    ouse_rc rc = engine_write(opened->engine, &txn);
    if (rc != OUSE_OK)
        return problem_fail(problem, rc, "%s: the store cannot be written", opened->config->data);
    rc = fn(txn, arg, problem);
    if (rc != OUSE_OK) {
        txn_end(txn);
        return rc;
    }
    rc = txn_commit(txn);
    return rc == OUSE_OK ? rc
                         : problem_fail(problem, rc, "%s: the store cannot be written", opened->config->data);
}

/* ---- create -------------------------------------------------------------------- */

struct creation {
    struct token token;
    char secret[TOKEN_LENGTH + 1];
};

static ouse_rc create_token(struct txn *txn, void *arg, struct problem *problem)
{
    struct creation *creation = arg;
    return token_create(txn, &creation->token, creation->secret, problem);
}

static ouse_rc read_expiry(const char *text, struct token *token, struct problem *problem)
{
    static const struct ouse_option expires = {
        .name = "--expires", .type = OUSE_OPTION_DURATION, .min = 1000, .max = INT64_C(3650) * 86400000};
    struct setting setting = {.origin = "ouse token create", .text = text};
    int64_t duration;
    if (!text)
        return OUSE_OK;
    if (value_set(&expires, &setting, &duration, problem->arena, problem) != OUSE_OK)
        return problem->rc;
    token->expires = token->created + duration;
    return OUSE_OK;
}

static ouse_rc read_token(const struct cli *cli, struct token *token, struct problem *problem)
{
    const char *role = cli_value(cli, "role");
    if (!role || token_role(ouse_s(role), &token->role) != 0)
        return problem_fail(problem, OUSE_E_INVALID,
                            "ouse token create: --role must be one of partner office manager");
    token->name = ouse_s(cli_value(cli, "name"));
    token->created = clock_now();
    return read_expiry(cli_value(cli, "expires"), token, problem);
}

static int create(const struct cli *cli)
{
    struct arena arena = {0};
    struct problem problem;
    problem_init(&problem, &arena);
    struct creation creation = {0};
    struct server_register opened;
    int status = CLI_OK;
    if (read_token(cli, &creation.token, &problem) != OUSE_OK) {
        cli_fail(&problem);
        arena_finish(&arena);
        return CLI_USAGE;
    }
    if (cli_open(cli, SERVER_STORE, &opened) != OUSE_OK ||
        write_tokens(&opened, create_token, &creation) != OUSE_OK)
        status = cli_fail(&opened.problem);
    else
        puts(creation.secret);
    server_close(&opened);
    arena_finish(&arena);
    return status;
}

static const struct cli_option create_options[] = {
    {"role", "ROLE", "role of the token: partner or office (read), manager (read and write)",
     "partner office manager"},
    {"name", "NAME", "how the journal calls its bearer; made from the role when it is left out", NULL},
    {"expires", "90d", "how long it is good for; without, until it is revoked", NULL},
    {.name = NULL},
};

const struct cli_command cli_token_create = {
    .name = "token create",
    .arguments = "",
    .summary = "make a token and print it, this once",
    .help = "Only a hash is stored: a lost token cannot be shown again, only revoked.",
    .options = create_options,
    .run = create,
};

/* ---- list ------------------------------------------------------------------------ */

static ouse_rc read_tokens(struct server_register *opened, struct token **tokens, uint32_t *n)
{
    struct txn *txn;
    ouse_rc rc = engine_read(opened->engine, &txn);
    if (rc != OUSE_OK)
        return problem_fail(&opened->problem, rc, "%s: the store cannot be read", opened->config->data);
    rc = token_list(txn, &opened->arena, tokens, n, &opened->problem);
    txn_end(txn);
    return rc;
}

static void print_token(const struct token *token)
{
    char created[CLOCK_TEXT], expires[CLOCK_TEXT] = "never";
    clock_format(token->created, created);
    if (token->expires)
        clock_format(token->expires, expires);
    printf("%-8s  %s  %-24s  %.*s%s\n", token_role_name(token->role), created, expires, OUSE_F(token->name),
           token->expires && token->expires <= clock_now() ? " (expired)" : "");
}

static int list(const struct cli *cli)
{
    struct server_register opened;
    struct token *tokens = NULL;
    uint32_t n = 0;
    int status = CLI_OK;
    if (cli_open(cli, SERVER_STORE | SERVER_READS, &opened) != OUSE_OK ||
        read_tokens(&opened, &tokens, &n) != OUSE_OK)
        status = cli_fail(&opened.problem);
    for (uint32_t i = 0; i < n; i++)
        print_token(&tokens[i]);
    server_close(&opened);
    return status;
}

const struct cli_command cli_token_list = {.name = "token list",
                                           .arguments = "",
                                           .summary = "list tokens: role, created, expires, name",
                                           .run = list};

/* ---- revoke ------------------------------------------------------------------------ */

static ouse_rc revoke_token(struct txn *txn, void *arg, struct problem *problem)
{
    return token_revoke(txn, ouse_s(arg), problem);
}

static int revoke_named(const struct cli *cli)
{
    struct server_register opened;
    int status = CLI_OK;
    if (cli_open(cli, SERVER_STORE | SERVER_READS, &opened) != OUSE_OK ||
        write_tokens(&opened, revoke_token, cli->arguments[0]) != OUSE_OK)
        status = cli_fail(&opened.problem);
    server_close(&opened);
    return status;
}

const struct cli_command cli_token_revoke = {
    .name = "token revoke",
    .arguments = "NAME",
    .least = 1,
    .most = 1,
    .summary = "take a token away; the server refuses it from then on",
    .run = revoke_named,
};
