/* ouse plugin check: tests whether a plugin keeps the promises of plugins/README.md.
 *
 * Each probe runs in a separate process, with a separate register in a temporary folder, without a
 * server: its requests take the same path as any others, except for the socket. */
#include "../../observe/crash.h"
#include "../child.h"
#include "leaks.h"
#include "probe.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MAX = 1 << 20, LOG_MAX = 64 << 10, FILES = 16, SECONDS = 60, SECONDS_MAX = 3600 };

/* All of a run. */
struct checking {
    const struct cli *cli;
    const char *path, *folder;
    cJSON *told; /* [{"name","verdict","findings":[{"verdict","text"}]}] */
    int64_t ms;  /* that a probe may take */
    struct problem *problem;
};

struct trying {
    const struct probe_row *row;
    struct probe probe;
};

/* ---- One probe ---------------------------------------------------------------- */

/* Runs a probe in the child. Output of the plugin goes to the log. */
static int try(void *arg, int out)
{
    struct trying *trying = arg;
    trying->probe.out = out;
    crash_in_child(0);
    dup2(trying->probe.log, STDOUT_FILENO);
    dup2(trying->probe.log, STDERR_FILENO);
    trying->row->run(&trying->probe);
    leaks_report(&trying->probe);
    probe_tell(&trying->probe, PROBE_PASS, "to the end");
    return CLI_OK;
}

/* Adds a finding, unless it is already there. */
static void add_finding(cJSON *findings, enum verdict verdict, const char *text)
{
    cJSON *finding;
    cJSON_ArrayForEach(finding, findings)
    {
        if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(finding, "text")), text) == 0)
            return;
    }
    finding = cJSON_CreateObject();
    cJSON_AddStringToObject(finding, "verdict", probe_verdict_name(verdict));
    cJSON_AddStringToObject(finding, "text", text);
    cJSON_AddItemToArray(findings, finding);
}

/* Reads the findings from the output of a child; returns the worst, and stores whether the probe
 * came to its end. */
