/* clusters: partnerships of universities and the NHS that train staff and share good practice, such
 * as Health Innovation and Education Clusters (HIEC).
 *
 *     cluster ─┬─ constituents ── a university and an NHS body, or either
 *              ├─ aims
 *              └─ shared practices ── adopted by organisations
 *
 * Invariants, beyond the rules of the tables:
 *   - at the end of every change set, the organisation that leads a cluster is
 *     part of one of its constituents;
 *   - a HIEC carries a warning exactly while one of the four sectors is missing
 *     among its constituents.
 */
#include "clusters.h"
#include <ouse/fields.h>

/* ---- Collections ------------------------------------------------------- */

#define SECTORS "nhs education academia industry"

static const struct ouse_field cluster_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the cluster."},
    {.name = "kind",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = "hiec other",
     .doc = "The kind of cluster: a Health Innovation and Education Cluster, or another."},
    {.name = "purpose", .type = OUSE_LONG, .flags = OUSE_SEARCHABLE, .doc = "The purpose of the cluster."},
    {.name = "lead",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that leads it, part of one of its constituents.",
     .inverse = "Leads"},
    {.name = "on_behalf_of",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation for which the lead acts.",
     .inverse = "Others lead for it"},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area that it serves.",
     .inverse = "Clusters"},
    {.name = "reach", .type = OUSE_QTY, .min = 1, .doc = "The number of people it serves."},
    {.name = "budget_share",
     .type = OUSE_QTY,
     .doc = "The part of a larger budget that its members hold; the unit names that budget."},
    {.name = "bid",
     .type = OUSE_REF,
     .refers_to = "bids@funding",
     .doc = "The bid that created it.",
     .inverse = "Clusters"},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "bidding won active wound_up lost",
     .doc = "The stage that it has reached.",
     .title = "Stage"},
};

static const struct ouse_move cluster_moves[] = {
    {.from = "bidding", .to = "won", .title = "Win", .doc = "Its bid has been won."},
    {.from = "bidding", .to = "lost", .title = "Lose", .doc = "Its bid has been lost."},
    {.from = "won", .to = "active", .title = "Start work", .doc = "Its work is under way."},
    {.from = "won active", .to = "wound_up", .title = "Wind up", .doc = "Its work has ended."},
};

static const struct ouse_flow cluster_flows[] = {
    {.field = "state", .initial = "bidding", .moves = OUSE_ROWS(cluster_moves)},
};

static const struct ouse_field constituent_fields[] = {
    {.name = "cluster",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "clusters",
     .on_delete = OUSE_CASCADE,
     .doc = "The cluster that it belongs to.",
     .inverse = "Constituents"},
    {.name = "order",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .min = 1,
     .max = 999,
     .doc = "Its position among the constituents."},
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "The name of the partnership."},
    {.name = "academic",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "Its university or school.",
     .title = "University",
     .inverse = "University in"},
    {.name = "nhs",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .title = "NHS body",
     .doc = "Its NHS body.",
     .inverse = "NHS body in"},
    {.name = "sector",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = SECTORS,
     .doc = "The sector that it represents, in addition to those of its university and its NHS body."},
};

static const struct ouse_field aim_fields[] = {
    {.name = "cluster",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "clusters",
     .on_delete = OUSE_CASCADE,
     .doc = "The cluster that has the aim.",
     .inverse = "Aims"},
    {.name = "number",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .min = 1,
     .max = 999,
     .doc = "Its position among the aims."},
    {.name = "text",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_SEARCHABLE,
     .max = 500,
     .doc = "The aim, in one sentence."},
    {.name = "conditions",
     .type = OUSE_LIST,
     .flags = OUSE_SEARCHABLE,
     .max = 50,
     .doc = "The illnesses and needs that it covers."},
};

static const struct ouse_index aim_indexes[] = {
    {"number_in_cluster", "cluster number", OUSE_UNIQUE},
};

static const struct ouse_field practice_fields[] = {
    {.name = "cluster",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "clusters",
     .doc = "The cluster that shares it."},
    {.name = "title",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_TITLE_MAX,
     .doc = "The name of the practice."},
    {.name = "summary",
     .type = OUSE_LONG,
     .flags = OUSE_SEARCHABLE,
     .doc = "A description of the practice, and why it works."},
    {.name = "published", .type = OUSE_PDATE, .flags = OUSE_INDEXED, .doc = "The date of publication."},
    {.name = "adopted_by",
     .type = OUSE_REFS,
     .refers_to = "organisations@directory",
     .doc = "The organisations that have adopted it."},
};

static const struct ouse_collection collections[] = {
    {.name = "clusters",
     .singular = "cluster",
     .doc = "Partnerships of universities, the NHS and others that train staff and share good practice.",
     .version = 1,
     .label_field = "name",
     .context = "kind",
     .fields = OUSE_ROWS(cluster_fields),
     .flows = OUSE_ROWS(cluster_flows)},
    {.name = "constituents",
     .singular = "constituent",
     .title = "Constituents of clusters",
     .doc = "The partnerships that form a cluster.",
     .version = 1,
     .label_field = "name academic nhs cluster",
     .join = {.of = "cluster", .with = "academic nhs", .role = "name sector", .order = "order"},
     .fields = OUSE_ROWS(constituent_fields)},
    {.name = "aims",
     .singular = "aim",
     .doc = "The aims of a cluster.",
     .version = 1,
     .label_field = "text",
     .join = {.of = "cluster", .text = "text", .order = "number"},
     .fields = OUSE_ROWS(aim_fields),
     .indexes = OUSE_ROWS(aim_indexes)},
    {.name = "shared-practices",
     .singular = "shared-practice",
     .doc = "Good practice that a cluster shares, and the organisations that have adopted it.",
     .version = 1,
     .label_field = "title",
     .parent = "cluster",
     .context = "cluster",
     .fields = OUSE_ROWS(practice_fields)},
};

