/* breakdown: one award, divided into its allocations by pillar.
 *
 * There is a row for each pillar of the hub that the award is for, allocated or not, in their
 * order; and one for every other target outside the pillars. A project counts for its pillar. Each
 * allocation is in one column of one row, so that the columns add up to `allocated`. Records that
 * the caller may not see are neither listed nor counted. */
#include "funding.h"

struct breakdown {
    struct ouse_ctx *ctx;
    struct ouse_str award;
    struct ouse_doc *rows, *undisclosed;
};

static void add_pence(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name, int64_t pence)
{
    ouse_set_pence(ctx, object, name, ouse_pence(ctx, object, name, 0) + pence);
}

/* Adds the awards for a purpose with undisclosed amounts. */
static void add_undisclosed(const struct breakdown *all, struct ouse_str purpose)
{
    struct ouse_ctx *ctx = all->ctx;

    OUSE_EACH(ctx, award, ouse_query(ctx, "awards", "for=%.*s", OUSE_F(purpose))) {
        struct ouse_str id = ouse_text(ctx, award, "id");
        if (ouse_member(ctx, award, "amount") || ouse_same(id, all->award))
            continue;
        struct ouse_doc *shown = ouse_object(ctx);
        ouse_set_text(ctx, shown, "award", id);
        ouse_set_text(ctx, shown, "funder", ouse_text(ctx, award, "funder"));
        ouse_set_text(ctx, shown, "purpose", ouse_text(ctx, award, "description"));
        ouse_add(ctx, all->undisclosed, shown);
    }
}

/* How many projects a pillar has, and how many people lead them. */
static void count_projects(const struct breakdown *all, struct ouse_doc *row, struct ouse_str pillar)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *leads = ouse_object(ctx); /* a set */
    uint32_t projects = 0;

    OUSE_EACH(ctx, project, pillar.p ? ouse_query(ctx, "projects", "pillar=%.*s", OUSE_F(pillar)) : NULL) {
        const struct ouse_doc *ids = ouse_member(ctx, project, "leads");
        for (uint32_t i = 0; i < ouse_count(ctx, ids); i++) {
            struct ouse_str lead = ouse_as_text(ctx, ouse_at(ctx, ids, i));
            if (ouse_get(ctx, "people", lead))
                ouse_set_bool(ctx, leads, ouse_format(ctx, "%.*s", OUSE_F(lead)).p, 1);
        }
        projects++;
    }
    ouse_set_number(ctx, row, "projects", projects);
    ouse_set_number(ctx, row, "leads", ouse_count(ctx, leads));
}

static struct ouse_doc *add_row(const struct breakdown *all, struct ouse_str target)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_str pillar = ouse_reference_to(target, "pillars");
    struct ouse_doc *row = ouse_object(ctx);

    ouse_set_text(ctx, row, "target", target);
    ouse_set_text(ctx, row, "label", ouse_label_of_reference(ctx, target));
    ouse_set_number(ctx, row, "planned", 0);
    ouse_set_number(ctx, row, "committed", 0);
    ouse_set_number(ctx, row, "spent", 0);
    count_projects(all, row, pillar);
    ouse_add(ctx, all->rows, row);
    return row;
}

static struct ouse_doc *row_of(const struct breakdown *all, struct ouse_str target)
{
    struct ouse_ctx *ctx = all->ctx;

    for (uint32_t i = 0; i < ouse_count(ctx, all->rows); i++)
        if (ouse_same(ouse_text(ctx, ouse_at(ctx, all->rows, i), "target"), target))
            return ouse_at(ctx, all->rows, i);
    return add_row(all, target);
}

static void add_pillars(const struct breakdown *all, struct ouse_str hub)
{
    struct ouse_ctx *ctx = all->ctx;
    struct ouse_doc *pillars = ouse_list(ctx);

    if (!hub.p)
        return;
    OUSE_EACH(ctx, pillar, ouse_query(ctx, "pillars", "hub=%.*s", OUSE_F(hub)))
        ouse_add(ctx, pillars, pillar);
    ouse_sort(ctx, pillars, "number");
    for (uint32_t i = 0; i < ouse_count(ctx, pillars); i++) {
        struct ouse_str pillar = ouse_text(ctx, ouse_at(ctx, pillars, i), "id");
        add_row(all, ouse_format(ctx, "pillars/%.*s", OUSE_F(pillar)));
        OUSE_EACH(ctx, project, ouse_query(ctx, "projects", "pillar=%.*s", OUSE_F(pillar)))
            add_undisclosed(all, ouse_format(ctx, "projects/%.*s", OUSE_F(ouse_text(ctx, project, "id"))));
    }
}

static void add_allocations(const struct breakdown *all, struct ouse_doc *answer)
{
    struct ouse_ctx *ctx = all->ctx;

    OUSE_EACH(ctx, allocation, ouse_query(ctx, "allocations", "award=%.*s", OUSE_F(all->award))) {
        struct ouse_str target = ouse_text(ctx, allocation, "target"),
                        status = ouse_text(ctx, allocation, "status");
        struct ouse_str pillar =
            ouse_reference_to(target, "projects").p ? funding_within(ctx, target) : target;
        const char *column = status.p ? ouse_format(ctx, "%.*s", OUSE_F(status)).p : "planned";
        int64_t amount = ouse_pence(ctx, allocation, "amount", 0);
        add_pence(ctx, row_of(all, pillar.p ? pillar : target), column, amount);
        add_pence(ctx, answer, "allocated", amount);
        if (ouse_member(ctx, answer, column))
            add_pence(ctx, answer, column, amount);
    }
}

ouse_rc award_breakdown(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct breakdown all = {ctx, request->id, ouse_list(ctx), ouse_list(ctx)};
    struct ouse_str purpose = ouse_text(ctx, request->record, "for");
    struct ouse_doc *answer = ouse_show(ctx, request->record, "award amount currency");

    ouse_set_text(ctx, answer, "award", request->id);
    ouse_set_number(ctx, answer, "allocated", 0);
    ouse_set_number(ctx, answer, "committed", 0);
    ouse_set_number(ctx, answer, "spent", 0);
    ouse_set_null(ctx, answer, "unallocated");
    if (purpose.p)
        add_undisclosed(&all, purpose);
    add_pillars(&all, ouse_reference_to(purpose, "hubs"));
    add_allocations(&all, answer);
    if (ouse_member(ctx, request->record, "amount"))
        ouse_set_pence(ctx, answer, "unallocated",
                       ouse_pence(ctx, answer, "amount", 0) - ouse_pence(ctx, answer, "allocated", 0));
    ouse_set(ctx, answer, "rows", all.rows);
    ouse_set(ctx, answer, "undisclosed", all.undisclosed);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
