/* review: all commitments, those that need attention first: broken, at risk, not yet reviewed,
 * kept, ended; within these, those reviewed longest ago.
 *
 * Every member is always present; an unknown value is null. Records that the caller may not see are
 * neither listed nor counted. */
#include "services.h"

#define LISTED_MAX 1000 /* commitments in the list; counts include all */

static const char *const by_urgency[] = {"broken", "at_risk", "not_reviewed", "kept", "ended"};

enum { STANDINGS = sizeof by_urgency / sizeof by_urgency[0] };

static size_t standing(struct ouse_ctx *ctx, const struct ouse_doc *commitment)
{
    struct ouse_str status = ouse_text(ctx, commitment, "status");
    size_t i = 0;

    while (i < STANDINGS - 1 && !ouse_is(status.p ? status : ouse_s("not_reviewed"), by_urgency[i]))
        i++;
    return i;
}

/* Sets a member to {collection, id, label} of a record; to null if the caller may not see it. */
static void set_record(struct ouse_ctx *ctx, struct ouse_doc *shown, const char *name,
                       const struct ouse_doc *record)
{
    struct ouse_doc *brief = ouse_object(ctx);

    if (!record) {
        ouse_set_null(ctx, shown, name);
        return;
    }
    ouse_set_text(ctx, brief, "collection", ouse_text(ctx, ouse_member(ctx, record, "meta"), "collection"));
    ouse_set_text(ctx, brief, "id", ouse_text(ctx, record, "id"));
    ouse_set_text(ctx, brief, "label", ouse_label(ctx, record));
    ouse_set(ctx, shown, name, brief);
}

static struct ouse_doc *show(struct ouse_ctx *ctx, const struct ouse_doc *commitment)
{
    struct ouse_doc *shown = ouse_show(ctx, commitment, "id text kind service site of status reviewed");

    set_record(ctx, shown, "site", ouse_get(ctx, "sites", ouse_text(ctx, commitment, "site")));
    set_record(ctx, shown, "of", ouse_get_reference(ctx, ouse_text(ctx, commitment, "of")));
    return shown;
}

static void append(struct ouse_ctx *ctx, struct ouse_doc *list, struct ouse_doc *commitments)
{
    ouse_sort(ctx, commitments, "reviewed text id");
    for (uint32_t i = 0; i < ouse_count(ctx, commitments) && ouse_count(ctx, list) < LISTED_MAX; i++)
        ouse_add(ctx, list, show(ctx, ouse_at(ctx, commitments, i)));
}

ouse_rc commitments_review(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_str asked = ouse_parameter(ctx, "status");
    struct ouse_doc *answer = ouse_object(ctx), *counts = ouse_object(ctx), *list = ouse_list(ctx);
    struct ouse_doc *found[STANDINGS];

    (void)request;
    for (size_t i = 0; i < STANDINGS; i++)
        found[i] = ouse_list(ctx);
    OUSE_EACH(ctx, commitment, ouse_query(ctx, "commitments", NULL))
        ouse_add(ctx, found[standing(ctx, commitment)], commitment);
    for (size_t i = 0; i < STANDINGS; i++) {
        ouse_set_number(ctx, counts, by_urgency[i], ouse_count(ctx, found[i]));
        if (!asked.p || ouse_is(asked, by_urgency[i]))
            append(ctx, list, found[i]);
    }
    ouse_set_text(ctx, answer, "status", asked);
    ouse_set(ctx, answer, "counts", counts);
    ouse_set(ctx, answer, "commitments", list);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
