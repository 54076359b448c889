/* coverage: the networks of each care model, with their people, practices and posts; disbanded ones
 * are omitted.
 *
 * Every member is always present; an unknown value is null. Records that the caller may not see are
 * neither listed nor counted. */
#include "networks.h"

/* Sums for a model, and for all. */
struct sums {
    double networks, practices, list_size, posts, filled;
};

static void add(struct sums *to, const struct sums *sums)
{
    to->networks += sums->networks;
    to->practices += sums->practices;
    to->list_size += sums->list_size;
    to->posts += sums->posts;
    to->filled += sums->filled;
}

static void set(struct ouse_ctx *ctx, struct ouse_doc *object, const struct sums *sums)
{
    ouse_set_number(ctx, object, "practices", sums->practices);
    ouse_set_number(ctx, object, "list_size", sums->list_size);
    ouse_set_number(ctx, object, "posts", sums->posts);
    ouse_set_number(ctx, object, "filled", sums->filled);
}

static struct sums sums_of(struct ouse_ctx *ctx, struct ouse_str network)
{
    struct practices practices = network_practices(ctx, network);
    struct sums sums = {1, practices.n, practices.list_size, 0, 0};

    OUSE_EACH(ctx, post, ouse_query(ctx, "posts", "network=%.*s", OUSE_F(network))) {
        sums.posts += ouse_number(ctx, post, "posts", 0);
        sums.filled += ouse_number(ctx, post, "filled", 0);
    }
    return sums;
}

/* Whether the population lies in the bounds of the model; null if one of them is not known. */
static void set_within(struct ouse_ctx *ctx, struct ouse_doc *shown, const struct ouse_doc *model,
                       const struct ouse_doc *population)
{
    struct span span;

    if (model && quantity_span(ctx, population, &span))
        ouse_set_bool(ctx, shown, "within_model", !outside_model(ctx, model, population));
    else
        ouse_set_null(ctx, shown, "within_model");
}

/* Returns the networks of a model; `model` is NULL for networks without a model. */
static struct ouse_doc *show_networks(struct ouse_ctx *ctx, struct ouse_rows *networks,
                                      const struct ouse_doc *model, struct sums *total)
{
    struct ouse_doc *list = ouse_list(ctx);

    OUSE_EACH(ctx, network, networks) {
        if (ouse_is(ouse_text(ctx, network, "state"), "disbanded"))
            continue;
        struct ouse_doc *shown = ouse_show(ctx, network, "id name state area locality population");
        struct sums sums = sums_of(ctx, ouse_text(ctx, network, "id"));
        set_within(ctx, shown, model, ouse_member(ctx, network, "population"));
        set(ctx, shown, &sums);
        ouse_add(ctx, list, shown);
        add(total, &sums);
    }
    ouse_sort(ctx, list, "name id");
    return list;
}

static struct ouse_doc *counts(struct ouse_ctx *ctx, const struct sums *sums)
{
    struct ouse_doc *shown = ouse_object(ctx);

    ouse_set_number(ctx, shown, "networks", sums->networks);
    set(ctx, shown, sums);
    return shown;
}

ouse_rc networks_coverage(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *answer = ouse_object(ctx), *models = ouse_list(ctx), *without;
    struct sums all = {0, 0, 0, 0, 0};

    (void)request;
    OUSE_EACH(ctx, model, ouse_query(ctx, "care-models", NULL)) {
        struct sums total = {0, 0, 0, 0, 0};
        struct ouse_doc *shown = ouse_show(ctx, model, "id name population_min population_max");
        struct ouse_doc *networks =
            show_networks(ctx, ouse_query(ctx, "networks", "model=%.*s", OUSE_F(ouse_text(ctx, model, "id"))),
                          model, &total);
        ouse_set(ctx, shown, "counts", counts(ctx, &total));
        ouse_set(ctx, shown, "networks", networks);
        ouse_add(ctx, models, shown);
        add(&all, &total);
    }
    ouse_sort(ctx, models, "name id");
    without = show_networks(ctx, ouse_query(ctx, "networks", "model[exists]=false"), NULL, &all);
    ouse_set(ctx, answer, "counts", counts(ctx, &all));
    ouse_set(ctx, answer, "models", models);
    ouse_set(ctx, answer, "without_model", without);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
