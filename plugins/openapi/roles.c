/* roles: the roles of an operation, from its least role. A role includes all lower ones, so the
 * first permitted role is the least. */
#include "openapi.h"

static const struct {
    const char *name;
    uint32_t role;
} roles[] = {
    {"public", OUSE_PUBLIC}, {"partner", OUSE_PARTNER}, {"office", OUSE_OFFICE}, {"manager", OUSE_MANAGER}};

enum { ROLES = sizeof roles / sizeof roles[0] };

uint32_t roles_called(struct ouse_str name)
{
    size_t i = 0;

    while (i < ROLES - 1 && !ouse_is(name, roles[i].name))
        i++;
    return roles[i].role;
}

/* Adds the security of an operation. The head of the document states that of public ones. */
void roles_security(struct text *text, uint32_t least)
{
    if (least == OUSE_PUBLIC)
        return;
    text_add(text, ",\"security\":[");
    for (size_t i = 0; i < ROLES; i++) {
        if (roles[i].role < least)
            continue;
        text_next(text);
        text_add(text, "{\"bearer\":[\"%s\"]}", roles[i].name);
    }
    text_add(text, "]");
}
