/* ouse verify: whether the store agrees with itself; see record/verify.c. Reads
 * one snapshot, so it may run beside a server. */
#include "cli.h"
#include <stdio.h>

static void tell(void *arg, const char *fault)
{
    (void)arg;
    fprintf(stderr, "%s\n", fault);
}

static void print_report(const struct verify_report *report)
{
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {{"records", report->records},         {"index keys", report->indexes},
                  {"references", report->references},   {"past keys", report->past},
                  {"revisions", report->revisions},     {"changes", report->journal},
                  {"passed over", report->passed_over}, {"faults", report->faults}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        printf("%-12s %llu\n", counts[i].name, (unsigned long long)counts[i].n);
}

static int verify(const struct cli *cli)
{
    struct verify_report report;
    struct cli_register opened;
    int status;
    if (cli_open(cli, CLI_RULES | CLI_READS, &opened) != OUSE_OK) {
        status = cli_fail(&opened.problem);
    } else if (records_verify(opened.records, tell, NULL, &report) != OUSE_OK) {
        problem_fail(&opened.problem, OUSE_E_INTERNAL, "%s: the store cannot be read", opened.config->data);
        status = cli_fail(&opened.problem);
    } else {
        print_report(&report);
        status = report.faults ? CLI_FAILED : CLI_OK;
    }
    cli_close(&opened);
    return status;
}

const struct cli_command cli_verify = {
    .name = "verify",
    .arguments = "",
    .summary = "recompute views, indexes, references and history from the records, and compare",
    .help = "Prints what was looked at. Faults go to standard error, at most 100 in words, and make\n"
            "the exit code 1. Keys of collections that no plugin declares now are passed over. May run\n"
            "beside a server.",
    .run = verify,
};