/* ---- Rules ------------------------------------------------------------- */

/* The sectors that a constituent brings: its own, and those of its organisations. */
static const struct {
    const char *sector, *title, *organisation;
} sectors[] = {
    {"nhs", "the NHS", "nhs"},
    {"education", "medical education", NULL},
    {"academia", "academia", "academic"},
    {"industry", "industry", NULL},
};

enum { N_SECTORS = sizeof sectors / sizeof sectors[0] };

static int brings(struct ouse_ctx *ctx, const struct ouse_doc *constituent, size_t i)
{
    return ouse_is(ouse_text(ctx, constituent, "sector"), sectors[i].sector) ||
           (sectors[i].organisation && ouse_text(ctx, constituent, sectors[i].organisation).p);
}

static ouse_rc check_cluster(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    int there[N_SECTORS] = {0};
    struct ouse_str missing = ouse_s("");

    if (!ouse_is(ouse_text(ctx, change->after, "kind"), "hiec"))
        return OUSE_OK;
    OUSE_EACH(ctx, constituent, ouse_query(ctx, "constituents", "cluster=%.*s", OUSE_F(change->id)))
        for (size_t i = 0; i < N_SECTORS; i++)
            there[i] |= brings(ctx, constituent, i);
    for (size_t i = 0; i < N_SECTORS; i++)
        if (!there[i])
            missing = ouse_format(ctx, "%.*s%s%s", OUSE_F(missing), missing.n ? ", " : "", sectors[i].title);
    if (missing.n)
        ouse_warn(ctx, "", "sector_missing",
                  "A HIEC brings together the NHS, medical education, academia and industry; its "
                  "constituents do not include: %.*s",
                  OUSE_F(missing));
    return OUSE_OK;
}

static ouse_rc follow_constituent(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_recheck(ctx, "clusters", ouse_text(ctx, change->before, "cluster"));
    ouse_recheck(ctx, "clusters", ouse_text(ctx, change->after, "cluster"));
    return OUSE_OK;
}

/* Whether the cluster has no lead, or one that is among its constituents. */
static int is_well_led(struct ouse_ctx *ctx, struct ouse_str cluster, struct ouse_str lead)
{
    if (!lead.p)
        return 1;
    OUSE_EACH(ctx, constituent, ouse_query(ctx, "constituents", "cluster=%.*s", OUSE_F(cluster)))
        if (ouse_same(ouse_text(ctx, constituent, "academic"), lead) ||
            ouse_same(ouse_text(ctx, constituent, "nhs"), lead))
            return 1;
    return 0;
}

static ouse_rc settle_cluster(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str lead = ouse_text(ctx, change->after, "lead");

    if (!change->after || is_well_led(ctx, change->id, lead))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_CONFLICT, "/lead", "lead_not_constituent",
                     "%.*s leads the cluster but is not the university or NHS body of any of its "
                     "constituents; name one that is, or add the constituent first",
                     OUSE_F(lead));
}

/* A constituent that leaves, or changes, must not take the lead with it. */
static ouse_rc settle_constituent(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str left = ouse_text(ctx, change->before, "cluster");
    struct ouse_str lead = ouse_text(ctx, ouse_get(ctx, "clusters", left), "lead");

    if (is_well_led(ctx, left, lead))
        return OUSE_OK;
    return ouse_fail(ctx, OUSE_E_CONFLICT, "", "lead_not_constituent",
                     "Without it, %.*s leads clusters/%.*s but is not in any of its constituents; give the "
                     "cluster another lead first",
                     OUSE_F(lead), OUSE_F(left));
}

static const struct ouse_hook hooks[] = {
    {.collection = "clusters",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_cluster},
    {.collection = "clusters",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_cluster},
    {.collection = "constituents",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_constituent},
    {.collection = "constituents",
     .ops = OUSE_ON_ALL,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_constituent},
};

/* ---- The plugin -------------------------------------------------------- */

static const char overview_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "cluster": {"type": "object", "required": ["id", "name"]},
        "lead": {"type": ["object", "null"]},
        "on_behalf_of": {"type": ["object", "null"]},
        "constituents": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}},
        "aims": {"type": "array", "items": {"type": "object", "required": ["id", "text"]}},
        "shared_practices": {"type": "array", "items": {"type": "object", "required": ["id", "title", "adopted_by"]}}
    },
    "required": ["cluster", "lead", "on_behalf_of", "constituents", "aims", "shared_practices"]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "clusters/{id}/overview",
     .access = OUSE_READ,
     .fn = cluster_overview,
     .summary = "The whole of a cluster: lead, constituents, aims, shared practice",
     .reply_schema = overview_reply},
};

OUSE_PLUGIN(.name = "clusters", .version = "1.0.0", .title = "Education clusters",
            .doc = "Clusters of universities, the NHS and others, their aims, and the practice they share.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks), .spellings = "HIEC")
