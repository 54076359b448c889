/* hubs: research hubs, with their partners, pillars, projects and deliverables.
 *
 *     hub ─┬─ partners ── organisations
 *          └─ pillars ── projects ─┬─ leads, investigators (people)
 *                                  └─ deliverables
 *
 * A project without a pillar is a study outside a hub.
 *
 * Invariants, beyond the rules of the tables:
 *   - a project past its proposal has a lead; a completed one without a lead, which
 *     may be history, carries a warning instead;
 *   - a hub at work carries a warning exactly while it has no host, or no
 *     director, and a project exactly while its dates leave the hub's.
 */
#include "hubs.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field hub_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the hub."},
    {.name = "aliases",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .title = "Also known as",
     .doc = "Other names and spellings."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "research_hub research_innovation_hub",
     .doc = "Whether it does research, or research and innovation."},
    {.name = "purpose", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "What it is there for."},
    {.name = "themes",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "The health problems and questions that it works on."},
    {.name = "settings",
     .type = OUSE_LIST,
     .flags = OUSE_INDEXED,
     .choices = "general_practice pharmacy dental optometry community social_care hospital",
     .title = "Care settings",
     .doc = "The parts of health and care that its work takes place in."},
    {.name = "works_with",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "Groups of people it works with, who are not partners by name."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "proposed awarded established launched active closing closed abandoned",
     .doc = "How far it has come.",
     .title = "Stage"},
    {.name = "announced", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "When it was made public."},
    {.name = "launched", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "When its launch was held."},
    {.name = "starts",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "First day, month or year of its work."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year of its work."},
    {.name = "duration", .type = OUSE_QTY, .doc = "How long it is to run, such as three years."},
    {.name = "host",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that runs it and employs its staff.",
     .inverse = "Hosts"},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area whose people it is for.",
     .inverse = "Hubs"},
};

static const struct ouse_move hub_moves[] = {
    {.from = "proposed", .to = "awarded", .title = "Award", .doc = "Its funding has been granted."},
    {.from = "awarded",
     .to = "established",
     .title = "Establish",
     .doc = "It exists, with a host and staff."},
    {.from = "established",
     .to = "launched",
     .title = "Launch",
     .doc = "It has been presented to the public."},
    {.from = "launched", .to = "active", .title = "Start work", .doc = "Its projects are under way."},
    {.from = "active", .to = "closing", .title = "Wind down", .doc = "It takes on nothing new."},
    {.from = "closing", .to = "closed", .title = "Close", .doc = "Its work has ended."},
    {.from = "proposed awarded established",
     .to = "abandoned",
     .title = "Abandon",
     .doc = "It will not come about."},
};

static const struct ouse_flow hub_flows[] = {
    {.field = "state", .initial = "proposed", .moves = OUSE_ROWS(hub_moves)},
};

