/* metrics: see metrics.h. */
#include "metrics.h"

#include <string.h>

const struct scale scale_seconds = {1e6,
                                    15,
                                    {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000,
                                     500000, 1000000, 2500000, 10000000}};
const struct scale scale_numbers = {1, 10, {1, 2, 4, 8, 16, 32, 64, 128, 256, 512}};

void histogram_add(struct histogram *histogram, const struct scale *scale, uint64_t value)
{
    uint32_t i = 0;
    while (i < scale->n && value > scale->bounds[i])
        i++;
    counter_add(&histogram->buckets[i], 1);
    counter_add(&histogram->sum, value);
}

/* ---- Writing --------------------------------------------------------------------- */

/* Words with spaces between them, as a list; how many. */
static int add_words(cJSON *family, const char *words)
{
    cJSON *list = cJSON_AddArrayToObject(family, "labels");
    char name[32];
    for (const char *at = words ? words : ""; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        size_t kept = n < sizeof name ? n : sizeof name - 1;
        memcpy(name, at, kept);
        name[kept] = '\0';
        cJSON_AddItemToArray(list, cJSON_CreateString(name));
        at += n;
    }
    return cJSON_GetArraySize(list);
}

static void begin(struct measures *measures, const char *kind, const char *name, const char *unit,
                  const char *labels, const char *help)
{
    cJSON *family = cJSON_CreateObject();
    cJSON_AddStringToObject(family, "name", name);
    cJSON_AddStringToObject(family, "kind", kind);
    if (unit)
        cJSON_AddStringToObject(family, "unit", unit);
    cJSON_AddStringToObject(family, "help", help);
    measures->n_labels = add_words(family, labels);
    measures->samples = cJSON_AddArrayToObject(family, "samples");
    cJSON_AddItemToArray(measures->families, family);
}

void measure_counter(struct measures *measures, const char *name, const char *unit, const char *labels,
                     const char *help)
{
    begin(measures, "counter", name, unit, labels, help);
}

void measure_gauge(struct measures *measures, const char *name, const char *unit, const char *labels,
                   const char *help)
{
    begin(measures, "gauge", name, unit, labels, help);
}

void measure_histogram(struct measures *measures, const char *name, const char *unit, const char *labels,
                       const char *help)
{
    begin(measures, "histogram", name, unit, labels, help);
}

static cJSON *add_sample(struct measures *measures, const char *const *labels)
{
    static const char *const none[1];
    cJSON *sample = cJSON_CreateObject();
    cJSON_AddItemToObject(sample, "labels",
                          cJSON_CreateStringArray(labels ? labels : none, measures->n_labels));
    cJSON_AddItemToArray(measures->samples, sample);
    return sample;
}

void measure_value(struct measures *measures, double value, const char *const *labels)
{
    cJSON_AddNumberToObject(add_sample(measures, labels), "value", value);
}

static uint64_t count_all(const struct histogram *histogram)
{
    uint64_t n = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
        n += counter_read(&histogram->buckets[i]);
    return n;
}

/* Reads each count once, so that a concurrent event is in all of the sample or in no part of it. */
static void add_buckets(cJSON *sample, const struct histogram *histogram, const struct scale *scale)
{
    cJSON *list = cJSON_AddArrayToObject(sample, "buckets");
    uint64_t n = 0;
    for (uint32_t i = 0; i < scale->n; i++) {
        cJSON *bucket = cJSON_CreateObject();
        n += counter_read(&histogram->buckets[i]);
        cJSON_AddNumberToObject(bucket, "most", (double)scale->bounds[i] / scale->one);
        cJSON_AddNumberToObject(bucket, "count", (double)n);
        cJSON_AddItemToArray(list, bucket);
    }
    n += counter_read(&histogram->buckets[scale->n]);
    cJSON_AddNumberToObject(sample, "count", (double)n);
    cJSON_AddNumberToObject(sample, "sum", (double)counter_read(&histogram->sum) / scale->one);
}

void measure_buckets(struct measures *measures, const struct histogram *histogram, const struct scale *scale,
                     const char *const *labels)
{
    if (!measures->n_labels || count_all(histogram))
        add_buckets(add_sample(measures, labels), histogram, scale);
}
