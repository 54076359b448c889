/* metrics: counts events while the server works, and writes them as a document.
 *
 *     any thread ── counter_add, histogram_add ──> numbers that only grow
 *                                                       │ read now and then
 *     a monitor <── a document <── measure_… <──────────┘
 *
 * To count costs one or two additions, without locks or ordering. The document is a list of
 * families, as ouse_measures of <ouse/host.h> describes it. This file knows no exposition format; a
 * plugin writes that. */
#ifndef OBSERVE_METRICS_H
#define OBSERVE_METRICS_H

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdint.h>

/* ---- Counting: any thread ------------------------------------------------------ */

typedef _Atomic(uint64_t) counter;

static inline void counter_add(counter *counted, uint64_t n)
{
    atomic_fetch_add_explicit(counted, n, memory_order_relaxed);
}

static inline uint64_t counter_read(const counter *counted)
{
    return atomic_load_explicit(counted, memory_order_relaxed);
}

#define HISTOGRAM_BUCKETS 16

/* The bounds of the buckets of a histogram, and the factor from its counts to the unit of the
 * metric. */
struct scale {
    double one;
    uint32_t n; /* bounds; values above the last one have a separate bucket */
    uint64_t bounds[HISTOGRAM_BUCKETS - 1];
};

extern const struct scale scale_seconds; /* of microseconds: from 100 µs to 10 s */
extern const struct scale scale_numbers; /* 1, 2, 4 … 512 */

struct histogram {
    counter sum, buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, const struct scale *scale, uint64_t value);

/* ---- Writing: one thread -------------------------------------------------------- */

struct measures {
    cJSON *families; /* a list, the caller's */
    cJSON *samples;  /* of the family that was begun last */
    int n_labels;
};

/* Begins a family. `unit` is "seconds", "bytes" or NULL; `labels` are names with spaces
 * between them, or NULL. */
void measure_counter(struct measures *measures, const char *name, const char *unit, const char *labels,
                     const char *help);
void measure_gauge(struct measures *measures, const char *name, const char *unit, const char *labels,
                   const char *help);
void measure_histogram(struct measures *measures, const char *name, const char *unit, const char *labels,
                       const char *help);

/* Adds a sample to it; as many labels as the family has. Of an empty histogram with labels, nothing. */
void measure_value(struct measures *measures, double value, const char *const *labels);
void measure_buckets(struct measures *measures, const struct histogram *histogram, const struct scale *scale,
                     const char *const *labels);

#endif
