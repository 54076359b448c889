/* collate: see collate.h.
 *
 * The ICU guide forbids sharing a collator between threads: the root collator is opened once, and each thread
 * clones it, which shares its data.
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
    UChar stack[UNITS], *units = text.n <= UNITS ? stack : malloc(text.n * sizeof *units);
    UErrorCode status = U_ZERO_ERROR;
    uint32_t length = 0;
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
