/* title: names as people write them: "chief_executive" is "Chief executive", "nhs_trust" is "NHS
 * trust". Plugins declare words with an unusual spelling; only those of the API itself are here. */
#include "compile.h"
#include <strings.h>

static const char *const own[] = {"API", "ID", "URL"};

static const char *find(const char *const *spellings, size_t n, struct ouse_str word)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(spellings[i]) == word.n && strncasecmp(spellings[i], word.p, word.n) == 0)
            return spellings[i];
    return NULL;
}

struct ouse_str title_of_name(struct arena *arena, const struct spellings *spellings, struct ouse_str name)
{
    struct ouse_str title = arena_copy(arena, name);
    char *to = (char *)(uintptr_t)title.p;
    for (uint32_t i = 0; i < title.n; i++) {
        struct ouse_str word = {to + i, (uint32_t)strcspn(to + i, "_- ")};
        const char *spelt = find(own, sizeof own / sizeof *own, word);
        if (!spelt)
            spelt = find(spellings->at, spellings->n, word);
        if (spelt)
            memcpy(to + i, spelt, word.n);
        else if (i == 0 && to[0] >= 'a' && to[0] <= 'z')
            to[0] = (char)(to[0] - 'a' + 'A');
        i += word.n;
        if (i < title.n)
            to[i] = ' ';
    }
    return title;
}
