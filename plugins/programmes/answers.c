/* answers: the computed endpoints: a strategy over its years, and late milestones.
 *
 * Every member of an answer is always present; an unknown value is null. Ids come with their
 * labels. Records that the caller may not see are neither listed nor counted. */
#include "programmes.h"

#define LISTED_MAX 500 /* milestones in the list of late ones; the count includes all */

/* Returns {id, name} of a person; NULL if the caller sees no such person. */
static struct ouse_doc *person(struct ouse_ctx *ctx, struct ouse_str id)
{
    return ouse_show(ctx, ouse_get(ctx, "people", id), "id name");
}

/* ---- GET strategies/{id}/timeline -------------------------------------- */

struct timeline {
    struct ouse_ctx *ctx;
    uint32_t programmes, workplans, milestones, late;
};

static struct ouse_doc *milestones(struct timeline *all, struct ouse_str workplan)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, record, ouse_query(ctx, "milestones", "of=workplans/%.*s", OUSE_F(workplan))) {
        int late = milestone_late(ctx, record);
        struct ouse_doc *shown = ouse_show(ctx, record, "id title due baseline_due completed state");
        ouse_set_bool(ctx, shown, "late", late);
        ouse_set_bool(ctx, shown, "done", milestone_done(ctx, record));
        ouse_set_or_null(ctx, shown, "owner", person(ctx, ouse_text(ctx, record, "owner")));
        ouse_add(ctx, list, shown);
        all->milestones++;
        all->late += late != 0;
    }
    ouse_sort(ctx, list, "due title");
    return list;
}

/* The short term first. */
static struct ouse_doc *workplans(struct timeline *all, struct ouse_str programme)
{
    static const char *const terms[] = {"short", "medium", "long"};
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *list = ouse_list(ctx);

    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        OUSE_EACH(ctx, record,
                  ouse_query(ctx, "workplans", "programme=%.*s&term=%s", OUSE_F(programme), terms[i])) {
            struct ouse_doc *shown = ouse_show(ctx, record, "id term title starts ends state");
            ouse_set(ctx, shown, "milestones", milestones(all, ouse_text(ctx, record, "id")));
            ouse_add(ctx, list, shown);
            all->workplans++;
        }
    return list;
}

static struct ouse_doc *programmes(struct timeline *all, struct ouse_str strategy)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, record, ouse_query(ctx, "programmes", "strategy=%.*s", OUSE_F(strategy))) {
        struct ouse_doc *shown = ouse_show(ctx, record, "id number title emphasis origin top_focus state");
        ouse_set_or_null(ctx, shown, "lead", person(ctx, ouse_text(ctx, record, "lead")));
        ouse_set(ctx, shown, "workplans", workplans(all, ouse_text(ctx, record, "id")));
        ouse_add(ctx, list, shown);
        all->programmes++;
    }
    ouse_sort(ctx, list, "number");
    return list;
}

/* Adds the milestones of a programme to a list: those that are late, or the others. */
static void add_milestones(struct ouse_ctx *ctx, struct ouse_doc *list, const struct ouse_doc *programme,
                           int late)
{
    const struct ouse_doc *plans = ouse_member(ctx, programme, "workplans");

    for (uint32_t i = 0; i < ouse_count(ctx, plans); i++) {
        const struct ouse_doc *milestones = ouse_member(ctx, ouse_at(ctx, plans, i), "milestones");
        for (uint32_t k = 0; k < ouse_count(ctx, milestones); k++) {
            struct ouse_doc *shown = ouse_copy(ctx, ouse_at(ctx, milestones, k));
            if ((ouse_number(ctx, shown, "late", 0) != 0) != late)
                continue;
            ouse_set_text(ctx, shown, "collection", ouse_s("milestones"));
            ouse_set(ctx, shown, "programme", ouse_show(ctx, programme, "id title"));
            ouse_add(ctx, list, shown);
        }
    }
}

/* Returns the milestones of all programmes by date: those that are late, or the others. */
static struct ouse_doc *list_milestones(struct ouse_ctx *ctx, const struct ouse_doc *programmes, int late)
{
    struct ouse_doc *list = ouse_list(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, programmes); i++)
        add_milestones(ctx, list, ouse_at(ctx, programmes, i), late);
    ouse_sort(ctx, list, "due title");
    return list;
}

static struct ouse_doc *counts(const struct timeline *all)
{
    struct ouse_doc *shown = ouse_object(all->ctx);

