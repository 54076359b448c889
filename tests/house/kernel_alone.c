/* kernel_alone: the kernel, whole and without features and tools, opens a register and mounts its API. That
 * it links is half of the test. */
#include "server/open.h"

#include <stdio.h>
#include <stdlib.h>

/* An empty config file, with the data next to it. */
static int make_register(char *folder, char *config, size_t n)
{
    if (!mkdtemp(folder))
        return -1;
    snprintf(config, n, "%s/ouse.conf", folder);
    FILE *file = fopen(config, "w");
    return file ? fclose(file) : -1;
}

int main(void)
{
    char folder[] = "/tmp/ouse-kernel-XXXXXX", config[64], data[64], clean[64];
    const char *sets[] = {data, "plugins="};
    const struct server_choice choice = {.config = config, .sets = sets, .n_sets = 2};
    struct server_register opened;
    struct router *router = NULL;
    struct rest rest = {0};
    if (make_register(folder, config, sizeof config))
        return 1;
    snprintf(data, sizeof data, "data=%s/data", folder);
    snprintf(clean, sizeof clean, "rm -r %s", folder);
    int failed =
        server_open(&choice, SERVER_RULES | SERVER_WRITER, &opened) || server_mount(&opened, &rest, &router);
    if (failed)
        fprintf(stderr, "the kernel does not open a register: %.*s\n", OUSE_F(opened.problem.detail));
    server_unmount(&rest, router);
    server_close(&opened);
    return system(clean) || failed;
}
