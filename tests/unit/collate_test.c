/* collate: keys compare as ICU compares texts, and those that are written without ICU are the same as its
 * own. */
#include "base/collate.h"
#include "text_order.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ustring.h>

enum { ROOM = 8192 };

static uint32_t icu_key(const char *text, char *key)
{
    UChar units[ROOM];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n;
    u_strFromUTF8(units, ROOM, &n, text, -1, &status);
    text_order("", "");
    return (uint32_t)ucol_getSortKey(text_collator, units, n, (uint8_t *)key, ROOM);
}

static void assert_icu_key(const char *text)
{
    char own[ROOM], expected[ROOM];
    uint32_t n = collate_key(ouse_s(text), own, sizeof own);
    if (n != icu_key(text, expected) || memcmp(own, expected, n) != 0)
        fail_msg("%s: expected the key of ICU", text);
}

/* Runs of letters of one case, signs, and now and then a character that is not ASCII. */
static void keys_are_those_of_icu(void **state)
{
    unsigned seed = 3;
    char text[1024];
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int n = 0, runs = rand_r(&seed) % 6 + 1;
        while (runs-- > 0) {
            int length = rand_r(&seed) % 8 ? rand_r(&seed) % 12 + 1 : rand_r(&seed) % 130,
                kind = rand_r(&seed) % 4;
            for (int k = 0; k < length && n < 1000; k++)
                text[n++] = (char)(kind == 0   ? 'a' + rand_r(&seed) % 26
                                   : kind == 1 ? 'A' + rand_r(&seed) % 26
                                               : ' ' + rand_r(&seed) % 95);
        }
        text[n] = 0;
        if (i % 50 == 0)
            memcpy(text + n, "\xc3\xa9", 3);
        assert_icu_key(text);
    }
    assert_icu_key("");
    assert_icu_key("\t");
    assert_icu_key("a\x7f");
}

static void texts_are_compared_as_icu_does(void **state)
{
    static const char *const texts[] = {"", "a", "A", "\xc3\xa1", "b", "a b", "a-b", "10", "2", "&"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            assert_int_equal(collate_order(ouse_s(texts[i]), ouse_s(texts[k])),
                             text_order(texts[i], texts[k]));
}

static void a_key_that_does_not_fit_has_its_length(void **state)
{
    char key[64];
    (void)state;
    assert_int_equal(collate_key(ouse_s("abc"), key, 2), 8);
    assert_int_equal(collate_key(ouse_s("abc"), key, sizeof key), 8);
    assert_int_equal(collate_key(ouse_s("\xff"), key, sizeof key), 0);
    assert_non_null(collate_version());
}

static void *make_keys(void *arg)
{
    char key[64];
    uint32_t *wrong = arg;
    for (int i = 0; i < 2000; i++)
        *wrong += collate_key(ouse_s("\xc3\x85ngstr\xc3\xb6m"), key, sizeof key) < 8;
    return NULL;
}

static void threads_make_keys_at_a_time(void **state)
{
    pthread_t threads[4];
    uint32_t wrong[4] = {0};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_keys, &wrong[i]), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_icu),
        cmocka_unit_test(texts_are_compared_as_icu_does),
        cmocka_unit_test(a_key_that_does_not_fit_has_its_length),
        cmocka_unit_test(threads_make_keys_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