static const struct ouse_field partner_fields[] = {
    {.name = "hub",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "hubs",
     .on_delete = OUSE_CASCADE,
     .doc = "The hub that it takes part in.",
     .inverse = "Partners"},
    {.name = "organisation",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .doc = "The organisation that takes part.",
     .inverse = "Takes part in"},
    {.name = "role",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "host lead partner collaborator contributor",
     .doc = "What it is to the hub.",
     .title = "Part"},
    {.name = "starts", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "First day, month or year."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year."},
};

static const struct ouse_field pillar_fields[] = {
    {.name = "hub",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "hubs",
     .doc = "The hub it belongs to.",
     .inverse = "Pillars"},
    {.name = "number",
     .type = OUSE_INT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .min = 1,
     .max = 999,
     .doc = "Its place among the pillars of the hub."},
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the pillar."},
    {.name = "year", .type = OUSE_TEXT, .max = 100, .doc = "The year of the hub that it is a priority of."},
    {.name = "summary", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "What it is about."},
};

static const struct ouse_index pillar_indexes[] = {
    {"number_in_hub", "hub number", OUSE_UNIQUE},
};

static const struct ouse_field project_fields[] = {
    {.name = "pillar",
     .type = OUSE_REF,
     .refers_to = "pillars",
     .doc = "The pillar of a hub that it belongs to; a study outside a hub has none.",
     .inverse = "Projects"},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "Title, up to the colon."},
    {.name = "subtitle",
     .type = OUSE_TEXT,
     .flags = OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "What follows the colon."},
    OUSE_FIELD_RESEARCH_IDENTIFIERS,
    {.name = "summary", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "What it does, in plain words."},
    {.name = "leads",
     .type = OUSE_REFS,
     .refers_to = "people@directory",
     .doc = "Those who lead it, in the order in which they are named.",
     .inverse = "Leads"},
    {.name = "beneficiaries",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "The people whom it is meant to help."},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area that it takes place in.",
     .inverse = "Projects"},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "proposed confirmed recruiting active paused reporting completed withdrawn",
     .doc = "How far it has come.",
     .title = "Stage"},
    {.name = "starts", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "First day, month or year."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year."},
    {.name = "sponsor",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that is responsible for the conduct of a study.",
     .inverse = "Sponsors"},
    {.name = "funders",
     .type = OUSE_REFS,
     .refers_to = "organisations@directory",
     .doc = "The organisations that pay for it.",
     .title = "Paid by",
     .inverse = "Pays for"},
    {.name = "recruitment",
     .type = OUSE_SERIES,
     .doc = "How many people had joined the study in all, and when they were counted."},
};

static const struct ouse_move project_moves[] = {
    {.from = "proposed", .to = "confirmed", .title = "Confirm", .doc = "It will be done; it has a lead."},
    {.from = "confirmed", .to = "recruiting", .title = "Recruit", .doc = "It looks for people to take part."},
    {.from = "recruiting", .to = "active", .title = "Start work", .doc = "Its work is under way."},
    {.from = "active", .to = "paused", .title = "Pause", .doc = "Its work rests."},
    {.from = "paused", .to = "active", .title = "Resume", .doc = "Its work goes on."},
    {.from = "active", .to = "reporting", .title = "Report", .doc = "Its results are being written up."},
    {.from = "reporting", .to = "completed", .title = "Complete", .doc = "Its results are out."},
    {.from = "proposed confirmed recruiting active paused reporting",
     .to = "withdrawn",
     .title = "Withdraw",
     .doc = "It will not be done, or not be finished."},
};

static const struct ouse_flow project_flows[] = {
    {.field = "state", .initial = "proposed", .moves = OUSE_ROWS(project_moves)},
};

static const struct ouse_field investigator_fields[] = {
    {.name = "project",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "projects",
     .on_delete = OUSE_CASCADE,
     .doc = "The project or study.",
     .inverse = "People who work on it"},
    {.name = "person",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "people@directory",
     .doc = "The person who works on it.",
     .inverse = "Works on"},
    {.name = "role",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "chief_investigator joint_lead principal_investigator co_investigator collaborator other",
     .doc = "The part that the person has in it."},
    {.name = "starts",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "First day, month or year in the role."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year in the role."},
};

static const struct ouse_field deliverable_fields[] = {
    {.name = "project",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "projects",
     .doc = "The project that owes it.",
     .inverse = "Delivers"},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "What is to be delivered."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "mapping_study evaluation intervention report other",
     .doc = "What sort of result it is."},
    {.name = "due", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "When it is to be delivered."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned delivered dropped",
     .doc = "Whether it is out.",
     .title = "Stage"},
};

static const struct ouse_move deliverable_moves[] = {
    {.from = "planned", .to = "delivered", .title = "Deliver", .doc = "It has been handed over."},
    {.from = "planned", .to = "dropped", .title = "Drop", .doc = "It will not come."},
};

static const struct ouse_flow deliverable_flows[] = {
    {.field = "state", .initial = "planned", .moves = OUSE_ROWS(deliverable_moves)},
};

