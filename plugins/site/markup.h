/* markup: what stands for a character that markup would take for its own, in texts and
 * in quoted attributes of HTML and XML alike. */
#ifndef SITE_MARKUP_H
#define SITE_MARKUP_H

#include <stddef.h>

/* The reference for a byte, or NULL where it stands for itself. */
static inline const char *markup_reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

#endif
