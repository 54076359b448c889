/* Probes of a plugin before any code of it runs: its file and its tables. */
#include "sandbox.h"

#include "../../host/elf.h"
#include <dlfcn.h>

/* ---- load ------------------------------------------------------------------- */

/* Loads the plugin. Returns NULL, with a finding, if the server would reject it. */
static struct loaded_plugin *load(struct probe *probe)
{
    struct problem problem;
    struct loaded_plugin *plugin;
    problem_init(&problem, &probe->arena);
    if (plugin_load(&probe->arena, probe->path, NULL, NULL, &plugin, &problem) == OUSE_OK)
        return plugin;
    probe_tell_problem(probe, &problem);
    return NULL;
}

void probe_load(struct probe *probe)
{
    load(probe);
}

/* ---- symbols ---------------------------------------------------------------- */

struct symbols {
    struct probe *probe;
    void *code;
};

/* Returns whether a symbol belongs to a sanitizer: a program that was built with one has it. */
static int is_sanitizer(const char *name)
{
    static const char *const beginnings[] = {"__asan_", "__ubsan_", "__tsan_", "__sanitizer_"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
            return 1;
    return 0;
}

/* Checks a symbol. It must be found in the plugin or in its libraries: a symbol that only this
 * program happens to have may be missing in its next build. */
static void look_at(void *arg, const char *name, int defined)
{
    struct symbols *symbols = arg;
    if (defined && strcmp(name, "ouse_plugin") != 0)
        probe_tell(symbols->probe, PROBE_FAIL,
                   "it exports %s; make that static, or build with -fvisibility=hidden", name);
    if (!defined && !is_sanitizer(name) && !dlsym(symbols->code, name))
        probe_tell(symbols->probe, PROBE_FAIL,
                   "%s is defined neither in it nor in its libraries; link with -Wl,-z,defs", name);
}

void probe_symbols(struct probe *probe)
{
    struct problem problem;
    struct symbols symbols = {probe, dlopen(probe->path, RTLD_NOW | RTLD_LOCAL)};
    problem_init(&problem, &probe->arena);
    if (elf_symbols(probe->path, look_at, &symbols, &problem) != OUSE_OK)
        probe_tell_problem(probe, &problem);
}

/* ---- words ------------------------------------------------------------------ */

static void want(struct probe *probe, const char *words, const char *member, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Clients and deployers read it; nothing breaks without. */
static void want(struct probe *probe, const char *words, const char *member, const char *format, ...)
{
    va_list args;
    if (words && *words)
        return;
    va_start(args, format);
    struct ouse_str which = arena_vprintf(&probe->arena, format, args);
    va_end(args);
    probe_tell(probe, PROBE_WARN, "%.*s has no %s", OUSE_F(which), member);
}

static void look_at_collection(struct probe *probe, const struct ouse_collection *collection)
{
    want(probe, collection->doc, "doc", "collection %s", collection->name);
    const struct ouse_field *fields = TABLE_ROWS(&probe->arena, collection->fields, struct ouse_field);
    for (uint32_t i = 0; i < collection->fields.n; i++)
        want(probe, fields[i].doc, "doc", "%s.%s", collection->name, fields[i].name);
    const struct ouse_derived *derived = TABLE_ROWS(&probe->arena, collection->derived, struct ouse_derived);
    for (uint32_t i = 0; i < collection->derived.n; i++)
        want(probe, derived[i].doc, "doc", "%s.%s", collection->name, derived[i].name);
}

/* Checks the description of a route. The API's description contains it, so a missing part is a
 * mistake. Pages, which have absolute paths, are not in that. */
static void look_at_route(struct probe *probe, const struct ouse_route *route)
{
    if (!route->method || !route->path || route->path[0] == '/')
        return;
    if (!route->summary)
        probe_tell(probe, PROBE_FAIL, "%s %s has no summary", route->method, route->path);
    if (!route->reply_schema && strcmp(route->method, "GET") == 0)
        probe_tell(probe, PROBE_FAIL, "%s %s has no reply_schema; write it with OUSE_JSON({…})",
                   route->method, route->path);
    const struct ouse_parameter *parameters =
        TABLE_ROWS(&probe->arena, route->parameters, struct ouse_parameter);
    for (uint32_t i = 0; i < route->parameters.n; i++)
        want(probe, parameters[i].doc, "doc", "%s %s?%s", route->method, route->path, parameters[i].name);
}

void probe_words(struct probe *probe)
{
    const struct loaded_plugin *plugin = load(probe);
    const struct ouse_plugin *is = &plugin->is;
    want(probe, is->title, "title", "the plugin");
    want(probe, is->doc, "doc", "the plugin");
    for (uint32_t i = 0; i < plugin->n_options; i++)
        want(probe, plugin->options[i].help, "help", "option %s", plugin->options[i].name);
    for (uint32_t i = 0; i < is->collections.n; i++)
        look_at_collection(probe, &is->collections.at[i]);
    for (uint32_t i = 0; i < is->routes.n; i++)
        look_at_route(probe, &is->routes.at[i]);
    for (uint32_t i = 0; i < is->formats.n; i++)
        want(probe, is->formats.at[i].doc, "doc", "format %s", is->formats.at[i].media_type);
}
