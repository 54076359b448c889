/* text: splits a text into parts, which point into it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <ouse/abi.h>

/* Removes the next part from a text whose parts are separated by a byte: "a,,b" has three, "" has
 * one, and no text has zero. Returns whether there was a part. */
static inline int text_cut(struct ouse_str *text, char byte, struct ouse_str *part)
{
    if (!text->p)
        return 0;
    const char *stop = text->n ? (const char *)memchr(text->p, byte, text->n) : NULL;
    *part = *text;
    if (stop)
        part->n = (uint32_t)(stop - text->p);
    text->p = stop ? stop + 1 : NULL;
    text->n = stop ? text->n - part->n - 1 : 0;
    return 1;
}

/* Without the spaces and tabs around it. */
static inline struct ouse_str text_trim(struct ouse_str text)
{
    while (text.n && (*text.p == ' ' || *text.p == '\t'))
        text.p++, text.n--;
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
        text.n--;
    return text;
}

#endif
