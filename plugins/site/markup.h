/* markup: replacements for the characters that have a meaning in markup, in texts and in quoted
 * attributes of HTML and XML alike. */
#ifndef SITE_MARKUP_H
#define SITE_MARKUP_H

#include <stddef.h>

/* Returns the reference for a byte, or NULL if it needs none. */
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
