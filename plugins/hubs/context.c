/* context: the hub and pillar of a project, and its funders: of its own awards, and of those of its hub. */
#include "hubs.h"

/* Adds the awards for a record. `through` is the hub if they are not for the project itself. */
static void add_awards(struct ouse_ctx *ctx, struct ouse_doc *list, const char *collection,
                       struct ouse_str id, const struct ouse_doc *through)
{
    OUSE_EACH(ctx, award, ouse_referrers(ctx, collection, id, "awards", "for")) {
        struct ouse_doc *shown = ouse_show(ctx, award, "id title kind state amount currency");
        ouse_set_or_null(ctx, shown, "funder", hub_organisation(ctx, ouse_text(ctx, award, "funder")));
        ouse_set_or_null(ctx, shown, "through", ouse_show(ctx, through, "id name"));
        ouse_add(ctx, list, shown);
    }
}

ouse_rc project_context(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    const struct ouse_doc *pillar = ouse_get(ctx, "pillars", ouse_text(ctx, request->record, "pillar"));
    const struct ouse_doc *hub = ouse_get(ctx, "hubs", ouse_text(ctx, pillar, "hub"));
    struct ouse_doc *answer = ouse_object(ctx), *awards = ouse_list(ctx);

    add_awards(ctx, awards, "projects", request->id, NULL);
    if (hub)
        add_awards(ctx, awards, "hubs", ouse_text(ctx, hub, "id"), hub);
    ouse_set_or_null(ctx, answer, "hub", ouse_show(ctx, hub, "id name state"));
    ouse_set_or_null(ctx, answer, "pillar", ouse_show(ctx, pillar, "id name number"));
    ouse_set(ctx, answer, "awards", awards);
    ouse_set(ctx, answer, "training", hub ? hub_training(ctx, ouse_text(ctx, hub, "id")) : ouse_list(ctx));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
