/* text_order: the order of texts as ICU compares them, with which the tests check the order of stored keys.
 */
#ifndef TESTS_TEXT_ORDER_H
#define TESTS_TEXT_ORDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unicode/ucol.h>

#include <cmocka.h>

static UCollator *text_collator;

static int text_order(const char *a, const char *b)
{
    UErrorCode status = U_ZERO_ERROR;
    if (!text_collator) {
        text_collator = ucol_open("", &status);
        ucol_setAttribute(text_collator, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
    }
    UCollationResult order = ucol_strcollUTF8(text_collator, a, -1, b, -1, &status);
    assert_true(U_SUCCESS(status));
    return order == UCOL_LESS ? -1 : order == UCOL_GREATER;
}

#endif