static enum verdict read_findings(struct buffer *said, cJSON *findings, int *ended)
{
    enum verdict worst = PROBE_PASS;
    char *rest = NULL;
    *ended = 0;
    buffer_byte(said, 0);
    for (char *line = strtok_r(said->at, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        enum verdict verdict = probe_verdict(line[0]);
        if (verdict == PROBE_PASS)
            *ended = 1;
        else
            add_finding(findings, verdict, line + 1);
        worst = verdict > worst ? verdict : worst;
    }
    return worst;
}

/* How a child ended that did not come to the end. A status that is not 0 is that of a sanitizer, or of
 * exit(). */
static const char *ending_of(struct probe *probe, int status, int64_t ms)
{
    const char *ending = child_ending(&probe->arena, status, ms), *logged = probe_logged(probe);
    if (ending)
        return arena_printf(&probe->arena, "it %s", ending).p;
    if (!WEXITSTATUS(status))
        logged = "";
    return arena_printf(&probe->arena, "it ends the process with %d%s%s", WEXITSTATUS(status),
                        *logged ? "; its output: " : "", logged)
        .p;
}

/* Adds the end of the log, which names the callback and the record, and has the report of a
 * sanitizer. */
static void add_log(struct probe *probe, cJSON *findings)
{
    struct ouse_str log = probe_log(probe, LOG_MAX);
    if (log.n)
        add_finding(findings, PROBE_FAIL, arena_printf(&probe->arena, "the log:\n%.*s", OUSE_F(log)).p);
}

static enum verdict try_probe(struct checking *checking, const struct probe_row *row, FILE *log,
                              cJSON *findings)
{
    struct trying trying = {row,
                            {checking->cli, checking->path, checking->folder, -1, fileno(log), NULL, {0}}};
    struct buffer said;
    int status, ended;
    enum verdict verdict = PROBE_FAIL;
    buffer_init(&said, SAID_MAX);
    if (child_run(try, &trying, checking->ms, &said, &status, checking->problem) != OUSE_OK) {
        add_finding(findings, verdict, checking->problem->detail.p);
    } else {
        verdict = read_findings(&said, findings, &ended);
        if (!ended) {
            add_finding(findings, verdict = PROBE_FAIL, ending_of(&trying.probe, status, checking->ms));
            add_log(&trying.probe, findings);
        }
    }
    buffer_finish(&said);
    arena_finish(&trying.probe.arena);
    return verdict;
}

/* ---- All of them --------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *at)
{
    (void)is;
    (void)kind;
    return at->level ? remove(path) : 0;
}

static void empty_folder(const char *folder)
{
    nftw(folder, remove_one, FILES, FTW_DEPTH | FTW_PHYS);
}

static int has_failed(const struct checking *checking, const char *name)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, checking->told)
    {
        const char *verdict = cJSON_GetStringValue(cJSON_GetObjectItem(row, "verdict"));
        if (name && strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(row, "name")), name) == 0)
            return strcmp(verdict, "fail") == 0 || strcmp(verdict, "skip") == 0;
    }
    return 0;
}

static void run_probe(struct checking *checking, const struct probe_row *row)
{
    cJSON *told = cJSON_CreateObject(), *findings = cJSON_CreateArray();
    enum verdict verdict = PROBE_SKIP;
    FILE *log = tmpfile();
    cJSON_AddStringToObject(told, "name", row->name);
    cJSON_AddStringToObject(told, "what", row->what);
    if (has_failed(checking, row->needs))
        add_finding(findings, verdict,
                    arena_printf(checking->problem->arena, "it needs the probe %s to pass", row->needs).p);
    else if (!log)
        add_finding(findings, verdict = PROBE_FAIL, strerror(errno));
    else
        verdict = try_probe(checking, row, log, findings);
    if (log)
        fclose(log);
    empty_folder(checking->folder);
    cJSON_AddStringToObject(told, "verdict", probe_verdict_name(verdict));
    cJSON_AddItemToObject(told, "findings", findings);
    cJSON_AddItemToArray(checking->told, told);
}

static ouse_rc make_folder(struct checking *checking)
{
    const char *parent = getenv("TMPDIR");
    char *folder =
        (char *)arena_printf(checking->problem->arena, "%s/ouse-check-XXXXXX", parent ? parent : "/tmp").p;
    if (!mkdtemp(folder))
        return problem_fail(checking->problem, OUSE_E_UNAVAILABLE, "%s cannot be made: %s", folder,
                            strerror(errno));
    checking->folder = folder;
    return OUSE_OK;
}

static ouse_rc run_probes(struct checking *checking)
{
    ouse_rc rc = make_folder(checking);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n_probes; i++)
        run_probe(checking, &probes[i]);
    rmdir(checking->folder);
    return OUSE_OK;
}

/* One probe in this process, for a debugger: without a time limit, and with the log on standard error. */
static ouse_rc run_here(struct checking *checking, const char *name, enum verdict *verdict)
{
    struct arena *arena = checking->problem->arena;
    const char **names = arena_alloc(arena, n_probes * sizeof *names);
    for (uint32_t i = 0; i < n_probes; i++)
        names[i] = probes[i].name;
    uint32_t i = 0;
    while (i < n_probes && strcmp(names[i], name) != 0)
        i++;
    if (i == n_probes)
        return problem_fail(checking->problem, OUSE_E_REQUEST, "There is no probe %s; the probes are: %.*s",
                            name, OUSE_F(arena_join(arena, names, n_probes)));
    ouse_rc rc = make_folder(checking);
    if (rc)
        return rc;
    struct probe probe = {checking->cli, checking->path, checking->folder, -1, -1, verdict, {0}};
    probes[i].run(&probe);
    printf("%s  %s\n", probe_verdict_name(*verdict), name);
    arena_finish(&probe.arena);
    empty_folder(checking->folder);
    rmdir(checking->folder);
    return OUSE_OK;
}

/* ---- The report ------------------------------------------------------------------ */

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

/* Further lines of the text are indented too. */
static void print_finding(const char *verdict, const char *text)
{
    size_t n = strcspn(text, "\n");
    printf("      %s: %.*s\n", verdict, (int)n, text);
    for (text += n; *text; text += n) {
        n = strcspn(++text, "\n");
        printf("        %.*s\n", (int)n, text);
    }
}

/* Prints findings. A skipped probe has only a reason. */
static void print_told(const cJSON *told)
{
    const cJSON *row, *finding;
    cJSON_ArrayForEach(row, told)
    {
        const cJSON *findings = cJSON_GetObjectItem(row, "findings");
        int skipped = strcmp(text_of(row, "verdict"), probe_verdict_name(PROBE_SKIP)) == 0;
        printf("%s  %-12s %s\n", text_of(row, "verdict"), text_of(row, "name"),
               skipped ? text_of(findings->child, "text") : text_of(row, "what"));
        if (skipped)
            continue;
        cJSON_ArrayForEach(finding, findings)
            print_finding(text_of(finding, "verdict"), text_of(finding, "text"));
    }
}

static uint32_t count(const cJSON *told, const char *verdict)
{
    const cJSON *row;
    uint32_t n = 0;
    cJSON_ArrayForEach(row, told) n += strcmp(text_of(row, "verdict"), verdict) == 0;
    return n;
}

static void print_json(struct checking *checking)
{
    struct buffer out;
    cJSON *whole = cJSON_CreateObject();
    buffer_init(&out, SAID_MAX);
    cJSON_AddStringToObject(whole, "file", checking->path);
    cJSON_AddNumberToObject(whole, "failed", count(checking->told, "fail"));
    cJSON_AddItemReferenceToObject(whole, "probes", checking->told);
    json_print(&out, whole);
    printf("%.*s\n", (int)out.n, out.at);
    buffer_finish(&out);
    cJSON_Delete(whole);
}

static int report(struct checking *checking, int as_json)
{
    if (as_json) {
        print_json(checking);
    } else {
        print_told(checking->told);
        printf("%u probes:", n_probes);
        for (int i = 0; i < PROBE_VERDICTS; i++)
            printf("%s %u %s", i ? "," : "", count(checking->told, probe_verdict_name((enum verdict)i)),
                   probe_verdict_name((enum verdict)i));
        puts("");
    }
    return count(checking->told, "fail") ? CLI_FAILED : CLI_OK;
}

static ouse_rc read_seconds(const char *text, int64_t *ms, struct problem *problem)
{
    char *end = "";
    long seconds = text ? strtol(text, &end, 10) : SECONDS;
    if (*end || seconds < 1 || seconds > SECONDS_MAX)
        return problem_fail(problem, OUSE_E_REQUEST, "--seconds must be a number from 1 to %d", SECONDS_MAX);
    *ms = (int64_t)seconds * 1000;
    return OUSE_OK;
}

/* With the plugin enabled: so its section of the config file, and settings of it, are no mistake. */
static struct cli with_plugin(const struct cli *cli, struct arena *arena)
{
    struct cli with = *cli;
    const char *slash = strrchr(cli->arguments[0], '/'), *file = slash ? slash + 1 : cli->arguments[0];
    const char *name = arena_printf(arena, "%.*s", (int)strcspn(file, "."), file).p;
    if (schema_name_valid(name, '-') && with.n_sets < CLI_SETS_MAX)
        with.sets[with.n_sets++] = arena_printf(arena, "plugins=%s", name).p;
    return with;
}

static int run(const struct cli *cli)
{
    struct arena arena = {0};
    struct server_register opened;
    struct cli with = with_plugin(cli, &arena);
    struct checking checking = {.cli = &with, .problem = &opened.problem};
    ouse_rc rc = cli_open(&with, 0, &opened);
    if (!rc)
        rc = read_seconds(cli_value(cli, "seconds"), &checking.ms, &opened.problem);
    const char *alone = cli_value(cli, "probe");
    if (!rc && alone) {
        enum verdict verdict = PROBE_PASS;
        checking.path = cli_plugin_file(&opened, cli->arguments[0]);
        rc = run_here(&checking, alone, &verdict);
        int code = rc ? cli_fail(&opened.problem) : verdict == PROBE_FAIL ? CLI_FAILED : CLI_OK;
        server_close(&opened);
        arena_finish(&arena);
        return code;
    }
    if (!rc) {
        checking.path = cli_plugin_file(&opened, cli->arguments[0]);
        checking.told = json_keep(&opened.arena, cJSON_CreateArray());
        rc = run_probes(&checking);
    }
    int status = rc ? cli_fail(&opened.problem) : report(&checking, cli_value(cli, "json") != NULL);
    server_close(&opened);
    arena_finish(&arena);
    return status;
}

static const struct cli_option options[] = {
    {"seconds", "N", "time limit of a probe, in seconds; default 60", NULL},
    {"probe", "NAME", "run this probe alone, in this process: for a debugger", NULL},
    {"json", NULL, "as one JSON document", NULL},
    {.name = NULL},
};

const struct cli_command cli_plugin_check = {
    .name = "plugin check",
    .arguments = "NAME|FILE",
    .least = 1,
    .most = 1,
    .summary = "test whether a plugin keeps the rules for plugins",
    .help = "NAME is looked up in plugin_path, and so are the plugins it needs, which may also be in its "
            "folder. Its\noptions are those of the config file and of --set NAME.KEY=VALUE. Each probe runs "
            "in a separate process\nwith a temporary register. Tasks run, and can reach outside; deliveries "
            "do not run. A finding that fails\nmakes the exit code 1; one that warns does not. A build with "
            "AddressSanitizer also reports leaks, with\ntheir origin.",
    .options = options,
    .run = run,
};
