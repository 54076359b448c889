/* programmes: strategies, the work programmes that carry them out, and their results.
 *
 *     strategy ─┬─ challenges, assumptions
 *               └─ programmes ─┬─ workplans ── milestones
 *                              └─ indicators
 *
 * Invariants, beyond the rules of the tables:
 *   - a strategy in force was adopted by a decision, and is the only one of its
 *     owner and area: if it supersedes another, it ends that one in the same transaction;
 *   - it carries a warning exactly while it has no programmes;
 *   - a workplan is within the horizon of its strategy;
 *   - a milestone keeps the date for which it was first due.
 */
#include "programmes.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field strategy_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the strategy."},
    {.name = "short_title",
     .type = OUSE_TEXT,
     .flags = OUSE_SEARCHABLE,
     .max = 60,
     .doc = "The short form or initials that people use."},
    {.name = "owner",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .doc = "The organisation that owns the strategy.",
     .inverse = "Strategies"},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area that it serves.",
     .inverse = "Strategies"},
    {.name = "horizon_starts",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "First day, month or year that it covers."},
    {.name = "horizon_ends",
     .type = OUSE_PDATE,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .after = "horizon_starts",
     .doc = "Last day, month or year that it covers."},
    {.name = "horizon", .type = OUSE_QTY, .doc = "The length of that period, such as 15 years."},
    {.name = "purpose", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The aim of the strategy."},
    {.name = "designed_with",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "The groups that helped to design it."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "draft consultation published adopted in_implementation under_review superseded withdrawn",
     .doc = "The stage that it has reached."},
    {.name = "adopted_by",
     .type = OUSE_REF,
     .refers_to = "decisions@evidence",
     .title = "Decision",
     .doc = "The decision that adopted it.",
     .inverse = "Adopts"},
    {.name = "supersedes",
     .type = OUSE_REF,
     .refers_to = "strategies",
     .doc = "The strategy that it replaces.",
     .inverse = "Superseded by"},
    {.name = "document", .type = OUSE_URL, .doc = "The address where it can be read."},
};

static const struct ouse_move strategy_moves[] = {
    {.from = "draft", .to = "consultation", .title = "Consult", .doc = "Others are consulted."},
    {.from = "consultation", .to = "published", .title = "Publish", .doc = "Everyone can read it."},
    {.from = "published", .to = "adopted", .title = "Adopt", .doc = "Its owner has decided to follow it."},
    {.from = "adopted", .to = "in_implementation", .title = "Implement", .doc = "Its programmes have begun."},
    {.from = "in_implementation", .to = "under_review", .title = "Review", .doc = "It is under review."},
    {.from = "adopted in_implementation under_review",
     .to = "superseded",
     .title = "Supersede",
     .doc = "Another strategy has replaced it."},
    {.from = "draft consultation published adopted in_implementation under_review",
     .to = "withdrawn",
     .title = "Withdraw",
     .doc = "It is no longer followed."},
};

static const struct ouse_flow strategy_flows[] = {
    {.field = "state", .initial = "draft", .moves = OUSE_ROWS(strategy_moves)},
};

static const struct ouse_field challenge_fields[] = {
    {.name = "strategy",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "strategies",
     .on_delete = OUSE_CASCADE,
     .doc = "The strategy that names it.",
     .inverse = "Challenges"},
    {.name = "number",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .min = 1,
     .max = 999,
     .doc = "Its position among the challenges of the strategy."},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The challenge."},
};

static const struct ouse_field assumption_fields[] = {
    {.name = "strategy",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "strategies",
     .on_delete = OUSE_CASCADE,
     .doc = "The strategy that makes the assumption.",
     .inverse = "Assumptions"},
    {.name = "metric",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = 200,
     .doc = "The quantity, and its date."},
    {.name = "value", .type = OUSE_QTY, .flags = OUSE_REQUIRED, .doc = "The assumed value."},
    {.name = "basis", .type = OUSE_LONG, .doc = "The basis of the assumption."},
};

