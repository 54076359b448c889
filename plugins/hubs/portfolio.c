/* portfolio: one answer with all of a hub, as its page shows it.
 *
 * Every member is always present; an unknown value is null. Labels come with the ids, so a client
 * needs no second request. Records that the caller may not see are neither listed nor counted.
 * Awards are included if a plugin has them. */
#include "hubs.h"

struct portfolio {
    struct ouse_ctx *ctx;
    struct ouse_doc *awards;
    struct ouse_doc *leads; /* an object with a member for each person: a set */
    uint32_t projects, lead_links, deliverables;
};

/* Returns an organisation in short; null if the caller sees no such organisation. */
static struct ouse_doc *organisation(struct ouse_ctx *ctx, struct ouse_str id)
{
    return ouse_show(ctx, ouse_get(ctx, "organisations", id), "id name short_name kind");
}

static struct ouse_doc *director(struct ouse_ctx *ctx, struct ouse_str hub)
{
    const struct ouse_doc *appointment = hub_director(ctx, hub);
    const struct ouse_doc *person = ouse_get(ctx, "people", ouse_text(ctx, appointment, "person"));

    if (!person)
        return NULL;
    struct ouse_doc *shown = ouse_show(ctx, person, "id name honorific");
    ouse_set_text(ctx, shown, "title", ouse_text(ctx, appointment, "title"));
    ouse_set_text(ctx, shown, "starts", ouse_text(ctx, appointment, "starts"));
    return shown;
}

static struct ouse_doc *partners(struct ouse_ctx *ctx, struct ouse_str hub)
{
    const struct ouse_doc *records = hub_partners(ctx, hub);
    struct ouse_doc *list = ouse_list(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, records); i++) {
        const struct ouse_doc *record = ouse_at(ctx, records, i);
        struct ouse_doc *shown = ouse_show(ctx, record, "id role organisation starts ends");
        ouse_set_or_null(ctx, shown, "organisation",
                         organisation(ctx, ouse_text(ctx, record, "organisation")));
        ouse_add(ctx, list, shown);
    }
    return list;
}

/* Adds the awards for a hub or project. */
static void add_awards(struct portfolio *all, const char *collection, struct ouse_str id)
{
    struct ouse_ctx *ctx = all->ctx;

    OUSE_EACH(ctx, award, ouse_referrers(ctx, collection, id, "awards", "for")) {
        struct ouse_doc *shown =
            ouse_show(ctx, award, "id title kind state amount currency awarded funder for");
        ouse_set_or_null(ctx, shown, "funder", organisation(ctx, ouse_text(ctx, award, "funder")));
        ouse_add(ctx, all->awards, shown);
    }
}

static struct ouse_doc *leads(struct portfolio *all, const struct ouse_doc *project)
{
    struct ouse_ctx *ctx = all->ctx;
    const struct ouse_doc *ids = ouse_member(ctx, project, "leads");
    struct ouse_doc *list = ouse_list(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, ids); i++) {
        const struct ouse_doc *person = ouse_get(ctx, "people", ouse_as_text(ctx, ouse_at(ctx, ids, i)));
        if (!person)
            continue;
        ouse_add(ctx, list, ouse_show(ctx, person, "id name honorific"));
        ouse_set_bool(ctx, all->leads, ouse_format(ctx, "%.*s", OUSE_F(ouse_text(ctx, person, "id"))).p, 1);
        all->lead_links++;
    }
    return list;
}

static struct ouse_doc *deliverables(struct portfolio *all, struct ouse_str project)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, record, ouse_query(ctx, "deliverables", "project=%.*s", OUSE_F(project))) {
        ouse_add(ctx, list, ouse_show(ctx, record, "id title kind due state"));
        all->deliverables++;
    }
    return list;
}

static struct ouse_doc *projects(struct portfolio *all, struct ouse_str pillar)
{
    struct ouse_ctx *ctx = all->ctx;
    const struct ouse_doc *records = pillar_projects(ctx, pillar);
    struct ouse_doc *list = ouse_list(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, records); i++) {
        const struct ouse_doc *record = ouse_at(ctx, records, i);
        struct ouse_str id = ouse_text(ctx, record, "id");
        struct ouse_doc *shown =
            ouse_show(ctx, record, "id title subtitle summary state starts ends beneficiaries area");
        ouse_set(ctx, shown, "leads", leads(all, record));
        ouse_set(ctx, shown, "deliverables", deliverables(all, id));
        ouse_add(ctx, list, shown);
        add_awards(all, "projects", id);
        all->projects++;
    }
    return list;
}

static struct ouse_doc *pillars(struct portfolio *all, struct ouse_str hub)
{
    struct ouse_ctx *ctx = all->ctx;
    const struct ouse_doc *records = hub_pillars(ctx, hub);
    struct ouse_doc *list = ouse_list(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, records); i++) {
        const struct ouse_doc *record = ouse_at(ctx, records, i);
        struct ouse_doc *shown = ouse_show(ctx, record, "id number name year summary");
        ouse_set(ctx, shown, "projects", projects(all, ouse_text(ctx, record, "id")));
        ouse_add(ctx, list, shown);
    }
    return list;
}

static struct ouse_doc *counts(const struct portfolio *all, const struct ouse_doc *answer)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *shown = ouse_object(ctx);

    ouse_set_number(ctx, shown, "partners", ouse_count(ctx, ouse_member(ctx, answer, "partners")));
    ouse_set_number(ctx, shown, "pillars", ouse_count(ctx, ouse_member(ctx, answer, "pillars")));
    ouse_set_number(ctx, shown, "projects", all->projects);
    ouse_set_number(ctx, shown, "leads", ouse_count(ctx, all->leads));
    ouse_set_number(ctx, shown, "lead_links", all->lead_links);
    ouse_set_number(ctx, shown, "deliverables", all->deliverables);
    ouse_set_number(ctx, shown, "awards", ouse_count(ctx, all->awards));
    return shown;
}

ouse_rc hub_portfolio(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct portfolio all = {.ctx = ctx, .awards = ouse_list(ctx), .leads = ouse_object(ctx)};
    struct ouse_doc *answer = ouse_object(ctx);

    ouse_set(ctx, answer, "hub",
             ouse_show(ctx, request->record,
                       "id name kind state purpose announced launched starts ends duration area"));
    ouse_set_or_null(ctx, answer, "host", organisation(ctx, hub_host(ctx, request->record, request->id)));
    ouse_set_or_null(ctx, answer, "director", director(ctx, request->id));
    ouse_set(ctx, answer, "partners", partners(ctx, request->id));
    add_awards(&all, "hubs", request->id);
    ouse_set(ctx, answer, "pillars", pillars(&all, request->id));
    ouse_set(ctx, answer, "counts", counts(&all, answer));
    ouse_set(ctx, answer, "awards", all.awards);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
