/* portfolio: one answer with all of a hub, as its page shows it.
 *
 * Every member is always present; an unknown value is null. Labels come with the ids, so a client
 * needs no second request. Records that the caller may not see are neither listed nor counted.
 * Awards are included if a plugin has them. */
#include "hubs.h"

struct portfolio {
    struct ouse_ctx *ctx;
    struct ouse_doc *awards;
    struct ouse_doc *stages; /* an object: how many projects are in each state */
    struct ouse_doc *leads;  /* an object with a member for each person: a set */
    uint32_t projects, lead_links, deliverables;
};

struct ouse_doc *hub_organisation(struct ouse_ctx *ctx, struct ouse_str id)
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
                         hub_organisation(ctx, ouse_text(ctx, record, "organisation")));
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
        ouse_set_or_null(ctx, shown, "funder", hub_organisation(ctx, ouse_text(ctx, award, "funder")));
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

static void count_stage(struct portfolio *all, const struct ouse_doc *project)
{
    struct ouse_str state = ouse_text(all->ctx, project, "state");
    const char *name = state.p ? ouse_format(all->ctx, "%.*s", OUSE_F(state)).p : "";

    ouse_set_number(all->ctx, all->stages, name, ouse_number(all->ctx, all->stages, name, 0) + 1);
}

/* Returns [{"state", "count"}], in the order in which the states first occur; the state null counts projects
 * without one. */
static struct ouse_doc *stages(const struct portfolio *all)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *list = ouse_list(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, all->stages); i++) {
        const struct ouse_doc *counted = ouse_at(ctx, all->stages, i);
        struct ouse_str state = ouse_name(ctx, counted);
        struct ouse_doc *stage = ouse_object(ctx);
        ouse_set_text(ctx, stage, "state", state.n ? state : ouse_s(NULL));
        ouse_set_number(ctx, stage, "count", ctx->host->doc_as_number(counted, 0));
        ouse_add(ctx, list, stage);
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
        count_stage(all, record);
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

/* Returns whether an award has an allocation or a payment. */
static int has_any(struct ouse_ctx *ctx, const char *collection, struct ouse_str award)
{
    return ouse_next(ctx, ouse_referrers(ctx, "awards", award, collection, "award")) != NULL;
}

static struct ouse_str currency_of(struct ouse_ctx *ctx, const struct ouse_doc *award)
{
    struct ouse_str currency = ouse_text(ctx, award, "currency");

    return currency.p ? currency : ouse_s("GBP");
}

/* Returns the sum of the awards by currency, the number of awards without a known amount, and whether any
 * spending is known. */
static struct ouse_doc *money(const struct portfolio *all)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *shown = ouse_object(ctx), *disclosed = ouse_list(ctx);
    uint32_t undisclosed = 0;
    int known = 0;

    for (uint32_t i = 0; i < ouse_count(ctx, all->awards); i++) {
        const struct ouse_doc *award = ouse_at(ctx, all->awards, i);
        struct ouse_str currency = currency_of(ctx, award), id = ouse_text(ctx, award, "id");
        struct ouse_doc *sum = NULL;
        known = known || has_any(ctx, "allocations", id) || has_any(ctx, "payments", id);
        if (ouse_kind(ctx, ouse_member(ctx, award, "amount")) != OUSE_JSON_NUMBER) {
            undisclosed++;
            continue;
        }
        for (uint32_t k = 0; k < ouse_count(ctx, disclosed) && !sum; k++)
            if (ouse_same(ouse_text(ctx, ouse_at(ctx, disclosed, k), "currency"), currency))
                sum = ouse_at(ctx, disclosed, k);
        if (!sum) {
            sum = ouse_object(ctx);
            ouse_set_text(ctx, sum, "currency", currency);
            ouse_add(ctx, disclosed, sum);
        }
        ouse_set_pence(ctx, sum, "amount",
                       ouse_pence(ctx, sum, "amount", 0) + ouse_pence(ctx, award, "amount", 0));
    }
    ouse_set(ctx, shown, "disclosed", disclosed);
    ouse_set_number(ctx, shown, "undisclosed", undisclosed);
    ouse_set_bool(ctx, shown, "spending_known", known);
    return shown;
}

struct ouse_doc *hub_training(struct ouse_ctx *ctx, struct ouse_str hub)
{
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, scheme, ouse_referrers(ctx, "hubs", hub, "schemes", "of")) {
        struct ouse_doc *shown = ouse_show(ctx, scheme, "id title kind audience state");
        ouse_set_text(ctx, shown, "collection", ouse_s("schemes"));
        ouse_add(ctx, list, shown);
    }
    ouse_sort(ctx, list, "title id");
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
    struct portfolio all = {
        .ctx = ctx, .awards = ouse_list(ctx), .leads = ouse_object(ctx), .stages = ouse_object(ctx)};
    struct ouse_doc *answer = ouse_object(ctx);

    ouse_set(ctx, answer, "hub",
             ouse_show(ctx, request->record,
                       "id name kind state purpose announced launched starts ends duration area"));
    ouse_set_or_null(ctx, answer, "host", hub_organisation(ctx, hub_host(ctx, request->record, request->id)));
    ouse_set_or_null(ctx, answer, "director", director(ctx, request->id));
    ouse_set(ctx, answer, "partners", partners(ctx, request->id));
    add_awards(&all, "hubs", request->id);
    ouse_set(ctx, answer, "pillars", pillars(&all, request->id));
    ouse_set(ctx, answer, "counts", counts(&all, answer));
    ouse_set(ctx, answer, "awards", all.awards);
    ouse_set(ctx, answer, "money", money(&all));
    ouse_set(ctx, answer, "stages", stages(&all));
    ouse_set(ctx, answer, "training", hub_training(ctx, request->id));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
