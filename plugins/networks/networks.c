/* networks: GP practices that work together for the people of a locality, after a model of care,
 * with a team of several professions.
 *
 *     care model ── networks ─┬─ practices ── organisations
 *                             └─ posts
 *
 * Invariants, beyond the rules of the tables:
 *   - at the end of every change set, no practice is in two networks, or in one
 *     of them twice, on any day;
 *   - no more of a network's posts are filled than exist;
 *   - a network carries a warning exactly while its population is outside the
 *     bounds of its model, or far from the sum of its practices' lists.
 *
 * Unknown values are not mistakes: dates that are known as a month only overlap if some day is
 * certainly in both, and a quantity is outside if all of its possible values are. */
#include "networks.h"
#include <math.h>
#include <ouse/fields.h>

#define OFF_PERCENT 10 /* lists may differ from the stated population by that much */

/* ---- Collections ------------------------------------------------------- */

#define PROFESSIONS "pharmacist gp mental_health_therapist nurse physiotherapist social_worker other"

static const struct ouse_field model_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the model."},
    {.name = "description",
     .type = OUSE_LONG,
     .flags = OUSE_SEARCHABLE,
     .doc = "A description of how practices work together."},
    {.name = "population_min",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .min = 1,
     .title = "Smallest population",
     .doc = "The smallest population of a network."},
    {.name = "population_max",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .min = 1,
     .title = "Largest population",
     .doc = "The largest population of a network."},
    {.name = "professions",
     .type = OUSE_LIST,
     .flags = OUSE_INDEXED,
     .choices = PROFESSIONS,
     .doc = "The professions that join the teams of the practices."},
};

static const struct ouse_field network_fields[] = {
    {.name = "name",
     .type = OUSE_TEXT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "Name of the network."},
    {.name = "model",
     .type = OUSE_REF,
     .refers_to = "care-models",
     .title = "Care model",
     .doc = "The care model of the network, if it has one.",
     .inverse = "Networks"},
    {.name = "area",
     .type = OUSE_REF,
     .refers_to = "areas@directory",
     .doc = "The area of the network.",
     .inverse = "Networks"},
    {.name = "locality",
     .type = OUSE_TEXT,
     .flags = OUSE_INDEXED | OUSE_SEARCHABLE,
     .max = OUSE_NAME_MAX,
     .doc = "The part of the area, by its usual name."},
    {.name = "population", .type = OUSE_QTY, .min = 1, .doc = "The number of people it looks after."},
    {.name = "lead",
     .type = OUSE_REF,
     .refers_to = "organisations@directory",
     .doc = "The organisation that leads it.",
     .inverse = "Leads"},
    {.name = "state",
     .type = OUSE_ENUM,
     .flags = OUSE_INDEXED,
     .choices = "interest approved piloting live disbanded",
     .doc = "The stage that it has reached.",
     .title = "Stage"},
};

static const struct ouse_move network_moves[] = {
    {.from = "interest", .to = "approved", .title = "Approve", .doc = "It may go ahead."},
    {.from = "approved", .to = "piloting", .title = "Start pilot", .doc = "It is testing the model."},
    {.from = "piloting", .to = "live", .title = "Go live", .doc = "It works permanently after the model."},
    {.from = "interest approved piloting live",
     .to = "disbanded",
     .title = "Disband",
     .doc = "Its practices no longer work together, or will not start."},
};

static const struct ouse_flow network_flows[] = {
    {.field = "state", .initial = "interest", .moves = OUSE_ROWS(network_moves)},
};

static const struct ouse_field practice_fields[] = {
    {.name = "network",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "networks",
     .on_delete = OUSE_CASCADE,
     .doc = "The network that it belongs to.",
     .inverse = "Practices"},
    {.name = "practice",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .doc = "The GP practice.",
     .inverse = "Networks"},
    {.name = "starts",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .doc = "First day, month or year in the network."},
    {.name = "ends",
     .type = OUSE_PDATE,
     .flags = OUSE_INDEXED,
     .after = "starts",
     .doc = "Last day, month or year in the network."},
    {.name = "list_size",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .min = 1,
     .doc = "The number of registered patients, if its list sizes are not recorded over time."},
    OUSE_FIELDS_ADDRESS("the practice"),
};

static const struct ouse_field list_size_fields[] = {
    {.name = "practice",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "organisations@directory",
     .on_delete = OUSE_CASCADE,
     .doc = "The GP practice.",
     .inverse = "Registered patients"},
    {.name = "on",
     .type = OUSE_PDATE,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .doc = "The date of the count."},
    {.name = "value",
     .type = OUSE_INT,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .min = 0,
     .max = 1000000000,
     .title = "Patients",
     .doc = "The number of patients registered with the practice."},
};

