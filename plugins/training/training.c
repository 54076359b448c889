/* training: training schemes, their cohorts, and the people who take part.
 *
 *     scheme ── cohorts ── expressions
 *
 * Invariants, beyond the rules of the tables:
 *   - the dates of a cohort are in chronological order;
 *   - `taken` is the number of accepted expressions of interest in a cohort, and at the end of
 *     every change set does not exceed its places, if these are known;
 *   - a cohort is not open while its scheme is a draft.
 *
 * Whether a cohort is open is computed at each read and not stored. */
#include "training.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field scheme_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title of the scheme."},
    {.name = "provider",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that provides the training.",
     .inverse = "Training"},
    {.name = "of",
     .type = OUSE_REF,
     .refers_to = "hubs@hubs clusters@clusters",
     .doc = "The hub or cluster that it is part of: \"hubs/…\" or \"clusters/…\".",
     .title = "Part of",
     .inverse = "Training"},
    {.name = "audience",
     .type = OUSE_LIST,
     .flags = OUSE_INDEXED,
     .choices = "gp nurse pharmacist dentist optometrist community_professional student staff any",
     .doc = "The professions that it is for."},
    {.name = "aim",
     .type = OUSE_LONG,
     .flags = OUSE_SEARCHABLE,
     .doc = "The skills that participants will gain."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "fellowship mentoring short_course placement funded_time academic_opportunity",
     .doc = "The kind of training."},
    {.name = "cost",
     .type = OUSE_MONEY,
     .max = 100000000,
     .doc = "The cost of a place for the participant; 0 if it is free."},
    {OUSE_FIELD_CURRENCY},
    {.name = "funded", .type = OUSE_BOOL, .doc = "Whether the time of participants is paid for."},
    {.name = "how_to_apply", .type = OUSE_URL, .doc = "The address for applications."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "draft published retired",
     .doc = "Whether it is a draft, published or retired."},
};

static const struct ouse_move scheme_moves[] = {
    {.from = "draft", .to = "published", .title = "Publish", .doc = "Its cohorts can open."},
    {.from = "published", .to = "retired", .title = "Retire", .doc = "It is no longer offered."},
};

static const struct ouse_flow scheme_flows[] = {
    {.field = "state", .initial = "draft", .moves = OUSE_ROWS(scheme_moves)},
};

static const struct ouse_field cohort_fields[] = {
    {.name = "scheme",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "schemes",
     .doc = "The scheme of the cohort.",
     .inverse = "Dates"},
    {.name = "opens", .type = OUSE_DATE, .flags = OUSE_INDEXED, .doc = "First day for applications."},
    {.name = "closes", .type = OUSE_DATE, .flags = OUSE_INDEXED, .doc = "Last day for applications."},
    {.name = "starts", .type = OUSE_DATE, .flags = OUSE_INDEXED, .doc = "First day of the training."},
    {.name = "ends", .type = OUSE_DATE, .flags = OUSE_INDEXED, .doc = "Last day of the training."},
    {.name = "places",
     .type = OUSE_INT,
     .min = 1,
     .max = 100000,
     .doc = "The number of places; empty if there is no limit."},
    {.name = "taken",
     .type = OUSE_INT,
     .flags = OUSE_SYSTEM,
     .dflt = "0",
     .doc = "The number of places taken: the accepted expressions of interest, counted by the register."},
    {.name = "mode",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "in_person online mixed",
     .doc = "Whether it takes place in person, online or both."},
    {.name = "venue",
     .type = OUSE_REF,
     .refers_to = "sites@directory",
     .doc = "The site of the training.",
     .inverse = "Training here"},
    {.name = "prerequisites", .type = OUSE_LIST, .max = 50, .doc = "The requirements for participants."},
    {.name = "cancelled", .type = OUSE_BOOL, .doc = "Whether it has been cancelled."},
};

static ouse_rc derive_availability(struct ouse_ctx *ctx, struct ouse_doc *cohort)
{
    const struct ouse_doc *scheme = ouse_get(ctx, "schemes", ouse_text(ctx, cohort, "scheme"));
    const char *availability = cohort_availability(ctx, cohort, scheme, ouse_today(ctx));

    ouse_set_text(ctx, cohort, "availability", ouse_s(availability));
    return OUSE_OK;
}

static const struct ouse_derived cohort_derived[] = {
    {"availability", OUSE_ENUM, derive_availability,
     "Planned, open, full, closed, running, completed or cancelled, by its dates and places."},
};

static const struct ouse_field expression_fields[] = {
    {.name = "cohort",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "cohorts",
     .doc = "The cohort that the person is interested in.",
     .inverse = "Expressions of interest"},
    {.name = "name", .type = OUSE_TEXT, .flags = OUSE_REQUIRED, .max = 200, .doc = "Who would."},
    {.name = "contact",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED,
     .max = 254,
     .doc = "A way to reply: an e-mail address or telephone number."},
    {.name = "profession", .type = OUSE_TEXT, .max = 200, .doc = "The profession of the person."},
    {.name = "practice", .type = OUSE_TEXT, .max = 200, .doc = "The workplace of the person."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "submitted offered accepted declined withdrawn",
     .doc = "The result of the expression of interest."},
};

