/* open: GET cohorts/-/open: the cohorts that are open for applications, by audience, area and day.
 *
 * A cohort is for the area of its venue or, without one, of the hub or cluster that its scheme is
 * part of. A request for an area matches cohorts with an overlapping area. Records that the caller
 * may not see are neither listed nor counted. */
#include "training.h"

#define AREAS_MAX  500 /* areas within and around the requested one */
#define LISTED_MAX 500 /* cohorts in the list; the count includes all */

/* An area, those that lie in it, and those that any of these lie in, each once:
 * all that have a part in common with it. */
struct region {
    struct ouse_str ids[AREAS_MAX];
    uint32_t n;
};

static int region_has(const struct region *region, struct ouse_str id)
{
    for (uint32_t i = 0; i < region->n; i++)
        if (ouse_same(region->ids[i], id))
            return 1;
    return 0;
}

static void region_add(struct region *region, struct ouse_str id)
{
    if (region->n < AREAS_MAX && !region_has(region, id))
        region->ids[region->n++] = id;
}

static const struct region *region_of(struct ouse_ctx *ctx, struct ouse_str area)
{
    struct region *region = ouse_alloc(ctx, sizeof *region);

    if (!area.p)
        return NULL;
    region_add(region, area);
    for (uint32_t i = 0; i < region->n; i++) {
        const struct ouse_doc *parts = ouse_member(ctx, ouse_get(ctx, "areas", region->ids[i]), "contains");
        for (uint32_t j = 0; j < ouse_count(ctx, parts); j++)
            region_add(region, ouse_as_text(ctx, ouse_at(ctx, parts, j)));
    }
    for (uint32_t i = 0; i < region->n; i++)
        OUSE_EACH(ctx, whole, ouse_referrers(ctx, "areas", region->ids[i], "areas", "contains"))
            region_add(region, ouse_text(ctx, whole, "id"));
    return region;
}

static int is_for_area(struct ouse_ctx *ctx, const struct ouse_doc *cohort, const struct ouse_doc *scheme,
                       const struct region *region)
{
    const struct ouse_doc *venue = ouse_get(ctx, "sites", ouse_text(ctx, cohort, "venue"));
    const struct ouse_doc *whole = ouse_get_reference(ctx, ouse_text(ctx, scheme, "of"));

    return !region || region_has(region, ouse_text(ctx, venue ? venue : whole, "area"));
}

static int is_for_people(struct ouse_ctx *ctx, const struct ouse_doc *scheme, struct ouse_str asked)
{
    const struct ouse_doc *audience = ouse_member(ctx, scheme, "audience");

    for (uint32_t i = 0; i < ouse_count(ctx, audience); i++) {
        struct ouse_str one = ouse_as_text(ctx, ouse_at(ctx, audience, i));
        if (ouse_same(one, asked) || ouse_is(one, "any"))
            return 1;
    }
    return !asked.p;
}

/* Returns {id, name} of a record; NULL if the caller sees no such record. */
static struct ouse_doc *named(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    return ouse_show(ctx, ouse_get(ctx, collection, id), "id name");
}

static struct ouse_doc *show_scheme(struct ouse_ctx *ctx, const struct ouse_doc *scheme)
{
    struct ouse_doc *shown = ouse_show(ctx, scheme, "id title kind audience of cost funded how_to_apply");

    if (ouse_text(ctx, scheme, "currency").p) /* pounds otherwise */
        ouse_set(ctx, shown, "currency", ouse_member(ctx, scheme, "currency"));
    ouse_set_or_null(ctx, shown, "provider", named(ctx, "organisations", ouse_text(ctx, scheme, "provider")));
    return shown;
}

static struct ouse_doc *show_cohort(struct ouse_ctx *ctx, const struct ouse_doc *cohort,
                                    const struct ouse_doc *scheme)
{
    struct ouse_doc *shown =
        ouse_show(ctx, cohort, "id opens closes starts ends places taken mode prerequisites");

    ouse_set_or_null(ctx, shown, "venue", named(ctx, "sites", ouse_text(ctx, cohort, "venue")));
    ouse_set(ctx, shown, "scheme", show_scheme(ctx, scheme));
    return shown;
}

static void add_open(struct ouse_ctx *ctx, struct ouse_doc *list, const struct ouse_doc *scheme,
                     const struct region *region, int32_t on)
{
    struct ouse_str id = ouse_text(ctx, scheme, "id");

    OUSE_EACH(ctx, cohort, ouse_query(ctx, "cohorts", "scheme=%.*s", OUSE_F(id)))
        if (!strcmp(cohort_availability(ctx, cohort, scheme, on), "open") &&
            is_for_area(ctx, cohort, scheme, region))
            ouse_add(ctx, list, show_cohort(ctx, cohort, scheme));
}

ouse_rc cohorts_open(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str audience = ouse_parameter(ctx, "audience"), area = ouse_parameter(ctx, "area");
    struct ouse_str asked = ouse_parameter(ctx, "on");
    struct ouse_doc *answer = ouse_object(ctx), *open = ouse_list(ctx), *listed = ouse_list(ctx);
    const struct region *region;
    int32_t on = ouse_today(ctx), last;

    (void)request;
    if (area.p && !ouse_get(ctx, "areas", area))
        return ouse_fail(ctx, OUSE_E_REQUEST, "", "not_found", "area: areas/%.*s does not exist",
                         OUSE_F(area));
    region = region_of(ctx, area);
    ouse_span(ctx, asked, &on, &last);
    OUSE_EACH(ctx, scheme, ouse_query(ctx, "schemes", "state=published"))
        if (is_for_people(ctx, scheme, audience))
            add_open(ctx, open, scheme, region, on);
    ouse_sort(ctx, open, "closes starts id");
    for (uint32_t i = 0; i < ouse_count(ctx, open) && i < LISTED_MAX; i++)
        ouse_add(ctx, listed, ouse_at(ctx, open, i));
    ouse_set_text(ctx, answer, "on", asked);
    ouse_set_text(ctx, answer, "audience", audience);
    ouse_set_text(ctx, answer, "area", area);
    ouse_set_number(ctx, answer, "count", ouse_count(ctx, open));
    ouse_set(ctx, answer, "cohorts", listed);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