static const struct ouse_index list_size_indexes[] = {
    {"once_a_day", "practice on", OUSE_UNIQUE},
};

static const struct ouse_field post_fields[] = {
    {.name = "network",
     .type = OUSE_REF,
     .flags = OUSE_REQUIRED,
     .refers_to = "networks",
     .on_delete = OUSE_CASCADE,
     .doc = "The network of the team.",
     .inverse = "Posts"},
    {.name = "profession",
     .type = OUSE_ENUM,
     .flags = OUSE_REQUIRED | OUSE_INDEXED,
     .choices = PROFESSIONS,
     .doc = "The profession."},
    {.name = "posts", .type = OUSE_INT, .flags = OUSE_INDEXED, .max = 10000, .doc = "The number of posts."},
    {.name = "filled",
     .type = OUSE_INT,
     .flags = OUSE_INDEXED,
     .max = 10000,
     .doc = "The number of filled posts."},
};

static const struct ouse_collection collections[] = {
    {.name = "care-models",
     .singular = "care-model",
     .doc = "Models for the work of practices together, with their population sizes.",
     .version = 1,
     .label_field = "name",
     .fields = OUSE_ROWS(model_fields)},
    {.name = "networks",
     .singular = "network",
     .doc = "Practices that work together for the people of a locality.",
     .version = 1,
     .label_field = "name",
     .context = "area model",
     .fields = OUSE_ROWS(network_fields),
     .flows = OUSE_ROWS(network_flows)},
    {.name = "practices",
     .singular = "practice",
     .title = "Network practices",
     .doc = "Practices in networks, with their dates.",
     .version = 1,
     .label_field = "practice network",
     .join = {.of = "network", .with = "practice", .from = "starts", .to = "ends", .amount = "list_size"},
     .fields = OUSE_ROWS(practice_fields)},
    {.name = "list-sizes",
     .singular = "list-size",
     .doc = "The number of patients of a practice, by date.",
     .version = 1,
     .label_field = "practice on",
     .join = {.of = "practice", .from = "on", .amount = "value"},
     .fields = OUSE_ROWS(list_size_fields),
     .indexes = OUSE_ROWS(list_size_indexes)},
    {.name = "posts",
     .singular = "post",
     .doc = "The posts in the team of a network, by profession, and how many are filled.",
     .version = 1,
     .label_field = "profession network",
     .join = {.of = "network", .role = "profession", .amount = "posts"},
     .fields = OUSE_ROWS(post_fields)},
};

/* ---- How a network is read --------------------------------------------- */

int quantity_span(struct ouse_ctx *ctx, const struct ouse_doc *quantity, struct span *span)
{
    struct ouse_str qualifier = ouse_text(ctx, quantity, "qualifier");
    double value = ouse_number(ctx, quantity, "value", 0);

    if (!ouse_count(ctx, quantity))
        return 0;
    if (!ouse_member(ctx, quantity, "value"))
        *span = (struct span){ouse_number(ctx, quantity, "min", 0), ouse_number(ctx, quantity, "max", 0)};
    else if (ouse_is(qualifier, "over"))
        *span = (struct span){value + 1, INFINITY};
    else if (ouse_is(qualifier, "under"))
        *span = (struct span){-INFINITY, value - 1};
    else
        *span = (struct span){value, value};
    return 1;
}

int outside_model(struct ouse_ctx *ctx, const struct ouse_doc *model, const struct ouse_doc *quantity)
{
    struct span span;

    return quantity_span(ctx, quantity, &span) &&
           (span.high < ouse_number(ctx, model, "population_min", 0) ||
            span.low > ouse_number(ctx, model, "population_max", INFINITY));
}

/* Whether a practice has joined the network, and has not left it. */
static int belongs_today(struct ouse_ctx *ctx, const struct ouse_doc *practice)
{
    int32_t today = ouse_today(ctx), first, last;

    if (ouse_span(ctx, ouse_text(ctx, practice, "starts"), &first, &last) && first > today)
        return 0;
    return !ouse_span(ctx, ouse_text(ctx, practice, "ends"), &first, &last) || last >= today;
}

/* Returns the latest of the list sizes that a practice had by today; otherwise the one in its
 * record of the network. */
