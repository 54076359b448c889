/* citations: the records that name a publication in their `sources`, and the statements and claims
 * that were printed in it.
 *
 * Records that the caller may not see are neither listed nor counted. */
#include "evidence.h"

#define LISTED_MAX 200 /* records of one collection in a list; counts include all */

static struct ouse_doc *group_of(struct ouse_ctx *ctx, struct ouse_doc *groups, struct ouse_str collection)
{
    struct ouse_doc *group = ouse_at(ctx, groups, ouse_count(ctx, groups) - 1);

    if (group && ouse_same(ouse_text(ctx, group, "collection"), collection))
        return group;
    group = ouse_object(ctx);
    ouse_set_text(ctx, group, "collection", collection);
    ouse_set_number(ctx, group, "count", 0);
    ouse_set(ctx, group, "records", ouse_list(ctx));
    ouse_add(ctx, groups, group);
    return group;
}

static void add(struct ouse_ctx *ctx, struct ouse_doc *group, const struct ouse_doc *record)
{
    struct ouse_doc *records = ouse_member(ctx, group, "records");
    double count = ouse_number(ctx, group, "count", 0) + 1;

    ouse_set_number(ctx, group, "count", count);
    if (count > LISTED_MAX)
        return;
    struct ouse_doc *shown = ouse_show(ctx, record, "id label");
    ouse_set_text(ctx, shown, "label", ouse_label(ctx, record));
    ouse_add(ctx, records, shown);
}

static int is_itself(struct ouse_ctx *ctx, const struct ouse_doc *record, struct ouse_str collection,
                     struct ouse_str publication)
{
    return ouse_is(collection, "publications") && ouse_same(ouse_text(ctx, record, "id"), publication);
}

ouse_rc publication_citations(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *answer = ouse_object(ctx), *groups = ouse_list(ctx);
    uint32_t total = 0;

    OUSE_EACH(ctx, record, ouse_referrers(ctx, "publications", request->id, NULL, NULL)) {
        struct ouse_str collection = ouse_text(ctx, ouse_member(ctx, record, "meta"), "collection");
        if (is_itself(ctx, record, collection, request->id))
            continue;
        add(ctx, group_of(ctx, groups, collection), record);
        total++;
    }
    for (uint32_t i = 0; i < ouse_count(ctx, groups); i++)
        ouse_sort(ctx, ouse_member(ctx, ouse_at(ctx, groups, i), "records"), "label id");
    ouse_sort(ctx, groups, "collection");
    ouse_set(ctx, answer, "publication", ouse_show(ctx, request->record, "id title publisher published url"));
    ouse_set_number(ctx, answer, "count", total);
    ouse_set(ctx, answer, "collections", groups);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
