/* paths: filters of a list by the parents of its records, found in the declarations:
 *
 *     projects ─ pillar ─> pillars ─ hub ─> hubs ─ host ─> organisations
 *                                            ^
 *                                            └─ hub ─ partners ─ organisation ─> organisations
 *
 *     pillar.hub                         "Hub"
 *     pillar.hub.host                    "Host of hub"
 *     pillar.hub.partners.organisation   "Partner of hub"
 *
 * A record belongs to its declared parent, and a row of a join to the record of the row. A path
 * follows these upwards; from its end it continues to other references, and back to the rows of
 * joins. */
#include "paths.h"

enum { PATHS_MAX = 6, STEPS_MAX = 3 }; /* of a collection; references before the last field */

struct finding {
    struct ouse_ctx *ctx;
    const struct model *model;
    const struct paths_memory *memory;
    struct collection *root;
};

static int is_reference(const struct field *field)
{
    return strcmp(field->type, "ref") == 0 && field->targets.n && strcmp(field->targets.at[0], "*") != 0;
}

static const struct collection *target_of(const struct finding *at, const struct field *field, uint32_t i)
{
    return model_collection(at->model, ouse_s(field->targets.at[i]));
}

/* Whether records belong to what the field refers to. */
static int is_parent(const struct finding *at, const struct collection *of, const struct field *field)
{
    const char *parent = of->join.of ? of->join.of : of->parent;
    const struct collection *to = is_reference(field) ? target_of(at, field, 0) : NULL;
    return to && to != of && parent && strcmp(field->name, parent) == 0;
}

static int has_parent(const struct finding *at, const struct collection *of)
{
    for (uint32_t i = 0; i < of->n_fields; i++)
        if (is_parent(at, of, &of->fields[i]))
            return 1;
    return 0;
}

/* Whether the list has a filter of that name by the same records already. */
static int is_known(const struct finding *at, const char *name, const struct field *field)
{
    const struct field *own = model_field(at->root, ouse_s(field->name));
    for (uint32_t i = 0; i < at->root->n_paths; i++)
        if (strcmp(at->root->paths[i].name, name) == 0)
            return 1;
    return own && own->targets.n && strcmp(own->targets.at[0], field->targets.at[0]) == 0;
}

/* Adds a path that ends in a field of a collection. */
static void add(struct finding *at, const char *name, struct ouse_str title, const struct collection *of,
                const struct field *field)
{
    const struct paths_memory *memory = at->memory;
    struct collection *root = at->root;
    if (root->n_paths == PATHS_MAX || is_known(at, name, field))
        return;
    root->paths[root->n_paths] = *field;
    root->paths[root->n_paths].name = memory->keep(memory->arg, ouse_s(name));
    root->paths[root->n_paths].title = memory->keep(memory->arg, title);
    root->paths[root->n_paths].of = of;
    root->paths[root->n_paths++].like = field;
}

static struct ouse_str small(struct ouse_ctx *ctx, const char *singular)
{
    struct ouse_str title = ouse_title(ctx, ouse_s(singular));
    int plain = title.n > 1 && title.p[1] >= 'a' && title.p[1] <= 'z';
    return plain ? ouse_format(ctx, "%c%.*s", title.p[0] | 0x20, (int)title.n - 1, title.p + 1) : title;
}

/* "Host of hub"; "On behalf of (cluster)". */
static struct ouse_str title_beyond(const struct finding *at, const char *title, const struct collection *of)
{
    size_t n = strlen(title);
    int ends = n > 3 && strcmp(title + n - 3, " of") == 0;
    return ouse_format(at->ctx, ends ? "%s (%.*s)" : "%s of %.*s", title,
                       OUSE_F(small(at->ctx, of->singular)));
}

/* The only field by which the records of `from` refer to those of `to`, or NULL, or another. */
static const struct field *only_reference(const struct collection *from, const struct collection *to)
{
    const struct field *found = NULL;
    for (uint32_t i = 0; i < from->n_fields; i++)
        if (field_refers_to(&from->fields[i], to->name)) {
            if (found)
                return NULL;
            found = &from->fields[i];
        }
    return found;
}

/* Adds the other end of the rows of joins that a record of `to` has: the partners of a hub. */
static void add_joined(struct finding *at, const char *prefix, const struct collection *to, int is_root)
{
    struct ouse_ctx *ctx = at->ctx;
    for (uint32_t i = 0; i < at->model->n_collections; i++) {
        const struct collection *from = &at->model->collections[i];
        const struct field *back = from->join.of && from != at->root ? only_reference(from, to) : NULL;
        struct ouse_str title = ouse_title(ctx, ouse_s(from->singular));
        if (!back || !is_reference(back) || strcmp(from->plugin, to->plugin) != 0)
            continue;
        if (!is_root)
            title = ouse_format(ctx, "%.*s of %.*s", OUSE_F(title), OUSE_F(small(ctx, to->singular)));
        for (uint32_t k = 0; k < from->n_fields; k++) {
            const struct field *other = &from->fields[k];
            int is_end =
                strcmp(other->name, from->join.of) == 0 || words_have(&from->join.with, ouse_s(other->name));
            if (other != back && is_end && is_reference(other))
                add(at, ouse_format(ctx, "%s%s.%s", prefix, from->name, other->name).p, title, from, other);
        }
    }
}

/* Adds what lies beyond a record that others belong to: first what it belongs to itself. */
static void add_beyond(struct finding *at, const char *prefix, const struct collection *of, int steps)
{
    struct ouse_ctx *ctx = at->ctx;
    for (uint32_t i = 0; i < of->n_fields; i++) {
        const struct field *field = &of->fields[i];
        const char *name = ouse_format(ctx, "%s%s", prefix, field->name).p;
        if (!is_parent(at, of, field) || target_of(at, field, 0) == at->root)
            continue;
        add(at, name, ouse_s(field->title), of, field);
        for (uint32_t k = 0; k < field->targets.n && steps < STEPS_MAX; k++)
            if (target_of(at, field, k))
                add_beyond(at, ouse_format(ctx, "%s.", name).p, target_of(at, field, k), steps + 1);
    }
    for (uint32_t i = 0; i < of->n_fields && !has_parent(at, of); i++) {
        const struct field *field = &of->fields[i];
        if (!is_reference(field) || field->targets.n > 1 || !target_of(at, field, 0))
            continue;
        add(at, ouse_format(ctx, "%s%s", prefix, field->name).p, title_beyond(at, field->title, of), of,
            field);
    }
    if (!has_parent(at, of) && steps < STEPS_MAX)
        add_joined(at, prefix, of, 0);
}

void paths_find(struct ouse_ctx *ctx, struct model *model, const struct paths_memory *memory)
{
    for (uint32_t i = 0; i < model->n_collections; i++) {
        struct finding at = {ctx, model, memory, &model->collections[i]};
        struct collection *root = at.root;
        root->paths = memory->take(memory->arg, PATHS_MAX * sizeof *root->paths);
        for (uint32_t k = 0; k < root->n_fields; k++)
            for (uint32_t t = 0; t < root->fields[k].targets.n && is_parent(&at, root, &root->fields[k]); t++)
                if (target_of(&at, &root->fields[k], t))
                    add_beyond(&at, ouse_format(ctx, "%s.", root->fields[k].name).p,
                               target_of(&at, &root->fields[k], t), 1);
        add_joined(&at, "", root, 1);
    }
}
