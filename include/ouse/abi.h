/* abi.h: the part of the plugin ABI that is frozen for ever.
 *
 * A plugin is a shared object that exports one function, `ouse_plugin`, which
 * returns a pointer to a constant description of it (plugin.h). The first 16
 * bytes of that description are `struct ouse_abi`, in this layout, in every
 * version there will ever be: by them a host can tell what it was handed, and
 * say so, before it believes anything else.
 *
 *     0        4       6       8       12            14      16
 *     | magic  | major | minor | size  | needs_minor | flags |
 *
 * Rules of growth (so that a plugin built against 1.0 loads in every 1.x):
 *   - structs grow at the tail only; a member that was added reads as zero
 *     for a plugin that was built before it, and zero means "as before";
 *   - arrays of structs travel as OUSE_TABLE, which carries the size of a row;
 *   - constants keep their numbers; new ones take numbers not yet used.
 *
 * These headers compile alone, as C11 and as C++17.
 */
#ifndef OUSE_ABI_H
#define OUSE_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OUSE_ABI_MAGIC 0x4553554fu /* the bytes "OUSE" on a little-endian machine */
#define OUSE_ABI_MAJOR 1
#define OUSE_ABI_MINOR 0

/* The frozen prefix. `size` is the size of the whole description as the plugin
 * was built; `needs_minor` is the least host minor it can live with; `flags`
 * is zero in ABI 1. */
struct ouse_abi {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t size;
    uint16_t needs_minor, flags;
};

/* UTF-8 text of n bytes that somebody else owns. It need not end in a NUL.
 * p == NULL means "no text", which is not the same as an empty text. */
struct ouse_str {
    const char *p;
    uint32_t n;
};

/* The arguments of a "%.*s" for a text: printf("%.*s", OUSE_F(id)). Evaluates `str`
 * three times. */
#define OUSE_F(str) (int)(str).n, (str).p ? (str).p : ""

/* An array of T whose rows are `stride` bytes apart. */
#define OUSE_TABLE(T)       \
    struct {                \
        const T *at;        \
        uint32_t n, stride; \
    }

/* Fills an OUSE_TABLE from an array: .fields = OUSE_ROWS(hub_fields) */
#define OUSE_ROWS(array)                                                                      \
    {                                                                                         \
        (array), (uint32_t)(sizeof(array) / sizeof((array)[0])), (uint32_t)sizeof((array)[0]) \
    }

/* What a function answers: OUSE_OK, or why not. On failure outputs are left as
 * they were. The HTTP status beside each is what a web client sees. */
typedef int32_t ouse_rc;

#define OUSE_OK                0
#define OUSE_E_REQUEST         10  /* 400 the request is malformed                                      */
#define OUSE_E_UNAUTHENTICATED 20  /* 401 no or bad credentials                                         */
#define OUSE_E_FORBIDDEN       30  /* 403 the caller may not do this                                    */
#define OUSE_E_NOT_FOUND       40  /* 404 there is none, or none that the caller may see                */
#define OUSE_E_METHOD          50  /* 405 the resource has no such method                               */
#define OUSE_E_NOT_ACCEPTABLE  60  /* 406 no representation that the caller accepts                     */
#define OUSE_E_CONFLICT        70  /* 409 the state, or other records, forbid it                        */
#define OUSE_E_GONE            80  /* 410 it was deleted                                                */
#define OUSE_E_STALE           90  /* 412 the record has changed since the caller read it               */
#define OUSE_E_TOO_LARGE       100 /* 413 over a stated cap                                             */
#define OUSE_E_MEDIA_TYPE      110 /* 415 the body is of a kind that is not taken here                  */
#define OUSE_E_INVALID         120 /* 422 the record is not valid                                       */
#define OUSE_E_UNCONDITIONAL   130 /* 428 a condition (If-Match) is required                            */
#define OUSE_E_BUSY            140 /* 429 too many at a time; try again                                 */
#define OUSE_E_INTERNAL        150 /* 500 a defect of the server or of a plugin                         */
#define OUSE_E_UNAVAILABLE     160 /* 503 the store is full or cannot be written, or the server stops   */

/* Who is asking, and who may see a thing: one scale. A caller of role r sees
 * what has visibility v when r >= v. Numbers have gaps for what is to come. */
#define OUSE_PUBLIC  0  /* everybody, without a token      */
#define OUSE_PARTNER 10 /* partner organisations           */
#define OUSE_OFFICE  20 /* the office that keeps the register: reads all */
#define OUSE_MANAGER 30 /* reads and writes all            */

/* The text of a NUL-terminated string; NULL gives "no text". */
static inline struct ouse_str ouse_s(const char *text)
{
    struct ouse_str s;
    s.p = text;
    s.n = text ? (uint32_t)strlen(text) : 0;
    return s;
}

/* Whether two texts are the same bytes. "No text" equals only "no text". */
static inline int ouse_same(struct ouse_str a, struct ouse_str b)
{
    if (!a.p || !b.p)
        return a.p == b.p;
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Whether a text is the given NUL-terminated string. */
static inline int ouse_is(struct ouse_str a, const char *text)
{
    return ouse_same(a, ouse_s(text));
}

/* Whether a text is one of the words of a string, which are separated by spaces:
 * ouse_is_one(state, "launched active closing"). */
static inline int ouse_is_one(struct ouse_str a, const char *words)
{
    while (*words) {
        struct ouse_str word;
        word.p = words;
        word.n = (uint32_t)strcspn(words, " ");
        if (word.n > 0 && ouse_same(a, word))
            return 1;
        words += word.n;
        words += strspn(words, " ");
    }
    return 0;
}

#endif
