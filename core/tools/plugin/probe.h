/* probe: the tests of `ouse plugin check`.
 *
 *     plugin_check.c ── for each row of probes[] ──> child ── probe.run ──> findings
 *
 * A probe runs in a separate process, and so may crash or hang. It writes each finding at once, so
 * that no finding is lost. A probe without findings has passed. */
#ifndef PLUGIN_PROBE_H
#define PLUGIN_PROBE_H

#include "../command.h"

enum verdict { PROBE_PASS, PROBE_WARN, PROBE_SKIP, PROBE_FAIL, PROBE_VERDICTS };

/* One probe at work. */
struct probe {
    const struct cli *cli; /* config and settings that were given */
    const char *path;      /* of the plugin's file */
    const char *folder;    /* a folder for this probe alone, which is empty */
    int out;               /* where findings go */
    int log;               /* a file with the log; -1: standard error */
    enum verdict *shown;   /* findings go to standard output, and the worst is kept here; NULL: they do not */
    struct arena arena;
};

struct probe_row {
    const char *name;
    const char *needs; /* an earlier probe that must not have failed; may be NULL */
    const char *what;  /* it looks at, in one line */
    void (*run)(struct probe *probe);
};

/* In the order in which they are run. */
extern const struct probe_row probes[];
extern const uint32_t n_probes;

/* Writes a finding: the mistake and the correct form, or why there is nothing to test. */
void probe_tell(struct probe *probe, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same of a problem: its words, or its errors. */
void probe_tell_problem(struct probe *probe, const struct problem *problem);

/* "pass", "warn", "skip", "fail". */
const char *probe_verdict_name(enum verdict verdict);

/* Returns the verdict of a line, by its letter. */
enum verdict probe_verdict(char letter);

/* Returns the end of the log so far, at most `most` bytes, without line ends after it. */
struct ouse_str probe_log(struct probe *probe, size_t most);

/* Returns the last line of the log; "" if it is empty. */
const char *probe_logged(struct probe *probe);

/* The probes: probe_file.c, probe_life.c, probe_records.c, probe_routes.c, probe_further.c, probe_leaks.c. */
void probe_load(struct probe *probe);
void probe_symbols(struct probe *probe);
void probe_words(struct probe *probe);
void probe_declaration(struct probe *probe);
void probe_neighbours(struct probe *probe);
void probe_start(struct probe *probe);
void probe_reload(struct probe *probe);
void probe_records(struct probe *probe);
void probe_refusals(struct probe *probe);
void probe_replay(struct probe *probe);
void probe_empty(struct probe *probe);
void probe_routes(struct probe *probe);
void probe_migrations(struct probe *probe);
void probe_formats(struct probe *probe);
void probe_tasks(struct probe *probe);
void probe_leaks(struct probe *probe);

#endif
