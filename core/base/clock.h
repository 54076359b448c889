/* clock: the one source of time and randomness, so that tests can replay.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z. Thread-safe, except for
 * the two setters, which are for tests and are called before any thread starts.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <ouse/abi.h>

int64_t clock_now(void);       /* wall clock */
int64_t clock_monotonic(void); /* never goes back; for durations */
int64_t clock_micros(void);    /* the same clock in microseconds */
int64_t clock_processor(void); /* microseconds of processor time that the calling thread has used */

/* Fills n bytes from the system's random source. */
void random_fill(void *bytes, size_t n);

/* Replaces the wall clock by a function; NULL restores the system's. */
void clock_set(int64_t (*now)(void));

/* Replaces the random source; NULL restores the system's. */
void random_set(void (*fill)(void *bytes, size_t n));

#define CLOCK_TEXT 25 /* "2026-11-21T23:17:00.123Z" and a NUL */

/* RFC 3339 in UTC with milliseconds. */
void clock_format(int64_t ms, char text[CLOCK_TEXT]);

/* An instant that a text names. */
struct clock_instant {
    int64_t ms;       /* the last whole millisecond that is not after it */
    int more;         /* it is after that millisecond: the text has further digits */
    int whole_second; /* the text has no fraction of a second */
};

#define CLOCK_LONGEST 35 /* "2026-01-31T12:00:00.123456789+01:00" */

/* Reads an instant as RFC 3339 writes it, in UTC or with an offset, with up to nine digits of a fraction.
 * Returns 0, or -1 if the text is no such instant. */
int clock_parse(struct ouse_str text, struct clock_instant *instant);

/* The number that so many digits are, or -1. */
int clock_digits(const char *at, int width);

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int32_t clock_days(int year, int month, int day);
void clock_date(int32_t days, int *year, int *month, int *day);

#endif