static const struct ouse_collection collections[] = {
    {.name = "hubs",
     .singular = "hub",
     .doc = "Partnerships that do health research for the people of an area.",
     .version = 1,
     .label_field = "name",
     .context = "kind",
     .subject = "Hubs",
     .subject_order = 1,
     .fields = OUSE_ROWS(hub_fields),
     .flows = OUSE_ROWS(hub_flows)},
    {.name = "partners",
     .singular = "partner",
     .title = "Hub partners",
     .doc = "Which organisation takes part in which hub, and as what.",
     .version = 1,
     .label_field = "organisation hub",
     .join = {.of = "hub", .with = "organisation", .role = "role", .from = "starts", .to = "ends"},
     .fields = OUSE_ROWS(partner_fields)},
    {.name = "pillars",
     .singular = "pillar",
     .doc = "The priorities under which a hub does its projects.",
     .version = 1,
     .label_field = "name",
     .parent = "hub",
     .context = "hub",
     .fields = OUSE_ROWS(pillar_fields),
     .indexes = OUSE_ROWS(pillar_indexes)},
    {.name = "projects",
     .singular = "project",
     .doc = "What a hub does: studies, programmes and interventions, and who leads them.",
     .version = 1,
     .label_field = "title",
     .parent = "pillar",
     .context = "pillar",
     .subtitle = "subtitle",
     .subject = "Projects",
     .subject_order = 2,
     .fields = OUSE_ROWS(project_fields),
     .flows = OUSE_ROWS(project_flows)},
    {.name = "investigators",
     .singular = "investigator",
     .doc = "Who works on which project or study, in which role, and when.",
     .version = 1,
     .label_field = "person role",
     .join = {.of = "project", .with = "person", .role = "role", .from = "starts", .to = "ends"},
     .fields = OUSE_ROWS(investigator_fields)},
    {.name = "deliverables",
     .singular = "deliverable",
     .doc = "What a project is to hand over, and by when.",
     .version = 1,
     .label_field = "title",
     .parent = "project",
     .context = "project",
     .fields = OUSE_ROWS(deliverable_fields),
     .flows = OUSE_ROWS(deliverable_flows)},
};

/* ---- How a hub is read ------------------------------------------------- */

static struct ouse_doc *gather(struct ouse_ctx *ctx, struct ouse_doc *list, struct ouse_rows *rows)
{
    OUSE_EACH(ctx, record, rows)
        ouse_add(ctx, list, record);
    return list;
}

struct ouse_doc *hub_partners(struct ouse_ctx *ctx, struct ouse_str hub)
{
    static const char *const roles[] = {"host", "lead", "partner", "collaborator", "contributor"};
    struct ouse_doc *list = ouse_list(ctx);

    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        gather(ctx, list, ouse_query(ctx, "partners", "hub=%.*s&role=%s", OUSE_F(hub), roles[i]));
    return list;
}

struct ouse_doc *hub_pillars(struct ouse_ctx *ctx, struct ouse_str hub)
{
    struct ouse_doc *list = gather(ctx, ouse_list(ctx), ouse_query(ctx, "pillars", "hub=%.*s", OUSE_F(hub)));

    ouse_sort(ctx, list, "number");
    return list;
}

struct ouse_doc *pillar_projects(struct ouse_ctx *ctx, struct ouse_str pillar)
{
    struct ouse_doc *list =
        gather(ctx, ouse_list(ctx), ouse_query(ctx, "projects", "pillar=%.*s", OUSE_F(pillar)));

    ouse_sort(ctx, list, "starts title");
    return list;
}

struct ouse_doc *hub_director(struct ouse_ctx *ctx, struct ouse_str hub)
{
    OUSE_EACH(ctx, appointment,
              ouse_query(ctx, "appointments", "body=hubs/%.*s&role=director", OUSE_F(hub))) {
        int32_t first, last;
        if (!ouse_span(ctx, ouse_text(ctx, appointment, "ends"), &first, &last) || last >= ouse_today(ctx))
            return appointment;
    }
    return NULL;
}

