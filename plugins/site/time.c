/* time: instants and days in the time of the United Kingdom, with its name: "31 May 2026, 23:30 BST". The API
 * has them in UTC.
 *
 * Summer time lasts from the last Sunday of March to the last Sunday of October, 01:00 UTC. That holds since
 * 1996; earlier instants are shown in UTC.
 */
#include "view.h"

enum { HOUR = 60, DAY = 24 * HOUR, RULES_SINCE = 1996 }; /* minutes; a year */

struct date {
    int year, month, day;
};

/* Days since 1970-01-01 of a proleptic Gregorian date, and back (Hinnant, "chrono-compatible date
 * algorithms"). */
static int64_t days_of(struct date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct date date_of(int64_t days)
{
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day = shifted - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    int in_next = month >= 10; /* a year begins in March here */
    return (struct date){(int)(year + era * 400) + in_next, (int)month + (in_next ? -9 : 3),
                         (int)(of_year - (153 * month + 2) / 5) + 1};
}

/* 01:00 UTC on the last Sunday of a month of 31 days, in minutes since 1970. The first day of 1970 was a
 * Thursday. */
static int64_t last_sunday(int year, int month)
{
    int64_t last = days_of((struct date){year, month, 31}), weekday = ((last + 4) % 7 + 7) % 7;
    return (last - weekday) * DAY + HOUR;
}

static int is_summer(int64_t minutes)
{
    int year = date_of(minutes / DAY - (minutes % DAY < 0)).year;
    return year >= RULES_SINCE && minutes >= last_sunday(year, 3) && minutes < last_sunday(year, 10);
}

/* ---- Reading -------------------------------------------------------------------------------- */

/* The number at a place of a text, or -1. */
static int number_at(struct ouse_str text, uint32_t at, uint32_t n)
{
    int number = 0;
    for (uint32_t i = at; i < at + n; i++) {
        if (i >= text.n || text.p[i] < '0' || text.p[i] > '9')
            return -1;
        number = number * 10 + text.p[i] - '0';
    }
    return number;
}

static int parse_day(struct ouse_str text, struct date *date)
{
    *date = (struct date){number_at(text, 0, 4), number_at(text, 5, 2), number_at(text, 8, 2)};
    return date->year >= 0 && date->month >= 1 && date->month <= 12 && date->day >= 1 && date->day <= 31 ? 0
                                                                                                         : -1;
}

/* Reads "2026-05-31T22:30:00.000Z", or with an offset: minutes since 1970. Returns 0, or -1. */
static int parse_instant(struct ouse_str text, int64_t *minutes)
{
    int hour = number_at(text, 11, 2), minute = number_at(text, 14, 2);
    struct date date;
    int64_t offset = 0;
    if (parse_day(text, &date) || hour < 0 || minute < 0)
        return -1;
    if (text.n > 22 && strchr("+-", text.p[text.n - 6]))
        offset = (text.p[text.n - 6] == '-' ? -1 : 1) *
                 (number_at(text, text.n - 5, 2) * HOUR + number_at(text, text.n - 2, 2));
    *minutes = days_of(date) * DAY + hour * HOUR + minute - offset;
    return 0;
}

/* ---- Writing -------------------------------------------------------------------------------- */

struct ouse_str time_text(struct ouse_ctx *ctx, struct ouse_str instant)
{
    int64_t minutes, here;
    if (parse_instant(instant, &minutes))
        return instant;
    here = minutes + (is_summer(minutes) ? HOUR : 0);
    int64_t days = here / DAY - (here % DAY < 0), of_day = here - days * DAY;
    struct date date = date_of(days);
    struct ouse_str day = time_day(ctx, date.year, date.month, date.day);
    return ouse_format(ctx, "%.*s, %02d:%02d %s", OUSE_F(value_date(ctx, day)), (int)of_day / HOUR,
                       (int)of_day % HOUR,
                       is_summer(minutes)         ? "BST"
                       : date.year >= RULES_SINCE ? "GMT"
                                                  : "UTC");
}

struct ouse_str time_day(struct ouse_ctx *ctx, int year, int month, int day)
{
    return ouse_format(ctx, "%04d-%02d-%02d", year, month, day);
}

struct ouse_str time_day_ago(struct ouse_ctx *ctx, int days)
{
    int64_t now = ouse_now(ctx) / 60000, here = now + (is_summer(now) ? HOUR : 0);
    struct date date = date_of(here / DAY - days);
    return time_day(ctx, date.year, date.month, date.day);
}

struct ouse_str time_beginning(struct ouse_ctx *ctx, struct ouse_str day)
{
    struct date date;
    if (parse_day(day, &date))
        return ouse_s(NULL);
    int64_t midnight = days_of(date) * DAY, begins = is_summer(midnight - HOUR) ? midnight - HOUR : midnight;
    struct date of = date_of(begins / DAY - (begins % DAY < 0));
    return ouse_format(ctx, "%.*sT%s:00:00Z", OUSE_F(time_day(ctx, of.year, of.month, of.day)),
                       begins == midnight ? "00" : "23");
}
