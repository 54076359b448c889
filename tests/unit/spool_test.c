/* spool: what is written comes back, from memory and from the file. */
#include "base/spool.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char byte_at(uint64_t at)
{
    return (char)(at * 31 + at / 251);
}

static void add(struct spool *spool, size_t n)
{
    char *bytes = malloc(n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(spool_size(spool) + i);
    assert_int_equal(spool_add(spool, bytes, n), 0);
    free(bytes);
}

static void assert_reads(const struct spool *spool, uint64_t from, size_t n, size_t expected)
{
    char *bytes = malloc(n);
    assert_int_equal(spool_read(spool, from, bytes, n), expected);
    for (size_t i = 0; i < expected; i++)
        assert_int_equal(bytes[i], byte_at(from + i));
    free(bytes);
}

static void what_is_written_comes_back(void **state)
{
    const size_t sizes[] = {1, 100, 70000, 1 << 20, 3 << 20, 17};
    char folder[] = "/tmp/ouse-spool-XXXXXX";
    struct spool spool;
    (void)state;
    assert_non_null(mkdtemp(folder));
    spool_init(&spool, folder);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        add(&spool, sizes[i]);
        uint64_t size = spool_size(&spool);
        assert_reads(&spool, 0, size, size);
        assert_reads(&spool, size / 2, 5000, size - size / 2 < 5000 ? size - size / 2 : 5000);
        assert_reads(&spool, size, 10, 0);
        assert_reads(&spool, size - 1, 10, 1);
    }
    assert_int_equal(rmdir(folder), 0); /* its file has no name */
    spool_finish(&spool);
}

static void a_folder_that_is_not_there_fails_when_it_is_needed(void **state)
{
    char bytes[4096] = {0};
    struct spool spool;
    int failed = 0;
    (void)state;
    spool_init(&spool, "/nowhere/at/all");
    assert_int_equal(spool_add(&spool, bytes, sizeof bytes), 0);
    for (int i = 0; i < 300 && !failed; i++)
        failed = spool_add(&spool, bytes, sizeof bytes) != 0;
    assert_true(failed);
    spool_finish(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(a_folder_that_is_not_there_fails_when_it_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