static const struct ouse_move expression_moves[] = {
    {.from = "submitted", .to = "offered", .title = "Offer", .doc = "A place was offered."},
    {.from = "offered", .to = "accepted", .title = "Accept", .doc = "The place is taken."},
    {.from = "submitted offered", .to = "declined", .title = "Decline", .doc = "It was declined."},
    {.from = "submitted offered accepted",
     .to = "withdrawn",
     .title = "Withdraw",
     .doc = "The person no longer wants to take part; a place that was taken is free again."},
};

static const struct ouse_flow expression_flows[] = {
    {.field = "state", .initial = "submitted", .moves = OUSE_ROWS(expression_moves)},
};

/* The id of an expression of interest is made from the cohort: an id made from the name would
 * reveal to a stranger the names of others. */
static const struct ouse_collection collections[] = {
    {.name = "schemes",
     .singular = "scheme",
     .title = "Training schemes",
     .doc = "Training that is offered: courses, fellowships, mentoring and the like.",
     .version = 1,
     .label_field = "title",
     .context = "provider",
     .fields = OUSE_ROWS(scheme_fields),
     .flows = OUSE_ROWS(scheme_flows)},
    {.name = "cohorts",
     .singular = "cohort",
     .doc = "Dates on which a scheme takes place.",
     .version = 1,
     .label_field = "scheme starts",
     .parent = "scheme",
     .context = "starts",
     .subject = "Training",
     .subject_order = 8,
     .fields = OUSE_ROWS(cohort_fields),
     .derived = OUSE_ROWS(cohort_derived)},
    {.name = "expressions",
     .singular = "expression",
     .title = "Expressions of interest",
     .was = "interests",
     .doc = "People who are interested in a cohort. Anyone can create one; only the office sees them.",
     .version = 1,
     .flags = OUSE_OPEN_CREATE,
     .visibility = OUSE_OFFICE,
     .label_field = "cohort",
     .fields = OUSE_ROWS(expression_fields),
     .flows = OUSE_ROWS(expression_flows)},
};

/* ---- How far a cohort has come ----------------------------------------- */

/* Returns the day of a date field; `unknown` if it is missing. */
static int32_t day(struct ouse_ctx *ctx, const struct ouse_doc *cohort, const char *field, int32_t unknown)
{
    int32_t last;

    ouse_span(ctx, ouse_text(ctx, cohort, field), &unknown, &last);
    return unknown;
}

static int is_full(struct ouse_ctx *ctx, const struct ouse_doc *cohort)
{
    return ouse_number(ctx, cohort, "taken", 0) >= ouse_number(ctx, cohort, "places", INT32_MAX);
}

const char *cohort_availability(struct ouse_ctx *ctx, const struct ouse_doc *cohort,
                                const struct ouse_doc *scheme, int32_t on)
{
    struct ouse_str state = ouse_text(ctx, scheme, "state");
    const struct {
        const char *availability;
        int holds;
    } from_last[] = {
        {"cancelled", ouse_number(ctx, cohort, "cancelled", 0) != 0},
        {"completed", day(ctx, cohort, "ends", INT32_MAX) < on},
        {"running", day(ctx, cohort, "starts", INT32_MAX) <= on},
        {"closed", day(ctx, cohort, "closes", INT32_MAX) < on || ouse_is(state, "retired")},
        {"planned", day(ctx, cohort, "opens", INT32_MAX) > on || !ouse_is(state, "published")},
        {"full", is_full(ctx, cohort)},
        {"open", 1},
    };
    size_t i = 0;

    while (!from_last[i].holds)
        i++;
    return from_last[i].availability;
}

/* ---- Rules of cohorts -------------------------------------------------- */

/* Checks the order of the dates; skips unknown ones. */
static ouse_rc check_cohort(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    static const char *const order[] = {"opens", "closes", "starts", "ends"};
    const struct ouse_doc *cohort = change->after;
    const char *known = order[0];
    ouse_rc rc = OUSE_OK;

    for (size_t i = 1; i < sizeof order / sizeof order[0]; i++) {
        int32_t here = day(ctx, cohort, order[i], INT32_MAX);
        if (here < day(ctx, cohort, known, INT32_MIN))
            rc = ouse_fail(ctx, OUSE_E_INVALID, ouse_format(ctx, "/%s", order[i]).p, "before",
                           "must not be before %s, which is %.*s; got %.*s", known,
                           OUSE_F(ouse_text(ctx, cohort, known)), OUSE_F(ouse_text(ctx, cohort, order[i])));
        if (here != INT32_MAX)
            known = order[i];
    }
    return rc;
}

/* Checks a cohort of a draft on the day of the write. If the scheme is still a draft later, the
 * cohort stays planned. */
