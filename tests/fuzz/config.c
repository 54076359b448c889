/* config: the file is what follows the first line, which is one --set. */
#include "config/config.h"
#include "fuzz.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    static const struct ouse_option options[] = {
        {.name = "limit", .type = OUSE_OPTION_INT, .dflt = "1", .min = 0, .max = 9}};
    int64_t self[2];
    char file[40];
    struct config *config;
    const char *set = arena_copy(arena, first_line(&text)).p;
    int fd = memfd_create("config", 0);
    must(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    ouse_rc rc = config_read(arena, file, &set, *set ? 1 : 0, &config, problem);
    if (!rc)
        rc = config_section(config, "hubs", options, 1, self, arena, problem);
    must(rc == OUSE_OK || problem->detail.n > 0 || problem->n_errors > 0);
    close(fd);
}