static const struct ouse_field programme_fields[] = {
    {.name = "strategy",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "strategies",
     .doc = "The strategy that it carries out.",
     .inverse = "Work programmes"},
    {.name = "number",
     .type = OUSE_INT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .min = 1,
     .max = 999,
     .doc = "Its position among the programmes of the strategy."},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the programme."},
    {.name = "emphasis", .type = OUSE_TEXT, .flags = OUSE_SEARCHABLE, .doc = "Its main emphasis."},
    {.name = "includes",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "Services that it covers, if the title does not name them."},
    {.name = "origin",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "refreshed new mixed",
     .doc = "Whether its work existed before."},
    {.name = "top_focus",
     .type = OUSE_BOOL,
     .flags = OUSE_INDEXED,
     .doc = "Whether it is a top priority of the strategy."},
    {.name = "lead",
     .type = OUSE_REF,
     .refers_to = "people@directory",
     .doc = "The person who leads it.",
     .inverse = "Leads"},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned active completed stopped",
     .doc = "The stage that it has reached."},
};

static const struct ouse_index programme_indexes[] = {
    {"number_in_strategy", "strategy number", OUSE_UNIQUE},
};

static const struct ouse_field workplan_fields[] = {
    {.name = "programme",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "programmes",
     .doc = "The programme of the workplan.",
     .inverse = "Workplans"},
    {.name = "term",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "short medium long",
     .doc = "The length of the term."},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the workplan."},
    OUSE_FIELDS_SPAN,
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned active completed stopped",
     .doc = "The stage that it has reached."},
};

static const struct ouse_move work_moves[] = {
    {.from = "planned", .to = "active", .title = "Start work", .doc = "It is under way."},
    {.from = "active", .to = "completed", .title = "Complete", .doc = "It has met its aim."},
    {.from = "planned active", .to = "stopped", .title = "Stop", .doc = "It is not continued."},
};

static const struct ouse_flow work_flows[] = {
    {.field = "state", .initial = "planned", .moves = OUSE_ROWS(work_moves)},
};

static const struct ouse_field milestone_fields[] = {
    {.name = "of",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "workplans mergers@services projects@hubs",
     .doc = "The workplan, merger or project of the milestone: \"workplans/…\", \"mergers/…\" or "
            "\"projects/…\".",
     .title = "Part of",
     .inverse = "Milestones"},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The goal to reach."},
    {.name = "due", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date by which it is due now."},
    {.name = "baseline_due",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED | OUSE_SYSTEM,
     .doc = "The date by which it was first due; set by the register."},
    {.name = "owner",
     .type = OUSE_REF,
     .refers_to = "people@directory",
     .doc = "The person who is responsible for it.",
     .inverse = "Answers for"},
    {.name = "completed",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "The date on which it was reached."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned on_track at_risk done dropped",
     .doc = "The status of the milestone."},
};

static const struct ouse_move milestone_moves[] = {
    {.from = "planned at_risk", .to = "on_track", .title = "On track", .doc = "It will be reached in time."},
    {.from = "planned on_track",
     .to = "at_risk",
     .title = "At risk",
     .doc = "It may not be reached in time."},
    {.from = "on_track at_risk", .to = "done", .title = "Done", .doc = "It has been reached."},
    {.from = "planned on_track at_risk", .to = "dropped", .title = "Drop", .doc = "It is no longer pursued."},
};

static const struct ouse_flow milestone_flows[] = {
    {.field = "state", .initial = "planned", .moves = OUSE_ROWS(milestone_moves)},
};

static ouse_rc derive_late(struct ouse_ctx *ctx, struct ouse_doc *milestone)
{
    ouse_set_bool(ctx, milestone, "late", milestone_late(ctx, milestone));
    return OUSE_OK;
}

static const struct ouse_derived milestone_derived[] = {
    {"late", OUSE_BOOL, derive_late, "Whether its due date has passed and it is neither done nor dropped."},
};

static const struct ouse_field indicator_fields[] = {
    {.name = "programme",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "programmes",
     .doc = "The programme of the indicator.",
     .inverse = "Indicators"},
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "The quantity that is measured."},
    {.name = "unit", .type = OUSE_TEXT, .max = 40, .doc = "The unit of the observations."},
    {.name = "baseline", .type = OUSE_QTY, .doc = "The value when the programme began."},
    {.name = "target", .type = OUSE_QTY, .doc = "The target value."},
    {.name = "observations", .type = OUSE_SERIES, .doc = "The measurements, by date."},
};

