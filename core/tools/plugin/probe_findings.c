/* probe_findings: the output of probes; see probe.h. */
#include "probe.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char letters[] = "pwsf";

const char *probe_verdict_name(enum verdict verdict)
{
    static const char *const names[PROBE_VERDICTS] = {"pass", "warn", "skip", "fail"};
    return names[verdict];
}

enum verdict probe_verdict(char letter)
{
    const char *at = strchr(letters, letter);
    return at && *at ? (enum verdict)(at - letters) : PROBE_FAIL; /* text that the plugin has written there */
}

/* One line: a letter of the verdict, and the words. */
void probe_tell(struct probe *probe, enum verdict verdict, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str words = arena_vprintf(&probe->arena, format, args);
    va_end(args);
    if (probe->shown && verdict != PROBE_PASS)
        printf("%s: %.*s\n", probe_verdict_name(verdict), OUSE_F(words));
    if (probe->shown) {
        *probe->shown = verdict > *probe->shown ? verdict : *probe->shown;
        return;
    }
    char *line = (char *)arena_printf(&probe->arena, "%c%.*s", letters[verdict], OUSE_F(words)).p;
    for (char *c = line; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    size_t n = strlen(line);
    line[n] = '\n';
    if (write(probe->out, line, n + 1) < 0)
        _exit(CLI_FAILED); /* the parent has ended */
}

void probe_tell_problem(struct probe *probe, const struct problem *problem)
{
    uint32_t n = problem_told(problem);
    if (problem->detail.p)
        probe_tell(probe, PROBE_FAIL, "%.*s", OUSE_F(problem->detail));
    for (uint32_t i = 0; i < n; i++)
        probe_tell(probe, PROBE_FAIL, "%.*s", OUSE_F(problem->errors[i].detail));
}

struct ouse_str probe_log(struct probe *probe, size_t most)
{
    struct stat is;
    if (fstat(probe->log, &is) != 0 || is.st_size == 0)
        return (struct ouse_str){"", 0};
    size_t size = (size_t)is.st_size, n = size < most ? size : most;
    char *text = arena_zero(&probe->arena, n + 1);
    ssize_t got = pread(probe->log, text, n, (off_t)(size - n));
    while (got > 0 && text[got - 1] == '\n')
        text[--got] = 0;
    return (struct ouse_str){text, got > 0 ? (uint32_t)got : 0};
}

const char *probe_logged(struct probe *probe)
{
    enum { MOST = 1000 };
    const char *text = probe_log(probe, MOST).p, *line = strrchr(text, '\n');
    line = line ? line + 1 : text;
    const char *words = strchr(line, ' '); /* after the time */
    return *line >= '0' && *line <= '9' && words ? words + 1 : line;
}
