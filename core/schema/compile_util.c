/* compile_util: what the compilers of all parts of a declaration share. */
#include "compile.h"

void compile_mistake(const struct compile *at, const char *format, ...)
{
    struct arena *arena = at->problem->arena;
    const char *collection = at->collection->is.name ? at->collection->is.name : "(no name)";
    struct ouse_str where = {"", 0}, pointer = arena_printf(arena, "/%s", collection);
    va_list args;
    va_start(args, format);
    struct ouse_str why = arena_vprintf(arena, format, args);
    va_end(args);
    if (at->part) {
        where = arena_printf(arena, "%s %s: ", at->part, at->name);
        pointer = arena_printf(arena, "/%s/%s", collection, at->name);
    }
    problem_add(at->problem, OUSE_E_INVALID, pointer.p, "declaration", "%s: collection %s: %s%s",
                at->collection->plugin, collection, where.p, why.p);
}

void *compile_rows(const struct compile *at, const char *table, const void *rows, uint32_t stride,
                   size_t size, uint32_t *n)
{
    if (*n && (!rows || !stride)) {
        compile_mistake(at, "the table %s has rows but no address or stride; fill it with OUSE_ROWS", table);
        *n = 0;
    }
    return arena_rows(at->arena, rows, *n, stride, size);
}

const char **schema_words(struct arena *arena, const char *list, uint32_t *n)
{
    char *text = (char *)arena_copy(arena, ouse_s(list ? list : "")).p, *rest = NULL;
    const char **words = arena_alloc(arena, (strlen(text) / 2 + 1) * sizeof *words);
    *n = 0;
    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        words[(*n)++] = word;
    return words;
}

int schema_name_valid(const char *name, char separator)
{
    size_t n = name ? strlen(name) : 0;
    if (n == 0 || n > SCHEMA_NAME_MAX || !(name[0] >= 'a' && name[0] <= 'z') || name[n - 1] == separator)
        return 0;
    for (size_t i = 1; i < n; i++) {
        int word = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9');
        if (!word && (name[i] != separator || name[i - 1] == separator))
            return 0;
    }
    return 1;
}

int compile_visibility_known(uint32_t visibility)
{
    return visibility == OUSE_PUBLIC || visibility == OUSE_PARTNER || visibility == OUSE_OFFICE;
}
