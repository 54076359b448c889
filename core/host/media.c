/* media: see media.h. */
#include "media.h"

#include <strings.h>

static int has(const char *text, size_t n, const char *word)
{
    size_t m = strlen(word);
    for (size_t i = 0; i + m <= n; i++)
        if (strncasecmp(text + i, word, m) == 0)
            return 1;
    return 0;
}

int media_is_utf8(const char *type)
{
    static const char *const kinds[] = {"json", "xml", "javascript"};
    size_t essence = strcspn(type, "; \t"), all = strlen(type);
    int is_text = strncasecmp(type, "text/", 5) == 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        is_text |= has(type, essence, kinds[i]);
    return is_text && (!has(type, all, "charset") || has(type, all, "utf-8"));
}
