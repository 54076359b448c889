/* clock: time, dates and randomness; see clock.h.
 *
 * Dates are counted in years that begin in March, so that the leap day is the
 * last of its year: month m of such a year (March is 0) begins on its day
 * (153 m + 2) / 5, and a year begins 365 y + y/4 - y/100 + y/400 days after the
 * first of March of the year 0.
 */
#include "clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define MS_OF_DAY INT64_C(86400000)
#define EPOCH     719468 /* days from 0000-03-01 to 1970-01-01 */

/* Microseconds. */
static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_now(void)
{
    return read_clock(CLOCK_REALTIME) / 1000;
}

static void system_random(void *bytes, size_t n)
{
    for (char *at = bytes; n > 0;) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno != EINTR) {
            perror("ouse: no random numbers");
            abort();
        }
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}

static int64_t (*now_source)(void) = system_now;
static void (*random_source)(void *, size_t) = system_random;

int64_t clock_now(void)
{
    return now_source();
}

int64_t clock_monotonic(void)
{
    return clock_micros() / 1000;
}

int64_t clock_micros(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_processor(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void random_fill(void *bytes, size_t n)
{
    random_source(bytes, n);
}

void clock_set(int64_t (*now)(void))
{
    now_source = now ? now : system_now;
}

void random_set(void (*fill)(void *bytes, size_t n))
{
    random_source = fill ? fill : system_random;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days from 0000-03-01 to the first of March of a year. */
static int64_t march_first(int64_t year)
{
    return 365 * year + floor_div(year, 4) - floor_div(year, 100) + floor_div(year, 400);
}

int32_t clock_days(int year, int month, int day)
{
    int64_t march_year = month > 2 ? year : (int64_t)year - 1;
    int march_month = (month + 9) % 12;
    return (int32_t)(march_first(march_year) + (153 * march_month + 2) / 5 + day - 1 - EPOCH);
}

void clock_date(int32_t days, int *year, int *month, int *day)
{
    int64_t since = (int64_t)days + EPOCH;
    int64_t march_year = floor_div(since * 400, 146097); /* right, or one too many or too few */
    while (march_first(march_year) > since)
        march_year--;
    while (march_first(march_year + 1) <= since)
        march_year++;
    int of_year = (int)(since - march_first(march_year));
    int march_month = (5 * of_year + 2) / 153;
    *day = of_year - (153 * march_month + 2) / 5 + 1;
    *month = (march_month + 2) % 12 + 1;
    *year = (int)(march_year + (*month <= 2));
}

/* The text has four digits for the year: instants outside the years 0001 to
 * 9999 are written as the nearest inside. */
static int64_t clamp(int64_t ms)
{
    int64_t first = clock_days(1, 1, 1) * MS_OF_DAY;
    int64_t last = clock_days(10000, 1, 1) * MS_OF_DAY - 1;
    return ms < first ? first : ms > last ? last : ms;
}

static char *put_digits(char *at, int width, int value, char mark)
{
    for (int i = width - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[width] = mark;
    return at + width + 1;
}

void clock_format(int64_t ms, char text[CLOCK_TEXT])
{
    ms = clamp(ms);
    int64_t days = floor_div(ms, MS_OF_DAY);
    int rest = (int)(ms - days * MS_OF_DAY);
    int year, month, day;
    clock_date((int32_t)days, &year, &month, &day);
    text = put_digits(text, 4, year, '-');
    text = put_digits(text, 2, month, '-');
    text = put_digits(text, 2, day, 'T');
    text = put_digits(text, 2, rest / 3600000, ':');
    text = put_digits(text, 2, rest / 60000 % 60, ':');
    text = put_digits(text, 2, rest / 1000 % 60, '.');
    text = put_digits(text, 3, rest % 1000, 'Z');
    *text = '\0';
}

/* The parts of an instant that every form has: digits, the mark after them, bounds. */
static const struct part {
    int width;
    char mark;
    int min, max;
} parts[] = {
    {4, '-', 1, 9999}, {2, '-', 1, 12}, {2, 'T', 1, 31}, {2, ':', 0, 23}, {2, ':', 0, 59}, {2, 0, 0, 59},
};
enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };

enum { FRACTION_MAX = 9 };

int clock_digits(const char *at, int width)
{
    int value = 0;
    for (int i = 0; i < width; i++) {
        if (at[i] < '0' || at[i] > '9')
            return -1;
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

/* Reads date and time of day up to the second. Returns the rest of the text, or NULL. */
static const char *read_parts(const char *at, int value[PARTS])
{
    for (int i = 0; i < PARTS; i++) {
        value[i] = clock_digits(at, parts[i].width);
        at += parts[i].width;
        if (value[i] < parts[i].min || value[i] > parts[i].max)
            return NULL;
        if (parts[i].mark && *at != parts[i].mark && !(i == DAY && *at == 't'))
            return NULL;
        at += parts[i].mark != 0;
    }
    return at;
}

/* Reads the digits of a fraction. Returns whole milliseconds, and whether there are further digits. */
static const char *read_fraction(const char *at, int *ms, int *more)
{
    const char *begin = at;
    for (int scale = 100; *at >= '0' && *at <= '9'; at++, scale /= 10) {
        *ms += (*at - '0') * scale;
        *more |= scale == 0 && *at != '0';
    }
    return at > begin && at - begin <= FRACTION_MAX ? at : NULL;
}

/* Reads "Z" or an offset from UTC, "+01:00". A space is a plus sign that a query has lost. Returns 0 if
 * the text ends there. */
static int read_offset(const char *at, int *minutes)
{
    if ((*at == 'Z' || *at == 'z') && !at[1])
        return 0;
    int hours = -1, rest = -1;
    if (*at == '+' || *at == '-' || *at == ' ')
        hours = clock_digits(at + 1, 2);
    if (hours >= 0 && at[3] == ':')
        rest = clock_digits(at + 4, 2);
    if (hours < 0 || hours > 23 || rest < 0 || rest > 59 || at[6])
        return -1;
    *minutes = (*at == '-' ? -1 : 1) * (hours * 60 + rest);
    return 0;
}

int clock_parse(struct ouse_str text, struct clock_instant *instant)
{
    int value[PARTS], ms = 0, more = 0, offset = 0, year, month, day;
    char copy[CLOCK_LONGEST + sizeof "+00:00"]; /* an offset may be looked for at its end */
    if (!text.p || text.n > CLOCK_LONGEST || memchr(text.p, 0, text.n))
        return -1;
    memset(copy, 0, sizeof copy);
    memcpy(copy, text.p, text.n);
    const char *at = read_parts(copy, value);
    int has_fraction = at && *at == '.';
    if (has_fraction)
        at = read_fraction(at + 1, &ms, &more);
    if (!at || read_offset(at, &offset))
        return -1;
    int32_t days = clock_days(value[YEAR], value[MONTH], value[DAY]);
    clock_date(days, &year, &month, &day);
    if (day != value[DAY]) /* the 30th of February is a day of March */
        return -1;
    instant->ms = days * MS_OF_DAY +
                  ((value[HOUR] * 60 + value[MINUTE] - offset) * 60 + value[SECOND]) * INT64_C(1000) + ms;
    instant->more = more;
    instant->whole_second = !has_fraction;
    return 0;
}
