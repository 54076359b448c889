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

/* Reads what clock_format writes; fractional seconds may be absent. Returns 0,
 * or -1 where the text is no such instant. */
int clock_parse(struct ouse_str text, int64_t *ms);

/* The number that so many digits are, or -1. */
int clock_digits(const char *at, int width);

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int32_t clock_days(int year, int month, int day);
void clock_date(int32_t days, int *year, int *month, int *day);

#endif