struct ouse_str hub_host(struct ouse_ctx *ctx, const struct ouse_doc *hub, struct ouse_str id)
{
    struct ouse_str host = ouse_text(ctx, hub, "host");

    if (host.p)
        return host;
    return ouse_text(ctx, ouse_next(ctx, ouse_query(ctx, "partners", "hub=%.*s&role=host", OUSE_F(id))),
                     "organisation");
}

/* ---- Rules ------------------------------------------------------------- */

static ouse_rc check_hub(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (!ouse_is_one(ouse_text(ctx, change->after, "state"), "launched active closing"))
        return OUSE_OK;
    if (!hub_host(ctx, change->after, change->id).p)
        ouse_warn(ctx, "/host", "no_host", "The hub is at work but no organisation hosts it");
    if (!hub_director(ctx, change->id))
        ouse_warn(ctx, "", "no_director", "The hub is at work but nobody is appointed its director");
    return OUSE_OK;
}

static void warn_dates(struct ouse_ctx *ctx, const struct ouse_doc *project)
{
    static const struct {
        const char *field, *bound;
        int at_end;
        const char *text;
    } limits[] = {
        {"starts", "starts", 0, "starts before the hub does"},
        {"starts", "ends", 1, "starts after the hub has ended"},
        {"ends", "starts", 0, "ends before the hub starts"},
        {"ends", "ends", 1, "ends after the hub does"},
    };
    const struct ouse_doc *pillar = ouse_get(ctx, "pillars", ouse_text(ctx, project, "pillar"));
    const struct ouse_doc *hub = ouse_get(ctx, "hubs", ouse_text(ctx, pillar, "hub"));

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct ouse_str date = ouse_text(ctx, project, limits[i].field);
        struct ouse_str bound = ouse_text(ctx, hub, limits[i].bound);
        if (limits[i].at_end ? ouse_before(ctx, bound, date) : ouse_before(ctx, date, bound))
            ouse_warn(ctx, ouse_format(ctx, "/%s", limits[i].field).p, "outside_hub",
                      "The project %s (%.*s; the hub: %.*s)", limits[i].text, OUSE_F(date), OUSE_F(bound));
    }
}

static ouse_rc check_project(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str state = ouse_text(ctx, change->after, "state");
    int led = ouse_count(ctx, ouse_member(ctx, change->after, "leads")) > 0;

    if (!led && ouse_is(state, "completed"))
        ouse_warn(ctx, "/leads", "no_lead", "The project is completed but nobody is named who led it");
    else if (!led && !ouse_is_one(state, "proposed withdrawn"))
        return ouse_fail(ctx, OUSE_E_INVALID, "/leads", "lead_required",
                         "A project that is %.*s has at least one lead; name one in leads", OUSE_F(state));
    warn_dates(ctx, change->after);
    return OUSE_OK;
}

/* A hub's warnings depend on its partners and its director. */

static void recheck_hub_of_partner(struct ouse_ctx *ctx, const struct ouse_doc *partner)
{
    if (ouse_is(ouse_text(ctx, partner, "role"), "host"))
        ouse_recheck(ctx, "hubs", ouse_text(ctx, partner, "hub"));
}

static ouse_rc follow_partner(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    recheck_hub_of_partner(ctx, change->before);
    recheck_hub_of_partner(ctx, change->after);
    return OUSE_OK;
}

static void recheck_hub_of_director(struct ouse_ctx *ctx, const struct ouse_doc *appointment)
{
    if (ouse_is(ouse_text(ctx, appointment, "role"), "director"))
        ouse_recheck(ctx, "hubs", ouse_reference_to(ouse_text(ctx, appointment, "body"), "hubs"));
}

static ouse_rc follow_appointment(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    recheck_hub_of_director(ctx, change->before);
    recheck_hub_of_director(ctx, change->after);
    return OUSE_OK;
}

