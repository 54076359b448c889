/* refuse: reports a mistake of a plugin. */
#include "loader.h"

ouse_rc plugin_refuse(const struct loaded_plugin *plugin, struct problem *problem, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct ouse_str why = arena_vprintf(problem->arena, format, args);
    va_end(args);
    return problem_fail(problem, OUSE_E_INVALID, "%s: %s", plugin->path, why.p);
}
