/* trend: GET indicators/{id}/trend: the observations of an indicator, from its baseline towards its
 * target.
 *
 * A value that is a range, or in another unit, is shown but not used in calculations; nor is a
 * baseline that is only a bound ("over 40"). A target that is a bound is reached at the bound. */
#include "programmes.h"
#include <stdlib.h>

/* Returns whether two quantities, or an indicator and a quantity, have the same unit; a missing
 * unit matches any. */
static int same_unit(struct ouse_ctx *ctx, const struct ouse_doc *a, const struct ouse_doc *b)
{
    struct ouse_str one = ouse_text(ctx, a, "unit"), other = ouse_text(ctx, b, "unit");

    return !one.p || !other.p || ouse_same(one, other);
}

/* Returns the single number of a quantity. */
static int number_of(struct ouse_ctx *ctx, const struct ouse_doc *indicator, const struct ouse_doc *quantity,
                     double *number)
{
    if (ouse_kind(ctx, ouse_member(ctx, quantity, "value")) != OUSE_JSON_NUMBER ||
        !same_unit(ctx, indicator, quantity))
        return 0;
    *number = ouse_number(ctx, quantity, "value", 0);
    return 1;
}

/* A number that was reckoned, without the dust of doubles: 0.3 - 0.1 is 0.2. */
static void set_reckoned(struct ouse_ctx *ctx, struct ouse_doc *answer, const char *name, double number)
{
    ouse_set_number(ctx, answer, name, strtod(ouse_format(ctx, "%.12g", number).p, NULL));
}

static void reckon(struct ouse_ctx *ctx, const struct ouse_doc *indicator, const struct ouse_doc *last,
                   struct ouse_doc *answer)
{
    const struct ouse_doc *from = ouse_member(ctx, indicator, "baseline");
    const struct ouse_doc *to = ouse_member(ctx, indicator, "target");
    double start, end, now = ouse_number(ctx, last, "value", 0);

    ouse_set_null(ctx, answer, "change");
    ouse_set_null(ctx, answer, "share");
    if (!last || ouse_is_one(ouse_text(ctx, from, "qualifier"), "over under") ||
        !number_of(ctx, indicator, from, &start))
        return;
    set_reckoned(ctx, answer, "change", now - start);
    if (number_of(ctx, indicator, to, &end) && same_unit(ctx, from, to) && (end < start || end > start))
        set_reckoned(ctx, answer, "share", (now - start) / (end - start));
}

/* Returns "4 days fewer" for a count, or "less" for a measure. */
static struct ouse_str say_change(struct ouse_ctx *ctx, struct ouse_str unit, double change)
{
    int counted = unit.n && (unit.p[unit.n - 1] == 's' || ouse_is(unit, "people"));
    const char *way = change > 0 ? "more" : counted ? "fewer" : "less";

    if (change == 0)
        return ouse_s("no change");
    return ouse_format(ctx, "%.12g%s%.*s %s", change < 0 ? -change : change, unit.n ? " " : "", OUSE_F(unit),
                       way);
}

/* {"change": "4 days fewer", "share": "33%"}, or null if it is not known. */
static struct ouse_doc *say_figures(struct ouse_ctx *ctx, const struct ouse_doc *indicator,
                                    const struct ouse_doc *answer)
{
    struct ouse_doc *words = ouse_object(ctx);
    double share = ouse_number(ctx, answer, "share", 0) * 100;

    ouse_set_null(ctx, words, "change");
    ouse_set_null(ctx, words, "share");
    if (ouse_kind(ctx, ouse_member(ctx, answer, "change")) == OUSE_JSON_NUMBER)
        ouse_set_text(
            ctx, words, "change",
            say_change(ctx, ouse_text(ctx, indicator, "unit"), ouse_number(ctx, answer, "change", 0)));
    if (ouse_kind(ctx, ouse_member(ctx, answer, "share")) == OUSE_JSON_NUMBER)
        ouse_set_text(ctx, words, "share",
                      ouse_format(ctx, "%s%.0f%%", share <= -0.5 ? "−" : "", share < 0 ? -share : share));
    return words;
}

ouse_rc indicator_trend(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    const struct ouse_doc *indicator = request->record;
    const struct ouse_doc *observations = ouse_member(ctx, indicator, "observations");
    uint32_t n = ouse_count(ctx, observations);
    const struct ouse_doc *last = n ? ouse_at(ctx, observations, n - 1) : NULL;
    struct ouse_doc *answer = ouse_object(ctx), *list = ouse_list(ctx);

    for (uint32_t i = 0; i < n; i++)
        ouse_add(ctx, list, ouse_show(ctx, ouse_at(ctx, observations, i), "on value"));
    ouse_set(ctx, answer, "indicator", ouse_show(ctx, indicator, "id name unit programme"));
    ouse_set_or_null(ctx, answer, "baseline", ouse_member(ctx, indicator, "baseline"));
    ouse_set_or_null(ctx, answer, "target", ouse_member(ctx, indicator, "target"));
    ouse_set(ctx, answer, "observations", list);
    ouse_set_or_null(ctx, answer, "last", ouse_show(ctx, last, "on value"));
    reckon(ctx, indicator, last, answer);
    ouse_set(ctx, answer, "in_words", say_figures(ctx, indicator, answer));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
