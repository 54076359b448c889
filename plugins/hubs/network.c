/* network: the collaborations of a hub, as a drawing in layers from left to right:
 *
 *     organisations ── hub ── pillars ── projects ── people
 *
 * Positions are in the unit square, x by the layer and y by the place in it. Nodes enter each layer
 * in the order in which the hub is read, so that related ones are close together, and equal records
 * give an equal drawing. */
#include "hubs.h"

#define NODES_MAX 1000 /* limit of a drawing; further nodes, and links to them, are omitted */

static const struct {
    const char *collection, *kind;
} layers[] = {
    {"organisations", "organisation"}, {"hubs", "hub"},      {"pillars", "pillar"},
    {"projects", "project"},           {"people", "person"},
};

#define N_LAYERS (sizeof layers / sizeof layers[0])

enum layer { ORGANISATION, HUB, PILLAR, PROJECT, PERSON };

struct network {
    struct ouse_ctx *ctx;
    struct ouse_doc *nodes; /* an object: "collection/id" to the node, in order of entry */
    struct ouse_doc *links;
    uint8_t layer_of[NODES_MAX]; /* of each node, in the same order */
    uint32_t in_layer[N_LAYERS];
};

/* Enters a record as a node, once. Returns its name for links, or NULL when
 * there is no such record, or no room. */
static const char *node(struct network *net, enum layer layer, const struct ouse_doc *record)
{
    struct ouse_ctx *ctx = net->ctx;
    struct ouse_str id = ouse_text(ctx, record, "id"), label = ouse_text(ctx, record, "name");
    const char *name = ouse_format(ctx, "%s/%.*s", layers[layer].collection, OUSE_F(id)).p;

    if (ouse_member(ctx, net->nodes, name))
        return name;
    if (!record || ouse_count(ctx, net->nodes) == NODES_MAX)
        return NULL;
    struct ouse_doc *entry = ouse_object(ctx);
    ouse_set_text(ctx, entry, "id", id);
    ouse_set_text(ctx, entry, "collection", ouse_s(layers[layer].collection));
    ouse_set_text(ctx, entry, "label", label.p ? label : ouse_text(ctx, record, "title"));
    ouse_set_text(ctx, entry, "kind", ouse_s(layers[layer].kind));
    net->layer_of[ouse_count(ctx, net->nodes)] = (uint8_t)layer;
    net->in_layer[layer]++;
    ouse_set(ctx, net->nodes, name, entry);
    return name;
}

static void join(struct network *net, const char *from, const char *to, struct ouse_str kind)
{
    struct ouse_doc *entry = ouse_object(net->ctx);

    if (!from || !to)
        return;
    ouse_set_text(net->ctx, entry, "from", ouse_s(from));
    ouse_set_text(net->ctx, entry, "to", ouse_s(to));
    ouse_set_text(net->ctx, entry, "kind", kind);
    ouse_add(net->ctx, net->links, entry);
}

static void enter_organisations(struct network *net, const char *hub, const struct ouse_request *request)
{
    struct ouse_ctx *ctx = net->ctx;
    const struct ouse_doc *partners = hub_partners(ctx, request->id);
    struct ouse_str host = ouse_text(ctx, request->record, "host");

    if (host.p && !ouse_next(ctx, ouse_query(ctx, "partners", "hub=%.*s&organisation=%.*s&role=host",
                                             OUSE_F(request->id), OUSE_F(host))))
        join(net, node(net, ORGANISATION, ouse_get(ctx, "organisations", host)), hub, ouse_s("host"));
    for (uint32_t i = 0; i < ouse_count(ctx, partners); i++) {
        const struct ouse_doc *partner = ouse_at(ctx, partners, i);
        const struct ouse_doc *record =
            ouse_get(ctx, "organisations", ouse_text(ctx, partner, "organisation"));
        join(net, node(net, ORGANISATION, record), hub, ouse_text(ctx, partner, "role"));
    }
}

/* The organisations that pay for a hub or a project. */
static void enter_funders(struct network *net, const char *paid, const char *collection, struct ouse_str id)
{
    struct ouse_ctx *ctx = net->ctx;

    OUSE_EACH(ctx, award, ouse_referrers(ctx, collection, id, "awards", "for"))
        join(net, node(net, ORGANISATION, ouse_get(ctx, "organisations", ouse_text(ctx, award, "funder"))),
             paid, ouse_s("funder"));
}

static void enter_director(struct network *net, const char *hub, struct ouse_str id)
{
    const struct ouse_doc *appointment = hub_director(net->ctx, id);
    const struct ouse_doc *person = ouse_get(net->ctx, "people", ouse_text(net->ctx, appointment, "person"));

    join(net, hub, node(net, PERSON, person), ouse_s("director"));
}

static void enter_projects(struct network *net, const char *pillar, struct ouse_str id)
{
    struct ouse_ctx *ctx = net->ctx;
    const struct ouse_doc *projects = pillar_projects(ctx, id);

    for (uint32_t i = 0; i < ouse_count(ctx, projects); i++) {
        const struct ouse_doc *record = ouse_at(ctx, projects, i), *leads = ouse_member(ctx, record, "leads");
        const char *project = node(net, PROJECT, record);
        join(net, pillar, project, ouse_s("project"));
        enter_funders(net, project, "projects", ouse_text(ctx, record, "id"));
        for (uint32_t lead = 0; lead < ouse_count(ctx, leads); lead++) {
            const struct ouse_doc *person =
                ouse_get(ctx, "people", ouse_as_text(ctx, ouse_at(ctx, leads, lead)));
            join(net, project, node(net, PERSON, person), ouse_s("lead"));
        }
    }
}

static void enter_pillars(struct network *net, const char *hub, struct ouse_str id)
{
    struct ouse_ctx *ctx = net->ctx;
    const struct ouse_doc *pillars = hub_pillars(ctx, id);

    for (uint32_t i = 0; i < ouse_count(ctx, pillars); i++) {
        const struct ouse_doc *record = ouse_at(ctx, pillars, i);
        const char *pillar = node(net, PILLAR, record);
        join(net, hub, pillar, ouse_s("pillar"));
        enter_projects(net, pillar, ouse_text(ctx, record, "id"));
    }
}

/* Gives each node its position, to four decimals. Yields the nodes as a list. */
static struct ouse_doc *place(struct network *net)
{
    struct ouse_ctx *ctx = net->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    uint32_t placed[N_LAYERS] = {0};

    for (uint32_t i = 0; i < ouse_count(ctx, net->nodes); i++) {
        struct ouse_doc *entry = ouse_at(ctx, net->nodes, i);
        const uint8_t layer = net->layer_of[i];
        double y = (placed[layer]++ + 0.5) / net->in_layer[layer];
        ouse_set_number(ctx, entry, "x", layer / (N_LAYERS - 1.0));
        ouse_set_number(ctx, entry, "y", (double)(int32_t)(y * 10000 + 0.5) / 10000);
        ouse_add(ctx, list, entry);
    }
    return list;
}

ouse_rc hub_network(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct network net = {.ctx = ctx, .nodes = ouse_object(ctx), .links = ouse_list(ctx)};
    struct ouse_doc *answer = ouse_object(ctx);
    const char *hub = node(&net, HUB, request->record);

    enter_organisations(&net, hub, request);
    enter_funders(&net, hub, "hubs", request->id);
    enter_director(&net, hub, request->id);
    enter_pillars(&net, hub, request->id);
    ouse_set(ctx, answer, "nodes", place(&net));
    ouse_set(ctx, answer, "links", net.links);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
