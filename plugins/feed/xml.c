/* xml: texts in XML 1.0. */
#include "feed.h"

enum { LONGEST = 6 /* bytes that one becomes: &quot; */ };

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* Returns the replacement of the character at `at`, and its length in bytes; NULL: no replacement. */
static const char *form_of(const char *at, const char *end, uint32_t *n)
{
    unsigned char c = (unsigned char)*at;
    *n = 1;
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#13;"; /* a bare one is read as a line feed */
    case '\t':
    case '\n':
        return NULL;
    case 0xef: /* U+FFFE and U+FFFF */
        if (end - at < 3 || at[1] != '\xbf' || (at[2] != '\xbe' && at[2] != '\xbf'))
            return NULL;
        *n = 3;
        return replacement;
    default:
        return c < ' ' ? replacement : NULL;
    }
}

struct ouse_str xml_escape(struct ouse_ctx *ctx, struct ouse_str text)
{
    char *out = ouse_alloc(ctx, (size_t)text.n * LONGEST + 1);
    struct ouse_str escaped = {out, 0};
    for (uint32_t i = 0, n; i < text.n; i += n) {
        const char *form = form_of(text.p + i, text.p + text.n, &n);
        uint32_t length = form ? (uint32_t)strlen(form) : n;
        memcpy(out + escaped.n, form ? form : text.p + i, length);
        escaped.n += length;
    }
    return escaped;
}

void xml_element(struct ouse_ctx *ctx, const char *name, struct ouse_str text)
{
    if (text.n)
        ouse_write(ctx, ouse_format(ctx, "<%s>%.*s</%s>\n", name, OUSE_F(xml_escape(ctx, text)), name));
}
