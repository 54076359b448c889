/* services: mergers of organisations, and the commitments to the users of their services.
 *
 *     parties (organisations) ─┬─ merger ── successor (organisation)
 *                              └─ commitments: services that stay or come, and their state
 *
 * Invariants, beyond the rules of the tables:
 *   - a merger in effect has a successor;
 *   - when a merger takes effect, in the same transaction all its parties close,
 *     except one that is itself the successor, and become predecessors of the
 *     successor. The office may change them later.
 */
#include "services.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

static const struct ouse_field merger_fields[] = {
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The name of the merger."},
    {.name = "parties",
     .type = OUSE_REFS,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .min = 2,
     .max = 50,
     .doc = "The organisations that merge.",
     .inverse = "Mergers"},
    {.name = "successor",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that continues: a new one, or the party that absorbs the others.",
     .inverse = "Came about by"},
    {.name = "form",
     .type = OUSE_TEXT,
     .max = 200,
     .doc = "The form of the merger, such as acquisition or a new trust."},
    {.name = "announced", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the announcement."},
    {.name = "planned",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "The date on which it should take effect."},
    {.name = "effective",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "announced",
     .doc = "The date on which it took effect; the parties close on that date."},
    {.name = "rationale", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The expected benefits."},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "exploring agreed approved effective abandoned",
     .doc = "The stage that it has reached."},
};

static const struct ouse_move merger_moves[] = {
    {.from = "exploring", .to = "agreed", .title = "Agree", .doc = "The parties have agreed to it."},
    {.from = "agreed", .to = "approved", .title = "Approve", .doc = "The regulators have approved it."},
    {.from = "approved",
     .to = "effective",
     .title = "Take effect",
     .doc = "The successor is in place; the parties close."},
    {.from = "exploring agreed approved",
     .to = "abandoned",
     .title = "Abandon",
     .doc = "It will not take place."},
};

static const struct ouse_flow merger_flows[] = {
    {.field = "state", .initial = "exploring", .moves = OUSE_ROWS(merger_moves)},
};

static const struct ouse_field commitment_fields[] = {
    {.name = "of",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "mergers strategies@programmes",
     .title = "Made with",
     .doc = "The record that it was made for: \"mergers/…\" or \"strategies/…\".",
     .inverse = "Promises"},
    {.name = "text",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_SEARCHABLE,
     .max = 500,
     .doc = "The commitment, in one sentence."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "retain provide create",
     .doc = "Whether a service is retained, provided or created."},
    {.name = "service",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = 200,
     .doc = "The service, such as maternity; empty if it is about all services."},
    {.name = "site",
     .type = OUSE_REF,
     .refers_to = "sites@directory",
     .doc = "The site; empty if it is about several sites.",
     .inverse = "Promises"},
    {.name = "promised", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the promise."},
    {.name = "status",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "kept at_risk broken ended",
     .doc = "The finding of the last review; empty before the first review."},
    {.name = "reviewed", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of the last review."},
};

static const struct ouse_derived commitment_derived[] = {
    {"standing", OUSE_TEXT, commitment_standing,
     "How it stands, in words, with the day of the last review or of the promise."},
};

static const struct ouse_collection collections[] = {
    {.name = "mergers",
     .singular = "merger",
     .doc = "Organisations that become one.",
     .version = 1,
     .label_field = "title",
     .context = "form effective",
     .fields = OUSE_ROWS(merger_fields),
     .flows = OUSE_ROWS(merger_flows)},
    {.name = "commitments",
     .singular = "commitment",
     .doc = "Commitments about services, and whether they are kept.",
     .version = 1,
     .label_field = "text",
     .parent = "of",
     .context = "site of",
     .fields = OUSE_ROWS(commitment_fields),
     .derived = OUSE_ROWS(commitment_derived)},
};

/* ---- Rules ------------------------------------------------------------- */

static int in_effect(struct ouse_ctx *ctx, const struct ouse_doc *merger)
{
    return ouse_is(ouse_text(ctx, merger, "state"), "effective");
}

static ouse_rc check_merger(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    if (in_effect(ctx, change->after) && !ouse_text(ctx, change->after, "successor").p)
        return ouse_fail(ctx, OUSE_E_INVALID, "/successor", "successor_required",
                         "A merger that is effective has a successor; name the organisation that continues");
    return OUSE_OK;
}

/* Closes an organisation that is not closed, on a date where one is known. */
static ouse_rc close_party(struct ouse_ctx *ctx, struct ouse_str id, struct ouse_str date)
{
    const struct ouse_doc *party = ouse_get(ctx, "organisations", id);
    struct ouse_doc *with = ouse_object(ctx);

    if (!party || ouse_is(ouse_text(ctx, party, "status"), "closed"))
        return OUSE_OK;
    if (date.p)
        ouse_set_text(ctx, with, "closed", date);
    return ouse_move(ctx, "organisations", id, "status", "closed", with);
}

static int names(struct ouse_ctx *ctx, const struct ouse_doc *ids, struct ouse_str id)
{
    for (uint32_t i = 0; i < ouse_count(ctx, ids); i++)
        if (ouse_same(ouse_as_text(ctx, ouse_at(ctx, ids, i)), id))
            return 1;
    return 0;
}

/* Adds the parties to the predecessors that the successor has. */
static ouse_rc link_predecessors(struct ouse_ctx *ctx, struct ouse_str successor,
                                 const struct ouse_doc *parties)
{
    const struct ouse_doc *organisation = ouse_get(ctx, "organisations", successor);
    const struct ouse_doc *known = ouse_member(ctx, organisation, "predecessors");
    struct ouse_doc *predecessors = known ? ouse_copy(ctx, known) : ouse_list(ctx);
    struct ouse_doc *changes = ouse_object(ctx);

    for (uint32_t i = 0; i < ouse_count(ctx, parties); i++) {
        struct ouse_str party = ouse_as_text(ctx, ouse_at(ctx, parties, i));
        if (!ouse_same(party, successor) && !names(ctx, predecessors, party))
            ouse_add_text(ctx, predecessors, party);
    }
    if (!organisation || ouse_count(ctx, predecessors) == ouse_count(ctx, known))
        return OUSE_OK;
    ouse_set(ctx, changes, "predecessors", predecessors);
    return ouse_patch(ctx, "organisations", successor, changes);
}

static ouse_rc take_effect(struct ouse_ctx *ctx, const struct ouse_doc *merger)
{
    const struct ouse_doc *parties = ouse_member(ctx, merger, "parties");
    struct ouse_str successor = ouse_text(ctx, merger, "successor");
    ouse_rc rc = link_predecessors(ctx, successor, parties);

    for (uint32_t i = 0; rc == OUSE_OK && i < ouse_count(ctx, parties); i++) {
        struct ouse_str party = ouse_as_text(ctx, ouse_at(ctx, parties, i));
        if (!ouse_same(party, successor))
            rc = close_party(ctx, party, ouse_text(ctx, merger, "effective"));
    }
    return rc;
}

/* At the end of the change set, which may bring or close the organisations after the merger. */
static ouse_rc settle_merger(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    static const char *const matters[] = {"state", "parties", "successor"};
    int changed = 0;

    for (size_t i = 0; i < sizeof matters / sizeof matters[0]; i++)
        changed |= ouse_differs(ctx, change->before, change->after, matters[i]);
    return changed && in_effect(ctx, change->after) ? take_effect(ctx, change->after) : OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "mergers",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_merger},
    {.collection = "mergers",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_merger},
};

/* ---- The plugin -------------------------------------------------------- */

static const struct ouse_parameter review_parameters[] = {
    {.name = "status",
     .type = OUSE_ENUM,
     .choices = "broken at_risk not_reviewed kept ended",
     .doc = "Only commitments with this status; not_reviewed are those without a status."},
};

static const char review_reply[] =
    OUSE_JSON({
    "type": "object",
    "properties": {
        "status": {"type": ["string", "null"]},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "commitments": {"type": "array", "items": {"type": "object", "required": ["id", "text", "status", "site", "of"]}}
    },
    "required": ["status", "counts", "commitments"]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "commitments/-/review",
     .access = OUSE_READ,
     .fn = commitments_review,
     .summary = "All commitments, those that need attention first",
     .parameters = OUSE_ROWS(review_parameters),
     .reply_schema = review_reply},
};

OUSE_PLUGIN(.name = "services", .version = "1.0.0", .title = "Services",
            .doc = "Mergers of organisations, and commitments to the users of their services.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks))
