/* value: dates and instants as the span of time they are, and money as whole pence. */
#include "../base/clock.h"
#include "schema.h"
#include <math.h>

#define PENCE_MAX 1000000000000000 /* 10^13 pounds */

static int leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

/* n digits as a number, or -1. */
static int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + text[i] - '0';
    }
    return value;
}

int schema_span(struct ouse_str date, int32_t *first, int32_t *last)
{
    int has_month = date.n >= 7, has_day = date.n == 10;
    if (!date.p || (date.n != 4 && date.n != 7 && date.n != 10))
        return -1;
    if ((has_month && date.p[4] != '-') || (has_day && date.p[7] != '-'))
        return -1;
    int year = digits(date.p, 4), month = has_month ? digits(date.p + 5, 2) : 1;
    if (year < 1 || month < 1 || month > 12)
        return -1;
    int last_month = has_month ? month : 12;
    int day = has_day ? digits(date.p + 8, 2) : 1;
    int last_day = has_day ? day : days_of_month(year, last_month);
    if (day < 1 || last_day > days_of_month(year, last_month))
        return -1;
    *first = clock_days(year, month, day);
    *last = clock_days(year, last_month, last_day);
    return 0;
}

int schema_instants(struct ouse_str text, int64_t *first, int64_t *last)
{
    const int64_t ms_of_day = 86400000;
    int32_t first_day, last_day;
    if (clock_parse(text, first) == 0) {
        *last = *first + (text.n + 1 < CLOCK_TEXT ? 999 : 0); /* a second, where no fraction is said */
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