static const struct ouse_collection collections[] = {
    {.name = "strategies",
     .singular = "strategy",
     .doc = "Long-term plans of health services, and the decisions that adopted them.",
     .version = 1,
     .label_field = "title",
     .context = "owner",
     .subject = "Plans",
     .subject_order = 7,
     .fields = OUSE_ROWS(strategy_fields),
     .flows = OUSE_ROWS(strategy_flows)},
    {.name = "challenges",
     .singular = "challenge",
     .doc = "Difficulties that a strategy expects.",
     .version = 1,
     .label_field = "title",
     .parent = "strategy",
     .context = "strategy",
     .fields = OUSE_ROWS(challenge_fields)},
    {.name = "assumptions",
     .singular = "assumption",
     .doc = "Figures that a strategy assumes.",
     .version = 1,
     .label_field = "metric",
     .parent = "strategy",
     .context = "strategy",
     .fields = OUSE_ROWS(assumption_fields)},
    {.name = "programmes",
     .singular = "programme",
     .title = "Work programmes",
     .doc = "The work programmes that carry out a strategy.",
     .version = 1,
     .label_field = "title",
     .parent = "strategy",
     .context = "strategy",
     .fields = OUSE_ROWS(programme_fields),
     .indexes = OUSE_ROWS(programme_indexes),
     .flows = OUSE_ROWS(work_flows)},
    {.name = "workplans",
     .singular = "workplan",
     .doc = "The work of a programme over a short, medium or long term.",
     .version = 1,
     .label_field = "title programme term",
     .parent = "programme",
     .context = "programme",
     .fields = OUSE_ROWS(workplan_fields),
     .flows = OUSE_ROWS(work_flows)},
    {.name = "milestones",
     .singular = "milestone",
     .doc = "Steps of workplans, mergers and projects, with the dates on which they are due.",
     .version = 1,
     .label_field = "title",
     .parent = "of",
     .context = "of",
     .fields = OUSE_ROWS(milestone_fields),
     .flows = OUSE_ROWS(milestone_flows),
     .derived = OUSE_ROWS(milestone_derived)},
    {.name = "indicators",
     .singular = "indicator",
     .doc = "Measurements that show the effect of a programme.",
     .version = 1,
     .label_field = "name",
     .parent = "programme",
     .context = "programme",
     .fields = OUSE_ROWS(indicator_fields)},
};

/* ---- Rules of strategies ----------------------------------------------- */

static int in_force(struct ouse_ctx *ctx, const struct ouse_doc *strategy)
{
    return ouse_is_one(ouse_text(ctx, strategy, "state"), "adopted in_implementation");
}

static int decided(struct ouse_ctx *ctx, const struct ouse_doc *strategy)
{
    return ouse_is_one(ouse_text(ctx, strategy, "state"), "adopted in_implementation under_review");
}

static ouse_rc check_strategy(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (decided(ctx, change->after) && !ouse_member(ctx, change->after, "adopted_by"))
        return ouse_fail(
            ctx, OUSE_E_INVALID, "/adopted_by", "decision_required",
            "A strategy that is %.*s must have been adopted by a decision; name it in adopted_by",
            OUSE_F(ouse_text(ctx, change->after, "state")));
    if (in_force(ctx, change->after) &&
        !ouse_next(ctx, ouse_query(ctx, "programmes", "strategy=%.*s", OUSE_F(change->id))))
        ouse_warn(ctx, "", "no_programmes", "The strategy is %.*s but has no programmes to carry it out",
                  OUSE_F(ouse_text(ctx, change->after, "state")));
    return OUSE_OK;
}

static ouse_rc end(struct ouse_ctx *ctx, struct ouse_str strategy)
{
    if (!decided(ctx, ouse_get(ctx, "strategies", strategy)))
        return OUSE_OK;
    return ouse_move(ctx, "strategies", strategy, "state", "superseded", NULL);
}

/* Ends the strategy that a strategy in force supersedes, whichever of the two is written last. */
static ouse_rc supersede(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    OUSE_EACH(ctx, newer, ouse_query(ctx, "strategies", "supersedes=%.*s", OUSE_F(change->id)))
        if (in_force(ctx, newer))
            return end(ctx, change->id);
    return in_force(ctx, change->after) ? end(ctx, ouse_text(ctx, change->after, "supersedes")) : OUSE_OK;
}

