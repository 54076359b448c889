/* standing: how a commitment stands, in words, with the day on which it was made or reviewed last:
 *
 *     "Promised in March 2018, not reviewed since"
 *     "Kept when it was reviewed in May 2021"
 *
 * The day of the promise is `promised`, or else the earliest day on which one of its sources came out.
 */
#include "services.h"

/* "3 May 2021" with "on", or "May 2021" and "2021" with "in". */
static struct ouse_str say_date(struct ouse_ctx *ctx, struct ouse_str date)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    int month = date.n >= 7 ? (date.p[5] - '0') * 10 + date.p[6] - '0' : 0;

    if (month < 1 || month > 12)
        return ouse_format(ctx, "in %.*s", OUSE_F(date));
    if (date.n < 10)
        return ouse_format(ctx, "in %s %.4s", months[month - 1], date.p);
    return ouse_format(ctx, "on %d %s %.4s", (date.p[8] - '0') * 10 + date.p[9] - '0', months[month - 1],
                       date.p);
}

static struct ouse_str day_of_promise(struct ouse_ctx *ctx, const struct ouse_doc *commitment)
{
    const struct ouse_doc *sources = ouse_member(ctx, commitment, "sources");
    struct ouse_str promised = ouse_text(ctx, commitment, "promised"), earliest = {NULL, 0};

    if (promised.p)
        return promised;
    for (uint32_t i = 0; i < ouse_count(ctx, sources); i++) {
        struct ouse_str id = ouse_text(ctx, ouse_at(ctx, sources, i), "publication");
        struct ouse_str day = ouse_text(ctx, ouse_get(ctx, "publications", id), "published");
        if (day.p && (!earliest.p || ouse_before(ctx, day, earliest)))
            earliest = day;
    }
    return earliest;
}

static struct ouse_str say_promise(struct ouse_ctx *ctx, const struct ouse_doc *commitment)
{
    struct ouse_str day = day_of_promise(ctx, commitment);

    if (!day.p)
        return ouse_s("Promised on a day that is not known, not reviewed since");
    return ouse_format(ctx, "Promised %.*s, not reviewed since", OUSE_F(say_date(ctx, day)));
}

ouse_rc commitment_standing(struct ouse_ctx *ctx, struct ouse_doc *commitment)
{
    struct ouse_str status = ouse_text(ctx, commitment, "status"),
                    reviewed = ouse_text(ctx, commitment, "reviewed");
    struct ouse_str words = status.p ? ouse_title(ctx, status) : ouse_s("Not decided");
    struct ouse_str standing;

    if (reviewed.p)
        standing = ouse_format(ctx, "%.*s when it was reviewed %.*s", OUSE_F(words),
                               OUSE_F(say_date(ctx, reviewed)));
    else if (status.p)
        standing = ouse_format(ctx, "%.*s; the day of the review is not known", OUSE_F(words));
    else
        standing = say_promise(ctx, commitment);
    ouse_set_text(ctx, commitment, "standing", standing);
    return OUSE_OK;
}