static ouse_rc settle_draft(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str id = ouse_text(ctx, change->after, "scheme");

    if (!ouse_differs(ctx, change->before, change->after, "opens") &&
        !ouse_differs(ctx, change->before, change->after, "scheme"))
        return OUSE_OK;
    if (!ouse_is(ouse_text(ctx, ouse_get(ctx, "schemes", id), "state"), "draft") ||
        day(ctx, change->after, "opens", INT32_MAX) > ouse_today(ctx))
        return OUSE_OK;
    return ouse_fail(
        ctx, OUSE_E_INVALID, "/opens", "draft_scheme",
        "schemes/%.*s is a draft, and its cohorts do not open; publish it first, or give a day to "
        "come instead of %.*s",
        OUSE_F(id), OUSE_F(ouse_text(ctx, change->after, "opens")));
}

/* Counts the places that are taken, once for all that the change set did to them. */
static ouse_rc settle_places(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    double places = ouse_number(ctx, change->after, "places", INT32_MAX), taken = 0;
    struct ouse_doc *counted = ouse_object(ctx);

    OUSE_EACH(ctx, expression,
              ouse_query(ctx, "expressions", "cohort=%.*s&state=accepted", OUSE_F(change->id)))
        taken++;
    if (taken > places)
        return ouse_fail(ctx, OUSE_E_CONFLICT, "", "full",
                         "cohorts/%.*s has %.0f %s, and this would take %.0f", OUSE_F(change->id), places,
                         places == 1 ? "place" : "places", taken);
    if (taken == ouse_number(ctx, change->after, "taken", -1))
        return OUSE_OK;
    ouse_set_number(ctx, counted, "taken", taken);
    return ouse_patch(ctx, "cohorts", change->id, counted);
}

static ouse_rc settle_cohort(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_rc rc = settle_draft(ctx, change);

    return rc ? rc : settle_places(ctx, change);
}

static ouse_rc follow_expression(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_recheck(ctx, "cohorts", ouse_text(ctx, change->before, "cohort"));
    ouse_recheck(ctx, "cohorts", ouse_text(ctx, change->after, "cohort"));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "cohorts",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_cohort},
    {.collection = "cohorts",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_cohort},
    {.collection = "expressions",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_expression},
};

/* ---- The plugin -------------------------------------------------------- */

static const struct ouse_parameter open_parameters[] = {
    {.name = "audience",
     .type = OUSE_ENUM,
     .choices = "gp nurse pharmacist dentist optometrist community_professional student staff any",
     .doc = "Only schemes for this profession, or for any."},
    {.name = "area", .type = OUSE_REF, .doc = "Only cohorts for this area, or for an overlapping one."},
    {.name = "on", .type = OUSE_DATE, .doc = "Cohorts that are open on this day; today by default."},
};

static const char open_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "on": {"type": ["string", "null"]},
        "audience": {"type": ["string", "null"]},
        "area": {"type": ["string", "null"]},
        "count": {"type": "integer"},
        "cohorts": {"type": "array", "items": {"type": "object", "required": ["id", "closes", "scheme", "venue"]}}
    },
    "required": ["on", "audience", "area", "count", "cohorts"]
});

/* POST /apply: receives the form of a page. Errors use the words of the form. */
static ouse_rc apply(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    static const struct {
        const char *name, *missing; /* NULL: it may be missing */
    } inputs[] = {{"cohort", "Choose a course"},
                  {"name", "Enter your name"},
                  {"contact", "Enter an e-mail address or telephone number, so that we can reply"},
                  {"profession", NULL},
                  {"practice", NULL}};
    struct ouse_doc *record = ouse_object(ctx);
    struct ouse_str cohort = ouse_text(ctx, request->body, "cohort");
    ouse_rc rc = OUSE_OK;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct ouse_str value = ouse_text(ctx, request->body, inputs[i].name);
        if (value.n)
            ouse_set_text(ctx, record, inputs[i].name, value);
        else if (inputs[i].missing)
            rc = ouse_fail(ctx, OUSE_E_INVALID, inputs[i].name, "required", "%s", inputs[i].missing);
    }
    if (!rc)
        rc = ouse_create(ctx, "expressions", ouse_s(NULL), record, NULL);
    if (rc)
        return rc;
    ouse_reply_status(ctx, 303, NULL);
    ouse_reply_header(ctx, "Location", ouse_format(ctx, "cohorts/%.*s/applied", OUSE_F(cohort)));
    return OUSE_OK;
}

static const struct ouse_route routes[] = {
    {.method = "POST",
     .path = "/apply",
     .access = OUSE_WRITE,
     .fn = apply,
     .summary = "Expresses interest in a cohort, by the form of its page"},
    {.method = "GET",
     .path = "cohorts/-/open",
     .access = OUSE_READ,
     .fn = cohorts_open,
     .flags = OUSE_MAIN_PAGE,
     .summary = "Cohorts that are open for applications, those that close first at the top",
     .parameters = OUSE_ROWS(open_parameters),
     .reply_schema = open_reply},
};

OUSE_PLUGIN(.name = "training", .version = "1.0.0", .title = "Training",
            .doc = "Training schemes, their cohorts, and expressions of interest.", .needs = "directory>=1",
            .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections), .routes = OUSE_ROWS(routes),
            .hooks = OUSE_ROWS(hooks))