static void recheck_workplans(struct ouse_ctx *ctx, struct ouse_str programme)
{
    OUSE_EACH(ctx, workplan, ouse_query(ctx, "workplans", "programme=%.*s", OUSE_F(programme)))
        ouse_recheck(ctx, "workplans", ouse_text(ctx, workplan, "id"));
}

static ouse_rc follow_strategy(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_differs(ctx, change->before, change->after, "horizon_starts") ||
        ouse_differs(ctx, change->before, change->after, "horizon_ends"))
        OUSE_EACH(ctx, programme, ouse_query(ctx, "programmes", "strategy=%.*s", OUSE_F(change->id)))
            recheck_workplans(ctx, ouse_text(ctx, programme, "id"));
    return supersede(ctx, change);
}

static ouse_rc settle_strategy(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str owner = ouse_text(ctx, change->after, "owner");

    if (!in_force(ctx, change->after))
        return OUSE_OK;
    OUSE_EACH(ctx, other, ouse_query(ctx, "strategies", "owner=%.*s", OUSE_F(owner))) {
        struct ouse_str id = ouse_text(ctx, other, "id");
        if (ouse_same(id, change->id) || !in_force(ctx, other) ||
            ouse_differs(ctx, change->after, other, "area"))
            continue;
        return ouse_fail(
            ctx, OUSE_E_CONFLICT, "/state", "already_one",
            "strategies/%.*s of the same owner and area is %.*s; supersede or withdraw it first, "
            "or name it in supersedes",
            OUSE_F(id), OUSE_F(ouse_text(ctx, other, "state")));
    }
    return OUSE_OK;
}

/* ---- Rules of programmes and workplans --------------------------------- */

static ouse_rc follow_programme(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (!ouse_differs(ctx, change->before, change->after, "strategy"))
        return OUSE_OK;
    ouse_recheck(ctx, "strategies", ouse_text(ctx, change->before, "strategy"));
    ouse_recheck(ctx, "strategies", ouse_text(ctx, change->after, "strategy"));
    recheck_workplans(ctx, change->id);
    return OUSE_OK;
}

static ouse_rc settle_workplan(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    static const struct {
        const char *field, *bound;
        int at_end;
        const char *text;
    } limits[] = {
        {"starts", "horizon_starts", 0, "starts before the horizon of its strategy does"},
        {"starts", "horizon_ends", 1, "starts after the horizon of its strategy has ended"},
        {"ends", "horizon_starts", 0, "ends before the horizon of its strategy starts"},
        {"ends", "horizon_ends", 1, "ends after the horizon of its strategy does"},
    };
    const struct ouse_doc *programme =
        ouse_get(ctx, "programmes", ouse_text(ctx, change->after, "programme"));
    const struct ouse_doc *strategy = ouse_get(ctx, "strategies", ouse_text(ctx, programme, "strategy"));
    ouse_rc rc = OUSE_OK;

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct ouse_str date = ouse_text(ctx, change->after, limits[i].field);
        struct ouse_str bound = ouse_text(ctx, strategy, limits[i].bound);
        if (limits[i].at_end ? ouse_before(ctx, bound, date) : ouse_before(ctx, date, bound))
            rc = ouse_fail(ctx, OUSE_E_INVALID, ouse_format(ctx, "/%s", limits[i].field).p, "outside_horizon",
                           "workplans/%.*s %s (%.*s; the strategy: %.*s)", OUSE_F(change->id), limits[i].text,
                           OUSE_F(date), OUSE_F(bound));
    }
    return rc;
}

/* ---- Rules of milestones ----------------------------------------------- */

static ouse_rc fill_milestone(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (!ouse_member(ctx, change->after, "baseline_due"))
        ouse_set(ctx, change->after, "baseline_due", ouse_member(ctx, change->after, "due"));
    return OUSE_OK;
}

int milestone_done(struct ouse_ctx *ctx, const struct ouse_doc *milestone)
{
    return ouse_is(ouse_text(ctx, milestone, "state"), "done") ||
           ouse_member(ctx, milestone, "completed") != NULL;
}

