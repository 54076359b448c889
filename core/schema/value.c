/* value: dates and instants as the span of time they are, and money as whole pence. */
#include "../base/clock.h"
#include "schema.h"
#include <math.h>

#define PENCE_MAX 1000000000000000 /* 10^13 pounds */

static int32_t last_of_month(int year, int month)
{
    return clock_days(year + month / 12, month % 12 + 1, 1) - 1;
}

int schema_span(struct ouse_str date, int32_t *first, int32_t *last)
{
    int has_month = date.n >= 7, has_day = date.n == 10;
    if (!date.p || (date.n != 4 && date.n != 7 && date.n != 10))
        return -1;
    if ((has_month && date.p[4] != '-') || (has_day && date.p[7] != '-'))
        return -1;
    int year = clock_digits(date.p, 4), month = has_month ? clock_digits(date.p + 5, 2) : 1;
    int day = has_day ? clock_digits(date.p + 8, 2) : 1;
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return -1;
    int32_t begin = clock_days(year, month, day), end = last_of_month(year, has_month ? month : 12);
    if (begin > end)
        return -1;
    *first = begin;
    *last = has_day ? begin : end;
    return 0;
}

int schema_instants(struct ouse_str text, int64_t *first, int64_t *last)
{
    const int64_t ms_of_day = 86400000;
    int32_t first_day, last_day;
    struct clock_instant instant;
    if (clock_parse(text, &instant) == 0) {
        /* Stored times are whole milliseconds: one that lies between two of these is equal to neither. */
        *first = instant.ms + instant.more;
        *last = instant.ms + (instant.whole_second ? 999 : 0);
        return 0;
    }
    if (schema_span(text, &first_day, &last_day))
        return -1;
    *first = first_day * ms_of_day;
    *last = (last_day + 1) * ms_of_day - 1;
    return 0;
}

int schema_pence(double amount, int64_t *pence)
{
    if (!(fabs(amount) <= PENCE_MAX / 100.0))
        return -1;
    int64_t whole = llround(amount * 100);
    if ((double)whole / 100.0 != amount)
        return -1;
    *pence = whole;
    return 0;
}