static double list_size_of(struct ouse_ctx *ctx, const struct ouse_doc *practice)
{
    struct ouse_str id = ouse_text(ctx, practice, "practice");
    double size = ouse_number(ctx, practice, "list_size", 0);
    int32_t today = ouse_today(ctx), first, last, latest = INT32_MIN;

    OUSE_EACH(ctx, counted, id.p ? ouse_query(ctx, "list-sizes", "practice=%.*s", OUSE_F(id)) : NULL) {
        if (!ouse_span(ctx, ouse_text(ctx, counted, "on"), &first, &last) || first > today || first < latest)
            continue;
        latest = first;
        size = ouse_number(ctx, counted, "value", 0);
    }
    return size;
}

struct practices network_practices(struct ouse_ctx *ctx, struct ouse_str network)
{
    struct practices all = {0, 0, 0};

    OUSE_EACH(ctx, practice, ouse_query(ctx, "practices", "network=%.*s", OUSE_F(network))) {
        double list_size = list_size_of(ctx, practice);
        if (!belongs_today(ctx, practice))
            continue;
        all.n++;
        all.counted += list_size > 0;
        all.list_size += list_size;
    }
    return all;
}

/* ---- Rules ------------------------------------------------------------- */

static ouse_rc check_model(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    double min = ouse_number(ctx, change->after, "population_min", 0);
    double max = ouse_number(ctx, change->after, "population_max", INFINITY);

    if (max < min)
        return ouse_fail(ctx, OUSE_E_INVALID, "/population_max", "bounds",
                         "The largest population (%.0f) is below the smallest; give at least %.0f", max, min);
    return OUSE_OK;
}

/* Returns the bounds of a model: "30000 to 50000". */
static struct ouse_str bounds_of(struct ouse_ctx *ctx, const struct ouse_doc *model)
{
    double min = ouse_number(ctx, model, "population_min", 0);
    double max = ouse_number(ctx, model, "population_max", 0);

    if (max == 0)
        return ouse_format(ctx, "at least %.0f", min);
    return min > 0 ? ouse_format(ctx, "%.0f to %.0f", min, max) : ouse_format(ctx, "at most %.0f", max);
}

/* A quantity as people write it: "over 60000", "20000 to 25000". */
static struct ouse_str written(struct ouse_ctx *ctx, const struct ouse_doc *quantity)
{
    struct ouse_str qualifier = ouse_text(ctx, quantity, "qualifier");
    double value = ouse_number(ctx, quantity, "value", 0);

    if (!ouse_member(ctx, quantity, "value"))
        return ouse_format(ctx, "%.0f to %.0f", ouse_number(ctx, quantity, "min", 0),
                           ouse_number(ctx, quantity, "max", 0));
    if (ouse_is_one(qualifier, "over under"))
        return ouse_format(ctx, "%.*s %.0f", OUSE_F(qualifier), value);
    return ouse_format(ctx, "%.0f", value);
}

static void warn_model(struct ouse_ctx *ctx, const struct ouse_doc *network)
{
    const struct ouse_doc *population = ouse_member(ctx, network, "population");
    const struct ouse_doc *model = ouse_get(ctx, "care-models", ouse_text(ctx, network, "model"));

    if (outside_model(ctx, model, population))
        ouse_warn(ctx, "/population", "population_outside_model",
                  "A population of %.*s is outside the model %.*s, which is for %.*s",
                  OUSE_F(written(ctx, population)), OUSE_F(ouse_text(ctx, model, "name")),
                  OUSE_F(bounds_of(ctx, model)));
}

/* While some lists are not known, their sum can only be too large. */
static void warn_lists(struct ouse_ctx *ctx, const struct ouse_doc *network, struct ouse_str id)
{
    const struct ouse_doc *population = ouse_member(ctx, network, "population");
    struct practices practices = network_practices(ctx, id);
    struct span span;

    if (!practices.counted || !quantity_span(ctx, population, &span))
        return;
    int all_known = practices.counted == practices.n;
    int too_few = all_known && practices.list_size * 100 < span.low * (100 - OFF_PERCENT);
    int too_many = practices.list_size * 100 > span.high * (100 + OFF_PERCENT);
    if (too_few || too_many)
        ouse_warn(ctx, "/population", "list_sizes_differ",
                  "The lists of its practices add up to %.0f, more than %d%% off the population of %.*s",
                  practices.list_size, OFF_PERCENT, OUSE_F(written(ctx, population)));
}

static ouse_rc check_network(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    warn_model(ctx, change->after);
    warn_lists(ctx, change->after, change->id);
    return OUSE_OK;
}

static struct ouse_str or_open(struct ouse_str date)
{
    return date.p ? date : ouse_s("open");
}

