/* ouse verify: whether the store agrees with itself; see record/audit.c. Reads
 * one snapshot, so a server may run at the same time. */
#include "commands.h"

#include "../features/accounts/account.h"
#include <sodium.h>
#include <stdio.h>

static void tell(void *arg, const char *fault)
{
    (void)arg;
    fprintf(stderr, "%s\n", fault);
}

/* The end of the hash chain, to compare with the line of an earlier day. */
static void print_chain(const struct verify_report *report)
{
    char hex[2 * JOURNAL_HASH + 1];
    sodium_bin2hex(hex, sizeof hex, report->link, JOURNAL_HASH);
    printf("%-12s %llu %s\n", "chain", (unsigned long long)report->last, hex);
}

static void print_report(const struct verify_report *report, uint64_t accounts)
{
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"records", report->records},
                  {"index keys", report->indexes},
                  {"references", report->references},
                  {"past keys", report->past},
                  {"revisions", report->revisions},
                  {"changes", report->journal},
                  {"accounts", accounts},
                  {"passed over", report->passed_over},
                  {"faults", report->faults}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        printf("%-12s %llu\n", counts[i].name, (unsigned long long)counts[i].n);
    print_chain(report);
}

static ouse_rc verify_accounts(struct engine *engine, struct verify_report *report, uint64_t *accounts)
{
    uint64_t faults;
    struct txn *txn;
    ouse_rc rc = engine_read(engine, &txn);
    if (rc)
        return rc;
    rc = accounts_verify(txn, tell, NULL, accounts, &faults);
    txn_end(txn);
    report->faults += faults;
    return rc;
}

static int verify(const struct cli *cli)
{
    struct verify_report report;
    uint64_t accounts;
    struct server_register opened;
    int status;
    if (cli_open(cli, SERVER_RULES | SERVER_READS, &opened) != OUSE_OK) {
        status = cli_fail(&opened.problem);
    } else if (records_verify(opened.records, tell, NULL, &report) != OUSE_OK ||
               verify_accounts(opened.engine, &report, &accounts) != OUSE_OK) {
        problem_fail(&opened.problem, OUSE_E_INTERNAL,
                     "%s/data.mdb cannot be read, it is damaged: keep a copy of it, and restore a backup",
                     opened.config->data);
        status = cli_fail(&opened.problem);
    } else {
        print_report(&report, accounts);
        status = report.faults ? CLI_FAILED : CLI_OK;
    }
    server_close(&opened);
    return status;
}

const struct cli_command cli_verify = {
    .name = "verify",
    .arguments = "",
    .summary = "recompute views, indexes, references, history and hashes, and compare; check accounts",
    .help = "Prints how much was checked, and the end of the hash chain of the changes. Faults go to\n"
            "standard error, at most 100 in words, and make the exit code 1; if a stored version or a\n"
            "change was rewritten, the first one that does not match is named. Keys of collections that no\n"
            "plugin declares now are only counted. A server may run at the same time.",
    .run = verify,
};