int milestone_late(struct ouse_ctx *ctx, const struct ouse_doc *milestone)
{
    int32_t first, last;

    return !milestone_done(ctx, milestone) && !ouse_is(ouse_text(ctx, milestone, "state"), "dropped") &&
           ouse_span(ctx, ouse_text(ctx, milestone, "due"), &first, &last) && last < ouse_today(ctx);
}

static const struct ouse_hook hooks[] = {
    {.collection = "strategies",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_strategy},
    {.collection = "strategies",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_strategy},
    {.collection = "strategies",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_strategy},
    {.collection = "programmes",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_programme},
    {.collection = "workplans",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_workplan},
    {.collection = "milestones",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = fill_milestone},
};

/* ---- The plugin -------------------------------------------------------- */

static const struct ouse_parameter slippage_parameters[] = {
    {.name = "on", .type = OUSE_DATE, .doc = "The day of the report; today by default."},
};

static const char timeline_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "strategy": {"type": "object", "required": ["id", "title"]},
        "decision": {"type": ["object", "null"]},
        "programmes": {"type": "array", "items": {"type": "object", "required": ["id", "title", "lead", "workplans"]}},
        "late_milestones": {"type": "array", "items": {"type": "object", "required": ["id", "title", "due", "state", "late", "owner", "programme"]}},
        "other_milestones": {"type": "array", "items": {"type": "object", "required": ["id", "title", "due", "state", "late", "owner", "programme"]}},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}}
    },
    "required": ["strategy", "decision", "programmes", "late_milestones", "other_milestones", "counts"],
    "x-charts": [{
        "kind": "timeline", "title": "Programmes, their workplans and milestones", "rows": "programmes", "label": "title",
        "children": "workplans", "from": "starts", "to": "ends", "marks": "milestones", "on": "due", "late": "late", "done": "done"
    }]
});

static const char slippage_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "on": {"type": ["string", "null"]},
        "count": {"type": "integer"},
        "milestones": {"type": "array", "items": {"type": "object", "required": ["id", "title", "days_late", "owner", "programme"]}}
    },
    "required": ["on", "count", "milestones"]
});

static const char trend_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "indicator": {"type": "object", "required": ["id", "name", "unit", "programme"]},
        "baseline": {"type": ["object", "null"]},
        "target": {"type": ["object", "null"]},
        "observations": {"type": "array", "items": {"type": "object", "required": ["on", "value"]}},
        "last": {"type": ["object", "null"]},
        "change": {"type": ["number", "null"], "description": "From the baseline to the last observation."},
        "share": {
            "type": ["number", "null"],
            "description": "Share of the way from baseline to target: 1 is the target, more is beyond it, below 0 is the other direction."
        },
        "in_words": {
            "type": "object",
            "properties": {"change": {"type": ["string", "null"]}, "share": {"type": ["string", "null"]}},
            "required": ["change", "share"]
        }
    },
    "required": ["indicator", "baseline", "target", "observations", "last", "change", "share", "in_words"],
    "x-charts": [{
        "kind": "line", "title": "Trend", "rows": "observations", "label": "on", "series": {"value": "Value"},
        "from": "baseline", "to": "target", "unit_of": "indicator.unit"
    }]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "strategies/{id}/timeline",
     .access = OUSE_READ,
     .fn = strategy_timeline,
     .summary = "The programmes of a strategy, their workplans, and the milestones of these",
     .reply_schema = timeline_reply},
    {.method = "GET",
     .path = "milestones/-/slippage",
     .access = OUSE_READ,
     .fn = milestones_slippage,
     .summary = "Milestones that are later than first planned, the latest first",
     .parameters = OUSE_ROWS(slippage_parameters),
     .reply_schema = slippage_reply},
    {.method = "GET",
     .path = "indicators/{id}/trend",
     .access = OUSE_READ,
     .fn = indicator_trend,
     .summary = "The trend of an indicator, from its baseline towards its target",
     .reply_schema = trend_reply},
};

OUSE_PLUGIN(.name = "programmes", .version = "1.0.0", .title = "Strategies and programmes",
            .doc = "Strategies, their work programmes, workplans, milestones and indicators.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks))