    ouse_set_number(all->ctx, shown, "programmes", all->programmes);
    ouse_set_number(all->ctx, shown, "workplans", all->workplans);
    ouse_set_number(all->ctx, shown, "milestones", all->milestones);
    ouse_set_number(all->ctx, shown, "late", all->late);
    return shown;
}

ouse_rc strategy_timeline(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct timeline all = {.ctx = ctx};
    const struct ouse_doc *decision =
        ouse_get(ctx, "decisions", ouse_text(ctx, request->record, "adopted_by"));
    struct ouse_doc *answer = ouse_object(ctx);

    ouse_set(
        ctx, answer, "strategy",
        ouse_show(ctx, request->record,
                  "id title short_title owner area horizon_starts horizon_ends horizon state supersedes"));
    ouse_set_or_null(ctx, answer, "decision", ouse_show(ctx, decision, "id title taken_on outcome"));
    ouse_set(ctx, answer, "programmes", programmes(&all, request->id));
    const struct ouse_doc *listed = ouse_member(ctx, answer, "programmes");
    ouse_set(ctx, answer, "late_milestones", list_milestones(ctx, listed, 1));
    ouse_set(ctx, answer, "other_milestones", list_milestones(ctx, listed, 0));
    ouse_set(ctx, answer, "counts", counts(&all));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}

/* ---- GET milestones/-/slippage ----------------------------------------- */

/* Returns the days from the first due date of a milestone until its completion or, as of a day, its
 * earliest possible completion; at most 0 if it is not late. A month or a year counts as its last
 * day. */
static int32_t days_late(struct ouse_ctx *ctx, const struct ouse_doc *milestone, int32_t on)
{
    struct ouse_str completed = ouse_text(ctx, milestone, "completed");
    int32_t first, baseline, due;

    if (ouse_is(ouse_text(ctx, milestone, "state"), "dropped") ||
        !ouse_span(ctx, ouse_text(ctx, milestone, "baseline_due"), &first, &baseline))
        return 0;
    if (ouse_span(ctx, completed, &first, &due))
        return due - baseline;
    if (!ouse_span(ctx, ouse_text(ctx, milestone, "due"), &first, &due))
        due = baseline;
    if (due < on && !ouse_is(ouse_text(ctx, milestone, "state"), "done"))
        due = on;
    return due - baseline;
}

static struct ouse_doc *programme_of(struct ouse_ctx *ctx, const struct ouse_doc *milestone)
{
    struct ouse_str workplan = ouse_reference_to(ouse_text(ctx, milestone, "of"), "workplans");
    struct ouse_str id = ouse_text(ctx, ouse_get(ctx, "workplans", workplan), "programme");

    return ouse_show(ctx, ouse_get(ctx, "programmes", id), "id title");
}

/* Returns all late milestones, with only the members for sorting. */
static struct ouse_doc *late_ones(struct ouse_ctx *ctx, int32_t on)
{
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, milestone, ouse_query(ctx, "milestones", NULL)) {
        int32_t days = days_late(ctx, milestone, on);
        if (days <= 0)
            continue;
        struct ouse_doc *late = ouse_pick(ctx, milestone, "id title");
        ouse_set_number(ctx, late, "days_late", days);
        ouse_add(ctx, list, late);
    }
    ouse_sort(ctx, list, "-days_late title id");
    return list;
}

ouse_rc milestones_slippage(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str asked = ouse_parameter(ctx, "on");
    struct ouse_doc *answer = ouse_object(ctx), *list = ouse_list(ctx);
    int32_t on = ouse_today(ctx), last;

    (void)request;
    ouse_span(ctx, asked, &on, &last);
    const struct ouse_doc *late = late_ones(ctx, on);
    for (uint32_t i = 0; i < ouse_count(ctx, late) && i < LISTED_MAX; i++) {
        const struct ouse_doc *row = ouse_at(ctx, late, i);
        const struct ouse_doc *milestone = ouse_get(ctx, "milestones", ouse_text(ctx, row, "id"));
        struct ouse_doc *shown = ouse_show(ctx, milestone, "id title of state baseline_due due completed");
        ouse_set(ctx, shown, "days_late", ouse_member(ctx, row, "days_late"));
        ouse_set_or_null(ctx, shown, "owner", person(ctx, ouse_text(ctx, milestone, "owner")));
        ouse_set_or_null(ctx, shown, "programme", programme_of(ctx, milestone));
        ouse_add(ctx, list, shown);
    }
    ouse_set_text(ctx, answer, "on", asked);
    ouse_set_number(ctx, answer, "count", ouse_count(ctx, late));
    ouse_set(ctx, answer, "milestones", list);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
