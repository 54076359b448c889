/* use: the purpose of an award, in counts, and what is published about its spending.
 *
 * An award is for a hub with its pillars and their projects, for one project, or for something
 * else. Records that the caller may not see are not counted. */
#include "funding.h"

struct use {
    struct ouse_ctx *ctx;
    struct ouse_doc *leads; /* a set of ids */
    uint32_t pillars, projects;
};

static void add_project(struct use *use, const struct ouse_doc *project)
{
    struct ouse_ctx *ctx = use->ctx;
    const struct ouse_doc *leads = ouse_member(ctx, project, "leads");

    for (uint32_t i = 0; i < ouse_count(ctx, leads); i++) {
        struct ouse_str id = ouse_as_text(ctx, ouse_at(ctx, leads, i));
        if (ouse_get(ctx, "people", id))
            ouse_set_bool(ctx, use->leads, ouse_format(ctx, "%.*s", OUSE_F(id)).p, 1);
    }
    use->projects++;
}

static void add_hub(struct use *use, struct ouse_str hub)
{
    struct ouse_ctx *ctx = use->ctx;

    OUSE_EACH(ctx, pillar, hub.p ? ouse_query(ctx, "pillars", "hub=%.*s", OUSE_F(hub)) : NULL) {
        use->pillars++;
        OUSE_EACH(ctx, project,
                  ouse_query(ctx, "projects", "pillar=%.*s", OUSE_F(ouse_text(ctx, pillar, "id"))))
            add_project(use, project);
    }
}

/* Returns the hub that is or contains a record, or no text. */
static struct ouse_str hub_of(struct ouse_ctx *ctx, struct ouse_str thing)
{
    while (thing.p && !ouse_reference_to(thing, "hubs").p)
        thing = funding_within(ctx, thing);
    return ouse_reference_to(thing, "hubs");
}

/* {collection, id, label} of "collection/id"; NULL if the caller may not see it. */
static struct ouse_doc *named(struct ouse_ctx *ctx, struct ouse_str reference)
{
    const struct ouse_doc *record = ouse_get_reference(ctx, reference);
    struct ouse_doc *shown = record ? ouse_pick(ctx, ouse_member(ctx, record, "meta"), "collection") : NULL;

    ouse_set_text(ctx, shown, "id", ouse_text(ctx, record, "id"));
    ouse_set_text(ctx, shown, "label", ouse_label(ctx, record));
    return shown;
}

static uint32_t count_of(struct ouse_ctx *ctx, const char *collection, struct ouse_str award)
{
    uint32_t n = 0;

    OUSE_EACH(ctx, record, ouse_query(ctx, collection, "award=%.*s", OUSE_F(award)))
        n++;
    return n;
}

ouse_rc award_use(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct use use = {ctx, ouse_object(ctx), 0, 0};
    struct ouse_str purpose = ouse_text(ctx, request->record, "for"), hub = hub_of(ctx, purpose);
    struct ouse_str project = ouse_reference_to(purpose, "projects");
    struct ouse_doc *answer = ouse_object(ctx), *counts = ouse_object(ctx);
    uint32_t allocations = count_of(ctx, "allocations", request->id);
    uint32_t payments = count_of(ctx, "payments", request->id);

    if (project.p)
        add_project(&use, ouse_get(ctx, "projects", project));
    else
        add_hub(&use, hub);
    ouse_set_number(ctx, counts, "pillars", use.pillars);
    ouse_set_number(ctx, counts, "projects", use.projects);
    ouse_set_number(ctx, counts, "leads", ouse_count(ctx, use.leads));
    ouse_set_number(ctx, counts, "allocations", allocations);
    ouse_set_number(ctx, counts, "payments", payments);
    ouse_set_text(ctx, answer, "award", request->id);
    ouse_set_or_null(ctx, answer, "for", named(ctx, purpose));
    ouse_set_or_null(ctx, answer, "hub",
                     hub.p ? named(ctx, ouse_format(ctx, "hubs/%.*s", OUSE_F(hub))) : NULL);
    ouse_set_bool(ctx, answer, "published", allocations + payments > 0);
    ouse_set(ctx, answer, "counts", counts);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
