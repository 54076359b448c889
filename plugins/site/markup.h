/* markup: replacements for the characters that have a meaning in markup, in texts and in quoted
 * attributes of HTML and XML alike. */
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
