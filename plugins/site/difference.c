/* difference: how a field differs between two versions of a record, for a template:
 *
 *     before, after        one value in place of another
 *     added, removed       a value that is new or removed; of a list, the values that are
 *     reordered            a list of the same values
 *
 * Each but the last is {"value"}, as value_view has it. */
#include "view.h"

static int is_list(const struct field *field)
{
    return ouse_is_one(ouse_s(field->type), "refs list ids series");
}

static int has(struct ouse_ctx *ctx, const struct ouse_doc *list, const struct ouse_doc *value)
{
    for (uint32_t i = 0; i < ouse_count(ctx, list); i++)
        if (ouse_equal(ctx, ouse_at(ctx, list, i), value))
            return 1;
    return 0;
}

/* The values of one list that another one does not have. */
static struct ouse_doc *list_only(struct ouse_ctx *ctx, const struct ouse_doc *list,
                                  const struct ouse_doc *other)
{
    struct ouse_doc *only = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, list); i++)
        if (!has(ctx, other, ouse_at(ctx, list, i)))
            ouse_add(ctx, only, ouse_copy(ctx, ouse_at(ctx, list, i)));
    return only;
}

/* Sets {"value"} as a member, unless there is nothing to show. */
static void set_side(struct view *view, struct ouse_doc *difference, const char *name,
                     const struct field *field, const struct ouse_doc *value)
{
    struct ouse_doc *shown = value_view(view, field, value);
    struct ouse_doc *side = shown ? ouse_object(view->ctx) : NULL;
    ouse_set(view->ctx, side, "value", shown);
    ouse_set_or_null(view->ctx, difference, name, side);
}

struct ouse_doc *difference_of(struct view *view, const struct field *field,
                               const struct difference *versions)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *difference = ouse_object(ctx);
    const struct ouse_doc *from = versions->from, *to = versions->to;
    int list = is_list(field), both = !list && value_is_of(ctx, field, from) && value_is_of(ctx, field, to);
    ouse_set_text(ctx, difference, "name", ouse_s(field->name));
    ouse_set_text(ctx, difference, "title", ouse_s(field->title));
    ouse_set_bool(ctx, difference, "long", strcmp(field->type, "long") == 0);
    if (list) {
        from = list_only(ctx, versions->from, versions->to);
        to = list_only(ctx, versions->to, versions->from);
        ouse_set_bool(ctx, difference, "reordered", ouse_count(ctx, from) + ouse_count(ctx, to) == 0);
    }
    view->currency = versions->from_currency;
    set_side(view, difference, both ? "before" : "removed", field, from);
    view->currency = versions->to_currency;
    set_side(view, difference, both ? "after" : "added", field, to);
    return difference;
}
