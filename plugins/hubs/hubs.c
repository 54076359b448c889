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
    {.name = "purpose", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The purpose of the hub."},
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
     .doc = "The settings of health and care in which it works."},
    {.name = "works_with",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "Groups of people it works with that are not named partners."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "proposed awarded established launched active closing closed abandoned",
     .doc = "The stage that it has reached.",
     .title = "Stage"},
    {.name = "announced", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the announcement."},
    {.name = "launched", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the launch."},
    {.name = "starts",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "First day, month or year of its work."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year of its work."},
    {.name = "duration", .type = OUSE_QTY, .doc = "The planned duration, such as three years."},
    {.name = "host",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that runs it and employs its staff.",
     .inverse = "Hosts"},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area that it serves.",
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
    {.from = "active", .to = "closing", .title = "Wind down", .doc = "It starts nothing new."},
    {.from = "closing", .to = "closed", .title = "Close", .doc = "Its work has ended."},
    {.from = "proposed awarded established",
     .to = "abandoned",
     .title = "Abandon",
     .doc = "It will not be established."},
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
     .doc = "The role of the organisation in the hub.",
     .title = "Part"},
    OUSE_FIELDS_SPAN,
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
     .doc = "Its position among the pillars of the hub."},
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the pillar."},
    {.name = "year", .type = OUSE_TEXT, .max = 100, .doc = "The year of the hub in which it is a priority."},
    {.name = "summary", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The subject of the pillar."},
};

static const struct ouse_index pillar_indexes[] = {
    {"number_in_hub", "hub number", OUSE_UNIQUE},
};

static const struct ouse_field project_fields[] = {
    {.name = "pillar",
     .type = OUSE_REF,
     .refers_to = "pillars",
     .doc = "The pillar of a hub that it belongs to; empty for a study outside a hub.",
     .inverse = "Projects"},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The title, up to the colon."},
    {.name = "subtitle",
     .type = OUSE_TEXT,
     .flags = OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The title after the colon."},
    OUSE_FIELD_RESEARCH_IDENTIFIERS,
    {.name = "summary", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "A description in plain words."},
    {.name = "leads",
     .type = OUSE_REFS,
     .refers_to = "people@directory",
     .doc = "The people who lead it, in the order in which they are named.",
     .inverse = "Leads"},
    {.name = "beneficiaries",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "The people who will benefit."},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area where it takes place.",
     .inverse = "Projects"},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "proposed confirmed recruiting active paused reporting completed withdrawn",
     .doc = "The stage that it has reached.",
     .title = "Stage"},
    OUSE_FIELDS_SPAN,
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
     .doc = "The total number of people who had joined the study, by date."},
};

static const struct ouse_move project_moves[] = {
    {.from = "proposed", .to = "confirmed", .title = "Confirm", .doc = "It will take place, and has a lead."},
    {.from = "confirmed", .to = "recruiting", .title = "Recruit", .doc = "It is looking for participants."},
    {.from = "recruiting", .to = "active", .title = "Start work", .doc = "Its work is under way."},
    {.from = "active", .to = "paused", .title = "Pause", .doc = "Its work is paused."},
    {.from = "paused", .to = "active", .title = "Resume", .doc = "Its work has resumed."},
    {.from = "active", .to = "reporting", .title = "Report", .doc = "Its results are being written up."},
    {.from = "reporting", .to = "completed", .title = "Complete", .doc = "Its results are published."},
    {.from = "proposed confirmed recruiting active paused reporting",
     .to = "withdrawn",
     .title = "Withdraw",
     .doc = "It will not take place, or will not be finished."},
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
     .doc = "The role of the person in it."},
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
     .doc = "The project that will deliver it.",
     .inverse = "Delivers"},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The title of the result."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "mapping_study evaluation intervention report other",
     .doc = "The kind of result."},
    {.name = "due", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date on which it is due."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "planned delivered dropped",
     .doc = "Whether it has been delivered.",
     .title = "Stage"},
};

static const struct ouse_move deliverable_moves[] = {
    {.from = "planned", .to = "delivered", .title = "Deliver", .doc = "It has been handed over."},
    {.from = "planned", .to = "dropped", .title = "Drop", .doc = "It will not be delivered."},
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
     .doc = "Organisations that take part in hubs, and their roles.",
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
     .doc = "Studies, programmes and interventions of hubs, and the people who lead them.",
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
     .doc = "People who work on projects and studies, with their roles and dates.",
     .version = 1,
     .label_field = "person role",
     .join = {.of = "project", .with = "person", .role = "role", .from = "starts", .to = "ends"},
     .fields = OUSE_ROWS(investigator_fields)},
    {.name = "deliverables",
     .singular = "deliverable",
     .doc = "Results that a project must deliver, with their dates.",
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
        ouse_warn(ctx, "", "no_director", "The hub is at work but it has no director");
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
        ouse_warn(ctx, "/leads", "no_lead", "The project is completed but has no lead");
    else if (!led && !ouse_is_one(state, "proposed withdrawn"))
        return ouse_fail(ctx, OUSE_E_INVALID, "/leads", "lead_required",
                         "A project that is %.*s must have a lead; name one in leads", OUSE_F(state));
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
     .summary = "The whole of a hub: partners, director, pillars, projects, leads, awards",
     .reply_schema = portfolio_reply},
    {.method = "GET",
     .path = "projects/{id}/context",
     .access = OUSE_READ,
     .fn = project_context,
     .flags = OUSE_MAIN_PAGE,
     .summary = "The context of a project: its hub and pillar, its funders, and training of the hub",
     .reply_schema = context_reply},
    {.method = "GET",
     .path = "hubs/{id}/network",
     .access = OUSE_READ,
     .fn = hub_network,
     .summary = "The collaborations of a hub, as nodes with positions and links",
     .reply_schema = network_reply},
};

OUSE_PLUGIN(.name = "hubs", .version = "1.0.0", .title = "Research hubs",
            .doc = "Research hubs with their partners, pillars, projects and deliverables.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks))