/* A project's warnings depend on the dates of its hub. */

static void recheck_projects(struct ouse_ctx *ctx, struct ouse_str pillar)
{
    OUSE_EACH(ctx, project, ouse_query(ctx, "projects", "pillar=%.*s", OUSE_F(pillar)))
        ouse_recheck(ctx, "projects", ouse_text(ctx, project, "id"));
}

static ouse_rc follow_pillar(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_differs(ctx, change->before, change->after, "hub"))
        recheck_projects(ctx, change->id);
    return OUSE_OK;
}

static ouse_rc follow_hub(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (ouse_differs(ctx, change->before, change->after, "starts") ||
        ouse_differs(ctx, change->before, change->after, "ends"))
        OUSE_EACH(ctx, pillar, ouse_query(ctx, "pillars", "hub=%.*s", OUSE_F(change->id)))
            recheck_projects(ctx, ouse_text(ctx, pillar, "id"));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "hubs",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_hub},
    {.collection = "hubs",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_hub},
    {.collection = "partners",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_partner},
    {.collection = "appointments",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_appointment},
    {.collection = "pillars",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_pillar},
    {.collection = "projects",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_project},
};

/* ---- The plugin -------------------------------------------------------- */

static const char portfolio_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "hub": {"type": "object", "required": ["id", "name"]},
        "host": {"type": ["object", "null"]},
        "director": {"type": ["object", "null"]},
        "partners": {"type": "array", "items": {"type": "object", "required": ["id", "role", "organisation"]}},
        "pillars": {"type": "array", "items": {"type": "object", "required": ["id", "name", "projects"]}},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "awards": {"type": "array", "items": {"type": "object", "required": ["id", "amount", "funder"]}},
        "money": {"type": "object", "required": ["disclosed", "undisclosed", "spending_known"]},
        "stages": {"type": "array", "items": {"type": "object", "required": ["state", "count"]}},
        "training": {"type": "array", "items": {"type": "object", "required": ["id", "title"]}}
    },
    "required": ["hub", "host", "director", "partners", "pillars", "counts", "awards", "money", "stages", "training"]
});

static const char context_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "hub": {"type": ["object", "null"], "required": ["id", "name"]},
        "pillar": {"type": ["object", "null"], "required": ["id", "name"]},
        "awards": {"type": "array", "items": {"type": "object", "required": ["id", "amount", "funder", "through"]}},
        "training": {"type": "array", "items": {"type": "object", "required": ["id", "title"]}}
    },
    "required": ["hub", "pillar", "awards", "training"]
});

static const char network_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "nodes": {"type": "array", "items": {"type": "object", "required": ["id", "collection", "label", "kind", "x", "y"]}},
        "links": {"type": "array", "items": {"type": "object", "required": ["from", "to", "kind"]}}
    },
    "required": ["nodes", "links"],
    "x-charts": [{"kind": "network", "title": "Who works with whom", "nodes": "nodes", "links": "links"}]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "hubs/{id}/portfolio",
     .access = OUSE_READ,
     .fn = hub_portfolio,
     .flags = OUSE_MAIN_PAGE,
     .summary = "All that a hub is made of: partners, director, pillars, projects, leads, awards",
     .reply_schema = portfolio_reply},
    {.method = "GET",
     .path = "projects/{id}/context",
     .access = OUSE_READ,
     .fn = project_context,
     .flags = OUSE_MAIN_PAGE,
     .summary = "What a project is part of: its hub and pillar, who pays, and training of the hub",
     .reply_schema = context_reply},
    {.method = "GET",
     .path = "hubs/{id}/network",
     .access = OUSE_READ,
     .fn = hub_network,
     .summary = "Who works with whom in a hub, as nodes with positions and links",
     .reply_schema = network_reply},
};

OUSE_PLUGIN(.name = "hubs", .version = "1.0.0", .title = "Research hubs",
            .doc = "Research hubs with their partners, pillars, projects and deliverables.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks))
