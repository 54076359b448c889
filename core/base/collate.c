/* collate: see collate.h.
 *
 * The ICU guide forbids sharing a collator between threads: the root collator is opened once, and each thread
 * clones it, which shares its data.
 *
 * ICU takes 200 instructions for a character. The key of a text in ASCII is simple: its letters are those of
 * its characters one after the other, all of its accents and most of its case are common weights, and a run
 * of these is counted. Such keys are written here, from a table that ICU fills; if ICU writes other keys for
 * some samples, all keys are left to it.
 */
#include "collate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucol.h>
#include <unicode/ustring.h>

#define UNITS 1024 /* UTF-16 units of a text that needs no memory of its own */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static UCollator *root;
static pthread_key_t closing;
static char version[64];
static _Thread_local UCollator *of_thread;

static void close_collator(void *collator)
{
    ucol_close(collator);
}

/* ---- ASCII ------------------------------------------------------------------------- */

enum { FIRST = 0x20, LAST = 0x7e, LETTERS_MAX = 4, KEY_END_MAX = 16 };

/* How runs of the common weight are counted in a level: bytes from `low` up, if less follows or nothing, and
 * from `high` down. */
struct counted {
    uint8_t low, high, middle, most;
};
static const struct counted accents = {0x05, 0x45, 0x25, 33}, cases = {0x05, 0xc5, 0x65, 97};

static struct {
    uint8_t n, bytes[LETTERS_MAX], weight; /* of the case; 0: the common one */
} ascii[LAST + 1];
static int writes_ascii; /* whether ICU would write the same keys */

static char *put_run(char *at, const struct counted *by, uint32_t n, int more_follows)
{
    if (!n)
        return at;
    for (n--; n >= by->most; n -= by->most)
        *at++ = (char)by->middle;
    *at++ = (char)(more_follows ? by->high - n : by->low + n);
    return at;
}

/* Writes the key of a text in ASCII. Returns its length, or 0 if it needs ICU. */
static uint32_t write_ascii(struct ouse_str text, char *key, uint32_t room)
{
    char *at = key;
    uint32_t common = 0;
    if (!text.n || room < KEY_END_MAX || (room - KEY_END_MAX) / (LETTERS_MAX + 2) < text.n)
        return 0;
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < FIRST || c > LAST)
            return 0;
        for (uint8_t k = 0; k < ascii[c].n; k++)
            *at++ = (char)ascii[c].bytes[k];
    }
    *at++ = COLLATE_LEVEL_END;
    at = put_run(at, &accents, text.n, 0);
    *at++ = COLLATE_LEVEL_END;
    for (uint32_t i = 0; i < text.n; i++) {
        uint8_t weight = ascii[(unsigned char)text.p[i]].weight;
        common += !weight;
        if (!weight)
            continue;
        at = put_run(at, &cases, common, 1);
        *at++ = (char)weight;
        common = 0;
    }
    at = put_run(at, &cases, common, 0);
    *at++ = 0;
    return (uint32_t)(at - key);
}

/* Takes a character's letters and case from its key: letters 01 05 01 case 00. */
static int read_ascii(int c)
{
    uint8_t key[LETTERS_MAX + 5];
    UChar unit = (UChar)c;
    int32_t n = ucol_getSortKey(root, &unit, 1, key, sizeof key);
    if (n < 6 || n > (int32_t)sizeof key || key[n - 5] != COLLATE_LEVEL_END || key[n - 4] != accents.low)
        return -1;
    ascii[c].n = (uint8_t)(n - 5);
    memcpy(ascii[c].bytes, key, (size_t)n - 5);
    ascii[c].weight = key[n - 2] == cases.low ? 0 : key[n - 2];
    return 0;
}

/* Whether ICU has the same key for a text that has each character twice, and long runs. */
static int is_same_key(int first, int step, int run)
{
    enum { UNITS_MAX = 1000 };
    UChar units[UNITS_MAX];
    char text[UNITS_MAX], own[UNITS_MAX * (LETTERS_MAX + 2) + KEY_END_MAX], other[sizeof own];
    uint32_t n = 0;
    for (int c = first; c >= FIRST && c <= LAST; c += step)
        for (int k = 0; k < 2; k++)
            text[n++] = (char)c;
    for (int k = 0; k < run; k++)
        text[n++] = k < run / 2 ? 'x' : 'X';
    for (uint32_t i = 0; i < n; i++)
        units[i] = (UChar)text[i];
    uint32_t length = write_ascii((struct ouse_str){text, n}, own, sizeof own);
    return (int32_t)length == ucol_getSortKey(root, units, (int32_t)n, (uint8_t *)other, sizeof other) &&
           memcmp(own, other, length) == 0;
}

static void learn_ascii(void)
{
    for (int c = FIRST; c <= LAST; c++)
        if (read_ascii(c))
            return;
    writes_ascii = is_same_key(FIRST, 1, 0) && is_same_key(LAST, -1, 700) && is_same_key(FIRST, 7, 67);
}

/* ---- ICU --------------------------------------------------------------------------- */

static void open_root(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UVersionInfo numbers;
    pthread_key_create(&closing, close_collator);
    root = ucol_open("", &status);
    if (root)
        ucol_setAttribute(root, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
    if (U_FAILURE(status)) {
        ucol_close(root);
        root = NULL;
        return;
    }
    ucol_getVersion(root, numbers);
    learn_ascii();
    snprintf(version, sizeof version, "%u.%u.%u.%u", numbers[0], numbers[1], numbers[2], numbers[3]);
}

const char *collate_version(void)
{
    pthread_once(&once, open_root);
    return root ? version : NULL;
}

static UCollator *collator(void)
{
    UErrorCode status = U_ZERO_ERROR;
    if (of_thread || !collate_version())
        return of_thread;
    of_thread = ucol_clone(root, &status);
    pthread_setspecific(closing, of_thread);
    return of_thread;
}

/* Writes the key of a text in UTF-16. A byte 0xfe before a first 0xff keeps the order of keys. */
static uint32_t write_key(const UChar *units, int32_t n, char *key, uint32_t room)
{
    UCollator *by = collator();
    int32_t length = by ? ucol_getSortKey(by, units, n, (uint8_t *)key, (int32_t)room) : 0;
    if (length <= 0 || !room || (unsigned char)key[0] != 0xff)
        return (uint32_t)length;
    if ((uint32_t)length < room) {
        memmove(key + 1, key, (size_t)length);
        key[0] = (char)0xfe;
    }
    return (uint32_t)length + 1;
}

uint32_t collate_key(struct ouse_str text, char *key, uint32_t room)
{
    uint32_t length = collate_version() && writes_ascii ? write_ascii(text, key, room) : 0;
    if (length)
        return length;
    UChar stack[UNITS], *units = text.n <= UNITS ? stack : malloc(text.n * sizeof *units);
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = 0;
    if (!units)
        return 0;
    u_strFromUTF8(units, (int32_t)(text.n <= UNITS ? UNITS : text.n), &n, text.p, (int32_t)text.n, &status);
    if (U_SUCCESS(status))
        length = write_key(units, n, key, room);
    if (units != stack)
        free(units);
    return length;
}

int collate_order(struct ouse_str a, struct ouse_str b)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollator *by = collator();
    UCollationResult order =
        by ? ucol_strcollUTF8(by, a.p, (int32_t)a.n, b.p, (int32_t)b.n, &status) : UCOL_EQUAL;
    return order == UCOL_LESS ? -1 : order == UCOL_GREATER;
}
