/* metrics: what is counted, and the document that tells it. */
#include "observe/metrics.h"

#include "base/json.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct histogram counted;

static void *count_up(void *arg)
{
    (void)arg;
    for (uint64_t i = 1; i <= 1000; i++)
        histogram_add(&counted, &scale_numbers, i);
    return NULL;
}

/* The document of what `tell` tells, as JSON. */
static void expect(void (*tell)(struct measures *), const char *expected)
{
    struct measures measures = {.families = cJSON_CreateArray()};
    tell(&measures);
    char *text = cJSON_PrintUnformatted(measures.families);
    assert_string_equal(text, expected);
    cJSON_free(text);
    cJSON_Delete(measures.families);
}

static void tell_sizes(struct measures *out)
{
    static struct histogram sizes, none;
    static const char *const open[] = {"a", "open"}, *const shut[] = {"b", "shut"};
    histogram_add(&sizes, &scale_numbers, 0);
    histogram_add(&sizes, &scale_numbers, 2);
    histogram_add(&sizes, &scale_numbers, 3);
    histogram_add(&sizes, &scale_numbers, 9000);
    measure_histogram(out, "size", NULL, "door state", "Sizes.");
    measure_buckets(out, &sizes, &scale_numbers, open);
    measure_buckets(out, &none, &scale_numbers, shut);
}

static void a_bucket_has_what_is_at_most_its_bound(void **state)
{
    (void)state;
    expect(tell_sizes,
           "[{\"name\":\"size\",\"kind\":\"histogram\",\"help\":\"Sizes.\",\"labels\":[\"door\",\"state\"],"
           "\"samples\":[{\"labels\":[\"a\",\"open\"],\"buckets\":[{\"most\":1,\"count\":1},{\"most\":2,"
           "\"count\":2},"
           "{\"most\":4,\"count\":3},{\"most\":8,\"count\":3},{\"most\":16,\"count\":3},{\"most\":32,"
           "\"count\":3},"
           "{\"most\":64,\"count\":3},{\"most\":128,\"count\":3},{\"most\":256,\"count\":3},{\"most\":512,"
           "\"count\":3}],"
           "\"count\":4,\"sum\":9005}]}]");
}

static void tell_values(struct measures *out)
{
    counter bytes = 0;
    counter_add(&bytes, 40);
    counter_add(&bytes, 2);
    measure_counter(out, "sent", "bytes", NULL, "Sent.");
    measure_value(out, (double)counter_read(&bytes), NULL);
    measure_gauge(out, "doors", NULL, "state", "Doors.");
    measure_value(out, 0.5, (const char *[]){"ajar"});
}

static void values_have_their_labels(void **state)
{
    (void)state;
    expect(tell_values,
           "[{\"name\":\"sent\",\"kind\":\"counter\",\"unit\":\"bytes\",\"help\":\"Sent.\",\"labels\":[],"
           "\"samples\":[{\"labels\":[],\"value\":42}]},{\"name\":\"doors\",\"kind\":\"gauge\",\"help\":"
           "\"Doors.\","
           "\"labels\":[\"state\"],\"samples\":[{\"labels\":[\"ajar\"],\"value\":0.5}]}]");
}

static void nothing_is_lost_between_threads(void **state)
{
    pthread_t threads[4];
    uint64_t n = 0;
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        n += counter_read(&counted.buckets[i]);
    assert_int_equal(n, 4000);
    assert_int_equal(counter_read(&counted.sum), 4 * 1000 * 1001 / 2);
    assert_int_equal(counter_read(&counted.buckets[10]), 4 * (1000 - 512));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_has_what_is_at_most_its_bound),
        cmocka_unit_test(values_have_their_labels),
        cmocka_unit_test(nothing_is_lost_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
