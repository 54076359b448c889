/* abi.h: the part of the plugin ABI that never changes.
 *
 * A plugin is a shared object that exports one function, `ouse_plugin`, which returns a pointer to
 * its constant description (plugin.h). The first 16 bytes of the description are `struct ouse_abi`,
 * in this layout, in every version. From them, a host can identify the plugin, and report why it
 * rejects it, before it reads anything else.
 *
 *     0        4       6       8       12            14      16
 *     | magic  | major | minor | size  | needs_minor | flags |
 *
 * Rules of growth (so that a plugin built against 1.0 loads in every 1.x):
 *   - structs grow at the tail only; a new member reads as zero for a plugin
 *     that was built before it, and zero means "as before";
 *   - arrays of structs are passed as OUSE_TABLE, which carries the size of a row;
 *   - constants keep their numbers; new ones take unused numbers.
 *
 * These headers compile alone, as C11 and as C++17. */
#ifndef OUSE_ABI_H
#define OUSE_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define OUSE_ABI_MAGIC 0x4553554fu /* the bytes "OUSE" on a little-endian machine */
#define OUSE_ABI_MAJOR 1
/* The frozen prefix. `size` is the size of the whole description when the plugin was built;
 * `needs_minor` is the least minor version of the host that the plugin needs; `flags` is zero in
 * ABI 1. */
#define OUSE_ABI_MINOR 0
struct ouse_abi {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t size;
    uint16_t needs_minor, flags;
};

/* UTF-8 text of n bytes, owned by another object. It may lack a terminating NUL. p == NULL means
 * "no text", which differs from an empty text. */
struct ouse_str {
    const char *p;
    uint32_t n;
};

/* The arguments of a "%.*s" for a text: printf("%.*s", OUSE_F(id)). Evaluates `str`
 * three times. */
#define OUSE_F(str) (int)(str).n, (str).p ? (str).p : ""

/* An array of T with rows that are `stride` bytes apart. */
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

/* The result of a function: OUSE_OK, or the reason for a failure. If a function fails, it leaves
 * its outputs unchanged. A web client receives the HTTP status in the comment. */
typedef int32_t ouse_rc;

#define OUSE_OK                0
#define OUSE_E_REQUEST         10  /* 400 the request is malformed                                      */
#define OUSE_E_UNAUTHENTICATED 20  /* 401 no or bad credentials                                         */
#define OUSE_E_FORBIDDEN       30  /* 403 the caller may not do this                                    */
#define OUSE_E_NOT_FOUND       40  /* 404 the record does not exist, or the caller may not see it */
#define OUSE_E_METHOD          50  /* 405 the resource has no such method                               */
#define OUSE_E_NOT_ACCEPTABLE  60  /* 406 no representation that the caller accepts                     */
#define OUSE_E_CONFLICT        70  /* 409 the state or other records do not permit it */
#define OUSE_E_GONE            80  /* 410 it was deleted                                                */
#define OUSE_E_STALE           90  /* 412 the record has changed since the caller read it               */
#define OUSE_E_TOO_LARGE       100 /* 413 above a stated limit */
#define OUSE_E_MEDIA_TYPE      110 /* 415 the media type of the body is not accepted here */
#define OUSE_E_INVALID         120 /* 422 the record is not valid                                       */
#define OUSE_E_UNCONDITIONAL   130 /* 428 a condition (If-Match) is required                            */
#define OUSE_E_BUSY            140 /* 429 too many at once; try again */
#define OUSE_E_INTERNAL        150 /* 500 a defect of the server or of a plugin */
#define OUSE_E_UNAVAILABLE     160 /* 503 the store is full or cannot be written, or the server stops   */

/* The role of a caller and the visibility of an object are on one scale: a caller with role r sees
 * an object with visibility v if r >= v. The numbers have gaps for later values. */
#define OUSE_PUBLIC  0  /* everyone, without a token */
#define OUSE_PARTNER 10 /* partner organisations           */
#define OUSE_OFFICE  20 /* the office that runs the register: reads everything */
#define OUSE_MANAGER 30 /* reads and writes everything */

/* Returns the text of a NUL-terminated string, or "no text" for NULL. */
static inline struct ouse_str ouse_s(const char *text)
{
    struct ouse_str s;
    s.p = text;
    s.n = text ? (uint32_t)strlen(text) : 0;
    return s;
}

/* Returns whether two texts have the same bytes. "No text" equals only "no text". */
static inline int ouse_same(struct ouse_str a, struct ouse_str b)
{
    if (!a.p || !b.p)
        return a.p == b.p;
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Returns whether a text equals the NUL-terminated string. */
static inline int ouse_is(struct ouse_str a, const char *text)
{
    return ouse_same(a, ouse_s(text));
}

/* Returns whether a text is one of the words of a string, which are separated by spaces:
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
