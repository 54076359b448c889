/* templates: which there are, by name: "list", "hubs/portfolio". */
#include "site.h"
#include <stdlib.h>

struct reading {
    struct mustache *set;
    char error[MUSTACHE_ERROR];
    const char *plugins; /* the names lie in folders of plugins: "hubs/templates/hubs/portfolio.mustache" */
};

static int add(void *arg, const char *name, struct ouse_str source)
{
    static const char folder[] = "/templates/";
    struct reading *reading = arg;
    const char *below = reading->plugins ? strstr(name, folder) : NULL;
    size_t n;
    char *own;
    int failed;
    if (reading->plugins && (!below || strncmp(name, "site/", 5) == 0))
        return 0;
    name = below ? below + sizeof folder - 1 : name;
    n = strlen(name) - (sizeof ".mustache" - 1);
    own = strndup(name, n);
    failed = mustache_add(reading->set, own, source, reading->error);
    free(own);
    return failed;
}

static ouse_rc read_folder(struct ouse_ctx *ctx, struct reading *reading, const char *folder)
{
    char *unread;
    ouse_rc rc = OUSE_OK;
    if (files_each(folder, ".mustache", add, reading, &unread) != 0)
        rc = ouse_fail(ctx, OUSE_E_INVALID, "", "template", "%s%s%s", unread ? unread : reading->error,
                       unread ? " cannot be read; it has to be a file of at most 4 MiB" : " in ",
                       unread ? "" : folder);
    free(unread);
    return rc;
}

ouse_rc templates_read(struct ouse_ctx *ctx, struct mustache **templates, const char *home, const char *own)
{
    struct reading reading = {.set = mustache_create(), .plugins = home};
    ouse_rc rc = read_folder(ctx, &reading, home);
    reading.plugins = NULL;
    if (!rc)
        rc = read_folder(ctx, &reading, ouse_format(ctx, "%s/site/templates", home).p);
    if (!rc && *own)
        rc = read_folder(ctx, &reading, ouse_format(ctx, "%s/templates", own).p);
    if (!rc && mustache_link(reading.set, reading.error))
        rc = ouse_fail(ctx, OUSE_E_INVALID, "", "template", "%s", reading.error);
    if (rc)
        mustache_destroy(reading.set);
    else
        *templates = reading.set;
    return rc;
}
