/* trail: the way up from a record by the declared parents (project, pillar, hub), and the other records with
 * the same parent.
 */
#include "view.h"

enum { STEPS = 12, SIBLINGS = 10 };

struct step {
    const struct collection *collection;
    struct ouse_str id;
};

/* Reads the parent of a record into `step`. Returns the parent; NULL if the caller sees none. */
static struct ouse_doc *climb(struct view *view, const struct collection *collection,
                              const struct ouse_doc *record, struct step *step)
{
    const struct field *field =
        collection->parent ? model_field(collection, ouse_s(collection->parent)) : NULL;
    struct ouse_str reference = field ? ouse_text(view->ctx, record, field->name) : ouse_s(NULL);
    char name[OUSE_COLLECTION_MAX + 1];
    if (!reference.p)
        return NULL;
    step->id = field->qualified ? ouse_split(reference, name) : reference;
    step->collection = model_collection(view->model, ouse_s(field->qualified ? name : field->targets.at[0]));
    return step->collection
               ? view_try(view, "%s/%.*s", step->collection->name, OUSE_F(query_encode(view->ctx, step->id)))
               : NULL;
}

/* Sets the crumbs of a page about a record and its subject in the navigation. Returns the number of parents.
 */
static uint32_t describe_crumbs(struct view *view, const struct ouse_doc *record, struct step steps[STEPS])
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *top = view->collection;
    uint32_t n = 0;
    while (record && n < STEPS && (record = climb(view, top, record, &steps[n])))
        top = steps[n++].collection;
    view_crumb(view, ouse_s(top->title), view_href(view, NULL, "/%s", top->name));
    for (uint32_t i = n; i > 0; i--)
        ouse_add(ctx, ouse_member(ctx, view->page, "crumbs"),
                 view_link(view, steps[i - 1].collection->name, steps[i - 1].id));
    view_section(view, top);
    return n;
}

void trail_crumbs(struct view *view)
{
    struct step steps[STEPS];
    struct ouse_doc *record = NULL;
    if (view->collection->parent)
        record = view_try(view, "%s/%.*s", view->collection->name, OUSE_F(query_encode(view->ctx, view->id)));
    describe_crumbs(view, record, steps);
}

/* Returns the records above the parent, which is itself a field: [{"title": "Hub", "link"}]. */
static struct ouse_doc *describe_above(struct view *view, const struct step *steps, uint32_t n)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    for (uint32_t i = 1; i < n; i++) {
        struct ouse_doc *above = ouse_object(ctx);
        if (steps[i].collection == view->collection)
            break; /* the trail shows organisations in organisations */
        ouse_set_text(ctx, above, "title", ouse_title(ctx, ouse_s(steps[i].collection->singular)));
        ouse_set(ctx, above, "link", view_link(view, steps[i].collection->name, steps[i].id));
        ouse_add(ctx, list, above);
    }
    return list;
}

/* Returns the other records with the same parent: "Also in this pillar"; NULL if there are no
 * targets. */
static struct ouse_doc *describe_siblings(struct view *view, const struct ouse_doc *record,
                                          const struct step *parent)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    struct ouse_doc *siblings = ouse_object(ctx), *links = ouse_list(ctx), *answer;
    struct query query = {.n = 0};
    const struct ouse_doc *data;
    query_set(&query, ouse_s(collection->parent), ouse_text(ctx, record, collection->parent));
    answer =
        view_try(view, "%s?%.*s&limit=%d", collection->name, OUSE_F(query_text(ctx, &query)), SIBLINGS + 1);
    data = ouse_member(ctx, answer, "data");
    for (uint32_t i = 0; i < ouse_count(ctx, data) && ouse_count(ctx, links) < SIBLINGS; i++) {
        struct ouse_str id = ouse_text(ctx, ouse_at(ctx, data, i), "id");
        if (!ouse_same(id, view->id))
            ouse_add(ctx, links, view_link(view, collection->name, id));
    }
    if (ouse_count(ctx, links) == 0)
        return NULL;
    ouse_set_text(ctx, siblings, "title", ouse_format(ctx, "Also in this %s", parent->collection->singular));
    ouse_set(ctx, siblings, "links", links);
    if (ouse_text(ctx, ouse_member(ctx, answer, "page"), "next").p)
        ouse_set_text(ctx, siblings, "all_href", view_href(view, &query, "/%s", collection->name));
    return siblings;
}

void trail_fill(struct view *view, const struct ouse_doc *record)
{
    struct ouse_doc *shown = ouse_member(view->ctx, view->root, "record");
    struct step steps[STEPS];
    uint32_t n = describe_crumbs(view, record, steps);
    ouse_set(view->ctx, shown, "above", describe_above(view, steps, n));
    ouse_set_or_null(view->ctx, shown, "siblings", n ? describe_siblings(view, record, &steps[0]) : NULL);
}
