/* overview: one answer with all of a cluster, as its page shows it.
 *
 * Every member is always present; an unknown value is null. Labels come with the ids, so a client
 * needs no second request. Records that the caller may not see are neither listed nor counted. */
#include "clusters.h"

/* Sets a member to the organisation of the record's field, in short; to null if the caller sees no
 * such organisation. */
static void set_organisation(struct ouse_ctx *ctx, struct ouse_doc *shown, const char *name,
                             const struct ouse_doc *record)
{
    const struct ouse_doc *organisation = ouse_get(ctx, "organisations", ouse_text(ctx, record, name));

    ouse_set_or_null(ctx, shown, name, ouse_show(ctx, organisation, "id name short_name kind"));
}

static struct ouse_doc *constituents(struct ouse_ctx *ctx, struct ouse_str cluster)
{
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, record, ouse_query(ctx, "constituents", "cluster=%.*s", OUSE_F(cluster))) {
        struct ouse_doc *shown = ouse_show(ctx, record, "id order name academic nhs sector");
        set_organisation(ctx, shown, "academic", record);
        set_organisation(ctx, shown, "nhs", record);
        ouse_add(ctx, list, shown);
    }
    ouse_sort(ctx, list, "order name id");
    return list;
}

static struct ouse_doc *aims(struct ouse_ctx *ctx, struct ouse_str cluster)
{
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, record, ouse_query(ctx, "aims", "cluster=%.*s", OUSE_F(cluster)))
        ouse_add(ctx, list, ouse_show(ctx, record, "id number text conditions"));
    ouse_sort(ctx, list, "number text id");
    return list;
}

static uint32_t adopters(struct ouse_ctx *ctx, const struct ouse_doc *practice)
{
    const struct ouse_doc *ids = ouse_member(ctx, practice, "adopted_by");
    uint32_t n = 0;

    for (uint32_t i = 0; i < ouse_count(ctx, ids); i++)
        n += ouse_get(ctx, "organisations", ouse_as_text(ctx, ouse_at(ctx, ids, i))) != NULL;
    return n;
}

static struct ouse_doc *shared_practices(struct ouse_ctx *ctx, struct ouse_str cluster)
{
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, record, ouse_query(ctx, "shared-practices", "cluster=%.*s", OUSE_F(cluster))) {
        struct ouse_doc *shown = ouse_show(ctx, record, "id title published");
        ouse_set_number(ctx, shown, "adopted_by", adopters(ctx, record));
        ouse_add(ctx, list, shown);
    }
    ouse_sort(ctx, list, "-published title id");
    return list;
}

ouse_rc cluster_overview(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *answer = ouse_object(ctx);

    ouse_set(ctx, answer, "cluster",
             ouse_show(ctx, request->record, "id name kind state purpose area reach budget_share"));
    set_organisation(ctx, answer, "lead", request->record);
    set_organisation(ctx, answer, "on_behalf_of", request->record);
    ouse_set(ctx, answer, "constituents", constituents(ctx, request->id));
    ouse_set(ctx, answer, "aims", aims(ctx, request->id));
    ouse_set(ctx, answer, "shared_practices", shared_practices(ctx, request->id));
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
