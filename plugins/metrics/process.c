/* process: the metrics of the system about this process, under their usual Prometheus names. Values
 * that cannot be read are omitted. */
#include "metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void add(struct ouse_ctx *ctx, struct ouse_doc *families, const char *kind, const char *name,
                const char *unit, const char *help, double value)
{
    struct ouse_doc *family = ouse_object(ctx), *samples = ouse_list(ctx), *sample = ouse_object(ctx);
    if (value < 0)
        return;
    ouse_set_text(ctx, family, "name", ouse_s(name));
    ouse_set_text(ctx, family, "kind", ouse_s(kind));
    ouse_set_text(ctx, family, "unit", ouse_s(unit));
    ouse_set_text(ctx, family, "help", ouse_s(help));
    ouse_set_number(ctx, sample, "value", value);
    ouse_add(ctx, samples, sample);
    ouse_set(ctx, family, "samples", samples);
    ouse_add(ctx, families, family);
}

/* Reads the bytes of address space and of memory, in this order; -1 if unknown. */
static void read_memory(double bytes[2])
{
    double page = (double)sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "re");
    bytes[0] = bytes[1] = -1;
    if (!file)
        return;
    if (fscanf(file, "%lf %lf", &bytes[0], &bytes[1]) == 2) {
        bytes[0] *= page;
        bytes[1] *= page;
    }
    fclose(file);
}

/* But for the one that looks. */
static double count_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = -1;
    if (!folder)
        return -1;
    for (const struct dirent *entry; (entry = readdir(folder));)
        n += entry->d_name[0] != '.';
    closedir(folder);
    return n;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

struct ouse_doc *process_measures(struct ouse_ctx *ctx, int64_t started)
{
    struct ouse_doc *families = ouse_list(ctx);
    struct rusage usage;
    struct rlimit files;
    double memory[2];
    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &files);
    read_memory(memory);
    add(ctx, families, "counter", "cpu", "seconds", "Time on processors, of the user and of the system.",
        seconds(usage.ru_utime) + seconds(usage.ru_stime));
    add(ctx, families, "gauge", "resident_memory", "bytes",
        "Memory, with the pages of the store that are in it.", memory[1]);
    add(ctx, families, "gauge", "virtual_memory", "bytes", "Address space, with the map of the store.",
        memory[0]);
    add(ctx, families, "gauge", "open_fds", NULL, "Files and connections that are open.", count_files());
    add(ctx, families, "gauge", "max_fds", NULL, "Those that may be.", (double)files.rlim_cur);
    add(ctx, families, "gauge", "start_time", "seconds", "When it started, since 1970.",
        (double)started / 1000);
    return families;
}