/* At the end of the change set, within which a practice may leave and join in any order. */
static ouse_rc settle_practice(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    struct ouse_str practice = ouse_text(ctx, change->after, "practice");

    if (!practice.p)
        return OUSE_OK;
    OUSE_EACH(ctx, other, ouse_query(ctx, "practices", "practice=%.*s", OUSE_F(practice))) {
        if (ouse_same(ouse_text(ctx, other, "id"), change->id) || !ouse_overlap(ctx, change->after, other))
            continue;
        return ouse_fail(
            ctx, OUSE_E_CONFLICT, "/practice", "two_networks",
            "%.*s is in the network %.*s at that time (practices/%.*s, from %.*s to %.*s); "
            "a practice joins one network after it has left the other",
            OUSE_F(practice), OUSE_F(ouse_text(ctx, other, "network")), OUSE_F(ouse_text(ctx, other, "id")),
            OUSE_F(or_open(ouse_text(ctx, other, "starts"))), OUSE_F(or_open(ouse_text(ctx, other, "ends"))));
    }
    return OUSE_OK;
}

static ouse_rc check_post(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    double filled = ouse_number(ctx, change->after, "filled", 0);
    double posts = ouse_number(ctx, change->after, "posts", filled);

    if (filled > posts)
        return ouse_fail(ctx, OUSE_E_INVALID, "/filled", "more_than_posts",
                         "at most all posts can be filled, which are %.0f; got %.0f", posts, filled);
    return OUSE_OK;
}

/* A network's warnings depend on its model and its practices. */

static ouse_rc follow_model(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    OUSE_EACH(ctx, network, ouse_query(ctx, "networks", "model=%.*s", OUSE_F(change->id)))
        ouse_recheck(ctx, "networks", ouse_text(ctx, network, "id"));
    return OUSE_OK;
}

static ouse_rc follow_practice(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    ouse_recheck(ctx, "networks", ouse_text(ctx, change->before, "network"));
    ouse_recheck(ctx, "networks", ouse_text(ctx, change->after, "network"));
    return OUSE_OK;
}

static void recheck_networks_of(struct ouse_ctx *ctx, struct ouse_str practice)
{
    OUSE_EACH(ctx, membership,
              practice.p ? ouse_query(ctx, "practices", "practice=%.*s", OUSE_F(practice)) : NULL)
        ouse_recheck(ctx, "networks", ouse_text(ctx, membership, "network"));
}

static ouse_rc follow_list_size(struct ouse_ctx *ctx, const struct ouse_change *change)
{
    recheck_networks_of(ctx, ouse_text(ctx, change->before, "practice"));
    recheck_networks_of(ctx, ouse_text(ctx, change->after, "practice"));
    return OUSE_OK;
}

static const struct ouse_hook hooks[] = {
    {.collection = "care-models",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_model},
    {.collection = "care-models",
     .ops = OUSE_ON_UPDATE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_model},
    {.collection = "networks",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_network},
    {.collection = "practices",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FILL,
     .fn = ouse_fill_postcode},
    {.collection = "practices",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_practice},
    {.collection = "list-sizes",
     .ops = OUSE_ON_WRITE | OUSE_ON_REMOVE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_FOLLOW,
     .fn = follow_list_size},
    {.collection = "practices",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_SETTLE,
     .fn = settle_practice},
    {.collection = "posts",
     .ops = OUSE_ON_WRITE,
     .ops_known = OUSE_ON_ALL,
     .phase = OUSE_CHECK,
     .fn = check_post},
};

/* ---- The plugin -------------------------------------------------------- */

static const char coverage_reply[] = OUSE_JSON({
    "type": "object",
    "properties": {
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "models": {"type": "array", "items": {"type": "object", "required": ["id", "name", "counts", "networks"]}},
        "without_model": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}}
    },
    "required": ["counts", "models", "without_model"],
    "x-charts": [{
        "kind": "bars", "title": "Populations of networks against the bounds of their care model", "rows": "models.networks", "label": "name",
        "unit": "people", "series": {"population": "Population"}, "low": "population_min", "high": "population_max"
    }]
});

static const struct ouse_route routes[] = {
    {.method = "GET",
     .path = "networks/-/coverage",
     .access = OUSE_READ,
     .fn = networks_coverage,
     .summary = "The networks of each care model: their people, practices and posts",
     .reply_schema = coverage_reply},
};

OUSE_PLUGIN(.name = "networks", .version = "1.0.0", .title = "Practice networks",
            .doc = "Care models, the networks of practices that work after them, and their teams.",
            .needs = "directory>=1", .threads = OUSE_PARALLEL, .collections = OUSE_ROWS(collections),
            .routes = OUSE_ROWS(routes), .hooks = OUSE_ROWS(hooks))
